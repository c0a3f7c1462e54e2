"""The rungs below the page itself: feeds, sitemaps and well-known paths, each parsed before it is offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from scrapy.http import TextResponse

from crawler.channels.described import BY_DESCRIPTION, FEWEST, read_described_tree
from crawler.channels.reading import read_page
from crawler.charset import page_text
from crawler.discovery.asking import Answer, Inquirer
from crawler.discovery.choosing import Found, Sight, agrees, judged
from crawler.discovery.proposal import ASK_AT_LEAST, AUTO_AT_LEAST, Candidate
from crawler.discovery.signposts import (
    Link,
    feeds_among,
    feeds_linked_in_text,
    nearness,
    sitemaps_in,
    span_of,
    speaks_of_news,
)
from crawler.discovery.wordpress import (
    Scope,
    api_root,
    categories_url,
    category_in,
    is_single,
    page_language,
    scope_of,
    scoped_posts_url,
    slug_of,
)
from news.entry import Entry, Page
from news.errors import ExtractionError, UrlError
from news.source import Channel, Source
from news.urls import fetchable_url, url_key

MAX_FEEDS = 4
"""Feeds that are asked for at most: the declared ones, nearest first."""
MAX_LINKS = 5_000
MAX_SITEMAPS = 3
MAX_PARTS = 2
"""Parts of an index of sitemaps that are asked for: those that its address calls news, or the newest."""
WELL_KNOWN_FEEDS = ("feed/", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json")
WELL_KNOWN_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml")
MOST_BY_DESCRIPTION = 0.75
"""How sure a list is at most that the page only describes."""
UNDATED_BY_DESCRIPTION = 0.45
OLD_AFTER = timedelta(days=365)
"""A described list whose newest item is older may have been left behind by a template."""
_NEAR = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a discovery stands: the page, how to read what it leads to, and what it shows by itself."""

    page_url: str
    source: Source
    now: datetime
    root: HtmlElement | None = None
    base: str = ""
    links: tuple[Link, ...] = ()
    visible: tuple[Entry, ...] = ()
    misses: list[str] = field(default_factory=list)

    @property
    def is_home(self) -> bool:
        """Say whether the page is the site's front page."""
        parts = urlsplit(self.page_url)
        return parts.path in {"", "/"} and not parts.query


def read(answer: Answer, channel: Channel, place: Place) -> Page | str:
    """Return what an answer brings by a channel, or why it brings nothing."""
    response = answer.response
    if not answer.ok:
        return f"HTTP {response.status}"
    if not isinstance(response, TextResponse):
        response = TextResponse(
            response.url, headers=response.headers, body=response.body, status=response.status
        )
    try:
        return read_page(response, source_for(channel, answer.final_url, place), now=place.now)
    except ExtractionError as error:
        return str(error)


def source_for(channel: Channel, url: str, place: Place) -> Source:
    """Return the source that an address would be, read by a channel."""
    source = place.source
    return Source(
        name=source.name,
        url=url,
        page_url=place.page_url,
        channel=channel,
        language=source.language,
        time_zone=source.time_zone,
    )


async def tried(
    url: str, channel: Channel, place: Place, inquirer: Inquirer, *, told_by: str, declared: bool = True
) -> Found | None:
    """Ask for an address and read it; None, with a note of why, where it brings nothing of the kind."""
    answer = await inquirer.ask(url)
    read_as = read(answer, channel, place) if isinstance(answer, Answer) else answer.detail
    if isinstance(read_as, str) or not isinstance(answer, Answer):
        if declared:
            place.misses.append(f"{channel} {url}: {read_as}")
        return None
    near = place.is_home or nearness(answer.final_url, place.page_url) >= _NEAR
    span = span_of(place.page_url)
    return Found(
        channel=channel,
        url=answer.final_url,
        page=read_as,
        told_by=told_by,
        near=near,
        declared=declared,
        outlasts="" if f"/{span}/" in f"{urlsplit(answer.final_url).path}/" else span,
    )


# ------------------------------------------------------------------------------------------------- feeds


