"""Which articles tell one story, which only look like it, and what may be a translation of what."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.story_traps import APART, SAME, TRANSLATED, Pair
from news.contrast import Contrast, contrast, said
from news.phrases import bands, likeness, phrases, telling_words
from news.story import (
    MEMBERS_AT_MOST,
    Likeness,
    Placed,
    Telling,
    alike,
    band_keys,
    echo_keys,
    keys_of_likes,
    place,
    translations,
)

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def telling(number: int, title: str, text: str, **more: object) -> Telling:
    fields: dict[str, object] = {"host": "news.example", "language": "en", "at": AT}
    return Telling(article_id=number, title=title, body_text=text, **(fields | more))  # type: ignore[arg-type]


def both(pair: Pair, *, days: float = 0) -> tuple[Telling, Telling]:
    return (
        telling(1, *pair.one, language=pair.language),
        telling(2, *pair.other, language=pair.language, at=AT + timedelta(days=days)),
    )


@pytest.mark.parametrize("pair", APART, ids=lambda pair: pair.name)
def test_what_is_told_in_one_form_of_two_things_stays_apart(pair: Pair) -> None:
    one, other = both(pair, days=1)
    assert likeness(one.phrases, other.phrases) >= 0.5, "no trap: the words differ anyway"
    assert isinstance(alike(one, other), Contrast)
    assert isinstance(alike(other, one), Contrast)


@pytest.mark.parametrize("pair", SAME, ids=lambda pair: pair.name)
def test_what_is_told_again_is_one_story(pair: Pair) -> None:
    one, other = both(pair, days=1)
    assert isinstance(alike(one, other), Likeness)
    assert isinstance(alike(other, one), Likeness)
    assert set(band_keys(one)) & set(keys_of_likes(other))


def test_what_lies_further_apart_than_ninety_days_is_no_story() -> None:
    one, other = both(SAME[0], days=91)
    assert alike(one, other) is None
    assert isinstance(alike(*both(SAME[0], days=89)), Likeness)


@pytest.mark.parametrize(
    "text", ["", "In short: more soon.", "one two three " * 7, "one line twelve times over, " * 12]
)
def test_a_text_that_is_short_is_no_evidence(text: str) -> None:
    one, other = telling(1, "A title", text), telling(2, "A title", text)
    assert alike(one, other) is None
    assert band_keys(one) == ()


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        (("twelve", "14"), True),  # a correction that takes a word's place
        (("old mill", "new mill"), True),
        (("delegates", "guests"), True),
        (("14 November 2023", "14 November 2025"), False),
        (("mountain libraries", "coastal libraries"), False),  # in title and text
    ],
)
def test_a_correction_is_no_other_event(change: tuple[str, str], is_same: bool) -> None:
    title, text = next(pair.one for pair in APART if pair.name == "the yearly forum")
    one, other = telling(1, title, text), telling(2, title.replace(*change), text.replace(*change))
    assert isinstance(alike(one, other), Likeness) is is_same


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ("Council meets in 2024", "Council meets in 2025", "title"),
        ("Round II begins", "Round III begins", "title"),
        ("Salim Al-Malki opens the hall", "Salim AlMalki opens the hall", None),
        ("Benarafa opens the hall", "Benarfa opens the hall", None),
        ("The hall opens", "The hall opens", None),
    ],
)
def test_a_title_speaks_of_one_thing_in_many_spellings(one: str, other: str, ground: str | None) -> None:
    text = "The hall was opened by the council, and a round of talks begins."
    found = contrast(said(one, f"{one}. {text}"), said(other, f"{other}. {text}"))
    assert (found.ground if found else None) == ground


def test_a_story_takes_nothing_in_that_contradicts_one_of_its_articles() -> None:
    pair = next(pair for pair in APART if pair.name == "the second and the third conference")
    second, third = telling(1, *pair.one), telling(3, *pair.other)
    vague = telling(2, "Conference on old maps ends", pair.one[1].replace("second", "latest"))
    assert isinstance(alike(second, vague), Likeness)
    assert isinstance(alike(vague, third), Contrast | Likeness)
    placed = place(third, [second, vague], {1: [second, vague]}, {1: 1, 2: 1})
    assert placed is None


def test_an_article_goes_to_the_oldest_of_those_most_like_it() -> None:
    title, text = SAME[0].one
    cut = text.rsplit(". ", 1)[0]
    candidates = [telling(1, title, cut), telling(2, title, text), telling(3, title, text)]
    placed = place(telling(4, title, text), candidates, {2: [candidates[1]]}, {2: 2})
    assert placed is not None
    assert (placed.beside, placed.story, placed.evidence.similarity) == (2, 2, 1.0)


def test_a_form_that_is_told_all_the_time_stops_growing() -> None:
    title, text = SAME[0].one
    full = [telling(number, title, text) for number in range(1, MEMBERS_AT_MOST + 1)]
    assert place(telling(99, title, text), full[:3], {1: full}, {1: 1, 2: 1, 3: 1}) is None
    assert isinstance(place(telling(99, title, text), full[:3], {1: full[:-1]}, {1: 1, 2: 1, 3: 1}), Placed)


def rewritten() -> list[tuple[str, Telling]]:
    return [
        (news.name, telling(number, title, text, language=language))
        for number, (news, (language, title, text)) in enumerate(
            ((news, told) for news in TRANSLATED for told in news.tellings), start=1
        )
    ]


def test_a_translation_is_proposed_for_what_is_told_in_another_language_and_for_nothing_else() -> None:
    told = rewritten()
    names = {each.article_id: name for name, each in told}
    for name, each in told:
        found = translations(each, [other for _, other in told])
        assert [names[proposed.other] for proposed in found] == [name, name], each.title


@pytest.mark.parametrize(
    "change",
    [{"host": "other.example"}, {"at": AT + timedelta(days=2)}, {"language": "en-GB"}, {"language": ""}],
    ids=lambda change: next(iter(change)),
)
def test_no_translation_is_proposed_across_sites_or_days_or_within_a_language(
    change: dict[str, object],
) -> None:
    one, french, _ = (each for _, each in rewritten()[:3])
    assert translations(one, [french])
    other = telling(2, french.title, french.body_text, **({"language": "fr"} | change))
    assert translations(one, [other]) == ()


def test_between_two_that_have_as_much_in_common_none_is_proposed() -> None:
    one, french, _ = (each for _, each in rewritten()[:3])
    twin = telling(9, french.title, french.body_text, language="fr")
    assert translations(one, [french, twin]) == ()


TEXTS = st.lists(
    st.sampled_from("the old mill of Fez opened 12 rooms in 2024 القاعة الأولى".split()), max_size=80
)


@given(TEXTS, TEXTS)
def test_likeness_is_a_share_and_bands_follow_the_words_alone(one: list[str], other: list[str]) -> None:
    ours, theirs = phrases(telling_words(" ".join(one))), phrases(telling_words(" ".join(other)))
    assert 0 <= likeness(ours, theirs) == likeness(theirs, ours) <= 1
    assert likeness(ours, ours) == (1 if ours else 0)
    assert bands(ours) == bands(frozenset(sorted(ours)))
    assert all(0 <= band < 1 << 44 for band in bands(ours))


@given(TEXTS, TEXTS)
def test_what_keeps_two_apart_keeps_them_apart_from_either_side(one: list[str], other: list[str]) -> None:
    ours, theirs = said("A title", " ".join(one)), said("A title", " ".join(other))
    there, back = contrast(ours, theirs), contrast(theirs, ours)
    assert (there is None) == (back is None)
    assert contrast(ours, ours) is None


def test_the_chance_to_be_found_rises_steeply_with_what_is_shared() -> None:
    rng = random.Random(4)
    for share, least, most in ((0.8, 0.98, 1), (0.65, 0.85, 1), (0.3, 0, 0.4), (0.1, 0, 0.05)):
        found = 0
        for _ in range(200):
            common = {rng.getrandbits(32) for _ in range(300)}
            own = round(300 * (1 - share) / share / 2)
            pair = [frozenset(common | {rng.getrandbits(32) for _ in range(own)}) for _ in range(2)]
            found += bool(set(bands(pair[0])) & set(bands(pair[1])))
        assert least <= found / 200 <= most, share


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"Name{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}a" for number in range(4_000)),
        "Aa" * 100_000,
        "1" * 200_000,
        "1,000" * 40_000,
        "the 1 May " * 20_000,
        "a.A" * 60_000,
    ],
    ids=["names", "one word", "one number", "thousands", "days", "sentences"],
)
def test_hostile_texts_are_compared_in_bounded_time(text: str) -> None:
    began = process_time()
    one, other = telling(1, text, text, language="fr"), telling(2, f"B {text}", f"{text} b", language="en")
    alike(one, other)
    translations(one, [other])
    band_keys(one)
    echo_keys(one)
    assert process_time() - began < 3
