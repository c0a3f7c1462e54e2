from __future__ import annotations

import pytest

from digest.text import WIDTH, columns, shown, wrapped

ARABIC = (
    "افتتاح الملتقى الأول حول مكتبات القرى الجبلية بمشاركة Valley Library Network ووفود من دول عربية كثيرة"
)


def test_every_line_of_a_right_to_left_title_is_isolated_in_the_direction_of_the_whole() -> None:
    lines = wrapped(ARABIC, "  ", first="* ")
    assert len(lines) > 1
    assert all(line[2] == "\u2067" and line.endswith("\u2069") for line in lines)


def test_a_latin_title_with_an_arabic_word_runs_from_left_to_right() -> None:
    lines = wrapped(f"The word {ARABIC}")
    assert [line[0] for line in lines] == ["\u2066"] * len(lines)


def test_latin_text_has_no_isolates() -> None:
    assert shown("À l’école") == "À l’école"
    assert wrapped("word " * 40)[0].isascii()


@pytest.mark.parametrize("text", ["on lit « dehors » souvent", "vraiment ? oui ! non : fin ; bien"])
def test_french_punctuation_never_stands_alone_at_a_line_s_edge(text: str) -> None:
    for padding in range(WIDTH):
        for line in wrapped("x" * padding + " " + text):
            assert not line.endswith("«")
            assert not line.lstrip().startswith(("»", "?", "!", ":", ";"))


def test_a_word_that_is_too_long_stands_whole_on_its_own_line() -> None:
    lines = wrapped(f"see {'x' * 100} there", "  ")
    assert lines == ["  see", f"  {'x' * 100}", "  there"]


def test_wide_letters_take_two_columns() -> None:
    assert all(columns(line) <= WIDTH for line in wrapped("新聞 " * 60))
