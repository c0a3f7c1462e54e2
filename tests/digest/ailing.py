"""Sources that break, are blocked, fall silent and mend, and a subscription that is told of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from digest.due import DueDigests
from digest.model import Digest
from news.run import Problem, Trouble
from storage import tables
from storage.engine import writing
from storage.rows import dump
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.storage.outbox import FOLDER

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AFTER = 15 * 60
DAYS = [(date(2026, 6, 1) + timedelta(days=number)).isoformat() for number in range(150)]
"""Of a source that brought news every day until 28 October."""


def watch(
    engine: Engine,
    name: str = "duty",
    *,
    sources: tuple[str, ...] = (),
    plan: TargetPlan = FOLDER,
    after: int = AFTER,
) -> None:
    wanted = DigestFilter(sources=sources)
    add(engine, name, filter=wanted, target=plan, alert_after_seconds=after, now=NOW)


def told(engine: Engine, at: datetime) -> list[tuple[str, str]]:
    """Compose what is due, as a process that has just begun, and return the states by who or what is in them."""
    return [pair for digest in composed(engine, at) for pair in pairs(digest)]


def composed(engine: Engine, at: datetime) -> list[Digest]:
    return DueDigests(engine).compose(now=at)


def pairs(digest: Digest) -> list[tuple[str, str]]:
    return [(alert.source or f"delivery {alert.delivery}", alert.state) for alert in digest.alerts]


def breaks(
    engine: Engine,
    name: str,
    at: datetime,
    *,
    trouble: Trouble = Trouble.NETWORK,
    status: int = 0,
    **more: Any,
) -> None:
    """Let a source fail as settling does, since ``at``, if it did not fail before."""
    problem = Problem(trouble=trouble, detail="no answer", fatal=True, status=status)
    source = tables.Source
    with writing(engine) as connection:
        row = connection.execute(select(source.id, source.failing_since).where(source.name == name)).one()
        run = {
            "source_id": row.id, "token": 1, "verdict": "failed", "reason": problem.detail, "problems": [dump(problem)],
            "started_at": at, "finished_at": at, "settled_at": at,
        }  # fmt: skip
        connection.execute(insert(tables.Run), [run])
        values = {
            "verdict": "failed",
            "reason": problem.detail,
            "failing_since": row.failing_since or at,
            **more,
        }
        connection.execute(update(source).where(source.id == row.id).values(**values))


def mends(engine: Engine, name: str, **more: Any) -> None:
    values = {"verdict": "ok", "reason": "", "failing_since": None, **more}
    with writing(engine) as connection:
        connection.execute(update(tables.Source).where(tables.Source.name == name).values(**values))


def falls_silent(engine: Engine, name: str, at: datetime) -> None:
    """Let a source be read well that brought news every day, and has brought none for three weeks."""
    mends(
        engine,
        name,
        baseline_run_id=1,
        last_ok_at=at,
        news_days=DAYS,
        created_at=datetime(2026, 5, 1, tzinfo=UTC),
    )


def removed(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        number = connection.execute(select(tables.Source.id).where(tables.Source.name == name)).scalar_one()
        connection.execute(delete(tables.Run).where(tables.Run.source_id == number))
        connection.execute(delete(tables.Source).where(tables.Source.id == number))
