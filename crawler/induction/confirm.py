"""A draft against further pages: its next page read with its selectors, and the pages behind two of its items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from crawler.channels.listing import read_tree
from crawler.dating import may_be_date
from crawler.discovery.proposal import Candidate
from crawler.induction.confidence import MIN_DISTINCT, Evidence, confidence_of
from crawler.induction.model import NO_HINTS, Draft, Hints, Induction, Sample
from crawler.induction.next_selectors import next_selectors
from crawler.induction.pager import next_links
from crawler.induction.patterns import Finder
from crawler.induction.view import View
from crawler.markup import parse_html, text_of
from news.entry import Entry, Page
from news.errors import ExtractionError
from news.source import Channel, Source, Wrapper
from news.text import comparable, title_key, words
from news.urls import url_key

MAX_OVERLAP = 0.5
SAME_TITLE = 0.6
CLOSE = 0.7
ENOUGH_KNOWN = 0.3
_ENTRY = re.compile(r"(?:^|\s)(?:hentry|h-entry)(?:\s|$)")  # the microformats of a post
MAX_DATE_LINE = 160
MAX_TEXTS = 400


@dataclass(frozen=True, slots=True)
class _Next:
    """The next page that was found: where it is, its entries, and the wrapper with selectors that lead to it."""

    url: str
    wrapper: Wrapper
    seen: bool | None
    reason: str


def confirm(
    draft: Draft,
    *,
    first: Sample,
    induction: Induction,
    pages: Mapping[str, Sample | None],
    articles: Mapping[str, Sample | None],
    now: datetime,
    hints: Hints = NO_HINTS,
) -> Candidate:
    """Return the draft as a candidate, with the confidence that its further pages give it. Pure.

    Args:
        draft: one of ``induction.drafts``.
        first: the page that it was made from.
        induction: all that the page gave.
        pages: the answers to ``draft.next_urls`` that were asked for; None for one that failed, was missing or led
            back to the first page.
        articles: likewise for ``draft.article_urls``.
        now: aware clock.
        hints: what is known of the source already.
    """
    source = Source(
        name="induced",
        url=first.url,
        language=induction.language,
        time_zone=hints.time_zone,
        wrapper=draft.wrapper,
    )
    following = _following(draft, first, source, pages, now)
    evidence = _evidence(draft, induction, following, articles, hints)
    dates = [entry.published.at for entry in draft.entries if entry.published]
    return Candidate(
        channel=Channel.LISTING,
        url=first.url,
        confidence=confidence_of(evidence),
        entries=draft.entries,
        next_url=following.url,
        wrapper=following.wrapper,
        newest_at=max(dates, default=None),
        whole_bodies=bool(draft.entries) and all(entry.body_html for entry in draft.entries),
        reasons=(*draft.reasons, *induction.obstacles, *_reasons(evidence, following)),
    )


def _evidence(
    draft: Draft,
    induction: Induction,
    following: _Next,
    articles: Mapping[str, Sample | None],
    hints: Hints,
) -> Evidence:
    """Return what speaks for and against a draft, from its page and from the further ones."""
    count = len(draft.entries)
    agreeing, dated = _agreeing(draft, articles)
    known = _known(draft.entries, hints)
    return Evidence(
        score=draft.score,
        margin=_margin(draft, induction),
        items=count,
        next_page=following.seen,
        articles=agreeing,
        known=known,
        dated=dated or 2 * sum(entry.published is not None for entry in draft.entries) >= count,
        rival=_rival(draft, induction),
        # Of several lists that are set alike, the one whose articles are known is the right one.
        several=draft.several and (known is None or known < ENOUGH_KNOWN),
        distinct=len({title_key(entry.title) for entry in draft.entries}) / max(count, 1),
        obstacles=len(induction.obstacles),
        unread=agreeing is None and any(url in articles for url in draft.article_urls),
    )


def _reasons(evidence: Evidence, following: _Next) -> Iterator[str]:
    """Yield what was seen beyond the page, and what was looked for in vain."""
    if following.reason:
        yield following.reason
    if evidence.articles is not None:
        told = "say" if evidence.articles >= 0.5 else "do not say"
        yield f"the pages behind its items {told} what the items say"
    elif evidence.unread:
        yield "the pages behind its items could not be read"
    if not evidence.dated:
        yield "neither its items nor the pages behind them show a date"
    if evidence.rival:
        yield "another list of the page is about as good"
    if evidence.several:
        yield "the page shows several lists that are set alike"
    if evidence.distinct < MIN_DISTINCT:
        yield "many of its items have the same title"


def _margin(draft: Draft, induction: Induction) -> float:
    keys = {entry.key for entry in draft.entries}
    others = [
        other.score
        for other in induction.drafts
        if other is not draft and not keys >= {entry.key for entry in other.entries}
    ]
    return draft.score - max(others, default=0.0)


def _rival(draft: Draft, induction: Induction) -> bool:
    """Tell whether another list of the page, with other items, is about as good."""
    keys = {entry.key for entry in draft.entries}
    for other in induction.drafts:
        theirs = {entry.key for entry in other.entries}
        if (
            other is not draft
            and len(keys & theirs) < 0.3 * len(keys | theirs)
            and other.score > draft.score - CLOSE
        ):
            return True
    return False


def _known(entries: Sequence[Entry], hints: Hints) -> float | None:
    keys = {url_key(item.url) for item in hints.known} | hints.listed
    return sum(entry.key in keys for entry in entries) / len(entries) if keys and entries else None


def _following(
    draft: Draft, first: Sample, source: Source, pages: Mapping[str, Sample | None], now: datetime
) -> _Next:
    """Return the first of the possible next pages that goes on where the first one ends."""
    if not draft.next_urls:
        return _Next("", replace(draft.wrapper, next_page=()), None, "")
    asked = [url for url in draft.next_urls if url in pages]
    if not asked:
        return _Next(draft.next_urls[0], draft.wrapper, None, "its next page was not asked for")
    reason = "the page that its pager names as the next one could not be read"
    for url in asked:
        sample = pages[url]
        if sample is None:
            continue
        try:
            root = parse_html(sample.html)
            page = read_tree(root, sample.url, source, now=now)
        except ExtractionError:
            continue
        problem = _why_not_next(draft.entries, page)
        if problem:
            reason = problem
            continue
        wrapper = _towards(draft, first, source, url)
        wrapper = _still_right(wrapper, root, sample.url, source, first.url, now)
        return _Next(url, wrapper, True, f"its next page brings {_count(draft.entries, page)} more items")
    return _Next("", replace(draft.wrapper, next_page=()), False, reason)


def _count(entries: Sequence[Entry], page: Page) -> int:
    return len({entry.key for entry in page.entries} - {entry.key for entry in entries})


def _why_not_next(entries: Sequence[Entry], page: Page) -> str:
    """Return why a page does not go on where the first one ends, or nothing if it does."""
    keys = {entry.key for entry in entries}
    fresh = [entry for entry in page.entries if entry.key not in keys]
    if not page.entries:
        return "its selectors find nothing on the page that its pager names as the next one"
    if not fresh or len(fresh) < (1 - MAX_OVERLAP) * len(page.entries):
        return "the page that its pager names as the next one brings the same items again"
    if _is_newer(fresh, entries):
        return "the page that its pager names as the next one is newer"
    return ""


def _is_newer(fresh: Sequence[Entry], entries: Sequence[Entry]) -> bool:
    """Tell whether another page stands before this one: most of its dates are later than all but a few of these."""
    here = sorted(entry.published.at for entry in entries if entry.published)
    there = sorted(entry.published.at for entry in fresh if entry.published)
    if len(here) < 2 or len(there) < 2:
        return False
    middle, other = there[len(there) // 2].date(), here[len(here) // 2].date()
    return middle > other


def _towards(draft: Draft, first: Sample, source: Source, url: str) -> Wrapper:
    """Return the wrapper with selectors for the link to this next page."""
    if url == draft.next_urls[0]:
        return draft.wrapper
    view = View(first.html, first.url)
    keys = {entry.key for entry in draft.entries}
    link = next((link for link in next_links(view, keys, source.language) if link.url == url), None)
    return replace(draft.wrapper, next_page=next_selectors(Finder(view), link) if link else ())


def _still_right(
    wrapper: Wrapper, root: HtmlElement, url: str, source: Source, first_url: str, now: datetime
) -> Wrapper:
    """Return the wrapper without the alternatives that go wrong on the second page."""
    keep_next = []
    for text in wrapper.next_page:
        read = read_tree(
            root,
            url,
            replace(source, wrapper=replace(wrapper, next_page=(text,))),
            now=now,
        )
        if read.next_url is None or url_key(read.next_url) not in (url_key(first_url), url_key(url)):
            keep_next.append(text)
    return replace(wrapper, next_page=tuple(keep_next))


def _agreeing(draft: Draft, articles: Mapping[str, Sample | None]) -> tuple[float | None, bool]:
    """Return the share of articles whose page bears the item's title (None if none was read), and if any is dated."""
    entries = {entry.url: entry for entry in draft.entries}
    answers = [
        (entries[url], sample) for url, sample in articles.items() if url in entries and sample is not None
    ]
    if not answers:
        return None, False
    read = [_borne_out(entry, sample) for entry, sample in answers]
    return sum(bears for bears, _ in read) / len(read), any(bears and dated for bears, dated in read)


