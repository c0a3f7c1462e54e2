"""The listing that people see: induced from the page's HTML, and confirmed by further pages and two articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from scrapy.http import HtmlResponse, TextResponse

from crawler.channels.listing import read_listing
from crawler.charset import page_text
from crawler.discovery.asking import Answer, Inquirer
from crawler.discovery.proposal import AUTO_AT_LEAST, Candidate
from crawler.induction.confirm import confirm
from crawler.induction.induce import induce
from crawler.induction.model import Draft, Hints, Induction, Sample
from news.errors import ExtractionError, UrlError
from news.source import Source
from news.urls import url_key

MAX_DRAFTS = 3
"""Drafts that are shown; only the first two are confirmed by further requests."""
MAX_NEXT_PAGES = 3
BESIDE_ARTICLES = 0.7
"""What is left of the confidence of a list that stands beside its articles, too."""
OTHER_BOUNDS = 0.79
"""What a list reaches at most whose items another reading groups otherwise: a person looks."""
NEARLY_AS_MANY = 0.6
FEWEST = 2
_CONFIRMED_DRAFTS = 2


@dataclass(kw_only=True, slots=True)
class Listing:
    """What the page shows: what induction made of it, and the further pages that were asked for, by address."""

    sample: Sample
    induction: Induction
    hints: Hints
    pages: dict[str, Sample | None] = field(default_factory=dict)
    articles: dict[str, Sample | None] = field(default_factory=dict)


def sample_of(answer: Answer) -> Sample:
    """Return an answer's page as induction wants it.

    Raises:
        TypeError: it is no text; whoever calls has looked.
    """
    if not isinstance(answer.response, TextResponse):
        raise TypeError(f"{answer.url} is no text")
    return Sample(url=answer.final_url, html=page_text(answer.response))


def look(sample: Sample, *, now: datetime, hints: Hints) -> Listing:
    """Return what the page shows by itself, before anything else is asked for."""
    return Listing(sample=sample, induction=induce(sample, now=now, hints=hints), hints=hints)


async def candidates_of(listing: Listing, inquirer: Inquirer, *, now: datetime) -> list[Candidate]:
    """Return the page's lists as candidates, in the order of their confidence.

    The first draft is confirmed by its next page and two articles; the second too, if the first did not convince.
    The others are judged by the page alone. What shares items with the first is the same list in other bounds, and
    never taken unasked: a heading taken along makes three items of two, two lists of one style make one, and more are
    easier believed.
    """
    found: list[Candidate] = []
    for number, draft in enumerate(listing.induction.drafts[:MAX_DRAFTS]):
        convinced = any(candidate.confidence >= AUTO_AT_LEAST for candidate in found)
        if number < _CONFIRMED_DRAFTS and not convinced:
            found.append(await _confirmed(draft, listing, inquirer, now=now))
        else:
            found.append(judged(draft, listing, now=now))
        if number and shares_items(found[-1], found[0]):
            found[-1] = replace(found[-1], confidence=min(found[-1].confidence, OTHER_BOUNDS))
    return sorted(found, key=lambda candidate: -candidate.confidence)


def shares_items(candidate: Candidate, other: Candidate) -> bool:
    """Say whether two candidates have items in common."""
    return not {entry.key for entry in candidate.entries}.isdisjoint(entry.key for entry in other.entries)


async def _confirmed(draft: Draft, listing: Listing, inquirer: Inquirer, *, now: datetime) -> Candidate:
    """Ask for two articles, and for what may be the next page until one is."""
    for url in draft.article_urls:
        listing.articles[url] = await page_at(url, inquirer, not_at=listing.sample.url)
    candidate = None
    for url in draft.next_urls[:MAX_NEXT_PAGES]:
        listing.pages[url] = await page_at(url, inquirer, not_at=listing.sample.url)
        candidate = judged(draft, listing, now=now)
        if candidate.next_url:
            break
    return candidate or judged(draft, listing, now=now)


def judged(draft: Draft, listing: Listing, *, now: datetime) -> Candidate:
    """Return what a draft is worth by all that is known of it."""
    own = {url: listing.pages[url] for url in draft.next_urls if url in listing.pages}
    articles = {url: listing.articles[url] for url in draft.article_urls if url in listing.articles}
    candidate = confirm(
        draft,
        first=listing.sample,
        induction=listing.induction,
        pages=own,
        articles=articles,
        now=now,
        hints=listing.hints,
    )
    if candidate.confidence >= AUTO_AT_LEAST and stands_on(articles, candidate, now=now):
        reason = "the same list stands beside its articles, too"
        return replace(candidate, confidence=BESIDE_ARTICLES, reasons=(*candidate.reasons, reason))
    return candidate


def stands_on(articles: Mapping[str, Sample | None], candidate: Candidate, *, now: datetime) -> bool:
    """Say whether a list is one of those in the margin of every page: recent items, related ones.

    Its selectors find as many items on the pages of its articles as on the page itself, or nearly so.
    """
    seen = [sample for sample in articles.values() if sample is not None]
    source = Source(name="discovery", url=candidate.url, wrapper=candidate.wrapper)
    least = max(FEWEST, NEARLY_AS_MANY * len(candidate.entries))
    return bool(seen) and all(_count(sample, source, now) >= least for sample in seen)


def _count(sample: Sample, source: Source, now: datetime) -> int:
    response = HtmlResponse(sample.url, body=sample.html.encode("utf-8", "replace"), encoding="utf-8")
    try:
        return len(read_listing(response, source, now=now).entries)
    except ExtractionError:
        return 0


async def page_at(url: str, inquirer: Inquirer, *, not_at: str = "") -> Sample | None:
    """Return a page, None if it could not be had, or if its address leads back to where we stand (``not_at``)."""
    answer = await inquirer.ask(url)
    if not isinstance(answer, Answer) or not answer.ok or not isinstance(answer.response, TextResponse):
        return None
    if not_at and answer.moved and same_page(answer.final_url, not_at):
        return None
    return sample_of(answer)


def same_page(url: str, other: str) -> bool:
    """Say whether two addresses are one page in two spellings."""
    try:
        return url_key(url) == url_key(other)
    except UrlError:
        return False


def with_hints(listing: Listing, listed: frozenset[str]) -> Listing:
    """Return the listing with the URL keys that another channel brings, as evidence."""
    return replace(listing, hints=replace(listing.hints, listed=listed))
