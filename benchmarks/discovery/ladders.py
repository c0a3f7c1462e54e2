"""Ways to read a page that the benchmark compares: ours, and links filtered as the peers filter them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from scrapy.http import HtmlResponse

from benchmarks.discovery.saved import SavedSite
from crawler.discovery.asking import Answer, NoAnswer
from crawler.discovery.discover import discover
from crawler.discovery.options import Options
from crawler.discovery.proposal import Candidate, Decision
from crawler.induction.induce import induce
from crawler.links import absolute_url, same_site
from crawler.markup import parse_html, text_of
from news.run import Trouble
from news.source import Channel
from news.urls import url_key


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a way made of a page: the chosen candidate, or the best that a refusal shows.

    ``page_seconds`` are those of the page alone, ``seconds`` with its further pages.
    """

    decision: Decision
    candidate: Candidate | None
    reasons: tuple[str, ...]
    page_seconds: float
    seconds: float


Ladder = Callable[[SavedSite, str, datetime], Found]


def listing_ladder(site: SavedSite, url: str, now: datetime) -> Found:
    """Read a page by its HTML alone, as ``tidings discover --channel listing`` does; `induce` is timed by itself."""
    first = site.fetch(url)
    if first is None:
        raise LookupError(f"{site.name} has no {url}")
    start = time.process_time()
    induce(first, now=now)
    page_seconds = time.process_time() - start
    found = _discovered(site, url, Options(channels=frozenset((Channel.LISTING,))), now)
    return replace(found, page_seconds=page_seconds)


def whole_ladder(site: SavedSite, url: str, now: datetime) -> Found:
    """Read a page as `tidings discover` does, feeds and interfaces included."""
    return _discovered(site, url, Options(), now)


def _discovered(site: SavedSite, url: str, options: Options, now: datetime) -> Found:
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
    proposal = asyncio.run(discover(ask, url, options=options, now=now))
    seconds = time.process_time() - start
    return Found(
        decision=proposal.decision,
        candidate=proposal.candidates[proposal.chosen or 0] if proposal.candidates else None,
        reasons=proposal.reasons,
        page_seconds=seconds,
        seconds=seconds,
    )


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


LADDERS: dict[str, Ladder] = {"listing": listing_ladder, "all": whole_ladder}
