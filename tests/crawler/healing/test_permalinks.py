"""New permalinks under an unchanged design: known articles are re-keyed, new ones told, and titles fool nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest

from news.run import Verdict
from tests.crawler.healing.redesigns import (
    ARTICLES,
    HOME,
    Redesign,
    articles,
    by_date,
    by_number,
    old_article,
)
from tests.crawler.healing.stories import Story, stories
from tests.promises.archive import Archive

DESIGN = Redesign(name="english", language="en", before=articles, wrapper=ARTICLES, after=articles)
MISSING = "<title>Not found</title><h1>Not found</h1>"


def publish(archive: Archive, shown: list[Story], address: Callable[[Story], str], *, size: int = 10) -> None:
    design = replace(DESIGN, old_address=address)
    parts = [shown[start : start + size] for start in range(0, len(shown), size)]
    archive.answer(HOME, articles(parts[0], design))
    for number, part in enumerate(parts[1:], 2):
        archive.answer(urljoin(HOME, f"/news/page/{number}/"), articles(part, design))
    for story in shown:
        archive.answer(urljoin(HOME, address(story)), old_article(story))


class Brief(Story):
    """A story whose text is too short to be known again by."""

    @property
    def body(self) -> str:
        return f"Read on at {self.slug}."


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Archive:
    return Archive(database_url, tmp_path, DESIGN.source)


@pytest.mark.parametrize("address", [by_date, by_number])
@pytest.mark.parametrize("lost", ["missing", "home", "redirect"])
@pytest.mark.parametrize("kind", [Story, Brief])
def test_a_permalink_change_announces_only_what_is_new(
    archive: Archive, address: Callable[[Story], str], lost: str, kind: type[Story]
) -> None:
    everything = [kind(**vars(story)) for story in stories("en")]
    publish(archive, everything[3:], DESIGN.old_address)
    archive.replay()
    publish(archive, everything[1:], address)
    for story in everything[3:]:
        old = urljoin(HOME, DESIGN.old_address(story))
        if lost == "missing":
            archive.answer(old, MISSING, status=404)
        elif lost == "home":  # each under a spelling of its own, since a recording answers only so often
            home = f"{HOME}?utm_source={story.slug}"
            archive.answer(home, articles(everything[1:11], replace(DESIGN, old_address=address)))
            archive.redirect(old, home)
        else:
            archive.redirect(old, urljoin(HOME, address(story)))
    moved = archive.replay()
    assert (moved.published, moved.verdicts) == (
        [everything[2].title, everything[1].title],
        {Verdict.OK},
    ), moved.reason
    for hours in (2, 4):
        assert archive.replay(hours=hours).changes == []
    publish(archive, everything, address)
    assert archive.replay(hours=1).published == [everything[0].title]
    assert len({article.title for article in archive.articles()}) == len(archive.articles())


@pytest.mark.parametrize("still_there", [True, False])
def test_a_title_that_comes_back_every_year_is_news_every_year(archive: Archive, still_there: bool) -> None:
    """Whether last year's address still answers or not."""
    everything = stories("en")
    last = replace(everything[9], slug="report-2025", title="Annual report of the harbour")
    shown = [*everything[1:9], last]
    publish(archive, shown, DESIGN.old_address)
    archive.replay()
    this = replace(everything[0], slug="report-2026", title=last.title)
    publish(archive, [this, *shown[:-1]], DESIGN.old_address)
    if not still_there:
        archive.answer(urljoin(HOME, DESIGN.old_address(last)), MISSING, status=404)
    assert archive.replay().published == [this.title]
