"""What the spider knows before it asks: one read for a whole batch, and one for each listing page that changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Exists, ScalarSelect, select
from sqlalchemy.orm import aliased

from news.article import Validators, Way
from news.entry import Entry
from news.run import DueLook, HostState, Lease, Plan, Profile, Verdict
from news.source import Channel, Source, own_hosts
from news.text import title_key
from news.urls import host_key, url_key
from storage import rows
from storage.definitions import stored_source
from storage.engine import reading
from storage.known import titles_on
from storage.tables import Alias, Article, Gap, Held, Host, Pending, Run, Sighting, Validator, Wrapper
from storage.tables import Source as SourceRow

AnyRow = Any
"""A row of some columns: their types are those of the tables."""
SWEEP_EVERY = timedelta(days=7)
"""How often a listing is read unconditionally down to the page cap: a 304 for page 1 says nothing of page 2."""
UNCHANGED_AT_MOST = 50
"""How many 304s in a row are believed: then the listing is asked for without validators, once."""
EDITS_EVERY = timedelta(days=1)
"""How often a channel that can tell is asked for edits of its archive, even while its listing stands still."""
EDITS_AT_LEAST = timedelta(hours=1)
"""The least time between two such questions, however often the listing changes."""
EDITS_OVERLAP = timedelta(days=1)
"""How far a question for edits reaches back behind the one before: zones and clocks of sites are their own."""
LOOKS_PER_RUN = 10


def open_plans(
    engine: Engine,
    leases: Sequence[Lease],
    source_ids: Sequence[int],
    *,
    extractor: Callable[[Source], str],
    now: datetime,
    announce_latest: int = 0,
    looks_per_run: int = LOOKS_PER_RUN,
) -> list[Plan]:
    """Return the plans of the leased sources, in the order of ``source_ids``.

    :param leases: the leases held on the sources' hosts; a source whose host is not leased gets no plan.
    :param extractor: the version of code and selectors for a source: validators saved under another are void.
    :param now: decides what is due and whether a weekly sweep is.
    :param looks_per_run: the budget of article pages to be looked at again, pending entries included.
    """
    by_host = {lease.host: lease for lease in leases}
    with reading(engine) as connection:
        found = _sources(connection, source_ids)
        ids = [row.id for row in found]
        sources = {row.id: stored_source(row.definition, row.selectors) for row in found}
        versions = {key: extractor(source) for key, source in sources.items()}
        gaps = _gaps(connection, ids)
        pending = _pending(connection, ids)
        looks = _looks(connection, ids, now, looks_per_run)
        urls = {url_key(look.url) for some in looks.values() for look in some}
        urls |= {url_key(row.definition["url"]) for row in found}
        validators = _validators(connection, ids, sorted(urls))
        states = _states(connection, {host for source in sources.values() for host in own_hosts(source)})
    plans = {}
    for row in found:
        if row.host not in by_host:
            continue
        source, version = sources[row.id], versions[row.id]
        saved = {key: value for (key, made_by), value in validators[row.id].items() if made_by == version}
        waiting = [_pending_look(p) for p in pending[row.id] if p.next_look_at <= now]
        hosts = own_hosts(source)
        due = [_with_validators(look, saved) for look in looks[row.id] if host_key(look.url) in hosts]
        open_gaps = gaps[row.id]
        plans[row.id] = Plan(
            source=source,
            source_id=row.id,
            extractor=version,
            lease=by_host[row.host],
            host=_host(row),
            has_baseline=row.baseline_run_id is not None,
            suspect=row.verdict == Verdict.SUSPECT or bool(row.held),
            sweep=row.swept_at is not None and row.swept_at + SWEEP_EVERY <= now,
            validators=_listing_validators(row, saved.get(url_key(source.url), Validators())),
            frontier=tuple(row.frontier),
            first_page=row.first_page,
            stop_keys=tuple(open_gaps[0].lower if open_gaps else row.frontier),
            gap_ids=tuple(gap.id for gap in open_gaps),
            usual=None if row.profile is None else rows.load(Profile, row.profile),
            is_reread=_is_reread(row),
            pending_keys=frozenset(p.key for p in pending[row.id]),
            looks=tuple((waiting + due)[:looks_per_run]),
            announce_latest=announce_latest,
            complete_at=row.last_ok_at,
            edits_since=row.edits_at if _asks_for_edits(source, row, now - EDITS_AT_LEAST) else None,
            edits_due=_asks_for_edits(source, row, now - EDITS_EVERY),
            further_hosts=tuple(
                states.get(name, HostState(name=name)) for name in sorted(hosts - {row.host})
            ),
        )
    return [plans[source_id] for source_id in source_ids if source_id in plans]


def _listing_validators(row: AnyRow, saved: Validators) -> Validators:
    """Return what page 1 is asked with: nothing, after so many 304s in a row that the server may be stuck."""
    return Validators() if row.unchanged_in_row >= UNCHANGED_AT_MOST else saved


def _asks_for_edits(source: Source, row: AnyRow, before: datetime) -> bool:
    """Say whether edits of the archive were last asked for by that time; ``edits_at`` reaches back a day more."""
    if source.channel is not Channel.WORDPRESS or row.edits_at is None:
        return False
    asked_at: datetime = row.edits_at + EDITS_OVERLAP
    return asked_at <= before


def _sources(connection: Connection, ids: Sequence[int]) -> list[AnyRow]:
    columns = [
        SourceRow.id,
        SourceRow.host,
        SourceRow.definition,
        SourceRow.baseline_run_id,
        SourceRow.verdict,
        SourceRow.swept_at,
        SourceRow.frontier,
        _held().label("held"),
        SourceRow.first_page,
        SourceRow.last_ok_at,
        SourceRow.unchanged_in_row,
        SourceRow.edits_at,
        Run.profile,
        Run.settled_at,
        Wrapper.in_use_at,
        Wrapper.selectors,
        Host.not_before,
        Host.last_request_at,
        Host.robots,
        Host.robots_status,
        Host.robots_expires_at,
    ]
    found: list[AnyRow] = []
    for some in rows.chunks(sorted(ids)):
        found += connection.execute(
            select(*columns)
            .join(Host, Host.name == SourceRow.host)
            .outerjoin(Wrapper, Wrapper.id == SourceRow.wrapper_id)
            .outerjoin(Run, Run.id == _latest_good())
            .where(SourceRow.id.in_(some))
        )
    return found


def _is_reread(row: AnyRow) -> bool:
    """Whether a healing or a person put other selectors in use since the last good run."""
    return row.in_use_at is not None and row.settled_at is not None and row.settled_at < row.in_use_at


def _latest_good() -> ScalarSelect[int]:
    """Return the source's last good run: what its page 1 looked like is what is usual."""
    good = aliased(Run)
    return (
        select(good.id)
        .where(good.source_id == SourceRow.id, good.verdict == Verdict.OK.value)
        .order_by(good.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _held() -> Exists:
    """Say whether the present trouble began with, or included, a run that was held: only a good body ends that."""
    return (
        select(Held.run_id)
        .where(Held.source_id == SourceRow.id, Held.state.in_(["held", "rejected"]))
        .where(Held.held_at >= SourceRow.failing_since)
        .exists()
    )


def _states(connection: Connection, names: set[str]) -> dict[str, HostState]:
    query = select(Host.name.label("host"), *_HOST_COLUMNS).where(Host.name.in_(sorted(names)))
    return {row.host: _host(row) for row in connection.execute(query)}


_HOST_COLUMNS = (
    Host.not_before,
    Host.last_request_at,
    Host.robots,
    Host.robots_status,
    Host.robots_expires_at,
)


def _host(row: AnyRow) -> HostState:
    return HostState(
        name=row.host,
        not_before=row.not_before,
        last_request_at=row.last_request_at,
        robots=row.robots,
        robots_status=row.robots_status,
        robots_expires_at=row.robots_expires_at,
    )


def _gaps(connection: Connection, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for some in rows.chunks(ids):
        query = select(Gap.id, Gap.source_id, Gap.lower).where(Gap.source_id.in_(some), Gap.state == "open")
        for row in connection.execute(query.order_by(Gap.id)):
            found[row.source_id].append(row)
    return found


def _pending(connection: Connection, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = defaultdict(list)
    columns = [
        Pending.source_id,
        Pending.key,
        Pending.entry,
        Pending.next_look_at,
        Pending.moved,
        Pending.asked,
    ]
    for some in rows.chunks(ids):
        query = select(*columns).where(Pending.source_id.in_(some))
        for row in connection.execute(query.order_by(Pending.next_look_at, Pending.key)):
            found[row.source_id].append(row)
    return found


def _pending_look(row: AnyRow) -> DueLook:
    probes = () if row.asked else tuple(row.moved)
    return DueLook(url=row.entry["url"], key=row.key, probes=probes, pending=True)


def _looks(
    connection: Connection, ids: Sequence[int], now: datetime, budget: int
) -> dict[int, list[DueLook]]:
    found: dict[int, list[DueLook]] = defaultdict(list)
    for some in rows.chunks(ids):
        query = (
            select(Sighting.source_id, Article.key, Article.fetch_url, Article.way, Article.digest)
            .join(Article, Article.id == Sighting.article_id)
            .where(Article.next_look_at <= now, Sighting.source_id.in_(some))
            .order_by(Article.next_look_at, Article.id)
            .limit(4 * budget * len(some))
        )
        for row in connection.execute(query):
            listed = row.way == Way.LISTING and bool(row.digest)
            if len(found[row.source_id]) < 4 * budget:
                found[row.source_id].append(DueLook(url=row.fetch_url, key=row.key, listed=listed))
    return found


def _validators(
    connection: Connection, ids: Sequence[int], keys: Sequence[str]
) -> dict[int, dict[tuple[str, str], Validators]]:
    found: dict[int, dict[tuple[str, str], Validators]] = defaultdict(dict)
    for some in rows.chunks(keys):
        query = select(Validator.__table__).where(
            Validator.source_id.in_(list(ids)), Validator.key.in_(list(some))
        )
        for row in connection.execute(query):
            validators = Validators(etag=row.etag, last_modified=row.last_modified, digest=row.digest)
            found[row.source_id][row.key, row.extractor] = validators
    return found


def _with_validators(look: DueLook, saved: dict[str, Validators]) -> DueLook:
    return DueLook(
        url=look.url,
        key=look.key,
        validators=saved.get(url_key(look.url), Validators()),
        listed=look.listed,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """What is known of a listing page's entries.

    ``aliases`` maps URL keys to article keys; ``sighted`` holds the article keys that this source has listed before
    and whose body is known and not withdrawn; ``titles`` maps those to the title key under which it listed them,
    ``modified`` to when it last said that they were modified, ``raws`` to the digest of the raw body that the listing
    carried, where today's extractor has read it. ``paged`` holds those whose reference is their own page, ``gone``
    those whose page was withdrawn, so that only their page can bring them back. ``moved`` maps the keys of unknown
    entries to the addresses of articles of the same title on this host.
    """

    aliases: dict[str, str] = field(default_factory=dict)
    sighted: frozenset[str] = frozenset()
    titles: dict[str, str] = field(default_factory=dict)
    raws: dict[str, str] = field(default_factory=dict)
    modified: dict[str, datetime] = field(default_factory=dict)
    paged: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    moved: dict[str, tuple[str, ...]] = field(default_factory=dict)


def recognise(engine: Engine, plan: Plan, entries: Sequence[Entry]) -> Recognised:
    """Return which of a page's entries are known, and which of the unknown ones may be known ones that moved."""
    aliases: dict[str, str] = {}
    titles: dict[str, str] = {}
    whole: set[str] = set()
    modified: dict[str, datetime] = {}
    paged: set[str] = set()
    gone: set[str] = set()
    raws: dict[str, str] = {}
    with reading(engine) as connection:
        for some in rows.chunks([entry.key for entry in entries]):
            query = (
                select(
                    Alias.key,
                    Article.key.label("article"),
                    Article.digest,
                    Article.withdrawn_at,
                    Article.captured_by,
                    Article.extractor,
                    Article.raw_digest,
                    Article.way,
                    Sighting.title_key,
                    Sighting.modified_at,
                )
                .join(Article, Article.id == Alias.article_id)
                .outerjoin(
                    Sighting,
                    (Sighting.article_id == Article.id) & (Sighting.source_id == plan.source_id),
                )
                .where(Alias.key.in_(some))
            )
            for row in connection.execute(query):
                aliases[row.key] = row.article
                if row.withdrawn_at is not None and row.way == Way.PAGE:
                    gone.add(row.article)
                if row.title_key is not None and row.digest and row.withdrawn_at is None:
                    titles[row.article] = row.title_key
                    whole.add(row.article)
                    if row.modified_at is not None:
                        modified[row.article] = row.modified_at
                    if row.way == Way.PAGE:
                        paged.add(row.article)
                    if row.captured_by == plan.source_id and row.extractor == plan.extractor:
                        raws[row.article] = row.raw_digest
        unknown = [entry for entry in entries if entry.key not in aliases]
        moved = _namesakes(connection, unknown)
    return Recognised(
        aliases=aliases,
        sighted=frozenset(whole),
        titles=titles,
        raws=raws,
        modified=modified,
        paged=frozenset(paged),
        gone=frozenset(gone),
        moved=moved,
    )


def _namesakes(connection: Connection, unknown: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return, for each unknown entry, where known or pending articles of the same title stand on its host."""
    by_title: dict[str, list[str]] = defaultdict(list)
    titles = {title_key(entry.title) for entry in unknown}
    hosts = {host_key(entry.url) for entry in unknown}
    for title, ids in titles_on(connection, hosts, titles).items():
        urls = select(Article.fetch_url).where(Article.id.in_(sorted(ids)))
        by_title[title] += connection.execute(urls).scalars()
    for some in rows.chunks(sorted(titles)):
        waiting = select(Pending.title_key, Pending.entry).where(Pending.title_key.in_(some))
        for title, entry in connection.execute(waiting):
            if host_key(entry["url"]) in hosts:
                by_title[title].append(entry["url"])
    found = {}
    for entry in unknown:
        urls_of = by_title.get(title_key(entry.title), ())
        moved = tuple(sorted({url for url in urls_of if url_key(url) != entry.key}))
        if moved:
            found[entry.key] = moved
    return found
