"""Lists that a page declares for machines: schema.org's lists of articles, in JSON-LD or microdata. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.jsonld import MAX_SCRIPTS, read_script
from crawler.extraction.meta import linked_data
from crawler.links import absolute_url
from crawler.markup import text_of
from news.errors import UrlError
from news.text import normalise_title
from news.urls import url_key

MAX_NODES = 5_000
MAX_DEPTH = 24
_LISTS = ("itemListElement", "blogPost", "blogPosts", "hasPart", "mainEntity")
_NO_LISTS = frozenset(("BreadcrumbList", "SiteNavigationElement", "WPHeader", "WPFooter"))
_ARTICLES = frozenset(
    (
        "Article",
        "NewsArticle",
        "BlogPosting",
        "ReportageNewsArticle",
        "OpinionNewsArticle",
        "LiveBlogPosting",
        "Report",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedItem:
    """One item of a declared list: its address, and what else is said of it, as it stands there."""

    url: str
    key: str
    title: str = ""
    published: str = ""


def declared_lists(root: HtmlElement, base: str) -> tuple[ListedItem, ...]:
    """Return the items of the longest list that a page declares, in its order, each address once.

    Args:
        root: the page.
        base: what relative addresses refer to.
    """
    lists = [_unique(nodes, base) for nodes in (*_linked_lists(root), _microdata(root))]
    return max(lists, key=len, default=())


def _linked_lists(root: HtmlElement) -> Iterator[list[Mapping[str, Any]]]:
    budget = [MAX_NODES]
    for _, text in zip(range(MAX_SCRIPTS), linked_data(root), strict=False):
        top = read_script(text)
        yield [node for node in _nodes(top, 0, budget) if _types(node) & _ARTICLES]
        for node in _nodes(top, 0, [MAX_NODES]):
            for name in () if _types(node) & _NO_LISTS else _LISTS:
                members = node.get(name)
                if isinstance(members, list):
                    yield [_member(one) for one in members if isinstance(one, Mapping)]


def _nodes(value: Any, depth: int, budget: list[int]) -> Iterator[Mapping[str, Any]]:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, Mapping):
        yield value
        for child in value.values():
            yield from _nodes(child, depth + 1, budget)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child, depth + 1, budget)


def _member(node: Mapping[str, Any]) -> Mapping[str, Any]:
    item = node.get("item")
    return {**node, **item} if isinstance(item, Mapping) else node


def _types(node: Mapping[str, Any]) -> set[str]:
    types = node.get("@type")
    found = types if isinstance(types, list) else [types]
    return {str(one).rpartition("/")[2] for one in found if isinstance(one, str)}


def _unique(nodes: list[Mapping[str, Any]], base: str) -> tuple[ListedItem, ...]:
    found: dict[str, ListedItem] = {}
    for node in nodes:
        href = next((node[name] for name in ("url", "@id", "item") if isinstance(node.get(name), str)), "")
        url = absolute_url(href, base) if href else None
        if url is None:
            continue
        title = next((node[name] for name in ("headline", "name") if isinstance(node.get(name), str)), "")
        published = node.get("datePublished")
        try:
            key = url_key(url)
        except UrlError:
            continue
        found.setdefault(
            key,
            ListedItem(
                url=url,
                key=key,
                title=normalise_title(title),
                published=published if isinstance(published, str) else "",
            ),
        )
    return tuple(found.values())


def _microdata(root: HtmlElement) -> list[Mapping[str, Any]]:
    """Return the articles that a page marks up in place (HTML Standard §5.2)."""
    found: list[Mapping[str, Any]] = []
    for node in root.xpath("//*[@itemscope and @itemtype]")[:MAX_NODES]:
        if str(node.get("itemtype")).rpartition("/")[2] not in _ARTICLES:
            continue
        said: dict[str, str] = {}
        for each in node.iter():
            name = each.get("itemprop") if isinstance(each.tag, str) else None
            if name in ("url", "mainEntityOfPage", "headline", "name", "datePublished"):
                value = each.get("content") or each.get("href") or each.get("datetime") or text_of(each)
                said.setdefault("url" if name == "mainEntityOfPage" else name, value)
        if "url" not in said:
            link = next(iter(node.xpath(".//h1//a/@href | .//h2//a/@href | .//h3//a/@href")), "")
            said["url"] = str(link)
        found.append(said)
    return found
