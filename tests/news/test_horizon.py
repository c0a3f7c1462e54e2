"""Above or below the horizon: what is news, and what merely turned up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.dates import Precision, Stamp
from news.entry import Entry
from news.horizon import horizon_of, rank_of
from news.run import Rank

START = datetime(2026, 3, 1, tzinfo=UTC)


def stamp(day: int | None, precision: Precision = Precision.SECOND) -> Stamp | None:
    if day is None:
        return None
    return Stamp(at=START + timedelta(days=day), precision=precision, provenance="test")


def entries(*days: int | None, precision: Precision = Precision.SECOND) -> list[Entry]:
    return [
        Entry(url=f"https://a.example/{i}", key=str(i), title="t", published=stamp(day, precision))
        for i, day in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([9, 8, 7], "2", id="in order"),
        pytest.param([2, 9, 8, 7], "3", id="an old one is pinned on top"),
        pytest.param([9, 8, 20, 7], "3", id="one stands too low"),
        pytest.param([9, 8, 7, 30], "2", id="a new one at the very end is not the horizon"),
        pytest.param([None, None, None], "2", id="undated"),
        pytest.param([9, None, 7], "2", id="one is undated"),
        pytest.param([5, 5, 5], "2", id="all of one day"),
        pytest.param([9], "0", id="one entry"),
    ],
)
def test_the_horizon_is_the_last_entry_in_date_order(days: list[int | None], expected: str) -> None:
    horizon = horizon_of(entries(*days))
    assert horizon is not None
    assert horizon.key == expected


def test_nothing_has_no_horizon() -> None:
    assert horizon_of([]) is None


@given(st.lists(st.integers(10, 30), min_size=3, max_size=12, unique=True), st.integers(0, 9))
def test_one_pinned_entry_never_moves_the_horizon(days: list[int], pinned: int) -> None:
    ordered = sorted(days, reverse=True)
    horizon = horizon_of(entries(pinned, *ordered))
    assert horizon is not None
    assert horizon.published == stamp(ordered[-1])


NOON = timedelta(hours=12)


@pytest.mark.parametrize(
    ("position", "day", "anchors", "complete", "expected"),
    [
        pytest.param(0, 4, [1, 2, 3], True, Rank.BELOW, id="older than the horizon, whatever its place"),
        pytest.param(0, None, [1, 2, 3], True, Rank.ABOVE, id="undated above two known ones"),
        pytest.param(1, None, [0, 2, 3], False, Rank.ABOVE, id="... in a read that stopped short as well"),
        pytest.param(3, None, [0, 1, 2], True, Rank.BELOW, id="undated below all known ones"),
        pytest.param(3, 6, [0, 1, 2], True, Rank.BELOW, id="dated below all known ones"),
        pytest.param(
            3, 6, [0, 1, 2], False, None, id="a read that stopped short decides nothing by position"
        ),
        pytest.param(2, 6, [0, 1, 3], True, Rank.ABOVE, id="in between, with an exact date"),
        pytest.param(2, None, [0, 1, 3], True, Rank.BELOW, id="in between, without a date"),
        pytest.param(2, None, [0, 1, 3], False, None, id="in between, stopped short"),
        pytest.param(1, None, [0], True, Rank.ABOVE, id="fewer than two on either side"),
        pytest.param(5, None, [], True, Rank.ABOVE, id="no anchors at all"),
    ],
)
def test_where_an_unknown_entry_stands(
    position: int, day: int | None, anchors: list[int], complete: bool, expected: Rank | None
) -> None:
    assert rank_of(position, stamp(day), horizon=stamp(5), anchors=anchors, complete=complete) is expected


@pytest.mark.parametrize(
    ("precision", "day", "expected"),
    [
        pytest.param(Precision.SECOND, 21, Rank.ABOVE, id="an exact time after it"),
        pytest.param(Precision.SECOND, 19, Rank.BELOW, id="an exact time before it"),
        pytest.param(Precision.DAY, 21, Rank.BELOW, id="a day alone"),
        pytest.param(Precision.SECOND, None, Rank.BELOW, id="no date"),
    ],
)
def test_what_came_after_the_last_whole_read_is_news_under_what_was_put_on_top_of_it(
    precision: Precision, day: int | None, expected: Rank
) -> None:
    found = rank_of(
        5,
        stamp(day, precision),
        horizon=stamp(5),
        anchors=[0, 1],
        complete=True,
        read_until=START + timedelta(days=20),
    )
    assert found is expected


def test_a_day_is_no_exact_date() -> None:
    day = stamp(6, Precision.DAY)
    assert rank_of(2, day, horizon=stamp(5, Precision.DAY), anchors=[0, 1, 3], complete=True) is Rank.BELOW


def test_on_the_horizons_own_day_position_decides() -> None:
    day = stamp(5, Precision.DAY)
    assert rank_of(0, day, horizon=day, anchors=[1, 2], complete=True) is Rank.ABOVE
    assert rank_of(2, day, horizon=day, anchors=[0, 1], complete=True) is Rank.BELOW


def test_without_a_horizons_date_position_decides() -> None:
    assert rank_of(2, stamp(1), horizon=None, anchors=[0, 1], complete=True) is Rank.BELOW


@given(st.integers(0, 20), st.sets(st.integers(0, 20)), st.one_of(st.none(), st.integers(0, 30)))
def test_two_known_entries_below_are_always_enough(position: int, places: set[int], day: int | None) -> None:
    """... for whatever is not older than the horizon, in a whole read or a short one."""
    anchors = sorted(places - {position})
    if sum(anchor > position for anchor in anchors) >= 2:
        for complete in (True, False):
            assert (
                rank_of(position, stamp(day), horizon=None, anchors=anchors, complete=complete) is Rank.ABOVE
            )
