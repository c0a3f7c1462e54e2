"""One list under several headings, or several lists that are set alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from crawler.induction.dates import DateReader
from crawler.induction.groups import Group
from crawler.induction.items import Reader
from crawler.induction.sections import are_several_lists
from crawler.induction.view import View
from news.source import Source

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
URL = "https://gazette.example/"
Run = tuple[str, Sequence[str]]


def boxes(*runs: Run) -> str:
    """Return a box for each run: its heading, and an item for each of its days."""
    number = iter(range(100))
    return "".join(
        f"<div>{heading}<ul>"
        + "".join(f'<li><a href="/n/{next(number)}/">A story</a> <i>{day}</i></li>' for day in days)
        + "</ul></div>"
        for heading, days in runs
    )


def flat(*runs: Run) -> str:
    """Return all runs in one row, without boxes."""
    return boxes(*runs).replace("<div>", "").replace("</div>", "").replace("<ul>", "").replace("</ul>", "")


def tabs(*runs: Run) -> str:
    """Return a box for each run, opened by a link of its own."""
    html, heads = boxes(*runs), ""
    for number in range(len(runs)):
        html = html.replace("<div>", f'<div id="t{number}">', 1)
        heads += f'<a href="#t{number}">tab</a> '
    return heads + html


def streets(*runs: Run) -> str:
    """Return a box for each run, whose addresses begin in a way of its own."""
    first, *others = boxes(*runs).split("<div>")[1:]
    return "".join(
        f"<div>{html}".replace("/n/", f"/s{number}/") for number, html in enumerate([first, *others])
    )


NEW, OLD = ("2026-11-19", "2026-11-12", "2026-11-05"), ("2026-11-02", "2026-10-20")


@pytest.mark.parametrize(
    ("html", "several"),
    [
        (boxes(("<h2>News</h2>", NEW), ("<h2>Events</h2>", NEW)), True),
        (boxes(("<span>News</span>", NEW), ("<span>Documents</span>", NEW)), True),
        (boxes(("<h2>News</h2>", NEW), ("<h2>Older ones</h2>", OLD)), False),
        (boxes(("<h2>November 2026</h2>", NEW), ("<h2>October 2026</h2>", NEW)), False),
        (boxes(("", NEW), ("", NEW)), False),
        (boxes(("<h2>Town</h2>", ("", "")), ("<h2>Sport</h2>", ("", ""))), True),
        (boxes(("<h2>2026</h2>", ("", "")), ("<h2>2025</h2>", ("", ""))), False),
        (boxes(("<h2>Lead</h2>", NEW[:1]), ("<h2>More</h2>", NEW)), False),
        (tabs(("", NEW), ("", NEW)), True),
        (tabs(("", NEW), ("", OLD)), False),
        (streets(("", NEW), ("", NEW)), True),
        (streets(("", NEW), ("", OLD)), False),
        (streets(("", ("", "")), ("", ("", ""))), True),
        (streets(("", ("", "")), ("", ("", ""))).replace("/s", "/202"), False),
        (flat(("<h2>News</h2>", NEW), ("<h2>Events</h2>", NEW)), True),
        (flat(("<h2>News</h2>", NEW), ("<h2>Older ones</h2>", OLD)), False),
        (flat(("", NEW)), False),
        (flat(("<h1>News</h1>", ("", "")), ("<h4>Our letter</h4>", ("", ""))), False),
    ],
    ids=[
        "dates begin anew",
        "words that are no heading",
        "dates run on",
        "months",
        "columns",
        "undated topics",
        "undated years",
        "lead and rest",
        "tabs",
        "tabs by year",
        "addresses of their own",
        "addresses of their own, dates run on",
        "addresses of their own, undated",
        "addresses by year, undated",
        "flat, dates begin anew",
        "flat, dates run on",
        "one",
        "an advert between the items",
    ],
)
def test_lists_that_are_set_alike_are_told_from_parts_of_one(html: str, several: bool) -> None:
    view = View(f"<html lang='en'><body><main>{html}</main></body></html>", URL)
    view.mark_dates("en")
    places = tuple(place for place, tag in enumerate(view.tags) if tag == "li")
    items = Reader(view).items(Group(places, tuple(view.ends[place] for place in places)))
    dates = DateReader(view, Source(name="a", url=URL, language="en"), NOW)
    assert are_several_lists(view, items, dates) is several
