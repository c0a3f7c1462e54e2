"""All that a database knows, in a form that can be compared: without row ids, run ids and the health of sources.

A run that was killed may leave a failed run, a lease and a backoff behind. Nothing else: what is shown here must be as
if the run had never begun, or as if it had never been disturbed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, select

from storage.checking import find_faults
from storage.columns import Table
from storage.engine import reading
from storage.log_start_table import LogStart
from storage.reader_tables import Delivery, Digest, Subscription, Target
from storage.tables import Article, Change, Counter, Source

Knowledge = dict[str, list[Any]]
Told = list[tuple[Any, ...]]

NOT_COMPARED = {"hosts", "runs", "held", "heartbeats", "tallies", "pacing", "alembic_version"}
HEALTH = {"verdict", "reason", "failing_since", "failures", "next_due_at", "runs_total", "unchanged_total"}
HEALTH |= {"requests_total", "last_run_at", "last_ok_at"}
ROW_IDS = {"id", "run_id", "wrapper_id", "opened_run_id", "first_run_id", "last_run_id"}
WHETHER = {"baseline_run_id", "closed_run_id", "leave_token"}
"""Of these only whether there is one."""


def knowledge(engine: Engine) -> Knowledge:
    """Return what is known, table by table, after finding that nothing of it is half-written."""
    return _sound(engine, without=NOT_COMPARED, health=HEALTH)


def everything(engine: Engine) -> Knowledge:
    """Return all that stands in the database, also of runs, leases and the health of sources, and find it sound."""
    return _sound(engine, without={"alembic_version"}, health=set())


def told(engine: Engine) -> Told:
    """Return what readers have been or will be told: the log, the digests and what is brought of them, without when."""
    log = select(Change.kind, Change.url, Change.revision, Change.source_id, Change.title).order_by(
        Change.seq
    )
    digests = select(Digest.subscription_id, Digest.number, Digest.after_seq, Digest.upto_seq).order_by(
        Digest.subscription_id, Digest.number
    )
    brought = select(Delivery.key, Delivery.sent_at.is_(None)).order_by(Delivery.id)
    with reading(engine) as connection:
        return [tuple(row) for query in (log, digests, brought) for row in connection.execute(query)]


def _sound(engine: Engine, *, without: set[str], health: set[str]) -> Knowledge:
    with reading(engine) as connection:
        assert find_faults(connection) == []
        known = _tables(connection, without, health)
        _check_log(connection)
    return known


def _tables(connection: Connection, without: set[str], health: set[str]) -> Knowledge:
    sources = {row.id: row.name for row in connection.execute(select(Source.id, Source.name))}
    articles = {row.id: row.key for row in connection.execute(select(Article.id, Article.key))}
    subscriptions = {
        row.id: row.name for row in connection.execute(select(Subscription.id, Subscription.name))
    }
    digests = {row.id: row.hash for row in connection.execute(select(Digest.id, Digest.hash))}
    targets = {
        row.id: subscriptions[row.subscription_id]
        for row in connection.execute(select(Target.id, Target.subscription_id))
    }
    names: dict[str, dict[int, str]] = {
        "subscription_id": subscriptions,
        "digest_id": digests,
        "target_id": targets,
        **dict.fromkeys(("article_id", "story_id", "beside_id", "other_id"), articles),
        "source_id": sources,
        "captured_by": sources,
    }
    found: Knowledge = {}
    for table in Table.metadata.sorted_tables:
        if table.name in without:
            continue
        rows = []
        for row in connection.execute(select(table)).mappings():
            values = {}
            for column, value in row.items():
                if column in ROW_IDS or (table.name == "sources" and column in health):
                    continue
                named = names[column].get(value) if column in names else value
                values[str(column)] = named is not None if column in WHETHER else named
            rows.append(values)
        found[table.name] = sorted(rows, key=_place if table.name == "changes" else repr)
    return found


def _place(row: dict[str, Any]) -> int:
    return int(row["seq"])


def _check_log(connection: Connection) -> None:
    """The counter is where the log ends, it has no holes, and it begins where it was cut off."""
    numbers = list(connection.execute(select(Change.seq).order_by(Change.seq)).scalars())
    counter = connection.execute(select(Counter.value).where(Counter.name == "changes")).scalar_one()
    begins = connection.execute(select(LogStart.upto_seq)).scalar_one_or_none() or 0
    assert numbers == list(range(begins + 1, counter + 1))
