"""Text has one stored form, and one form for comparison in which only words and case are left to differ."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text import comparable, direction, normalise_text, normalise_title, title_key, truncate, words

STORED = [
    ("  A  title with   gaps ", "A title with gaps"),
    ("one\r\n\r\n\r\ntwo\rthree\n  four", "one\ntwo\nthree\nfour"),
    ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
    ("\ufeffa\u200bb\u00adc\u2060d", "abcd"),
    ("\u202eabc\u202c \u200fx\u061c", "abc x"),
    ("a\x00b\x1bc\x7fd\x9be", "abcde"),
    ("a\u00a0b\u202fc\u3000d\te", "a b c d e"),
    ("re\u0301sume\u0301", "résumé"),
    ("a\ud800b\udfff", "a\ufffdb\ufffd"),
    ("العـــربية", "العـــربية"),
    ("می\u200cروم", "می\u200cروم"),
    ("plain\u200cword \u200dend", "plainword end"),
    ("👩\u200d💻 ❤\ufe0f", "👩\u200d💻 ❤\ufe0f"),
    ("“curly” – stays…", "“curly” – stays…"),
    ("", ""),
    (" \n\u200b\n ", ""),
]

EQUAL_BUT_FOR_TYPOGRAPHY = [
    ("the “word”", 'the "word"'),
    ("« mot »", "“mot”"),
    ("«\u00a0mot\u00a0»", '"mot"'),
    ("ISESCO’s", "ISESCO's"),
    ("l`avis", "l’avis"),
    ("5′ 10″", "5' 10\""),
    ("14–15 — a‑b", "14-15 - a-b"),
    ("wait…", "wait..."),
    ("العـــربية", "العربية"),
    ("ﻻ ﷲ", "لا الله"),
    ("٢٠٢٣ ۲۰۲۳", "2023 2023"),
    ("ﬁn", "fin"),
    ("ＩＣＥＳＣＯ", "ICESCO"),
    ("می\u200cروم", "میروم"),
    ("a\u2009b", "a b"),
]


@pytest.mark.parametrize(("text", "stored"), STORED)
def test_text_is_stored_without_what_nobody_sees(text: str, stored: str) -> None:
    assert normalise_text(text) == stored


def test_a_title_is_one_line() -> None:
    assert normalise_title(" One\n\n two \u2028three ") == "One two three"


@pytest.mark.parametrize(("one", "other"), EQUAL_BUT_FOR_TYPOGRAPHY)
def test_typography_is_folded_for_comparison(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Icesco", "ICESCO"), ("résumé", "resume"), ("m²", "m2"), ("a\nb", "a b")]
)
def test_case_accents_and_paragraphs_are_compared(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    for normalise in (normalise_text, normalise_title, comparable):
        once = normalise(text)
        assert normalise(once) == once
        assert unicodedata.is_normalized("NFC", once)
        once.encode()


TRICKY = st.sampled_from(
    "aeكمی é\u0301\u0653\u200c\u200d\u200b\u0640\ufe0f👩←\u0338«»“'`…\u2011 \n\ufefb\ufdfa\uff1a\u00ad٣\r"
)


@given(st.text(TRICKY))
def test_normalising_twice_changes_nothing_where_invisible_characters_meet(text: str) -> None:
    for normalise in (normalise_text, normalise_title, comparable):
        once = normalise(text)
        assert normalise(once) == once
    assert title_key(comparable(normalise_title(text))) == title_key(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It isn’t 1,250.50 girls; 50% (14th)", ["It", "isn’t", "1,250.50", "girls", "50", "14th"]),
        ("ISO 9001:2015, COVID-19", ["ISO", "9001:2015", "COVID", "19"]),
        ("مُحَمَّد في ٢٠٢٣،", ["مُحَمَّد", "في", "٢٠٢٣"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("'quoted' _name_", ["quoted", "name"]),
        ("…", []),
    ],
)
def test_words_are_whole_in_every_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_title_keys_differ_by_one_noun() -> None:
    countries = ("Austria", "Saudi Arabia", "Mexico", "Lebanon", "Pakistan")
    assert len({title_key(f"Director-General receives the ambassador of {name}") for name in countries}) == 5


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("one two", 7, "one two"),
        ("one two three", 9, "one two…"),
        ("one two, three", 10, "one two…"),
        ("onetwothree", 5, "onet…"),
        ("one two", 1, "…"),
        ("one two three", 8, "one two…"),
        ("abcde\u0301f", 6, "abcd…"),
    ],
)
def test_a_text_is_cut_between_words(text: str, limit: int, expected: str) -> None:
    assert truncate(text, limit) == expected


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_keeps_its_limit(text: str, limit: int) -> None:
    cut = truncate(text, limit)
    assert len(cut) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_a_limit_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        truncate("a", 0)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("ar", "rtl"), ("ar-MA", "rtl"), ("fa_IR", "rtl"), ("he", "rtl"), ("ur", "rtl"), ("AZ-Arab", "rtl"),
     ("uz-AF", "rtl"),
     ("ar-Latn", "ltr"), ("en", "ltr"), ("fr-FR", "ltr"), ("ks-Deva-IN", "ltr"), ("", "ltr"), (None, "ltr")],
)  # fmt: skip
def test_a_language_runs_one_way(tag: str | None, expected: str) -> None:
    assert direction(tag) == expected
