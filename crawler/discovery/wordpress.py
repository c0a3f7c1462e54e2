"""WordPress's REST interface for one page: where it is, and which of its posts the page lists. Pure.

Only what the page itself says is believed: its link to itself in the interface (since WordPress 5.5), or the classes
that every archive gives to ``body`` (`get_body_class`). A page of which neither tells the scope is not offered as the
whole blog: that would bring every category.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from lxml.html import HtmlElement

from crawler.channels.wordpress import posts_url
from crawler.discovery.signposts import Link
from news.errors import UrlError
from news.urls import url_key

API = "https://api.w.org/"
"""The relation by which WordPress declares its interface (REST API Handbook, Discovery)."""
_ITSELF = re.compile(r"(?P<root>.{1,1500}?)wp/v2/(?P<base>[\w-]{1,60})/(?P<id>\d{1,18})/?(?:[?&].*)?\Z")
_PARAMETERS = {"categories": "categories", "tags": "tags", "users": "author"}
_NOT_POSTS = frozenset(("posts", "pages", "media"))
_ARCHIVES = (("category", "categories"), ("tag", "tags"), ("author", "author"))
_NO_LIST = frozenset(
    ("single", "page", "search", "search-results", "attachment", "error404", "date", "singular")
)
_PAGED = re.compile(r"/page/\d{1,6}/?\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which posts a page lists: those with a value of a parameter, or all of the blog where both are empty."""

    parameter: str = ""
    value: str = ""

    @property
    def is_whole(self) -> bool:
        """Say whether it is the whole blog."""
        return not self.parameter


def api_root(links: Iterable[Link]) -> str:
    """Return the address of the interface that a page declares, empty if there is none.

    >>> api_root([Link(url="https://a.example/wp-json/", rels=frozenset((API,)))])
    'https://a.example/wp-json/'
    """
    links = tuple(links)
    declared = next((link.url for link in links if API in link.rels), "")
    return declared or next((match["root"] for match in _to_itself(links)), "")


def scope_of(root: HtmlElement, links: Iterable[Link]) -> Scope | None:
    """Return which posts a page lists, None where it does not say."""
    for match in _to_itself(links):
        if match["base"] in _NOT_POSTS:
            return None
        return Scope(parameter=_PARAMETERS.get(match["base"], match["base"]), value=match["id"])
    body = next(root.iter("body"), None)
    classes = ((body.get("class") if body is not None else "") or "").split()
    for name, parameter in _ARCHIVES:
        if name in classes:
            number = next((each.removeprefix(f"{name}-") for each in classes if _numbers(each, name)), "")
            return Scope(parameter=parameter, value=number) if number else None
    return Scope() if "blog" in classes and not is_single(root) else None


def slug_of(page_url: str) -> str:
    """Return the last part of a page's path, as the interface knows a category by; empty for a front page.

    >>> slug_of("https://a.example/topics/sea-and-sky/page/2/"), slug_of("https://a.example/")
    ('sea-and-sky', '')
    """
    path = _PAGED.sub("/", urlsplit(page_url).path)
    return unquote(path.rstrip("/").rpartition("/")[2])


def is_single(root: HtmlElement) -> bool:
    """Say whether WordPress says of a page that it is no list: an article, a page, a search."""
    body = next(root.iter("body"), None)
    return bool(_NO_LIST & set(((body.get("class") if body is not None else "") or "").split()))


def category_in(answer: bytes, *, page_url: str) -> str:
    """Return the id of the category that an answer to `categories_url` tells, empty if it is not the page's.

    The category's own address must be the page's: a slug alone may be that of an author or a tag, too.
    """
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    here = _PAGED.sub("/", page_url.partition("?")[0])
    for each in found if isinstance(found, list) else ():
        if not isinstance(each, dict) or not isinstance(each.get("link"), str):
            continue
        with suppress(UrlError):
            if url_key(each["link"]) == url_key(here) and isinstance(each.get("id"), int):
                return str(each["id"])
    return ""


def categories_url(api: str, slug: str) -> str:
    """Return the address that tells the category of a slug.

    >>> categories_url("https://a.example/?rest_route=/", "news")
    'https://a.example/?rest_route=/wp/v2/categories&slug=news&_fields=id,slug,link'
    """
    return _at(api, "wp/v2/categories", f"slug={quote(slug)}&_fields=id,slug,link")


def scoped_posts_url(api: str, scope: Scope, *, language: str = "") -> str:
    """Return the address of the posts of a scope, the newest first, see `crawler.channels.wordpress.posts_url`.

    >>> scoped_posts_url("https://a.example/wp-json/", Scope(parameter="tags", value="12")).partition("?")[2][
    ...     -8:
    ... ]
    '&tags=12'
    """
    category = int(scope.value) if scope.parameter == "categories" else 0
    url = posts_url(api, category=category, language=language)
    return url if scope.is_whole or category else f"{url}&{scope.parameter}={scope.value}"


def page_language(root: HtmlElement) -> str:
    """Return the language to ask posts in: the page's own, if it says that there are versions in others.

    >>> from crawler.markup import parse_html
    >>> page_language(
    ...     parse_html('<html lang="ar"><link rel=alternate hreflang=en><link rel=alternate hreflang=ar>')
    ... )
    'ar'
    >>> page_language(parse_html('<html lang="ar">'))
    ''
    """
    named = {
        (node.get("hreflang") or "").lower().partition("-")[0]
        for node in root.iter("link")
        if "alternate" in (node.get("rel") or "").lower().split()
    }
    own = (root.get("lang") or "").lower().partition("-")[0]
    return own if own in named and len(named - {"", "x"}) > 1 and own.isalpha() else ""


def _to_itself(links: Iterable[Link]) -> Iterable[re.Match[str]]:
    """Yield the page's own addresses in the interface, as it links to them."""
    for link in links:
        if "alternate" in link.rels and link.kind == "application/json":
            match = _ITSELF.match(link.url)
            if match:
                yield match


def _numbers(token: str, name: str) -> bool:
    head, _, number = token.rpartition("-")
    return head == name and number.isdecimal() and number.isascii()


def _at(api: str, route: str, query: str) -> str:
    if "rest_route=" in api:
        return f"{api.rstrip('/')}/{route}&{query}"
    return f"{api.rstrip('/')}/{route}?{query}"
