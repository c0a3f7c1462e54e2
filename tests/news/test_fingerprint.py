"""The content fingerprint stands still for typography and moves with any word; the exact digest moves with both."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.fingerprint import FINGERPRINT_VERSION, content_fingerprint, exact_digest
from news.text import normalise_text, normalise_title

LETTERS = "abcdefgKMéçñ" + "ابتثجحخدسكمنوي"
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=8) | st.from_regex(
    r"[1-9][0-9]{0,2}([.,][0-9]{1,3})?", fullmatch=True
)
TEXTS = st.lists(WORDS, min_size=1, max_size=20)
GAPS = st.sampled_from(
    [
        " ",
        "  ",
        "\n",
        "\u00a0",
        " \u200b",
        ", ",
        " – ",
        " - ",
        "… ",
        ". ",
        " « ",
        " » ",
        " “",
        "’ ",
        "؛ ",
        "\u200f ",
    ]
)


@given(TEXTS, st.data())
def test_cosmetic_differences_do_not_move_the_fingerprint(body: list[str], data: st.DataObject) -> None:
    spelled = data.draw(st.sampled_from(["", "“", " ", "\ufeff", "«\u202f"])) + "".join(
        word.replace("م", "مـ") + data.draw(GAPS) for word in body
    )
    spelled = unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD"])), spelled)
    assert content_fingerprint("t", spelled) == content_fingerprint("t", " ".join(body))


@given(TEXTS, WORDS, st.data())
def test_any_word_moves_the_fingerprint(body: list[str], word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    before = content_fingerprint("t", " ".join(body))
    others = [
        [*body[:place], word, *body[place:]],
        body[:place] + body[place + 1 :],
        [*body[:place], word, *body[place + 1 :]],
        body[place:] + body[:place],
        [*body[:place], body[place] + "x", *body[place + 1 :]],
    ]
    for other in others:
        if other != body:
            assert content_fingerprint("t", " ".join(other)) != before
    assert content_fingerprint(word, " ".join(body)) == before or word != "t"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ISO (9001:2005)", "ISO (9001:2015)"),
        ("5 girls", "5% girls"),
        ("5 $", "5 €"),
        ("1.5 million", "15 million"),
        ("it's", "its"),
        ("Icesco", "ICESCO"),
        ("مُدرسة", "مدرسة"),
        ("a b", "ab"),
    ],
)
def test_what_changes_the_sense_moves_the_fingerprint(one: str, other: str) -> None:
    assert content_fingerprint("t", one) != content_fingerprint("t", other)


def test_the_french_quotation_marks_of_the_article_page_are_cosmetic() -> None:
    listing = ("Un accueil", "Il a dit : “ la paix ” – et l’avenir…")
    article = ("Un accueil", "Il a dit: « la paix » - et l'avenir...")
    assert content_fingerprint(*listing) == content_fingerprint(*article)
    assert exact_digest(*listing) != exact_digest(*article)


def test_a_word_that_moves_from_the_title_to_the_body_moves_both_hashes() -> None:
    for digest in (content_fingerprint, exact_digest):
        assert digest("one two", "three") != digest("one", "two three")


def test_both_hashes_say_their_version() -> None:
    assert content_fingerprint("", "").startswith(f"{FINGERPRINT_VERSION}:")
    assert exact_digest("", "").startswith(f"{FINGERPRINT_VERSION}:")


def test_version_one_is_the_hash_it_always_was() -> None:
    # Stored fingerprints depend on it: whoever changes this value raises the version.
    assert content_fingerprint("A title", "Some « words » in 2023.") == "1:af0ba19eefbe9aebc490206f36738288"


@given(st.text(), st.text())
def test_the_exact_digest_is_that_of_the_stored_form(title: str, body: str) -> None:
    assert exact_digest(title, body) == exact_digest(normalise_title(title), normalise_text(body))
