"""``tidings feeds``: the log as feeds that any web server can serve."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import TidingsError, UrlError
from tidings import show
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tidings.feed_folder import FolderFeed

app = typer.Typer(help="Write feeds of what is new.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="Where the files go; it is made if need be.", show_default=False),
]
BaseUrl = Annotated[
    str,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="The address at which the folder will be served; feeds have to say where they stand.",
        show_default=False,
    ),
]
OfSubscription = Annotated[
    list[str] | None,
    typer.Option(
        "--subscription",
        metavar="NAME",
        help="A feed of what this one's filter lets through; may be repeated.",
    ),
]
Anew = Annotated[bool, typer.Option("--anew", help="Write every archive again, also those that are there.")]


@app.command(
    "write", epilog=examples("tidings feeds write /srv/www/feeds --base-url https://news.example.org/feeds/")
)
def write(
    folder: Folder,
    base_url: BaseUrl,
    subscription: OfSubscription = None,
    anew: Anew = False,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Write feeds of everything and of each source as files: Atom, RSS and JSON Feed, with archives.

    Files that have not changed are left alone. feeds.opml lists them for readers of feeds.
    """
    settings = settings_from(config, database)
    base = _base(base_url)
    if folder.exists() and not folder.is_dir():
        raise TidingsError(f"folder {folder}: it is a file; name a folder")
    from storage.changes import as_of
    from storage.engine import reading
    from tidings.feed_folder import write_feed
    from tidings.opening import database as opened

    with opened(settings) as engine:
        with reading(engine) as connection:
            feeds = _feeds(connection, base, subscription or [])
            speaks_for = as_of(connection)
        written = [write_feed(engine, feed, folder, base, anew=anew) for feed in feeds]
    _write_list(feeds, folder, base, speaks_for or datetime.now(UTC))
    if as_json:
        from tidings.json_output import print_json, with_schema

        told = [with_schema(name=each.name, files=each.files, written=each.written) for each in written]
        print_json(with_schema(folder=str(folder), feeds=told))
        return
    files, new = sum(each.files for each in written), sum(each.written for each in written)
    show.say(f"{folder}: {len(written)} feeds in {files} files, {new} of them written")


def _base(url: str) -> str:
    from news.urls import link_url

    try:
        found = link_url(url)
    except UrlError as error:
        raise typer.BadParameter(str(error), param_hint="--base-url") from None
    if "?" in found or "#" in found:
        raise typer.BadParameter("files stand behind it: it can have no ? and no #", param_hint="--base-url")
    return found if found.endswith("/") else f"{found}/"


def _feeds(connection: Connection, base: str, subscriptions: list[str]) -> list[FolderFeed]:
    """Return the feeds of everything, of each source by name, and of the named subscriptions."""
    from digest.feeds import FeedChoice
    from digest.wording import link_to
    from news.errors import ConfigError
    from storage.feed_entries import source_pages
    from storage.subscriptions import DigestFilter, load
    from tidings.feed_folder import FolderFeed, safe_name

    feeds = [FolderFeed(choice=FeedChoice(name="all", title="All sources"), home=base)]
    for source in source_pages(connection):
        choice = FeedChoice(
            name=f"sources/{source.name}",
            title=source.title,
            wanted=DigestFilter(sources=(source.name,)),
            language=source.language,
        )
        feeds.append(FolderFeed(choice=choice, home=link_to(source.url)))
    for name in dict.fromkeys(subscriptions):
        row = load(connection, name)
        if row.alert_after_seconds is not None:
            raise ConfigError(f"subscription {name}: it is told of alerts, which make no feed; leave it out")
        wanted = row.filter
        choice = FeedChoice(name=f"subscriptions/{safe_name(name)}", title=name, wanted=wanted, language="")
        feeds.append(FolderFeed(choice=choice, home=base))
    return feeds


def _write_list(feeds: list[FolderFeed], folder: Path, base: str, at: datetime) -> None:
    from crawler.opml import Outline, write_opml
    from tidings.feed_folder import file_name, replace_file

    outlines = [
        Outline(
            title=feed.choice.title,
            feed_url=base + file_name(feed.choice.name, "atom"),
            page_url=feed.home,
        )
        for feed in feeds
    ]
    replace_file(folder / "feeds.opml", write_opml("Feeds of tidings", outlines, at=at))
