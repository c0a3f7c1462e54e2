"""Sources in the database: saving what is declared, loading what is used, pausing and removing."""

from __future__ import annotations

import difflib
from collections import Counter as Tally
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, exists, insert, select, update

from news.errors import LeaseError, SourceError, UnknownSourceError
from news.source import Source, wrapper_hash
from news.urls import host_key, url_key
from news.whereabouts import Whereabouts
from storage import tables
from storage.adaptive import ADAPTIVE
from storage.definitions import (
    LEARNT,
    selectors_to_dict,
    source_to_dict,
    stored_source,
    whereabouts_from_dict,
)
from storage.engine import database_now, insert_into, reading, writing
from storage.rows import chunks
from storage.tables import Change, Counter, Host, Pending, Wrapper


def save_sources(
    engine: Engine,
    sources: Sequence[Source],
    *,
    origin: str,
    now: datetime,
    approved: bool = True,
    confidence: float | None = None,
) -> list[str]:
    """Add sources that are new and update those that were declared otherwise, all or none.

    A new or changed source is due at once. New selectors become a wrapper version; they are new when the last version
    of the same origin had others, so that loading a catalogue again never undoes what a later healing found.

    Args:
        sources: as they are declared; names are unique among them.
        origin: where they come from: ``catalogue``, ``file``, ``discovery`` or ``healing``.
        approved: whether their selectors may be used; those of a new source always may.
        confidence: how sure a discovery was of their selectors, from 0 to 1.

    Returns:
        The names of those that were added or changed, in the given order. When there are none nothing is locked.

    Raises:
        SourceError: when a name stands there twice.
        UrlError: for an address that cannot be asked for.
    """
    repeated = sorted(name for name, times in Tally(source.name for source in sources).items() if times > 1)
    if repeated:
        raise SourceError(f"sources: {', '.join(repeated)} declared more than once; give each its own name")
    with reading(engine) as connection:
        # A catalogue is loaded at every start: when nothing is new, nobody has to wait for the lock.
        if not _differing(connection, sources, origin):
            return []
    with writing(engine) as connection:
        lock_log(connection)
        differing = _differing(connection, sources, origin)
        hosts = [{"name": name} for name in sorted({host_key(source.url) for source, _ in differing})]
        if hosts:
            connection.execute(insert_into(connection, Host).on_conflict_do_nothing(), hosts)
        for source, row in differing:
            evidence = None if confidence is None else {"confidence": confidence}
            _save(connection, source, row, evidence, origin=origin, now=now, approved=approved)
        _drop_unused_hosts(connection)
    return [source.name for source, _ in differing]


def load_source(engine: Engine, name: str) -> Source:
    """Return a source as it is used: its declaration with the newest approved selectors.

    Raises:
        SourceError: when there is none of this name; the message suggests similar ones.
    """
    [source] = load_sources(engine, [name])
    return source


def load_sources(engine: Engine, names: Iterable[str] | None = None) -> list[Source]:
    """Return the named sources in the given order, or all of them by name.

    Raises:
        SourceError: for a name that is unknown.
    """
    query = select(tables.Source, Wrapper.selectors).outerjoin(
        Wrapper, Wrapper.id == tables.Source.wrapper_id
    )
    with reading(engine) as connection:
        if names is None:
            rows = connection.execute(query.order_by(tables.Source.name)).all()
            return [stored_source(row.definition, row.selectors) for row in rows]
        wanted = list(names)
        found: dict[str, Row[Any]] = {}
        for some in chunks(wanted):
            found |= {row.name: row for row in connection.execute(query.where(tables.Source.name.in_(some)))}
        if missing := [name for name in wanted if name not in found]:
            raise unknown_source(connection, missing[0])
    return [stored_source(found[name].definition, found[name].selectors) for name in wanted]


def pause(engine: Engine, name: str) -> None:
    """Stop crawling a source until ``resume``; what is known of it stays.

    Raises:
        SourceError: when there is none of this name.
    """
    _set(engine, name, paused=True)


