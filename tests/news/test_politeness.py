"""The score of politeness: each rule takes points off for its own reason, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.politeness import Asked, politeness

BEST = Asked(runs=500, unchanged=450, requests=600, every_seconds=3_700.0, answers_304=True, recent=30)


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        ({}, {}),
        ({"every_seconds": None}, {}),
        ({"every_seconds": 3_500.0}, {}),  # an hour, spread a little
        ({"every_seconds": 1_800.0}, {"interval": 5}),
        ({"every_seconds": 900.0}, {"interval": 10}),
        ({"every_seconds": 600.0}, {"interval": 15}),
        ({"every_seconds": 60.0}, {"interval": 20}),
        ({"answers_304": False, "every_seconds": 90_000.0}, {}),
        ({"answers_304": False}, {"interval": 10}),
        ({"answers_304": False, "every_seconds": 1_800.0}, {"interval": 20}),
        ({"answers_304": False, "every_seconds": 300.0}, {"interval": 30}),
        ({"wait_seconds": 3_600.0}, {}),
        ({"wait_seconds": 7_200.0}, {"cache-control": 15}),
        ({"impatient": 1}, {"patience": 5}),
        ({"impatient": 30}, {"patience": 20}),
        ({"denied": 2}, {"robots": 6}),
        ({"delay_seconds": 0.5}, {"delay": 15}),
        ({"requests": 5_000}, {"requests": 10}),
        ({"requests": 5_000, "unchanged": 100}, {}),  # it brings something, so it is asked for articles
        ({"failures": 9}, {}),
        ({"failures": 9, "every_seconds": 1_700.0}, {"interval": 10, "failures": 10}),
        ({"has_contact": False}, {"contact": 10}),
    ],
)
def test_each_rule_takes_its_points_and_no_other(more: dict[str, Any], rules: dict[str, int]) -> None:
    found = politeness(replace(BEST, **more))
    assert {each.rule: each.points for each in found.deductions} == rules
    assert found.score == 100 - sum(rules.values())
    assert all(each.why for each in found.deductions)


@given(
    st.builds(
        Asked,
        runs=st.integers(0, 10**6), unchanged=st.integers(0, 10**6), requests=st.integers(0, 10**7),
        every_seconds=st.none() | st.floats(0, 10**7), answers_304=st.booleans(), wait_seconds=st.floats(0, 10**7),
        recent=st.integers(0, 30), impatient=st.integers(0, 30), denied=st.integers(0, 30),
        failures=st.integers(0, 1_000), delay_seconds=st.floats(0, 3_600), has_contact=st.booleans(),
    )
)  # fmt: skip
def test_a_score_is_from_0_to_100_and_asking_less_never_lowers_it(asked: Asked) -> None:
    score = politeness(asked).score
    assert 0 <= score <= 100
    if asked.every_seconds is not None:
        assert politeness(replace(asked, every_seconds=asked.every_seconds * 2)).score >= score
