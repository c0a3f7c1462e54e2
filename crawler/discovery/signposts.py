"""Where a page says that its news can be read otherwise: links, headers and the site's robots.txt. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy.http import TextResponse

from crawler.links import absolute_url, same_site
from news.urls import url_key

MAX_SIGNPOSTS = 40
"""Links of one kind that are looked at: a page that declares hundreds of feeds declares none."""

FEED_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
)
_PERHAPS_FEED_TYPES = frozenset(("application/xml", "text/xml", "application/json"))
_FEED_WORDS = re.compile(
    r"(?:^|[/._=?&-])(?:feeds?|rss2?|atom|rdf|index\.xml|jsonfeed)(?:$|[/._=?&-])", re.IGNORECASE
)
_NOT_A_FEED = re.compile(r"/wp-json/|oembed|rest_route|opensearch|\.html?$", re.IGNORECASE)
_COMMENTS = re.compile(
    r"/comments(?:/|$)|comments?[-_]?(?:rss2?|feed|atom)|feed=comments|feeds/\d+/comments|/commentaires?(?:/|$)",
    re.IGNORECASE,
)
_COMMENTS_TITLE = re.compile(
    r"\bcomments?\s+(?:feed|rss|atom)\b|\bcomments\s*$|\bcommentaires\b|\bkommentare?\b|\bcomentarios\b|تعليقات",
    re.IGNORECASE,
)
# RFC 8288: <target>; name=value; name="value", separated by commas that stand outside of both.
_VALUE = r"(?:\"[^\"]{0,500}\"|[^\s\",;]{0,500})"
_LINK_VALUE = re.compile(rf"<([^<>]{{1,2000}})>((?:\s{{0,9}};\s{{0,9}}[\w*-]{{1,40}}(?:={_VALUE})?){{0,20}})")
_PARAMETER = re.compile(rf";\s{{0,9}}([\w*-]{{1,40}})=({_VALUE})")
_SITEMAP = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_SPAN = re.compile(
    r"/((?:19|20)\d\d(?:/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?)?)(?:/page/\d{1,6})?\Z"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One link of a page's head or of its headers: relations and type in lower case."""

    url: str
    rels: frozenset[str]
    kind: str = ""
    title: str = ""


def links_of(root: HtmlElement, response: TextResponse, base: str) -> tuple[Link, ...]:
    """Return the links that an answer declares, those of its ``Link:`` headers (RFC 8288) first."""
    found = [*_header_links(response), *_head_links(root, base)]
    return tuple(dict.fromkeys(found))


def feeds_among(links: Iterable[Link], page_url: str) -> tuple[Link, ...]:
    """Return the declared feeds, the likeliest first: one whose address extends the page's own, then the nearest.

    Feeds of comments are left out. A link that does not say its type counts where its address looks like a feed's.
    """
    feeds: dict[str, Link] = {}
    for link in links:
        if "alternate" in link.rels and _is_feed(link) and url_key(link.url) != url_key(page_url):
            feeds.setdefault(url_key(link.url), link)
    ranked = sorted(
        list(feeds.values())[:MAX_SIGNPOSTS], key=lambda link: (-nearness(link.url, page_url), _format(link))
    )
    return tuple(ranked)


def feeds_linked_in_text(root: HtmlElement, base: str, page_url: str) -> tuple[str, ...]:
    """Return addresses of plain links that look like feeds of this site ("RSS" in a footer), nearest first."""
    found: dict[str, str] = {}
    for node in root.iter("a"):
        href = (node.get("href") or "").strip()
        if not href or len(found) >= MAX_SIGNPOSTS:
            continue
        url = absolute_url(href, base)
        if url is None or not _looks_like_feed(url) or not same_site(url, page_url):
            continue
        if not _COMMENTS.search(url):
            found.setdefault(url_key(url), url)
    return tuple(sorted(found.values(), key=lambda url: -nearness(url, page_url)))


