"""Generated articles for `make bench-stories`: drafts of a made-up press office, and what an editor makes of them.

Everything is drawn from a seeded generator. Drafts of one office share stock phrases, as real ones do; what they tell
is drawn from several hundred sentences of words in frequencies like those of a language (Zipf).
"""

# ruff: noqa: E501, ARG001 - running texts; all edits take the same arguments

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

LETTERS = {
    "en": ("abcdefghijklmnoprstuvwy", "aeiou"),
    "fr": ("bcdfghjlmnpqrstv", "aeiouéèê"),
    "ar": ("بتثجحخدذرزسشصضطظعغفقكلمنهي", "اوي"),
}
STOCK = {
    "en": (
        "The network announced on {day} that", "in the presence of the mayor and many guests", "it was said on the occasion",
        "as part of the programme for the upper valley", "and thanked all who had taken part in it", "The next meeting will be held on {day}.",
    ),
    "fr": (
        "Le réseau a annoncé le {day} que", "en présence du maire et de nombreux invités", "a-t-on déclaré à cette occasion",
        "dans le cadre du programme de la haute vallée", "et remercié tous ceux qui y ont pris part", "La prochaine réunion se tiendra le {day}.",
    ),
    "ar": (
        "أعلنت الشبكة يوم {day} أن", "بحضور رئيس البلدية وعدد كبير من الضيوف", "حسب ما جاء في كلمة بالمناسبة",
        "في إطار برنامج أعالي الوادي", "وشكرت جميع من شاركوا فيه", "وينعقد اللقاء المقبل يوم {day}.",
    ),
}  # fmt: skip
MONTHS = {
    "en": "January March May June September November".split(),
    "fr": "janvier mars mai juin septembre novembre".split(),
    "ar": "يناير مارس مايو يونيو سبتمبر نوفمبر".split(),
}
VOCABULARY = 6_000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One article: its language, title and text."""

    language: str
    title: str
    text: str


@lru_cache(maxsize=8)
def vocabulary(language: str) -> tuple[list[str], list[float]]:
    """Return made-up words of a language with their cumulated frequencies."""
    rng = random.Random(f"words of {language}")
    consonants, vowels = LETTERS[language]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = rng.choices((1, 2, 3), (2, 5, 3))[0]
        words[
            "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(syllables))
            + rng.choice(consonants)
        ] = None
    return list(words), list(accumulate(1 / rank for rank in range(2, VOCABULARY + 2)))


def draft(rng: random.Random, language: str, *, words: int = 220) -> Draft:
    """Return an article of about so many words, with names, numbers and days in it."""
    sentences: list[str] = []
    names = [name(rng, language) for _ in range(4)]
    written = 0
    while written < words:
        sentence = _sentence(rng, language, names)
        sentences.append(sentence)
        written += len(sentence.split())
    heading = [*_words(rng, language, 5), rng.choice(names), *_words(rng, language, 2)]
    return Draft(language=language, title=_capital(" ".join(heading)), text=_paragraphs(sentences))


def name(rng: random.Random, language: str) -> str:
    """Return a made-up name."""
    return _capital("".join(_words(rng, language, 2)))


def day(rng: random.Random, language: str) -> str:
    """Return a day in words."""
    return f"{rng.randint(1, 28)} {rng.choice(MONTHS[language])} {rng.randint(2023, 2026)}"


def edits() -> dict[str, Callable[[random.Random, Draft], Draft]]:
    """Return what an editor may do to a draft that is published again, by name."""
    return {
        "2 % of the words": lambda rng, old: _reworded(rng, old, 0.02),
        "8 % of the words": lambda rng, old: _reworded(rng, old, 0.08),
        "cut to 70 %": _cut,
        "80 words more": _longer,
        "another title": _retitled,
        "other quotation marks": _typeset,
        "a name spelled otherwise": _respelled,
        "a number corrected": _corrected,
    }


def forms() -> dict[str, Callable[[random.Random, Draft], tuple[Draft, Draft]]]:
    """Return pairs of different news that are made of one draft as from a form, by name."""
    return {
        "another name throughout": _other_names,
        "another year": _other_years,
        "another edition": _other_editions,
        "other numbers": _other_numbers,
        "40 % of the text in common": _half_new,
    }


def _sentence(rng: random.Random, language: str, names: list[str]) -> str:
    parts = _words(rng, language, rng.randint(6, 16))
    if rng.random() < 0.45:
        parts.insert(rng.randint(1, len(parts) - 1), rng.choice(names))
    if rng.random() < 0.25:
        parts.insert(rng.randint(1, len(parts) - 1), str(rng.randint(32, 990)))
    text = " ".join(parts)
    if rng.random() < 0.3:
        stock = rng.choice(STOCK[language]).format(day=day(rng, language))
        text = f"{stock} {text}" if stock[0].isupper() else f"{text} {stock}"
    return f"{_capital(text).rstrip('.')}."


def _words(rng: random.Random, language: str, count: int) -> list[str]:
    words, weights = vocabulary(language)
    return rng.choices(words, cum_weights=weights, k=count)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _paragraphs(sentences: list[str]) -> str:
    return "\n".join(" ".join(sentences[start : start + 5]) for start in range(0, len(sentences), 5))


def _reworded(rng: random.Random, old: Draft, share: float) -> Draft:
    parts = old.text.split(" ")
    for place in range(len(parts)):
        if rng.random() < share:
            parts[place] = _words(rng, old.language, 1)[0]
    return Draft(language=old.language, title=old.title, text=" ".join(parts))


def _cut(rng: random.Random, old: Draft) -> Draft:
    parts = old.text.split(" ")
    return Draft(
        language=old.language, title=old.title, text=" ".join(parts[: round(len(parts) * 0.7)]) + "."
    )


def _longer(rng: random.Random, old: Draft) -> Draft:
    more = draft(rng, old.language, words=70).text
    return Draft(language=old.language, title=old.title, text=f"{old.text}\n{more}")


def _retitled(rng: random.Random, old: Draft) -> Draft:
    parts = old.text.split(".")[1].split()[:7]
    return Draft(
        language=old.language,
        title=_capital(" ".join(parts)),
        text=f"{old.text} {_sentence(rng, old.language, ['x'])}",
    )


def _typeset(rng: random.Random, old: Draft) -> Draft:
    parts = old.text.split(" ")
    place = rng.randrange(1, len(parts) - 2)
    parts[place] = f"«\u00a0{parts[place]}\u00a0»"
    return Draft(
        language=old.language, title=old.title, text=f"{' '.join(parts)} {_words(rng, old.language, 1)[0]}."
    )


def _respelled(rng: random.Random, old: Draft) -> Draft:
    first = _name_of(old)
    spelled = f"{first[0]}{first[1:].replace('a', 'aa', 1)}"
    return Draft(
        language=old.language,
        title=old.title.replace(first, spelled),
        text=old.text.replace(first, spelled) + " .",
    )


def _corrected(rng: random.Random, old: Draft) -> Draft:
    number = next((part for part in old.text.split() if part.isdigit() and len(part) == 3), "")
    return Draft(
        language=old.language,
        title=old.title,
        text=old.text.replace(number, str(rng.randint(100, 990)), 1) if number else old.text + " .",
    )


def _name_of(old: Draft) -> str:
    """Return the name in a draft's title."""
    return old.title.split()[5]


