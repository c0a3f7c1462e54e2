"""The versions of a source's selectors: which is in use, what a healing proposed, approving it, and going back.

A version that was made for another address than the declared one carries its whereabouts: with it in use the source is
asked for there, and after a roll-back where it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from news.errors import SourceError
from news.healing import Healing, healed
from news.run import Verdict
from news.source import ArticleRules, Source, Wrapper, wrapper_hash
from news.whereabouts import Whereabouts
from storage import rows, tables
from storage.definitions import (
    selectors_from_dict,
    selectors_to_dict,
    stored_source,
    whereabouts_from_dict,
)
from storage.engine import database_now, reading, writing
from storage.known import HEALING
from storage.sources import lock_log, put_host, unknown_source
from storage.tables import Held, Pending

MOST_PROPOSALS = 5
"""Proposals that wait at once; a page that is another one each time would make one a run."""
FEW_RUNS = 10
"""How many runs since a healing are looked at to see whether it holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapperVersion:
    """One version of a source's selectors.

    ``origin`` says where it comes from: ``catalogue``, ``file``, ``discovery`` or ``healing``. ``healing`` is what a
    healed one rests on; ``confidence`` how sure a discovery or a healing was of it. One that was neither approved nor
    rejected is a proposal. ``whereabouts`` are where it was made for, None for the address that ``declared``,
    the source without any version, is asked for at.
    """

    version: int
    origin: str
    in_use: bool
    wrapper: Wrapper
    article: ArticleRules
    declared: Source
    created_at: datetime
    approved_at: datetime | None = None
    in_use_at: datetime | None = None
    rejected_at: datetime | None = None
    rolled_back_at: datetime | None = None
    healing: Healing | None = None
    whereabouts: Whereabouts | None = None
    confidence: float | None = None

    @property
    def is_proposal(self) -> bool:
        """Return whether it waits for a person."""
        return self.approved_at is None and self.rejected_at is None

    @property
    def state(self) -> str:
        """Return what it is, in one word or two."""
        if self.in_use:
            return "in use"
        if self.rejected_at is not None:
            return "rejected"
        if self.rolled_back_at is not None:
            return "rolled back"
        return "proposed" if self.approved_at is None else "earlier"


def wrapper_versions(engine: Engine, name: str) -> list[WrapperVersion]:
    """Return all versions of a source's selectors, the newest first.

    Raises:
        SourceError: when there is no source of this name.
    """
    with reading(engine) as connection:
        source = _source(connection, name)
        return [_version(row, source) for row in _rows(connection, source.id)]


def add_healed(
    connection: Connection,
    source_id: int,
    source: Source,
    healing: Healing,
    moment: datetime,
    *,
    whereabouts: Whereabouts | None = None,
) -> int:
    """Write what a run found as a version, in use at once if it was accepted; return its number.

    A version that stands already is not written again, but what it rests on is: a proposal, or what was in use before
    the site went back to its old design.

    :param source: the source as it was read before.
    :param whereabouts: those of the version in use, which other selectors for the same page keep.
    """
    after = healed(source, healing)
    whereabouts = healing.whereabouts or whereabouts
    digest = wrapper_hash(after)
    found = _rows(connection, source_id)
    standing = (row for row in found if row.hash == digest and (_is_open(row) or _is_sound(row)))
    same = next((row for row in standing if whereabouts_from_dict(row.selectors) == whereabouts), None)
    values: dict[str, Any] = {"evidence": rows.dump(healing)}
    if same is not None:
        wrapper_id, version = same.id, same.version
        connection.execute(update(tables.Wrapper).where(tables.Wrapper.id == wrapper_id).values(values))
    else:
        version = found[0].version + 1 if found else 1
        values |= {
            "source_id": source_id,
            "version": version,
            "origin": HEALING,
            "hash": digest,
            "selectors": selectors_to_dict(after, whereabouts),
            "created_at": moment,
        }
        added = insert(tables.Wrapper).returning(tables.Wrapper.id)
        wrapper_id = connection.execute(added, values).scalar_one()
        _drop_proposals(connection, [row for row in found if _is_open(row)][MOST_PROPOSALS - 1 :])
    if healing.accepted:
        _use(connection, source_id, wrapper_id, moment)
    return int(version)


