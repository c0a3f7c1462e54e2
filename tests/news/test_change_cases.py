"""Every case of ``cases/`` through the pure decision: what is known, what is seen, what is told."""

from __future__ import annotations

import pytest

from tests.news.change_cases import Case, load_cases, play
from tests.news.memory import Memory

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_told(case: Case) -> None:
    play(case, Memory(case))


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_case_sees_something_and_says_what_is_told() -> None:
    assert [case.name for case in CASES if not case.crawls or not all(c.told for c in case.crawls)] == []
