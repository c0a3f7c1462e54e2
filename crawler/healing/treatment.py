"""One attempt to heal a source within a run: what is tried, which pages must confirm it, and what comes of it.

It asks nothing by itself. The addresses that it wants are asked for like any other of the run, and once there is
nothing more to ask, `conclude` says what was found. Both `begin` and `conclude` take a while: call them in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scrapy.http import TextResponse

from crawler.channels.described import BY_DESCRIPTION
from crawler.channels.reading import read_by_wrapper
from crawler.charset import page_text
from crawler.discovery.obstacles import is_shell
from crawler.healing.confirming import articles_confirm, goes_on
from crawler.healing.locating import locate
from crawler.healing.symptoms import symptom_of
from crawler.healing.titling import retitled
from crawler.healing.variants import variants
from crawler.healing.weighing import Check, titles_agree, weigh
from crawler.healing.widening import is_whole, widened
from crawler.induction.confirm import confirm
from crawler.induction.induce import induce
from crawler.induction.model import Draft, Hints, Induction, KnownItem, Sample
from crawler.markup import parse_html
from news.entry import Entry, Page
from news.errors import ConfigError, ExtractionError
from news.healing import Healing
from news.run import Reading
from news.source import Source, Wrapper, own_hosts, wrapper_hash
from news.urls import host_key, url_key
from storage.remembering import Remembered

MAX_NEXT_PAGES = 2
"""Addresses that are asked as the listing's next page, the likeliest first."""
MAX_ARTICLES = 2
"""Pages of new items that are asked for: they are read afterwards anyway."""
TITLED = 0.8
"""Share of recognised items that bear their stored titles; with fewer, these are looked for in the items."""
MAX_DRAFTS = 8
"""Drafts that are weighed, those first that induction prefers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """A page of a listing that its selectors do not read any more: ``page`` is what they make of it.

    ``reading`` is the run's ledger so far.
    """

    source: Source
    response: TextResponse
    page: Page
    symptom: str
    remembered: Remembered
    reading: Reading
    seen_at: datetime


class Treatment:
    """The state of one attempt. Use it once: ``begin``, then ask for ``wanted`` until it is None, then ``conclude``."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.outcome: Healing | None = None
        self.answers: dict[str, TextResponse | None] = {}
        self.wanted: str | None = None
        """The next address to ask for, or None when there is nothing more to ask."""
        self._draft: Draft | None = None
        self._induction: Induction | None = None
        self._drafted = Page(entries=())
        self._is_beyond = False  # nothing of page 1 is known: what is may stand on the next page

    # ------------------------------------------------------------------------------------------ what to ask

    def _next_wanted(self) -> str | None:
        if self._draft is None:
            return None
        return next(
            (url for url in (*self._next_pages(), *self._articles()) if url not in self.answers), None
        )

    def _next_pages(self) -> Iterator[str]:
        """Yield candidates for the next page, until one of them is."""
        if self._draft is None:
            return
        for url in self._draft.next_urls[:MAX_NEXT_PAGES]:
            yield url
            if self._page_after(url, self._draft.wrapper) is not None:
                return

    def _articles(self) -> list[str]:
        """Return the addresses of new items; other hosts than the source's own are not asked."""
        own = own_hosts(self.patient.source)
        return [entry.url for entry in self._new_entries() if host_key(entry.url) in own][:MAX_ARTICLES]

    def _new_entries(self) -> list[Entry]:
        entries = self._drafted.entries
        found = locate(entries, self.patient.remembered.seeds)
        if self._is_beyond:
            return list(entries)
        last = max((index for index, entry in enumerate(entries) if entry.key in found), default=-1)
        return [entry for entry in entries[: last + 1] if entry.key not in found]

    def answer(self, url: str, response: TextResponse | None) -> None:
        """Take in what an address was answered with; None where no page came."""
        self.answers[url] = response
        self.wanted = self._next_wanted()

    # ------------------------------------------------------------------------------------------ what is tried

    def begin(self) -> None:
        """Try what has read the source before, then look for the stored articles anew."""
        self.outcome = self._varied()
        if self.outcome is None:
            self._induce()
        if self.outcome is None and self._draft is None:
            self.outcome = self._described()
        self.wanted = self._next_wanted()

    def _varied(self) -> Healing | None:
        """Return earlier selectors, or the old ones in another order, if they read the page as before."""
        tried = [(each, "earlier selectors match again") for each in self.patient.remembered.earlier]
        others = variants(self.patient.source.wrapper)
        tried += [(each, "other alternatives of the selectors match") for each in others]
        for wrapper, said in tried:
            page = self._read(self.patient.response, wrapper)
            healing = self._weigh(page, wrapper, reasons=(said,)) if page is not None else None
            if healing is not None and healing.accepted:
                return healing
        return None

    def _induce(self) -> None:
        induction = induce(_sample(self.patient.response), now=self.patient.seen_at, hints=self._hints)
        if induction.obstacles:
            return
        self._induction = induction
        best = 0.0
        drafts = induction.drafts[:MAX_DRAFTS]
        for draft in drafts:
            page, wrapper = self._read_titled(draft.wrapper)
            healing = self._weigh(page, wrapper)
            if healing is None or healing.confidence <= best:
                continue
            self._draft, self._drafted, best = draft, page, healing.confidence
            if healing.accepted:
                return  # what stands beside the list may show as much of what is known, but induction likes it less
        if self._draft is None and drafts and drafts[0].next_urls:
            self._draft, self._is_beyond = drafts[0], True
            self._drafted, _ = self._read_titled(drafts[0].wrapper)

    def _described(self) -> Healing | None:
        """Return the list that the page describes for machines, where it shows nothing by itself any more.

        Elsewhere such a list may be that of an article's related ones, all of them known.
        """
        response = self.patient.response
        page = self._read(response, BY_DESCRIPTION)
        if page is None or not is_shell(parse_html(page_text(response))):
            return None
        said = "the page shows nothing without JavaScript, but describes its list for machines"
        return self._weigh(page, BY_DESCRIPTION, reasons=(said,))

    @property
    def _hints(self) -> Hints:
        source = self.patient.source
        known = tuple(KnownItem(url=seed.url, title=seed.title) for seed in self.patient.remembered.seeds)
        return Hints(known=known, language=source.language, time_zone=source.time_zone)

    # ------------------------------------------------------------------------------------------ what comes of it

    def conclude(self) -> Healing | None:
        """Return what was found, or None. Selectors that a person rejected are not found again."""
        if self.outcome is None and self._draft is not None and self._induction is not None:
            self.outcome = self._confirmed(self._draft, self._induction)
        return self.outcome

    def _confirmed(self, draft: Draft, induction: Induction) -> Healing | None:
        pages = {url: self._sampled(url) for url in draft.next_urls if url in self.answers}
        articles = {url: self._sampled(url) for url in self._articles() if url in self.answers}
        candidate = confirm(
            draft,
            first=_sample(self.patient.response),
            induction=induction,
            pages=pages,
            articles=articles,
            now=self.patient.seen_at,
            hints=self._hints,
        )
        page, wrapper = self._read_titled(candidate.wrapper if candidate.wrapper.item else draft.wrapper)
        followed = [self._page_after(url, wrapper) for url in pages]
        if self._is_beyond:
            further = next((each for each in followed if each is not None), Page(entries=()))
            page = replace(page, entries=_joined(page.entries, further.entries))
        next_page = Check.UNASKED
        if followed:
            next_page = Check.PASSED if any(followed) else Check.FAILED
        new = {entry.url: entry.title for entry in self._new_entries()}
        confirmed = articles_confirm({new[url]: sample for url, sample in articles.items() if url in new})
        healing = self._weigh(page, wrapper, next_page=next_page, articles=confirmed)
        if healing is None or not self._is_beyond:
            return healing
        said = "nothing of page 1 is known, only what stands on the next page"
        return replace(healing, accepted=False, reasons=(*healing.reasons, said))

    def _weigh(
        self,
        page: Page,
        wrapper: Wrapper,
        *,
        next_page: Check = Check.UNASKED,
        articles: Check = Check.UNASKED,
        reasons: tuple[str, ...] = (),
    ) -> Healing | None:
        remembered = self.patient.remembered
        digest = wrapper_hash(replace(self.patient.source, wrapper=wrapper))
        if digest in remembered.rejected or not self._cures(page):
            return None
        healing = weigh(
            page,
            wrapper,
            seeds=remembered.seeds,
            profiles=remembered.profiles,
            symptom=self.patient.symptom,
            next_page=next_page,
            articles=articles,
            reasons=reasons,
        )
        if healing is not None and digest in remembered.left:
            said = "these selectors were rolled back before"
            return replace(healing, accepted=False, reasons=(*healing.reasons, said))
        return healing

    def _cures(self, page: Page) -> bool:
        """Return whether a reading is better than the old one: it finds more, or what was amiss is not any more.

        Where dates are gone and the items stand as before, other selectors that find no dates either heal nothing.
        """
        seeds = self.patient.remembered.seeds
        found = locate(page.entries, seeds)
        if len(found) > len(locate(self.patient.page.entries, seeds)):
            return True
        return not symptom_of(
            page,
            self.patient.reading,
            profiles=self.patient.remembered.profiles,
            horizon=self.patient.remembered.horizon,
            familiar={key: located.seed.article for key, located in found.items()},
        )

    def _read_titled(self, wrapper: Wrapper) -> tuple[Page, Wrapper]:
        """Read page 1: with the titles that are stored, and with items that lack what most of the others have."""
        response = self.patient.response
        page = self._read(response, wrapper) or Page(entries=())
        found = locate(page.entries, self.patient.remembered.seeds)
        shown = [entry for entry in page.entries if entry.key in found]
        if sum(titles_agree(entry, found[entry.key]) for entry in shown) < TITLED * len(shown):
            wrapper = retitled(response, wrapper, found)
            page = self._read(response, wrapper) or page
        wide = widened(wrapper)
        further = self._read(response, wide) if wide != wrapper else None
        if further is not None and is_whole(page.entries, further.entries, found):
            return further, wide
        return page, wrapper

    def _page_after(self, url: str, wrapper: Wrapper) -> Page | None:
        """Return the page that an address was answered with, if it goes on where page 1 ends."""
        response = self.answers.get(url)
        if response is None or url_key(response.url) == url_key(self.patient.response.url):
            return None
        page = self._read(response, wrapper)
        return page if page is not None and goes_on(self._drafted.entries, page.entries) else None

    def _sampled(self, url: str) -> Sample | None:
        response = self.answers[url]
        return None if response is None else _sample(response)

    def _read(self, response: TextResponse, wrapper: Wrapper) -> Page | None:
        source = replace(self.patient.source, wrapper=wrapper)
        try:
            return read_by_wrapper(response, source, now=self.patient.seen_at)
        except (ConfigError, ExtractionError):
            return None


def _joined(entries: Sequence[Entry], further: Sequence[Entry]) -> tuple[Entry, ...]:
    keys = {entry.key for entry in entries}
    return (*entries, *(entry for entry in further if entry.key not in keys))


def _sample(response: TextResponse) -> Sample:
    return Sample(url=response.url, html=page_text(response))
