"""Addresses that a site gave to another article, as its own ids say. Pure.

An address is what most sites keep best, so it holds unless the site's own id and what is seen there both say otherwise.
Then it leads to the article that stands there now; the one that stood there keeps all its other names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from hashlib import blake2b
from typing import TypeVar

from news.article import Look, Sight
from news.entry import Entry
from news.identity import look_of_its_own
from news.known import ArticleState, HandedOver, Known
from news.naming import Naming
from news.run import Reading
from news.site_id import IdKind, SiteId, agreement, common_of
from news.urls import url_key

T = TypeVar("T")


class _Word(Enum):
    """What is to be said of a known address under which another id is seen."""

    KEPT = auto()
    GIVEN = auto()
    OPEN = auto()  # what stands there must be read first


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """What a run's ids say of the addresses that are known.

    ``known`` is what is known once the addresses that were ``given`` to others lead nowhere, ``keys`` by these
    addresses what a new article there is to be known by: what readers were sent under the address's key is the old one.
    ``open`` are the keys of those of which only what stands there can tell.
    """

    known: Known
    keys: Mapping[str, str]
    given: tuple[HandedOver, ...] = ()
    open: frozenset[str] = frozenset()


def handover(known: Known, reading: Reading, naming: Naming) -> Handover:
    """Return which known addresses are other articles' in this run.

    An address is given to another article where what is listed there bears an id of its own, another title, and a text
    that is not the known one, and where besides

    - the id is that of another known article, with which it agrees; or
    - the known article is listed at another address, under its own id; or
    - the known article bears another id of that kind, and what is read at the address is another text: of a post that
      is enough, of a feed's item the day must be another one as well, and it may have borne one id only, since there
      are feeds that make them anew.

    Nothing is given that was forgotten: whatever stands there is never new again.
    """
    given: list[HandedOver] = []
    keys: dict[str, str] = {}
    waiting: set[str] = set()
    for entry, look in _said(known, reading):
        site_id, state = naming.of(entry), known.articles.get(known.aliases.get(entry.key, ""))
        if site_id is None or state is None or state.forgotten:
            continue
        if any(known.aliases.get(key) == state.key for key in (site_id.key, *site_id.former_keys)):
            continue
        word = _word(known, reading, naming, state, site_id, entry, look)
        if word is _Word.GIVEN:
            given.append(_handed_over(state, entry.key, site_id))
            keys[entry.key] = _key("given", entry.key, site_id)
        elif word is _Word.OPEN:
            waiting.add(entry.key)
    return Handover(known=without(known, given), keys=keys, given=tuple(given), open=frozenset(waiting))


def without(known: Known, given: Sequence[HandedOver]) -> Known:
    """Return what is known once some addresses lead nowhere, and their articles bear the keys that they are given."""
    if not given:
        return known
    renamed = {each.article: each.key for each in given if each.key != each.article}
    left = {each.address for each in given}
    astray = {each.key for each in given if each.is_astray}
    articles = {renamed.get(key, key): state for key, state in known.articles.items()}
    return replace(
        known,
        aliases={
            key: renamed.get(article, article) for key, article in known.aliases.items() if key not in left
        }
        | {key: key for key in renamed.values()},
        articles={
            key: replace(state, key=key, next_look_at=None if key in astray else state.next_look_at)
            for key, state in articles.items()
        },
        ids=_keyed(known.ids, renamed),
        sighted=_keyed(known.sighted, renamed),
        by_title=_each(known.by_title, renamed),
        by_text=_each(known.by_text, renamed),
        by_fingerprint={text: renamed.get(key, key) for text, key in known.by_fingerprint.items()},
        frontier=tuple(renamed.get(key, key) for key in known.frontier),
        gaps=tuple(
            replace(gap, lower=tuple(renamed.get(key, key) for key in gap.lower)) for gap in known.gaps
        ),
    )


def _each(found: Mapping[str, tuple[str, ...]], renamed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(renamed.get(key, key) for key in some) for name, some in found.items()}


def _keyed(mapping: Mapping[str, T], renamed: Mapping[str, str]) -> dict[str, T]:
    return {renamed.get(key, key): value for key, value in mapping.items()}


def _said(known: Known, reading: Reading) -> Iterator[tuple[Entry, Look | None]]:
    """Yield what is listed, and what waits and was looked at now, each with the look at it."""
    looks = {url_key(look.url): look for look in reading.looks}
    listed = {entry.key for entry in reading.entries}
    for entry in reading.entries:
        yield entry, looks.get(entry.key)
    for key, waiting in known.pending.items():
        if key in looks and key not in listed:
            yield waiting.entry, looks[key]


def _word(
    known: Known,
    reading: Reading,
    naming: Naming,
    state: ArticleState,
    site_id: SiteId,
    entry: Entry,
    look: Look | None,
) -> _Word:
    own = look_of_its_own(state.key, look, known)
    common = common_of(state, entry, own)
    if common.title is True or common.text is True:
        return _Word.KEPT
    claimed = known.articles.get(known.aliases.get(site_id.key, ""))
    if claimed is not None and agreement(claimed, site_id, entry, own):
        return _Word.GIVEN
    is_read = own is not None and own.sight is Sight.READ
    if _stands_elsewhere(known, reading, naming, state, entry):
        return _Word.GIVEN if is_read else _Word.OPEN
    rivals = [text for text in known.ids.get(state.key, {}).values() if text.startswith(site_id.space)]
    is_post = site_id.kind is IdKind.POST
    if not rivals or not (is_post or len(rivals) == 1):
        return _Word.KEPT
    if common.text is False:
        return _Word.GIVEN if is_post or common.day is False else _Word.KEPT
    if common.day is not False:
        return _Word.KEPT
    if not is_read:
        return _Word.OPEN
    return _Word.GIVEN if is_post else _Word.KEPT


def _stands_elsewhere(
    known: Known, reading: Reading, naming: Naming, state: ArticleState, entry: Entry
) -> bool:
    """Return whether an article's own id is listed at another address than where ``entry`` stands."""
    return any(
        other.key != entry.key
        and (site_id := naming.of(other)) is not None
        and known.aliases.get(site_id.key) == state.key
        and agreement(state, site_id, other, None)
        for other in reading.entries
    )


def _handed_over(state: ArticleState, address: str, taker: SiteId) -> HandedOver:
    return HandedOver(
        article_id=state.id,
        article=state.key,
        address=address,
        key=_key("formerly", address, taker) if state.key == address else state.key,
        is_astray=url_key(state.fetch_url) == address,
    )


def _key(why: str, address: str, taker: SiteId) -> str:
    return blake2b(f"{why}:{address}:{taker.key}".encode(), digest_size=16).hexdigest()
