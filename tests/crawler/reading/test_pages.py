"""One directory is one extraction test: ``page.html`` read with ``site.toml`` gives ``expected.json``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from crawler.catalogue import load_site_file
from crawler.channels.listing import read_listing
from crawler.charset import page_text
from crawler.extraction.article import extract_again, extract_article, extract_inline, extractor_version
from news.article import Way
from news.dates import Stamp
from news.urls import url_key

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGES = sorted(path.parent for path in (Path(__file__).parent / "pages").glob("*/expected.json"))


def told(stamp: Stamp | None) -> list[str] | None:
    return [stamp.at.isoformat(), str(stamp.precision), stamp.provenance] if stamp else None


def response(directory: Path, expected: dict[str, Any]) -> HtmlResponse:
    headers = {"Content-Type": expected.get("content_type", "text/html; charset=utf-8")}
    return HtmlResponse(expected["url"], body=(directory / "page.html").read_bytes(), headers=headers)


@pytest.mark.parametrize("directory", PAGES, ids=lambda path: path.name)
def test_a_saved_page_gives_what_is_expected_of_it(directory: Path) -> None:
    expected = json.loads((directory / "expected.json").read_text(encoding="utf-8"))
    source = load_site_file(directory / "site.toml")[0]
    page = response(directory, expected)
    if expected["kind"] == "listing":
        found = read_listing(page, source, now=NOW)
        result: dict[str, Any] = {
            "title": found.title,
            "next_url": found.next_url,
            "refused": dict(found.refused),
        }
        result["entries"] = [
            {
                "url": entry.url,
                "title": entry.title,
                "published": told(entry.published),
                "summary": entry.summary,
                "body_html": entry.body_html,
            }
            for entry in found.entries
        ]
        assert all(entry.key == url_key(entry.url) for entry in found.entries)
    else:
        content = extract_article(expected["url"], page_text(page), source, now=NOW, extractor="x")
        result = {
            "title": content.title,
            "body_text": content.body_text,
            "published": told(content.published),
            "modified": told(content.modified),
            "authors": list(content.authors),
            "language": content.language,
            "image_url": content.image_url,
            "canonical_url": content.canonical_url,
        }
    assert result == expected["result"]


@pytest.mark.parametrize("directory", PAGES, ids=lambda path: path.name)
def test_what_is_kept_of_a_capture_reads_the_same_again(directory: Path) -> None:
    expected = json.loads((directory / "expected.json").read_text(encoding="utf-8"))
    source = load_site_file(directory / "site.toml")[0]
    page = response(directory, expected)
    version = extractor_version(source)
    if expected["kind"] == "article":
        content = extract_article(page.url, page_text(page), source, now=NOW, extractor=version)
        again = extract_again(source, Way.PAGE, page.url, content.raw, now=NOW, extractor=version)
        assert again == content
        return
    for entry in read_listing(page, source, now=NOW).entries:
        if entry.body_html:
            content = extract_inline(entry, source, now=NOW, extractor=version)
            assert (content.title, content.published) == (entry.title, entry.published)
            again = extract_again(source, Way.LISTING, entry.url, content.raw, now=NOW, extractor=version)
            assert again == content
