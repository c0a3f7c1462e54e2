"""Pages with a known proposal: one directory a pitfall, pages in, the proposal out (``expected.json``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from crawler.discovery.proposal import Candidate
from crawler.induction.confirm import confirm
from crawler.induction.induce import induce
from crawler.induction.model import Draft, Induction, Sample
from news.source import Source

PAGES = Path(__file__).parent / "pages"
NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
NAMES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())


@dataclass(frozen=True, kw_only=True)
class Pitfall:
    """One directory: its page, and what is to come of it."""

    folder: Path
    expected: dict[str, Any]

    @property
    def first(self) -> Sample:
        return Sample(url=self.expected["url"], html=self.text("page.html"))

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def pages(self, draft: Draft) -> dict[str, Sample | None]:
        """Return the answers to the next pages that a draft asks for: what the directory has, else nothing."""
        known = self.expected.get("pages", {})
        answers: dict[str, Sample | None] = {}
        for url in draft.next_urls:
            name = known.get(url)
            answers[url] = Sample(url=url, html=self.text(name)) if name else None
        return answers

    def articles(self, draft: Draft) -> dict[str, Sample | None]:
        """Return pages behind the items that a draft asks for: each bears its item's title and a date."""
        titles = {entry.url: entry.title for entry in draft.entries}
        if not self.expected["articles"]:
            return dict.fromkeys(draft.article_urls)
        return {url: Sample(url=url, html=_article(titles[url])) for url in draft.article_urls}


def pitfall(name: str) -> Pitfall:
    folder = PAGES / name
    return Pitfall(folder=folder, expected=json.loads((folder / "expected.json").read_text(encoding="utf-8")))


def proposed(case: Pitfall) -> tuple[Induction, Candidate | None]:
    """Return what induction and its confirmation make of a page."""
    induction = induce(case.first, now=NOW)
    if not induction.drafts:
        return induction, None
    draft = induction.drafts[0]
    candidate = confirm(
        draft,
        first=case.first,
        induction=induction,
        pages=case.pages(draft),
        articles=case.articles(draft),
        now=NOW,
    )
    return induction, candidate


def source_of(candidate: Candidate, language: str) -> Source:
    """Return the source that would be saved."""
    return Source(name="saved", url=candidate.url, wrapper=candidate.wrapper, language=language)


def _article(title: str) -> str:
    return (
        f"<html><head><title>{escape(title)}</title></head><body><article><h1>{escape(title)}</h1>"
        "<time datetime='2026-11-20T08:00:00Z'>20.11.2026</time><p>Text.</p></article></body></html>"
    )
