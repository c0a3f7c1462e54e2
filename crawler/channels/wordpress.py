"""The WordPress channel: posts of the REST interface (``/wp/v2/posts``, REST API Handbook). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy.http import TextResponse

from crawler.channels.entries import Collected, Item
from crawler.channels.feed_dates import feed_date
from crawler.channels.json_feed import load_json
from crawler.channels.listing import NO_LINK
from crawler.channels.refusal import Refusal
from crawler.channels.xml_tree import looks_like_html
from crawler.charset import page_text
from crawler.dating import TOLERANCE
from news.dates import Precision, Stamp, plausible_year
from news.entry import Page
from news.errors import ChannelError
from news.source import Source

PER_PAGE = 20
FIELDS = "id,date,date_gmt,modified_gmt,link,title,excerpt,content,_links,_embedded"
PROVENANCE = "wordpress"
PROTECTED = "behind a password"
_PAST_THE_END = "rest_post_invalid_page_number"
_REASONS = {401: Refusal.LOGIN, 403: Refusal.FORBIDDEN, 404: Refusal.NO_ROUTE, 400: Refusal.BAD_REQUEST}


def posts_url(root: str, *, category: int = 0, language: str = "", per_page: int = PER_PAGE) -> str:
    """Return the address of a site's newest posts.

    Args:
        root: the interface's root, such as ``https://a.example/wp-json/`` or ``https://a.example/?rest_route=/``.
        category: the id of a category; 0 for all posts.
        language: for sites in several languages (Polylang and WPML take ``lang``); empty for the site's own.
        per_page: at most 100.

    >>> posts_url("https://a.example/wp-json/", category=7).partition("&_fields")[0]
    'https://a.example/wp-json/wp/v2/posts?per_page=20&categories=7'
    >>> posts_url("https://a.example/?rest_route=/").partition("&_fields")[0]
    'https://a.example/?rest_route=%2Fwp%2Fv2%2Fposts&per_page=20'
    """
    parts = urlsplit(root)
    query = parse_qsl(parts.query, keep_blank_values=True)
    route = dict(query).get("rest_route")
    path = parts.path
    if route is not None:
        query = [(name, value) for name, value in query if name != "rest_route"]
        query.insert(0, ("rest_route", route.rstrip("/") + "/wp/v2/posts"))
    else:
        path = path.rstrip("/") + "/wp/v2/posts"
    query.append(("per_page", str(per_page)))
    if category:
        query.append(("categories", str(category)))
    if language:
        query.append(("lang", language))
    query += [("_fields", FIELDS), ("_embed", "author,wp:featuredmedia,wp:term")]
    return urlunsplit(parts._replace(path=path, query=urlencode(query, safe=",:")))


def read_wordpress(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the posts of one answer, newest first.

    Further pages are frozen at the newest post of the first (``before``), so that a post which is published meanwhile
    does not push another one from one page to the next.

    Raises:
        ChannelError: the interface refuses, is switched off, or something else answers in its place.
    """
    text = page_text(response)
    if looks_like_html(text):
        raise ChannelError(
            Refusal.HTML,
            "a page answers in place of WordPress's interface: a security plugin may have closed it",
        )
    posts = load_json(text, what="answer of WordPress's interface")
    if isinstance(posts, Mapping):
        return _refused(posts, response.status)
    if not isinstance(posts, list):
        raise ChannelError(Refusal.OTHER_KIND, "not posts of WordPress but another JSON document")
    collected = Collected(base=response.url, whole_bodies=source.whole_bodies, now=now)
    objects = [post for post in posts if isinstance(post, Mapping)]
    collected.refuse(NO_LINK, len(posts) - len(objects))
    for post in objects:
        _collect(post, collected, source, now)
    return Page(
        entries=tuple(collected.entries.values()),
        next_url=_next_url(response, posts, now),
        refused=tuple(sorted(collected.refused.items())),
    )


def _refused(answer: Mapping[str, Any], status: int) -> Page:
    code = str(answer.get("code", ""))
    if code == _PAST_THE_END:
        return Page(entries=())
    data = answer.get("data")
    status = (
        int(data["status"]) if isinstance(data, Mapping) and isinstance(data.get("status"), int) else status
    )
    reason = _REASONS.get(status, Refusal.OTHER_KIND)
    said = str(answer.get("message", ""))[:200]
    raise ChannelError(
        reason, f"WordPress's interface refuses ({code or status}): {said or 'it does not say why'}"
    )


