"""The rules of the W3C feed validator for what we write, each fault in words; an empty list is a valid document.

Of RFC 4287 (Atom), 5005 (archives), 6721 (deleted entries), 3339 and 822 (dates), 4151 (tags), RSS 2.0 with the best
practices of its board, and JSON Feed 1.1. What the validator only warns of is a fault here, but for two things that are
right as they are: entries that changed at the same moment, and a lone archive that has no neighbour yet.
"""

from __future__ import annotations

import html.parser
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
FH = "{http://purl.org/syndication/history/1.0}"
TERMS = "{http://purl.org/dc/terms/}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
                    r"\d\d:\d\d:\d\d (GMT|[+-]\d{4})")  # fmt: skip
W3CDTF = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?)?)?")
URI_CHARACTERS = r"(?:[A-Za-z0-9;/?:@&=+$.\-_!~*'(),]|%[0-9A-Fa-f]{2})"
WEB = re.compile(
    rf"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d+)?(?:[/?]{URI_CHARACTERS}*)?(?:#{URI_CHARACTERS}*)?"
)
TAG = re.compile(rf"tag:[a-z0-9][a-z0-9.-]*,\d{{4}}-\d\d-\d\d:{URI_CHARACTERS}+")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MARKUP = re.compile(r"</?[A-Za-z!]|&#?\w+;")
"""What a reader may take for HTML in a text that says that it is none."""

ELEMENTS = {"div", "p", "span", "blockquote", "ins", "del", "ul", "li", "a"}
ATTRIBUTES = {"lang", "dir", "href", "rel"}
RELATIONS = {"self", "alternate", "current", "prev-archive", "next-archive"}
FEED_ONCE = ("id", "title", "updated", "subtitle", "generator")
ENTRY_ONCE = ("id", "title", "updated", "published", "summary", "content")


class _Html(html.parser.HTMLParser):
    """Collects what of a piece of HTML is not allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag not in ELEMENTS:
            self.faults.append(f"element <{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"attribute {name}")
            if name == "href" and not WEB.fullmatch(value or ""):
                self.faults.append(f"link to {value!r}")
            if name == "dir" and value not in {"ltr", "rtl", "auto"}:
                self.faults.append(f"direction {value!r}")
            if name == "lang" and not LANGUAGE.fullmatch(value or ""):
                self.faults.append(f"language {value!r}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("a marked section")

    def handle_pi(self, data: str) -> None:
        self.faults.append("a processing instruction")


def html_faults(text: str, where: str) -> Iterator[str]:
    """Yield what of a piece of HTML is not ours: any element, attribute or address that was not meant."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    if parser.open:
        parser.faults.append(f"<{parser.open[-1]}> is never closed")
    for fault in parser.faults:
        yield f"{where}: {fault}"


def html_words(text: str) -> str:
    """Return what a reader sees of a piece of HTML."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    return parser.words


def parse(text: str) -> etree._Element:
    """Return the root of a document, read by a parser that mends nothing."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False)
    return etree.fromstring(text.encode("utf-8"), parser)


def atom_faults(text: str, *, placed: bool) -> list[str]:
    """Return what is wrong with an Atom document.

    Args:
        text: the document.
        placed: whether it knows where it stands, and so must say it.
    """
    faults = [*_character_faults(text)]
    root = parse(text)
    if root.tag != f"{ATOM}feed":
        return [*faults, f"the root is {root.tag!r}"]
    faults += _once(root, FEED_ONCE, {"id", "title", "updated"}, ATOM, "feed")
    faults += _place_faults(root, placed)
    if not LANGUAGE.fullmatch(root.get(LANG, "")):
        faults.append("feed: no language")
    seen_entry = False
    for node in root:
        if node.tag == f"{ATOM}entry":
            seen_entry = True
        elif seen_entry:
            faults.append(f"{node.tag!r} stands behind an entry")
    for name in ("title", "subtitle"):
        for node in root.findall(f"{ATOM}{name}"):
            faults += _text_construct_faults(node, f"feed {name}")
    faults += _date_faults(root.findtext(f"{ATOM}updated"), "feed updated", RFC3339)
    faults += _id_faults(root.findtext(f"{ATOM}id"), "feed id")
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        faults += _entry_faults(entry)
    faults += _doubles((entry.findtext(f"{ATOM}id") for entry in entries), "entry id")
    return faults + _deleted_faults(root, entries) + _freshness_faults(root, entries)


