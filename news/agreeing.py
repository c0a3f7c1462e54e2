"""What two captures have in common that may be one article: text, day, moment, the last word of the address. Pure."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

from news.article import Content, Look, Sight
from news.dates import Precision, Stamp
from news.entry import Entry
from news.text import comparable, taken_apart, words
from news.urls import canonical_url

ENOUGH_WORDS = 20
"""A text shorter than this proves nothing by being equal to another."""
OTHER_TEXT = 0.25
"""Share of common words below which two texts are two articles, whatever else agrees."""
SAME_TEXT = 0.5
"""Share of common words from which on two texts may be one that was edited."""
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
"""How far a day of the calendar begins before and ends after the same day in UTC, somewhere on earth."""
_ONE_DAY = timedelta(days=1)
_INSTANTS = frozenset({Precision.SECOND, Precision.MINUTE})
_TELLING_SLUG = re.compile(r"(?:[^-_.]+[-_]){2,}[^-_.]+")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?\Z")


def is_telling(content: Content) -> bool:
    """Return whether a text is long enough for its fingerprint to identify it."""
    return len(taken_apart(words(content.body_text))) >= ENOUGH_WORDS


def read_content(look: Look | None) -> Content | None:
    """Return what a look read, None where it read nothing."""
    return look.content if look is not None and look.sight is Sight.READ else None


def published_of(entry: Entry, look: Look | None) -> Stamp | None:
    """Return when an article was published, by its page or else by its listing."""
    content = read_content(look)
    return (content.published if content is not None else None) or entry.published


def same_day(old: Stamp | None, new: Stamp | None) -> bool | None:
    """Return whether two dates are one day, whatever the time zone; None where that cannot be said."""
    if old is None or new is None:
        return None
    finest = {*_INSTANTS, Precision.DAY}
    if not {old.precision, new.precision} <= finest:
        return None
    if old.precision in _INSTANTS and new.precision in _INSTANTS:
        return abs(old.at - new.at) < _EAST
    if old.precision is new.precision:
        return old.at.date() == new.at.date()
    day, instant = (old.at, new.at) if old.precision is Precision.DAY else (new.at, old.at)
    return day - _EAST <= instant < day + _ONE_DAY + _WEST


def same_moment(old: Stamp | None, new: Stamp | None) -> bool:
    """Return whether two dates are one instant, to the precision that both have."""
    if old is None or new is None or not {old.precision, new.precision} <= _INSTANTS:
        return False
    return old.at.replace(second=0, microsecond=0) == new.at.replace(second=0, microsecond=0)


def alike(old_text: str, look: Look | None) -> float | None:
    """Return the share of common words of two texts, counted as often as they occur; None where one is not known."""
    content = read_content(look)
    if content is None or not old_text or not is_telling(content):
        return None
    ours, theirs = _bag(old_text), _bag(content.body_text)
    either = sum((ours | theirs).values())
    return sum((ours & theirs).values()) / either if either else None


def same_slug(old_url: str, new_url: str) -> bool:
    """Return whether two addresses end in the same words, three or more: a section or a date before them changed.

    >>> same_slug("https://a.example/news/the-old-mill", "https://a.example/en/2026/03/the-old-mill/")
    True
    >>> same_slug("https://a.example/2026/03/report", "https://a.example/2026/04/report")
    False
    """
    old, new = (urlsplit(canonical_url(url)).path.rpartition("/")[2] for url in (old_url, new_url))
    return old == new and _TELLING_SLUG.match(new) is not None


def same_but_prefix(one_url: str, other_url: str) -> bool:
    """Return whether two addresses of a host differ in the first part of their paths alone: a section's, a language's.

    >>> same_but_prefix("https://a.example/int/news/x", "https://a.example/en/news/x")
    True
    >>> same_but_prefix("https://a.example/int/news/x", "https://a.example/news/x")
    False
    >>> same_but_prefix("https://a.example/login", "https://a.example/register")
    False
    """
    one, other = (urlsplit(canonical_url(url)) for url in (one_url, other_url))
    (first, *rest), (second, *beside) = (each.path.split("/")[1:] or [""] for each in (one, other))
    return (
        first != second
        and any(rest)
        and rest == beside
        and (one.netloc, one.query) == (other.netloc, other.query)
    )


def other_language(old_url: str, new_url: str) -> bool:
    """Return whether two addresses begin with the prefixes of two languages: a translation shares much.

    >>> other_language("https://a.example/en/node/7", "https://a.example/fr/node/7")
    True
    >>> other_language("https://a.example/node/7", "https://a.example/fr/node/7")
    False
    """
    old, new = (urlsplit(canonical_url(url)).path.split("/")[1:2] for url in (old_url, new_url))
    return old != new and all(some and _LANGUAGE.match(some[0]) for some in (old, new))


def _bag(text: str) -> Counter[str]:
    return Counter(taken_apart(words(comparable(text).casefold())))
