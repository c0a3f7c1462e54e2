"""Redesigned listings through the real spider: exactly what is new is announced, without a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest

from news.run import Verdict
from storage.engine import open_engine
from storage.wrappers import WrapperVersion, approve_wrapper, wrapper_versions
from tests.crawler.healing.redesigns import (
    HOME,
    REDESIGNS,
    Redesign,
    new_article,
    old_article,
    plain_list,
)
from tests.crawler.healing.stories import Story, stories
from tests.promises.archive import Archive

NEW = 3


def publish(archive: Archive, design: Redesign, shown: Sequence[Story], *, redesigned: bool) -> None:
    """Put a listing of ``shown`` on the site, with the pages of all stories, old and new."""
    size = design.new_size if redesigned else design.size
    everything = stories(design.language)
    first = everything.index(shown[0])
    listed = list(everything[first : first + size])
    if redesigned and design.pinned is not None:
        listed = [
            everything[design.pinned],
            *(each for each in listed if each is not everything[design.pinned]),
        ]
    archive.answer(HOME, (design.after if redesigned else design.before)(listed, design))
    following = everything[first + size : first + 2 * size]
    page = (design.after if redesigned else design.before)(following, design) if following else ""
    archive.answer(urljoin(HOME, "/news/page/2/"), page or "<h1>404</h1>", status=200 if page else 404)
    for story in everything[first:]:
        old, new = (urljoin(HOME, address(story)) for address in (design.old_address, design.new_address))
        if not redesigned:
            archive.answer(old, old_article(story))
            continue
        archive.answer(new, new_article(story))
        if design.moves and design.redirects:
            archive.redirect(old, new)
        elif design.moves:
            archive.answer(old, "<title>Not found</title><h1>Not found</h1>", status=404)


def versions(archive: Archive) -> list[WrapperVersion]:
    engine = open_engine(archive.database_url)
    try:
        return wrapper_versions(engine, "gazette")
    finally:
        engine.dispose()


@pytest.mark.parametrize("design", REDESIGNS, ids=lambda design: design.name)
def test_a_redesign_announces_what_is_new_and_nothing_else(
    database_url: str, tmp_path: Path, design: Redesign
) -> None:
    everything = stories(design.language)
    archive = Archive(database_url, tmp_path, design.source)
    publish(archive, design, everything[NEW + 1 :], redesigned=False)
    assert archive.replay().verdicts == {Verdict.OK}
    publish(archive, design, everything[1:], redesigned=True)
    healed = archive.replay()
    titles = [story.title for story in reversed(everything[1 : NEW + 1])]
    assert (healed.published, healed.verdicts) == (titles, {Verdict.OK}), healed.reason
    [version, _] = versions(archive)
    assert (version.origin, version.state, version.healing is not None) == ("healing", "in use", True)
    assert archive.replay(hours=2).changes == []
    publish(archive, design, everything, redesigned=True)
    after = archive.replay(hours=2)
    assert (after.published, after.verdicts) == ([everything[0].title], {Verdict.OK}), after.reason
    assert len(versions(archive)) == 2


def test_a_new_item_without_date_and_teaser_is_an_item_of_a_redesigned_list_too(
    database_url: str, tmp_path: Path
) -> None:
    everything = stories("en")
    design = next(each for each in REDESIGNS if each.after is plain_list and each.language == "en")
    design = replace(design, new_address=design.old_address)
    archive = Archive(database_url, tmp_path, design.source)
    publish(archive, design, everything[2:], redesigned=False)
    archive.replay()
    publish(archive, design, everything, redesigned=True)
    listing, newest = plain_list(everything[:10], design), everything[0]
    told = f"<p><em>{newest.spelled}</em></p><p>{newest.summary}</p>"
    assert told in listing
    archive.answer(HOME, listing.replace(told, ""))
    assert archive.replay().published == [everything[1].title, everything[0].title]


def test_an_item_that_leads_to_another_host_is_told_and_never_asked_for(
    database_url: str, tmp_path: Path
) -> None:
    everything = stories("en")
    design = next(each for each in REDESIGNS if each.after is plain_list and each.language == "en")
    design = replace(design, new_address=design.old_address)
    archive = Archive(database_url, tmp_path, design.source)
    publish(archive, design, everything[2:], redesigned=False)
    archive.replay()
    publish(archive, design, everything, redesigned=True)
    listing = plain_list(everything[:10], design)
    archive.answer(HOME, listing.replace(f'"/news/{everything[0].slug}/"', '"https://other.example/told"'))
    assert archive.replay().published == [everything[1].title, everything[0].title]


def test_a_list_of_which_all_that_was_known_moved_to_the_next_page_is_read_after_one_approval(
    database_url: str, tmp_path: Path
) -> None:
    everything = stories("en")
    design = next(each for each in REDESIGNS if each.after is plain_list and each.language == "en")
    design = replace(design, new_address=design.old_address, size=6, new_size=6)
    archive = Archive(database_url, tmp_path, design.source)
    publish(archive, design, everything[8:], redesigned=False)
    archive.replay()
    publish(archive, design, everything, redesigned=True)
    seen = archive.replay()
    assert (seen.changes, seen.verdicts) == ([], {Verdict.SUSPECT}), seen.reason
    assert "tidings sources diff gazette" in seen.reason
    engine = open_engine(archive.database_url)
    approve_wrapper(engine, "gazette", now=archive.clock)
    engine.dispose()
    after = archive.replay(hours=1)
    assert sorted(after.published) == sorted(story.title for story in everything[:8]), after.reason