def rss_faults(text: str, *, placed: bool) -> list[str]:
    """Return what is wrong with an RSS 2.0 document."""
    faults = [*_character_faults(text)]
    root = parse(text)
    if root.tag != "rss" or root.get("version") != "2.0" or len(root) != 1:
        return [*faults, "the root is no <rss version='2.0'> with one channel"]
    channel = root[0]
    faults += _once(
        channel, ("title", "link", "description", "language", "lastBuildDate", "generator", "docs"),
        {"title", "link", "description"}, "", "channel",
    )  # fmt: skip
    link = channel.findtext("link") or ""
    if not WEB.fullmatch(link) and (placed or not TAG.fullmatch(link)):
        faults.append(f"channel link: {link!r}")
    faults += _place_faults(channel, placed)
    if (built := channel.findtext("lastBuildDate")) is not None:
        faults += _date_faults(built, "lastBuildDate", RFC822)
    if (language := channel.findtext("language")) is not None and not LANGUAGE.fullmatch(language):
        faults.append(f"channel language: {language!r}")
    if not (channel.findtext("title") or "").strip():
        faults.append("channel: an empty title")
    items = channel.findall("item")
    if any(node.tag != "item" for node in channel[len(channel) - len(items) :]):
        faults.append("something of the channel stands behind an item")
    for item in items:
        faults += _item_faults(item)
    # The best practices want a literal "<" or "&" of a title in this spelling, so that nobody takes it for HTML.
    faults += [f"title with {found!r}" for title in re.findall("<(?:title|category)>(.*?)</", text)
               for found in re.findall("&(?:lt|amp|gt);", title)]  # fmt: skip
    return faults + _doubles((item.findtext("guid") for item in items), "guid")


def jsonfeed_faults(text: str, *, placed: bool) -> list[str]:
    """Return what is wrong with a JSON Feed."""
    feed = json.loads(text)
    faults: list[str] = []
    known = {
        "version",
        "title",
        "home_page_url",
        "feed_url",
        "description",
        "next_url",
        "language",
        "items",
        "_tidings",
    }
    faults += [f"unknown field {name}" for name in feed.keys() - known]
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        faults.append("version")
    if not isinstance(feed.get("title"), str) or not feed["title"].strip():
        faults.append("title")
    if placed and "feed_url" not in feed:
        faults.append("feed_url is missing")
    for name in ("home_page_url", "feed_url", "next_url"):
        if name in feed and not WEB.fullmatch(feed[name]):
            faults.append(f"{name}: {feed[name]!r}")
    if not isinstance(feed.get("items"), list):
        return [*faults, "items"]
    for item in feed["items"]:
        faults += _json_item_faults(item)
    return faults + _doubles((item.get("id") for item in feed["items"]), "item id")


# ---------------------------------------------------------------------------------------------------- parts


def _character_faults(text: str) -> Iterator[str]:
    if not text.startswith('<?xml version="1.0" encoding="utf-8"?>\n') or not text.endswith(">\n"):
        yield "it does not begin with its declaration, or does not end with a line feed"
    if found := FORBIDDEN.search(text):
        yield f"the character {found[0]!r}"
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        yield "a document type"


def _once(
    node: etree._Element, names: Iterable[str], needed: set[str], space: str, where: str
) -> Iterator[str]:
    for name in names:
        times = len(node.findall(f"{space}{name}"))
        if times > 1 or (times == 0 and name in needed):
            yield f"{where}: {times} times {name}"


