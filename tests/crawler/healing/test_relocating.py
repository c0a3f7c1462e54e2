"""Where a lost feed may be looked for, and what of that may be taken without a person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from crawler.healing.relocating import Lost, may_be_elsewhere, relocated
from news.healing import Healing, Seed
from news.run import Trouble
from news.source import Channel, RequestRules, Source
from news.urls import url_key
from storage.remembering import Remembered
from tests.crawler.discovery.entries import NOW, SITE
from tests.crawler.discovery.memory import TOPICS, Came, MemorySite, alternate, feed, listing, site, url_of

OLD, NEW = f"{SITE}/notices/feed/", f"{SITE}/feeds/notices.xml"
PAGE = f"{SITE}/notices/"
FEED = Source(name="harbour", url=OLD, page_url=PAGE, channel=Channel.FEED)
SEEDS = tuple(
    Seed(
        article=str(number),
        url=f"{SITE}{url_of(number)}",
        title=TOPICS[number],
        keys=frozenset({url_key(f"{SITE}{url_of(number)}")}),
    )
    for number in range(1, 10)
)


def moved(to: str, *, shown: Iterable[int] = range(10), brought: Iterable[int] = range(10)) -> MemorySite:
    """A site whose page declares its feed at another address than the one that is known."""
    path = to.removeprefix(SITE)
    page = listing(shown, head=alternate(to), next_path="/notices/page/2/")
    return site({"/notices/": page, path: feed(brought, bodies="whole")})


def look(
    found: MemorySite, source: Source = FEED, *, is_sure: bool = False, remembered: Mapping[str, Any] = {}
) -> Healing | None:
    lost = Lost(
        source=source,
        symptom="HTTP 404",
        remembered=Remembered(seeds=SEEDS, **remembered),
        seen_at=NOW,
        is_sure=is_sure,
    )
    return asyncio.run(relocated(lost, found.ask))


def test_a_feed_that_shows_what_the_page_does_is_taken() -> None:
    found = look(moved(NEW))
    assert found is not None
    assert found.whereabouts is not None
    assert (found.accepted, found.whereabouts.url, found.whereabouts.page_url) == (True, NEW, PAGE)


def test_nothing_moves_from_tls_to_plain_http() -> None:
    found = look(moved(NEW.replace("https:", "http:")))
    assert found is None or (found.whereabouts and found.whereabouts.url.startswith("https:"))


def test_an_opt_in_goes_no_further_than_the_host_that_was_named() -> None:
    opted_in = replace(FEED, request=RequestRules(allow_private=True))
    assert look(moved(NEW), opted_in)
    found = look(moved("https://elsewhere.example/notices.xml"), opted_in)
    assert found is None or (found.whereabouts and found.whereabouts.url.startswith(SITE))


@pytest.mark.parametrize(
    ("found", "source", "remembered", "said"),
    [
        (moved("https://feeds.example/harbour"), FEED, {}, "it stands on another host"),
        (moved(NEW, shown=range(1, 10)), FEED, {}, "1 of its new items are not on the page"),
        (moved(NEW), FEED, {"left_urls": frozenset({NEW})}, "a person went back from this address before"),
    ],
    ids=["another host", "news that the page lacks", "left before"],
)
def test_what_may_be_wrong_waits_for_a_person(
    found: MemorySite, source: Source, remembered: Mapping[str, Any], said: str
) -> None:
    healing = look(found, source, remembered=remembered)
    assert healing is not None
    assert not healing.accepted
    assert any(said in reason for reason in healing.reasons), healing.reasons


def test_a_source_without_a_page_is_looked_for_at_the_root_and_waits_for_a_person() -> None:
    root = listing(range(10), head=alternate(NEW))
    healing = look(site({"/": root, "/feeds/notices.xml": feed(range(10))}), replace(FEED, page_url=""))
    assert healing is not None
    assert not healing.accepted
    assert any("the source names no page of its own" in reason for reason in healing.reasons)


def test_another_channel_is_taken_only_when_the_loss_is_sure() -> None:
    without = site()
    healing, sure = look(without), look(without, is_sure=True)
    assert healing is not None
    assert sure is not None
    assert (healing.accepted, sure.accepted) == (False, True)
    assert sure.whereabouts is not None
    assert (sure.whereabouts.channel, sure.whereabouts.url) == (Channel.LISTING, PAGE)


def test_what_a_person_rejected_is_not_offered_again() -> None:
    found = look(moved(NEW), remembered={"rejected_urls": frozenset({NEW})})
    assert found is None or (found.whereabouts and found.whereabouts.url != NEW)


def test_where_the_page_redirects_to_is_not_learnt() -> None:
    elsewhere = "https://elsewhere.example/notices/"
    made = moved(NEW)
    made.pages[elsewhere] = made.pages["/notices/"]
    made.pages["/notices/"] = Came(status=302, location=elsewhere)
    found = look(made)
    assert found is None or (found.whereabouts and found.whereabouts.page_url in ("", PAGE))
    if found is not None and found.whereabouts is not None:
        assert "elsewhere.example" not in found.whereabouts.hosts


@pytest.mark.parametrize(
    ("trouble", "status", "is_page", "may"),
    [
        (Trouble.GONE, 410, True, True),
        (Trouble.STATUS, 404, True, True),
        (Trouble.NOT_A_PAGE, 200, True, True),
        (Trouble.NOT_A_PAGE, 200, False, False),
        (Trouble.STATUS, 403, True, False),
        (Trouble.STATUS, 500, True, False),
        (Trouble.BLOCKED, 200, True, False),
        (Trouble.RETRY_LATER, 429, True, False),
    ],
)
def test_only_an_address_that_is_not_there_any_more_is_looked_for(
    trouble: Trouble, status: int, is_page: bool, may: bool
) -> None:
    assert may_be_elsewhere(FEED, trouble, status=status, is_page=is_page) is may
    assert not may_be_elsewhere(
        replace(FEED, channel=Channel.LISTING), trouble, status=status, is_page=is_page
    )


def with_page(body: str, *, site_of_items: str = SITE) -> MemorySite:
    """A site whose page says something else, and declares a feed of what is known."""
    page = Came(body=f"<html><head>{alternate(NEW)}</head><body>{body}</body></html>")
    return site(
        {"/notices/": page, "/feeds/notices.xml": feed(range(1, 10), bodies="whole", site=site_of_items)}
    )


def test_a_parked_page_leads_nowhere_whatever_it_declares() -> None:
    parked = with_page("<h1>This domain is for sale</h1><p>Buy this domain.</p>")
    assert look(parked) is None


def test_what_discovery_holds_against_the_page_is_said_and_waits_for_a_person() -> None:
    healing = look(with_page('<div id="app"></div><script src="/app.js"></script>'))
    assert healing is not None
    assert not healing.accepted
    assert any("JavaScript" in reason for reason in healing.reasons), healing.reasons


def test_a_feed_of_another_site_waits_for_a_person() -> None:
    healing = look(with_page("<p>Welcome.</p>", site_of_items="https://copies.example"))
    assert healing is not None
    assert any("most of its items stand on another host" in reason for reason in healing.reasons)
