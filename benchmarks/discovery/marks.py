"""What a reading of a page is worth against the known truth, and sums over many pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.discovery.ladders import Found
from crawler.discovery.proposal import Decision
from news.entry import Entry
from news.source import Channel
from news.text import title_key
from news.urls import url_key


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One page: how many items were wanted, given and right, and what of them."""

    site: str
    url: str
    group: str
    wanted: int
    given: int
    right: int
    titles: int
    titles_shown: int
    dates: int
    dates_shown: int
    exact: bool
    has_next: bool
    next_right: bool
    decision: Decision
    channel: str
    peers_given: int
    peers_right: int
    page_seconds: float
    seconds: float
    detail: str = ""

    @property
    def served_wrong(self) -> bool:
        """Return whether something wrong would have been taken without a person."""
        return self.decision is Decision.AUTO and not self.exact


def mark_page(
    site: str,
    page: dict[str, Any],
    next_page: dict[str, Any] | None,
    found: Found,
    peers: frozenset[str],
    now: datetime,
    older: frozenset[str] = frozenset(),
) -> Mark:
    """Return how right a reading of one listing page is.

    ``older`` are the URL keys of what the list goes on with below the page: a feed or an interface may bring it,
    too, and may end before the page does; a reading of the page itself may not.
    """
    wanted = {url_key(item["url"]): item for item in page["items"]}
    entries = {entry.key: entry for entry in found.candidate.entries} if found.candidate else {}
    right = [key for key in entries if key in wanted]
    titled = [key for key in right if wanted[key].get("title_on_page", True)]
    dated = [key for key in right if wanted[key].get("date_on_page")]
    next_url = found.candidate.next_url if found.candidate else ""
    linked = next_page["url"] if next_page and next_page.get("linked") else ""
    next_right = (url_key(next_url) == url_key(linked)) if next_url and linked else next_url == linked
    good_titles = [key for key in titled if _same_title(entries[key].title, wanted[key]["title"])]
    good_dates = [key for key in dated if _same_day(entries[key], wanted[key]["date"], now)]
    return Mark(
        site=site,
        url=page["url"],
        group=page["kind"],
        wanted=len(wanted),
        given=len(entries),
        right=len(right),
        titles=len(good_titles),
        titles_shown=len(titled),
        dates=len(good_dates),
        dates_shown=sum(bool(item.get("date_on_page")) for item in wanted.values()),
        exact=_is_exact(list(entries), list(wanted), older, found),
        has_next=bool(linked),
        next_right=next_right,
        decision=found.decision,
        channel=found.candidate.channel.value if found.candidate else "",
        peers_given=len(peers),
        peers_right=len(peers & set(wanted)),
        page_seconds=found.page_seconds,
        seconds=found.seconds,
        detail=_detail(
            entries,
            wanted,
            [key for key in titled if key not in good_titles],
            [key for key in dated if key not in good_dates],
            (next_url, linked),
            found,
        ),
    )


def _is_exact(entries: list[str], wanted: list[str], older: frozenset[str], found: Found) -> bool:
    if found.candidate is None or found.candidate.channel is Channel.LISTING:
        return set(entries) == set(wanted)
    return bool(entries) and set(wanted[: len(entries)]) <= set(entries) <= set(wanted) | older


def _same_title(title: str, other: str) -> bool:
    return title_key(title) == title_key(other)


def _same_day(entry: Entry, day: str, now: datetime) -> bool:
    """Tell whether a date is right, to a day: zones and "3 hours ago" move it that far, weeks and months further."""
    if entry.published is None:
        return False
    wanted = date.fromisoformat(day[:10])
    tolerance = 1
    if entry.published.precision == "relative":
        tolerance = max(1, (now.astimezone(UTC).date() - wanted).days // 6)
    return abs(entry.published.at.date() - wanted) <= timedelta(days=tolerance)


def _detail(
    entries: dict[str, Entry],
    wanted: dict[str, Any],
    bad_titles: list[str],
    bad_dates: list[str],
    nexts: tuple[str, str],
    found: Found,
) -> str:
    lines = [
        f"    too much: {entries[key].url} {entries[key].title[:60]!r}"
        for key in entries
        if key not in wanted
    ][:3]
    lines += [f"    missing: {wanted[key]['url']}" for key in wanted if key not in entries][:3]
    lines += [
        f"    title: {entries[key].title[:90]!r} for {wanted[key]['title'][:90]!r}" for key in bad_titles[:2]
    ]
    lines += [f"    date: {entries[key].published} for {wanted[key]['date']}" for key in bad_dates[:2]]
    if nexts[0] != nexts[1]:
        lines.append(f"    next: {nexts[0]!r} for {nexts[1]!r}")
    if found.candidate:
        lines.append(f"    {found.candidate.confidence} {found.candidate.wrapper}")
    lines.append(f"    {'; '.join(found.reasons)}")
    return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Marks together, as shares from 0 to 1; ``channels`` are those that were chosen, the commonest first."""

    pages: int
    precision: float
    recall: float
    exact: float
    titles: float
    dates: float
    next_page: float
    auto: int
    ask: int
    refuse: int
    served_wrong: int
    page_seconds: float
    seconds: float
    peers_f1: float
    channels: tuple[tuple[str, int], ...]

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall over all items."""
        return harmonic(self.precision, self.recall)


def harmonic(one: float, two: float) -> float:
    """Return the harmonic mean of two shares."""
    return 2 * one * two / (one + two) if one + two else 0.0


def sums_of(marks: Iterable[Mark]) -> Sums:
    """Return the sums over pages."""
    listed = list(marks)
    n = max(len(listed), 1)
    given, right, wanted = (
        sum(getattr(mark, name) for mark in listed) for name in ("given", "right", "wanted")
    )
    peers_given, peers_right = (
        sum(getattr(mark, name) for mark in listed) for name in ("peers_given", "peers_right")
    )
    by_decision = {decision: sum(mark.decision is decision for mark in listed) for decision in Decision}
    return Sums(
        pages=len(listed),
        precision=_share(right, given),
        recall=_share(right, wanted),
        exact=_share(sum(mark.exact for mark in listed), n),
        titles=_share(sum(mark.titles for mark in listed), sum(mark.titles_shown for mark in listed)),
        dates=_share(sum(mark.dates for mark in listed), sum(mark.dates_shown for mark in listed)),
        next_page=_share(sum(mark.next_right for mark in listed), n),
        auto=by_decision[Decision.AUTO],
        ask=by_decision[Decision.ASK],
        refuse=by_decision[Decision.REFUSE],
        served_wrong=sum(mark.served_wrong for mark in listed),
        page_seconds=sum(mark.page_seconds for mark in listed) / n,
        seconds=sum(mark.seconds for mark in listed) / n,
        peers_f1=harmonic(_share(peers_right, peers_given), _share(peers_right, wanted)),
        channels=tuple(Counter(mark.channel for mark in listed if mark.channel).most_common()),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