async def feeds(place: Place, inquirer: Inquirer, *, wordpress: bool) -> list[Found]:
    """Return the feeds that the page leads to, asked until one of them is the page's own list."""
    found: list[Found] = []
    for url, told_by, declared in _feed_addresses(place, wordpress=wordpress)[:MAX_FEEDS]:
        feed = await tried(url, Channel.FEED, place, inquirer, told_by=told_by, declared=declared)
        if feed is None or any(one.url == feed.url for one in found):
            continue
        found.append(feed)
        if agrees(feed.page.entries, place.visible):
            break
    return found


def _feed_addresses(place: Place, *, wordpress: bool) -> list[tuple[str, str, bool]]:
    declared = [(link.url, "declared by the page", True) for link in feeds_among(place.links, place.page_url)]
    linked = []
    if place.root is not None:
        linked = [
            (url, "linked from the page", True)
            for url in feeds_linked_in_text(place.root, place.base, place.page_url)
        ]
    guessed = []
    if wordpress and not place.is_home and not urlsplit(place.page_url).query:
        nearest = max((nearness(url, place.page_url) for url, *_ in declared), default=-1)
        if nearest < _NEAR:
            guessed = [
                (urljoin(_folder(place.page_url), "feed/"), "where WordPress keeps a section's feed", False)
            ]
    return _unique([*guessed, *declared, *linked])


async def well_known_feeds(place: Place, inquirer: Inquirer) -> list[Found]:
    """Return the first feed that stands at a well-known path: below the page, then at the site's root."""
    folder, root = _folder(place.page_url), urljoin(place.page_url, "/")
    paths = [urljoin(folder, name) for name in WELL_KNOWN_FEEDS[:1] if folder != root]
    paths += [urljoin(root, name) for name in WELL_KNOWN_FEEDS]
    for url in paths:
        if inquirer.known(url) is not None:
            continue
        feed = await tried(
            url, Channel.FEED, place, inquirer, told_by="found at a well-known path", declared=False
        )
        if feed is not None and feed.page.entries:
            return [feed]
    return []


# ---------------------------------------------------------------------------------------------- sitemaps


async def sitemaps(place: Place, inquirer: Inquirer) -> list[Found]:
    """Return the news sitemaps that robots.txt names, or that stand at well-known paths."""
    robots = await inquirer.ask(urljoin(place.page_url, "/robots.txt"))
    text = ""
    if isinstance(robots, Answer) and robots.ok and isinstance(robots.response, TextResponse):
        text = page_text(robots.response)
    named = sitemaps_in(text, place.page_url)
    found: list[Found] = []
    for url in named[:MAX_SITEMAPS]:
        found += await _sitemap(url, place, inquirer, told_by="named in robots.txt", declared=True)
    for path in WELL_KNOWN_SITEMAPS:
        url = urljoin(place.page_url, path)
        if not found and inquirer.known(url) is None:
            found += await _sitemap(
                url, place, inquirer, told_by="found at a well-known path", declared=False
            )
    return found


async def _sitemap(
    url: str, place: Place, inquirer: Inquirer, *, told_by: str, declared: bool
) -> list[Found]:
    found = await tried(url, Channel.SITEMAP, place, inquirer, told_by=told_by, declared=declared)
    if found is None:
        return []
    if found.page.entries or not found.page.parts:
        return [found] if found.page.entries else []
    return await parts_of(found, place, inquirer)


async def parts_of(index: Found, place: Place, inquirer: Inquirer) -> list[Found]:
    """Return the parts of an index of sitemaps that have entries, looked for where news most likely stands."""
    parts = sorted(index.page.parts, key=lambda part: not speaks_of_news(part))[:MAX_PARTS]
    below = []
    for part in parts:
        one = await tried(
            part, Channel.SITEMAP, place, inquirer, told_by=index.told_by, declared=index.declared
        )
        if one is not None and one.page.entries:
            below.append(one)
    return below


