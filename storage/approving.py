"""A person's word on what was held: approve what a suspect run saw, or reject it."""

from __future__ import annotations

import zlib
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from news.change import Change
from news.decide import decide
from news.errors import SourceError
from news.run import Reading, Verdict
from storage import rows
from storage.definitions import stored_source
from storage.engine import database_now, writing
from storage.known import load_known
from storage.outcome import Keeper
from storage.sources import lock_log, unknown_source
from storage.tables import Held, Source, Wrapper


def approve(engine: Engine, name: str, *, now: datetime | None = None) -> tuple[Change, ...]:
    """Settle the newest run that is held for a source, and end the suspicion.

    It may announce unknown entries, and never edits. Before the baseline it only lifts the suspicion: the next good
    run is the baseline. What was held earlier is passed over.

    :raises SourceError: when the source is unknown or nothing is held for it.
    """
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        query = (
            select(Source.__table__, Wrapper.selectors, Wrapper.origin)
            .outerjoin(Wrapper, Wrapper.id == Source.wrapper_id)
            .where(Source.name == name)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            raise unknown_source(connection, name)
        run_id, reading = _newest(connection, row.id, name)
        source = stored_source(row.definition, row.selectors)
        known = load_known(connection, row, source, reading)
        outcome = decide(known, reading, Verdict.OK, now=moment, approving=True)
        keeper = Keeper(
            connection=connection,
            moment=moment,
            source_id=row.id,
            source=row.name,
            run_id=run_id,
            extractor=reading.extractor,
        )
        changes = keeper.keep(outcome)
        _mark(connection, row.id, run_id, "approved")
        _lift(connection, row.id, moment)
        return changes


def reject(engine: Engine, name: str, *, now: datetime | None = None) -> int:
    """Drop what is held for a source and ask it again at once; return how many runs were held.

    :raises SourceError: when the source is unknown or nothing is held for it.
    """
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        source_id = connection.execute(select(Source.id).where(Source.name == name)).scalar_one_or_none()
        if source_id is None:
            raise unknown_source(connection, name)
        _newest(connection, source_id, name)
        held = connection.execute(
            update(Held).where(Held.source_id == source_id, Held.state == "held").values(state="rejected")
        )
        connection.execute(update(Source).where(Source.id == source_id).values(next_due_at=moment))
        return held.rowcount


def _newest(connection: Connection, source_id: int, name: str) -> tuple[int, Reading]:
    query = (
        select(Held.run_id, Held.reading)
        .where(Held.source_id == source_id, Held.state == "held")
        .order_by(Held.run_id.desc())
        .limit(1)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        raise SourceError(f"source {name!r}: nothing is held; only a suspect run can be approved or rejected")
    return found.run_id, rows.load_bytes(Reading, zlib.decompress(found.reading))


def _mark(connection: Connection, source_id: int, run_id: int, state: str) -> None:
    held = update(Held).where(Held.source_id == source_id, Held.state == "held")
    connection.execute(held.where(Held.run_id == run_id).values(state=state))
    connection.execute(held.values(state="passed"))


def _lift(connection: Connection, source_id: int, moment: datetime) -> None:
    values = {"verdict": "", "reason": "", "failing_since": None, "failures": 0, "next_due_at": moment}
    connection.execute(update(Source).where(Source.id == source_id).values(values))
