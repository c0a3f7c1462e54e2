"""What a person says of articles: that two are one, that one is two, that one is to be forgotten."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.exits import FAILED
from tidings.options import AsJson, Config, Database, Debug, settings_from

if TYPE_CHECKING:
    from sqlalchemy import Connection

Kept = Annotated[
    str, typer.Argument(metavar="ARTICLE", help="Its number, or any of its addresses.", show_default=False)
]
Other = Annotated[
    str, typer.Argument(metavar="OTHER", help="The article that it is, in the same way.", show_default=False)
]
Others = Annotated[
    list[str],
    typer.Argument(
        metavar="OTHER",
        help="Addresses that are another article, or the number of one that was merged.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")]


def merge(
    article: Kept,
    other: Other,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Say that OTHER is ARTICLE: all its addresses and ids lead there from now on, and nothing is told of it.

    The log stays as it was written. `tidings articles split ARTICLE OTHER` undoes it.
    """
    settings = settings_from(config, database)
    from storage.correcting import merge as merge_two
    from storage.engine import writing
    from tidings.opening import database as opened

    with opened(settings) as engine, writing(engine) as connection:
        kept, gone = merge_two(connection, article, other)
        told = _told(connection, kept, gone)
    if as_json:
        _print(told)
        return
    show.say(f"article {gone} is article {kept} now; `tidings articles split {kept} {gone}` undoes it")


def split(
    article: Kept,
    others: Others,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Say that addresses of ARTICLE are another one; or undo a merge, by the number or an address of what was merged.

    Nothing is told of it: the new article counts as told, and its page is read by the next crawl. `tidings articles
    merge` undoes it.
    """
    settings = settings_from(config, database)
    from storage.correcting import split as split_one
    from storage.engine import writing
    from tidings.opening import database as opened

    with opened(settings) as engine, writing(engine) as connection:
        kept, own = split_one(connection, article, others)
        told = _told(connection, kept, own)
    if as_json:
        _print(told)
        return
    show.say(f"article {own} is one of its own now; `tidings articles merge {kept} {own}` undoes it")


def forget(
    article: Kept,
    yes: Yes = False,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Take an article's words out of the database for good: text, titles, every revision, the log, stored digests.

    Its addresses and ids stay known, so that it is never new again, and no crawl keeps anything of it. It cannot be
    undone. Copies of the database, recordings and what was delivered are not reached.
    """
    settings = settings_from(config, database)
    from digest.content import content_hash
    from storage.articles import show_article
    from storage.engine import reading
    from storage.forgetting import forget as forget_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        with reading(engine) as connection:
            found = show_article(connection, article)
        _agree(found.id, found.url, yes=yes or found.forgotten_at is not None, as_json=as_json)
        gone = forget_one(engine, found.id, seal=content_hash)
    if as_json:
        from tidings.json_output import print_json, with_schema

        print_json(
            with_schema(
                article=gone.article_id,
                articles=gone.articles,
                revisions=gone.revisions,
                changes=gone.changes,
                digests=gone.digests,
                held=gone.held,
            )
        )
        return
    from digest.wording import count

    places = (
        count(gone.revisions, "revision", "revisions"),
        count(gone.changes, "change of the log", "changes of the log"),
        count(gone.digests, "digest", "digests"),
    )
    show.say(f"article {gone.article_id} is forgotten: its words are gone from {', '.join(places)}")


def _agree(number: int, url: str, *, yes: bool, as_json: bool) -> None:
    if yes:
        return
    if sys.stdin.isatty() and not as_json:
        if typer.confirm(f"Forget article {number} ({url}) for good?", default=False, err=True):
            return
        show.note("nothing was done")
    else:
        show.error(f"article {number} ({url}) would be forgotten for good; add --yes if that is meant")
    raise typer.Exit(FAILED)


def _told(connection: Connection, article_id: int, other_id: int) -> list[dict[str, object]]:
    from storage.articles import show_article
    from tidings.json_output import article_json

    return [article_json(show_article(connection, each)) for each in (article_id, other_id)]


def _print(told: list[dict[str, object]]) -> None:
    from tidings.json_output import print_json, with_schema

    print_json(with_schema(article=told[0], other=told[1]))