def _borne_out(entry: Entry, sample: Sample) -> tuple[bool, bool]:
    """Return whether a page bears an item's title, and whether it is marked up with a date of publication."""
    try:
        root = parse_html(sample.html)
    except ExtractionError:
        return False, False
    said = [text_of(node) for name in ("h1", "h2", "title") for node in list(root.iter(name))[:6]]
    names = {}
    for node in root.iter("meta"):
        name = (node.get("property") or node.get("name") or node.get("itemprop") or "").lower()
        names[name] = node.get("content") or ""
    said += [names.get("og:title", ""), names.get("twitter:title", "")]
    dated = (
        any(word in name for name in names for word in ("published", "date", "pubdate"))
        or any(node.get("datetime") for node in root.iter("time"))
        or "datePublished" in sample.html
        or names.get("og:type", "") == "article"
        or any(_ENTRY.search(node.get("class") or "") for node in root.iter("article", "div", "section"))
    )
    return any(similar(entry.title, text) for text in said if text), dated or _shows_date(root)


def _shows_date(root: HtmlElement) -> bool:
    """Tell whether a short text near the top of a page states a date."""
    texts = (text_of(node) for node in root.iter("p", "span", "div", "abbr", "small", "h6", "li", "td", "em"))
    return any(0 < len(text) <= MAX_DATE_LINE and may_be_date(text) for text in islice(texts, MAX_TEXTS))


def similar(title: str, other: str) -> bool:
    """Tell whether two titles share most of their words, where one may be cut off or stand beside the site's name."""
    one, two = (set(words(comparable(text).casefold())) for text in (title, other))
    if not one or not two:
        return False
    shared = len(one & two)
    return shared / len(one | two) >= SAME_TITLE or shared / min(len(one), len(two)) >= 0.9
