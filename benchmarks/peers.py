"""Article extractors as each one's own documentation calls it: what `benchmarks.extraction` compares with.

Only trafilatura and htmldate are dependencies of tidings; the others are measured where they can be imported.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an extractor says of a page; None for what it never speaks of."""

    body: str | None = None
    title: str | None = None
    published: datetime | str | None = None
    authors: tuple[str, ...] | None = None


Extractor = Callable[[str, str], Told]
"""Takes a page's HTML and its address."""


def peers() -> dict[str, Extractor]:
    """Return the extractors that can be imported here, by name."""
    makers: dict[str, tuple[str, Callable[[ModuleType], Extractor]]] = {
        "trafilatura": ("trafilatura", _trafilatura),
        "htmldate": ("htmldate", _htmldate),
        "newspaper4k": ("newspaper", _newspaper),
        "news-please": ("newsplease", _newsplease),
        "goose3": ("goose3", _goose),
        "readability-lxml": ("readability", _readability),
        "resiliparse": ("resiliparse.extract.html2text", _resiliparse),
    }
    found: dict[str, Extractor] = {}
    for name, (module, make) in makers.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[name] = make(importlib.import_module(module))
        except ImportError:
            continue
    return found


def _trafilatura(module: ModuleType) -> Extractor:
    metadata = importlib.import_module("trafilatura.metadata")

    def extract(html: str, url: str) -> Told:
        body = module.extract(html, url=url, include_comments=False) or ""
        told = metadata.extract_metadata(html, default_url=url, extensive=False)
        authors = tuple(filter(None, (told.author or "").split("; ")))
        return Told(body=body, title=told.title or "", published=told.date or "", authors=authors)

    return extract


def _htmldate(module: ModuleType) -> Extractor:
    def extract(html: str, url: str) -> Told:
        return Told(
            published=module.find_date(html, url=url, original_date=True, outputformat="%Y-%m-%dT%H:%M:%S%z")
            or ""
        )

    return extract


def _newspaper(module: ModuleType) -> Extractor:
    def extract(html: str, url: str) -> Told:
        article = module.Article(url, fetch_images=False)
        article.download(input_html=html)
        article.parse()
        date = article.publish_date
        return Told(
            body=article.text, title=article.title, published=date or "", authors=tuple(article.authors)
        )

    return extract


def _newsplease(module: ModuleType) -> Extractor:
    def extract(html: str, url: str) -> Told:
        found = module.NewsPlease.from_html(html, url=url, fetch_images=False)
        return Told(
            body=found.maintext or "",
            title=found.title or "",
            published=found.date_publish or "",
            authors=tuple(found.authors or ()),
        )

    return extract


def _goose(module: ModuleType) -> Extractor:
    goose = module.Goose({"enable_image_fetching": False})

    def extract(html: str, url: str) -> Told:
        found = goose.extract(raw_html=html, url=url)
        published = found.publish_datetime_utc or found.publish_date or ""
        return Told(
            body=found.cleaned_text, title=found.title, published=published, authors=_flat(found.authors)
        )

    return extract


def _flat(names: Any) -> tuple[str, ...]:
    """Goose nests lists in its lists of authors."""
    if isinstance(names, str):
        return (names,)
    return tuple(name for each in names or () for name in _flat(each))


def _readability(module: ModuleType) -> Extractor:
    html_text = importlib.import_module("html_text")

    def extract(html: str, url: str) -> Told:
        document = module.Document(html, url=url)
        return Told(body=html_text.extract_text(document.summary()), title=document.short_title())

    return extract


def _resiliparse(module: ModuleType) -> Extractor:
    def extract(html: str, _: str) -> Told:
        return Told(body=module.extract_plain_text(html, main_content=True, alt_texts=False))

    return extract
