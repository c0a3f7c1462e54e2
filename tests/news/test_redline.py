"""A redline tells exactly both texts, and an edit is classed by what it changes."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import difference
from news.redline import EditClass, Span, edit_class, redline

FILLER = (
    "The participants spoke about education and science in the morning and about culture in the evening. "
    * 20
)
TEXTS = (
    st.lists(
        st.sampled_from(["one", "two ", "three\n", "\n\n", " ", ",", "«", "أ", "e\u0301", "_", "x1.5"])
    ).map("".join)
    | st.text()
)


def told(spans: tuple[Span, ...], op: str) -> str:
    return "".join(span.text for span in spans if span.op in ("same", op))


@given(TEXTS, TEXTS)
def test_a_redline_holds_exactly_both_texts(old: str, new: str) -> None:
    spans = redline(old, new)
    assert told(spans, "removed") == old
    assert told(spans, "added") == new
    assert all(span.text for span in spans)
    assert all(one.op != two.op for one, two in pairwise(spans))


@given(TEXTS, TEXTS, st.sampled_from([0, 3, 30]))
def test_a_redline_of_paragraphs_holds_exactly_both_texts(old: str, new: str, limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(difference, "EFFORT", limit)
        spans = redline(old, new)
    assert told(spans, "removed") == old
    assert told(spans, "added") == new


@given(TEXTS)
def test_an_unchanged_text_has_no_marks(text: str) -> None:
    assert redline(text, text) == ((Span("same", text),) if text else ())


def test_a_redline_marks_words_and_not_their_spaces() -> None:
    spans = redline("The forum, held in Fez,\nwas long.", "The forum, held in Rabat,\n\nwas very long.")
    assert [(span.op, span.text) for span in spans] == [
        ("same", "The forum, held in "),
        ("removed", "Fez"),
        ("added", "Rabat"),
        ("same", ","),
        ("removed", "\n"),
        ("added", "\n\n"),
        ("same", "was "),
        ("added", "very "),
        ("same", "long."),
    ]


def test_two_huge_texts_are_compared_by_paragraphs() -> None:
    lines = [f"paragraph {number} " + "the same words again and again " * 20 for number in range(400)]
    edited = ["a new first line", *lines[:200], "another", *lines[201:], "a new last line"]
    spans = redline("\n".join(lines), "\n".join(edited))
    assert told(spans, "added") == "\n".join(edited)
    assert sum(len(span.text) for span in spans if span.op == "same") > 250_000


EDITS = [
    ("Title", FILLER, "Title", FILLER, "none"),
    ("Title", FILLER, " Title\u200b", FILLER.replace(" about", "  about"), "none"),
    ("A “title”", FILLER, "A «\u00a0title\u00a0»", FILLER, "cosmetic"),
    ("Title", FILLER + "They – all – came.", "Title", FILLER + "They, all, came", "cosmetic"),
    ("Title", FILLER + "It was recieved.", "Title", FILLER + "It was received.", "minor"),
    ("Title", FILLER + "Icesco spoke.", "Title", FILLER + "ICESCO spoke.", "minor"),
    ("Title", FILLER + "A man came.", "Title", FILLER + "The man came.", "minor"),
    ("Title", FILLER + "عقد الإجتماع هناك", "Title", FILLER + "عقد الاجتماع هناك", "cosmetic"),
    ("Title", FILLER + "حضر المدير على الباخرة", "Title", FILLER + "حضر المدير علي الباخرة", "minor"),
    ("Title", FILLER + "held in Fez.", "Title", FILLER + "held in Rabat.", "substantive"),
    ("ISO (9001:2005)", FILLER, "ISO (9001:2015)", FILLER, "substantive"),
    ("Title", FILLER + "It rose by 5.", "Title", FILLER + "It rose by 5%.", "substantive"),
    ("Title", FILLER + "They did agree.", "Title", FILLER + "They did not agree.", "substantive"),
    ("Title", FILLER + "They do agree.", "Title", FILLER + "They don’t agree.", "substantive"),
    ("Title", FILLER + "Il est venu.", "Title", FILLER + "Il n’est pas venu.", "substantive"),
    ("Title", FILLER + "حضر الوزير", "Title", FILLER + "لم يحضر الوزير", "substantive"),
    ("Title", FILLER + "the man bit the dog", "Title", FILLER + "the dog bit the man", "substantive"),
    ("Title", FILLER, "Title", FILLER + "a whole sentence more was written here", "substantive"),
    ("Title", FILLER, "Title", "", "substantive"),
    ("Title one", "two three", "Title", "one two three", "substantive"),
    ("Title", "a short text of a few words", "Title", "a short text of a dozen words", "minor"),
    ("Title", "a short text of a few words", "Title", "a brief text of a dozen words", "substantive"),
]


@pytest.mark.parametrize(("old_title", "old_body", "new_title", "new_body", "expected"), EDITS)
def test_an_edit_is_classed_by_what_it_changes(
    old_title: str, old_body: str, new_title: str, new_body: str, expected: str
) -> None:
    assert edit_class(old_title, old_body, new_title, new_body) == EditClass(expected)
    assert edit_class(new_title, new_body, old_title, old_body) == EditClass(expected)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_every_edit_has_a_class_and_going_back_has_the_same(
    one: str, two: str, three: str, four: str
) -> None:
    assert edit_class(one, two, three, four) == edit_class(three, four, one, two)
    assert edit_class(one, two, one, two) is EditClass.NONE


def test_a_redline_of_vocalised_arabic_marks_whole_words_in_their_order() -> None:
    old, new = "أَبْحَرَتِ العَبّارةُ يوم الاثنين إلى الجزيرة", "أَبْحَرَتِ العَبّارةُ يوم الثلاثاء إلى الجزيرة"
    assert [(span.op, span.text.strip()) for span in redline(old, new)] == [
        ("same", "أَبْحَرَتِ العَبّارةُ يوم"),
        ("removed", "الاثنين"),
        ("added", "الثلاثاء"),
        ("same", "إلى الجزيرة"),
    ]


def test_a_redline_of_a_text_without_spaces_marks_its_characters_and_not_whole_clauses() -> None:
    old, new = "大会周一在北京举行，三百名代表出席。", "大会周一在上海举行，三百名代表出席。"
    assert [(span.op, span.text) for span in redline(old, new)] == [
        ("same", "大会周一在"),
        ("removed", "北京"),
        ("added", "上海"),
        ("same", "举行，三百名代表出席。"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("认真", "认针", "minor", id="a slip of the pen"),
        pytest.param("三百", "四百", "substantive", id="a number"),
        pytest.param("出席", "不出席", "substantive", id="a negation"),
        pytest.param("认真地听取了报告", "很早就离开了会场", "substantive", id="a clause"),
    ],
)
def test_an_edit_of_a_text_without_spaces_is_classed_by_its_characters(
    before: str, after: str, expected: str
) -> None:
    text = (
        "大会周一在北京举行，三百名代表出席，他们认真地听取了报告，还参观了开放不久的阅览室和古老的地图。" * 4
    )
    assert edit_class("标题", text, "标题", text.replace(before, after, 1)) == EditClass(expected)


def test_a_redline_between_scripts_keeps_each_side_whole() -> None:
    old, new = "نظمت ICESCO ندوة في Fez يوم 3/4", "نظمت ICESCO ندوة في Rabat يوم 3/5"
    changed = [(span.op, span.text.strip()) for span in redline(old, new) if span.op != "same"]
    assert changed == [("removed", "Fez"), ("added", "Rabat"), ("removed", "3/4"), ("added", "3/5")]


def _swapped(number: int) -> tuple[str, str]:
    words = [f"w{each}" for each in range(number)]
    other = [words[each ^ 1] for each in range(number)]
    return " ".join(words), " ".join(other)


HOSTILE = {
    "neighbours swapped all the way": _swapped(20_000),
    "neighbours swapped, and every word twice": tuple(f"{text} {text}" for text in _swapped(8_000)),
    "one word for ever": ("a " * 100_000, "a " * 99_999 + "b"),
    "two words in turn": ("a b " * 50_000, "b a " * 50_000),
    "turned round": (" ".join(map(str, range(30_000))), " ".join(map(str, range(30_000, 0, -1)))),
    "short lines swapped": tuple(text.replace(" ", "\n") for text in _swapped(20_000)),
    "letters that an encoding broke": ("\n".join(["Ã©" * 50] * 1_000), "\n".join(["é" * 50] * 999 + ["e"])),
    "lost letters": ("\ufffd" * 50_000, "é" * 50_001),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_promise_10_no_text_makes_comparing_take_long(name: str) -> None:
    """Each of these took from ten seconds to hours with `difflib` alone."""
    old, new = HOSTILE[name]
    began = time.process_time()
    spans = redline(old, new)
    edit_class("Title", old, "Title", new)
    assert time.process_time() - began < 15
    assert told(spans, "removed") == old
    assert told(spans, "added") == new
