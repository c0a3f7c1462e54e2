"""The person who declares the sources, and looks after those that are not read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from news.healing import ItemState
from news.run import Reading
from news.source import Channel, Source, Wrapper
from storage.approving import approve
from storage.sources import save_sources
from storage.wrappers import (
    WrapperVersion,
    approve_wrapper,
    reject_wrappers,
    roll_back,
    wrapper_versions,
)
from tests.simulation.archive.designs import WRAPPERS
from tests.simulation.archive.served import Served
from tests.simulation.archive.truth import Section

if TYPE_CHECKING:
    from tests.simulation.archive.drive import Play

PATIENCE = timedelta(hours=30)
"""How long a source may go unread before somebody sees to it."""


def source_of(section: Section, **fields: Any) -> Source:
    """Return a section as it is declared, with selectors for its present design."""
    is_listing = section.channel == "listing"
    return Source(
        name=section.name,
        url=section.url,
        channel=Channel(section.channel),
        language=section.site.language,
        wrapper=WRAPPERS[section.site.design] if is_listing else Wrapper(),
        whole_bodies=section.whole,
        baseline_pages=2,
        max_pages=section.cap,
        **fields,
    )


def look_after(play: Play, *, at_once: bool = False) -> None:
    """Approve a healing or a run that waits, if it read the very listing; else write the selectors anew."""
    for number, since in list(play.ill_since.items()):
        section = play.world.sections[number]
        if play.world.is_shut(section) or not (at_once or play.world.now - since > PATIENCE):
            continue
        play.ill_since[number] = play.world.now
        versions = wrapper_versions(play.engine, section.name)
        proposal = next((each for each in versions if each.is_proposal), None)
        if proposal is not None and not _shows_articles(play, section, proposal):
            play.note(f"    a person rejects version {proposal.version} of {section.name}'s selectors")
            reject_wrappers(play.engine, section.name, now=play.world.now)
            proposal = None
        if proposal is not None:
            play.note(f"    a person approves version {proposal.version} of {section.name}'s selectors")
            approve_wrapper(play.engine, section.name, proposal.version, now=play.world.now)
            play.counts["approved"] += 1
        elif number in play.held:
            _approve(play, section, *play.held.pop(number))
        elif section.channel == "listing":
            play.note(f"    a person writes {section.name}'s selectors anew")
            _declare_anew(play, section)
            play.counts["mended"] += 1


def _shows_articles(play: Play, section: Section, proposal: WrapperVersion) -> bool:
    """Look at what `tidings sources diff` shows of a proposal: all of a page, and nothing but articles."""
    items = proposal.healing.items if proposal.healing is not None else ()
    shown = [play.world.at(item.url) for item in items if item.state is not ItemState.LOST]
    return None not in shown and len(shown) >= min(section.size, len(play.world.visible(section)))


def _declare_anew(play: Play, section: Section) -> None:
    """Declare a section with selectors for its present design; put them in use where a healing set them aside."""
    declared, now = [source_of(section, **play.fields)], play.world.now
    if not save_sources(play.engine, declared, origin="file", now=now):
        latest = next(each for each in wrapper_versions(play.engine, section.name) if each.origin == "file")
        if not latest.in_use:
            roll_back(play.engine, section.name, latest.version, now=now)


def _approve(play: Play, section: Section, read: Reading, served: Served) -> None:
    play.note(f"    a person approves what is held of {section.name}")
    approve(play.engine, section.name, now=play.world.now)
    play.counts["approved"] += 1
    play.ill_since.pop(section.number, None)
    for told in play.oracle.approved(read, served):
        play.note(f"      -> #{told.seq} {told.kind} a{told.article} by S{told.section} {told.grade}")