def resume(engine: Engine, name: str, *, now: datetime | None = None) -> None:
    """Crawl a source again: once now, then by its schedule.

    Raises:
        SourceError: when there is none of this name.
    """
    _set(engine, name, paused=False, now=now)


def remove(engine: Engine, name: str, *, now: datetime | None = None) -> None:
    """Forget a source and all that is known of it alone; its articles stay.

    Raises:
        SourceError: when there is none of this name, or the log holds changes of it, which are for good.
        LeaseError: while it is being crawled.
    """
    with writing(engine) as connection:
        lock_log(connection)
        row = connection.execute(
            select(tables.Source.id, tables.Source.pruned_changes, Host.lease_until, Host.lease_owner)
            .join(Host, Host.name == tables.Source.host)
            .where(tables.Source.name == name)
        ).first()
        if row is None:
            raise unknown_source(connection, name)
        if row.lease_until is not None and row.lease_until > (now or database_now(connection)):
            raise LeaseError(
                f"source {name}: {row.lease_owner} is crawling it; try again when it has finished"
            )
        told = select(exists().where(Change.source_id == row.id))
        if row.pruned_changes or connection.execute(told).scalar_one():
            raise SourceError(
                f"source {name}: the log holds changes of it, and the log is for good; "
                f"pause it instead: tidings sources pause {name}"
            )
        connection.execute(delete(tables.Source).where(tables.Source.id == row.id))
        _drop_unused_hosts(connection)


def learn_url(connection: Connection, source_id: int, url: str) -> None:
    """Ask for a source at the address that a permanent redirect led to, from now on.

    The declared address is kept beside it, so that loading the same declaration again does not undo it. Where the page
    that people know is the same address it moves along. A source that is read at other whereabouts has them learn.

    Raises:
        UrlError: for an address that cannot be asked for.
    """
    definition, selectors, wrapper_id = _kept(connection, source_id)
    values: dict[str, Any] = {"moved_url": "", "moved_count": 0}
    elsewhere = whereabouts_from_dict(selectors)
    if elsewhere is None:
        values["definition"] = definition | {"url": url, "declared_url": _declared(definition)["url"]}
        page_url = definition.get("page_url", "")
        if page_url and url_key(page_url) == url_key(definition["url"]):
            declared = _declared(definition)["page_url"]
            values["definition"] |= {"page_url": url, "declared_page_url": declared}
    else:
        learnt = selectors_to_dict(stored_source(definition, selectors), replace(elsewhere, url=url))
        connection.execute(update(Wrapper).where(Wrapper.id == wrapper_id), {"selectors": learnt})
    connection.execute(update(tables.Source).where(tables.Source.id == source_id), values)
    put_host(connection, source_id)


def put_host(connection: Connection, source_id: int) -> None:
    """Put a source under the host of the address at which it is asked for now."""
    definition, selectors, _ = _kept(connection, source_id)
    host = host_key(stored_source(definition, selectors).url)
    connection.execute(insert_into(connection, Host).on_conflict_do_nothing(), [{"name": host}])
    connection.execute(update(tables.Source).where(tables.Source.id == source_id), {"host": host})


def _kept(connection: Connection, source_id: int) -> tuple[dict[str, Any], dict[str, Any] | None, int | None]:
    """Return a source's definition, and the selectors in use with the id of their version."""
    query = (
        select(tables.Source.definition, Wrapper.selectors, tables.Source.wrapper_id)
        .outerjoin(Wrapper, Wrapper.id == tables.Source.wrapper_id)
        .where(tables.Source.id == source_id)
    )
    row = connection.execute(query).one()
    return row.definition, row.selectors, row.wrapper_id


