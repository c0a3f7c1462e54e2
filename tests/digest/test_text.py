from __future__ import annotations

import pytest

from digest.text import WIDTH, columns, paragraphs, shown, wrapped
from news.redline import redline

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


def marked(old: str, new: str, language: str) -> list[str]:
    return [
        "".join(opening + words + closing for _, opening, words, closing in paragraph.marked())
        for paragraph in paragraphs(redline(old, new), language)
    ]


RTL, LTR = "\u200f", "\u200e"


def test_the_marks_of_a_redline_are_held_in_the_direction_of_its_text() -> None:
    """Fez and Rabat would else be one Latin run, "Fez -] {+Rabat", that reads from left to right among Arabic."""
    [line] = marked("عقد المؤتمر في Fez اليوم", "عقد المؤتمر في Rabat اليوم", "ar")
    removed, added = (f"{RTL}[-{RTL}Fez{RTL}-]{RTL}", f"{RTL}{{+{RTL}Rabat{RTL}+}}{RTL}")
    assert line == f"عقد المؤتمر في {removed} {added} اليوم"
    [line] = marked("The word سفينة is new", "The word قارب is new", "en")
    assert line == f"The word {LTR}[-{LTR}سفينة{LTR}-]{LTR} {LTR}{{+{LTR}قارب{LTR}+}}{LTR} is new"
    assert marked("العدد 2005 جديد", "العدد 2015 جديد", "ar") == ["العدد [-2005-] {+2015+} جديد"]
    for language in ("en", "ar"):
        assert marked("in Fez today", "in Rabat today", language) == ["in [-Fez-] {+Rabat+} today"]


def test_a_redline_without_a_language_runs_as_its_first_letter_does() -> None:
    for old, new in (("في Fez اليوم", "في Rabat اليوم"), ("Fez في اليوم", "Rabat في اليوم")):
        [paragraph] = paragraphs(redline(old, new), "")
        assert paragraph.runs == ("rtl" if old.startswith("في") else "ltr")


def test_no_mark_of_a_redline_stands_across_the_end_of_a_paragraph() -> None:
    old, new = "one\ntwo\nthree", "one\n٢\nالعبارة\nthree"
    assert [line.count("{+") - line.count("+}") for line in marked(old, new, "ar")] == [0] * 5
