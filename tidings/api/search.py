"""``/search``: articles by their words, the newest known first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from news.search_query import MOST_CHARACTERS, parse_query
from storage.engine import reading
from storage.searching import SearchScope, search_articles
from tidings.api import replies
from tidings.api.shapes.articles import ArticlePage
from tidings.json_output import article_json
from tidings.serving.served import Here

router = APIRouter(tags=["articles"])

Since = Annotated[
    replies.Moment,
    Query(
        description="Only what was published since, or first seen where no date is known; UTC unless it says otherwise."
    ),
]
Until = Annotated[
    replies.Moment,
    Query(description="Only what was published, or first seen, before this moment; a day is its beginning."),
]
Words = Annotated[
    str,
    Query(
        alias="q",
        min_length=1,
        max_length=MOST_CHARACTERS,
        description='Words that must all occur, "phrases", and -words that must not.',
        examples=['water "cultural heritage" -sport'],
    ),
]


@router.get("/search", response_model=ArticlePage, responses=replies.problems(404))
def search(
    request: Request,
    here: Here,
    words: Words,
    source: Annotated[replies.SourceFilter, Query()] = [],  # noqa: B006 - FastAPI copies it
    language: Annotated[replies.LanguageFilter, Query()] = [],  # noqa: B006
    since: Since | None = None,
    until: Until | None = None,
    limit: replies.Limit = 50,
    before: replies.Before | None = None,
) -> Response:
    """Articles that hold all these words in title, summary or text, the newest known first."""
    query = parse_query(words)
    scope = SearchScope(
        sources=tuple(source),
        languages=tuple(language),
        since=None if since is None else replies.moment(since),
        until=None if until is None else replies.moment(until),
    )
    with reading(here.engine) as connection:
        found = search_articles(connection, query, scope=scope, limit=limit + 1, before_id=before)
    return replies.paged(
        request, "articles", found, limit=limit, shape=article_json, key=lambda each: each.id
    )
