"""``tidings articles``: what is kept, how it was edited, and which article is which."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.commands import corrections
from tidings.options import AsJson, Config, Database, Debug, end_from, examples, moment_from, settings_from

if TYPE_CHECKING:
    from storage.articles import ArticleRow

app = typer.Typer(
    help="List articles, show one and its edits, say which is which.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ROWS = 50
"""How many articles are listed for people unless they say otherwise; programs get all."""

Reference = Annotated[
    str, typer.Argument(metavar="ARTICLE", help="Its number, or any of its addresses.", show_default=False)
]
Query = Annotated[
    str | None, typer.Argument(metavar="WORDS", help="A piece of the title.", show_default=False)
]
Words = Annotated[list[str], typer.Argument(metavar="WORDS", help="What is looked for.", show_default=False)]
OfSource = Annotated[
    str | None, typer.Option("--source", metavar="SOURCE", help="Only what this source lists.")
]
OfLanguage = Annotated[
    str | None, typer.Option("--language", metavar="TAG", help="Only in this language; fr covers fr-CA.")
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="Only what was first seen since a date or an age (7d)."),
]
OfSources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="SOURCE", help="Only what this source lists. May be repeated."),
]
InLanguages = Annotated[
    list[str] | None,
    typer.Option(
        "--language", metavar="TAG", help="Only in this language; fr covers fr-CA. May be repeated."
    ),
]
PublishedSince = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="WHEN",
        help="Only what was published since a date or an age (7d), or first seen where no date is known.",
    ),
]
PublishedUntil = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="WHEN", help="Only what was published before, or on the day that is named."
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", metavar="N", min=0, help=f"At most so many, 0 for all. [default: {ROWS}; all with --json]"
    ),
]
Before = Annotated[
    int | None,
    typer.Option("--before", metavar="NUMBER", min=1, help="Go on below the article with this number."),
]


@app.command(
    "list",
    epilog=examples("tidings articles list --since 7d", "tidings articles list 'water heritage' --json"),
)
def list_(
    query: Query = None,
    source: OfSource = None,
    language: OfLanguage = None,
    since: Since = None,
    limit: Limit = None,
    before: Before = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """List articles, the newest known first."""
    at = moment_from(since, now=datetime.now(UTC)) if since is not None else None
    settings = settings_from(config, database)
    most = (None if as_json else ROWS) if limit is None else (limit or None)
    from storage.articles import list_articles
    from storage.engine import reading
    from storage.source_status import list_sources
    from tidings.opening import database as opened

    with opened(settings) as engine:
        if source is not None:
            list_sources(engine, [source])
        with reading(engine) as connection:
            found = list_articles(
                connection,
                source=source,
                language=language,
                since=at,
                query=query,
                limit=most,
                before_id=before,
            )
    _tell(found, most, as_json=as_json)


@app.command(
    "search",
    epilog=examples(
        "tidings articles search water heritage",
        "tidings articles search '\"young scientists\" -sport' --language fr --since 2026-01-01 --json",
    ),
)
def search(
    words: Words,
    source: OfSources = None,
    language: InLanguages = None,
    since: PublishedSince = None,
    until: PublishedUntil = None,
    limit: Limit = None,
    before: Before = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Find articles by words in title, summary and text, the newest known first.

    All words must occur. "Words in quotes" stand side by side, a -word must not occur; quote these from the shell.
    """
    settings = settings_from(config, database)
    most = (None if as_json else ROWS) if limit is None else (limit or None)
    from news.search_query import parse_query
    from storage.engine import reading
    from storage.searching import SearchScope, search_articles
    from tidings.opening import database as opened

    now = datetime.now(UTC)
    scope = SearchScope(
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        since=moment_from(since, now=now) if since is not None else None,
        until=end_from(until, now=now) if until is not None else None,
    )
    query = parse_query(" ".join(words))
    with opened(settings) as engine, reading(engine) as connection:
        found = search_articles(connection, query, scope=scope, limit=most, before_id=before)
    _tell(found, most, as_json=as_json)


@app.command(
    "show", epilog=examples("tidings articles show 7", "tidings articles show https://example.org/2026/a")
)
def show_(
    article: Reference,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show one article with its text, its story and its possible translations."""
    settings = settings_from(config, database)
    from storage.articles import names, show_article
    from storage.articles import revisions as revisions_of
    from storage.correcting import corrections as corrections_of
    from storage.engine import reading
    from storage.retellings import retellings
    from tidings.opening import database as opened

    with opened(settings) as engine, reading(engine) as connection:
        found = show_article(connection, article)
        known_by, said = names(connection, found.id), corrections_of(connection, found.id)
        captured = revisions_of(connection, found.id)
        others = retellings(connection, [found.id]).get(found.id, ())
    if as_json:
        from tidings.articles_json import article_detail_json
        from tidings.json_output import print_json

        print_json(article_detail_json(found, known_by=known_by, captured=captured, others=others, said=said))
        return
    from tidings.show_articles import article_lines

    show.say(*article_lines(found, known_by, captured, said, others, width=show.width()))


@app.command(
    "revisions", epilog=examples("tidings articles revisions 7", "tidings articles revisions 7 --json")
)
def revisions(
    article: Reference,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show every captured state of an article, with the words that each edit took and brought."""
    settings = settings_from(config, database)
    from storage.articles import revisions as revisions_of
    from storage.articles import show_article
    from storage.engine import reading
    from tidings.articles_json import redlines
    from tidings.opening import database as opened

    with opened(settings) as engine, reading(engine) as connection:
        found = show_article(connection, article)
        captured = revisions_of(connection, found.id)
    drawn = redlines(captured)
    if as_json:
        from tidings.json_output import print_json, revision_json, revisions_json

        told = [revision_json(revision, spans) for revision, spans in drawn]
        print_json(revisions_json(found, told))
        return
    from tidings.show_articles import revision_lines

    show.say(*revision_lines(found, drawn))


app.command("merge", epilog=examples("tidings articles merge 7 9", "tidings articles merge 7 9 --json"))(
    corrections.merge
)
app.command(
    "split", epilog=examples("tidings articles split 7 9", "tidings articles split 7 https://example.org/b")
)(corrections.split)
app.command("forget", epilog=examples("tidings articles forget 7", "tidings articles forget 7 --yes"))(
    corrections.forget
)


def _tell(found: list[ArticleRow], most: int | None, *, as_json: bool) -> None:
    if as_json:
        from tidings.json_output import article_json, print_json, with_schema

        print_json(with_schema(articles=[article_json(article) for article in found]))
        return
    from tidings.show_articles import article_table

    article_table(found)
    if most is not None and len(found) == most:
        show.note(f"only the newest {most}; --limit 0 lists all, --before {found[-1].id} goes on below")
