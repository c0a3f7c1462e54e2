"""The article that comes whole with its listing: kept as a small page of what the listing says, and read from that."""

from __future__ import annotations

from datetime import datetime
from html import escape

from lxml.html import HtmlElement

from crawler.channels.listing import entry_title, item_body, read_item
from crawler.dating import TOLERANCE
from crawler.extraction.languages import article_language
from crawler.links import absolute_url
from crawler.markup import cut, inner_html, parse_html, text_of
from crawler.selectors import elements_matching
from news.article import Content
from news.dates import Precision, Stamp
from news.entry import Entry
from news.errors import ExtractionError
from news.fingerprint import content_fingerprint, exact_digest
from news.source import Source

_ITEM = "tidings-item"
"""The class that marks a whole item of a listing in what is kept of it."""
_AUTHOR, _SECTION, _IMAGE = "tidings-author", "tidings-section", "tidings-image"
"""What a feed or a post says beside its body. When it was modified is not kept: many feeds write the present time."""


def inline_page(entry: Entry) -> str:
    """Return a small page that holds all that the listing says of an article: the ``raw`` of its content."""
    head = f"<title>{escape(entry.title, quote=False)}</title>"
    head += "".join(f'<meta name="{_AUTHOR}" content="{escape(name)}">' for name in entry.authors)
    head += "".join(f'<meta name="{_SECTION}" content="{escape(name)}">' for name in entry.sections)
    if entry.image_url:
        head += f'<meta name="{_IMAGE}" content="{escape(entry.image_url)}">'
    stamp, date = entry.published, ""
    if stamp:
        names = f'class="{stamp.precision}" title="{escape(stamp.provenance)}"'
        date = f'<time datetime="{stamp.at.isoformat()}" {names}></time>'
    inside = (
        f'<article class="{_ITEM}">{entry.item_html}' if entry.item_html else f"<article>{entry.body_html}"
    )
    return f"<html><head>{head}</head><body>{date}{inside}</article></body></html>"


def read_inline(url: str, raw: str, source: Source, *, now: datetime, extractor: str) -> Content:
    """Return the content of such a small page.

    Raises:
        ExtractionError: the body holds no text.
    """
    root = parse_html(raw)
    title = entry_title(next((node.text or "" for node in root.iter("title")), ""))
    pictures = [*_said(root, _IMAGE), *(node.get("src") or "" for node in root.iter("img"))]
    image = next((src for picture in pictures if (src := absolute_url(picture, url))), "")
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
        authors=_said(root, _AUTHOR),
        sections=_said(root, _SECTION),
        language=article_language(source.language, (), f"{title}\n{body_text}"),
        image_url=image,
    )


def inline_html(raw: str, source: Source) -> str:
    """Return the body in such a small page as HTML, as today's selectors find it.

    Raises:
        ExtractionError: it holds no text.
    """
    root = parse_html(raw)
    kept = next(root.iter("article"), None)
    if kept is not None and kept.get("class") == _ITEM and len(kept):
        html = item_body(kept[0], source)
    else:
        cut(elements_matching(root, source.article.remove))
        html = inner_html(kept) if kept is not None else ""
    if not html:
        raise ExtractionError("no body: what the listing carries holds no text; check [wrapper] body")
    return html


def _said(root: HtmlElement, name: str) -> tuple[str, ...]:
    """Return what the head says under a name; a body may hold such tags, too, and is not believed."""
    head = root.find("head")
    nodes = head.iter("meta") if head is not None else ()
    return tuple(text for node in nodes if node.get("name") == name and (text := node.get("content") or ""))


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
