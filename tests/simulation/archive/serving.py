"""What a request of the archive is answered with: the same bytes in process and through a real server."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from tests.simulation.archive.designs import (
    STANDS_INSTEAD,
    Item,
    article_page,
    feed,
    frame,
    listing_page,
    posts,
)
from tests.simulation.archive.truth import PREFIXES, Article, Section, Site, State, World

HTML, XML, JSON = "text/html; charset=utf-8", "application/rss+xml; charset=utf-8", "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer, and what it is in truth: the ``article`` in a ``state``, or the items ``shown`` of a ``section``.

    ``status`` 0 is none at all: the time ran out.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    article: Article | None = None
    state: State | None = None
    section: Section | None = None
    shown: tuple[tuple[int, State], ...] = ()
    page: int = 1


def answer(world: World, url: str, headers: Mapping[str, str]) -> Answer:
    """Return what an address answers now. ``headers`` have names in lower case."""
    parts = urlsplit(url)
    if parts.path == "/robots.txt":
        return Answer(status=200, body=b"User-agent: *\nDisallow:\n", headers={"Content-Type": "text/plain"})
    site = next(site for site in world.sites if url.startswith(site.base))
    section = next((each for each in world.sections if urlsplit(each.url).path == parts.path and each.site is site),
                   None)  # fmt: skip
    shut = world.is_shut(section) if section else (site.shut if site.shut_until > world.now else "")
    if shut:
        return _instead(site, shut, section)
    whole = _listing(world, section, url) if section else _article(world, site, url)
    return _conditional(site, whole, headers)


def _instead(site: Site, shut: str, section: Section | None) -> Answer:
    """Return what is answered while a site is shut: a block page, an error, a plea for patience, or nothing."""
    if shut == "timeout":
        return Answer(status=0, section=section)
    if shut in STANDS_INSTEAD:
        status, title, body = STANDS_INSTEAD[shut]
        page = frame(site, title, body).encode()
        return Answer(status=status, body=page, headers={"Content-Type": HTML}, section=section)
    patience = {"Retry-After": "1800"} if shut == "429" else {}
    page = f"<title>{shut}</title><h1>{shut}</h1>".encode()
    return Answer(status=int(shut), body=page, headers={"Content-Type": HTML, **patience}, section=section)


def _listing(world: World, section: Section, url: str) -> Answer:
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    number = int(query.get("page", "1"))
    if "modified_after" in query:
        return _edited(world, section, query)
    numbers = world.visible(section)
    if "before" in query:
        before = datetime.fromisoformat(query["before"].removesuffix("Z")).replace(tzinfo=UTC)
        numbers = [each for each in numbers if world.articles[each].date < before]
    last = max(1, -(-len(numbers) // section.size))
    shown = numbers[(number - 1) * section.size : number * section.size]
    items = [_item(world, section, each) for each in shown]
    told = tuple((item.article.number, item.state) for item in items)
    if section.channel == "feed":
        return Answer(status=200, body=feed(section, items).encode(), headers={"Content-Type": XML}, section=section,
                      shown=told)  # fmt: skip
    if section.channel == "wordpress":
        if number > last:
            body = b'{"code":"rest_post_invalid_page_number","message":"past the end","data":{"status":400}}'
            return Answer(status=400, body=body, headers={"Content-Type": JSON}, section=section)
        headers = {"Content-Type": JSON, "X-WP-TotalPages": str(last)}
        return Answer(status=200, body=posts(section, items).encode(), headers=headers, section=section, shown=told,
                      page=number)  # fmt: skip
    if number > last:
        return Answer(status=404, body=b"<h1>404</h1>", headers={"Content-Type": HTML}, section=section)
    next_url = f"{section.path}?page={number + 1}" if number < last else ""
    html = listing_page(section, items, next_url)
    return Answer(status=200, body=html.encode(), headers={"Content-Type": HTML}, section=section, shown=told,
                  page=number)  # fmt: skip


def _edited(world: World, section: Section, query: Mapping[str, str]) -> Answer:
    """Return the posts that were modified since a time, the longest ago first."""
    since = datetime.fromisoformat(query["modified_after"])
    changed = [world.articles[number] for number in world.visible(section)]
    later = [each for each in changed if (each.now.modified or each.date) > since]
    later.sort(key=lambda each: each.now.modified or each.date)
    items = [_item(world, section, each.number) for each in later[:100]]
    return Answer(status=200, body=posts(section, items).encode(), section=section, page=0,
                  headers={"Content-Type": JSON, "X-WP-TotalPages": "1"},
                  shown=tuple((item.article.number, item.state) for item in items))  # fmt: skip


def _item(world: World, section: Section, number: int) -> Item:
    article = world.articles[number]
    return Item(article=article, url=world.url(section, article), dates=section.dates)


def _article(world: World, site: Site, url: str) -> Answer:
    article = world.at(url)
    if article is None:
        return Answer(status=404, body=b"<h1>404</h1>", headers={"Content-Type": HTML})
    path = unquote(urlsplit(url).path)
    prefix = next(each for each in PREFIXES if path.startswith(f"{each}/"))
    gone = Answer(status=article.status, body=f"<h1>{article.status}</h1>".encode(), headers={"Content-Type": HTML},
                  article=article)  # fmt: skip
    if path.removeprefix(prefix) != article.path:
        status = article.left[path.removeprefix(prefix)]
        if status == 301:
            there = f"{site.base}{prefix}{article.path}"
            return Answer(status=301, headers={"Location": there, "Content-Type": HTML}, article=article)
        return Answer(status=status, body=b"<h1>404</h1>", headers={"Content-Type": HTML}, article=article)
    if article.status != 200:
        return gone
    if site.broken.get(article.number, world.now) > world.now:
        return Answer(status=500, body=b"<h1>500</h1>", headers={"Content-Type": HTML}, article=article)
    first = world.sections[0].prefix if site.name == "alpha" else ""
    canonical = f"{site.base}{first}{article.path}" if site.name == "alpha" else ""
    return Answer(status=200, body=article_page(article, canonical).encode(), headers={"Content-Type": HTML},
                  article=article, state=article.now)  # fmt: skip


def _conditional(site: Site, whole: Answer, headers: Mapping[str, str]) -> Answer:
    """Let an answer be recognised, and say 304 where it is."""
    if whole.status != 200 or site.tags == "none":
        return whole
    digest = hashlib.blake2b(whole.body, digest_size=8).hexdigest()
    if site.tags == "etag":
        name, tag, sent = "ETag", f'"{digest}"', headers.get("if-none-match")
    else:  # a date that stands for the content: seconds alone would let two edits of a minute pass for one
        at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=int(digest[:7], 16))
        name, tag, sent = "Last-Modified", format_datetime(at, usegmt=True), headers.get("if-modified-since")
    said = {**whole.headers, name: tag}
    if sent == tag:
        return Answer(status=304, headers=said, article=whole.article, state=whole.state, section=whole.section,
                      shown=whole.shown, page=whole.page)  # fmt: skip
    return Answer(status=200, body=whole.body, headers=said, article=whole.article, state=whole.state,
                  section=whole.section, shown=whole.shown, page=whole.page)  # fmt: skip
