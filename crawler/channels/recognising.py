"""Which channel an answer speaks, told by how it begins: its root element or its first key, never its label. Pure."""

from __future__ import annotations

import re
import zlib

from scrapy.http import Response, TextResponse

from crawler.channels.xml_tree import root_name, xml_text
from news.source import Channel

HEAD_BYTES = 65_536
"""How much of an answer is looked at: what stands before the root element is short."""

_GZIP = b"\x1f\x8b"
_ROOTS = {
    "rss": Channel.FEED,
    "feed": Channel.FEED,
    "rdf": Channel.FEED,
    "urlset": Channel.SITEMAP,
    "sitemapindex": Channel.SITEMAP,
}
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:(?:\\?/){2}jsonfeed\.org(?:\\?/)version')
_POSTS = re.compile(r"[/=]wp/v2/posts(?:[?&]|\Z)|%2Fwp%2Fv2%2Fposts(?:&|\Z)")


def recognised(response: Response) -> Channel | None:
    """Return the channel whose document an answer is, None for a page and for everything else.

    Args:
        response: of any class: servers label feeds as text, as HTML and as files to be saved.

    A sitemap may be packed as a file (sitemaps.org); no other document is.
    """
    packed = response.body.startswith(_GZIP)
    head = _unpacked(response.body) if packed else response.body[:HEAD_BYTES]
    text = xml_text(TextResponse(response.url, headers=response.headers, body=head)).lstrip("\ufeff \t\r\n")
    channel = _ROOTS.get(root_name(text))
    if packed:
        return channel if channel is Channel.SITEMAP else None
    if text.startswith("{") and _JSON_FEED.search(text):
        return Channel.FEED
    if text.startswith("[") and _POSTS.search(response.url):
        return Channel.WORDPRESS
    return channel


def _unpacked(body: bytes) -> bytes:
    """Return the beginning of a gzip file, empty where it is broken."""
    try:
        return zlib.decompressobj(wbits=31).decompress(body[:HEAD_BYTES], HEAD_BYTES)
    except zlib.error:
        return b""
