"""What the spider knows before it asks: one read for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Exists, ScalarSelect, select
from sqlalchemy.orm import aliased

from news.article import Validators, Way
from news.moves import MOST_NAMESAKES
from news.run import DueLook, HostState, Lease, Plan, Profile, Verdict
from news.source import Channel, Source, own_hosts
from news.urls import host_key, url_key
from storage import rows
from storage.definitions import former_urls, stored_source
from storage.engine import reading
from storage.tables import Article, Gap, Held, Host, Pending, Run, Sighting, Validator, Wrapper
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
        opened = _opened(connection, source_ids, extractor, now, looks_per_run)
    plans = {
        row.id: opened.plan(row, by_host[row.host], announce_latest)
        for row in opened.rows
        if row.host in by_host
    }
    return [plans[source_id] for source_id in source_ids if source_id in plans]


def _opened(
    connection: Connection,
    source_ids: Sequence[int],
    extractor: Callable[[Source], str],
    now: datetime,
    looks_per_run: int,
) -> _Opened:
    """Read everything that the plans of some sources are made of."""
    found = _sources(connection, source_ids)
    ids = [row.id for row in found]
    sources = {row.id: stored_source(row.definition, row.selectors) for row in found}
    looks = _looks(connection, ids, now, looks_per_run)
    urls = {url_key(look.url) for some in looks.values() for look in some}
    urls |= {url_key(source.url) for source in sources.values()}
    return _Opened(
        rows=found,
        sources=sources,
        versions={key: extractor(source) for key, source in sources.items()},
        gaps=_gaps(connection, ids),
        pending=_pending(connection, ids),
        looks=looks,
        validators=_validators(connection, ids, sorted(urls)),
        states=_states(connection, {host for source in sources.values() for host in own_hosts(source)}),
        now=now,
        looks_per_run=looks_per_run,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opened:
    """What was read for a batch: rows of sources, and by their ids what belongs to each."""

    rows: Sequence[AnyRow]
    sources: Mapping[int, Source]
    versions: Mapping[int, str]
    gaps: Mapping[int, list[AnyRow]]
    pending: Mapping[int, list[AnyRow]]
    looks: Mapping[int, list[DueLook]]
    validators: Mapping[int, dict[tuple[str, str], Validators]]
    states: Mapping[str, HostState]
    now: datetime
    looks_per_run: int

    def plan(self, row: AnyRow, lease: Lease, announce_latest: int) -> Plan:
        """Return the plan of one source."""
        source, version = self.sources[row.id], self.versions[row.id]
        pending, gaps = self.pending.get(row.id, []), self.gaps.get(row.id, [])
        of_source = self.validators.get(row.id, {})
        saved = {key: value for (key, made_by), value in of_source.items() if made_by == version}
        hosts = own_hosts(source)
        return Plan(
            source=source,
            source_id=row.id,
            extractor=version,
            lease=lease,
            host=_host(row),
            has_baseline=row.baseline_run_id is not None,
            suspect=row.verdict == Verdict.SUSPECT or bool(row.held),
            sweep=row.swept_at is not None and row.swept_at + SWEEP_EVERY <= self.now,
            validators=_listing_validators(row, saved.get(url_key(source.url), Validators())),
            frontier=tuple(row.frontier),
            first_page=row.first_page,
            stop_keys=tuple(gaps[0].lower if gaps else row.frontier),
            gap_ids=tuple(gap.id for gap in gaps),
            usual=None if row.profile is None else rows.load(Profile, row.profile),
            is_reread=_is_reread(row),
            pending_keys=frozenset(each.key for each in pending),
            looks=self._due(row.id, pending, saved, hosts),
            announce_latest=announce_latest,
            complete_at=row.last_ok_at,
            failures=row.failures,
            failing_since=row.failing_since,
            former_urls=former_urls(row.definition, source),
            edits_since=row.edits_at if _asks_for_edits(source, row, self.now - EDITS_AT_LEAST) else None,
            edits_due=_asks_for_edits(source, row, self.now - EDITS_EVERY),
            further_hosts=tuple(
                self.states.get(name, HostState(name=name)) for name in sorted(hosts - {row.host})
            ),
        )

    def _due(
        self, source_id: int, pending: list[AnyRow], saved: dict[str, Validators], hosts: AbstractSet[str]
    ) -> tuple[DueLook, ...]:
        """Return the looks that are due, pending entries first, within the budget."""
        waiting = [_pending_look(each) for each in pending if each.next_look_at <= self.now]
        looks = self.looks.get(source_id, [])
        due = [_with_validators(look, saved) for look in looks if host_key(look.url) in hosts]
        return tuple((waiting + due)[: self.looks_per_run])


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
        SourceRow.failures,
        SourceRow.failing_since,
        SourceRow.edits_at,
        Run.profile,
        Run.settled_at,
        Wrapper.in_use_at,
        Wrapper.selectors,
        *_HOST_COLUMNS,
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
    probes = () if row.asked else tuple(row.moved)[:MOST_NAMESAKES]
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
