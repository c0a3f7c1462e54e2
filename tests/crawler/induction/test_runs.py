"""Lists whose headings lead nowhere, with a link to read on behind each, and no element around an item."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.listing import read_listing
from crawler.induction.groups import MAX_MEMBERS
from crawler.induction.induce import induce
from crawler.induction.model import Draft, Sample
from crawler.induction.runs import runs_of
from crawler.induction.view import View
from news.source import Source
from tests.crawler.induction.fixtures import NOW

URL = "https://gazette.example/notices/"
TOPICS = ("a wall", "a reading room", "a street tree", "a timetable", "a kitchen", "a map")


def run(number: int, *, more: str = "Read more", date: bool = True) -> str:
    """One item: heading, date, teaser, link."""
    day = f"<p><em>{20 - number} November 2026</em></p>" if date else ""
    text = f"<p>The office says what it will do about {TOPICS[number]}, and when.</p>"
    return (
        f"<h3>The town decides about {TOPICS[number]}</h3>{day}{text}<a href='/n/{number}-decided'>{more}</a>"
    )


def page(*runs: str, before: str = "", behind: str = "") -> str:
    return f"<html lang=en><body><main><h1>Notices</h1>{before}{''.join(runs)}{behind}</main></body></html>"


def first_draft(html: str) -> Draft | None:
    return next(iter(induce(Sample(url=URL, html=html), now=NOW).drafts), None)


@pytest.mark.parametrize(
    "more", ["Read more", "Continue reading »", "Lire la suite", "En savoir plus", "اقرأ المزيد", "المزيد »"]
)
def test_such_a_list_is_found_in_the_words_of_any_of_our_languages(more: str) -> None:
    draft = first_draft(page(*(run(n, more=more) for n in range(6))))
    assert draft is not None
    assert [entry.title for entry in draft.entries] == [f"The town decides about {each}" for each in TOPICS]
    assert [entry.published.at.day for entry in draft.entries if entry.published] == [20, 19, 18, 17, 16, 15]
    assert all(entry.summary.startswith("The office says") for entry in draft.entries)
    assert draft.reasons == ("6 items, with headings, with dates",)


def test_an_item_that_shows_no_date_gets_none_of_its_neighbour_s() -> None:
    draft = first_draft(page(*(run(n, date=n != 2) for n in range(6))))
    assert draft is not None
    assert [entry.published is None for entry in draft.entries] == [n == 2 for n in range(6)]


def test_what_stands_around_the_list_is_no_item_today_or_later() -> None:
    around = {
        "before": "<p><a href='/by-post'>Get it by post</a></p>",
        "behind": "<a href='/notices/2'>Older</a>",
    }
    draft = first_draft(page(*map(run, range(5)), **around))
    assert draft is not None
    assert len(draft.entries) == 5
    source = Source(
        name="a", url=URL, language="en", wrapper=replace(draft.wrapper, item=draft.wrapper.item[:1])
    )
    later = page(
        *map(run, (5, 0, 1)), before="<p>See <a href='/map'>the map</a>.</p>", behind=around["behind"]
    )
    read = read_listing(HtmlResponse(URL, body=later.encode(), encoding="utf-8"), source, now=NOW)
    assert [entry.url.rpartition("/")[2] for entry in read.entries] == ["5-decided", "0-decided", "1-decided"]


@pytest.mark.parametrize(
    "html",
    [
        page(run(0), run(1)),
        page(
            *(f"<h3>{each}</h3><p>Words about it.</p>" for each in TOPICS),
            behind="<a href='/x'>Read more</a>",
        ),
        page(*(f"<h3>{each}</h3><p>See <a href='/{n}'>the form</a>.</p>" for n, each in enumerate(TOPICS))),
    ],
    ids=["two", "one link for all", "links that invite to nothing"],
)
def test_headings_without_an_invitation_each_are_no_such_list(html: str) -> None:
    draft = first_draft(html)
    assert draft is None or not any("preceding-sibling::h3" in text for text in draft.wrapper.title)


def test_no_more_such_items_are_looked_at_than_a_list_may_have() -> None:
    many = "".join(f"<h3>Decision {n}</h3><a href='/n/{n}'>Read more</a>" for n in range(MAX_MEMBERS + 1))
    assert list(runs_of(View(page(many), URL))) == []
    assert list(runs_of(View(page(many.replace("<h3>", "<h4>", 1).replace("</h3>", "</h4>", 1)), URL)))
