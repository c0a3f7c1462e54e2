"""The ids of one run: how many are kept, and whom they name."""

from __future__ import annotations

from datetime import UTC, datetime

from news.entry import Entry
from news.known import Known
from news.naming import Naming
from news.run import HostState, Lease, Reading
from news.site_id import MAX_IDS
from news.source import Channel
from news.urls import url_key

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
FEED = "https://site.example/feed"


def entry(name: str, site_id: str) -> Entry:
    url = f"https://site.example/{name}"
    return Entry(url=url, key=url_key(url), title=name, site_id=site_id)


def naming(*entries: Entry, kept: int = 0) -> Naming:
    known = Known(
        host="site.example",
        channel=Channel.FEED,
        listing_url=FEED,
        ids={"article": {str(number): "id:" for number in range(kept)}},
    )
    lease = Lease(host="site.example", token=1, owner="test", leased_at=NOW, until=NOW)
    reading = Reading(
        source="s",
        source_id=1,
        host=HostState(name="site.example"),
        lease=lease,
        extractor="1",
        started_at=NOW,
        finished_at=NOW,
        entries=entries,
    )
    return Naming(known, reading)


def test_of_an_article_so_many_ids_are_kept_and_no_more() -> None:
    one = entry("a", "x")
    learnt = [naming(one, kept=kept).learn(one, "article", {}) for kept in range(MAX_IDS + 1)]
    assert [each is not None for each in learnt] == [True] * MAX_IDS + [False]


def test_an_id_that_is_kept_already_is_not_kept_again() -> None:
    one = entry("a", "x")
    named = naming(one)
    learnt = named.learn(one, "article", {})
    assert learnt is not None
    assert named.learn(one, "article", {learnt.key: "article"}) is None
    passed = named.learn(one, "another", {learnt.key: "article"})
    assert passed is not None
    assert passed.passed_on


def test_a_guid_at_two_addresses_is_no_name() -> None:
    one, two, three = entry("a", "x"), entry("b", "x"), entry("c", "y")
    named = naming(one, two, three)
    assert [named.of(each) is not None for each in (one, two, three)] == [False, False, True]
