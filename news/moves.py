"""Whether an unknown address is a known article's new one, where no redirect says so. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from news.article import Content, Look, Sight
from news.dates import Precision, Stamp
from news.entry import Entry
from news.identity import is_telling
from news.known import ArticleState, Known
from news.run import Reading
from news.text import comparable, words
from news.url_shape import url_shape
from news.urls import url_key

SAME_TEXT = 0.9
"""Share of common words from which two undated texts under one title are one article."""
OTHER_TEXT = 0.25
"""Share below which they are two, whatever else agrees."""
MOVED = ("moved", "fingerprint", "title and date", "title and text", "permalinks changed")
"""What an alias may rest on that was made because an article moved."""
A_PATTERN = 3
"""So many articles that moved from one shape of address to another make it a change of permalinks."""
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
"""How far a day of the calendar begins before and ends after the same day in UTC, somewhere on earth."""
_ONE_DAY = timedelta(days=1)
_INSTANTS = frozenset({Precision.SECOND, Precision.MINUTE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Shifts:
    """How the addresses of a source change in one run: pairs of shapes, old and new, of articles that surely moved.

    ``gone`` holds the URL keys of old addresses that lead to no article any more; ``standing`` the pairs of shapes of
    which an old address still answers by itself, so that the change is none of the whole site.
    """

    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    standing: frozenset[tuple[str, str]] = frozenset()

    def is_pattern(self, old_url: str, new_url: str) -> bool:
        """Return whether enough articles moved in the same way, and none stayed."""
        return self._holds((url_shape(old_url), url_shape(new_url)))

    def is_left(self, url: str) -> bool:
        """Return whether the site moved away from addresses like this one: that it is missing there says nothing."""
        shape = url_shape(url)
        return any(pair[0] == shape and self._holds(pair) for pair in self.pairs)

    def _holds(self, pair: tuple[str, str]) -> bool:
        return self.pairs.get(pair, 0) >= A_PATTERN and pair not in self.standing


def shifts_of(known: Known, reading: Reading) -> Shifts:
    """Return what the run's probes say of the site's permalinks as a whole."""
    entries = {entry.key: entry.url for entry in reading.entries}
    entries |= {key: waiting.entry.url for key, waiting in known.pending.items() if key not in entries}
    gone = frozenset(url_key(url) for url in reading.gone)
    pairs: Counter[tuple[str, str]] = Counter()
    standing: set[tuple[str, str]] = set()
    for key, answers in reading.probes.items():
        new_url = entries.get(key)
        for old_url, final_url in answers if new_url else ():
            pair = url_shape(old_url), url_shape(new_url or "")
            if not final_url or pair[0] == pair[1]:
                continue
            if url_key(old_url) in gone or url_key(final_url) == key:
                pairs[pair] += 1
            elif url_key(final_url) == url_key(old_url):
                standing.add(pair)
    return Shifts(pairs=pairs, gone=gone, standing=frozenset(standing))


def moved_without_redirect(old: ArticleState, entry: Entry, look: Look | None, shifts: Shifts) -> str:
    """Return what says that ``entry`` is ``old`` under a new address, or an empty string.

    The titles agree already, that is why it is asked. A title alone may come back every day or every year, so
    something else must agree too: the day of publication, or the text, or that the whole site moved in the same way.
    A day or a text that differs speaks against it, and so does an old address that still answers.

    :param old: the known article, with its text where it was loaded.
    :param look: what asking for the new address showed, if it was asked.
    :param shifts: what the run's probes say.
    """
    same_day = _same_day(old.published, _published(entry, look))
    alike = _alike(old, look)
    if same_day is False or (alike is not None and alike < OTHER_TEXT):
        return ""
    if shifts.is_pattern(old.fetch_url, entry.url):
        return "permalinks changed"
    if url_key(old.fetch_url) not in shifts.gone:
        return ""
    if same_day:
        return "title and date"
    return "title and text" if alike is not None and alike >= SAME_TEXT else ""


def _published(entry: Entry, look: Look | None) -> Stamp | None:
    content = look.content if look is not None and look.sight is Sight.READ else None
    return (content.published if content is not None else None) or entry.published


def _same_day(old: Stamp | None, new: Stamp | None) -> bool | None:
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


def _alike(old: ArticleState, look: Look | None) -> float | None:
    """Return the share of common words of two texts, counted as often as they occur; None where one is not known."""
    content: Content | None = look.content if look is not None and look.sight is Sight.READ else None
    if content is None or not old.body_text or not is_telling(content):
        return None
    ours, theirs = _bag(old.body_text), _bag(content.body_text)
    either = sum((ours | theirs).values())
    return sum((ours & theirs).values()) / either if either else None


def _bag(text: str) -> Counter[str]:
    return Counter(words(comparable(text).casefold()))
