"""The listing channel: entries out of a page's HTML, by the source's wrapper. Pure: a response in, a page out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement
from scrapy.http import TextResponse

from crawler.channels.passed_over import PASSED_OVER, passed_over
from crawler.channels.post_number import post_number
from crawler.charset import page_text
from crawler.dating import Order, change_of, date_in_address, date_of, date_order
from crawler.links import base_url, link_of, same_site
from crawler.markup import cut, inner_html, outer_html, parse_html, text_of
from crawler.selectors import Match, compile_selector, elements_matching, first_matching, first_value
from crawler.titles import title_text
from crawler.wording import invites_to, is_more_link, is_teaser, without_more
from news.dates import Stamp
from news.entry import Entry, Page
from news.errors import UrlError
from news.source import Source
from news.text import normalise_title, truncate
from news.urls import fetchable_url, url_key

MAX_TITLE_CHARS = 1_000
SUMMARY_CHARS = 500
NO_LINK = "no link"
BAD_LINK = "bad link"
NO_TITLE = "no title"
SAME_LINK = "another item's link"
"""An item of a feed whose link stands at another one, of another identity or title: an article is its address."""
BEYOND = "beyond the first 1,000"
"""What of one answer is not read, see `crawler.channels.entries.MAX_ENTRIES`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """What is known of an item before its body is cut to size."""

    node: HtmlElement
    url: str
    key: str
    title: str
    published: Stamp | None
    modified: Stamp | None
    summary: str
    leads_on: bool
    html: str
    post: str  # the number of a WordPress post


def read_listing(response: TextResponse, source: Source, *, now: datetime) -> Page:
    """Return the entries of one page of a listing, top first, each address once.

    Of the alternatives for ``item`` the first that gives a usable entry is taken; for a field of an item, the first
    that gives a value. A body is kept only if it is whole (see `crawler.wording.is_teaser`), without what
    ``article.remove`` names. Dates come from the declared place, else from the permalink; one that the page says to be
    that of a change is the entry's ``modified`` and dates no publication.

    Args:
        response: the listing's page; its ``url`` is where redirects led.
        source: whose wrapper, language and time zone are used.
        now: an aware datetime, for relative dates and against dates in the future.

    Raises:
        ExtractionError: the page is too large or too deeply nested to be read whole.
    """
    return read_tree(parse_html(page_text(response)), response.url, source, now=now)


def read_tree(root: HtmlElement, url: str, source: Source, *, now: datetime) -> Page:
    """Return the entries of a page that is parsed already, as `read_listing` does.

    What ``article.remove`` names is cut from the tree.
    """
    base = base_url(root, url)
    drafts, refused = _drafts(root, base, url, source, now)
    next_url = next_url_of(root, base, url, source)
    title = page_title(root)
    cut(elements_matching(root, source.article.remove))
    entries = tuple(_entry(draft, source) for draft in drafts)
    return Page(entries=entries, next_url=next_url, title=title, refused=tuple(sorted(refused.items())))


def page_title(root: HtmlElement) -> str:
    """Return the text of the page's ``<title>``."""
    return next((entry_title(node.text or "") for node in root.iter("title")), "")


def entry_title(text: str) -> str:
    """Return a title in its stored form; what is longer than ``MAX_TITLE_CHARS`` is a mistake of markup and is cut."""
    return truncate(normalise_title(text), MAX_TITLE_CHARS)


def _drafts(
    root: HtmlElement, base: str, page_url: str, source: Source, now: datetime
) -> tuple[list[_Draft], Counter[str]]:
    first_refused: Counter[str] = Counter()
    for text in source.wrapper.item:
        refused: Counter[str] = Counter()
        drafts: dict[str, _Draft] = {}
        nodes = [node for node in compile_selector(text).elements(root) if not _heads_table(node)]
        reading = _Reading(base=base, page_url=page_url, now=now, order=_order(nodes, source, now))
        for node in nodes:
            draft = _draft(node, source, reading)
            if isinstance(draft, str):
                refused[draft] += 1
            else:
                drafts.setdefault(draft.key, draft)
        if drafts:
            if beside := passed_over(nodes, [draft.url for draft in drafts.values()], base):
                refused[PASSED_OVER] = beside
            return list(drafts.values()), refused
        first_refused = first_refused or refused
    return [], first_refused


