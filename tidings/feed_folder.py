"""Feeds as files: every document of some feeds in a folder, for any web server to serve.

A file is whole or not there. Archives that are full stay untouched, but for the newest, which gets to know its
successor, and those in which an article was forgotten.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from digest.feed_formats import FEED_FORMATS
from digest.feeds import FeedPage, in_place, read_feed
from digest.whole_file import write_whole
from news.errors import TidingsError
from storage.engine import reading
from storage.feed_entries import first_page, full_pages, pages_with_forgotten
from tidings.feed_choices import KnownFeed, file_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """How many files a feed has, and how many of them were written since they were not there or not the same."""

    name: str
    files: int
    written: int


def write_feed(
    engine: Engine, feed: KnownFeed, folder: Path, base_url: str, *, anew: bool = False
) -> Written:
    """Write the documents of a feed that are not there yet or have changed, archives first, the newest document last.

    Each is read in a transaction of its own: an archive is the same whenever it is read.

    Args:
        engine: the database.
        feed: which one.
        folder: where all feeds are; it is made if it is not there.
        base_url: absolute address of the folder, ending with a slash.
        anew: look at every archive, whatever is there.

    Raises:
        TidingsError: a file cannot be written.
        SourceError: the feed is of a source that is unknown.
    """
    choice = feed.choice
    with reading(engine) as connection:
        newest = read_feed(connection, choice)
        full = full_pages(connection, choice.wanted.sources)
        first = first_page(connection, choice.wanted.sources)
        forgotten = pages_with_forgotten(connection, choice.wanted.sources)
    assert newest is not None  # noqa: S101 - only an archive may be missing
    if anew or not _is_of_here(choice.name, newest, folder, base_url):
        numbers = list(range(first, full + 1))
    else:
        numbers = sorted(_lacking(choice.name, folder, first, full) | forgotten)
    written = 0
    for number in numbers:
        with reading(engine) as connection:
            page = read_feed(connection, choice, number)
        if page is not None:
            written += _write(page, feed, folder, base_url)
    written += _write(newest, feed, folder, base_url)
    return Written(
        name=choice.name, files=len(FEED_FORMATS) * (max(full + 1 - first, 0) + 1), written=written
    )


def replace_file(path: Path, text: str) -> bool:
    """Write a file that is whole or not there, unless it says the same already; return whether it was written.

    Raises:
        TidingsError: it cannot be written.
    """
    data = text.encode("utf-8")
    try:
        with suppress(FileNotFoundError):
            if path.stat().st_size == len(data) and path.read_bytes() == data:
                return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise TidingsError(
            f"file {path}: it cannot be written ({error.strerror}); the other files are as they were"
        ) from error
    return True


def _lacking(name: str, folder: Path, first: int, full: int) -> set[int]:
    """Return the archives that lack a file, and the one before each of them, which says where it stands."""
    lacks = {
        number
        for number in range(first, full + 1)
        if not all((folder / file_name(name, ending, number)).exists() for ending in FEED_FORMATS)
    }
    return lacks | {number - 1 for number in lacks if number > first}


def _is_of_here(name: str, newest: FeedPage, folder: Path, base_url: str) -> bool:
    """Return whether a feed was written from this database for this address; its archives were, then, too."""
    try:
        with (folder / file_name(name, "atom")).open(encoding="utf-8") as stream:
            head = stream.read(20_000)
    except (OSError, UnicodeDecodeError):
        return False
    address = base_url + file_name(name, "atom")
    own = f'rel="self" type="application/atom+xml" href="{address}"'
    return f"<id>{newest.feed.id}</id>" in head and own in head


def _write(page: FeedPage, feed: KnownFeed, folder: Path, base_url: str) -> int:
    written = 0
    for ending, kind in FEED_FORMATS.items():

        def address(number: int | None, ending: str = ending) -> str:
            return base_url + file_name(feed.choice.name, ending, number)

        placed = in_place(page, address, home=feed.home)
        written += replace_file(folder / file_name(feed.choice.name, ending, page.number), kind.write(placed))
    return written
