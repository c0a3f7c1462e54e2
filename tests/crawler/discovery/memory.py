"""Small sites in memory, for whole discoveries without a network: what a path answers, and what was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from crawler.discovery.asking import Answer, NoAnswer
from crawler.discovery.discover import discover
from crawler.discovery.options import Options
from crawler.discovery.proposal import Candidate, Proposal
from news.run import Trouble
from tests.crawler.discovery.entries import NOW, SITE

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
WORDS = (
    "The harbour office has a new order for the quays. Boats over twelve metres lie at the north quay, "
    "and smaller ones at the south quay. Whoever comes in at night reports on channel twelve. The pilots had asked for "
    "it since the spring, when two boats met in the fairway. A chart of the berths hangs there, and the harbour "
    "master answers questions on weekday mornings. Fees stay as they are until the end of the year."
)
TOPICS = (
    "Ferry to the islands starts an hour earlier", "Crane on the north quay stands still for repairs",
    "Lighthouse opens its doors to visitors", "Fog horn is tested twice on Tuesday morning",
    "Fish market moves into the old customs hall", "Dredging of the eastern channel begins after Easter",
    "Two pilots retire after thirty years at sea", "Harbour council votes on higher berth fees",
    "Storm damage at the yacht club is mended", "School classes plant dune grass behind the pier",
    "New tide gauge sends its readings every minute", "Rowing regatta drew four hundred boats",
    "Customs officers found nothing on the freighter", "Bridge is closed for a night next week",
    "Museum shows a century of ship models", "Seal colony grows for the third summer",
    "Coast guard trains with three helicopters", "Bakery on the quay celebrates a birthday",
    "Old buoys become benches along the shore", "Water quality was good at all beaches",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Came:
    """What a path answers with."""

    body: str = ""
    kind: str = HTML
    status: int = 200
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class MemorySite:
    """A site by its paths; what is not there is a 404. ``failing`` paths bring no answer at all."""

    pages: dict[str, Came]
    failing: Mapping[str, tuple[Trouble, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    origin: str = SITE
    respond: Callable[[str], Came | None] | None = None

    async def ask(self, url: str) -> Answer | NoAnswer:
        asked, permanent, hops = url, True, 0
        while True:
            path = url.removeprefix(self.origin) or "/"
            self.asked.append(path)
            if path in self.failing:
                trouble, detail = self.failing[path]
                return NoAnswer(url=asked, trouble=trouble, detail=detail)
            came = (self.respond and self.respond(path)) or self.pages.get(
                path, Came(status=404, body="<title>Not found</title><h1>Not found</h1>")
            )
            if not came.location:
                break
            url, hops = urljoin(url, came.location), hops + 1
            permanent &= came.status in {301, 308}
            assert hops < 6
        headers = Headers({"Content-Type": came.kind, **came.headers})
        body = came.body.encode()
        made = responsetypes.from_args(headers=headers, url=url, body=body)
        return Answer(
            url=asked,
            response=made(url=url, status=came.status, headers=headers, body=body),
            permanent=permanent and hops > 0,
        )

    def discover(self, path: str = "/notices/", **options: Any) -> Proposal:
        made = Options(**options)
        return asyncio.run(discover(self.ask, f"{self.origin}{path}", options=made, now=NOW))


HEADER = '<header><a href="/">Harbour</a><nav><a href="/about/">About</a><a href="/contact/">Contact</a></nav></header>'


def slug(number: int) -> str:
    return "-".join(TOPICS[number % len(TOPICS)].lower().split()[:5]) + (
        f"-{number}" if number >= len(TOPICS) else ""
    )


def url_of(number: int) -> str:
    return f"/notices/{slug(number)}/"


def date_of(number: int) -> datetime:
    return NOW.replace(hour=9) - timedelta(days=3 * number + 1)


def text_of(number: int) -> str:
    return f"Number {number}: {TOPICS[number % len(TOPICS)]}. {WORDS}"


def article(number: int, *, head: str = "") -> Came:
    title = TOPICS[number % len(TOPICS)]
    date = date_of(number)
    return Came(
        body=f"""<!doctype html><html lang="en"><head><title>{title} – Harbour</title>{head}
        <meta property="og:type" content="article"><meta property="og:title" content="{title}">
        <meta property="article:published_time" content="{date.isoformat()}"></head><body>
        {HEADER}
        <main><article><h1>{title}</h1><time datetime="{date.isoformat()}">{date:%d %B %Y}</time>
        <div class="entry-content"><p>{text_of(number)}</p><p>{WORDS}</p></div></article></main>
        <footer><p>Harbour office, North Quay 1</p></footer></body></html>"""
    )


def listing(
    numbers: Iterable[int],
    *,
    head: str = "",
    body_class: str = "",
    next_path: str = "",
    title: str = "Notices",
) -> Came:
    cards = "".join(
        f"""<article class="card">
        <h2 class="card-title"><a href="{url_of(number)}">{TOPICS[number % len(TOPICS)]}</a></h2>
        <time datetime="{date_of(number).date().isoformat()}">{date_of(number):%d %B %Y}</time>
        <p class="teaser">{text_of(number)[:140]}…</p></article>"""
        for number in numbers
    )
    more = (
        f'<nav class="pagination"><a class="next" rel="next" href="{next_path}">Older notices</a></nav>'
        if next_path
        else ""
    )
    return Came(
        body=f"""<!doctype html><html lang="en"><head><title>{title} – Harbour</title>{head}</head>
        <body class="{body_class}">
        {HEADER}
        <main><h1>{title}</h1><div class="cards">{cards}</div>{more}</main>
        <footer><p>Harbour office, North Quay 1</p></footer></body></html>"""
    )


def feed(numbers: Iterable[int], *, bodies: str = "", title: str = "Harbour", site: str = SITE) -> Came:
    """Return an RSS feed; ``bodies`` are ``whole``, ``cut`` or none."""
    items = []
    for number in numbers:
        body = {
            "whole": f"<p>{text_of(number)}</p><p>{WORDS}</p>",
            "cut": f"<p>{text_of(number)[:160]} …</p>",
        }.get(bodies)
        content = f"<content:encoded><![CDATA[{body}]]></content:encoded>" if body else ""
        items.append(
            f"""<item><title>{TOPICS[number % len(TOPICS)]}</title><link>{site}{url_of(number)}</link>
            <guid isPermaLink="false">{site}/?p={number}</guid><pubDate>{format_datetime(date_of(number))}</pubDate>
            <description>{text_of(number)[:140]}…</description>{content}</item>"""
        )
    return Came(
        kind=RSS,
        body=f"""<?xml version="1.0" encoding="UTF-8"?>
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{title}</title>
        <link>{site}/</link><description>News</description>{"".join(items)}</channel></rss>""".replace(
            '<?xml version="1.0" encoding="UTF-8"?>\n        ', '<?xml version="1.0" encoding="UTF-8"?>'
        ),
    )


def posts(numbers: Iterable[int]) -> Came:
    """Return posts as WordPress's interface gives them, with whole bodies."""
    found = [
        {
            "id": number,
            "date_gmt": f"{date_of(number):%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{date_of(number):%Y-%m-%dT%H:%M:%S}",
            "link": f"{SITE}{url_of(number)}",
            "title": {"rendered": TOPICS[number % len(TOPICS)]},
            "excerpt": {"rendered": f"<p>{text_of(number)[:140]}</p>", "protected": False},
            "content": {"rendered": f"<p>{text_of(number)}</p><p>{WORDS}</p>", "protected": False},
        }
        for number in numbers
    ]
    return Came(kind="application/json; charset=utf-8", body=json.dumps(found))