def _heads_table(node: HtmlElement) -> bool:
    """Tell the row that names a table's columns, which is no item that lacks a link."""
    return (
        node.tag == "tr" and len(node) > 0 and all(cell.tag == "th" for cell in node.iterchildren("td", "th"))
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """What the items of one page are read with; ``order`` is how all of them write their dates."""

    base: str
    page_url: str
    now: datetime
    order: Order | None


def _order(nodes: Sequence[HtmlElement], source: Source, now: datetime) -> Order | None:
    matches = (match for node in nodes for match in first_matching(node, source.wrapper.date)[:1])
    return date_order([match if isinstance(match, str) else text_of(match) for match in matches], now=now)


def _draft(node: HtmlElement, source: Source, reading: _Reading) -> _Draft | str:
    """Return what an item says, or why it is no entry."""
    wrapper, now = source.wrapper, reading.now
    links: list[str] = []

    def usable(match: Match) -> str | None:
        href = link_of(match)
        if href is None:
            return None
        links.append(href)
        return _entry_url(href, reading.base, reading.page_url)

    url = first_value(node, wrapper.link, usable)
    if url is None:
        return BAD_LINK if links else NO_LINK
    title = first_value(node, wrapper.title, _title_of) or first_value(node, wrapper.link, _title_of)
    if not title:
        return NO_TITLE
    date = first_value(node, wrapper.date, lambda match: date_of(match, source, now=now, order=reading.order))
    change = first_value(
        node, wrapper.date, lambda match: change_of(match, source, now=now, order=reading.order)
    )
    return _Draft(
        node=node,
        url=url,
        key=url_key(url),
        title=title,
        published=date or date_in_address(url, now=now),
        modified=change,
        summary=first_value(node, wrapper.summary, lambda match: _summary_of(match, title)) or "",
        leads_on=_leads_on(node, title, source),
        html=outer_html(node) if wrapper.body else "",  # before anything is cut from it
        post=post_number(node),
    )


def _entry_url(href: str, base: str, page_url: str) -> str | None:
    """Return the address of an entry, or None if it leads nowhere else."""
    if href.startswith("#"):
        return None
    try:
        url = fetchable_url(href, base)
        return None if url_key(url) == url_key(page_url) else url
    except UrlError:
        return None


def _title_of(match: Match) -> str | None:
    if isinstance(match, str):
        return entry_title(match)
    text = entry_title(title_text(match))
    if text and not is_more_link(text):
        return text
    named = [match, *match.iter("a", "img")]
    said = (entry_title(node.get(name) or "") for node in named for name in ("title", "aria-label", "alt"))
    return next((text for text in said if text and not is_more_link(text)), None)


def _summary_of(match: Match, title: str) -> str | None:
    text = match if isinstance(match, str) else text_of(match)
    text = without_more(text, title)
    # A little more than is kept, since white space may shrink; a whole body need not be normalised for its start.
    return truncate(normalise_title(text[: 2 * SUMMARY_CHARS]), SUMMARY_CHARS)


def _entry(draft: _Draft, source: Source) -> Entry:
    body_html, text = _body(draft.node, source)
    if draft.leads_on or is_teaser(text):
        body_html = ""
    return Entry(
        url=draft.url,
        key=draft.key,
        title=draft.title,
        published=draft.published,
        modified=draft.modified,
        summary=draft.summary or _summary_of(text, draft.title) or "",
        body_html=body_html,
        item_html=draft.html if body_html else "",
        site_id=draft.post,
    )


def read_item(item: HtmlElement, source: Source) -> tuple[str, str]:
    """Return the title and the body text of one item that was kept, as today's selectors read them.

    What ``article.remove`` names is cut from ``item``. Either is empty where the selectors find nothing.
    """
    wrapper = source.wrapper
    title = first_value(item, wrapper.title, _title_of) or first_value(item, wrapper.link, _title_of) or ""
    cut(elements_matching(item, source.article.remove))
    return title, _body(item, source)[1]


def item_body(item: HtmlElement, source: Source) -> str:
    """Return the body of one item that was kept, as HTML; what ``article.remove`` names is cut from ``item``."""
    cut(elements_matching(item, source.article.remove))
    return _body(item, source)[0]


def _body(item: HtmlElement, source: Source) -> tuple[str, str]:
    """Return the item's body as HTML and as text, both empty if it has none."""
    for alternative in source.wrapper.body:
        nodes = compile_selector(alternative).elements(item)
        text = "\n".join(filter(None, map(text_of, nodes)))
        if text:
            html = inner_html(nodes[0]) if len(nodes) == 1 else "".join(map(outer_html, nodes))
            return html, text
    return "", ""


def _leads_on(item: HtmlElement, title: str, source: Source) -> bool:
    """Tell a body that is cut by its link to the rest, even if that is to be removed.

    WordPress marks the link at its ``more`` mark, whatever it says; themes write "read more" with the item's title.
    """
    bodies = (match for match in first_matching(item, source.wrapper.body) if not isinstance(match, str))
    links = (link for body in bodies for link in body.iter("a"))
    return any(
        "more-link" in (link.get("class") or "")
        or "#more-" in (link.get("href") or "")
        or invites_to(title, str(link.text_content()))
        for link in links
    )


def next_url_of(root: HtmlElement, base: str, page_url: str, source: Source) -> str | None:
    """Return the address of the next page by the wrapper: on the same host, and another one."""

    def usable(match: Match) -> str | None:
        href = link_of(match)
        url = _entry_url(href, base, page_url) if href else None
        return url if url and same_site(url, page_url) else None

    return first_value(root, source.wrapper.next_page, usable)