def approve_wrapper(
    engine: Engine, name: str, version: int | None = None, *, now: datetime | None = None
) -> WrapperVersion:
    """Put a proposed version in use and ask the source again at once; what was held is passed over.

    The next crawl reads with it, and announces what is new by it.

    :param version: which; the newest proposal when None.
    :raises SourceError: when the source, the version or a proposal is missing, or the version is in use already.
    """

    def chosen(_source: Row[Any], found: list[Row[Any]]) -> Row[Any]:
        if version is not None:
            return _numbered(found, name, version)
        for row in found:
            if _is_open(row):
                return row
        raise SourceError(
            f"source {name}: no new selectors are proposed; `tidings sources wrappers {name}` lists all versions"
        )

    return _put_in_use(engine, name, chosen, now)


def roll_back(
    engine: Engine, name: str, version: int | None = None, *, now: datetime | None = None
) -> WrapperVersion:
    """Put an earlier version in use again, and mark the one that was in use as rolled back.

    :param version: which; the newest earlier one that was in use and not rolled back when None.
    :raises SourceError: when the source or the version is missing, or there is nothing to go back to.
    """

    def chosen(source: Row[Any], found: list[Row[Any]]) -> Row[Any]:
        if version is not None:
            return _numbered(found, name, version)
        earlier = _before(found, source.wrapper_id)
        if earlier is None:
            raise SourceError(f"source {name}: there is no earlier version of its selectors to go back to")
        return earlier

    return _put_in_use(engine, name, chosen, now, mark_rolled_back=True)


def reject_wrappers(
    engine: Engine, name: str, version: int | None = None, *, now: datetime | None = None
) -> list[int]:
    """Reject a proposed version, or all of them; the same selectors are not taken again without a person.

    Returns:
        The numbers of the versions that were rejected, possibly none.

    Raises:
        SourceError: when the source or the version is missing, or the version is no proposal.
    """
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        found = _rows(connection, _source(connection, name).id)
        open_ = [row for row in found if _is_open(row)]
        if version is not None:
            row = _numbered(found, name, version)
            if row not in open_:
                raise SourceError(
                    f"source {name}: version {version} is no proposal; `tidings sources rollback {name}` leaves one "
                    "that is in use"
                )
            open_ = [row]
        for row in open_:
            _mark(connection, row.id, rejected_at=moment)
        return [row.version for row in open_]


def drop_open(connection: Connection, source_id: int) -> None:
    """Delete what healings proposed for a source and nobody has decided on."""
    _drop_proposals(connection, [row for row in _rows(connection, source_id) if _is_open(row)])


def take_back(connection: Connection, source: Row[Any], moment: datetime) -> tuple[int, int] | None:
    """Go back from healed selectors with which two runs, and none well, were read since they came into use.

    Called before a suspect run of ``source`` is written, in which page 1 came and was not read: the second of them.

    Returns:
        The version that was left and the one in use now, or None if the selectors stay.
    """
    found = _rows(connection, source.id)
    used = next((row for row in found if row.id == source.wrapper_id), None)
    if used is None or used.origin != HEALING or used.in_use_at is None:
        return None
    since = (
        select(tables.Run.verdict, tables.Run.problems)
        .where(tables.Run.source_id == source.id, tables.Run.settled_at > used.in_use_at)
        .order_by(tables.Run.id.desc())
        .limit(FEW_RUNS)
    )
    runs = connection.execute(since).all()
    # What stood in the listing's place is not the selectors' fault.
    unread = [run for run in runs if run.verdict == Verdict.SUSPECT.value and not run.problems]
    earlier = _before(found, used.id)
    if earlier is None or not unread or any(run.verdict == Verdict.OK.value for run in runs):
        return None
    _mark(connection, used.id, rolled_back_at=moment)
    _use(connection, source.id, earlier.id, moment)
    return used.version, earlier.version


def _put_in_use(
    engine: Engine,
    name: str,
    choose: Callable[[Row[Any], list[Row[Any]]], Row[Any]],
    now: datetime | None,
    *,
    mark_rolled_back: bool = False,
) -> WrapperVersion:
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        source = _source(connection, name)
        row = choose(source, _rows(connection, source.id))
        if row.id == source.wrapper_id:
            raise SourceError(f"source {name}: version {row.version} of its selectors is in use already")
        if mark_rolled_back and source.wrapper_id is not None:
            _mark(connection, source.wrapper_id, rolled_back_at=moment)
        _use(connection, source.id, row.id, moment)
        held = update(Held).where(Held.source_id == source.id, Held.state == "held")
        connection.execute(held.values(state="passed"))
        lifted = {"verdict": "", "reason": "", "failing_since": None, "failures": 0, "next_due_at": moment}
        if whereabouts_from_dict(row.selectors) is not None and source.failing_since is not None:
            lifted["paused"] = False  # as 410 had it; elsewhere it is not gone
        connection.execute(update(tables.Source).where(tables.Source.id == source.id).values(lifted))
        after = _source(connection, name)
        return next(
            _version(each, after) for each in _rows(connection, source.id) if each.version == row.version
        )