def source_ids(connection: Connection, sources: Collection[str]) -> list[int]:
    """Return the numbers of the sources with these names, in order.

    Raises:
        SourceError: one of them is unknown.
    """
    names = sorted(set(sources))
    found: dict[str, int] = {}
    for some in chunks(names):
        query = select(tables.Source.name, tables.Source.id).where(tables.Source.name.in_(some))
        found |= {row.name: row.id for row in connection.execute(query)}
    if missing := [name for name in names if name not in found]:
        raise unknown_source(connection, missing[0])
    return sorted(found.values())


def unknown_source(connection: Connection, name: str) -> UnknownSourceError:
    """Return the error for a name that no source has, with the names that look like it."""
    names = connection.execute(select(tables.Source.name)).scalars().all()
    close = difflib.get_close_matches(name, names, n=3)
    if close:
        return UnknownSourceError(
            f"source {name}: there is none of this name; did you mean {' or '.join(close)}?"
        )
    return UnknownSourceError(f"source {name}: there is none of this name; `tidings sources list` shows all")


def lock_log(connection: Connection) -> int:
    """Take the lock that serialises settling, and return the last ``seq`` of the log.

    Whoever changes rows of sources takes it first, so that no two can wait for each other in a circle.
    """
    query = select(Counter.value).where(Counter.name == "changes").with_for_update()
    return connection.execute(query).scalar_one()


def _differing(
    connection: Connection, sources: Sequence[Source], origin: str
) -> list[tuple[Source, Row[Any] | None]]:
    """Return the sources that are new or declared otherwise than their rows, each with its row."""
    rows: dict[str, Row[Any]] = {}
    hashes: dict[int, str] = {}
    for some in chunks(sources):
        names = [source.name for source in some]
        query = select(
            tables.Source.id, tables.Source.name, tables.Source.definition, tables.Source.next_due_at
        )
        rows |= {row.name: row for row in connection.execute(query.where(tables.Source.name.in_(names)))}
        versions = (
            select(Wrapper.source_id, Wrapper.hash)
            .join(tables.Source, tables.Source.id == Wrapper.source_id)
            .where(tables.Source.name.in_(names), Wrapper.origin == origin)
            .order_by(Wrapper.version)
        )
        hashes |= {row.source_id: row.hash for row in connection.execute(versions)}
    found: list[tuple[Source, Row[Any] | None]] = []
    for declared in sources:
        row = rows.get(declared.name)
        source = declared if declared.schedule else replace(declared, schedule=_kept_schedule(row))
        if row is None or hashes.get(row.id) != wrapper_hash(source) or _redeclared(source, row.definition):
            found.append((source, row))
    return found


def _kept_schedule(row: Row[Any] | None) -> str:
    """Return the schedule of a source whose declaration says none: a new one learns, another keeps what it has."""
    kept: str = ADAPTIVE if row is None else row.definition["schedule"]
    return kept


def _redeclared(source: Source, definition: Mapping[str, Any]) -> bool:
    """Return whether anything but the selectors differs; those have versions of their own."""
    return source != stored_source(_declared(definition), selectors_to_dict(source))


