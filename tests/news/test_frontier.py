"""The stop rule of paging, and what a read leaves of frontier and gaps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.entry import Entry
from news.frontier import FRONTIER_AT_LEAST, Meeting, cover, meets
from news.known import Known, OpenGap
from news.run import HostState, Lease, Reading, Verdict

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("page", "walked", "stop", "expected"),
    [
        pytest.param("ab", "ab", "abcd", "yes", id="nothing is new"),
        pytest.param("xab", "xab", "abcd", "yes", id="one is new"),
        pytest.param("xya", "xya", "abcd", "no", id="one known entry at the end"),
        pytest.param("a", "a", "abcd", "no", id="a page of one entry"),
        pytest.param("", "", "abcd", "no", id="an empty page"),
        pytest.param("xba", "xba", "abcd", "no", id="the end stands in another order"),
        pytest.param("xcd", "xcd", "abcd", "unmet", id="newer ones have not been met"),
        pytest.param("bcd", "xabcd", "abcd", "yes", id="newer ones were met on an earlier page"),
        pytest.param("xbd", "xabd", "abcd", "unmet", id="one between them was removed"),
        pytest.param("dxy", "dxy", "abcd", "no", id="a resurfaced entry on top"),
        pytest.param("xyd", "xyd", "abcd", "no", id="a resurfaced entry at the end"),
        pytest.param("ab", "ab", "", "no", id="no stop keys"),
    ],
)
def test_where_paging_may_end(page: str, walked: str, stop: str, expected: str) -> None:
    assert meets(page, walked, stop).value == expected


@given(st.permutations(list("abcdef")), st.integers(0, 5), st.integers(0, 3))
def test_one_entry_out_of_order_never_ends_a_read(order: list[str], which: int, new: int) -> None:
    """However the rest stands: a page of news with one old entry among it goes on."""
    page = [f"n{number}" for number in range(new + 1)]
    page.insert(min(which, len(page)), order[0])
    assert meets(page, page, "abcdef") is Meeting.NO


@given(st.lists(st.sampled_from("abcdefxyz"), unique=True), st.text("abcdef", max_size=6))
def test_a_read_that_may_end_has_met_every_newer_stop_key(page: list[str], stop: str) -> None:
    keys = list(dict.fromkeys(stop))
    if meets(page, page, keys) is Meeting.YES:
        last = keys.index(page[-1])
        assert set(keys[:last]) <= set(page)


def reading(walk: str, **more: Any) -> Reading:
    fields: dict[str, Any] = {
        "source": "one",
        "source_id": 1,
        "host": HostState(name="a.example"),
        "lease": Lease(host="a.example", token=1, owner="test", leased_at=NOW, until=NOW),
        "extractor": "1",
        "started_at": NOW,
        "finished_at": NOW,
        "entries": tuple(Entry(url=f"https://a.example/{key}", key=key, title=key) for key in walk),
    }
    return Reading(**(fields | more))


def known(frontier: str = "", *gaps: tuple[int, str], **more: Any) -> Known:
    fields: dict[str, Any] = {
        "host": "a.example",
        "has_baseline": bool(frontier),
        "frontier": tuple(frontier),
        "complete_at": NOW,
        "gaps": tuple(OpenGap(id=number, lower=tuple(lower), since=NOW) for number, lower in gaps),
    }
    return Known(**(fields | more))


def test_the_first_read_is_the_frontier() -> None:
    covered = cover(known(), reading("abc"), Verdict.OK)
    assert (covered.frontier, covered.opened) == (tuple("abc"), None)


def test_a_joined_read_keeps_what_the_old_frontier_held_below() -> None:
    covered = cover(known("abcdef"), reading("xab", joined=True), Verdict.OK)
    assert covered.frontier == tuple("xabcdef")


def test_what_was_removed_above_the_join_leaves_the_frontier() -> None:
    covered = cover(known("abcdef"), reading("xcd", joined=True), Verdict.OK)
    assert covered.frontier == tuple("xcdef")


def test_a_read_that_stopped_short_opens_a_gap_above_the_old_frontier() -> None:
    covered = cover(known("abc"), reading("xy"), Verdict.PARTIAL)
    assert covered.opened == OpenGap(id=0, lower=tuple("abc"), since=NOW)
    assert covered.frontier == tuple("xy")


def test_a_whole_read_that_never_met_the_frontier_opens_a_gap_too() -> None:
    assert cover(known("abc"), reading("xy", ended=True), Verdict.OK).opened is not None


def test_where_an_older_entry_slides_in_at_the_end_of_a_listing_nothing_was_left_out() -> None:
    covered = cover(known("abcdef"), reading("abcefo", ended=True), Verdict.OK)
    assert (covered.opened, covered.frontier) == (None, tuple("abcefo"))
    assert cover(
        known("xyz", (1, "abcdef")), reading("abcefo", ended=True, gap_ids=(1,)), Verdict.OK
    ).closed == (1,)


def test_a_few_that_are_pinned_do_not_hide_what_was_left_out() -> None:
    assert cover(known("pqabcd"), reading("pquvwx", ended=True), Verdict.OK).opened is not None
    capped = reading("abcefo", ended=True, next_url="https://a.example/2")
    assert cover(known("abcdef"), capped, Verdict.OK).opened is not None


def test_a_gap_is_not_opened_twice_but_stretched() -> None:
    covered = cover(known("xy", (1, "abc")), reading("zxy"), Verdict.OK)
    assert (covered.opened, covered.stretched) == (None, 1)


def test_another_short_read_above_another_frontier_is_another_gap() -> None:
    covered = cover(known("xy", (1, "abc")), reading("vw"), Verdict.PARTIAL)
    assert covered.opened is not None
    assert covered.opened.lower == tuple("xy")


@pytest.mark.parametrize(
    ("more", "verdict", "closed", "lost"),
    [
        ({"joined": True, "gap_ids": (1,)}, Verdict.OK, (1,), ()),
        ({"ended": True, "gap_ids": (1,)}, Verdict.OK, (), (1,)),
        ({"joined": True, "ended": True, "gap_ids": (1,)}, Verdict.OK, (1,), ()),
        ({"joined": True, "gap_ids": (1,)}, Verdict.PARTIAL, (), ()),
        ({"joined": True, "gap_ids": ()}, Verdict.OK, (), ()),
        ({"gap_ids": (1,)}, Verdict.OK, (), ()),
    ],
    ids=["met", "end reached", "met at the end", "partial", "opened meanwhile", "neither"],
)
def test_how_a_gap_ends(
    more: dict[str, Any], verdict: Verdict, closed: tuple[int, ...], lost: tuple[int, ...]
) -> None:
    covered = cover(known("xy", (1, "abc")), reading("zxyabc", **more), verdict)
    assert (covered.closed, covered.lost) == (closed, lost)


def test_what_a_person_approves_ends_no_gap() -> None:
    read = reading("zxyabc", joined=True, gap_ids=(1,))
    assert cover(known("xy", (1, "abc")), read, Verdict.OK, approving=True).closed == ()


def test_an_unchanged_listing_leaves_everything_as_it_was() -> None:
    covered = cover(known("abc", (1, "def")), reading("", gap_ids=(1,)), Verdict.NOT_MODIFIED)
    assert (covered.frontier, covered.closed, covered.lost) == (tuple("abc"), (), ())


def test_the_frontier_does_not_grow_for_ever() -> None:
    old = tuple(f"k{number}" for number in range(500))
    before = Known(host="a.example", has_baseline=True, frontier=old)
    entries = tuple(Entry(url="https://a.example/", key=key, title="t") for key in ("new", *old[:5]))
    covered = cover(before, reading("", entries=entries, joined=True), Verdict.OK)
    assert len(covered.frontier) == FRONTIER_AT_LEAST
    assert covered.frontier[:6] == ("new", *old[:5])


def test_keys_are_compared_as_articles() -> None:
    """An article that is listed under a new address is still the one in the frontier."""
    before = known("abc", aliases={"A": "a"})
    assert cover(before, reading("xAb", joined=True), Verdict.OK).frontier == ("x", "A", "b", "c")
