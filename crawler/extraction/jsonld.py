"""The article in a page's JSON-LD (schema.org ``Article`` and its kin), read with bounds and without ever raising.

Real pages wrap it in HTML comments, leave trailing commas and raw line ends, nest it in ``@graph`` or arrays, name the
publisher as author, and describe other articles beside their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from news.errors import UrlError
from news.urls import url_key

MAX_SCRIPT_CHARS = 1_000_000
MAX_SCRIPTS = 30
MAX_NODES = 5_000
MAX_DEPTH = 24

# The more a type says "news", the rather it is the page's own article.
_TYPES = (
    "NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle "
    "OpinionNewsArticle ReviewNewsArticle LiveBlogPosting BlogPosting AdvertiserContentArticle SatiricalArticle "
    "ScholarlyArticle TechArticle Report Article SocialMediaPosting"
).split()
_RANK = {name: rank for rank, name in enumerate(_TYPES)}
_LISTS = frozenset(
    "itemListElement blogPost hasPart relatedLink comment review mentions citation liveBlogUpdate".split()
)
_WRAPPING = re.compile(
    r"\A\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?|(?:/[/*]\s*)?(?:-->|\]\]>)(?:\s*\*/)?\s*;?\s*\Z"
)
# A string that does not end reaches to the end: looking for the end of each quotation mark anew would take for ever.
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"?|,(?=\s*[}\]])', re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedArticle:
    """An article as JSON-LD describes it, every value as text; ``publisher`` is the site's name."""

    title: str = ""
    body: str = ""
    published: str = ""
    modified: str = ""
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ""
    image_url: str = ""
    url: str = ""
    publisher: str = ""


def linked_article(scripts: Iterable[str], page_url: str) -> LinkedArticle | None:
    """Return the article that describes the page, or None.

    Of several the one whose address is the page's is taken, then the first that does not stand in a list of others,
    the more newsy type first.

    Args:
        scripts: the texts of ``<script type="application/ld+json">``, in page order.
        page_url: where the page stands.
    """
    budget = [MAX_NODES]
    nodes: dict[str, dict[str, Any]] = {}
    found: list[tuple[bool, dict[str, Any]]] = []
    for _, text in zip(range(MAX_SCRIPTS), scripts, strict=False):
        for listed, node in _objects(parse_linked_data(text), 0, budget, listed=False):
            if isinstance(node.get("@id"), str) and len(node) > 1:
                nodes.setdefault(node["@id"], node)
            if _rank(node) is not None:
                found.append((listed, node))
    own = [node for _, node in found if _names_page(node, page_url)]
    choice = own or [node for listed, node in found if not listed]
    if not choice:
        return None
    return _article(min(choice, key=lambda node: _rank(node) or 0), nodes)


def without_lists(text: str) -> str:
    """Return JSON-LD without the other things that it lists (a live blog's posts, comments, related articles).

    Nothing is left of what cannot be parsed.
    """
    return json.dumps(_shorn(parse_linked_data(text), 0), ensure_ascii=False).replace("</", "<\\/")


def _shorn(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_shorn(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: _shorn(item, depth + 1) for key, item in value.items() if key not in _LISTS}
    return value


def parse_linked_data(text: str) -> Any:
    """Return what a JSON-LD script holds, its usual slips mended; None for what cannot be read, or is too long."""
    if len(text) > MAX_SCRIPT_CHARS:
        return None
    text = _WRAPPING.sub("", text.strip()).strip().rstrip(";")
    for attempt in (text, _STRING_OR_COMMA.sub(lambda match: match[0] if match[0] != "," else "", text)):
        try:
            return json.loads(attempt, strict=False, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(
    value: Any, depth: int, budget: list[int], *, listed: bool
) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Yield every object with whether it stands in a list of other things, within depth and budget."""
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1, budget, listed=listed)
    elif isinstance(value, dict):
        yield listed, value
        for key, item in value.items():
            if isinstance(item, (dict, list)):
                yield from _objects(item, depth + 1, budget, listed=listed or key in _LISTS)


def _rank(node: dict[str, Any]) -> int | None:
    names = node.get("@type")
    ranks = [
        _RANK[short]
        for name in listed_values(names)
        if isinstance(name, str) and (short := _short(name)) in _RANK
    ]
    return min(ranks, default=None)


def _short(name: str) -> str:
    return name.rpartition("/")[2].rpartition(":")[2]


def _names_page(node: dict[str, Any], page_url: str) -> bool:
    for key in ("url", "mainEntityOfPage", "@id"):
        for value in listed_values(node.get(key)):
            address = _address(value)
            try:
                if address.startswith("http") and url_key(address) == url_key(page_url):
                    return True
            except UrlError:
                continue
    return False


def _article(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> LinkedArticle:
    return LinkedArticle(
        title=linked_text(node.get("headline")) or linked_text(node.get("name")),
        body=linked_text(node.get("articleBody")) or linked_text(node.get("text")),
        published=linked_text(node.get("datePublished")) or linked_text(node.get("dateCreated")),
        modified=linked_text(node.get("dateModified")),
        authors=tuple(dict.fromkeys(_names(node.get("author") or node.get("creator"), nodes))),
        sections=tuple(map(linked_text, listed_values(node.get("articleSection"))[:50])),
        language=linked_text(_named(node.get("inLanguage"), nodes)),
        image_url=next((_address(_resolved(image, nodes)) for image in listed_values(node.get("image"))), ""),
        url=_address(node.get("url"))
        or _address(next(iter(listed_values(node.get("mainEntityOfPage"))), "")),
        publisher=next(iter(_names(node.get("publisher") or node.get("sourceOrganization"), nodes)), ""),
    )


def _names(value: Any, nodes: dict[str, dict[str, Any]]) -> list[str]:
    names = [linked_text(_named(item, nodes)) for item in listed_values(value)[:50]]
    return [name for name in names if name]


def _named(value: Any, nodes: dict[str, dict[str, Any]]) -> Any:
    value = _resolved(value, nodes)
    if not isinstance(value, dict):
        return value
    parts = [linked_text(value.get(key)) for key in ("givenName", "additionalName", "familyName")]
    return value.get("name") or " ".join(filter(None, parts)) or value.get("alternateName")


def _resolved(value: Any, nodes: dict[str, dict[str, Any]]) -> Any:
    """Follow a bare reference (``{"@id": …}``) to the object of the page that it names."""
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
        return nodes.get(value["@id"], value)
    return value


def _address(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    value = next(iter(listed_values(value)), "")
    return value.strip() if isinstance(value, str) else ""


def linked_text(value: Any) -> str:
    """Return a value's text: entities are undone once, tags dropped, for some write HTML where text belongs."""
    if isinstance(value, dict):
        value = value.get("@value")
    value = next((item for item in listed_values(value) if isinstance(item, str)), "")
    return unescape(_TAG.sub(" ", value)).strip() if "<" in value or "&" in value else value.strip()


def listed_values(value: Any) -> list[Any]:
    """Return the values of a property, which may be one, a list of them, or none."""
    return value if isinstance(value, list) else [] if value is None else [value]
