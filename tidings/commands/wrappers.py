"""``tidings sources wrappers``, ``diff`` and ``rollback``: the versions of a source's selectors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import SourceError
from tidings import show
from tidings.held_advice import no_proposal
from tidings.options import AsJson, Config, Database, Debug, SourceName, settings_from
from tidings.show_due import next_crawl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.wrappers import WrapperVersion

Version = Annotated[
    int | None, typer.Argument(metavar="VERSION", help="The number of a version.", show_default=False)
]


Proposed = Annotated[
    int | None,
    typer.Option(
        "--wrapper", metavar="VERSION", help="A proposed version of the selectors.", show_default=False
    ),
]


def wrappers(
    name: SourceName,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """List the versions of a source's selectors, and which is in use."""
    settings = settings_from(config, database)
    from storage.wrappers import wrapper_versions
    from tidings.opening import database as opened

    with opened(settings) as engine:
        found = wrapper_versions(engine, name)
    if as_json:
        from tidings.json_output import print_json, with_schema
        from tidings.wrapper_json import version_json

        print_json(with_schema(source=name, wrappers=[version_json(each) for each in found]))
        return
    from tidings.show_wrappers import version_table

    version_table(found, now=datetime.now(UTC))


def diff(
    name: SourceName,
    version: Version = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show what a version of the selectors changes: selectors, and what became of each item.

    Without a number: the newest proposal, else the version in use, against the one before it.
    """
    settings = settings_from(config, database)
    from storage.wrappers import wrapper_versions
    from tidings.opening import database as opened

    with opened(settings) as engine:
        found = wrapper_versions(engine, name)
    new = _chosen(found, name, version)
    old = _compared(found, name, new)
    if as_json:
        from tidings.json_output import print_json, with_schema
        from tidings.wrapper_json import version_json

        print_json(with_schema(source=name, old=version_json(old), new=version_json(new)))
        return
    from tidings.show_wrappers import diff_lines

    show.say(*diff_lines(name, old, new))


def rollback(
    name: SourceName,
    version: Version = None,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Put an earlier version of a source's selectors in use again.

    The one that is left is not taken again without a person. Articles and changes stay as they are.
    """
    settings = settings_from(config, database)
    from storage.wrappers import roll_back
    from tidings.opening import database as opened

    with opened(settings) as engine:
        used = roll_back(engine, name, version)
    show.say(f"{name}: version {used.version} ({used.origin}) is in use again; it is due now")


def _chosen(found: Sequence[WrapperVersion], name: str, version: int | None) -> WrapperVersion:
    if version is not None:
        for each in found:
            if each.version == version:
                return each
        raise SourceError(
            f"source {name}: its selectors have no version {version}; `tidings sources wrappers {name}` lists all"
        )
    proposed = next((each for each in found if each.is_proposal), None)
    chosen = proposed or next((each for each in found if each.in_use), None)
    if chosen is None:
        raise SourceError(f"source {name}: it has no selectors, so there is nothing to compare")
    return chosen


def _compared(found: Sequence[WrapperVersion], name: str, new: WrapperVersion) -> WrapperVersion:
    """Return the version to compare with: the one in use, or for that one the one before it."""
    used = next((each for each in found if each.in_use and each is not new), None)
    earlier = next(
        (each for each in found if each.version < new.version and each.approved_at is not None), None
    )
    other = used or earlier
    if other is None:
        raise SourceError(
            f"source {name}: version {new.version} of its selectors is the only one; `tidings sources show {name}` "
            "shows it"
        )
    return other


def approve(
    name: SourceName,
    wrapper: Proposed = None,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Take the selectors that a suspect run proposed; the next crawl reads with them.

    It announces what is new by them. `tidings runs approve` takes what a suspect run saw as it is.
    """
    settings = settings_from(config, database)
    from storage.source_status import list_sources
    from storage.wrappers import approve_wrapper, wrapper_versions
    from tidings.opening import database as opened

    with opened(settings) as engine:
        [status] = list_sources(engine, [name])
        if wrapper is None and not any(each.is_proposal for each in wrapper_versions(engine, name)):
            raise no_proposal(name, status.newest_held, "approve")
        version = approve_wrapper(engine, name, wrapper).version
        [status] = list_sources(engine, [name])
    if as_json:
        from tidings.json_output import approval_json, print_json

        print_json(approval_json(name, (), wrapper=version))
        return
    show.say(f"{name}: version {version} of its selectors approved; {next_crawl(status)}")


def reject(
    name: SourceName,
    wrapper: Proposed = None,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Turn down the selectors that suspect runs proposed; the same ones are not proposed again.

    `tidings runs reject` drops what a suspect run saw.
    """
    settings = settings_from(config, database)
    from storage.source_status import list_sources
    from storage.wrappers import reject_wrappers
    from tidings.opening import database as opened

    with opened(settings) as engine:
        [status] = list_sources(engine, [name])
        versions = reject_wrappers(engine, name, wrapper)
    if not versions:
        raise no_proposal(name, status.newest_held, "reject")
    for version in versions:
        show.say(f"{name}: version {version} of its selectors rejected")