def _collect(post: Mapping[str, Any], collected: Collected, source: Source, now: datetime) -> None:
    content = post.get("content")
    if isinstance(content, Mapping) and content.get("protected"):
        collected.refused[PROTECTED] += 1  # its page asks for the password, too: there is nothing to read
    else:
        collected.add(_item(post, source, now))


def _item(post: Mapping[str, Any], source: Source, now: datetime) -> Item:
    """Return what a post says; one whose time in GMT was never set has that of the site's own clock."""
    local = feed_date(_text(post, "date"), source, now=now, provenance=PROVENANCE)
    return Item(
        link=_text(post, "link"),
        title_html=_rendered(post, "title"),
        body_html=_rendered(post, "content"),
        summary_html=_rendered(post, "excerpt"),
        site_id=str(post["id"]) if type(post.get("id")) in (int, str) else "",
        published=_date(post.get("date_gmt"), now) or local,
        modified=_date(post.get("modified_gmt"), now),
        authors=tuple(_text(author, "name") for author in _embedded(post, "author")),
        sections=_categories(post),
        image=next(
            (url for media in _embedded(post, "wp:featuredmedia") if (url := _text(media, "source_url"))), ""
        ),
    )


def _categories(post: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a post's categories: ``wp:term`` has a list of terms for each taxonomy, tags among them."""
    embedded = post.get("_embedded")
    lists = embedded.get("wp:term") if isinstance(embedded, Mapping) else None
    terms = (
        (term for each in lists if isinstance(each, list) for term in each) if isinstance(lists, list) else ()
    )
    return tuple(
        unescape(_text(term, "name"))
        for term in terms
        if isinstance(term, Mapping) and term.get("taxonomy") == "category"
    )


def _rendered(post: Mapping[str, Any], name: str) -> str:
    value = post.get(name)
    return _text(value, "rendered") if isinstance(value, Mapping) else ""


def _embedded(post: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    embedded = post.get("_embedded")
    found = embedded.get(name) if isinstance(embedded, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _text(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _date(value: object, now: datetime) -> Stamp | None:
    """Return a ``*_gmt`` time; posts that were never published have one of the year 0000, which is none."""
    at = _time(value)
    if at is None or not plausible_year(at.year, now) or at > now + TOLERANCE:
        return None
    return Stamp(at=at, precision=Precision.SECOND, provenance=PROVENANCE)


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        return None


def _next_url(response: TextResponse, posts: list[Any], now: datetime) -> str | None:
    """Return the next page: as long as the interface counts on, or pages are full where it does not say."""
    parts = urlsplit(response.url)
    query = parse_qsl(
        parts.query, keep_blank_values=True
    )  # a list: ``categories[]`` may stand there repeatedly
    said = dict(query)
    page = _count(said.get("page", "")) or 1
    total = _count((response.headers.get(b"X-WP-TotalPages") or b"").decode("latin-1").strip())
    if page >= total if total is not None else len(posts) < (_count(said.get("per_page", "")) or 10):
        return None
    query = [(name, str(page + 1) if name == "page" else value) for name, value in query]
    if "page" not in said:
        query.append(("page", str(page + 1)))
    if "before" not in said and "modified_after" not in said:
        before = _behind_newest([post for post in posts if isinstance(post, Mapping)], now)
        if before:
            query.append(("before", before))
    return urlunsplit(parts._replace(query=urlencode(query, safe=",:")))


def _behind_newest(posts: list[Mapping[str, Any]], now: datetime) -> str:
    """Return the second after the newest post: on the site's own clock, as WordPress before 5.3 reads no zone."""
    for name, zone in (("date", ""), ("date_gmt", "Z")):
        stamps = (_date(post.get(name), now) for post in posts)
        newest = max((stamp.at for stamp in stamps if stamp), default=None)
        if newest is not None:
            return f"{newest + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}{zone}"
    return ""


def _count(text: str) -> int | None:
    """Return a number of pages or posts; anything longer is no such number, and costs time to read."""
    return int(text) if text.isdecimal() and len(text) <= 9 else None
