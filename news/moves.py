"""Whether an unknown address is a known article's new one, where no redirect says so. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from news.article import Content, Look, Sight
from news.dates import Precision, Stamp
from news.entry import Entry
from news.identity import is_telling
from news.known import ArticleState, Known
from news.run import Reading
from news.text import comparable, title_key, words
from news.url_shape import url_shape
from news.urls import url_key

OTHER_TEXT = 0.25
"""Share of common words below which two texts under one title are two articles, whatever else agrees."""
MOVED = ("moved", "fingerprint", "permalinks changed")
"""What an alias may rest on that was made because an article moved."""
A_PATTERN = 3
"""So many articles that moved from one shape of address to another make it a change of permalinks."""
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
"""How far a day of the calendar begins before and ends after the same day in UTC, somewhere on earth."""
_ONE_DAY = timedelta(days=1)
_INSTANTS = frozenset({Precision.SECOND, Precision.MINUTE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Shifts:
    """How the addresses of a source change in one run.

    ``pairs`` counts, by old and new shape of address, the titles whose old address redirects to the new one or leads
    to no article any more; ``standing`` are pairs of which an old address still answers by itself, so that the change
    is none of the whole site.
    """

    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
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
    entries = {key: waiting.entry for key, waiting in known.pending.items()}
    entries |= {entry.key: entry for entry in reading.entries}
    gone = {url_key(url) for url in reading.gone}
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    standing: set[tuple[str, str]] = set()
    for key, answers in reading.probes.items():
        entry = entries.get(key)
        for old_url, final_url in answers if entry is not None else ():
            pair = url_shape(old_url), url_shape(entry.url if entry else "")
            if not final_url or pair[0] == pair[1]:
                continue
            if url_key(old_url) in gone or url_key(final_url) == key:
                titles[pair].add(title_key(entry.title if entry else ""))
            elif url_key(final_url) == url_key(old_url):
                standing.add(pair)
    return Shifts(pairs={pair: len(some) for pair, some in titles.items()}, standing=frozenset(standing))


def moved_without_redirect(old: ArticleState, entry: Entry, look: Look | None, shifts: Shifts) -> str:
    """Return what says that ``entry`` is ``old`` under a new address, or an empty string.

    The titles agree already, that is why it is asked. A title alone may come back every year, every day or twice a
    day, with a text that differs in a number: only that the whole site moved in the same way makes it the same article.
    A day or a text that differs speaks against it even then. (That a text is the very same is judged elsewhere.)

    :param old: the known article, with its text where it was loaded.
    :param look: what asking for the new address showed, if it was asked.
    :param shifts: what the run's probes say.
    """
    if not shifts.is_pattern(old.fetch_url, entry.url):
        return ""
    if _same_day(old.published, _published(entry, look)) is False:
        return ""
    alike = _alike(old, look)
    return "" if alike is not None and alike < OTHER_TEXT else "permalinks changed"


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
