"""The benchmark of stories, in its short form: it compares links with a truth that it knows, and says so at the end."""

from __future__ import annotations

import random
import re

import pytest

from benchmarks.stories import main, measure_cost, measure_quality
from benchmarks.story_texts import draft, drafts, edits, forms
from storage.schema import ready
from tests.storage.desk import statements


def test_the_last_line_gives_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    # One size: what is left of a factor between two, on a busy machine, is no business of a test.
    assert main(["--originals", "52", "--sizes", "120", "--rate", "1"]) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    found = re.fullmatch(
        r"stories: precision (\S+), recall (\S+), 18 of 18 traps stay apart, 9 of 9 translations; "
        r"\d+\.\d ms at 120 \(factor 1\.00\)",
        told,
    )
    assert found is not None, told
    assert float(found[1]) >= 0.97
    assert float(found[2]) >= 0.9


def test_links_are_compared_with_what_is_true(sqlite_url: str) -> None:
    engine = ready(sqlite_url)
    quality = measure_quality(engine, 39, seed=7)
    engine.dispose()
    assert sorted(quality.same) == sorted([*edits(), "told again"])
    assert sorted(quality.apart) == sorted([*forms(), "traps"])
    assert quality.recall("told again") == 1
    assert quality.wrong("traps") == 0
    quality.linked |= {*quality.apart["traps"][:2]}
    assert quality.wrong("traps") == 2


def test_what_is_stored_for_long_adds_hardly_a_statement(sqlite_url: str, tmp_path: object) -> None:
    asked: list[int] = []
    for size in (100, 400):
        engine = ready(sqlite_url.replace(".db", f"-{size}.db"))
        with statements(engine) as seen:
            measure_cost(engine, size, rate=1, seed=3)
        asked.append(len([each for each in seen if each.startswith("SELECT")]))
        engine.dispose()
    # At most 180 articles can be met; those that were stored before are never asked for.
    assert asked[1] <= asked[0] * 1.1


def test_drafts_are_the_same_for_the_same_seed_and_of_the_size_that_was_asked_for() -> None:
    one, again = (list(drafts(random.Random(5), 3)) for _ in range(2))
    assert one == again
    assert [each.language for each in one] == ["en", "fr", "ar"]
    assert 200 <= len(draft(random.Random(1), "en", words=220).text.split()) <= 260
