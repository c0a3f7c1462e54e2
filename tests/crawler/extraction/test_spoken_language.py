"""Which language a listing's titles speak: said only where it is clear."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

import pytest

from crawler.extraction.languages import spoken_language

ARTICLES = Path(__file__).resolve().parents[3] / "fixtures" / "icesco" / "articles"


def titles(language: str) -> list[str]:
    """Return the titles of the recorded site's articles in a language."""
    declared = tomllib.loads((ARTICLES / f"{language}.toml").read_text(encoding="utf-8"))
    [articles] = [value for value in declared.values() if isinstance(value, list) and "title" in value[0]]
    return [article["title"] for article in articles]


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_a_page_of_titles_is_never_taken_for_another_language(language: str) -> None:
    found = [spoken_language(" . ".join(Random(seed).sample(titles(language), 10))) for seed in range(60)]
    assert set(found) <= {language, ""}
    assert found.count(language) > 50


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", ""),
        ("12 . 34 . 56", ""),
        ("Read more", ""),
        ("Lorem ipsum dolor sit amet consectetur " * 9, ""),
        ("Новая библиотека открылась в порту для всех читателей города " * 3, "cyrillic"),
        ("港の新しい図書館が市民のために開館しました" * 4, "east asian"),
        ("Το νέο μουσείο στο λιμάνι ανοίγει για όλους τους κατοίκους " * 3, "greek"),
    ],
    ids=["nothing", "numbers", "little", "no words of any", "Russian", "Japanese", "Greek"],
)
def test_what_is_said_of_other_texts(text: str, language: str) -> None:
    assert spoken_language(text) == language
