"""`tidings articles show` names the story of an article, its possible translations, and what that rests on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.story_traps import SAME, TRANSLATED
from storage.schema import ready
from tests.digest.logs import Log
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def told(tidings: Tidings, tmp_path: Path) -> Tidings:
    """The command line on a database in which 1 and 2 are one story, and 3 and 4 tell of one thing in two languages."""
    url = f"sqlite:///{tmp_path / 'tidings.db'}"
    engine = ready(url)
    log = Log(engine)
    for name, language in (("one", "en"), ("two", "fr")):
        log.source(name, title=f"Source {name}", language=language)
    pair = SAME[-1]
    for source, told_ in (("one", pair.one), ("two", pair.other)):
        number = log.published(
            source, f"https://news.example/{source}", *told_, language="en", at=AT, precision="day"
        )
        log.sighting(source, number)
    for language, title, text in TRANSLATED[0].tellings[:2]:
        number = log.published(
            "two", f"https://news.example/{language}", title, text, language=language, at=AT, precision="day"
        )
        log.sighting("two", number)
    log.link()
    engine.dispose()
    return lambda *arguments: tidings(*arguments, "--database", url)


def test_a_story_is_shown_with_its_evidence(told: Tidings) -> None:
    shown = told("articles", "show", "1").out
    assert "  same story  2: Forum on mountain libraries opens (two)\n" in shown
    assert "of the phrases in common" in shown
    assert "the same day" in shown
    [other] = json.loads(told("articles", "show", "1", "--json").out)["retellings"]
    assert faults(other, "retelling") == []
    assert (other["relation"], other["id"]) == ("same_story", 2)
    assert 0.7 < other["evidence"]["similarity"] < 1


def test_a_possible_translation_is_shown_as_a_question(told: Tidings) -> None:
    shown = told("articles", "show", "4").out
    assert "  translation? 3: Conference on old maps ends in Varenne (two)\n" in shown
    assert "in common: days 2023-11-14 to 2023-11-15; numbers 250, 37; names haddad, varenne" in shown
    [other] = json.loads(told("articles", "show", "4", "--json").out)["retellings"]
    assert faults(other, "retelling") == []
    assert other["relation"] == "possible_translation"
