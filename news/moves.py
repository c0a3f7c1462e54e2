"""Whether an unknown address is a known article's new one, where no redirect says so. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from news.agreeing import (
    OTHER_TEXT,
    SAME_TEXT,
    alike,
    other_language,
    published_of,
    read_content,
    same_but_prefix,
    same_day,
    same_moment,
    same_slug,
)
from news.article import Look
from news.dates import Stamp
from news.entry import Entry
from news.known import ArticleState, Known, PendingEntry
from news.run import Reading
from news.text import title_key
from news.unit import Unit
from news.url_shape import url_shape
from news.urls import canonical_url, url_key

SAME_MOMENT, SAME_SLUG = "title, time, text", "title, day, slug"
MOVED = ("moved", "fingerprint", "permalinks changed", SAME_MOMENT, SAME_SLUG)
"""What an alias may rest on that was made because an article moved."""
A_PATTERN = 3
"""So many articles that moved from one shape of address to another make it a change of permalinks."""
MOST_NAMESAKES = 5
"""Old addresses that are asked before an entry is told: fewer than a run may ask by default, or none would be."""
MOST_WAITING = 2
"""Of these, addresses of entries that are pending themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shifts:
    """How the addresses of a source change in one run.

    ``pairs`` counts, by old and new shape of address, the titles whose old address redirects to the new one or leads
    to no article any more; ``standing`` are pairs of which an old address still answers by itself, so that the change
    is none of the whole site. ``gone`` are the keys of old addresses that lead to no article; ``led`` holds the
    others by the key of where they lead and by the title for whose sake they were asked, ``leads`` where each leads.
    """

    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    standing: frozenset[tuple[str, str]] = frozenset()
    gone: frozenset[str] = frozenset()
    led: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    leads: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def leads_elsewhere(self, old_url: str, new_url: str) -> bool:
        """Return whether an old address leads to another place than the new one, under whichever prefix."""
        places = self.leads.get(url_key(old_url), frozenset())
        return any(url_key(at) != url_key(new_url) and not same_but_prefix(at, new_url) for at in places)

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
    return Shifts(
        pairs={pair: len(some) for pair, some in titles.items()},
        standing=frozenset(standing),
        gone=frozenset(gone),
        led=_led(reading, entries, gone),
        leads=_leads(reading, gone),
    )


def _leads(reading: Reading, gone: AbstractSet[str]) -> dict[str, frozenset[str]]:
    leads: dict[str, set[str]] = defaultdict(set)
    for old_url, final_url in (each for answers in reading.probes.values() for each in answers):
        old = url_key(old_url)
        if final_url and old not in gone and url_key(final_url) != old:
            leads[old].add(final_url)
    return {old: frozenset(places) for old, places in leads.items()}