def _use(connection: Connection, source_id: int, wrapper_id: int, moment: datetime) -> None:
    connection.execute(
        update(tables.Source).where(tables.Source.id == source_id).values(wrapper_id=wrapper_id)
    )
    table = tables.Wrapper.__table__
    query = select(table.c.approved_at).where(table.c.id == wrapper_id)
    approved_at = connection.execute(query).scalar_one()
    _mark(
        connection,
        wrapper_id,
        approved_at=approved_at or moment,
        in_use_at=moment,
        rejected_at=None,
        rolled_back_at=None,
    )
    # What could not be read before may be readable now.
    waiting = update(Pending).where(Pending.source_id == source_id)
    connection.execute(waiting.values(next_look_at=moment))
    put_host(connection, source_id)


def _mark(connection: Connection, wrapper_id: int, **values: Any) -> None:
    connection.execute(update(tables.Wrapper).where(tables.Wrapper.id == wrapper_id).values(values))


def _source(connection: Connection, name: str) -> Row[Any]:
    columns = (
        tables.Source.id,
        tables.Source.wrapper_id,
        tables.Source.failing_since,
        tables.Source.definition,
    )
    query = select(*columns).where(tables.Source.name == name)
    found: list[Row[Any]] = list(connection.execute(query))
    if not found:
        raise unknown_source(connection, name)
    return found[0]


def _rows(connection: Connection, source_id: int) -> list[Row[Any]]:
    table = tables.Wrapper.__table__
    query = select(table).where(table.c.source_id == source_id).order_by(table.c.version.desc())
    return list(connection.execute(query))


def _drop_proposals(connection: Connection, proposals: Sequence[Row[Any]]) -> None:
    """Delete proposals that have become pointless: nobody decided on them, and nothing was read with them."""
    ids = [row.id for row in proposals if row.origin == HEALING]
    if ids:
        connection.execute(delete(tables.Wrapper).where(tables.Wrapper.id.in_(ids)))


def _is_open(row: Row[Any]) -> bool:
    """Return whether a version is a proposal that nobody has decided on."""
    return row.approved_at is None and row.rejected_at is None


def _is_sound(row: Row[Any]) -> bool:
    """Return whether a version was approved and never left for being wrong."""
    return row.approved_at is not None and row.rejected_at is None and row.rolled_back_at is None


def _numbered(found: list[Row[Any]], name: str, version: int) -> Row[Any]:
    for row in found:
        if row.version == version:
            return row
    raise SourceError(
        f"source {name}: its selectors have no version {version}; `tidings sources wrappers {name}` lists all"
    )


def _before(found: list[Row[Any]], wrapper_id: int | None) -> Row[Any] | None:
    """Return the sound version that was in use before this one, by when each came into use last."""
    used = next((row for row in found if row.id == wrapper_id), None)
    sound = [row for row in found if _is_sound(row) and row is not used]
    if used is not None:
        sound = [row for row in sound if _used_since(row) < _used_since(used)]
    return max(sound, key=_used_since, default=None)


def _used_since(row: Row[Any]) -> tuple[datetime, int]:
    return row.in_use_at or row.created_at, row.version


def _version(row: Row[Any], source: Row[Any]) -> WrapperVersion:
    wrapper, article = selectors_from_dict(row.selectors)
    evidence = row.evidence or {}
    return WrapperVersion(
        version=row.version,
        origin=row.origin,
        in_use=row.id == source.wrapper_id,
        wrapper=wrapper,
        article=article,
        declared=stored_source(source.definition, None),
        created_at=row.created_at,
        approved_at=row.approved_at,
        in_use_at=row.in_use_at,
        rejected_at=row.rejected_at,
        rolled_back_at=row.rolled_back_at,
        healing=rows.load(Healing, evidence) if "symptom" in evidence else None,
        confidence=evidence.get("confidence"),
        whereabouts=whereabouts_from_dict(row.selectors),
    )
