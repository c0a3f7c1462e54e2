"""One directory is one test: ``page.html``, read by a source that names no selectors, gives ``expected.json``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction.article import extract_again, extract_article
from crawler.extraction.clean import clean_html
from news.article import Content, Way
from news.dates import Stamp
from news.source import Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Source(name="courier", url="https://courier.example/news/")
PAGES = sorted(path.parent for path in (Path(__file__).parent / "pages").glob("*/expected.json"))


def told(stamp: Stamp | None) -> list[str] | None:
    return [stamp.at.isoformat(), str(stamp.precision), stamp.provenance] if stamp else None


def read(directory: Path) -> tuple[dict[str, Any], Content]:
    expected = json.loads((directory / "expected.json").read_text(encoding="utf-8"))
    html = (directory / "page.html").read_text(encoding="utf-8")
    return expected, extract_article(expected["url"], html, SOURCE, now=NOW, extractor="x")


def result_of(content: Content) -> dict[str, Any]:
    return {
        "title": content.title,
        "body_text": content.body_text.split("\n"),
        "published": told(content.published),
        "modified": told(content.modified),
        "authors": list(content.authors),
        "language": content.language,
        "image_url": content.image_url,
        "canonical_url": content.canonical_url,
    }


@pytest.mark.parametrize("directory", PAGES, ids=lambda path: path.name)
def test_a_page_is_read_without_selectors_as_expected(directory: Path) -> None:
    expected, content = read(directory)
    assert result_of(content) == expected["result"]


@pytest.mark.parametrize("directory", PAGES, ids=lambda path: path.name)
def test_what_is_kept_of_a_page_reads_the_same_again(directory: Path) -> None:
    expected, content = read(directory)
    assert extract_again(SOURCE, Way.PAGE, expected["url"], content.raw, now=NOW, extractor="x") == content
    assert clean_html(SOURCE, Way.PAGE, expected["url"], content.raw)


def test_there_are_pages_of_many_shapes() -> None:
    assert len(PAGES) >= 35
