"""``/articles``: what is kept, and how it was edited."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from news.errors import UnknownError
from news.redline import redline
from news.text import direction
from storage.articles import list_articles, names, show_article
from storage.articles import revisions as revisions_of
from storage.changes import revision_at
from storage.correcting import corrections
from storage.engine import reading
from storage.retellings import retellings
from storage.source_status import check_sources
from tidings.api import replies
from tidings.api.shapes.articles import ArticleDetail, ArticlePage, Redline, RevisionList
from tidings.articles_json import article_detail_json, redlines
from tidings.json_output import (
    article_json,
    revision_json,
    revisions_json,
    span_json,
    with_schema,
)
from tidings.serving.served import Here

router = APIRouter(prefix="/articles", tags=["articles"])

Since = Annotated[
    replies.Moment, Query(description="Only what was first seen since; UTC unless it says otherwise.")
]
RevisionNumber = Annotated[int, Query(ge=1, le=replies.LARGEST)]


@router.get("", response_model=ArticlePage, responses=replies.problems(404))
def list_(
    request: Request,
    here: Here,
    source: replies.Word | None = None,
    language: replies.Tag | None = None,
    title: replies.Word | None = None,
    since: Since | None = None,
    limit: replies.Limit = 50,
    before: replies.Before | None = None,
) -> Response:
    """Articles, the newest known first. `title` is a piece of the title."""
    with reading(here.engine) as connection:
        if source is not None:
            check_sources(connection, [source])
        found = list_articles(
            connection,
            source=source,
            language=language,
            query=title,
            since=None if since is None else replies.moment(since),
            limit=limit + 1,
            before_id=before,
        )
    return replies.paged(
        request, "articles", found, limit=limit, shape=article_json, key=lambda each: each.id
    )


@router.get("/{number}", response_model=ArticleDetail, responses=replies.problems(404))
def show(number: replies.Number, here: Here) -> Response:
    """One article with its text, its names, its edits and what tells the same."""
    with reading(here.engine) as connection:
        found = show_article(connection, number)
        told = article_detail_json(
            found,
            known_by=names(connection, found.id),
            captured=revisions_of(connection, found.id),
            others=retellings(connection, [found.id]).get(found.id, ()),
            said=corrections(connection, found.id),
        )
    return replies.reply(told)


@router.get("/{number}/revisions", response_model=RevisionList, responses=replies.problems(404))
def revisions(number: replies.Number, here: Here) -> Response:
    """Every captured state of an article, with the words that each edit took and brought."""
    with reading(here.engine) as connection:
        found = show_article(connection, number)
        captured = revisions_of(connection, found.id)
    told = [revision_json(revision, spans) for revision, spans in redlines(captured)]
    return replies.reply(revisions_json(found, told))


@router.get("/{number}/redline", response_model=Redline, responses=replies.problems(404))
def draw(
    number: replies.Number,
    here: Here,
    old: Annotated[RevisionNumber, Query(alias="from", description="The number of the earlier revision.")],
    new: Annotated[RevisionNumber, Query(alias="to", description="The number of the later revision.")],
) -> Response:
    """The difference between any two revisions of an article: `same` and `added` joined give the text of `to`."""
    with reading(here.engine) as connection:
        found = show_article(connection, number)
        before, after = (revision_at(connection, found.id, each) for each in (old, new))
    for each in (before, after):
        if each.pruned_at is not None:
            raise UnknownError(f"The text of revision {each.number} of article {number} was pruned.")
    return replies.reply(
        with_schema(
            id=found.id,
            url=article_json(found)["url"],
            language=found.language or None,
            dir=direction(found.language),
            old=before.number,
            new=after.number,
            old_title=before.title,
            new_title=after.title,
            redline=[span_json(span) for span in redline(before.body_text, after.body_text)],
        )
    )
