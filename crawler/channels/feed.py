"""The feed channel: Atom, RSS in all its versions and RDF through feedparser, JSON Feed through our own reader. Pure.

What a stranger sends is first made into a tree within bounds (`crawler.channels.xml_tree`); only what stood that goes
to feedparser, as a stream, so that nothing of it can be taken for an address or a file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import feedparser
from lxml import etree
from scrapy.http import TextResponse

from crawler.channels.entries import Collected, Item
from crawler.channels.feed_bounds import within_bounds
from crawler.channels.feed_dates import feed_date
from crawler.channels.feed_patience import asked_seconds, asked_skips
from crawler.channels.fragments import as_html
from crawler.channels.json_feed import looks_like_json_feed, read_json_feed
from crawler.channels.refusal import Refusal
from crawler.channels.xml_tree import local_name, parse_xml, xml_text
from crawler.extraction.languages import language_tag
from crawler.links import absolute_url, same_site
from news.dates import Stamp
from news.entry import Page
from news.errors import ChannelError
from news.source import Source
from news.text import normalise_title

PROVENANCE = "feed"
_ROOTS = frozenset(("rss", "feed", "rdf"))
_LONG_CHARS = 600


def read_feed(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of a feed, newest first.

    Args:
        response: the answer; its ``url`` is what relative links refer to where the feed says nothing else.
        source: whose language and time zone are used, and whether bodies are whole.
        now: an aware datetime; dates beyond it are not believed.

    Raises:
        ChannelError: it is no feed, cut off, not well-formed, too large, too deep, or uses entities of its own.
    """
    text = xml_text(response)
    if looks_like_json_feed(text):
        return read_json_feed(text, response.url, source, now=now)
    root = parse_xml(text)
    if local_name(root) == "html":
        raise ChannelError(Refusal.HTML, "not a feed but an HTML page: run tidings discover on its address")
    if local_name(root) not in _ROOTS:
        raise ChannelError(
            Refusal.OTHER_KIND, f"not a feed but a document of <{local_name(root)}>: check the address"
        )
    skips = asked_skips(root)
    beyond = within_bounds(root, source, now)
    parsed = _parsed(root, response.url)
    about: Mapping[str, Any] = parsed.feed
    collected = Collected(base=response.url, whole_bodies=source.whole_bodies, now=now)
    collected.leave_out(beyond)
    is_rss = str(parsed.version).startswith("rss")
    by_default = () if is_rss else _authors(about)  # RFC 4287 §4.2.1
    long_synopses = _are_articles([str(entry.get("summary", "")) for entry in parsed.entries])
    for entry in parsed.entries:
        item = _item(entry, source, now, is_rss=is_rss, by_default=by_default)
        if long_synopses and not item.body_html:
            item.body_html = item.summary_html
        collected.add(item)
    return Page(
        entries=collected.newest_first(),
        next_url=_next_url(about, response.url),
        title=normalise_title(str(about.get("title", ""))),
        refused=tuple(sorted(collected.refused.items())),
        wait_seconds=asked_seconds(about),
        skips=skips,
        language=language_tag(str(about.get("language", ""))),
    )


