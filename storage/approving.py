"""A person's word on what was held: look at what a suspect run saw, approve it, or reject it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from news.change import Change
from news.decide import decide
from news.errors import SourceError
from news.holding import HeldEntry, held_entries
from news.known import Outcome
from news.run import Reading, Verdict
from storage import rows
from storage.definitions import stored_source
from storage.engine import database_now, reading, writing
from storage.known import WAS_SUSPECT, load_known
from storage.outcome import Keeper
from storage.pacing import pace_values
from storage.quiet import news_values
from storage.runs import no_run
from storage.sources import lock_log, unknown_source
from storage.tables import Held, Source, Wrapper
from storage.tallies import of_changes, raise_tallies


@dataclass(frozen=True, kw_only=True, slots=True)
class _HeldRun:
    """What a suspect run saw, with what is known of it now."""

    row: Row[Any]
    run_id: int
    state: str
    reading: Reading
    outcome: Outcome
    entries: tuple[HeldEntry, ...]


def held_of(engine: Engine, run_id: int, *, now: datetime | None = None) -> tuple[HeldEntry, ...]:
    """Return what a suspect run saw, top first, each entry with what approving the run would make of it now.

    :raises SourceError: when there is no such run, or nothing of it was kept.
    """
    with reading(engine) as connection:
        held = select(Held.run_id, Source.name).join(Source, Source.id == Held.source_id)
        row = connection.execute(held.where(Held.run_id == run_id)).one_or_none()
        if row is None:
            raise no_run(run_id)
        return _load(connection, row.name, run_id, now or database_now(connection)).entries


def approve(
    engine: Engine, name: str, *, run_id: int | None = None, now: datetime | None = None
) -> tuple[Change, ...]:
    """Settle a run that is held for a source, and end the suspicion.

    It may announce unknown entries, and never edits. Before the baseline it only lifts the suspicion: the next good
    run is the baseline. What was held earlier is passed over. A run that a good one has passed over already, or that
    was rejected, may be approved as well: what of it is still unknown is announced, and nothing else happens.

    :param run_id: which run; the newest that is held when None.
    :raises SourceError: when the source is unknown, nothing is held for it, or the run came upon a login, a challenge
        or the like: the next one would again, and what is usual of the listing would be forgotten.
    """
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        run = _load(connection, name, run_id, moment)
        if run.state in ("approved", "told"):
            raise SourceError(
                f"run {run.run_id} of {name!r} was approved before; nothing of it is left to tell"
            )
        if (trouble := _not_the_listing(run)) is not None:
            raise SourceError(
                f"run {run.run_id} of {name!r} read nothing that could be approved, and the next one would be suspect "
                f"again: {trouble}"
            )
        keeper = Keeper(
            connection=connection,
            moment=moment,
            source_id=run.row.id,
            source=run.row.name,
            run_id=run.run_id,
            extractor=run.reading.extractor,
        )
        changes = keeper.keep(run.outcome)
        values = news_values(run.row, changes, moment)
        if run.row.baseline_run_id is not None:
            values |= pace_values(connection, run.row, changes, until=run.reading.started_at)
        if values:
            connection.execute(update(Source).where(Source.id == run.row.id).values(values))
        _mark(connection, run)
        if run.state == "held":
            _lift(connection, run.row.id, moment)
        raise_tallies(connection, of_changes(changes))
        return changes


def reject(engine: Engine, name: str, *, run_id: int | None = None, now: datetime | None = None) -> int:
    """Drop what is held for a source and ask it again at once; return how many runs were held.

    :param run_id: which run; all that are held when None.
    :raises SourceError: when the source is unknown or nothing is held for it.
    """
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        source_id = _source(connection, name).id
        wanted = update(Held).where(Held.source_id == source_id, Held.state == "held")
        if run_id is not None:
            wanted = wanted.where(Held.run_id == run_id)
        rejected = connection.execute(wanted.values(state="rejected")).rowcount
        if not rejected:
            raise _nothing(name, run_id)
        connection.execute(update(Source).where(Source.id == source_id).values(next_due_at=moment))
        return rejected


def _load(connection: Connection, name: str, run_id: int | None, moment: datetime) -> _HeldRun:
    """Return a run that is held, with what becomes known if it is settled now.

    A source before its baseline has nothing to compare with, so nothing of it would be announced.
    """
    row = _source(connection, name)
    query = select(Held.run_id, Held.state, Held.reading).where(Held.source_id == row.id)
    if run_id is None:
        query = query.where(Held.state == "held").order_by(Held.run_id.desc()).limit(1)
    else:
        query = query.where(Held.run_id == run_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise _nothing(name, run_id)
    seen = rows.load_bytes(Reading, zlib.decompress(found.reading))
    known = load_known(connection, row, stored_source(row.definition, row.selectors), seen)
    outcome = decide(known, seen, Verdict.OK, now=moment, approving=True)
    return _HeldRun(
        row=row,
        run_id=found.run_id,
        state=found.state,
        reading=seen,
        outcome=outcome,
        entries=held_entries(known, seen, outcome),
    )


def _source(connection: Connection, name: str) -> Row[Any]:
    query = (
        select(Source.__table__, Wrapper.selectors, Wrapper.origin, WAS_SUSPECT)
        .outerjoin(Wrapper, Wrapper.id == Source.wrapper_id)
        .where(Source.name == name)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise unknown_source(connection, name)
    return row


def _nothing(name: str, run_id: int | None) -> SourceError:
    what = "nothing is held" if run_id is None else f"nothing of run {run_id} is held"
    return SourceError(f"source {name!r}: {what}; only a suspect run can be approved or rejected")


def _not_the_listing(run: _HeldRun) -> str | None:
    """Return what stood in the listing's place, in words; None if something came that may be the listing."""
    if run.reading.entries or not run.row.baseline_run_id:
        return None
    return next((problem.detail for problem in run.reading.problems if problem.fatal), None)


def _mark(connection: Connection, run: _HeldRun) -> None:
    """Note an approval. What is told after the suspicion has ended says nothing of what is usual now."""
    state = "approved" if run.state == "held" else "told"
    connection.execute(update(Held).where(Held.run_id == run.run_id).values(state=state))
    if run.state == "held":
        earlier = update(Held).where(Held.source_id == run.row.id, Held.state == "held")
        connection.execute(earlier.where(Held.run_id < run.run_id).values(state="passed"))


def _lift(connection: Connection, source_id: int, moment: datetime) -> None:
    values = {"verdict": "", "reason": "", "failing_since": None, "failures": 0, "next_due_at": moment}
    connection.execute(update(Source).where(Source.id == source_id).values(values))
