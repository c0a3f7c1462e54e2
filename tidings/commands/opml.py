"""Lists of feeds in and out, for ``tidings sources import`` and ``tidings sources export``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from news.errors import ChannelError, ConfigError, SourceError
from tidings import show

if TYPE_CHECKING:
    from news.source import Source
    from storage.settings import Settings

_BEGINNING = 4096


def is_opml(file: Path) -> bool:
    """Return whether a file is XML rather than a site file, by how it begins; a site file never begins so."""
    try:
        with file.open("rb") as stream:
            return stream.read(_BEGINNING).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")
    except OSError:
        return False  # which the reader of site files tells


def declared(settings: Settings, file: Path) -> list[Source]:
    """Return the sources that a list declares and that are not watched yet; what else it holds is told.

    Raises:
        ConfigError: the file cannot be read, or is no OPML.
    """
    from crawler.catalogue import load_catalogue
    from crawler.opml import MAX_BYTES, read_opml
    from storage.sources import load_sources
    from tidings.opening import database, holds_nothing
    from tidings.opml_sources import sources_of

    try:
        with file.open("rb") as stream:
            found = read_opml(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except ChannelError as error:
        raise ConfigError(f"{file}: {error}") from None
    stored: Sequence[Source] = ()
    if not holds_nothing(settings):
        with database(settings) as engine:
            stored = load_sources(engine)
    taken = {*load_catalogue(*settings.sites), *(source.name for source in stored)}
    listed = sources_of(found, stored, taken, delay_seconds=settings.delay_seconds)
    for title, name in listed.known:
        show.say(f"{title}: watched already, as {name}")
    for url in listed.pages:
        show.say(f"{url}: a page without a feed; `tidings watch {url}` finds out how it can be read")
    for reason in found.refused:
        show.note(f"left out: {reason}")
    if not listed.sources and not listed.known and not listed.pages:
        raise ConfigError(f"{file}: it lists no feed that could be watched")
    return list(listed.sources)


def text_of(sources: Sequence[Source]) -> str:
    """Return sources as a list.

    Raises:
        SourceError: there are none; a list of nothing is no valid list.
    """
    from crawler.opml import write_opml
    from tidings.declared import HOW_TO_ADD
    from tidings.opml_sources import outlines_of

    if not sources:
        raise SourceError(f"there is no source to list; {HOW_TO_ADD}")
    return write_opml("Sources of tidings", outlines_of(sources), at=datetime.now(UTC))