def _other_names(rng: random.Random, old: Draft) -> tuple[Draft, Draft]:
    theme = _name_of(old)
    return tuple(  # type: ignore[return-value]
        _with(
            old,
            old.title.replace(theme, each),
            f"{old.text} {_words(rng, old.language, 1)[0]} {theme} {theme}.".replace(theme, each),
        )
        for each in (theme, name(rng, old.language))
    )


def _other_years(rng: random.Random, old: Draft) -> tuple[Draft, Draft]:
    text = _without_years(old.text)
    first, second = rng.sample(range(2018, 2027), 2)
    closing = _sentence(rng, old.language, ["x"])
    return _with(old, old.title, f"{text} {first}. {closing}"), _with(
        old, old.title, f"{text} {second}. {closing}"
    )


def _other_editions(rng: random.Random, old: Draft) -> tuple[Draft, Draft]:
    words = {
        "en": ("second", "third", "fourth", "5th"), "fr": ("deuxième", "troisième", "quatrième", "5ème"),
        "ar": ("الثاني", "الثالث", "الرابع", "الخامس"),
    }[old.language]  # fmt: skip
    first, second = rng.sample(words, 2)
    return tuple(_with(old, f"{old.title} {each}", f"{old.text} {each}.") for each in (first, second))  # type: ignore[return-value]


def _other_numbers(rng: random.Random, old: Draft) -> tuple[Draft, Draft]:
    parts = old.text.split(" ")
    fresh = [str(rng.randint(32, 990)) if part.isdigit() and len(part) < 4 else part for part in parts]
    return old, _with(old, old.title, " ".join(fresh))


def _half_new(rng: random.Random, old: Draft) -> tuple[Draft, Draft]:
    sentences = old.text.replace("\n", " ").split(". ")
    fresh = draft(rng, old.language, words=round(len(old.text.split()) * 0.6))
    kept = ". ".join(sentences[: round(len(sentences) * 0.4)])
    return old, _with(old, fresh.title, f"{kept}.\n{fresh.text}")


def _without_years(text: str) -> str:
    return " ".join(
        part for part in text.split(" ") if not (part.rstrip(".").isdigit() and len(part.rstrip(".")) == 4)
    )


def _with(old: Draft, title: str, text: str) -> Draft:
    return Draft(language=old.language, title=title, text=text)


def drafts(rng: random.Random, count: int) -> Iterator[Draft]:
    """Yield so many articles, in English, French and Arabic by turns."""
    for number in range(count):
        yield draft(rng, ("en", "fr", "ar")[number % 3])
