"""An article out of its page, or out of the whole body that its listing carries. Pure.

For every field JSON-LD is asked first, then meta tags, then the declared selectors; the body is what the selectors
say, and JSON-LD's only where they find nothing. What is kept of the page (``raw``) is what was read, so that reading
it again gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.channels.listing import entry_title, read_item
from crawler.dating import TOLERANCE, date_in_address, date_of, read_date
from crawler.extraction.jsonld import LinkedArticle, linked_article
from crawler.extraction.kept import kept_html
from crawler.extraction.languages import article_language
from crawler.extraction.meta import Head, linked_data, read_head
from crawler.extraction.naming import article_title, people
from crawler.links import absolute_url, base_url, same_site
from crawler.markup import cut, parse_html, text_of
from crawler.selectors import Match, compile_selector, elements_matching, first_matching, first_value
from news.article import Content, Way
from news.dates import Precision, Stamp
from news.entry import Entry
from news.errors import ExtractionError
from news.fingerprint import FINGERPRINT_VERSION, content_fingerprint, exact_digest
from news.source import Selectors, Source, wrapper_hash
from news.text import normalise_text
from news.urls import url_key

CODE_VERSION = 1
"""Raised whenever the code of this package would read the same page differently."""
_ITEM = "tidings-item"
"""The class that marks a whole item of a listing in what is kept of it."""


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
    return _read_inline(entry.url, inline_page(entry), source, now=now, extractor=extractor)


def extract_again(source: Source, way: Way, url: str, raw: str, *, now: datetime, extractor: str) -> Content:
    """Return the content of a capture that was kept, read anew; the same code reads the same out of it.

    Raises:
        ExtractionError: as `extract_article`, and for an empty ``raw``.
    """
    if not raw:
        raise ExtractionError(f"nothing was kept of {url}: it can only be read anew from the site")
    read = _read_page if way is Way.PAGE else _read_inline
    return read(url, raw, source, now=now, extractor=extractor)


# ------------------------------------------------------------------------------------------------ a page


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """A page with what its structured parts say."""

    url: str
    base: str
    root: HtmlElement
    source: Source
    now: datetime
    linked: LinkedArticle
    head: Head

    @property
    def site_names(self) -> tuple[str, ...]:
        host = (urlsplit(self.url).hostname or "").removeprefix("www.")
        return (self.linked.publisher, *self.head.site_names, self.source.title, host)


def _read_page(url: str, raw: str, source: Source, *, now: datetime, extractor: str) -> Content:
    root = parse_html(raw)
    linked = linked_article(linked_data(root), url) or LinkedArticle()
    head = read_head(root)
    page = _Page(
        url=url, base=base_url(root, url), root=root, source=source, now=now, linked=linked, head=head
    )
    title = _title(page)
    if not title:
        raise ExtractionError(
            f"no title: neither the head of {url} nor [article] title has one; check the site file"
        )
    published, modified = _published(page), _modified(page)
    authors, image_url, canonical_url = _authors(page), _image_url(page), _canonical_url(page)
    cut(elements_matching(root, source.article.remove))  # last: a date or an author may stand in what is cut
    body_text = _body_text(page)
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
        language=article_language(
            source.language, (linked.language, *head.languages), f"{title}\n{body_text}"
        ),
        image_url=image_url,
        canonical_url=canonical_url,
    )


def _title(page: _Page) -> str:
    declared = first_value(page.root, page.source.article.title, _text)
    headings = (declared, *page.head.headings) if declared else page.head.headings
    claims = (page.linked.title, *page.head.titles)
    return article_title(claims, headings, page.site_names) or article_title(
        (*headings, page.head.page_title), (), page.site_names
    )


def _published(page: _Page) -> Stamp | None:
    claims = [("json-ld", page.linked.published), *(("meta", text) for text in page.head.published)]
    return (
        _first_date(page, claims)
        or first_value(
            page.root, page.source.article.date, lambda match: date_of(match, page.source, now=page.now)
        )
        or date_in_address(page.url, now=page.now)
    )


def _modified(page: _Page) -> Stamp | None:
    return _first_date(
        page, [("json-ld", page.linked.modified), *(("meta", text) for text in page.head.modified)]
    )


def _first_date(page: _Page, claims: Iterable[tuple[str, str]]) -> Stamp | None:
    stamps = (read_date(text, page.source, now=page.now, provenance=place) for place, text in claims)
    return next((stamp for stamp in stamps if stamp and stamp.precision is not Precision.RELATIVE), None)


def _authors(page: _Page) -> tuple[str, ...]:
    declared = [_text(match) for match in first_matching(page.root, page.source.article.author)]
    return (
        people(page.linked.authors, page.site_names, split=False)
        or people(page.head.authors, page.site_names, split=True)
        or people(declared, page.site_names, split=True)
    )


def _image_url(page: _Page) -> str:
    claims = (page.linked.image_url, page.head.image_url)
    return next((url for claim in claims if claim and (url := absolute_url(claim, page.base))), "")


def _canonical_url(page: _Page) -> str:
    """Return the address that the page claims for itself, if it can be an article's.

    Sites name their home page or the listing by mistake, and a page must not speak for another host.
    """
    listing = _path(page.source.url)
    for claim in (*page.head.canonical_urls, page.linked.url):
        url = absolute_url(claim, page.base) if claim else None
        if url is None or not same_site(url, page.url) or url_key(url) == url_key(page.source.url):
            continue
        if not urlsplit(url).query and f"{listing}/".startswith(f"{_path(url)}/"):
            continue  # the home page, of the site or of one language, or a section above the listing
        return url
    return ""


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _body_text(page: _Page) -> str:
    rules = page.source.article.body or page.source.wrapper.body
    text = _declared_body(page.root, rules) or normalise_text(page.linked.body)
    if not text:
        tried = ", ".join(map(repr, rules)) or "none is declared"
        raise ExtractionError(
            f"no body: nothing on {page.url} matches the selectors ({tried}), and its JSON-LD has no articleBody; "
            "mend [article] body in the site file"
        )
    return text


def _declared_body(root: HtmlElement, rules: Selectors) -> str:
    for rule in rules:
        nodes = compile_selector(rule).elements(root)
        chosen = {id(node) for node in nodes}
        outermost = [node for node in nodes if not any(id(above) in chosen for above in node.iterancestors())]
        text = normalise_text("\n".join(map(text_of, outermost)))
        if text:
            return text
    return ""


def _text(match: Match) -> str:
    return entry_title(match if isinstance(match, str) else text_of(match))


# ------------------------------------------------------------------------------------------------ a listing's body


def inline_page(entry: Entry) -> str:
    """Return a small page that holds all that the listing says of an article: the ``raw`` of its content."""
    head = f"<title>{escape(entry.title, quote=False)}</title>"
    stamp, date = entry.published, ""
    if stamp:
        names = f'class="{stamp.precision}" title="{escape(stamp.provenance)}"'
        date = f'<time datetime="{stamp.at.isoformat()}" {names}></time>'
    inside = (
        f'<article class="{_ITEM}">{entry.item_html}' if entry.item_html else f"<article>{entry.body_html}"
    )
    return f"<html><head>{head}</head><body>{date}{inside}</article></body></html>"


def _read_inline(url: str, raw: str, source: Source, *, now: datetime, extractor: str) -> Content:
    root = parse_html(raw)
    title = entry_title(next((node.text or "" for node in root.iter("title")), ""))
    image = next((src for node in root.iter("img") if (src := absolute_url(node.get("src") or "", url))), "")
    published = _inline_date(root, now)
    kept = next(root.iter("article"), None)
    if kept is not None and kept.get("class") == _ITEM and len(kept):
        found, body_text = read_item(kept[0], source)
        title = found or title
    else:
        cut(elements_matching(root, source.article.remove))
        body_text = text_of(root)
    if not body_text:
        raise ExtractionError(
            f"no body: what the listing carries of {url} holds no text; check [wrapper] body"
        )
    return Content(
        title=title,
        body_text=body_text,
        fingerprint=content_fingerprint(title, body_text),
        digest=exact_digest(title, body_text),
        extractor=extractor,
        raw=raw,
        published=published,
        language=article_language(source.language, (), f"{title}\n{body_text}"),
        image_url=image,
    )


def _inline_date(root: HtmlElement, now: datetime) -> Stamp | None:
    body = root.find("body")
    first = body[0] if body is not None and len(body) else None
    if first is None or first.tag != "time" or not first.get("class"):
        return None
    try:
        at, precision = (
            datetime.fromisoformat(first.get("datetime") or ""),
            Precision(first.get("class") or ""),
        )
    except ValueError:
        return None
    return (
        Stamp(at=at, precision=precision, provenance=first.get("title") or "")
        if at <= now + TOLERANCE
        else None
    )