def _doubles(values: Iterable[Any], what: str) -> list[str]:
    return [f"{what} {value!r} {times} times" for value, times in Counter(values).items() if times > 1]


def _date_faults(text: str | None, where: str, shape: re.Pattern[str]) -> Iterator[str]:
    if text is None or not shape.fullmatch(text):
        yield f"{where}: the date {text!r}"
        return
    try:
        at = parsedate_to_datetime(text) if shape is RFC822 else datetime.fromisoformat(text)
    except ValueError:
        if shape is not W3CDTF:
            yield f"{where}: there is no {text!r}"
        return
    if shape is RFC822 and at.strftime("%a") != text[:3]:
        yield f"{where}: {text!r} was another day of the week"
    if at.year < 1990:
        yield f"{where}: {text!r} was before the web"


def _id_faults(text: str | None, where: str) -> Iterator[str]:
    if not TAG.fullmatch(text or ""):
        yield f"{where}: {text!r} is no tag"


def _text_construct_faults(node: etree._Element, where: str) -> Iterator[str]:
    text, kind = node.text or "", node.get("type", "text")
    if len(node):
        yield f"{where}: elements inside"
    if not text.strip():
        yield f"{where}: empty"
    if kind == "html":
        yield from html_faults(text, where)
    elif kind != "text":
        yield f"{where}: of type {kind}"
    elif MARKUP.search(text):
        yield f"{where}: a reader may take {text[:40]!r} for HTML"


def _entry_faults(entry: etree._Element) -> Iterator[str]:
    where = f"entry {entry.findtext(f'{ATOM}id')}"
    yield from _once(entry, ENTRY_ONCE, {"id", "title", "updated", "content", "summary"}, ATOM, where)
    yield from _id_faults(entry.findtext(f"{ATOM}id"), where)
    if not LANGUAGE.fullmatch(entry.get(LANG, "")):
        yield f"{where}: no language, so that it would have the feed's"
    for name in ("title", "summary"):
        for node in entry.findall(f"{ATOM}{name}"):
            yield from _text_construct_faults(node, f"{where} {name}")
    yield from _date_faults(entry.findtext(f"{ATOM}updated"), where, RFC3339)
    for name, shape in ((f"{ATOM}published", RFC3339), (f"{TERMS}issued", W3CDTF)):
        if (date := entry.findtext(name)) is not None:
            yield from _date_faults(date, f"{where} {name}", shape)
    content = entry.find(f"{ATOM}content")
    if content is not None:
        if content.get("type") != "html" or len(content) or not (content.text or "").strip():
            yield f"{where}: content"
        yield from html_faults(content.text or "", f"{where} content")
    names = [author.findtext(f"{ATOM}name") or "" for author in entry.findall(f"{ATOM}author")]
    if not names or not all(name.strip() for name in names):
        yield f"{where}: no author, or one without a name"
    if not all((category.get("term") or "").strip() for category in entry.findall(f"{ATOM}category")):
        yield f"{where}: a category without a term"
    yield from _link_faults(entry.findall(f"{ATOM}link"), {"alternate", "related"}, where)


def _link_faults(links: list[etree._Element], allowed: set[str], where: str) -> Iterator[str]:
    for link in links:
        if link.get("rel", "alternate") not in allowed:
            yield f"{where}: a link as {link.get('rel')}"
        if not WEB.fullmatch(link.get("href", "")):
            yield f"{where}: a link to {link.get('href')!r}"
        if "title" in link.attrib and not link.get("title", "").strip():
            yield f"{where}: a link with an empty title"
        if len(link) or (link.text or "").strip():
            yield f"{where}: a link holds something"
    yield from _doubles((link.get("rel") for link in links if link.get("rel") != "related"), f"{where} link")


