"""What a page says in its head: Open Graph, ``article:``, Dublin Core, citation and microdata tags, links, title."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from crawler.markup import text_of

_NAMES = ("property", "name", "itemprop", "http-equiv")
_TITLES = ("og:title", "twitter:title", "citation_title", "dc.title", "dcterms.title", "headline")
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dcterms.date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "publication_date",
    "date",
)
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
)
_AUTHORS = (
    "author",
    "article:author",
    "citation_author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "byl",
)
_SECTIONS = ("article:section", "og:article:section", "articlesection", "parsely-section", "citation_section")
_IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image")
_SITES = ("og:site_name", "application-name", "publisher", "dc.publisher", "citation_publisher")
_LANGUAGES = ("content-language", "dc.language", "dcterms.language", "og:locale", "inlanguage")
_MAX_H1 = 8
_MAX_LESSER = 20
_MAX_CHARS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The texts of a page's head (and its headings), as written."""

    titles: tuple[str, ...] = ()
    page_title: str = ""
    headings: tuple[str, ...] = ()
    lesser_headings: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    image_url: str = ""
    site_names: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    canonical_urls: tuple[str, ...] = ()
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def read_head(root: HtmlElement) -> Head:
    """Return what the head says; the first of several equal tags leads, and an empty one says nothing."""
    tags = _tags(root)

    def said(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for name in names for value in tags.get(_key(name), ())))

    html_language = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
    links = [node for node in root.iter("link") if "canonical" in (node.get("rel") or "").lower().split()]
    canonical = [href for node in links if (href := (node.get("href") or "").strip())]
    return Head(
        titles=said(_TITLES),
        page_title=next((node.text or "" for node in root.iter("title")), ""),
        headings=tuple(text_of(node) for node in islice(root.iter("h1"), _MAX_H1)),
        lesser_headings=tuple(
            text_of(node, most=_MAX_CHARS) for node in islice(root.iter("h2", "h3"), _MAX_LESSER)
        ),
        published=said(_PUBLISHED),
        modified=said(_MODIFIED),
        authors=said(_AUTHORS),
        sections=said(_SECTIONS),
        image_url=next(iter(said(_IMAGES)), ""),
        site_names=said(_SITES),
        languages=tuple(filter(None, (html_language, *said(_LANGUAGES)))),
        canonical_urls=(*canonical, *said(("og:url",))),
        tags=tags,
    )


def linked_data(root: HtmlElement) -> list[str]:
    """Return the texts of the page's JSON-LD scripts."""
    scripts = (node for node in root.iter("script") if "ld+json" in (node.get("type") or "").lower())
    return [node.text or "" for node in scripts]


def _tags(root: HtmlElement) -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    for node in root.iter("meta"):
        content = (node.get("content") or "").strip()
        if not content:
            continue
        for attribute in _NAMES:
            for name in (node.get(attribute) or "").lower().split():
                tags[_key(name)] = (*tags.get(_key(name), ()), content)
    return tags


def _key(name: str) -> str:
    """Return a name by which its spellings are one: ``article:published_time``, ``article:published:time``."""
    return name.replace("_", ":").replace("-", ":").replace(".", ":")
