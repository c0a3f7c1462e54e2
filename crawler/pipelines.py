"""The four pipelines, in their order: Normalise, Validate, Deduplicate, Collect.

None of them writes to the database. What they make of an item ends in its run's ledger; what they refuse ends there
too, with a counted reason, as an article that could not be read and so becomes pending.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from functools import partial
from typing import NoReturn

from scrapy.exceptions import DropItem

from crawler.beside import beside
from crawler.blocking import HEAD_CHARS, MISSING_PAGE, classify
from crawler.channels.entries import names
from crawler.extraction.article import extract_article, extract_inline
from crawler.items import ArticleItem
from news.article import Content, Look, Sight, Way
from news.errors import ExtractionError
from news.text import title_key, truncate
from news.urls import url_key

MAX_TITLE_CHARACTERS = 1_000
MAX_BODY_CHARACTERS = 1_000_000
EXTRACTION_SECONDS = 30.0
"""How long one page may be read. Its size and depth are bounded before, so that only a fault takes that long."""
AT_ONCE = 2
"""Pages that are read at the same time, over all hosts: they share one interpreter, and each holds its trees."""
_SHORT_BODY_CHARACTERS = 1_500

_ERROR_TITLE = re.compile(
    r"((error|erreur|خطأ) )?[45]\d\d\b|forbidden|internal server error|bad gateway|service unavailable",
    re.IGNORECASE,
)
_MISSING_TITLE = re.compile(r"((error|erreur|خطأ) )?4(04|10)\b", re.IGNORECASE)


def refuse(item: ArticleItem, reason: str) -> NoReturn:
    """Count the reason, write the article down as unreadable, and drop the item."""
    item.ledger.refuse(reason)
    if item.way is Way.PAGE and _says_missing(item):
        item.ledger.lost(item.url, item.final_url, item.captured_at, reason, item.content)
    else:
        item.ledger.unreadable(item.url, item.final_url, item.way, item.captured_at, reason)
    raise DropItem(f"{item}: {reason}", log_level=logging.getLevelName(logging.INFO))


class Normalise:
    """Turns what was captured into content: URL, text, dates, language, fingerprint.

    A page takes tens of milliseconds, sometimes hundreds, and so may the body that a feed carries: both are read beside
    the event loop. What one response gave is still read one after the other (`CONCURRENT_ITEMS` is 1), so the order of
    a source's looks stays.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def process_item(self, item: ArticleItem) -> ArticleItem:
        try:
            async with self._turns:
                content = await beside(partial(_content, item), seconds=EXTRACTION_SECONDS)
        except ExtractionError as error:
            refuse(item, str(error))
        except TimeoutError:
            refuse(item, f"reading the page took more than {EXTRACTION_SECONDS:g} seconds")
        return _completed(item, content)


def _completed(item: ArticleItem, content: Content) -> ArticleItem:
    """Add what the channel says of an article where its page, or the body that came along, does not say it."""
    entry = item.entry
    if entry is None:
        return item.with_content(content)
    return item.with_content(
        replace(
            content,
            authors=content.authors or entry.authors,
            sections=names((*content.sections, *entry.sections)),
            modified=content.modified or entry.modified,
            image_url=content.image_url or entry.image_url,
        )
    )


def _content(item: ArticleItem) -> Content:
    plan = item.ledger.plan
    if item.way is Way.LISTING and item.entry is not None:
        return extract_inline(item.entry, plan.source, now=item.captured_at, extractor=plan.extractor)
    return extract_article(
        item.final_url, item.html, plan.source, now=item.captured_at, extractor=plan.extractor
    )


class Validate:
    """Refuses what is no article: without a title or a body, far too long, or an error page with status 200."""

    def process_item(self, item: ArticleItem) -> ArticleItem:
        content = item.content
        if content is None or not content.title.strip():
            refuse(item, "no title")
        if not content.body_text.strip():
            refuse(item, "no body")
        if len(content.body_text) > MAX_BODY_CHARACTERS:
            refuse(item, f"body over {MAX_BODY_CHARACTERS:,} characters")
        if reason := _why_no_article(item, content.title, content.body_text):
            refuse(item, reason)
        if len(content.title) > MAX_TITLE_CHARACTERS:
            item.ledger.refuse("title cut")
            content = replace(content, title=truncate(content.title, MAX_TITLE_CHARACTERS))
        return item.with_content(content)


def _why_no_article(item: ArticleItem, title: str, body: str) -> str:
    """Return why a short page is an error, a challenge, a login … with status 200, or nothing.

    A page under the very title that the listing gave it is the article, whatever its words are.
    """
    if item.way is not Way.PAGE or len(body) > _SHORT_BODY_CHARACTERS:
        return ""
    if item.entry is not None and title_key(item.entry.title) == title_key(title):
        return ""
    if _ERROR_TITLE.match(title.strip()):
        return "an error page with status 200"
    return _instead(item)


def _instead(item: ArticleItem) -> str:
    """Return what stands in the article's place by the words of the page, or nothing."""
    problem = classify(
        200, {}, item.html[:HEAD_CHARS], content_type="text/html", found_entries=0, is_listing=False
    )
    return problem.detail.partition(" instead of ")[0] if problem else ""


def _says_missing(item: ArticleItem) -> bool:
    """Return whether a page with status 200 says that there is nothing: a "soft 404"."""
    title = item.content.title.strip() if item.content else ""
    return bool(_MISSING_TITLE.match(title)) or _instead(item) == MISSING_PAGE


class Deduplicate:
    """Drops a capture that this run already holds, of the same address with the same content.

    Another address of the same article passes: that it leads there is news, and an alias.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[int, str, str, str, Way]] = set()

    def process_item(self, item: ArticleItem) -> ArticleItem:
        digest = item.content.digest if item.content else ""
        mark = (item.ledger.plan.source_id, item.url, url_key(item.final_url), digest, item.way)
        if mark in self._seen:
            raise DropItem(f"{item}: already read in this run", log_level="DEBUG")
        self._seen.add(mark)
        return item


class Collect:
    """Writes the look into the run's ledger; it becomes known when the run is settled, and not before."""

    def process_item(self, item: ArticleItem) -> ArticleItem:
        item.ledger.look(
            Look(
                url=item.url,
                final_url=item.final_url,
                sight=Sight.READ,
                way=item.way,
                captured_at=item.captured_at,
                content=item.content,
                validators=item.validators,
            )
        )
        return item
