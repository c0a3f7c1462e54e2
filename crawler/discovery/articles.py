"""The articles of a listing as their own pages tell them: what bodies that come with a feed are measured by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawler.extraction.article import extract_article
from crawler.induction.model import Sample
from news.errors import ExtractionError
from news.source import Source
from news.urls import url_key


def article_texts(pages: Mapping[str, Sample | None], source: Source, *, now: datetime) -> dict[str, str]:
    """Return the body text of each article that could be read, by the URL key of the address that it was asked at."""
    texts: dict[str, str] = {}
    for url, sample in pages.items():
        if sample is None:
            continue
        try:
            content = extract_article(sample.url, sample.html, source, now=now, extractor="discovery")
        except ExtractionError:
            continue
        if content.body_text:
            texts[url_key(url)] = content.body_text
    return texts
