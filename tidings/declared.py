"""From the names that people type to sources in the database: they may stand there, in a file, or in the catalogue."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from news.errors import SourceError
from tidings.opening import database, holds_nothing

if TYPE_CHECKING:
    from news.run import Settled
    from news.source import Source
    from storage.settings import Settings

HOW_TO_ADD = (
    "`tidings sources catalogue` lists the sites that come with tidings, `tidings sources add NAME` adds one, "
    "`tidings sources import FILE` one of your own"
)


def ready_sources(settings: Settings, names: Sequence[str], *, file: Path | None = None) -> list[str]:
    """Make sure that the named sources are in the database, and return their names, each once.

    What is new there is added from ``file``, else from the catalogue; what came from the catalogue
    follows it when it was mended since. Without names it is those of the file, else all that are not paused.
    Nothing is written, and no database made, unless every name is known.

    Raises:
        SourceError: for a name that is nowhere (similar ones are suggested), and when there is no source at all.
        ConfigError: for a site file that is wrong.
    """
    from crawler.catalogue import load_catalogue, load_site_file
    from storage.sources import save_sources

    in_file = {source.name: source for source in load_site_file(file)} if file is not None else {}
    catalogue = load_catalogue(*settings.sites)
    stored = stored_wrappers(settings)
    wanted = list(dict.fromkeys(names)) or list(in_file) or sorted(active_names(settings))
    if not wanted:
        paused = "every source is paused; `tidings sources resume NAME` takes one up again"
        raise SourceError(paused if stored else f"there is no source to crawl; {HOW_TO_ADD}")
    _refuse_unknown(wanted, {*in_file, *catalogue, *stored})
    from_catalogue = [
        catalogue[name]
        for name in wanted
        if name in catalogue and name not in in_file and stored.get(name, "catalogue") == "catalogue"
    ]
    now = datetime.now(UTC)
    with database(settings, create=True) as engine:
        save_sources(engine, [in_file[name] for name in wanted if name in in_file], origin="file", now=now)
        save_sources(engine, from_catalogue, origin="catalogue", now=now)
    return wanted


def catalogue_sources(settings: Settings, names: Iterable[str]) -> list[Source]:
    """Return these sources of the catalogue.

    Raises:
        SourceError: for a name that does not stand there; similar ones are suggested.
    """
    from crawler.catalogue import load_catalogue

    catalogue = load_catalogue(*settings.sites)
    wanted = list(dict.fromkeys(names))
    _refuse_unknown(wanted, set(catalogue), where="the catalogue")
    return [catalogue[name] for name in wanted]


def stored_wrappers(settings: Settings) -> dict[str, str]:
    """Return the sources in the database, each with the origin of the selectors in use."""
    if holds_nothing(settings):
        return {}
    from storage.source_status import list_sources

    with database(settings) as engine:
        return {
            status.name: status.wrapper.partition("(")[2].rstrip(")") or "file"
            for status in list_sources(engine)
        }


def active_names(settings: Settings) -> set[str]:
    """Return the names of the sources in the database that are not paused."""
    if holds_nothing(settings):
        return set()
    from storage.source_status import list_sources

    with database(settings) as engine:
        return {status.name for status in list_sources(engine) if not status.paused}


def paused_among(settings: Settings, runs: Iterable[Settled]) -> frozenset[str]:
    """Return the sources of failed runs that are paused now: a listing that is gone for good pauses its source."""
    from news.run import Verdict
    from storage.source_status import list_sources

    failed = {run.source for run in runs if run.verdict is Verdict.FAILED}
    if not failed:
        return frozenset()
    with database(settings) as engine:
        return frozenset(
            status.name for status in list_sources(engine) if status.paused and status.name in failed
        )


def _refuse_unknown(
    names: Iterable[str], known: set[str], *, where: str = "the database and the catalogue"
) -> None:
    for name in names:
        if name in known:
            continue
        close = difflib.get_close_matches(name, sorted(known), n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else f"{HOW_TO_ADD}"
        raise SourceError(f"source {name}: there is none of this name in {where}; {hint}")
