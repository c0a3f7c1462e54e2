"""Load what is known of everything that a run saw: the input of ``news.decide``, read under the settling lock."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, case, exists, func, literal, or_, select

from news.article import Content, Way
from news.entry import Entry
from news.known import Absence, ArticleState, Known, OpenGap, PendingEntry
from news.marks import surely_differ
from news.revision import VolatilePart
from news.run import Profile, Rank, Reading, Verdict
from news.site_id import SiteId, keys_of
from news.source import Source as DeclaredSource
from news.urls import url_key
from storage import rows
from storage.definitions import former_urls
from storage.elsewhere import copies, left_shapes
from storage.namesakes import bearers, listing_hosts, namesakes, retitled
from storage.past import past_revisions, with_past
from storage.site_ids import id_keys, rival_ids, site_ids_of
from storage.tables import Alias, Article, Gap, Held, Pending, Revision, Run, Sighting, Source, Wrapper

HEALING = "healing"
"""The origin of selectors that were found on a redesigned page."""
PROFILES = 20
"""How many of a source's latest good runs say what is usual."""

WAS_SUSPECT = case(
    (Source.failing_since.is_(None), literal(False)),  # a value of the database
    else_=exists().where(
        Run.source_id == Source.id,
        Run.verdict == Verdict.SUSPECT.value,
        Run.settled_at >= Source.failing_since,
    ),
).label("was_suspect")
"""Whether one of the bad runs since a source's last good one was suspect: no failure after it ends that."""

ExtractAgain = Callable[[DeclaredSource, Way, str, str], Content | None]
"""Read a kept raw fragment with today's extractor: (source, way, URL, raw HTML) to content, or None."""


