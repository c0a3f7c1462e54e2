"""Lists of feeds as OPML 2.0: what readers of feeds give each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree
from scrapy.http import TextResponse

from crawler.channels.refusal import Refusal
from crawler.channels.xml_tree import local_name, parse_xml, xml_text
from crawler.extraction.languages import language_tag
from news.errors import ChannelError, UrlError
from news.text import normalise_title, truncate
from news.urls import fetchable_url, link_url

MAX_BYTES = 4 * 1024 * 1024
MAX_OUTLINES = 5_000
"""Entries of one list; nobody watches more by a file that he has not looked at."""

_MAX_MARKS = 200_000
_MAX_TITLE = 300
_WHAT = "OPML file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """One entry of a list.

    Args:
        title: one line of text; never empty.
        feed_url: the feed's address, empty for a page that has none.
        page_url: the page's address, empty if the list does not say it.
        language: a BCP 47 tag, empty if it is not said.
    """

    title: str
    feed_url: str = ""
    page_url: str = ""
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpmlList:
    """What a list holds; ``refused`` are addresses that cannot be asked for, each with the reason."""

    outlines: tuple[Outline, ...]
    refused: tuple[str, ...] = ()


def read_opml(data: bytes) -> OpmlList:
    """Return the feeds and pages of a list, folders flattened, in its order and each address once.

    Args:
        data: the file, in the encoding that it says itself.

    Raises:
        ChannelError: it is no OPML, too large, too deep, cut off, not well-formed, or uses entities of its own.
    """
    if len(data) > MAX_BYTES:
        raise ChannelError(
            Refusal.TOO_LARGE, f"the {_WHAT} has {len(data):,} bytes; more than {MAX_BYTES:,} are not read"
        )
    text = xml_text(TextResponse("https://list.invalid/", body=data))
    root = parse_xml(text, what=_WHAT, max_bytes=MAX_BYTES, max_marks=_MAX_MARKS)
    if local_name(root) != "opml":
        raise ChannelError(
            Refusal.OTHER_KIND, f"not an {_WHAT} but a document of <{local_name(root)}>: check the file"
        )
    found: dict[str, Outline] = {}
    refused: list[str] = []
    for node in root.iter():
        if local_name(node) != "outline":
            continue
        try:
            outline = _outline(node)
        except UrlError as error:
            refused.append(str(error))
            continue
        if outline is not None:
            found.setdefault(outline.feed_url or outline.page_url, outline)
        if len(found) > MAX_OUTLINES:
            raise ChannelError(
                Refusal.TOO_LARGE, f"the {_WHAT} lists more than {MAX_OUTLINES:,} addresses: split it"
            )
    return OpmlList(outlines=tuple(found.values()), refused=tuple(refused))


def write_opml(title: str, outlines: Iterable[Outline], *, at: datetime) -> str:
    """Return a list as OPML 2.0, ending with a line feed.

    Args:
        title: of the list.
        outlines: a feed becomes an entry of type ``rss``, which stands for every kind of feed; a page a ``link``.
        at: aware UTC; when the list was made.
    """
    root = etree.Element("opml", {"version": "2.0"})
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = _line(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(at, usegmt=True)
    for outline in outlines:
        values = {"text": _line(outline.title) or outline.feed_url or outline.page_url}
        if outline.feed_url:
            values |= {"type": "rss", "xmlUrl": link_url(outline.feed_url)}
            if outline.page_url:
                values["htmlUrl"] = link_url(outline.page_url)
        else:
            values |= {"type": "link", "url": link_url(outline.page_url)}
        if outline.language:
            values["language"] = outline.language
        etree.SubElement(body, "outline", values)
    etree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{etree.tostring(root, encoding="unicode")}\n'


def _outline(node: etree._Element) -> Outline | None:
    """Return what an outline lists, None for a folder or a note.

    Raises:
        UrlError: for an address that cannot be asked for.
    """
    said = {name.lower(): value for name, value in node.items() if value}
    feed, page = said.get("xmlurl", "").strip(), said.get("htmlurl", "").strip()
    if not feed and said.get("type", "").lower() in ("link", "include"):
        page = page or said.get("url", "").strip()
    if not feed and not page:
        return None
    feed = fetchable_url(feed) if feed else ""
    try:
        page = fetchable_url(page) if page else ""
    except UrlError:
        if not feed:
            raise
        page = ""  # the feed can be read without it
    title = _line(said.get("text", "")) or _line(said.get("title", "")) or feed or page
    return Outline(title=title, feed_url=feed, page_url=page, language=language_tag(said.get("language", "")))


def _line(text: str) -> str:
    return truncate(normalise_title(text), _MAX_TITLE)
