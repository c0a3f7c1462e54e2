"""Stories: which articles tell the same, and which only look like it. Pure decisions; nothing is merged by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from news.contrast import Contrast, Said, contrast, said
from news.echoes import Echo, Marks, echo, mark_keys, mark_numbers, marks
from news.phrases import MIN_PHRASES, MIN_WORDS, bands, likeness, phrases, telling_words

WITHIN = timedelta(days=90)
"""How far apart the dates of two articles of one story may lie."""
TRANSLATED_WITHIN = timedelta(days=1)
"""The same, in days of the calendar, for a translation."""
LIKE_ENOUGH = 0.5
"""The share of phrases that two articles of one story have in common."""
MEMBERS_AT_MOST = 64
"""Articles of one story; what is told more often is a form, and nobody reads where else it stands."""
PERIOD_DAYS = WITHIN.days
PERIOD_SHIFT = 47
"""Keys open with their period: the rows of the last ones lie together, however many there are."""


@dataclass(frozen=True, kw_only=True)  # without slots, since what is worked out of it is kept
class Telling:
    """One article as stories see it.

    Args:
        article_id: its number.
        host: where it lives.
        language: tag of its language, empty where it is not known.
        title: its title now.
        body_text: the text of its newest revision.
        at: when it was published as far as its source says the day, else when it was first seen.
        alone: whether all of its host is declared to be in one language, so that nothing there can be a translation.
    """

    article_id: int
    host: str
    language: str
    title: str
    body_text: str
    at: datetime
    alone: bool = False

    @cached_property
    def words(self) -> list[str]:
        """The words of its text, as far as they are compared."""
        return telling_words(self.body_text)

    @cached_property
    def phrases(self) -> frozenset[int]:
        """Its phrases; none where the text is too short to be evidence."""
        found = phrases(self.words) if len(self.words) >= MIN_WORDS else frozenset()
        return found if len(found) >= MIN_PHRASES else frozenset()

    @cached_property
    def said(self) -> Said:
        """What it says, for what stands in the way."""
        return said(self.title, self.body_text, self.words)

    @cached_property
    def marks(self) -> Marks:
        """What of it would survive a translation."""
        return marks(self.title, self.body_text, language=self.language, at=self.at)

    @cached_property
    def mark_numbers(self) -> tuple[int, ...]:
        """Its marks, hashed: none where it cannot be looked for among translations."""
        if self.alone or not self.language or not self.phrases:
            return ()
        return mark_numbers(self.marks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """Why two articles are of one story: the share of phrases in common, how many, and the days between them."""

    similarity: float
    phrases: int
    days: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Where an article belongs: beside another one, which may have a story already, and why."""

    beside: int
    evidence: Likeness
    story: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """That an article may be a translation of another one, and why."""

    other: int
    evidence: Echo


def alike(ours: Telling, theirs: Telling) -> Likeness | Contrast | None:
    """Return why two articles are of one story, what keeps them apart although they are alike, or None.

    Symmetric but for the order of words in a contrast.
    """
    apart = abs(ours.at - theirs.at)
    if apart > WITHIN:
        return None
    similarity = likeness(ours.phrases, theirs.phrases)
    if similarity < LIKE_ENOUGH:
        return None
    return contrast(ours.said, theirs.said) or Likeness(
        similarity=round(similarity, 3),
        phrases=len(ours.phrases & theirs.phrases),
        days=round(apart / timedelta(days=1), 2),
    )


def place(
    telling: Telling,
    candidates: Sequence[Telling],
    stories: Mapping[int, Sequence[Telling]],
    of: Mapping[int, int],
) -> Placed | None:
    """Return where an article belongs, None if it tells something of its own.

    It goes to what is most like it, the older of equals. A story that also holds an article which contradicts it does
    not take it in: the second conference and the third would else meet over a text that names neither.

    Args:
        telling: the article.
        candidates: articles that may tell the same.
        stories: the members of the stories of the candidates.
        of: the story of each candidate that has one.
    """
    found: list[tuple[float, int, Likeness]] = []
    for other in candidates:
        why = alike(telling, other) if other.article_id != telling.article_id else None
        if isinstance(why, Likeness):
            found.append((-why.similarity, other.article_id, why))
    for _, beside, why in sorted(found, key=lambda each: each[:2]):
        story = of.get(beside)
        members = stories.get(story, ()) if story is not None else ()
        if len(members) >= MEMBERS_AT_MOST:
            continue
        if not any(isinstance(alike(telling, member), Contrast) for member in members):
            return Placed(beside=beside, evidence=why, story=story)
    return None


def translations(telling: Telling, candidates: Sequence[Telling]) -> tuple[Proposed, ...]:
    """Return the articles of which this may be a translation: for each other language the one with most in common.

    Where two have as much in common, neither is proposed.
    """
    best: dict[str, list[tuple[float, int, Echo]]] = {}
    for other in candidates:
        if not _may_translate(telling, other):
            continue
        if why := echo(telling.marks, other.marks):
            best.setdefault(_language(other), []).append((-why.points, other.article_id, why))
    proposed: list[Proposed] = []
    for _, found in sorted(best.items()):
        found.sort(key=lambda each: each[:2])
        if len(found) == 1 or found[0][0] < found[1][0]:
            proposed.append(Proposed(other=found[0][1], evidence=found[0][2]))
    return tuple(proposed)


def band_keys(telling: Telling) -> tuple[int, ...]:
    """Return the keys under which an article is kept, to be found by others that tell the same."""
    period = _period(telling.at)
    return tuple(_keyed(period, band) for band in _bands(telling.phrases))


def keys_of_likes(telling: Telling) -> tuple[int, ...]:
    """Return the keys under which articles that tell the same are looked for: in its period and those beside it."""
    period = _period(telling.at)
    return tuple(
        _keyed(each, band) for each in (period - 1, period, period + 1) for band in _bands(telling.phrases)
    )


def echo_keys(telling: Telling) -> tuple[int, ...]:
    """Return the keys under which an article is kept, to be found by its translations; none without a language."""
    return _echo_keys(telling, 0)


def keys_of_echoes(telling: Telling) -> tuple[int, ...]:
    """Return the keys under which translations are looked for: on its day and on those beside it."""
    return tuple(key for days in (-1, 0, 1) for key in _echo_keys(telling, days))


def _echo_keys(telling: Telling, days: int) -> tuple[int, ...]:
    if not telling.mark_numbers:
        return ()
    at = telling.at + timedelta(days=days)
    return tuple(_keyed(_period(at), key) for key in mark_keys(telling.host, at.date(), telling.mark_numbers))


def _period(at: datetime) -> int:
    return at.toordinal() // PERIOD_DAYS


def _keyed(period: int, number: int) -> int:
    return (period << PERIOD_SHIFT) | number


@lru_cache(maxsize=256)
def _bands(of: frozenset[int]) -> tuple[int, ...]:
    return bands(of)


def _language(telling: Telling) -> str:
    return telling.language.lower().partition("-")[0]


def _may_translate(ours: Telling, theirs: Telling) -> bool:
    return (
        ours.article_id != theirs.article_id
        and ours.host == theirs.host
        and bool(ours.language and theirs.language)
        and _language(ours) != _language(theirs)
        and abs(ours.at.date() - theirs.at.date()) <= TRANSLATED_WITHIN
    )
