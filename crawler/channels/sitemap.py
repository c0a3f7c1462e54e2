"""The sitemap channel: news sitemaps (sitemaps.org, with Google's news extension) and indexes of them. Pure."""

from __future__ import annotations

import io
import re
import zlib
from datetime import datetime
from html import unescape
from operator import itemgetter

from lxml import etree
from scrapy.http import TextResponse

from crawler.channels.entries import MAX_ENTRIES, Collected, Item
from crawler.channels.feed_dates import feed_date
from crawler.channels.listing import NO_TITLE
from crawler.channels.refusal import Refusal
from crawler.channels.xml_tree import local_name, namespace_of, parse_xml, xml_text
from crawler.extraction.languages import language_tag
from crawler.links import absolute_url, same_site
from news.dates import Stamp
from news.entry import Page
from news.errors import ChannelError
from news.source import Source
from news.urls import url_key

MAX_BYTES = 50 * 1024 * 1024
"""What a sitemap may be by its standard, unpacked."""
MAX_PARTS = 50
MAX_MARKS = 2_000_000
"""Fifty thousand addresses (the standard's limit), with their news, pictures and translations."""
PROVENANCE = "sitemap"
_ADDRESS = re.compile(r"https?://\S{1,2048}", re.IGNORECASE)  # sitemaps.org: shorter than 2,048 characters
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20


def read_sitemap(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of a news sitemap, newest first, or the parts that an index names.

    An address without a ``news:title`` is no entry: what stands in a plain sitemap is any page of the site, and its
    ``lastmod`` is when a program last touched it. Such are counted as refused; so are the lines of a sitemap of plain
    text where an index names it among others. Watched by itself it would be silent for ever, and is refused.

    Raises:
        ChannelError: it is no sitemap, cut off, not well-formed, too large or too deep.
    """
    response = _unpacked(response)
    text = xml_text(response)
    if addresses := _addresses_in(text):
        if url_key(response.url) == url_key(source.url):
            raise ChannelError(
                Refusal.OTHER_KIND,
                "a sitemap of plain text has no titles, so that no news can be told from it: watch the HTML listing",
            )
        return Page(entries=(), refused=((NO_TITLE, addresses),))
    root = parse_xml(text, what="sitemap", max_bytes=MAX_BYTES, max_marks=MAX_MARKS)
    kind = local_name(root)
    if kind == "sitemapindex":
        return Page(entries=(), parts=_parts(root, response.url))
    if kind != "urlset":
        raise ChannelError(Refusal.OTHER_KIND, f"not a sitemap but a document of <{kind}>: check the address")
    collected = Collected(base=response.url, whole_bodies=False, now=now)
    languages: list[str] = []
    items = [_item(node, languages) for node in root if local_name(node) == "url"]
    titled = [(item, written) for item, written in items if item.title]
    collected.refused[NO_TITLE] += len(items) - len(titled)
    collected.leave_out(len(titled) - 2 * MAX_ENTRIES)
    # By the texts first, which are ISO 8601: only what is kept need be read.
    for item, written in sorted(titled, key=itemgetter(1), reverse=True)[: 2 * MAX_ENTRIES]:
        item.published = _date(written, source, now)
        collected.add(item)
    entries = sorted(
        collected.entries.values(),
        key=lambda entry: -(entry.published.at.timestamp() if entry.published else 0),
    )
    language = languages[0] if len(set(languages)) == 1 else ""
    refused = tuple(sorted((reason, count) for reason, count in collected.refused.items() if count))
    return Page(entries=tuple(entries), refused=refused, language=language)


def _addresses_in(text: str) -> int:
    """Return how many addresses a sitemap of plain text lists, one a line; 0 if it is no such sitemap."""
    if len(text) > MAX_BYTES or text.lstrip("\ufeff \r\n\t")[:4].lower() != "http":
        return 0
    lines = [line for line in map(str.strip, text.lstrip("\ufeff").splitlines()) if line]
    return len(lines) if all(map(_ADDRESS.fullmatch, lines)) else 0


def _unpacked(response: TextResponse) -> TextResponse:
    """Return a sitemap that was packed as a file (``.xml.gz``) unpacked, within the standard's own limit."""
    if not response.body.startswith(_GZIP):
        return response
    packed, out = zlib.decompressobj(wbits=31), io.BytesIO()
    rest = response.body
    try:
        while rest and not packed.eof:
            out.write(packed.decompress(rest, _CHUNK))
            rest = packed.unconsumed_tail
            if out.tell() > MAX_BYTES:
                raise ChannelError(
                    Refusal.TOO_LARGE, f"the sitemap is larger than {MAX_BYTES:,} bytes once it is unpacked"
                )
        if not packed.eof:
            raise ChannelError(Refusal.CUT_OFF, "the sitemap's gzip stream is cut off: it is asked for again")
    except zlib.error as error:
        raise ChannelError(Refusal.BROKEN, f"the sitemap is no gzip file: {error}") from None
    return response.replace(body=out.getvalue())


def _item(node: etree._Element, languages: list[str]) -> tuple[Item, str]:
    """Return what an address says, and its date as it is written; titles are often escaped twice."""
    link = title = published = image = ""
    for child in node.iter():
        name, text = local_name(child), (child.text or "").strip()
        is_news = "news" in namespace_of(child)
        if name == "loc" and child.getparent() is node:
            link = text
        elif is_news and name == "title":
            title = text
        elif is_news and name == "publication_date":
            published = text
        elif is_news and name == "language" and language_tag(text):
            languages.append(language_tag(text))
        elif name == "loc" and "image" in namespace_of(child) and not image:
            image = text
    return Item(link=link, title=unescape(title), image=image), published


def _date(text: str, source: Source, now: datetime) -> Stamp | None:
    return feed_date(text, source, now=now, provenance=PROVENANCE) if text else None


def _parts(root: etree._Element, base: str) -> tuple[str, ...]:
    """Return the parts of an index on its own host, those that were touched last first, else the last named."""
    found: list[tuple[str, int, str]] = []
    for number, node in enumerate(root):
        texts = {local_name(child): (child.text or "").strip() for child in node}
        url = absolute_url(texts.get("loc", ""), base) if texts.get("loc") else None
        if url is not None and local_name(node) == "sitemap" and same_site(url, base):
            found.append((texts.get("lastmod", ""), number, url))
    newest_first = sorted(found, reverse=True)
    return tuple(dict.fromkeys(url for *_, url in newest_first))[:MAX_PARTS]
