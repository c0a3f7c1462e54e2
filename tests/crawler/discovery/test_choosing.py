"""Which candidate is proposed, how surely, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.discovery.choosing import Found, Sight, agrees, capped, decide, evidence, judged, ranked
from crawler.discovery.proposal import Candidate, Decision, decision_for
from news.entry import Page
from news.source import Channel
from tests.crawler.discovery.entries import SITE, entries, page

VISIBLE = entries(range(10))
SIGHT = Sight(visible=VISIBLE, sure=0.9)
FEED = Found(channel=Channel.FEED, url=f"{SITE}/feed/", page=page(range(10)), told_by="declared", near=True)
LISTING = Candidate(
    channel=Channel.LISTING, url=f"{SITE}/", confidence=0.9, entries=VISIBLE, reasons=("ten cards",)
)


@pytest.mark.parametrize(
    ("found", "sight", "decision"),
    [
        (FEED, SIGHT, Decision.AUTO),
        (replace(FEED, page=page(range(30))), SIGHT, Decision.AUTO),
        (replace(FEED, page=page(range(5))), SIGHT, Decision.AUTO),
        (replace(FEED, page=page(range(7, 17))), SIGHT, Decision.REFUSE),  # stale
        (replace(FEED, page=page([*range(0, 10, 2), *range(50, 55)])), SIGHT, Decision.ASK),
        (replace(FEED, page=page(range(50, 60), dated=False)), SIGHT, Decision.REFUSE),
        (FEED, replace(SIGHT, visible=entries(range(0, 40, 4)), sure=0.9), Decision.REFUSE),
        (FEED, Sight(), Decision.ASK),  # nothing to compare with
        (replace(FEED, near=False), Sight(), Decision.ASK),
        (replace(FEED, near=False, declared=False), Sight(), Decision.REFUSE),
        (FEED, replace(SIGHT, obstacles=("it is an article",)), Decision.ASK),
        (replace(FEED, page=Page(entries=())), SIGHT, Decision.REFUSE),
        (replace(FEED, own=True), Sight(), Decision.AUTO),
        (replace(FEED, own=True, page=Page(entries=())), Sight(), Decision.ASK),
        (replace(FEED, page=page([0])), SIGHT, Decision.ASK),  # one common item proves little
    ],
    ids=[
        "the same list", "deeper", "shorter", "dead", "half of it", "something else", "the whole site",
        "no listing", "no listing, and far", "no listing, and guessed", "on an article", "empty",
        "named itself", "named itself, empty", "one item",
    ],
)  # fmt: skip
def test_a_channel_is_as_sure_as_it_agrees_with_what_the_page_shows(
    found: Found, sight: Sight, decision: Decision
) -> None:
    candidate = judged(found, sight)
    assert decision_for(candidate.confidence) is decision, candidate.reasons
    assert candidate.reasons[0] == "declared"
    assert len(candidate.reasons) >= 2


def test_a_listing_that_is_not_trusted_speaks_against_nobody() -> None:
    menu = replace(SIGHT, visible=entries(range(80, 90)), sure=0.3)
    assert decision_for(judged(FEED, menu).confidence) is Decision.ASK


def test_a_page_that_links_to_what_its_own_feed_brings_shows_it() -> None:
    linked = frozenset(one.key for one in entries(range(10)))
    assert decision_for(judged(FEED, Sight(linked=linked)).confidence) is Decision.AUTO
    far = replace(FEED, near=False)  # an article links to recent items too
    assert decision_for(judged(far, Sight(linked=linked)).confidence) is Decision.ASK
    some = frozenset(list(linked)[:5])
    assert decision_for(judged(FEED, Sight(linked=some)).confidence) is Decision.ASK


def test_a_feed_of_the_whole_site_confirms_no_list() -> None:
    assert evidence([FEED], VISIBLE)
    assert not evidence([replace(FEED, near=False)], VISIBLE)


@pytest.mark.parametrize("sure", [0.9, 0.7, 0.55])
def test_a_feed_of_the_whole_site_is_no_surer_than_the_list_that_it_agrees_with(sure: float) -> None:
    sight = replace(SIGHT, sure=sure)
    assert judged(replace(FEED, near=False), sight).confidence == sure
    assert judged(FEED, sight).confidence == 0.95


def test_what_is_older_than_a_feed_reaches_is_no_evidence_against_the_list() -> None:
    visible = entries(range(30))
    keys = evidence([FEED], visible)
    assert {entry.key for entry in visible} <= keys
    hole = entries([*range(5), 90, *range(6, 30)])
    assert hole[5].key not in evidence([FEED], hole)


def test_items_without_dates_make_a_channel_less_sure() -> None:
    undated = judged(replace(FEED, page=page(range(10), dated=False)), SIGHT)
    assert undated.confidence < judged(FEED, SIGHT).confidence
    assert "its items have no dates" in undated.reasons


# ------------------------------------------------------------------------------------------------ ranks


def candidate(channel: Channel, **fields: object) -> Candidate:
    return replace(
        Candidate(channel=channel, url=f"{SITE}/{channel}", confidence=0.95, entries=VISIBLE, reasons=("…",)),
        **fields,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("candidates", "first"),
    [
        ([LISTING, candidate(Channel.FEED)], Channel.FEED),
        ([replace(LISTING, next_url=f"{SITE}/2"), candidate(Channel.FEED)], Channel.LISTING),
        ([replace(LISTING, next_url=f"{SITE}/2"), candidate(Channel.FEED, whole_bodies=True)], Channel.FEED),
        ([LISTING, candidate(Channel.FEED, entries=entries(range(10), dated=False))], Channel.LISTING),
        ([LISTING, candidate(Channel.FEED, confidence=0.6)], Channel.LISTING),
        ([LISTING, candidate(Channel.SITEMAP, entries=entries(range(500)))], Channel.LISTING),
        ([candidate(Channel.FEED), candidate(Channel.WORDPRESS, next_url=f"{SITE}/2")], Channel.WORDPRESS),
        ([candidate(Channel.FEED), candidate(Channel.WORDPRESS)], Channel.FEED),
        (
            [candidate(Channel.FEED, whole_bodies=True), candidate(Channel.WORDPRESS, next_url=f"{SITE}/2")],
            Channel.FEED,
        ),
        ([replace(LISTING, confidence=0.6), candidate(Channel.FEED, confidence=0.7)], Channel.FEED),
        ([LISTING, candidate(Channel.FEED, entries=entries(range(60, 70)))], Channel.LISTING),
    ],
    ids=[
        "of equals the feed", "the listing goes deeper", "whole bodies count for more", "no dates", "unsure",
        "a sitemap last", "WordPress goes deeper", "it does not", "whole bodies again", "both unsure", "other items",
    ],
)  # fmt: skip
def test_the_best_comes_first(candidates: list[Candidate], first: Channel) -> None:
    assert ranked(candidates, SIGHT)[0].channel is first
    assert ranked(candidates[::-1], SIGHT)[0].channel is first


@pytest.mark.parametrize(
    ("candidates", "obstacles", "decision"),
    [
        ([], (), Decision.REFUSE),
        ([LISTING], (), Decision.AUTO),
        ([LISTING], ("it is an article",), Decision.ASK),
        ([replace(LISTING, confidence=0.6)], (), Decision.ASK),
        ([replace(LISTING, confidence=0.49)], (), Decision.REFUSE),
    ],
)
def test_a_decision_has_its_reasons(
    candidates: list[Candidate], obstacles: tuple[str, ...], decision: Decision
) -> None:
    made, chosen, reasons = decide(candidates, obstacles=obstacles)
    assert made is decision
    assert (chosen is None) is (decision is Decision.REFUSE)
    assert reasons
    assert set(obstacles) <= set(reasons)


def test_an_obstacle_shows_in_the_confidence() -> None:
    assert decision_for(capped(LISTING, ("it is an article",)).confidence) is Decision.ASK
    assert capped(LISTING, ()) is LISTING


@pytest.mark.parametrize(
    ("numbers", "same"), [(range(10), True), (range(2), True), (range(6, 16), False), (range(60, 70), False)]
)
def test_two_lists_agree_if_most_of_both_is_common(numbers: range, same: bool) -> None:
    assert agrees(entries(numbers), VISIBLE) is same
