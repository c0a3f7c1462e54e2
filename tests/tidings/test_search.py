"""``tidings articles search`` as people type it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tidings.conftest import Tidings, shown
from tests.tidings.documented import faults


def test_words_find_articles_in_every_form(tidings: Tidings, known: Path) -> None:
    every = json.loads(tidings("articles", "list", "--json").out)["articles"]
    word = max(every[0]["title"].split(), key=len).strip(".,:")
    ended = tidings("articles", "search", word.upper(), "--json")
    told = json.loads(ended.out)
    assert (ended.code, faults(told, "article list")) == (0, [])
    assert every[0]["id"] in [each["id"] for each in told["articles"]]
    assert told["articles"] == sorted(told["articles"], key=lambda each: -each["id"])
    assert word in tidings("articles", "search", word).out
    assert tidings("articles", "search", "unicorn").out == "No article fits.\n"
    assert tidings("articles", "search", word, f"-{word}").code == 2  # an option that there is not
    assert tidings("articles", "search", "--", word, f"-{word}").out == "No article fits.\n"


def test_the_rest_is_found_below(tidings: Tidings, known: Path) -> None:
    every = json.loads(tidings("articles", "search", "the", "--json").out)["articles"]
    assert len(every) > 1
    first = tidings("articles", "search", "the", "--limit", 1)
    assert f"--before {every[0]['id']} goes on below" in first.err
    below = json.loads(tidings("articles", "search", "the", "--before", every[0]["id"], "--json").out)
    assert below["articles"] == every[1:]


@pytest.mark.parametrize("words", ["!!!", "-the", "w " * 900, "\x01"])
def test_what_cannot_be_looked_for_is_refused_with_a_reason(
    tidings: Tidings, known: Path, words: str
) -> None:
    ended = tidings("articles", "search", "--", words)
    assert ended.code == 1
    assert ended.err.startswith("error: The")


def test_it_can_be_looked_for_in_some_places(tidings: Tidings, known: Path) -> None:
    every = shown(tidings, "articles", "search", "the")["articles"]
    [source] = {name for each in every for name in each["sources"]}
    assert shown(tidings, "articles", "search", "the", "--source", source)["articles"] == every
    assert shown(tidings, "articles", "search", "the", "--language", "xx")["articles"] == []
    days = sorted(each["published_at"] or each["first_seen_at"] for each in every)
    later = shown(tidings, "articles", "search", "the", "--since", days[-1][:10])["articles"]
    last = f"{days[-1][:10]}T00:00Z"  # a day that is named alone would be included
    earlier = shown(tidings, "articles", "search", "the", "--until", last)["articles"]
    assert later
    assert sorted(each["id"] for each in (*later, *earlier)) == sorted(each["id"] for each in every)
    assert tidings("articles", "search", "the", "--until", "never").code == 2
    assert "there is none of this name" in tidings("articles", "search", "the", "--source", "moon").err
