"""The short form of `make soak`: two days on each database, with everything in it that does not take long."""

from __future__ import annotations

import pytest

from tests.soak.month import Plan
from tests.soak.playing import play

DAYS = Plan(rounds=44, calm=20, every=1, brief=True)


@pytest.mark.heavy  # two minutes on busy cores: `make soak`, `make crash`
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_promise_2_nothing_is_lost_and_nothing_comes_twice_whatever_befalls_it(kind: str) -> None:
    tally = play(kind, seed=3, plan=DAYS)
    assert tally.violations == []
    assert tally.counts["changes"] > 20