def _place_faults(node: etree._Element, placed: bool) -> Iterator[str]:
    """What is wrong with a document's addresses, and with what RFC 5005 asks of them."""
    links = node.findall(f"{ATOM}link")
    yield from _link_faults(links, RELATIONS, "document")
    by = {link.get("rel", ""): link.get("href", "") for link in links}
    if placed and "self" not in by:
        yield "the document does not say where it stands"
    archive = node.find(f"{FH}archive") is not None
    if archive and "current" not in by:
        yield "an archive without its feed"
    if not archive and {"current", "next-archive"} & by.keys():
        yield "what is no archive says what follows it"
    if len(set(by.values())) != len(by):
        yield "two relations lead to one address"


def _deleted_faults(root: etree._Element, entries: list[etree._Element]) -> list[str]:
    faults: list[str] = []
    updated = {entry.findtext(f"{ATOM}id"): entry.findtext(f"{ATOM}updated") or "" for entry in entries}
    deleted = root.findall(f"{AT}deleted-entry")
    for node in deleted:
        where = f"deleted {node.get('ref')}"
        faults += [*_id_faults(node.get("ref"), where), *_date_faults(node.get("when"), where, RFC3339)]
        faults += _once(node, ("comment", "by"), set(), AT, where)
        if node.get("ref") in updated:
            faults.append(f"{where}: it is an entry as well")
    return faults + _doubles(((node.get("ref"), node.get("when")) for node in deleted), "deleted")


def _freshness_faults(root: etree._Element, entries: list[etree._Element]) -> list[str]:
    written = [node.findtext(f"{ATOM}updated") or "" for node in (root, *entries)]
    if not all(map(RFC3339.fullmatch, written)):
        return []  # which was told
    own, *dates = map(datetime.fromisoformat, written)
    faults = [] if dates == sorted(dates, reverse=True) else ["the newest does not stand first"]
    return faults + ([] if all(date <= own for date in dates) else ["an entry is newer than its feed"])


def _item_faults(item: etree._Element) -> Iterator[str]:
    where = f"item {item.findtext('guid')}"
    yield from _once(
        item, ("title", "link", "guid", "pubDate", "description", f"{CONTENT}encoded"),
        {"title", "guid", "description"}, "", where,
    )  # fmt: skip
    yield from _id_faults(item.findtext("guid"), where)
    guid = item.find("guid")
    if guid is None or guid.get("isPermaLink") != "false":
        yield f"{where}: the guid is no address"
    if (link := item.findtext("link")) is not None and not WEB.fullmatch(link):
        yield f"{where}: a link to {link!r}"
    if not (item.findtext("title") or "").strip():
        yield f"{where}: an empty title"
    for name, shape in (("pubDate", RFC822), (f"{ATOM}updated", RFC3339), (f"{TERMS}issued", W3CDTF)):
        if (date := item.findtext(name)) is not None:
            yield from _date_faults(date, where, shape)
    if item.find("author") is not None:
        yield f"{where}: an author of RSS is an address of mail"
    if not all(
        (node.text or "").strip() for node in (*item.findall(f"{DC}creator"), *item.findall("category"))
    ):
        yield f"{where}: an empty name"
    for name in ("description", f"{CONTENT}encoded"):
        yield from html_faults(item.findtext(name) or "", f"{where} {name}")


def _json_item_faults(item: dict[str, Any]) -> Iterator[str]:
    known = {
        "id", "url", "title", "content_html", "summary", "date_published", "date_modified", "authors", "tags",
        "language", "_tidings",
    }  # fmt: skip
    where = f"item {item.get('id')}"
    yield from (f"{where}: unknown field {name}" for name in item.keys() - known)
    yield from _id_faults(item.get("id"), where)
    if "url" in item and not WEB.fullmatch(item["url"]):
        yield f"{where}: {item['url']!r}"
    yield from html_faults(item.get("content_html", "<none>"), where)
    yield from _date_faults(item.get("date_modified"), where, RFC3339)
    if "date_published" in item:
        yield from _date_faults(item["date_published"], where, RFC3339)
    if not item.get("authors") or not all(author["name"].strip() for author in item["authors"]):
        yield f"{where}: no author"
    if "language" in item and not LANGUAGE.fullmatch(item["language"]):
        yield f"{where}: {item['language']!r}"
