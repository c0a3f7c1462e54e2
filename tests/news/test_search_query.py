"""Queries: words, phrases, what is left out; and no text that cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from news.errors import QueryError
from news.folding import fold, holds
from news.search_query import MOST_CHARACTERS, MOST_WORDS, parse_query, rules_of
from news.text import normalise_title
from news.word_filter import word_filter


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("water heritage", [["water"], ["heritage"]], []),
        ('"Water  Heritage" oasis', [["water", "heritage"], ["oasis"]], []),
        ("« water heritage »", [["water", "heritage"]], []),
        ("“water heritage”", [["water", "heritage"]], []),
        ("water -sport", [["water"]], [["sport"]]),
        ('water -"football club"', [["water"]], [["football", "club"]]),
        ("water -نادي", [["water"]], [["نادي"]]),
        ("jean-pierre", [["jean", "pierre"]], []),
        ("water - sport", [["water"], ["sport"]], []),
        ("water water WATER", [["water"]], []),
        ('"water heritage', [["water", "heritage"]], []),
        ('water" heritage', [["water"], ["heritage"]], []),
        ('"" water ""', [["water"]], []),
        ("9001:2015", [["9001", "2015"]], []),
        ("新闻中心", [["新闻", "闻中", "中心"]], []),
        ("water AND NOT heritage*", [["water"], ["and"], ["not"], ["heritage"]], []),
        ("title : water", [["title"], ["water"]], []),
        ("NEAR(water, 2)", [["near", "water"], ["2"]], []),
        ("water --sport", [["water"]], [["sport"]]),
        ("wa\x00ter", [["water"]], []),
    ],
)
def test_a_query_is_read_so(text: str, wanted: list[list[str]], unwanted: list[list[str]]) -> None:
    query = parse_query(text)
    assert [list(each) for each in query.wanted] == wanted
    assert [list(each) for each in query.unwanted] == unwanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no word"),
        ("   ", "no word"),
        ('"" -- !? « »', "no word"),
        ("\x00\x01", "no word"),
        ("-water", "left out"),
        ("a " * (MOST_CHARACTERS // 2 + 1), "longer than"),
        (" ".join(map(str, range(MOST_WORDS + 1))), f"more than {MOST_WORDS}"),
        ("新" * (MOST_WORDS + 2), "two characters"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        parse_query(text)


@given(st.text())
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    assert 0 < query.words <= MOST_WORDS
    assert all(query.wanted)
    assert all(query.unwanted)


@given(st.text(max_size=60), st.text(max_size=60))
@example("0\x1b0", "")
def test_the_rules_of_a_search_let_in_what_it_finds_and_nothing_else(words: str, told: str) -> None:
    """A reader who subscribes to a search is told of what it would find: of these words, all of them in one text."""
    try:
        query = parse_query(words)
    except QueryError:
        return
    include, exclude = rules_of(words)
    for text in (told, words, f"{told} {words}", f"{words} {words}"):
        stored = normalise_title(text)
        folded = fold(stored)
        found = all(holds(folded, each) for each in query.wanted)
        found = found and not any(holds(folded, each) for each in query.unwanted)
        assert word_filter(include, exclude).judge(stored, "")[0] is found


@pytest.mark.parametrize(
    ("words", "include", "exclude"),
    [
        ("water", ("water",), ()),
        ("l’eau Tunis", ("l’eau + Tunis",), ()),
        ('title:water "a + b; c" -"old sport"', ("title water + a b c",), ("old sport",)),
        ("water WATER water -sport -sport", ("water + WATER",), ("sport",)),
        ("والمدرسة !!! 9001:2015", ("والمدرسة + 9001 2015",), ()),
    ],
)
def test_a_search_becomes_rules_in_the_words_that_were_typed(
    words: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    assert rules_of(words) == (include, exclude)


def test_the_longest_search_fits_into_a_rule() -> None:
    words = " ".join(f"{number:02d}" + "x" * 47 for number in range(20))
    assert len(words) == MOST_CHARACTERS - 1
    assert len(rules_of(words)[0][0]) == len(words) + 19 * 2
