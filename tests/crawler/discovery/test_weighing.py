"""What a candidate is worth beside the visible listing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.weighing import (
    bodies_are_whole,
    compare,
    fields_of,
    holds_whole,
    is_stale,
    share_of_listing,
)
from news.entry import Entry
from tests.crawler.discovery.entries import SITE, entries, entry

ARTICLE = "The ferry leaves at six from Monday on. " * 20
NUMBERS = st.lists(st.integers(0, 40), max_size=25, unique=True).map(sorted)


@pytest.mark.parametrize(
    ("candidate", "visible", "overlap", "purity"),
    [
        (range(10), range(10), 1.0, 1.0),
        (range(20), range(10), 1.0, 1.0),  # deeper than the page
        (range(5), range(10), 1.0, 1.0),  # shorter than the page
        (range(20), range(0, 20, 4), 1.0, 5 / 17),  # the whole site, where the page is one category
        (range(100, 110), range(10), 0.0, 0.0),
        ((0, 1, 2, 3), (3, 2, 1, 0), 1.0, 1.0),  # order is no matter
    ],
)
def test_lists_are_compared_by_what_they_have_in_common(
    candidate: range, visible: range, overlap: float, purity: float
) -> None:
    found = compare(entries(candidate), entries(visible))
    assert found is not None
    assert found.overlap == overlap
    assert found.purity == pytest.approx(purity)
    assert found.agreement == min(found.overlap, found.purity)


@pytest.mark.parametrize(
    "spelling",
    [
        entry(1, url="http://www.harbour.example/notices/notice-1?utm_source=rss", title="x"),
        entry(1, url="https://counter.example/~r/harbour/k3j2h1", title="notice 1"),
        entry(1, url="https://counter.example/~r/k", title="x", site_id=f"{SITE}/notices/notice-1"),
    ],
    ids=["tracking parameters", "the same title behind a counting service", "its id is the address"],
)
def test_an_item_is_recognised_however_its_address_is_spelled(spelling: Entry) -> None:
    assert share_of_listing([spelling], entries([1, 2])) == 0.5


def test_there_is_nothing_to_compare_with_nothing() -> None:
    assert compare((), entries([1])) is None
    assert compare(entries([1]), ()) is None
    assert share_of_listing(entries([1]), ()) is None


@given(NUMBERS, NUMBERS)
def test_shares_are_shares_and_a_list_agrees_with_itself(one: list[int], two: list[int]) -> None:
    found = compare(entries(one), entries(two))
    if found is not None:
        assert 0 <= found.agreement <= min(found.overlap, found.purity) <= 1
        assert (found.matched == 0) == (found.overlap == 0)
        assert found.matched == len(set(one) & set(two))
    if one:
        same = compare(entries(one), entries(one))
        assert same is not None
        assert same.agreement == 1


@pytest.mark.parametrize(
    ("candidate", "visible", "stale"),
    [
        (entries(range(10)), entries(range(10)), False),
        (entries(range(1, 10)), entries(range(10)), False),  # a cache that is a day old
        (entries(range(30, 40)), entries(range(10)), True),
        (
            entries(range(5, 15), dated=False),
            entries(range(10), dated=False),
            True,
        ),  # the first five are missing
        (entries(range(2, 12), dated=False), entries(range(10), dated=False), False),  # two may be pinned
        (
            entries(range(30, 40)),
            entries(range(10), dated=False),
            False,
        ),  # nothing in common, no date: not known
    ],
)
def test_a_feed_that_has_fallen_behind_the_page_is_stale(
    candidate: tuple[Entry, ...], visible: tuple[Entry, ...], stale: bool
) -> None:
    assert is_stale(candidate, visible, compare(candidate, visible)) is stale


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (f"<p>{ARTICLE}</p>", True),
        (f"<p>{ARTICLE}</p><p>The post Ferry appeared first on Harbour.</p>", True),
        (f"<p>{ARTICLE[:120]}…</p>", False),
        (f"<p>{ARTICLE[:500]}</p>", False),
        ("", None),
    ],
)
def test_a_body_is_whole_if_it_holds_the_words_of_the_article(body: str, whole: bool | None) -> None:
    assert holds_whole(body, ARTICLE) is whole


def test_bodies_are_whole_only_if_one_was_measured_and_all_that_were_are() -> None:
    full, teaser = f"<p>{ARTICLE}</p>", "<p>The ferry leaves …</p>"
    both = [entry(1, body_html=full), entry(2, body_html=full)]
    keys = [each.key for each in both]
    assert bodies_are_whole(both, {keys[0]: ARTICLE})
    assert not bodies_are_whole(both, {})
    assert not bodies_are_whole([both[0], entry(2, body_html=teaser)], dict.fromkeys(keys, ARTICLE))
    assert not bodies_are_whole([both[0], entry(2)], {keys[0]: ARTICLE})


def test_fields_are_counted_as_shares() -> None:
    fields = fields_of(
        [entry(1, days_ago=1, summary="s"), entry(2), entry(3, body_html="<p>b</p>"), entry(4)]
    )
    assert (fields.dated, fields.timed, fields.summarised, fields.bodied) == (0.25, 0.25, 0.25, 0.25)
    assert fields_of([]).completeness == 0
