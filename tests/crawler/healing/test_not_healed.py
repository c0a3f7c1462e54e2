"""Answers that are no redesign: nothing is healed over them, nothing is announced, and the source is suspect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from news.run import Verdict
from storage.engine import open_engine
from storage.sources import load_source
from storage.wrappers import approve_wrapper, reject_wrappers, wrapper_versions
from tests.crawler.healing.redesigns import ARTICLES, HOME, Redesign, articles, frame, hashed_cards
from tests.crawler.healing.stories import Story, stories
from tests.crawler.healing.test_redesigns import publish, versions
from tests.promises.archive import Archive

DESIGN = Redesign(name="english", language="en", before=articles, wrapper=ARTICLES, after=hashed_cards)
ALL = stories("en")


def widget(shown: Sequence[Story]) -> str:
    links = "".join(f'<li><a href="/news/{story.slug}/">{story.title}</a></li>' for story in shown)
    return f'<aside class="recent"><h3>Recent stories</h3><ul>{links}</ul></aside>'


def beside_recent(title: str, body: str, *, items: str = "") -> str:
    """A page in the site's new clothes, with its recent stories beside what it says."""
    said = f"<main><h1>{title}</h1><p>{body}</p></main>{items}"
    return frame("en", said, sidebar=widget(ALL[1:11]), title=title)


OTHERS = "".join(
    f'<div class="css-{number}"><h3><a href="/win/{number}/">{name} {number} beats every casino</a></h3></div>'
    for number, name in enumerate(("Lucky spin", "Golden reel", "Royal jackpot", "Neon poker") * 3)
)
NO_LISTINGS = {
    "challenge": "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>",
    "login": frame(
        "en", "<h1>Please sign in</h1><form><input type=password name=p><button>Log in</button></form>"
    ),
    "login with recent stories": beside_recent("Log in", "Members only. <input type=password name=p>"),
    "consent": frame(
        "en", "<h1>Before you continue</h1><p>We and our partners use cookies.</p><button>Accept all</button>"
    ),
    "maintenance": beside_recent("We are under maintenance", "We will be back soon."),
    "soft 404": beside_recent(
        "Page not found", "What you look for is not here any more. Look at these instead."
    ),
    "soft 404 that still shows two items": beside_recent(
        "Page not found", "Look at these instead.", items=articles(ALL[9:11], DESIGN)
    ),
    "parked": frame("en", "<h1>This domain is for sale</h1><p>Buy this domain.</p>"),
    "empty list": frame("en", '<main class="site-main"></main>'),
    "empty answer": " ",
    "another site after a sale of the domain": frame("en", f"<div>{OTHERS}</div>", title="Casino news"),
    "an article": frame(
        "en",
        f"<article><h1>{ALL[1].title}</h1><p>{ALL[1].body}</p></article>",
        sidebar=widget(ALL[1:3]),
        title=ALL[1].title,
    ),
}


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Archive:
    """A source that has read its baseline."""
    made = Archive(database_url, tmp_path, DESIGN.source)
    publish(made, DESIGN, ALL[1:], redesigned=False)
    assert made.replay().verdicts == {Verdict.OK}
    return made


@pytest.mark.parametrize("page", NO_LISTINGS.values(), ids=NO_LISTINGS)
def test_what_is_no_listing_is_never_healed_over(archive: Archive, page: str) -> None:
    archive.answer(HOME, page)
    seen = archive.replay()
    assert (seen.changes, seen.verdicts) == ([], {Verdict.SUSPECT}), seen.reason
    used = next(each for each in versions(archive) if each.in_use)
    assert used.version == 1
    publish(archive, DESIGN, ALL, redesigned=False)
    assert archive.replay(hours=2).published == [ALL[0].title]


@pytest.mark.parametrize(
    ("said", "healed"),
    [("Log in", False), ("Before you continue", False), ("Page not found", False), ("The archive", True)],
)
def test_other_alternatives_of_the_selectors_never_heal_over_what_is_no_listing(
    database_url: str, tmp_path: Path, said: str, healed: bool
) -> None:
    """What the site says of a page counts, even where the selectors that are there already would read it all."""
    wrapper = replace(ARTICLES, item=(*ARTICLES.item, "div.archive article.post"))
    design = Redesign(name="two", language="en", before=articles, wrapper=wrapper, after=articles)
    archive = Archive(database_url, tmp_path, design.source)
    publish(archive, design, ALL[1:], redesigned=False)
    archive.replay()
    publish(archive, design, ALL, redesigned=False)
    form = '<form><input type="password" name="p"></form>' if said == "Log in" else ""
    rest = articles(ALL[:9], design).replace("<main", "<div").replace("site-main", "archive")
    body = f"<h1>{said}</h1>{form}{articles(ALL[9:10], design)}{rest}"
    archive.answer(HOME, frame("en", body, title=said))
    seen = archive.replay()
    assert seen.published == ([ALL[0].title] if healed else []), seen.reason
    assert seen.verdicts == {Verdict.OK if healed else Verdict.SUSPECT}
    assert len(versions(archive)) == (2 if healed else 1)


def test_a_listing_that_shows_little_of_what_is_known_is_read_after_one_approval(archive: Archive) -> None:
    design = Redesign(
        name="few", language="en", before=articles, wrapper=ARTICLES, after=hashed_cards, new_size=3
    )
    publish(archive, design, ALL, redesigned=True)
    seen = archive.replay()
    assert (seen.changes, seen.verdicts) == ([], {Verdict.SUSPECT}), seen.reason
    assert "tidings sources diff gazette" in seen.reason
    engine = open_engine(archive.database_url)
    approve_wrapper(engine, "gazette", now=archive.clock)
    engine.dispose()
    after = archive.replay(hours=1)
    assert (after.published, after.verdicts) == ([ALL[0].title], {Verdict.OK}), after.reason


def test_selectors_that_a_person_rejected_are_not_proposed_again(archive: Archive) -> None:
    design = Redesign(
        name="few", language="en", before=articles, wrapper=ARTICLES, after=hashed_cards, new_size=3
    )
    publish(archive, design, ALL, redesigned=True)
    archive.replay()
    engine = open_engine(archive.database_url)
    assert reject_wrappers(engine, "gazette", now=archive.clock) == [2]
    seen = archive.replay(hours=1)
    assert seen.verdicts == {Verdict.SUSPECT}
    assert "tidings sources diff" not in seen.reason
    assert [each.state for each in wrapper_versions(engine, "gazette")] == ["rejected", "in use"]
    assert load_source(engine, "gazette").wrapper == ARTICLES
    engine.dispose()
