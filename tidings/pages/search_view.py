"""What a search found: one page of articles, each with the part of its text that holds the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from digest.excerpts import MAX_EXCERPT, opening
from digest.model import Place
from news.errors import ConfigError, QueryError
from news.folding import fold, holds
from news.search_query import Phrase, parse_query
from news.text import normalise_title, truncate
from storage.articles import ArticleRow
from storage.feed_entries import SourcePage, source_pages
from storage.searching import SearchScope, search_articles
from storage.unread import source_titles
from tidings.pages.choosing import Choice
from tidings.pages.times import Times

ITEMS = 30
"""Articles of one page."""
LOOKED_THROUGH = 20_000
"""Characters of a text that are looked through for the sentence with the words."""
_SENTENCE = re.compile(r"[^.!?؟。！？\n]+[.!?؟。！？]*\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One article that was found, where it is listed, and the part of its text that is shown."""

    article: ArticleRow
    places: tuple[Place, ...]
    excerpt: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked for: words and where to look; the days as they were typed, both of them included."""

    choice: Choice
    since: str = ""
    until: str = ""

    def scope(self, times: Times) -> SearchScope:
        """Return where to look; days are the reader's.

        Raises:
            QueryError: there is no such day.
        """
        since, end = _day(self.since), _day(self.until, after=timedelta(days=1))
        return SearchScope(
            sources=self.choice.sources,
            languages=self.choice.languages,
            since=_begin(since, times),
            until=_begin(end, times),
            first_day=since,
            end_day=end,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchView:
    """The page.

    Args:
        asked: what was asked for.
        sources: all that there are, for choosing.
        languages: those that they declare.
        found: this page of what was found, the newest known first.
        older: the number of the article below which the next page goes on, None at the end.
        is_first: whether nothing newer was found.
        refusal: why it was not looked for.
        is_kept: whether it can become a subscription or a feed: its words are not too long for that.
    """

    asked: Asked
    sources: tuple[SourcePage, ...]
    languages: tuple[str, ...]
    found: tuple[Found, ...] = ()
    older: int | None = None
    is_first: bool = True
    refusal: str = ""
    is_kept: bool = False


def search_view(
    connection: Connection, asked: Asked, *, before: int | None = None, times: Times, limit: int = ITEMS
) -> SearchView:
    """Return a page of what was found; without words only where they are typed.

    Raises:
        QueryError: there is nothing to look for, or too much, or no such day.
        SourceError: there is no such source.
    """
    scope = asked.scope(times)
    empty = _empty(connection, asked)
    if not asked.choice.words:
        return empty
    query = parse_query(asked.choice.words)
    articles = search_articles(connection, query, scope=scope, limit=limit + 1, before_id=before)
    shown = articles[:limit]
    titles = source_titles(connection, {name for article in shown for name in article.sources})
    return replace(
        empty,
        found=tuple(
            Found(
                article=article,
                places=tuple(Place(source=name, title=titles.get(name, name)) for name in article.sources),
                excerpt=excerpt_of(article, query.wanted),
            )
            for article in shown
        ),
        older=shown[-1].id if len(articles) > limit else None,
        is_first=before is None,
        is_kept=_can_be_kept(asked.choice),
    )


def refused(connection: Connection, asked: Asked, why: str) -> SearchView:
    """Return the page of what was not looked for."""
    return replace(_empty(connection, asked), refusal=why)


def _empty(connection: Connection, asked: Asked) -> SearchView:
    known = source_pages(connection)
    languages = sorted({source.language for source in known if source.language})
    return SearchView(asked=asked, sources=tuple(known), languages=tuple(languages))


def _can_be_kept(choice: Choice) -> bool:
    try:
        return choice.wanted.asks_for_more
    except ConfigError:
        return False


def _day(text: str, *, after: timedelta = timedelta()) -> date | None:
    """Return the day that was typed, or one so long after it."""
    typed = text.strip()
    try:
        return date.fromisoformat(typed) + after if typed else None
    except (ValueError, OverflowError) as error:
        raise QueryError(f"There is no news of {typed!r}; write a day such as 2026-11-22.") from error


def _begin(day: date | None, times: Times) -> datetime | None:
    """Return when a day begins for the reader."""
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), times.zone).astimezone(UTC)
    except OverflowError as error:
        raise QueryError(f"There is no news of {day}; choose a day that there has been.") from error


def excerpt_of(article: ArticleRow, wanted: Sequence[Phrase]) -> str:
    """Return the sentence of an article that holds the most of what is looked for, else how it opens."""
    best, most = "", 0
    for text in (article.summary, article.body_text[:LOOKED_THROUGH]):
        for sentence in _SENTENCE.findall(text):
            folded = fold(sentence)
            count = sum(holds(folded, phrase) for phrase in wanted)
            if count > most:
                best, most = sentence, count
    if not best:
        return opening(article.summary, article.body_text, article.title)
    return truncate(normalise_title(best), MAX_EXCERPT)
