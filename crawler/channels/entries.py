"""Entries out of what a feed, an interface or a sitemap says of an item: one way for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from crawler.channels.fragments import html_text, is_cut, storable, text_and_html
from crawler.channels.listing import (
    BAD_LINK,
    BEYOND,
    NO_LINK,
    NO_TITLE,
    SAME_LINK,
    SUMMARY_CHARS,
    entry_title,
)
from crawler.dating import date_in_address
from crawler.links import absolute_url
from crawler.wording import is_teaser, without_more
from news.dates import Stamp
from news.entry import Entry
from news.text import normalise_title, truncate
from news.urls import url_key

MAX_ENTRIES = 1_000
"""What is read of one answer; a feed or a news sitemap holds no more (Google's limit for news sitemaps)."""
TITLE_FROM_TEXT_CHARS = 80
_MAX_NAMES = 20
_MAX_ID_CHARS = 1_000


@dataclass(kw_only=True, slots=True)
class Item:
    """One item as it was said; every text as it stands there, HTML where the name says so."""

    link: str
    title: str = ""
    title_html: str = ""
    body_html: str = ""
    summary_html: str = ""
    site_id: str = ""
    published: Stamp | None = None
    modified: Stamp | None = None
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    image: str = ""
    base: str = ""  # what relative links in its body refer to, where that is not the answer's own address


@dataclass(kw_only=True, slots=True)
class Collected:
    """The entries so far, each address once, and what was refused, by reason.

    ``base`` is the answer's address; a day that an entry's address names is not believed beyond ``now``. Every item
    that is added is an entry, is counted, or was said before.
    """

    base: str
    whole_bodies: bool
    now: datetime
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, item: Item) -> None:
        """Take in one item; one without a link or any text for a title is counted."""
        if not item.link.strip():
            self.refused[NO_LINK] += 1
            return
        url = absolute_url(item.link.strip(), self.base)
        if url is None:
            self.refused[BAD_LINK] += 1
            return
        key = url_key(url)
        if key in self.entries:
            if self._is_another(item, self.entries[key]):
                self.refused[SAME_LINK] += 1
            return
        if len(self.entries) >= MAX_ENTRIES:
            self.leave_out(1)
            return
        if key == url_key(self.base):  # "#top", or the feed itself
            self.refused[BAD_LINK] += 1
            return
        text, html = text_and_html(
            storable(item.body_html or item.summary_html), item.base or self.base, url=url
        )
        title = entry_title(item.title or html_text(item.title_html)) or first_words(text)
        if not title:
            self.refused[NO_TITLE] += 1
            return
        whole = (
            item.body_html
            and self.whole_bodies
            and not is_teaser(text)
            and not is_cut(text, item.body_html, title)
        )
        body_html = html if whole else ""
        self.entries[key] = self._entry(item, url, key, title, text, body_html)

    def _is_another(self, item: Item, entry: Entry) -> bool:
        """Tell an item that shares the link of an entry from the same one said twice: by its identity or its title.

        An article is known by its address (DESIGN §2), so that the later of the two cannot be kept.
        """
        site_id, title = _site_id(item), entry_title(item.title or html_text(item.title_html))
        return bool(site_id and entry.site_id and site_id != entry.site_id) or bool(
            title and title != entry.title
        )

    def leave_out(self, number: int) -> None:
        """Count items beyond what is read of one answer."""
        self.refuse(BEYOND, number)

    def refuse(self, reason: str, number: int) -> None:
        """Count items that are none."""
        if number > 0:
            self.refused[reason] += number

    def _entry(self, item: Item, url: str, key: str, title: str, text: str, body_html: str) -> Entry:
        summary = (text_and_html(item.summary_html, "", url=url)[0] if item.body_html else text) or text
        return Entry(
            url=url,
            key=key,
            title=title,
            published=item.published or date_in_address(url, now=self.now),
            modified=item.modified,
            summary=truncate(
                normalise_title(without_more(summary[: 2 * SUMMARY_CHARS], title)), SUMMARY_CHARS
            ),
            body_html=body_html,
            site_id=_site_id(item),
            authors=names(item.authors),
            sections=names(item.sections),
            image_url=(absolute_url(item.image, self.base) or "") if item.image else "",
        )

    def newest_first(self) -> tuple[Entry, ...]:
        """Return the entries in the order given, turned round if their dates rise from first to last.

        An update is no publication, but where nothing else is said it tells the order (RFC 4287 §4.1.1 gives none).
        """
        found = tuple(self.entries.values())
        stamps = (entry.published or entry.modified for entry in found)
        dates = [stamp.at for stamp in stamps if stamp]
        rising = sum(one < other for one, other in pairwise(dates))
        falling = sum(one > other for one, other in pairwise(dates))
        return found[::-1] if rising > 2 * falling and rising > 0 and len(dates) > 0.8 * len(found) else found


def _site_id(item: Item) -> str:
    return storable(item.site_id).strip()[:_MAX_ID_CHARS]


def first_words(text: str) -> str:
    """Return the beginning of a text as a title, for items that have none."""
    line = next((line for line in text.split("\n") if line.strip()), "")
    return truncate(normalise_title(line), TITLE_FROM_TEXT_CHARS)


def names(said: Iterable[str]) -> tuple[str, ...]:
    """Return names of authors or sections, each once."""
    found = (normalise_title(name) for name in said)
    return tuple(dict.fromkeys(name for name in found if 0 < len(name) <= 100))[:_MAX_NAMES]