def sitemaps_in(robots: str, base: str) -> tuple[str, ...]:
    r"""Return the sitemaps that a robots.txt names, those that speak of news first.

    >>> sitemaps_in("Sitemap: /sitemap.xml\nsitemap:https://a.example/news-sitemap.xml", "https://a.example/")
    ('https://a.example/news-sitemap.xml', 'https://a.example/sitemap.xml')
    """
    urls = (absolute_url(match[1], base) for match in _SITEMAP.finditer(robots[:500_000]))
    found = list(dict.fromkeys(url for url in urls if url))[:MAX_SIGNPOSTS]
    return tuple(sorted(found, key=lambda url: not speaks_of_news(url)))


def speaks_of_news(url: str) -> bool:
    """Say whether a sitemap's address calls it one of news."""
    return re.search(r"news|actualit|aktuell|noticia|akhbar", urlsplit(url).path, re.IGNORECASE) is not None


def nearness(url: str, page_url: str) -> int:
    """Return how much of the page's path an address continues: more is nearer, -1 for one on another host.

    >>> page = "https://a.example/en/news/"
    >>> [
    ...     nearness(f"https://a.example{path}", page)
    ...     for path in ("/en/news/feed/", "/en/feed/", "/feed/", "/fr/feed/")
    ... ]
    [102, 1, 0, 0]
    """
    if not same_site(url, page_url):
        return -1
    own, other = _segments(page_url), _segments(url)
    shared = 0
    for one, two in zip(own, other, strict=False):
        if one != two:
            break
        shared += 1
    extends = 100 if shared == len(own) else 0
    return shared + (extends if own else 0)


def span_of(page_url: str) -> str:
    """Return the year, month or day whose archive a page is by its address, empty for one that goes on for ever.

    >>> [
    ...     span_of(f"https://a.example{path}")
    ...     for path in ("/2024/", "/blog/2024/11/page/2/", "/2024/11/quay", "/news/")
    ... ]
    ['2024', '2024/11', '', '']
    """
    match = _SPAN.search("/" + "/".join(_segments(page_url)))
    return match[1] if match else ""


def _segments(url: str) -> list[str]:
    parts = [part for part in urlsplit(url).path.split("/") if part]
    if parts and parts[-1].startswith("index."):
        parts.pop()
    return parts


def _head_links(root: HtmlElement, base: str) -> Iterator[Link]:
    for node in root.iter("link"):
        href = (node.get("href") or "").strip()
        url = absolute_url(href, base) if href else None
        if url:
            yield Link(
                url=url,
                rels=frozenset((node.get("rel") or "").lower().split()),
                kind=_kind(node.get("type") or ""),
                title=" ".join((node.get("title") or "").split())[:200],
            )


def _header_links(response: TextResponse) -> Iterator[Link]:
    for raw in response.headers.getlist(b"Link")[:20]:
        for match in _LINK_VALUE.finditer(raw[:20_000].decode("latin-1")):
            url = absolute_url(match[1].strip(), response.url)
            given = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(match[2])}
            if url:
                yield Link(
                    url=url,
                    rels=frozenset(given.get("rel", "").lower().split()),
                    kind=_kind(given.get("type", "")),
                    title=given.get("title", "")[:200],
                )


def _kind(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def _is_feed(link: Link) -> bool:
    if _COMMENTS.search(link.url) or _COMMENTS_TITLE.search(link.title):
        return False
    if link.kind in FEED_TYPES:
        return True
    return link.kind in _PERHAPS_FEED_TYPES and _looks_like_feed(link.url)


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_FEED_WORDS.search(f"{parts.path}?{parts.query}")) and not _NOT_A_FEED.search(url)


def _format(link: Link) -> int:
    """Atom has both dates and stable ids, so of two feeds that stand equally near it is asked first."""
    return {"application/atom+xml": 0, "application/rss+xml": 1, "application/feed+json": 2}.get(link.kind, 3)