def _led(
    reading: Reading, entries: Mapping[str, Entry], gone: AbstractSet[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    led: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for key, answers in reading.probes.items():
        for old_url, final_url in answers if key in entries else ():
            old, final = url_key(old_url), url_key(final_url) if final_url else ""
            if final and final != old and old not in gone:
                led[final, title_key(entries[key].title)][old] = None
    return {where: tuple(olds) for where, olds in led.items()}


def to_be_asked(known: Sequence[str], waiting: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses to be asked before an entry may be told that bears the title of others.

    A title that comes back every week has more namesakes than a run may ask. What moved is mostly one of the latest.

    :param known: the addresses of articles of that title, the latest first.
    :param waiting: those of pending entries of that title, the latest first.
    """
    return tuple(dict.fromkeys([*waiting[:MOST_WAITING], *known]))[:MOST_NAMESAKES]


def questions(
    entry: Entry,
    look: Look | None,
    known: Sequence[ArticleState],
    pending: Iterable[PendingEntry],
    probes: Sequence[tuple[str, str]],
    before: PendingEntry | None,
) -> tuple[str, ...]:
    """Return the addresses that are still to be asked before an entry is told; none where all that matters answered.

    What it most likely is has to have answered, too: which day it is of may be known only since its page was read.
    What was met later than the entry itself is none of its old addresses.

    :param known: the articles of its title or text.
    :param pending: all pending entries.
    :param probes: what was asked about it in this run: old addresses, and where they lead.
    :param before: how it waited until now.
    """
    if before is not None and before.asked:
        return ()
    title = title_key(entry.title)
    others = [each for each in pending if each.key != entry.key and title_key(each.entry.title) == title]
    asked = namesakes_of(entry, look, known, others)
    met = [(state.fetch_url, state.published, state.first_seen_at) for state in known]
    met += [(each.entry.url, each.entry.published, each.first_seen_at) for each in others]
    until = before.first_seen_at if before is not None else None
    likely = {url for url, at, seen in met if (not until or seen <= until) and _nearness(at, entry, look)}
    if (
        probes
        and all(final for _, final in probes)
        and likely.intersection(asked) <= {old for old, _ in probes}
    ):
        return ()
    return asked


def namesakes_of(
    entry: Entry, look: Look | None, known: Iterable[ArticleState], pending: Iterable[PendingEntry]
) -> tuple[str, ...]:
    """Return the addresses to be asked before an entry is told: of known articles and pending entries of its title.

    Those that were published at its moment come first, then those of its day, then the latest.
    """
    likeliest = sorted(
        known, key=lambda state: (_nearness(state.published, entry, look), state.id), reverse=True
    )
    waiting = sorted(
        pending,
        key=lambda other: (_nearness(other.entry.published, entry, look), other.first_seen_at),
        reverse=True,
    )
    return to_be_asked([state.fetch_url for state in likeliest], [other.entry.url for other in waiting])


def _nearness(published: Stamp | None, entry: Entry, look: Look | None) -> int:
    """Return 2 for what was published at an entry's moment, 1 for its day, else 0."""
    own = published_of(entry, look)
    return 2 if same_moment(published, own) else int(same_day(published, own) is True)


def is_left(url: str, shifts: Shifts, known: Known, reading: Reading) -> bool:
    """Return whether the site has other permalinks now: an article that is missing at its old one may well be there.

    A shape of addresses that articles left once, and that the listing still shows or shows again, is in use: some were
    renamed. Where this run brought no listing, the last whole one counts.
    """
    if shifts.is_left(url):
        return True
    shape = url_shape(url)
    if shape not in known.left_shapes:
        return False
    before = (known.articles.get(known.aliases.get(key, "")) for key in known.frontier)
    listed = [entry.url for entry in reading.entries] or [state.fetch_url for state in before if state]
    return shape not in {url_shape(each) for each in listed}


def moved_without_redirect(old: ArticleState, entry: Entry, look: Look | None, shifts: Shifts) -> str:
    """Return what says that ``entry`` is ``old`` under a new address, or an empty string.

    The titles agree already, that is why it is asked. A title alone may come back every year, every day or twice a
    day, with a text that differs in a number: only that the whole site moved in the same way makes it the same
    article, or that it was published at the same moment, with most of the text, and its old address leads nowhere
    any more. A day or a text that differs speaks against it even then, and so does an old address that leads
    elsewhere. (That a text is the very same is judged elsewhere.)

    :param old: the known article, with its text where it was loaded.
    :param look: what asking for the new address showed, if it was asked.
    :param shifts: what the run's probes say.
    """
    share = alike(old.body_text, look)
    published = published_of(entry, look)
    is_lost = url_key(old.fetch_url) in shifts.gone and same_moment(old.published, published)
    if is_lost and share is not None and share >= SAME_TEXT:
        return SAME_MOMENT
    if not shifts.is_pattern(old.fetch_url, entry.url) or same_day(old.published, published) is False:
        return ""
    if shifts.leads_elsewhere(old.fetch_url, entry.url):
        return ""
    return "" if share is not None and share < OTHER_TEXT else "permalinks changed"


def is_same_by_name(old: ArticleState, entry: Entry, look: Look | None) -> bool:
    """Return whether an entry is ``old`` in another section by all that is listed, where one of them was never read.

    The titles agree already. Under another language's prefix it may be a translation whose title stayed.
    """
    if (old.digest and read_content(look)) or same_day(old.published, published_of(entry, look)) is not True:
        return False
    beside = same_but_prefix(old.fetch_url, entry.url) and not other_language(old.fetch_url, entry.url)
    return beside or same_slug(old.fetch_url, entry.url)


def stands(state: ArticleState, unit: Unit, reading: Reading) -> bool:
    """Return whether an article may well stand where it was read, although its text was seen somewhere else.

    What a copy in another section says beside the text, a later date above all, is no edit of the article.
    """
    own = url_key(state.fetch_url)
    answers = reading.probes.get(unit.key, ())
    left = {url_key(old) for old, final in answers if final and url_key(final) == unit.key}
    return state.withdrawn_at is None and own not in left | {url_key(old) for old in reading.gone}


def led_here(unit: Unit, reading: Reading, aliases: Mapping[str, str], shifts: Shifts) -> Iterator[str]:
    """Yield the URL keys of old addresses that the site left for the one of this unit.

    They lead to it, or to what its page names as canonical; or they lead to it under another prefix of the site, and
    their article is known under the unit's prefix, too. What leads to where a site sends all that it lost is none. An
    old address that was asked for another entry of the same title counts alike, unless those of several articles do.
    """
    title = title_key(unit.said.title) if unit.said is not None else ""
    others = shifts.led.get((unit.key, title), ())
    if len({aliases.get(old, old) for old in others}) == 1:
        yield from others
    for old_url, final_url in reading.probes.get(unit.key, ()):
        final = url_key(final_url) if final_url else ""
        leads = final == unit.key or (final in unit.places and old_url not in reading.gone)
        if leads or _leads_beside(unit, old_url, final_url, aliases):
            yield url_key(old_url)


def _leads_beside(unit: Unit, old_url: str, final_url: str, aliases: Mapping[str, str]) -> bool:
    if unit.said is None or not final_url:
        return False
    beside = under_the_prefix_of(old_url, final_url, unit.said.url)
    return bool(beside) and aliases.get(url_key(beside), "") == aliases.get(url_key(old_url))


def under_the_prefix_of(old_url: str, final_url: str, new_url: str) -> str:
    """Return where the old address would stand if it were written like the new one, empty where that tells nothing.

    Sections and languages show one article under prefixes of their own. An old address that leads to the new one under
    another prefix moved in the same way.

    >>> old, led = "https://a.example/int/news/x", "https://a.example/int/news/y"
    >>> under_the_prefix_of(old, led, "https://a.example/en/news/y")
    'https://a.example/en/news/x'
    >>> under_the_prefix_of(old, led, "https://a.example/en/news/z")
    ''
    """
    old, led, new = (urlsplit(canonical_url(url)) for url in (old_url, final_url, new_url))
    if not (old.netloc == led.netloc == new.netloc) or led.query != new.query or old.path == led.path:
        return ""
    theirs, ours = led.path.split("/")[1:], new.path.split("/")[1:]
    if not theirs[1:] or theirs[1:] != ours[1:] or theirs == ours:
        return ""
    head, _, rest = old.path.removeprefix("/").partition("/")
    return old._replace(path=f"/{ours[0]}/{rest}").geturl() if rest and head == theirs[0] else ""