def _parsed(root: etree._Element, url: str) -> feedparser.FeedParserDict:
    """Return what feedparser makes of a tree, which it gets as a stream.

    Raises:
        ChannelError: it fails. It is known to, with errors of any kind, on elements of certain names; we know of none
            that `crawler.channels.feed_parts` leaves.
    """
    try:
        return feedparser.parse(
            io.BytesIO(etree.tostring(root, encoding="utf-8", xml_declaration=True)),
            response_headers={"content-location": url, "content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,  # in bodies; `text_and_html` does it in bounded time
            sanitize_html=False,  # a body is kept as it came, and cleaned where it is shown
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"[:120]
        raise ChannelError(
            Refusal.BROKEN, f"feedparser cannot read the feed ({said}): watch the HTML listing"
        ) from None


def _item(
    entry: Mapping[str, Any], source: Source, now: datetime, *, is_rss: bool, by_default: tuple[str, ...]
) -> Item:
    title, is_html = _title(entry)
    body, base = _body(entry, is_rss=is_rss)
    return Item(
        link=_link(entry, is_rss=is_rss),
        title="" if is_html else title,
        title_html=title if is_html else "",
        body_html=body,
        summary_html=_html(entry.get("summary", ""), entry.get("summary_detail"), is_rss=is_rss),
        site_id=str(entry.get("id", "")),
        published=_date(entry, "published", source, now) or _date(entry, "created", source, now),
        modified=_date(entry, "updated", source, now),
        authors=_authors(entry) or by_default,
        sections=_sections(entry),
        image=_image(entry),
        base=base,
    )


def _title(entry: Mapping[str, Any]) -> tuple[str, bool]:
    detail = entry.get("title_detail") or {}
    return str(entry.get("title", "")), "html" in str(detail.get("type", ""))


def _link(entry: Mapping[str, Any], *, is_rss: bool) -> str:
    """Return an item's own address: that behind a click counter, its link, or an identity that is a web address.

    Of several links the first that is a page is taken; feedparser takes the last.
    """
    alternates = [link for link in _links(entry) if link.get("rel") == "alternate"]
    pages = [link for link in alternates if "html" in link.get("type", "html")]
    found = [entry.get("feedburner_origlink"), *(link.get("href") for link in pages), entry.get("link")]
    found += [link.get("href") for link in alternates]
    if not is_rss:  # a guid that is an address says so, and then feedparser has made it the link
        found += [identity for identity in (str(entry.get("id", "")),) if "://" in identity]
    stated = (str(link or "").strip() for link in found)
    return next((link for link in stated if link and _is_web(link)), str(entry.get("link", "")))


def _is_web(link: str) -> bool:
    return link.lower().startswith(("http://", "https://", "/")) or ("://" not in link and ":" not in link)


def _body(entry: Mapping[str, Any], *, is_rss: bool) -> tuple[str, str]:
    """Return the fullest text that comes with an item in the place for it, and what its links refer to."""
    contents: list[Mapping[str, Any]] = list(entry.get("content", ()))
    longest = max(contents, key=lambda content: len(str(content.get("value", ""))), default={})
    detail = longest or entry.get("summary_detail") or {}
    return _html(longest.get("value", ""), longest, is_rss=is_rss), str(detail.get("base") or "")


def _are_articles(synopses: Iterable[str]) -> bool:
    """Tell whether a feed puts its articles where the synopses belong: most of them are long.

    A long one among short ones is a synopsis like the others, cut at the end of a long paragraph.
    """
    lengths = [len(text) for text in synopses if text.strip()]
    return 2 * sum(length >= _LONG_CHARS for length in lengths) > len(lengths)


def _html(value: object, detail: Mapping[str, Any] | None, *, is_rss: bool) -> str:
    """Return a text as HTML; that of Atom says what it is, that of RSS is HTML by custom."""
    is_plain = not is_rss and detail is not None and detail.get("type") == "text/plain"
    return as_html(str(value)) if is_plain else str(value)


def _date(entry: Mapping[str, Any], name: str, source: Source, now: datetime) -> Stamp | None:
    # Asked for with `in`: feedparser would otherwise give the date of publication for a missing one of an update.
    return feed_date(str(entry[name]), source, now=now, provenance=PROVENANCE) if name in entry else None


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the authors; RSS writes an address with the name behind it in brackets, which feedparser may cut."""
    said = str(entry.get("author", ""))
    bracketed = re.fullmatch(r"[^\s()]{0,200}@[^\s()]{0,200} \(([^()]{1,200})\)", said)
    if bracketed:
        return (bracketed[1],)
    found = [
        str(author.get("name", "")) for author in entry.get("authors", ()) if isinstance(author, Mapping)
    ]
    return tuple(name for name in found or [said] if name and "@" not in name and "(" not in name)


def _sections(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the categories, by the name for people where there is one (RFC 4287 §4.2.2.3)."""
    said = (each for each in entry.get("tags", ()) if isinstance(each, Mapping))
    return tuple(str(each.get("label") or each.get("term") or "") for each in said)


def _image(entry: Mapping[str, Any]) -> str:
    media: Iterable[Mapping[str, Any]] = (*entry.get("media_content", ()), *entry.get("media_thumbnail", ()))
    for one in media:
        if one.get("url") and one.get("medium", "image") == "image" and "video" not in one.get("type", ""):
            return str(one["url"])
    for link in _links(entry):
        if link.get("rel") == "enclosure" and str(link.get("type", "")).startswith("image/"):
            return str(link.get("href", ""))
    return ""


def _links(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the links of a feed or an item; an element of that name, which is no link, takes their place."""
    return [link for link in said.get("links", ()) if isinstance(link, Mapping)]


def _next_url(about: Mapping[str, Any], url: str) -> str | None:
    """Return the next page of a feed that is paged (RFC 5005 §3), or the archive before it (§4), on its own host."""
    for rel in ("next", "prev-archive"):
        for link in _links(about):
            if link.get("rel") == rel:
                found = absolute_url(str(link.get("href", "")), url)
                return found if found and found != url and same_site(found, url) else None
    return None