def _declared(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition as it was declared, with its own addresses in place of learnt ones."""
    declared = dict(definition)
    for key in LEARNT:
        if f"declared_{key}" in declared:
            declared[key] = declared.pop(f"declared_{key}")
    return declared


def _save(
    connection: Connection,
    source: Source,
    row: Row[Any] | None,
    evidence: dict[str, Any] | None,
    *,
    origin: str,
    now: datetime,
    approved: bool,
) -> None:
    values: dict[str, Any] = {"host": host_key(source.url), "definition": source_to_dict(source)}
    if row is None:
        values |= {"name": source.name, "created_at": now, "next_due_at": now}
        added = connection.execute(insert(tables.Source).returning(tables.Source.id), values).scalar_one()
        _add_wrapper(connection, added, source, evidence, origin=origin, now=now, approved=True)
        return
    whereabouts = whereabouts_from_dict(_kept(connection, row.id)[1])
    if whereabouts and (_is_moved(source, row.definition) or whereabouts.channel is not source.channel):
        whereabouts = None  # the selectors were declared for another page
    _add_wrapper(
        connection,
        row.id,
        source,
        evidence,
        origin=origin,
        now=now,
        approved=approved,
        whereabouts=whereabouts,
    )
    if not approved:
        return  # a proposal declares nothing until somebody approves it
    values["next_due_at"] = min(row.next_due_at, now)
    declared = _declared(row.definition)
    if declared["url"] != source.url:
        values |= {"moved_url": "", "moved_count": 0}
    for key in LEARNT:
        if f"declared_{key}" in row.definition and declared[key] == getattr(source, key):
            values["definition"] |= {key: row.definition[key], f"declared_{key}": declared[key]}
    values["host"] = host_key(values["definition"]["url"])
    connection.execute(update(tables.Source).where(tables.Source.id == row.id), values)
    if _is_moved(source, row.definition):
        _leave_whereabouts(connection, row.id)
    put_host(connection, row.id)


def _is_moved(source: Source, definition: Mapping[str, Any]) -> bool:
    """Return whether a source is declared to be somewhere else, or to be read in another way."""
    declared = stored_source(_declared(definition), None)
    return (declared.url, declared.channel) != (source.url, source.channel)


def _leave_whereabouts(connection: Connection, source_id: int) -> None:
    """Ask for a source where its new declaration says: what was found elsewhere was found for the old one."""
    _, selectors, _ = _kept(connection, source_id)
    if whereabouts_from_dict(selectors) is None:
        return
    versions = select(Wrapper.id, Wrapper.selectors).where(
        Wrapper.source_id == source_id, Wrapper.approved_at.is_not(None), Wrapper.rejected_at.is_(None)
    )
    found = connection.execute(versions.order_by(Wrapper.version.desc())).all()
    declared = next(row.id for row in found if whereabouts_from_dict(row.selectors) is None)
    connection.execute(update(tables.Source).where(tables.Source.id == source_id), {"wrapper_id": declared})


def _add_wrapper(
    connection: Connection,
    source_id: int,
    source: Source,
    evidence: dict[str, Any] | None,
    *,
    origin: str,
    now: datetime,
    approved: bool,
    whereabouts: Whereabouts | None = None,
) -> None:
    """Add a version of the selectors if they differ from the last one of this origin; in use once it is approved."""
    versions = select(Wrapper.version, Wrapper.hash, Wrapper.origin).where(Wrapper.source_id == source_id)
    newest = connection.execute(versions.order_by(Wrapper.version.desc())).all()
    if next((row.hash for row in newest if row.origin == origin), None) == wrapper_hash(source):
        return
    values = {
        "source_id": source_id,
        "version": newest[0].version + 1 if newest else 1,
        "origin": origin,
        "hash": wrapper_hash(source),
        "selectors": selectors_to_dict(source, whereabouts),
        "created_at": now,
        "approved_at": now if approved else None,
        "evidence": evidence,
    }
    wrapper_id = connection.execute(insert(Wrapper).returning(Wrapper.id), values).scalar_one()
    if approved:
        connection.execute(
            update(tables.Source).where(tables.Source.id == source_id), {"wrapper_id": wrapper_id}
        )
        # What could not be read before may be readable now.
        connection.execute(update(Pending).where(Pending.source_id == source_id), {"next_look_at": now})


def _drop_unused_hosts(connection: Connection) -> None:
    """Forget hosts without sources, except those that were asked: what they said (robots, patience) still counts."""
    used = exists().where(tables.Source.host == Host.name)
    connection.execute(delete(Host).where(~used, Host.last_request_at.is_(None), Host.lease_owner.is_(None)))


def _set(engine: Engine, name: str, *, paused: bool, now: datetime | None = None) -> None:
    with writing(engine) as connection:
        lock_log(connection)
        values: dict[str, Any] = {"paused": paused}
        if not paused:
            values["next_due_at"] = now or database_now(connection)
        done = connection.execute(update(tables.Source).where(tables.Source.name == name), values)
        if done.rowcount == 0:
            raise unknown_source(connection, name)
