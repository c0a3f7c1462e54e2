"""Ways to read a page that the benchmark compares: ours, and links filtered as the peers filter them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scrapy.http import HtmlResponse

from benchmarks.discovery.saved import SavedSite, same_page
from crawler.discovery.asking import Answer, NoAnswer
from crawler.discovery.discover import discover
from crawler.discovery.options import Options
from crawler.discovery.proposal import Candidate, Decision, decision_for
from crawler.induction.confirm import confirm
from crawler.induction.induce import induce
from crawler.induction.model import Sample
from crawler.links import absolute_url, same_site
from crawler.markup import parse_html, text_of
from news.run import Trouble
from news.urls import url_key

MAX_PAGES_ASKED = 3


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a way made of a page; ``page_seconds`` are those of the page alone, ``seconds`` with its further pages."""

    decision: Decision
    candidate: Candidate | None
    reasons: tuple[str, ...]
    page_seconds: float
    seconds: float


Ladder = Callable[[SavedSite, str, datetime], Found]


def listing_ladder(site: SavedSite, url: str, now: datetime) -> Found:
    """Read a page by its HTML alone: `induce`, then `confirm` with the pages that it wants."""
    first = site.fetch(url)
    if first is None:
        raise LookupError(f"{site.name} has no {url}")
    start = time.process_time()
    induction = induce(first, now=now)
    page_seconds = time.process_time() - start
    if not induction.drafts:
        reasons = (*induction.obstacles, "no list was found")
        return Found(
            decision=Decision.REFUSE,
            candidate=None,
            reasons=reasons,
            page_seconds=page_seconds,
            seconds=page_seconds,
        )
    draft = induction.drafts[0]
    pages = {next_url: _next(site, next_url, url) for next_url in draft.next_urls[:MAX_PAGES_ASKED]}
    articles: dict[str, Sample | None] = {article: site.fetch(article) for article in draft.article_urls}
    candidate = confirm(draft, first=first, induction=induction, pages=pages, articles=articles, now=now)
    return Found(
        decision=decision_for(candidate.confidence),
        candidate=candidate,
        reasons=candidate.reasons,
        page_seconds=page_seconds,
        seconds=time.process_time() - start,
    )


def _next(site: SavedSite, url: str, first: str) -> Sample | None:
    sample = site.fetch(url)
    return None if sample is None or same_page(sample.url, first) else sample


_UTILITY = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|about|contact|privacy|login|search|page|feed|archives?|rss)(?:/|\.|$)|#|\.(?:xml|rss|atom|jpg|png|css|js|pdf)$",
    re.IGNORECASE,
)


def peers_links(html: str, url: str) -> frozenset[str]:
    """Return what link filtering takes for articles: links of the site with three words or a long path."""
    found = set()
    for node in parse_html(html).iter("a"):
        target = absolute_url((node.get("href") or "").strip(), url)
        if target is None or not same_site(target, url) or _UTILITY.search(target):
            continue
        path = target.partition("://")[2].partition("/")[2]
        if url_key(target) != url_key(url) and (len(text_of(node).split()) >= 3 or len(path) > 20):
            found.add(url_key(target))
    return frozenset(found)


def whole_ladder(site: SavedSite, url: str, now: datetime) -> Found:
    """Read a page as `tidings discover` does, feeds and interfaces included."""

    async def ask(address: str) -> Answer | NoAnswer:
        if not same_site(address, url):
            return NoAnswer(
                url=address, trouble=Trouble.NETWORK, detail="the host name cannot be resolved (DNS)"
            )
        response = site.open(address)
        if response is None:
            response = HtmlResponse(
                address, status=404, body=b"<title>Not found</title><h1>404 Not found</h1>"
            )
        return Answer(url=address, response=response, permanent=response.url != address)

    start = time.process_time()
    proposal = asyncio.run(discover(ask, url, options=Options(), now=now))
    seconds = time.process_time() - start
    return Found(
        decision=proposal.decision,
        candidate=proposal.candidates[proposal.chosen] if proposal.chosen is not None else None,
        reasons=proposal.reasons,
        page_seconds=seconds,
        seconds=seconds,
    )


LADDERS: dict[str, Ladder] = {"listing": listing_ladder, "all": whole_ladder}