def load_known(
    connection: Connection,
    row: Row[Any],
    source: DeclaredSource,
    reading: Reading,
    extract_again: ExtractAgain | None = None,
) -> Known:
    """Return what the database holds about ``reading``'s source and everything that it saw.

    :param row: the source's row with the origin of its selectors and ``WAS_SUSPECT``, read in this transaction.
    :param source: the same source as it is declared, for ``extract_again``.
    """
    pending = _pending(connection, row.id)
    gaps = _gaps(connection, row.id)
    absent = tuple(rows.load(Absence, each) for each in row.absent)
    former = former_urls(row.definition, source)
    said = _said(reading, pending)
    site_ids = site_ids_of(said, source, former)
    wanted = _keys(row.frontier, gaps, reading) | {each.article for each in absent}
    aliases = _aliases(connection, wanted | id_keys(site_ids.values()))
    hosts = listing_hosts(source, former)
    twins = retitled(connection, said, reading, aliases, hosts) if row.baseline_run_id is not None else {}
    met = _met(connection, reading, said, aliases, site_ids, hosts, twins)
    articles = met.articles
    if extract_again is not None:
        articles = _read_again(connection, articles, met.looked, source, extract_again)
    return Known(
        host=row.host,
        channel=source.channel,
        language=source.language,
        listing_url=source.url,
        former_urls=former,
        has_baseline=row.baseline_run_id is not None,
        suspect=row.verdict == Verdict.SUSPECT,
        failing=row.verdict == Verdict.FAILED and not row.was_suspect,
        left_shapes=left_shapes(connection, row.id, reading),
        copies=copies(connection, articles, reading),
        redesigned=row.origin == HEALING or (reading.healing is not None and reading.healing.accepted),
        horizon=rows.stamp_from(row.horizon),
        frontier=tuple(row.frontier),
        first_page=row.first_page,
        complete_at=row.last_ok_at,
        gaps=gaps,
        profiles=latest_profiles(connection, row.id),
        absent=absent,
        aliases=met.resolved,
        ids=rival_ids(connection, aliases, met.key_of, site_ids),
        articles=articles,
        sighted=_sighted(connection, row.id, met.key_of),
        pending=pending,
        by_title=met.by_title,
        by_fingerprint=met.by_fingerprint,
        by_text=met.by_text,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Met:
    """The articles that a run met, or perhaps met, by their keys.

    ``looked`` are those seen, with their content; ``key_of`` leads from numbers to keys, ``resolved`` from URL keys.
    """

    articles: dict[str, ArticleState]
    looked: list[tuple[ArticleState, Content]]
    key_of: dict[int, str]
    resolved: dict[str, str]
    by_title: dict[str, tuple[str, ...]]
    by_fingerprint: dict[str, str]
    by_text: dict[str, tuple[str, ...]]


def _met(
    connection: Connection,
    reading: Reading,
    said: Sequence[Entry],
    aliases: dict[str, int],
    site_ids: Mapping[str, SiteId],
    hosts: set[str],
    twins: Mapping[str, Sequence[int]],
) -> _Met:
    by_title, by_fingerprint = namesakes(connection, said, reading.looks, aliases, hosts)
    ids = {*aliases.values(), *by_fingerprint.values(), *_healed(connection, reading)}
    articles = article_states(connection, ids.union(*by_title.values(), *twins.values()))
    key_of = {state.id: state.key for state in articles.values()}
    resolved = {key: key_of[article_id] for key, article_id in aliases.items()}
    printed = {print_: key_of[article_id] for print_, article_id in by_fingerprint.items()}
    by_text = {key: tuple(key_of[number] for number in numbers) for key, numbers in twins.items()}
    alike = _maybe_the_same(bearers(said, by_title, aliases), by_text, key_of, reading)
    looked = [(articles[key], content) for key, content in _looked_at(resolved, printed, alike, reading)]
    named = _named_elsewhere(said, site_ids, resolved)
    return _Met(
        articles=_with_bodies(connection, articles, looked, resolved, reading, named),
        looked=looked,
        key_of=key_of,
        resolved=resolved,
        by_title={title: tuple(key_of[i] for i in sorted(found)) for title, found in by_title.items()},
        by_fingerprint=printed,
        by_text=by_text,
    )


def _maybe_the_same(
    bearing: Mapping[str, Sequence[int]],
    by_text: Mapping[str, Sequence[str]],
    key_of: Mapping[int, str],
    reading: Reading,
) -> dict[str, list[str]]:
    """Return, by URL key, the articles that what stands there may be: by title, by text, or as a healing said."""
    found = {key: list(articles) for key, articles in by_text.items()}
    for key, numbers in bearing.items():
        found[key] = [*found.get(key, ()), *(key_of[number] for number in numbers)]
    known = set(key_of.values())
    for key, (article, _) in reading.healing.moved.items() if reading.healing else ():
        found[key] = [*found.get(key, ()), *({article} & known)]
    return found


def _named_elsewhere(
    said: Sequence[Entry], site_ids: Mapping[str, SiteId], resolved: Mapping[str, str]
) -> set[str]:
    """Return the articles whose id is borne by an entry at an address that is not known to be theirs."""
    return {
        owner
        for entry in said
        for key in keys_of(site_ids.get(entry.key))
        if (owner := resolved.get(key)) is not None and owner != resolved.get(entry.key)
    }


def _healed(connection: Connection, reading: Reading) -> set[int]:
    """Return the articles that a healing recognised at other addresses."""
    keys = sorted({article for article, _ in reading.healing.moved.values()}) if reading.healing else []
    query = select(Article.id).where(Article.key.in_(keys))
    return set(connection.execute(query).scalars()) if keys else set()


def _said(reading: Reading, pending: dict[str, PendingEntry]) -> list[Entry]:
    """Return what was listed, now or when it became pending: a namesake is looked for under each title."""
    asked = {url_key(look.url) for look in reading.looks} | set(reading.probes)
    return [*reading.entries, *(waiting.entry for key, waiting in pending.items() if key in asked)]


def _keys(frontier: Sequence[str], gaps: Sequence[OpenGap], reading: Reading) -> set[str]:
    keys = set(frontier) | {key for gap in gaps for key in gap.lower}
    keys |= {entry.key for entry in reading.entries}
    for look in reading.looks:
        keys |= {url_key(look.url), url_key(look.final_url)}
        if look.content is not None and look.content.canonical_url:
            keys.add(url_key(look.content.canonical_url))
    for pairs in reading.probes.values():
        keys |= {url_key(url) for pair in pairs for url in pair if url}
    return keys


def _aliases(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in rows.chunks(sorted(keys)):
        query = select(Alias.key, Alias.article_id).where(Alias.key.in_(some))
        found.update({row.key: row.article_id for row in connection.execute(query)})
    return found


def _pending(connection: Connection, source_id: int) -> dict[str, PendingEntry]:
    query = select(Pending.__table__).where(Pending.source_id == source_id).order_by(Pending.key)
    return {row.key: pending_from(row) for row in connection.execute(query)}


def pending_from(row: Row[Any]) -> PendingEntry:
    """Return a pending entry as it left its row."""
    return PendingEntry(
        key=row.key,
        entry=rows.load(Entry, row.entry),
        rank=Rank(row.rank),
        reason=row.reason,
        attempts=row.attempts,
        first_seen_at=row.first_seen_at,
        next_look_at=row.next_look_at,
        moved=tuple(row.moved),
        asked=row.asked,
    )


def _gaps(connection: Connection, source_id: int) -> tuple[OpenGap, ...]:
    query = (
        select(Gap.id, Gap.lower, Gap.since)
        .where(Gap.source_id == source_id, Gap.state == "open")
        .order_by(Gap.id)
    )
    return tuple(
        OpenGap(id=row.id, lower=tuple(row.lower), since=row.since) for row in connection.execute(query)
    )


def latest_profiles(connection: Connection, source_id: int) -> tuple[Profile, ...]:
    """Return what the latest good runs looked like, newest first.

    The history begins at a run that a person approved, and where other selectors came into use by healing.
    """
    approved = select(func.max(Held.run_id)).where(Held.source_id == source_id, Held.state == "approved")
    since = connection.execute(approved).scalar() or 0
    in_use = (
        select(Wrapper.in_use_at)
        .join(Source, Source.wrapper_id == Wrapper.id)
        .where(Source.id == source_id, Wrapper.in_use_at.is_not(None))
        .scalar_subquery()
    )
    query = (
        select(Run.profile)
        .where(Run.source_id == source_id, Run.id >= since)
        .where(or_(Run.verdict == Verdict.OK.value, Run.id == since))
        .where(Run.settled_at >= func.coalesce(in_use, Run.settled_at))
        .order_by(Run.id.desc())
        .limit(PROFILES)
    )
    return tuple(rows.load(Profile, row.profile) for row in connection.execute(query))


def _sighted(connection: Connection, source_id: int, key_of: dict[int, str]) -> dict[str, Rank]:
    found: dict[str, Rank] = {}
    for some in rows.chunks(sorted(key_of)):
        query = select(Sighting.article_id, Sighting.rank).where(
            Sighting.source_id == source_id, Sighting.article_id.in_(some)
        )
        found.update({key_of[article_id]: Rank(rank) for article_id, rank in connection.execute(query)})
    return found


def article_states(connection: Connection, ids: Iterable[int]) -> dict[str, ArticleState]:
    """Return these articles as they stand, by key, without their texts."""
    articles: dict[str, ArticleState] = {}
    titles: dict[int, set[str]] = {}
    wanted = sorted(ids)
    for some in rows.chunks(wanted):
        listed = select(Sighting.article_id, Sighting.title_key).where(Sighting.article_id.in_(some))
        merged = select(Article.merged_into, Article.title_key).where(Article.merged_into.in_(some))
        for article_id, title in connection.execute(listed.union_all(merged)):
            titles.setdefault(article_id, set()).add(title)
        for row in connection.execute(select(Article.__table__).where(Article.id.in_(some))):
            articles[row.key] = _state(row, frozenset(titles.get(row.id, ())))
    return articles


def _state(row: Row[Any], titles: frozenset[str]) -> ArticleState:
    return ArticleState(
        id=row.id,
        key=row.key,
        url=row.url,
        fetch_url=row.fetch_url,
        title=row.title,
        title_key=row.title_key,
        titles=titles | {row.title_key},
        summary=row.summary,
        language=row.language,
        authors=tuple(row.authors),
        sections=tuple(row.sections),
        image_url=row.image_url,
        published=rows.stamp(row.published_at, row.published_precision, row.published_provenance),
        modified=rows.stamp(row.modified_at, row.modified_precision, row.modified_provenance),
        first_seen_at=row.first_seen_at,
        announced=row.announced,
        revision=row.revision,
        way=Way(row.way),
        captured_by=row.captured_by,
        fingerprint=row.fingerprint,
        digest=row.digest,
        extractor=row.extractor,
        raw_digest=row.raw_digest,
        looked_at=row.looked_at,
        looks=row.looks,
        next_look_at=row.next_look_at,
        missing_at=row.missing_at,
        withdrawn_at=row.withdrawn_at,
        forgotten=row.forgotten_at is not None,
        volatile=tuple(rows.load(VolatilePart, part) for part in row.volatile),
        unsettled_digest=row.unsettled_digest,
        unsettled_at=row.unsettled_at,
    )


def _with_bodies(
    connection: Connection,
    articles: dict[str, ArticleState],
    looked: Sequence[tuple[ArticleState, Content]],
    aliases: dict[str, str],
    reading: Reading,
    named: set[str],
) -> dict[str, ArticleState]:
    """Load the newest body of every article that was seen to differ, or that may stand at another address now.

    ``named`` are those whose id is borne by an entry at an address that is not known to be theirs.
    """
    differing = {
        state.id: state.key
        for state, content in looked
        if state.digest != content.digest or surely_differ(state.published, content.published)
    }
    gone = {aliases.get(url_key(url)) for url in reading.gone} | {*named}
    differing |= {articles[key].id: key for key in gone if key in articles and key is not None}
    unlike = {state.id for state, content in looked if state.digest != content.digest}
    for article_id, revisions in past_revisions(connection, sorted(differing)).items():
        key = differing[article_id]
        articles[key] = with_past(articles[key], revisions, differs=article_id in unlike)
    return articles


def _looked_at(
    aliases: dict[str, str], printed: dict[str, str], alike: Mapping[str, Sequence[str]], reading: Reading
) -> Iterator[tuple[str, Content]]:
    """Yield the known articles whose content was seen, or perhaps seen at another address, with what was seen.

    :param printed: articles by the fingerprints of their texts, by which they are recognised at unknown addresses.
    :param alike: those that they may be besides, under the keys of these addresses.
    """
    for look in reading.looks:
        if look.content is None:
            continue
        urls = (look.url, look.final_url, look.content.canonical_url)
        moved_from = (old_url for old_url, _ in reading.probes.get(url_key(look.url), ()))
        keys = {aliases.get(url_key(url)) for url in (*urls, *moved_from) if url}
        keys |= {printed.get(look.content.fingerprint), *alike.get(url_key(look.url), ())}
        for key in keys:
            if key is not None:
                yield key, look.content


def _read_again(
    connection: Connection,
    articles: dict[str, ArticleState],
    looked: Sequence[tuple[ArticleState, Content]],
    source: DeclaredSource,
    extract_again: ExtractAgain,
) -> dict[str, ArticleState]:
    """Read kept raw fragments with today's extractor where an older one made the stored content."""
    outdated = {
        state.id: state.key
        for state, content in looked
        if state.digest and state.extractor != content.extractor
    }
    for some in rows.chunks(sorted(outdated)):
        query = (
            select(Revision.article_id, Revision.raw, Revision.raw_url, Revision.way)
            .join(Article, Article.id == Revision.article_id)
            .where(Revision.article_id.in_(some), Revision.number == Article.revision)
        )
        for row in connection.execute(query):
            if row.raw is None:
                continue
            key = outdated[row.article_id]
            html = zlib.decompress(row.raw).decode()
            content = extract_again(source, Way(row.way), row.raw_url, html)
            articles[key] = replace(articles[key], again=content)
    return articles
