"""Leases of hosts: one crawl per host at a time, across processes and machines.

A lease has an end by the database's clock, so that nobody's wrong clock shortens it, and a token that rises with every
lease of its host: who comes back late is recognised by an old token, and nothing of his is kept. Rows are claimed with
``FOR UPDATE SKIP LOCKED``; on SQLite, where that compiles to nothing, ``BEGIN IMMEDIATE`` does the same for the whole
database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, insert, or_, select, update

from news.errors import LeaseError, SourceError
from news.run import Lease, Problem, Trouble, Verdict
from storage.engine import database_now, reading, writing
from storage.rows import chunks
from storage.schedule import backoff, interval_seconds
from storage.sources import lock_log, unknown_source
from storage.tables import Host, Run, Source
from storage.tallies import of_failures, raise_tallies

Leased = list[tuple[Lease, tuple[int, ...]]]
"""Leases, each with the ids of the sources that may be crawled under it, longest due first."""

BASE_SECONDS = 900
"""What backoff starts from for sources on a cron line."""
DIED = "the crawl process ended early"
"""How the reason of a run begins whose process died; while it stands, the source is crawled alone."""


def lease_due_hosts(
    engine: Engine,
    *,
    owner: str,
    limit: int,
    seconds: float,
    now: datetime | None = None,
    among: Collection[str] | None = None,
) -> Leased:
    """Lease hosts that have due sources, the longest due first.

    Paused sources, hosts that asked for patience (``not_before``) and hosts under a live lease are left alone. Of a
    host whose crawl process died, the sources come one at a time until each has shown that it was not the cause; the
    row of such a host says ``alone``.

    Args:
        owner: who leases, as people should read it: host name and process.
        limit: the number of hosts at most.
        seconds: how long the lease holds; longer than the crawl's wall limit.
        now: an aware time in place of the database's clock, for replays.
        among: the only hosts that may be leased; None stands for all.
    """
    with writing(engine) as connection:
        at = now or database_now(connection)
        free = _free_hosts(at, among).with_for_update(of=Host, skip_locked=True, key_share=True)
        names = list(connection.execute(free.limit(limit)).scalars())
        alone = _mark_alone(connection, names)
        leases = _lease(connection, names, owner=owner, seconds=seconds, at=at)
        sources = _due_sources(connection, names, at)
        return [
            (leases[name], sources[name][:1] if name in alone else sources[name])
            for name in names
            if sources[name]
        ]


def hosts_due(connection: Connection, *, limit: int, besides: Collection[str]) -> list[str]:
    """Return the hosts that could be leased now, the longest due first, without leasing them.

    Args:
        limit: the number of hosts at most.
        besides: hosts to leave out.
    """
    names = connection.execute(_free_hosts(database_now(connection)).limit(limit + len(besides))).scalars()
    return [name for name in names if name not in besides][:limit]


def lease_named(
    engine: Engine, names: Sequence[str], *, owner: str, seconds: float, now: datetime | None = None
) -> Leased:
    """Lease the hosts of the named sources, due or not: all of them or none.

    Raises:
        SourceError: when a source is unknown (similar names are suggested) or paused.
        LeaseError: when somebody else crawls one of the hosts; it says who, and until when.
    """
    if not names:
        return []
    with writing(engine) as connection:
        lock_log(connection)  # settling locks hosts too, in another order
        sources = _named_sources(connection, list(dict.fromkeys(names)))
        by_host: dict[str, tuple[int, ...]] = {}
        for source in sources:
            by_host[source.host] = (*by_host.get(source.host, ()), source.id)
        held: list[Any] = []
        for some in chunks(
            sorted(by_host)
        ):  # in the order of names, so that two who wait never wait for each other
            query = select(Host.name, Host.lease_owner, Host.lease_until).where(Host.name.in_(some))
            held += connection.execute(query.order_by(Host.name).with_for_update(key_share=True)).all()
        at = now or database_now(connection)  # after the locks, which may have been waited for
        for host in held:
            if host.lease_until is not None and host.lease_until > at:
                raise LeaseError(
                    f"host {host.name}: {host.lease_owner} is crawling it until {host.lease_until:%Y-%m-%d %H:%M:%S} "
                    "UTC at the latest; try again when that has finished"
                )
        leases = _lease(connection, list(by_host), owner=owner, seconds=seconds, at=at)
        return [(leases[name], ids) for name, ids in by_host.items()]


def hosts_alone(engine: Engine, leases: Sequence[Lease]) -> frozenset[str]:
    """Return those of the leased hosts that must not share a crawl process with others."""
    found: set[str] = set()
    with reading(engine) as connection:
        for some in chunks([lease.host for lease in leases]):
            query = select(Host.name).where(Host.name.in_(some), Host.alone.is_(True))
            found.update(connection.execute(query).scalars())
    return frozenset(found)


def hosts_held(engine: Engine, leases: Sequence[Lease]) -> frozenset[str]:
    """Return the hosts of those leases that have neither ended by themselves nor been ended, nor passed on."""
    held: dict[str, int] = {}
    with reading(engine) as connection:
        for some in chunks([lease.host for lease in leases]):
            query = select(Host.name, Host.lease_token).where(
                Host.name.in_(some), Host.lease_until > database_now(connection)
            )
            held |= {row.name: row.lease_token for row in connection.execute(query)}
    return frozenset(lease.host for lease in leases if held.get(lease.host) == lease.token)


def release(engine: Engine, leases: Sequence[Lease]) -> None:
    """End leases early; what somebody else has leased since is left alone, and ending one twice does no harm."""
    if not leases:
        return
    with writing(engine) as connection:
        lock_log(connection)
        ended = (
            update(Host)
            .where(Host.name == bindparam("host"), Host.lease_token == bindparam("token"))
            .values(lease_owner=None, lease_until=None)
        )
        connection.execute(ended, [{"host": each.host, "token": each.token} for each in leases])


def release_dead(
    engine: Engine,
    lease: Lease,
    source_ids: Sequence[int],
    reason: str,
    *,
    now: datetime | None = None,
) -> bool:
    """Settle what a crawl process left when it died: its unfinished sources failed, and the lease ends.

    Each gets a run with the verdict ``failed`` and is due again after its backoff, alone on its host; nothing that the
    process saw is kept. A source that was settled before the process died is not touched.

    Args:
        source_ids: the sources of this lease that brought no result.
        reason: what happened, in words: ``killed after 300 seconds``, ``exit status 1``.

    Returns:
        False when the lease had already passed to somebody else; nothing is written then.
    """
    with writing(engine) as connection:
        lock_log(connection)
        held = select(Host.lease_token).where(Host.name == lease.host).with_for_update(key_share=True)
        if connection.execute(held).scalar_one_or_none() != lease.token:
            return False
        at = now or database_now(connection)
        unfinished = _unfinished(connection, lease, source_ids)
        for source in unfinished:
            _fail(connection, lease, source, f"{DIED}: {reason}", at)
        values: dict[str, Any] = {"last_request_at": at, "lease_owner": None, "lease_until": None}
        if unfinished:
            values["alone"] = True
        connection.execute(update(Host).where(Host.name == lease.host), values)
        raise_tallies(connection, of_failures(len(unfinished)))
    return True


def _free_hosts(at: datetime, among: Collection[str] | None = None) -> Select[str]:
    """Return the query for hosts that may be leased, the longest due first."""
    due = (
        select(Source.host, func.min(Source.next_due_at).label("oldest_at"))
        .where(Source.paused.is_(False), Source.next_due_at <= at)
        .group_by(Source.host)
        .subquery()
    )
    query = (
        select(Host.name)
        .join(due, due.c.host == Host.name)
        .where(
            or_(Host.not_before.is_(None), Host.not_before <= at),
            or_(Host.lease_until.is_(None), Host.lease_until <= at),
        )
        .order_by(due.c.oldest_at, Host.name)
    )
    return query if among is None else query.where(Host.name.in_(among))


def _lease(
    connection: Connection, names: Sequence[str], *, owner: str, seconds: float, at: datetime
) -> dict[str, Lease]:
    until = at + timedelta(seconds=seconds)
    found: dict[str, Lease] = {}
    for some in chunks(names):
        taken = (
            update(Host)
            .where(Host.name.in_(some))
            .values(lease_token=Host.lease_token + 1, lease_owner=owner, leased_at=at, lease_until=until)
            .returning(Host.name, Host.lease_token)
        )
        for host in connection.execute(taken):
            found[host.name] = Lease(
                host=host.name, token=host.lease_token, owner=owner, leased_at=at, until=until
            )
    return found


def _due_sources(connection: Connection, hosts: Sequence[str], at: datetime) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = dict.fromkeys(hosts, ())
    for some in chunks(hosts):
        query = select(Source.id, Source.host).where(
            Source.host.in_(some), Source.paused.is_(False), Source.next_due_at <= at
        )
        for source in connection.execute(query.order_by(Source.next_due_at, Source.id)):
            found[source.host] = (*found[source.host], source.id)
    return found


def _mark_alone(connection: Connection, hosts: Sequence[str]) -> set[str]:
    """Return the hosts with a source whose last process died, and mark these, and no others, as crawled alone."""
    found: set[str] = set()
    for some in chunks(hosts):
        died = select(Source.host).where(
            Source.host.in_(some),
            Source.verdict == Verdict.FAILED.value,
            Source.reason.startswith(DIED, autoescape=True),
        )
        alone = set(connection.execute(died).scalars())
        marked = Host.name.in_(alone)
        connection.execute(update(Host).where(Host.name.in_(some), Host.alone != marked).values(alone=marked))
        found |= alone
    return found


def _named_sources(connection: Connection, names: Sequence[str]) -> list[Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for some in chunks(names):
        query = select(Source.id, Source.name, Source.host, Source.paused).where(Source.name.in_(some))
        found |= {row.name: row for row in connection.execute(query)}
    for name in names:
        if name not in found:
            raise unknown_source(connection, name)
        if found[name].paused:
            raise SourceError(
                f"source {name}: it is paused; `tidings sources resume {name}` takes it up again"
            )
    return [found[name] for name in names]


def _unfinished(connection: Connection, lease: Lease, source_ids: Sequence[int]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for some in chunks(sorted(set(source_ids))):
        query = select(
            Source.id, Source.definition, Source.failures, Source.failing_since, Source.runs_total
        ).where(
            Source.id.in_(some),
            Source.host == lease.host,
            # Settled under this lease just before the end, although its process could not say so any more.
            or_(Source.last_run_at.is_(None), Source.last_run_at < lease.leased_at),
        )
        found += connection.execute(query.order_by(Source.id)).all()
    return found


def _fail(connection: Connection, lease: Lease, source: Row[Any], reason: str, at: datetime) -> None:
    problem = asdict(Problem(trouble=Trouble.DIED, detail=reason, fatal=True)) | {
        "trouble": str(Trouble.DIED)
    }
    connection.execute(
        insert(Run),
        {
            "source_id": source.id,
            "token": lease.token,
            "started_at": lease.leased_at,
            "finished_at": at,
            "settled_at": at,
            "verdict": str(Verdict.FAILED),
            "reason": reason,
            "problems": [problem],
        },
    )
    failures = source.failures + 1
    wait = backoff(failures, interval_seconds(source.definition["schedule"]) or BASE_SECONDS)
    connection.execute(
        update(Source)
        .where(Source.id == source.id)
        .values(
            {
                "verdict": str(Verdict.FAILED),
                "reason": reason,
                "failures": failures,
                "failing_since": source.failing_since or at,
                "last_run_at": at,
                "runs_total": source.runs_total + 1,
                "next_due_at": at + timedelta(seconds=wait),
                "due_reason": "",
            }
        )
    )
