"""Which question finds what was edited in an archive, and where the next one goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.edits import edits_until, edits_url
from news.dates import Precision, Stamp
from news.entry import Entry, Page
from news.source import Channel, Source
from storage.opening import EDITS_OVERLAP

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "per_page=10",
        "categories=7&lang=fr",
        "page=2&before=2026-01-01T00:00:00&order=desc&orderby=date&categories=7",
    ],
)
def test_the_question_keeps_what_the_source_is_about_and_replaces_how_it_pages(query: str) -> None:
    source = Source(
        name="a", url=f"https://a.example/wp-json/wp/v2/posts?{query}#top", channel=Channel.WORDPRESS
    )
    asked = parse_qs(urlsplit(edits_url(source, NOW)).query)
    kept = {name: values for name, values in parse_qs(query).items() if name in ("categories", "lang")}
    assert asked == kept | {
        "modified_after": ["2026-11-22T00:00:00Z"],
        "orderby": ["modified"],
        "order": ["asc"],
        "per_page": ["100"],
    }


def test_the_address_stays_the_same_all_day() -> None:
    source = Source(name="a", url="https://a.example/wp-json/wp/v2/posts")
    urls = {edits_url(source, NOW.replace(hour=hour)) for hour in range(24)}
    assert len(urls) == 1


def page(*hours: float, more: bool = False) -> Page:
    stamps = [
        Stamp(at=NOW + timedelta(hours=h), precision=Precision.SECOND, provenance="test") for h in hours
    ]
    entries = tuple(
        Entry(url="https://a.example/", key=str(i), title="T", modified=s) for i, s in enumerate(stamps)
    )
    return Page(entries=entries, next_url="https://a.example/2" if more else None)


@pytest.mark.parametrize(
    ("answer", "until"),
    [
        pytest.param(page(), NOW - EDITS_OVERLAP, id="nothing was edited"),
        pytest.param(page(-60, -1), NOW - EDITS_OVERLAP, id="all of it came"),
        pytest.param(page(-60, -30, more=True), NOW - timedelta(hours=30), id="more than one answer holds"),
        pytest.param(page(-71, -70, more=True), NOW - EDITS_OVERLAP, id="more than that on a single day"),
        pytest.param(page(5, more=True), NOW - EDITS_OVERLAP, id="edited in the future"),
        pytest.param(page(more=True), NOW - EDITS_OVERLAP, id="a page more without any post"),
    ],
)
def test_the_next_question_goes_on_where_this_one_ended(answer: Page, until: datetime) -> None:
    since = NOW - timedelta(hours=72)
    assert edits_until(answer, since=since, started_at=NOW) == until
