"""How well article pages are read without selectors, beside the libraries alone: ``make bench-extraction``.

    python -m benchmarks.extraction --articles DIR [--misses]

``DIR`` holds a folder for each set, with gzipped pages and their truth in ``truth.json``: the body alone, or also
title, authors and date. Every extractor reads the same decoded text. Scored are the F1 of 4-word shingles of the body
(the measure of the article-extraction-benchmark, averaged over pages), titles as they are and without case and
typography, the instant and the day of publication, and
whole sets of authors; milliseconds are of processor time, the median and the 95th percentile.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import logging
import re
import statistics
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.peers import Extractor, Told, peers
from crawler.charset import decode
from crawler.extraction.article import extract_article
from news.dates import Precision
from news.errors import ExtractionError
from news.source import Source
from news.text import title_key

SHINGLE = 4
OURS = "tidings"
COLUMNS = ("body F1", "precision", "recall", "title", "title =", "instant", "day", "authors", "ms", "p95")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a set with what is true of it."""

    name: str
    url: str
    html: str
    truth: dict[str, Any]


@dataclass
class Score:
    """What one extractor reached on one set; each list has a value a page."""

    body: list[tuple[float, float, float]] = field(default_factory=list)
    marks: dict[str, list[bool]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def cells(self) -> list[str]:
        """Return the row of the table."""
        parts = [f"{statistics.mean(column):.4f}" for column in zip(*self.body, strict=True)]
        row = [parts[2], parts[0], parts[1]] if parts else ["-"] * 3
        for name in ("title", "title =", "instant", "day", "authors"):
            marks = self.marks.get(name)
            row.append(f"{100 * statistics.mean(marks):.1f}" if marks else "-")
        ranked = sorted(self.seconds)
        return [
            *row,
            f"{1000 * statistics.median(ranked):.1f}",
            f"{1000 * ranked[int(0.95 * (len(ranked) - 1))]:.0f}",
        ]


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.extraction", description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", default="", metavar="NAMES", help="extractors, separated by commas")
    parser.add_argument("--misses", action="store_true", help="list what tidings got wrong")
    options = parser.parse_args()
    folders = sorted(path.parent for path in options.articles.glob("*/truth.json"))
    if not folders:
        raise SystemExit(
            f"no article sets in {options.articles}: name a folder whose sub-folders hold gzipped pages "
            "and a truth.json, as in make bench-extraction ARTICLES=DIR"
        )
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    chosen = {OURS: _ours, **peers()}
    if options.only:
        chosen = {name: chosen[name] for name in options.only.split(",")}
    for folder in folders:
        pages = list(read_pages(folder))
        print(f"\n{folder.name}: {len(pages)} pages")
        print(f"{'':<18}" + "".join(f"{name:>10}" for name in COLUMNS))
        for name, extractor in chosen.items():
            score = measure(pages, extractor, tell_misses=options.misses and name == OURS)
            failed = f"   {score.failed} pages failed" if score.failed else ""
            print(f"{name:<18}" + "".join(f"{cell:>10}" for cell in score.cells()) + failed, flush=True)


def read_pages(folder: Path) -> Iterator[Page]:
    """Yield the pages of a set."""
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for name, truth in truths.items():
        body = gzip.decompress((folder / name).read_bytes())
        html = decode(body, None, body.decode("utf-8", "replace"))
        yield Page(name=name, url=truth["url"], html=html, truth=truth)


def measure(pages: list[Page], extractor: Extractor, *, tell_misses: bool) -> Score:
    """Let an extractor read every page twice (the first time warms caches up on one) and score it."""
    score = Score()
    with contextlib.suppress(Exception):
        _quietly(extractor, pages[0])
    for page in pages:
        began = time.process_time()
        try:
            told = _quietly(extractor, page)
        except Exception:  # noqa: BLE001 - a library may fail in any way; the page counts as read wrong
            score.failed += 1
            told = Told(body="", title="", published="", authors=())
        score.seconds.append(time.process_time() - began)
        if told.body is not None:
            score.body.append(shingle_score(told.body, page.truth["body"]))
        for name, right in marks(told, page.truth):
            score.marks.setdefault(name, []).append(right)
            if tell_misses and not right:
                _tell_miss(name, told, page)
        if tell_misses and score.body and score.body[-1][2] < 0.9:
            print(f"  body {score.body[-1]} {page.name}")
    return score


def _quietly(extractor: Extractor, page: Page) -> Told:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return extractor(page.html, page.url)


def shingle_score(told: str, truth: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the shingles of two texts.

    >>> shingle_score("a b c d e", "a b c d")
    (0.5, 1.0, 0.6666666666666666)
    """
    got, wanted = _shingles(told), _shingles(truth)
    common = sum((got & wanted).values())
    if not common:
        same = not got and not wanted
        return (1.0, 1.0, 1.0) if same else (0.0, 0.0, 0.0)
    precision, recall = common / sum(got.values()), common / sum(wanted.values())
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)))


def marks(told: Told, truth: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield what is right and wrong of everything but the body."""
    if told.title is not None and truth.get("title"):
        yield "title", told.title.strip() == truth["title"].strip()
        yield "title =", title_key(told.title) == title_key(truth["title"])
    if told.published is not None and truth.get("date"):
        instant, day = same_time(told.published, truth["date"])
        yield "instant", instant
        yield "day", day
    if told.authors is not None and truth.get("authors") is not None:
        yield "authors", set(map(title_key, told.authors)) == set(map(title_key, truth["authors"]))


def same_time(told: datetime | str, truth: str) -> tuple[bool, bool]:
    """Tell whether a date is the very instant (to the second), and whether it is the same day in the truth's zone.

    A truth without a zone is taken as UTC; one at midnight is a day, and then the day is all that there is to know.
    A date without a time is no instant.
    """
    true_at = datetime.fromisoformat(truth)
    if isinstance(told, str):
        if not told:
            return False, False
        has_time = len(told) > 10
        try:
            told = datetime.fromisoformat(told)
        except ValueError:  # a library gave the text that it found
            return False, False
    else:
        has_time = True
    zone = true_at.tzinfo
    whole_day = zone is None and true_at == datetime.combine(true_at.date(), datetime.min.time())
    local = told.astimezone(zone or UTC) if told.tzinfo and has_time else told
    same_day = local.date() == true_at.date()
    if whole_day:
        return same_day, same_day
    true_at = true_at if zone else true_at.replace(tzinfo=UTC)
    at = told if told.tzinfo else told.replace(tzinfo=UTC)
    return has_time and abs(at - true_at) < timedelta(seconds=1), same_day


def _ours(html: str, url: str) -> Told:
    source = Source(name="bench", url="https://listing.example/", article=Source(name="", url="").article)
    try:
        content = extract_article(url, html, source, now=datetime.now(UTC), extractor="bench")
    except ExtractionError:
        return Told(body="", title="", published="", authors=())
    published: datetime | str = ""
    if content.published:
        exact = content.published.precision in (Precision.SECOND, Precision.MINUTE)
        published = content.published.at if exact else content.published.at.date().isoformat()
    return Told(body=content.body_text, title=content.title, published=published, authors=content.authors)


def _tell_miss(name: str, told: Told, page: Page) -> None:
    key = {"title =": "title", "instant": "date", "day": "date"}.get(name, name)
    said = told.published if key == "date" else getattr(told, key)
    if name != "title":
        print(f"  {name}: {said!r} for {page.truth[key]!r} {page.name}")


if __name__ == "__main__":
    main()
