"""One thing to decide about in a run, and the article that becomes of it when it is a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from news.article import Look, Sight, Way
from news.entry import Entry
from news.identity import Match
from news.known import ArticleState, Known, NewRevision, PendingEntry
from news.looking import next_look
from news.text import title_key
from news.urls import shown_url, url_key


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One thing to decide about: a listed entry, a look, or both."""

    key: str
    entry: Entry | None
    position: int
    look: Look | None
    pending: PendingEntry | None

    @property
    def said(self) -> Entry | None:
        """What a listing says of it, now or when it became pending."""
        return self.entry or (self.pending.entry if self.pending else None)

    @property
    def is_teaser(self) -> bool:
        """Whether the look is only at what a listing says of an article that this source may not ask for."""
        look, entry = self.look, self.entry
        return look is not None and look.way is Way.LISTING and entry is not None and not entry.body_html

    @property
    def places(self) -> frozenset[str]:
        """URL keys of where it stands: its own, where asking for it led, and what the page there names as canonical."""
        urls: list[str] = []
        if self.look is not None:
            urls.append(self.look.final_url)
            urls.append(self.look.content.canonical_url if self.look.content is not None else "")
        return frozenset({self.key, *(url_key(url) for url in urls if url)})


def why_unread(look: Look | None, match: Match) -> str:
    """Return why an entry's article could not be read in this run."""
    if look is None:
        return "not read in this run"
    if match.foreign:
        return "leads to the page of another article"
    return look.reason or look.sight.value


def readdressed(
    state: ArticleState, unit: Unit, listed: AbstractSet[str], aliases: Mapping[str, str], now: datetime
) -> ArticleState | None:
    """Return an article at the address under which its id came back, None where it is still listed at its old one.

    Where only its page can say what changed on the way, and that was not read, it is looked at next.
    """
    if unit.entry is None or _is_listed_at_its_own(state, listed, aliases):
        return None
    is_unread = state.way is Way.PAGE and (unit.look is None or unit.look.way is not Way.PAGE)
    next_look_at = now if is_unread and not state.forgotten else state.next_look_at
    return replace(state, url=shown_url(unit.entry.url), fetch_url=unit.entry.url, next_look_at=next_look_at)


def stands_elsewhere(
    state: ArticleState, unit: Unit, listed: AbstractSet[str], aliases: Mapping[str, str]
) -> bool:
    """Whether a look is at an address that the article has left for good, or beside its own on the listing.

    What is listed twice may stand there in two forms: compared with each other they would be edits without an end. An
    address that leads to the article's own tells of it like that one: that nothing is left there, above all.
    """
    own = url_key(state.fetch_url)
    if unit.key == own:
        return False
    if unit.look is not None and unit.look.content is None and url_key(unit.look.final_url) == own:
        return False
    if unit.entry is None:
        return unit.look is not None and unit.look.sight in (Sight.GONE, Sight.MISSING)
    return _is_listed_at_its_own(state, listed, aliases)


def where_it_went(
    state: ArticleState,
    look: Look,
    known: Known,
    entries: Sequence[Entry],
    aliases: Mapping[str, str],
    now: datetime,
) -> ArticleState | None:
    """Return an article whose own address leads nowhere at another one that is known of it, to be looked at there.

    What was taken for a copy while the old address answered, or was not asked, is where the article went: what the
    listing shows, or else where its text was seen last.
    """
    own = url_key(state.fetch_url)
    if look.sight not in (Sight.GONE, Sight.MISSING) or url_key(look.url) != own:
        return None
    listed = [each for each in entries if each.key == own or aliases.get(each.key) == state.key]
    if any(each.key == own for each in listed):
        return None
    places = [*(each.url for each in listed), *known.copies.get(state.key, ())]
    if not places:
        return None
    return replace(state, url=shown_url(places[0]), fetch_url=places[0], next_look_at=now)


def is_astray(state: ArticleState, aliases: Mapping[str, str]) -> bool:
    """Return whether the address at which an article was read leads to another one now."""
    return aliases.get(url_key(state.fetch_url), state.key) != state.key


def _is_listed_at_its_own(state: ArticleState, listed: AbstractSet[str], aliases: Mapping[str, str]) -> bool:
    own = url_key(state.fetch_url)
    return own in listed and aliases.get(own) == state.key


def first_state(key: str, entry: Entry, look: Look | None, language: str, now: datetime) -> ArticleState:
    """Return a new article as its page and its listing show it; ``language`` is its source's."""
    content = look.content if look else None
    title = (content.title if content else "") or entry.title
    url = look.final_url if look else entry.url
    return ArticleState(
        key=key,
        url=shown_url(url),
        fetch_url=url,
        title=title,
        title_key=title_key(title),
        titles=frozenset({title_key(title), title_key(entry.title)}),
        summary=entry.summary,
        language=language,
        authors=entry.authors,
        sections=entry.sections,
        image_url=entry.image_url,
        modified=entry.modified,
        first_seen_at=now,
        published=(content.published if content else None) or entry.published,
        next_look_at=next_look(now, now, None),
    )


def first_said(key: str, entry: Entry, now: datetime) -> NewRevision:
    """Return the first revision of an article of which only a listing has told."""
    return NewRevision(
        article=key,
        number=1,
        title=entry.title,
        content=None,
        way=Way.LISTING,
        url=entry.url,
        captured_at=now,
    )