def news_sitemap(numbers: Iterable[int]) -> Came:
    items = "".join(
        f"<url><loc>{SITE}{url_of(number)}</loc><news:news><news:publication_date>{date_of(number).isoformat()}"
        f"</news:publication_date><news:title>{TOPICS[number % len(TOPICS)]}</news:title></news:news></url>"
        for number in numbers
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    spaces += ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return Came(kind="application/xml", body=f"<urlset {spaces}>{items}</urlset>")


def sitemap_index(*parts: str) -> Came:
    items = "".join(f"<sitemap><loc>{SITE}{part}</loc></sitemap>" for part in parts)
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return Came(kind="application/xml", body=f"<sitemapindex {space}>{items}</sitemapindex>")


def alternate(href: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'


def site(pages: Mapping[str, Came] | None = None, *, numbers: Iterable[int] = range(10)) -> MemorySite:
    """Return a site with a listing of these notices at ``/notices/``, a second page of it, and all articles."""
    first = list(numbers)
    later = range(10, 20)
    found = {
        "/robots.txt": Came(body="User-agent: *\nDisallow:\n", kind="text/plain"),
        "/notices/": listing(first, next_path="/notices/page/2/"),
        "/notices/page/2/": listing(later, title="Notices, page 2"),
        **{url_of(number): article(number) for number in {*first, *later}},
    }
    return MemorySite({**found, **(pages or {})})


def chosen(proposal: Proposal) -> Candidate:
    assert proposal.chosen is not None, proposal.reasons
    return proposal.candidates[proposal.chosen]


def paths(proposal: Proposal, place: int | None = None) -> list[str]:
    """Return the paths of the items of the chosen candidate, or of the one at ``place``."""
    number = proposal.chosen if place is None else place
    assert number is not None, proposal.reasons
    return [urlsplit(entry.url).path for entry in proposal.candidates[number].entries]
