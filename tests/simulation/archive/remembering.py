"""Reading the same bytes once: what channels and extraction make of them is pure, and takes most of a crawl's time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from scrapy.http import TextResponse

import crawler.answers
import crawler.pipelines
from crawler.channels.reading import read_page
from crawler.extraction.article import extract_article
from news.article import Content
from news.entry import Page
from news.source import Source

T = TypeVar("T")
AT_MOST = 20_000
"""Results that are kept; nothing depends on which."""


@contextmanager
def remembered_readings() -> Generator[None]:
    """Let pages be read by the real functions, but each page by the same selectors only once.

    That a date in the future is not believed is all for which these need the time, and the archive writes none.
    """
    pages: dict[Any, Page] = {}
    contents: dict[Any, Content] = {}

    def page(response: TextResponse, source: Source, *, now: Any) -> Page:
        key = (response.url, response.body, source, response.headers.get(b"X-WP-TotalPages"))
        return _once(pages, key, lambda: read_page(response, source, now=now))

    def article(url: str, html: str, source: Source, *, now: Any, extractor: str) -> Content:
        key = (url, html, source, extractor)
        return _once(contents, key, lambda: extract_article(url, html, source, now=now, extractor=extractor))

    names: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (crawler.answers, "read_page", page),
        (crawler.pipelines, "extract_article", article),
    )
    real = [getattr(module, name) for module, name, _ in names]
    try:
        for module, name, remembering in names:
            setattr(module, name, remembering)
        yield
    finally:
        for (module, name, _), function in zip(names, real, strict=True):
            setattr(module, name, function)


def _once(kept: dict[Any, T], key: Any, make: Callable[[], T]) -> T:
    if key not in kept:
        if len(kept) >= AT_MOST:
            kept.clear()
        kept[key] = make()
    return kept[key]
