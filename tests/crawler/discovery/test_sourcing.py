"""From an accepted candidate to a source that can be saved, exported and crawled."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.catalogue import load_site_text
from crawler.discovery.proposal import Candidate, Decision, Proposal
from crawler.discovery.sourcing import name_for, source_of
from crawler.site_export import dump_site
from news.entry import Entry
from news.errors import UrlError
from news.source import Channel, Wrapper
from news.urls import fetchable_url
from tests.crawler.discovery.entries import SITE, entries, entry

WRAPPER = Wrapper(item=("article",), link=("h2 a",), title=("h2",))
LISTING = Candidate(
    channel=Channel.LISTING,
    url=f"{SITE}/en/notices/",
    confidence=0.9,
    entries=entries(range(10)),
    wrapper=WRAPPER,
)
FEED = replace(LISTING, channel=Channel.FEED, url=f"{SITE}/feed/", wrapper=Wrapper(), whole_bodies=True)
PROPOSAL = Proposal(
    url=LISTING.url, decision=Decision.AUTO, chosen=0, candidates=(LISTING,), title="Notices", language="en"
)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.harbour.example/", "harbour"),
        ("https://harbour.example/en/category/news-update/", "harbour-en-news-update"),
        ("https://news.harbour.co.uk/", "news-harbour"),
        ("https://harbour.example/actualités/index.html", "harbour-actualites"),
        ("https://harbour.example/2024/11/", "harbour"),
        ("https://xn--4gbrim.example/", "xn-4gbrim"),
        ("http://127.0.0.1:8080/", "127-0-0-1-8080"),
        ("http://[::1]:8080/", "1-8080"),
        ("http://localhost/", "localhost"),
    ],
)
def test_a_name_is_made_of_host_and_path(url: str, name: str) -> None:
    assert name_for(url, ()) == name


@given(st.text(max_size=300), st.integers(0, 3))
def test_a_name_is_always_valid_and_never_taken(path: str, others: int) -> None:
    try:
        url = fetchable_url(f"https://harbour.example/{path}")
    except UrlError:
        return  # nobody could have named it
    taken: set[str] = set()
    for _ in range(others + 1):
        name = name_for(url, taken)
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name)
        assert name not in taken
        taken.add(name)


def test_a_listing_becomes_a_source_that_stands_for_itself() -> None:
    source = source_of(LISTING, PROPOSAL, name="notices", schedule="15m", delay_seconds=2.0, pages=3)
    assert (source.url, source.page_url, source.title, source.language) == (LISTING.url, "", "Notices", "en")
    assert (source.schedule, source.request.delay_seconds, source.baseline_pages) == ("15m", 2.0, 3)
    assert (source.wrapper, source.channel, source.hosts) == (WRAPPER, Channel.LISTING, ())
    assert load_site_text(dump_site([source]), "test")[0] == replace(source, site="notices")


def test_a_feed_remembers_the_page_that_was_named() -> None:
    source = source_of(FEED, PROPOSAL, name="notices")
    assert (source.url, source.page_url, source.whole_bodies) == (FEED.url, LISTING.url, True)


def test_articles_on_the_page_s_host_or_on_one_of_many_items_may_be_asked_for() -> None:
    def on(host: str, count: int) -> tuple[Entry, ...]:
        return tuple(entry(number, url=f"https://{host}/{number}") for number in range(count))

    elsewhere = replace(
        FEED,
        url="https://feeds.example/h",
        entries=on("harbour.example", 2) + on("other.example", 8) + on("ad.example", 1),
    )
    assert source_of(elsewhere, PROPOSAL, name="n").hosts == ("harbour.example", "other.example")
