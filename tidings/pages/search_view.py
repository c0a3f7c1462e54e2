"""What a search found: one page of articles, each with the part of its text that holds the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from digest.excerpts import MAX_EXCERPT, opening
from digest.model import Place
from news.folding import fold, holds
from news.search_query import Phrase, parse_query
from news.text import normalise_title, truncate
from storage.articles import ArticleRow
from storage.searching import search_articles
from storage.unread import source_titles

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
class SearchView:
    """The page.

    Args:
        words: what was typed.
        found: this page of what was found, the newest known first.
        older: the number of the article below which the next page goes on, None at the end.
        is_first: whether nothing newer was found.
        refusal: why it was not looked for.
    """

    words: str
    found: tuple[Found, ...] = ()
    older: int | None = None
    is_first: bool = True
    refusal: str = ""


def search_view(
    connection: Connection, words: str, *, before: int | None = None, limit: int = ITEMS
) -> SearchView:
    """Return a page of what was found.

    Raises:
        QueryError: there is nothing to look for, or too much.
    """
    query = parse_query(words)
    articles = search_articles(connection, query, limit=limit + 1, before_id=before)
    shown = articles[:limit]
    titles = source_titles(connection, {name for article in shown for name in article.sources})
    return SearchView(
        words=words,
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
    )


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
