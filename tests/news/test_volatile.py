"""Laws of what flaps: only what was learnt is passed over, and whatever the texts are nothing else is touched."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from news.redline import redline
from news.revision import VolatileKind, VolatilePart
from news.volatile import MAX_PARTS, remembered, steadied
from tests.news.edit_cases import CLOSING, OPENING, Met, played, says, told

WORDS = st.lists(
    st.sampled_from("one two three, four. five\n six العبارة «seven» 8 9:15".split(" ")), max_size=30
)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def part(before: str, after: str) -> VolatilePart:
    return VolatilePart(kind=VolatileKind.PASSAGE, before=before, after=after, learnt_at=NOW)


@given(st.text(), st.text(), st.lists(st.builds(part, st.text(max_size=8), st.text(max_size=8)), max_size=4))
def test_whatever_the_texts_and_parts_are_each_side_keeps_what_is_not_in_a_part(
    known: str, seen: str, parts: list[VolatilePart]
) -> None:
    assert steadied(known, known, parts) == known
    assert steadied(known, seen, []) == seen
    assert steadied("", "", parts) == ""
    steadied(known, seen, parts)


@settings(deadline=None)
@given(WORDS, WORDS, st.lists(st.integers(1, 10**6), min_size=4, max_size=4, unique=True))
def test_a_counter_is_found_between_any_words_and_a_word_beside_it_is_never_lost(
    before: list[str], after: list[str], numbers: list[int]
) -> None:
    def page(number: int, further: str = "") -> str:
        return f"{' '.join(before)}\nread {number} times\n{' '.join(after)}{further}"

    state, made = played([says(page(number)) for number in numbers])
    assert [told(each) for each in made[2:]] == ["nothing", "nothing"]
    assert steadied(state.body_text, state.body_text, state.volatile) == state.body_text
    [_, *_, last] = played([*(says(page(number)) for number in numbers), says(page(5, " and a zebra came"))])[
        1
    ]
    assert last.kinds
    assert last.revision is not None
    assert last.revision.content is not None
    spans = redline(
        state.body_text, steadied(state.body_text, last.revision.content.body_text, state.volatile)
    )
    assert "zebra" in "".join(span.text for span in spans if span.op == "added")
    assert not any(char.isdigit() for span in spans if span.op != "same" for char in span.text)


def test_a_place_that_stands_twice_is_no_place() -> None:
    seen = "Read 9 times. Read 9 times."
    assert steadied("Read 7 times. Read 7 times.", seen, [part("Read", "times")]) == seen


def test_only_the_latest_parts_are_remembered() -> None:
    parts = [part(f"a{number}", "b") for number in range(3 * MAX_PARTS)]
    assert remembered(parts[:10], parts[10:]) == tuple(parts[-MAX_PARTS:])
    assert remembered(parts[:2], parts[:2]) == tuple(parts[:2])


def test_promise_10_no_text_makes_looking_for_places_take_long() -> None:
    known, seen = "a " * 49_000, "a " * 49_000 + "b"
    began = time.process_time()
    steadied(known, seen, [part("a a a a a a a", f"a a a {end}") for end in "bcdefghi"])
    assert time.process_time() - began < 20


TEXTS = st.sampled_from(
    [
        "Read 1 times",
        "Read 2 times",
        "Read 3 times",
        "It rains.\nRead 4 times",
        "nine",
        "ten",
        "12",
        "1 2 3",
        "العبارة ٧",
    ]
)
TITLES = st.sampled_from(["The ferry sails again", "The ferry stays", "The ferry (3)"])


@settings(deadline=None)
@given(
    st.lists(
        st.builds(says, TEXTS, title=TITLES, hours=st.sampled_from([0.5, 3, 30])), min_size=2, max_size=12
    )
)
def test_whatever_an_article_went_through_what_stands_for_two_days_is_told(looks: list[Met]) -> None:
    """Nothing is passed over for ever: the newest revision is what the page shows, once that stays."""
    last = looks[-1]
    stays = says(last.text, title=last.title, hours=25)
    state, made = played([*looks, stays, stays])
    assert state.body_text == f"{OPENING}\n{last.text}\n{CLOSING}"
    assert state.title == last.title
    assert not state.unsettled_digest
    for revised in made[1:]:
        assert (revised.revision is not None) == bool(revised.kinds)
        assert len(revised.kinds) <= 1


COUNTERS = ["Read {} times", "Shared {} times", "{} comments", "Liked {} times", "قرئ {} مرة"]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(COUNTERS), min_size=1, max_size=4, unique=True),
    st.sampled_from([", ", "\n", " ", " · "]),
    st.lists(st.integers(1, 9), min_size=4, max_size=4),
)
def test_however_many_counters_stand_on_a_page_they_are_told_three_times_at_most(
    counters: list[str], between: str, steps: list[int]
) -> None:
    def page(look: int) -> str:
        counts = (counter.format(100 + step * look) for counter, step in zip(counters, steps, strict=False))
        return between.join(counts)

    _, made = played([says(page(look)) for look in range(9)])
    assert {told(each) for each in made[4:]} == {"nothing"}
