"""What vanished from a listing, and what an answer means that shows nothing: absence is not withdrawal. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import urlsplit

from news.article import Look, Sight, Way
from news.known import Absence, ArticleState, Known
from news.run import Reading
from news.text import title_key
from news.urls import url_key

RUNS = 2
"""Runs on which an article must be missing from between neighbours, before one answer without it is enough."""
AT_MOST = 50
"""Articles of a source that are remembered as missing, the latest."""
_IS_A_FORM = re.compile(r"(index|default|amp|print)(\.\w+)?", re.IGNORECASE)
"""What may stand behind an article's address and still be the article."""
MANY = 3
"""So many answers that show nothing, and more than half of a run's, are the site's trouble and no withdrawal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Absences:
    """What a listing lacks. ``due`` are the articles whose pages are to be asked at the next run.

    That is when they vanish, and again whenever the runs that lacked them have doubled: a page may outlive its place on
    the listing in some cache, or its server may be in trouble just then.
    """

    standing: tuple[Absence, ...] = ()
    due: tuple[str, ...] = ()

    @property
    def runs(self) -> dict[str, int]:
        """Return on how many runs each article was missing."""
        return {absence.article: absence.runs for absence in self.standing}


def absences(known: Known, reading: Reading) -> Absences:
    """Return which articles a whole read lacks between neighbours that it still shows.

    What falls off the end, or leaves the top where it was pinned, is not missing; and where a neighbour goes as well,
    there is nothing to be said any more. A read that stopped short says nothing, and leaves what was known; a listing
    that is unchanged still lacks what it lacked on page 1.
    """
    if not reading.joined:
        return _told(known, _unchanged(known) if reading.not_modified else known.absent)
    walked = {known.resolve(entry.key): place for place, entry in reversed([*enumerate(reading.entries)])}
    standing = [
        replace(absence, runs=absence.runs + 1)
        for absence in known.absent
        if absence.article not in walked and _stand_in_order(absence, walked)
    ]
    before = {absence.article for absence in standing}
    fresh = [each for each in _vanished(known, walked) if each.article not in before]
    return _told(known, [*standing, *fresh][-AT_MOST:])


def _told(known: Known, standing: Sequence[Absence]) -> Absences:
    counted = [each for each in standing if each not in known.absent]
    # A power of two has one bit.
    due = tuple(each.article for each in counted if each.runs & (each.runs - 1) == 0)
    return Absences(standing=tuple(standing), due=due)


def _unchanged(known: Known) -> tuple[Absence, ...]:
    page = {known.resolve(key): place for place, key in enumerate(known.frontier[: known.first_page])}
    return tuple(
        replace(absence, runs=absence.runs + 1) if _stand_in_order(absence, page) else absence
        for absence in known.absent
    )


def _vanished(known: Known, walked: Mapping[str, int]) -> list[Absence]:
    """Return what stood between two articles at the last whole read that are both still there."""
    order = list(dict.fromkeys(known.resolve(key) for key in known.frontier))
    present = [place for place, key in enumerate(order) if key in walked]
    found = []
    for above, below in pairwise(present):
        for key in order[above + 1 : below]:
            absence = Absence(article=key, above=order[above], below=order[below])
            state = known.articles.get(key)
            if _may_go(state) and _stand_in_order(absence, walked):
                found.append(absence)
    return found


def _may_go(state: ArticleState | None) -> bool:
    return state is not None and state.withdrawn_at is None and not state.forgotten


def _stand_in_order(absence: Absence, walked: Mapping[str, int]) -> bool:
    above, below = walked.get(absence.above), walked.get(absence.below)
    return above is not None and below is not None and above < below


def judged_looks(known: Known, reading: Reading) -> tuple[Look, ...]:
    """Return a run's looks, with those that show nothing taken for what they are worth.

    A page that answers 200 and says that there is nothing, leads to the home page or to another article, or shows the
    same as other articles do, has lost the article; unless it bears its title, the listing still shows it, or most of
    what was asked is so: then it only cannot be read. So it is with 404 where most pages answer that and the listing
    shows most of these: sites lose the rules by which they find their articles.
    """
    lost = {look.url for look in reading.looks if look.sight is Sight.LOST or _leads_astray(known, look)}
    lost |= _alike(known, reading)
    missing = {
        look.url
        for look in reading.looks
        if look.sight is Sight.MISSING and known.resolve(url_key(look.url)) in known.articles
    }
    own = {look.url for look in reading.looks if look.url in lost and _bears_its_title(known, look)}
    listed = _listed(known, reading)
    still = {url for url in lost | missing if known.resolve(url_key(url)) in listed}
    asked = sum(look.way is Way.PAGE for look in reading.looks)
    doubtful = own | (lost & still) | (lost if _is_most(lost, asked) else set())
    if _is_most(missing & still, asked):
        doubtful |= missing
    return tuple(
        _as_lost(look, doubtful=look.url in doubtful) if look.url in lost | (missing & doubtful) else look
        for look in reading.looks
    )


def _listed(known: Known, reading: Reading) -> set[str]:
    """Return what the listing shows, as far as it was read; one that is unchanged shows what its page 1 did."""
    unchanged = known.frontier[: known.first_page] if reading.not_modified else ()
    return {known.resolve(key) for key in (*(entry.key for entry in reading.entries), *unchanged)}


def _is_most(urls: Collection[str], asked: int) -> bool:
    return len(urls) >= MANY and 2 * len(urls) > asked


def _as_lost(look: Look, *, doubtful: bool) -> Look:
    sight = Sight.UNREADABLE if doubtful else Sight.LOST
    return replace(look, sight=sight, content=None, reason=look.reason or "shows nothing of the article")


def _leads_astray(known: Known, look: Look) -> bool:
    """Return whether a known article's address leads to another known article now, or up to what it stood in.

    Many sites guess what was meant. Only a page that was read may say so: a redirect that ends in an error is trouble.
    """
    here, there = known.resolve(url_key(look.url)), known.resolve(url_key(look.final_url))
    if (
        look.way is not Way.PAGE
        or look.sight is not Sight.READ
        or here == there
        or here not in known.articles
    ):
        return False
    path, final = (urlsplit(url).path.strip("/") for url in (look.url, look.final_url))
    leads_up = path.startswith(f"{final}/") and not _IS_A_FORM.fullmatch(path[len(final) + 1 :])
    return there in known.articles or leads_up


def _bears_its_title(known: Known, look: Look) -> bool:
    """Return whether a page that seems to say that there is nothing bears the title that its article has."""
    state = known.articles.get(known.resolve(url_key(look.url)))
    return state is not None and look.content is not None and title_key(look.content.title) in state.titles


def _alike(known: Known, reading: Reading) -> set[str]:
    """Return the pages of known articles that show what another one shows, or the listing, under a title not theirs."""
    seen: list[tuple[Look, str]] = []
    for look in reading.looks:
        state = known.articles.get(known.resolve(url_key(look.url)))
        if look.way is not Way.PAGE or look.content is None or state is None or not state.digest:
            continue
        title = title_key(look.content.title)
        if title not in state.titles and look.content.fingerprint != state.fingerprint:
            seen.append((look, title))
    times = Counter(look.content.fingerprint for look, _ in seen if look.content)
    listing = title_key(reading.page_title) if reading.page_title else ""
    return {
        look.url
        for look, title in seen
        if look.content and (times[look.content.fingerprint] > 1 or title == listing)
    }


def still_missing(found: Absences, withdrawn: Collection[str]) -> tuple[Absence, ...]:
    """Return what is still to be remembered as missing: what was withdrawn meanwhile is settled."""
    return tuple(each for each in found.standing if each.article not in withdrawn)
