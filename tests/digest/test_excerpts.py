from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import wording
from digest.excerpts import CONTEXT, MAX_EXCERPT, MAX_REDLINE, changed_words, opening
from news.redline import Span

LONG = " ".join(f"word{number}" for number in range(400))
CASES = [
    ("nothing changed", "Same.", "Same.", []),
    ("one word", "in Fez now", "in Rabat now", [("removed", "Fez"), ("added", "Rabat")]),
    ("at the start", f"Old {LONG}", f"New {LONG}", [("removed", "Old"), ("added", "New")]),
    ("at the end", f"{LONG} old", f"{LONG} new", [("removed", "old"), ("added", "new")]),
    ("a paragraph more", "One.", "One.\nTwo.", [("added", "Two.")]),
]


@pytest.mark.parametrize(
    ("old", "new", "changed"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_every_changed_word_is_shown_with_a_little_around_it(
    old: str, new: str, changed: list[tuple[str, str]]
) -> None:
    spans = changed_words(old, new)
    shown = [piece for piece in wording.pieces(spans) if piece[0] != "same"]
    assert shown == changed
    assert all(len(span.text) <= 2 * CONTEXT + 4 for span in spans if span.op == "same")


def test_what_is_cut_between_two_changes_is_marked() -> None:
    spans = changed_words(f"Old {LONG} old", f"New {LONG} new")
    assert [span.op for span in spans] == ["removed", "added", "same", "removed", "added"]
    assert " … " in spans[2].text


def test_a_redline_has_an_end() -> None:
    spans = changed_words("old", "\n".join(f"{LONG} {number}" for number in range(20)))
    assert sum(len(span.text) for span in spans) <= MAX_REDLINE + 10
    assert spans[-1].text.endswith("…")


def test_an_opening_is_the_summary_or_the_text_without_its_title() -> None:
    assert opening("Summary.", "Body.", "Title") == "Summary."
    assert opening("", "Title\nBody.", "Title") == "Body."
    assert opening("", "", "Title") == ""
    assert len(opening("", LONG, "Title")) <= MAX_EXCERPT


words = st.lists(st.sampled_from(["one", "two", "trois", "أربعة", ".", "\n"]), max_size=40).map(" ".join)


@given(words, words)
def test_no_changed_text_is_lost_in_what_people_read(old: str, new: str) -> None:
    spans = changed_words(old, new)
    for op in ("removed", "added"):
        told = "".join(span.text for span in spans if span.op == op).split()
        shown = "".join(text + " " for kind, text in wording.pieces(spans) if kind == op).split()
        assert "".join(shown) == "".join(told)


def test_a_change_of_white_space_alone_shows_no_empty_mark() -> None:
    assert wording.pieces([Span("same", "a"), Span("added", "\n"), Span("same", "b")]) == [("same", "a\nb")]
