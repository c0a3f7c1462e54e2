"""How a listing is paged through: down to what is known, then up again to see that it stood still (DESIGN §3.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from news.entry import Entry
from news.frontier import Meeting, meets
from news.run import Plan
from news.source import Channel

MAX_PASSES = 4
"""Passes after which a listing that keeps moving is left for the next run."""
SITEMAP_WINDOW = timedelta(hours=48)
"""How long a news sitemap shows what was published (Google's rule, which sites follow)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageWanted:
    """The next page to ask for; ``number`` counts from 1 within the pass."""

    url: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkEnd:
    """The walk is over. ``joined``, ``ended`` and ``next_url`` are those of `news.run.Reading`.

    ``moving`` says that the listing did not stand still in four passes.
    """

    joined: bool
    ended: bool
    moving: bool = False
    next_url: str = ""


class Walk:
    """The paging of one listing in one run: a state machine without input or output.

    Every page that was read is handed to `add`, which answers with the next page to ask for, or with the end. Going
    down ends at the stop rule, on the last page, at the page cap, or on a page that brings nothing. When more than
    one page was read, the pages above the last are read again from the bottom to the top: an entry there that this
    pass had not means that the listing moved meanwhile, something may have slipped between two pages, and the walk
    starts over.

    The pages that an index of sitemaps names follow it in the order in which it names them, up to the cap; the index
    itself is no page of entries, so it neither ends a read nor takes a baseline.

    A feed, the posts of a REST interface and a sitemap pin nothing, and mostly end on their first page. There a read
    is whole too if its very last entry is the newest one that is known; and a sitemap that is read more often than
    entries fall out of it shows everything.

    ``is_reread`` says that other selectors read this listing for the first time.
    """

    def __init__(self, plan: Plan) -> None:
        source = plan.source
        self._pins = source.channel is Channel.LISTING
        self._shows_all = (
            source.channel is Channel.SITEMAP
            and plan.complete_at is not None
            and plan.lease.leased_at - plan.complete_at < SITEMAP_WINDOW
        )
        self._start_url = source.url
        self._max_pages = max(1, source.max_pages)
        self._baseline_pages = 0 if plan.has_baseline else max(1, source.baseline_pages)
        self._sweep = plan.sweep
        self._aliases: dict[str, str] = dict(plan.aliases)
        self._stop = tuple(self._aliases.get(key, key) for key in plan.stop_keys)
        self._listed = {self._aliases.get(key, key) for key in (*plan.frontier, *plan.stop_keys)}
        self.is_reread = plan.is_reread
        self.passes = 1
        self.visits = 0
        self._begin_pass()

    def _begin_pass(self) -> None:
        self.joined = False
        self.ended = False
        self.next_url = ""
        self._entries: dict[str, Entry] = {}
        self._urls: list[str] = []
        self._unmet = False
        self._climbing = 0
        self._parts: deque[str] = deque()
        self._named: set[str] = set()
        self._indexes = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the entries of the pass that is going on, top first, each URL key once."""
        return tuple(self._entries.values())

    @property
    def pages(self) -> int:
        """Return how many pages the pass that is going on has read, each once; ``visits`` counts every answer."""
        return len(self._urls)

    def add(
        self,
        url: str,
        entries: Sequence[Entry],
        next_url: str | None,
        *,
        parts: Sequence[str] = (),
        aliases: Mapping[str, str] | None = None,
        sighted: Collection[str] = (),
    ) -> PageWanted | WalkEnd:
        """Take in one page.

        :param url: the address that was asked for.
        :param entries: what the page shows, top first.
        :param next_url: where the page says that the listing goes on.
        :param parts: the pages that this one names as an index, in the order in which they are to be read.
        :param aliases: article keys of URL keys on this page, beyond those of the plan.
        :param sighted: article keys that this source is known to have listed, beyond the frontier.
        """
        self.visits += 1
        self._aliases.update(aliases or {})
        if self._climbing:
            return self._climb(entries, parts)
        return self._descend(url, entries, self._following(url, next_url, parts), parts, sighted)

    def fail(self) -> WalkEnd:
        """End the walk where it stands, because a page could not be read."""
        return self._end()

    def _following(self, url: str, next_url: str | None, parts: Sequence[str]) -> str | None:
        """Return where the read goes on below this page: to its next page, else to the next part of an index."""
        read = {*self._urls, url}
        fresh = [part for part in parts if part not in self._named]
        self._named.update(fresh)
        self._parts.extendleft(reversed(fresh))  # what a part names itself comes before the other parts
        if next_url is not None and next_url not in read:
            return next_url
        while self._parts:
            part = self._parts.popleft()
            if part not in read:
                return part
        return None

    def _descend(
        self,
        url: str,
        entries: Sequence[Entry],
        following: str | None,
        parts: Sequence[str],
        sighted: Collection[str],
    ) -> PageWanted | WalkEnd:
        new = [entry for entry in entries if entry.key not in self._entries]
        for entry in new:
            self._entries.setdefault(entry.key, entry)
        self._urls.append(url)
        self.next_url = following or ""
        is_last = following is None
        is_index = (
            bool(self._named) and not entries
        )  # or a part of one that is empty: it says nothing of the others
        self._indexes += is_index
        self.ended = is_last or (not new and not self._named) or len(self._urls) >= self._max_pages
        if not is_index:
            # Met, but not all of it, and there is no page more: what is missing was removed, nothing was left unread.
            self.joined |= self._meets(entries, new, sighted) or (self._unmet and is_last)
        self.joined |= is_last and self._shows_the_rest()
        if (self.joined and not self._sweep) or self.ended:
            return self._turn()
        return PageWanted(url=self.next_url, number=len(self._urls) + 1)

    def _meets(self, entries: Sequence[Entry], new: Sequence[Entry], sighted: Collection[str]) -> bool:
        if self._baseline_pages:
            return len(self._urls) - self._indexes >= self._baseline_pages
        if not self._stop:
            return True
        walked = [self._article(key) for key in self._entries]
        page = [self._article(entry.key) for entry in entries]
        if self.is_reread:
            page = self._down_to_known(page)
        meeting = meets(page, walked, self._stop)
        if meeting is Meeting.NO:
            self._unmet = False
            return False
        self._listed.update(sighted)
        brings_nothing = self._unmet and all(self._article(entry.key) in self._listed for entry in new)
        self._unmet = meeting is Meeting.UNMET
        return meeting is Meeting.YES or brings_nothing

    def _shows_the_rest(self) -> bool:
        """Say whether a read that came to the very end left nothing out, where nothing can be pinned."""
        if self._pins or not self._stop or self._baseline_pages:
            return False
        walked = [self._article(key) for key in self._entries]
        return self._shows_all or meets(walked, walked, self._stop, least=1) is Meeting.YES

    def _down_to_known(self, page: list[str]) -> list[str]:
        """Cut a page below its last stop key: after a redesign it may show more than was ever read."""
        stop = set(self._stop)
        last = max((index for index, key in enumerate(page) if key in stop), default=-1)
        return page[: last + 1]

    def _turn(self) -> PageWanted | WalkEnd:
        if len(self._urls) < 2:
            return self._end()
        self._climbing = len(self._urls) - 1
        return PageWanted(url=self._urls[self._climbing - 1], number=self._climbing)

    def _climb(self, entries: Sequence[Entry], parts: Sequence[str]) -> PageWanted | WalkEnd:
        if any(entry.key not in self._entries for entry in entries) or not self._named.issuperset(parts):
            if self.passes >= MAX_PASSES:
                return self._end(moving=True)
            self.passes += 1
            self._begin_pass()
            return PageWanted(url=self._start_url, number=1)
        self._climbing -= 1
        if self._climbing:
            return PageWanted(url=self._urls[self._climbing - 1], number=self._climbing)
        return self._end()

    def _end(self, *, moving: bool = False) -> WalkEnd:
        return WalkEnd(
            joined=self.joined,
            ended=self.ended,
            moving=moving,
            next_url="" if self.joined else self.next_url,
        )

    def _article(self, key: str) -> str:
        return self._aliases.get(key, key)
