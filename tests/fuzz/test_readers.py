"""The short form of `make fuzz`: the same targets, with fixed seeds, so that a run is like the one before."""

from __future__ import annotations

import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target, in_time

EXAMPLES = 120
MEGABYTES = 300
"""What a reader may add to the largest memory of the process, over all examples."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_is_read_or_refused_by_name_in_bounded_time_and_memory(target: Target) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.given)
    def ask(one: object) -> None:
        target.ask(one)

    ask()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MEGABYTES


def test_a_reader_that_lets_another_error_through_is_found() -> None:
    def ask(text: str) -> None:
        int(text)

    @settings(max_examples=50, derandomize=True, database=None)
    @given(st.text())
    def read(one: str) -> None:
        ask(one)

    with pytest.raises(ValueError, match="invalid literal"):
        read()


def test_a_reader_that_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.targets.SECONDS", 0.0)
    with pytest.raises(AssertionError, match="it took"), in_time():
        sum(range(10_000))
