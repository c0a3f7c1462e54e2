"""What an answer is: a page of a listing, an article's page, or something that stands in their place."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin

from scrapy.http import Response, TextResponse

from crawler.blocking import HEAD_CHARS, classify
from crawler.channels.reading import read_page
from crawler.hosts import Host
from news.entry import Page
from news.errors import ExtractionError
from news.run import Trouble
from news.source import Channel, Source

ACCEPT = {
    Channel.LISTING: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    Channel.FEED: "application/atom+xml,application/rss+xml,application/feed+json,application/rdf+xml,"
    "application/xml;q=0.9,text/xml;q=0.9,application/json;q=0.8,*/*;q=0.1",
    Channel.WORDPRESS: "application/json",
    Channel.SITEMAP: "application/xml,text/xml,application/gzip;q=0.9,*/*;q=0.1",
}
"""What a listing is asked for as, by channel: a server that can answer with a page or with a feed is told which."""
_PAST_THE_END = b"rest_post_invalid_page_number"


def page_in(
    response: Response, source: Source, host: Host, *, is_first: bool = True
) -> Page | tuple[Trouble, str]:
    """Return one page of a listing, in whichever channel, or why the answer is none.

    :param is_first: whether it is page 1: past the last page WordPress answers 400, which is an end and no trouble.
    """
    status = response.status
    if host.closed and status in {429, 503}:
        return Trouble.RETRY_LATER, host.closed
    if status == 410:
        return Trouble.GONE, f"the listing is gone for good (410){_elsewhere(source)}"
    if not is_first and _is_past_the_end(response, source):
        return Page(entries=())
    if not isinstance(response, TextResponse):
        if source.channel is Channel.LISTING:
            return not_text(response)
        # A feed and a sitemap are known by their bytes, whatever type they claim; a packed one claims to be no text.
        response = response.replace(cls=TextResponse)
    if not 200 <= status < 300:
        refusal = _blocked(response, 0)
        return (
            refusal
            if refusal and refusal[0] is Trouble.BLOCKED
            else (Trouble.STATUS, f"HTTP {status}: {_advice(status, source)}")
        )
    return _read(response, source, host)


def _is_past_the_end(response: Response, source: Source) -> bool:
    is_refusal = response.status == 400 and source.channel is Channel.WORDPRESS
    return is_refusal and _PAST_THE_END in response.body[:2_000]


def _read(response: TextResponse, source: Source, host: Host) -> Page | tuple[Trouble, str]:
    try:
        page = read_page(response, source, now=host.clock.now())
    except ExtractionError as error:
        return _instead(response, source) or (Trouble.NOT_A_PAGE, f"{error}{_elsewhere(source)}")
    if source.channel is Channel.LISTING:
        return _blocked(response, len(page.entries)) or page
    if not source.whole_bodies:
        page = replace(page, entries=tuple(replace(entry, body_html="") for entry in page.entries))
    return page


def _instead(response: TextResponse, source: Source) -> tuple[Trouble, str] | None:
    """Return what stands in place of something that could not be read, if it can be named."""
    problem = _blocked(response, 0)
    if source.channel is Channel.LISTING or problem is None or problem[0] is Trouble.BLOCKED:
        return problem
    return None  # that it is no HTML page is no news of a feed: what its reader says of it is better


def stands_for_something_else(response: TextResponse) -> bool:
    """Say whether a page, whatever was found on it, is one that must not be taken for a redesigned listing."""
    return _blocked(response, 0) is not None


def _elsewhere(source: Source) -> str:
    """Say how another way to read a page is found, where the one that was declared is no page of its own."""
    if source.channel is Channel.LISTING:
        return ""
    page_url = source.page_url or urljoin(source.url, "/")
    return f"; `tidings discover {page_url}` shows what the site offers now"


def _advice(status: int, source: Source) -> str:
    """Say what a status means for a listing, and what to do."""
    if status < 400:
        return "a redirect that leads nowhere we can go; open the listing in a browser, and check the source's url"
    if status in {401, 403, 407, 451}:
        return "the site does not let us read the listing; open it in a browser to see what it asks for"
    if status == 429 or status >= 500:
        return "the site's own trouble; the listing is asked for again"
    return f"there is no listing at this address; check the source's url{_elsewhere(source)}"


_PAGE_TYPES = (b"text/", b"application/xhtml+xml", b"application/xml")


def may_be_page(response: Response) -> bool:
    """Say whether an answer calls itself a page, or does not say what it is."""
    kind = (response.headers.get(b"Content-Type") or b"").strip().lower()
    return not kind or kind.startswith(_PAGE_TYPES)


def not_text(response: Response) -> tuple[Trouble, str]:
    """Say what an answer is that is no page: its status, or its type and size."""
    if response.status >= 300:
        return Trouble.STATUS, f"HTTP {response.status}"
    kind = (response.headers.get(b"Content-Type") or b"no type").decode("latin-1")
    return Trouble.NOT_A_PAGE, f"not a page but {kind[:80]}, {len(response.body):,} bytes"


def _blocked(response: TextResponse, found_entries: int) -> tuple[Trouble, str] | None:
    """Return what stands in the page's place: a challenge, a login, a consent wall, binary data."""
    problem = classify(
        response.status,
        {str(name): value for name, value in response.headers.to_unicode_dict().items()},
        "" if found_entries else response.text[:HEAD_CHARS],
        content_type=(response.headers.get(b"Content-Type") or b"").decode("latin-1"),
        found_entries=found_entries,
    )
    return None if problem is None else (problem.trouble, problem.detail)