async def with_parts(index: Found, place: Place, inquirer: Inquirer) -> Found:
    """Return an index that a person named with the entries of its parts, as a crawl of it would bring them."""
    if not index.page.parts:
        return index
    below = await parts_of(index, place, inquirer)
    entries = {entry.key: entry for part in below for entry in part.page.entries}
    return replace(index, page=replace(index.page, entries=tuple(entries.values())))


def linked_keys(place: Place) -> Iterator[str]:
    """Yield the URL keys of what the page links to, within reason."""
    if place.root is None:
        return
    for node in islice(place.root.iter("a"), MAX_LINKS):
        with suppress(UrlError):
            yield url_key(fetchable_url((node.get("href") or "").strip(), place.base))


def _folder(page_url: str) -> str:
    """Return the address with a slash at its end, without a file name or a query.

    >>> _folder("https://a.example/en/news?page=2"), _folder("https://a.example/en/index.html")
    ('https://a.example/en/news/', 'https://a.example/en/')
    """
    parts = urlsplit(page_url)
    path = parts.path
    if "." in path.rpartition("/")[2]:
        path = path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}/"


def _unique(addresses: Iterable[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    kept: dict[str, tuple[str, str, bool]] = {}
    for address in addresses:
        kept.setdefault(url_key(address[0]), address)
    return list(kept.values())


# --------------------------------------------------------------------------------------------- WordPress


def is_wordpress(place: Place) -> bool:
    """Say whether the page declares WordPress's interface."""
    return bool(api_root(place.links))


async def wordpress(place: Place, inquirer: Inquirer) -> list[Found]:
    """Return the posts of the page's own scope from WordPress's interface, if it is open and the scope is known."""
    api = api_root(place.links)
    if not api or place.root is None:
        return []
    scope = scope_of(place.root, place.links) or await _scope_by_slug(api, place, inquirer)
    if scope is None:
        place.misses.append(f"wordpress {api}: which of its posts the page lists is not told")
        return []
    url = scoped_posts_url(api, scope, language=page_language(place.root))
    told_by = (
        "declared by the page, for all posts" if scope.is_whole else "declared by the page, for its own posts"
    )
    found = await tried(url, Channel.WORDPRESS, place, inquirer, told_by=told_by)
    return [] if found is None else [replace(found, near=True)]


async def _scope_by_slug(api: str, place: Place, inquirer: Inquirer) -> Scope | None:
    """Ask which category the page's address names: themes may leave out what WordPress says of an archive."""
    slug = slug_of(place.page_url)
    if not slug or place.root is None or is_single(place.root):
        return None
    answer = await inquirer.ask(categories_url(api, slug))
    if not isinstance(answer, Answer) or not answer.ok:
        return None
    number = category_in(answer.response.body, page_url=place.page_url)
    return Scope(parameter="categories", value=number) if number else None


# ----------------------------------------------------------------------------------- the page's own word


def by_description(place: Place, sight: Sight) -> list[Candidate]:
    """Return the list that the page describes for machines, where the one that it shows is not sure.

    It is never taken unasked: templates leave such lists behind as they were, or fill them with something else. One
    without a single date may be the site's menu, and is not proposed.
    """
    if place.root is None or sight.sure >= AUTO_AT_LEAST:
        return []
    source = replace(place.source, wrapper=BY_DESCRIPTION)
    page = read_described_tree(place.root, place.base, place.page_url, source, now=place.now)
    if len(page.entries) < FEWEST:
        return []
    told_by = "the page describes it for machines (JSON-LD or microdata)"
    found = Found(channel=Channel.LISTING, url=place.page_url, page=page, told_by=told_by, near=True)
    candidate = judged(found, sight)
    confidence, reasons = min(candidate.confidence, MOST_BY_DESCRIPTION), candidate.reasons
    if candidate.newest_at is None:
        confidence = min(confidence, UNDATED_BY_DESCRIPTION)
    elif place.now - candidate.newest_at > OLD_AFTER:
        confidence = min(confidence, ASK_AT_LEAST)
        reasons = (*reasons, f"its newest item is of {candidate.newest_at:%Y-%m-%d}")
    return [replace(candidate, wrapper=BY_DESCRIPTION, confidence=confidence, reasons=reasons)]
