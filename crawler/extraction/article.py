"""An article out of its page, or out of the whole body that its listing carries. Pure.

`crawler.extraction.page` says where each field comes from. What is kept of the page (``raw``) is what was read, so that
reading it again gives the same.
"""

from __future__ import annotations

from datetime import datetime

from crawler.channels.entries import names
from crawler.extraction.inline import inline_page, read_inline
from crawler.extraction.kept import kept_html
from crawler.extraction.languages import article_language
from crawler.extraction.page import (
    authors_of,
    body_of,
    canonical_url_of,
    image_url_of,
    modified_of,
    open_page,
    published_of,
    title_of,
)
from crawler.markup import text_of
from news.article import Content, Way
from news.entry import Entry
from news.errors import ExtractionError
from news.fingerprint import FINGERPRINT_VERSION, content_fingerprint, exact_digest
from news.source import Source, wrapper_hash
from news.text import normalise_text

CODE_VERSION = 4
"""Raised whenever the code of this package would read the same page differently."""


def extractor_version(source: Source) -> str:
    """Return the version of everything that decides what is read: code, selectors, fingerprint."""
    return f"{CODE_VERSION}.{wrapper_hash(source)}.{FINGERPRINT_VERSION}"


def extract_article(url: str, html: str, source: Source, *, now: datetime, extractor: str) -> Content:
    """Return the content of an article's page.

    Args:
        url: where the page stands, after redirects.
        html: its decoded text.
        source: whose selectors, language and time zone are used.
        now: an aware datetime; a date of publication beyond it is not believed.
        extractor: what `extractor_version` gave, kept with the content.

    Raises:
        ExtractionError: no title or no body was found, or the page is too large or too deep to be read.
    """
    return _read_page(url, kept_html(html), source, now=now, extractor=extractor)


def extract_inline(entry: Entry, source: Source, *, now: datetime, extractor: str) -> Content:
    """Return the content of a whole body that came with the listing.

    Its ``raw`` is a small page of the body with what the listing says beside it, so that it can be read alone.

    Raises:
        ExtractionError: the body holds no text.
    """
    return read_inline(entry.url, inline_page(entry), source, now=now, extractor=extractor)


def extract_again(source: Source, way: Way, url: str, raw: str, *, now: datetime, extractor: str) -> Content:
    """Return the content of a capture that was kept, read anew; the same code reads the same out of it.

    Raises:
        ExtractionError: as `extract_article`, and for an empty ``raw``.
    """
    if not raw:
        raise ExtractionError(f"nothing was kept of {url}: it can only be read anew from the site")
    read = _read_page if way is Way.PAGE else read_inline
    return read(url, raw, source, now=now, extractor=extractor)


def _read_page(url: str, raw: str, source: Source, *, now: datetime, extractor: str) -> Content:
    page = open_page(url, raw, source)
    title = title_of(page)
    published, modified = published_of(page, now=now), modified_of(page, now=now)
    authors, image_url, canonical_url = authors_of(page), image_url_of(page), canonical_url_of(page)
    # The body is last: a date or an author may stand in what is cut for it.
    body_text = normalise_text("\n".join(map(text_of, body_of(page, title, authors))))
    return Content(
        title=title,
        body_text=body_text,
        fingerprint=content_fingerprint(title, body_text),
        digest=exact_digest(title, body_text),
        extractor=extractor,
        raw=raw,
        published=published,
        modified=modified,
        authors=authors,
        sections=names((*page.linked.sections, *page.head.sections)),
        language=article_language(
            source.language, (page.linked.language, *page.head.languages), f"{title}\n{body_text}"
        ),
        image_url=image_url,
        canonical_url=canonical_url,
    )
