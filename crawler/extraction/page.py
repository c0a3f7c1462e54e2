"""What an article's page says of itself, field by field: each from the first place that says it well.

For every field JSON-LD is asked first, then meta tags, then the declared selectors. Of a source that declares no body
the page is read *unaided*: what is still missing is looked for in the markup (`crawler.extraction.shown`), and at last
left to libraries that guess (`crawler.extraction.guesses`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from crawler.channels.listing import entry_title
from crawler.dating import date_in_address, date_of, read_date
from crawler.extraction.body import declared_body, found_body, lines_as_html
from crawler.extraction.guesses import guessed_authors, guessed_day
from crawler.extraction.jsonld import LinkedArticle, linked_article
from crawler.extraction.languages import language_tag
from crawler.extraction.meta import Head, linked_data, read_head
from crawler.extraction.naming import article_title, people
from crawler.extraction.shown import days_of_changes, shown_authors, shown_change, shown_dates
from crawler.links import absolute_url, base_url, same_site
from crawler.markup import cut, parse_html, text_of
from crawler.selectors import Match, elements_matching, first_matching, first_value
from news.dates import Precision, Stamp
from news.errors import ExtractionError
from news.source import Source
from news.text import comparable, normalise_text
from news.urls import url_key

_WALL_CLOCK = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,]\d+)? ?(Z|[+-]\d\d:?\d\d)?\Z", re.IGNORECASE
)
MAX_ELEMENTS = 15_000
MAX_DEPTH = 128
_COUNT = etree.XPath("count(//*)")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_HEADING_CHARS = 300
_SHORT_CHARS = 500
_FULLER = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """An article's page with what its structured parts say."""

    url: str
    base: str
    root: HtmlElement
    source: Source
    linked: LinkedArticle
    head: Head

    @property
    def unaided(self) -> bool:
        """Say whether the source names no body, so that the page is read without selectors."""
        return not (self.source.article.body or self.source.wrapper.body)

    @property
    def site_names(self) -> tuple[str, ...]:
        """Return what the site calls itself."""
        host = (urlsplit(self.url).hostname or "").removeprefix("www.")
        return (self.linked.publisher, *self.head.site_names, self.source.title, host)


def open_page(url: str, raw: str, source: Source) -> Page:
    """Return a page that is ready to be asked.

    Raises:
        ExtractionError: it is too large or too deep to be read, or to be read without selectors.
    """
    root = parse_html(raw)
    if not (source.article.body or source.wrapper.body):
        _check_size(root, url)
    linked = linked_article(linked_data(root), url) or LinkedArticle()
    head = read_head(root)
    if not source.language:  # dates in numbers and words are read in the page's own
        tags = (language_tag(claim.partition(",")[0]) for claim in (linked.language, *head.languages))
        source = replace(source, language=next(filter(None, tags), ""))
    return Page(url=url, base=base_url(root, url), root=root, source=source, linked=linked, head=head)


def _check_size(root: HtmlElement, url: str) -> None:
    """Refuse what would take seconds: libraries look at each element many times, and at all that stand around it.

    Real articles have some thousand elements, up to fifty deep.
    """
    count = int(_COUNT(root))
    if count > MAX_ELEMENTS:
        raise ExtractionError(
            f"{url} has {count:,} elements, more than the {MAX_ELEMENTS:,} that are read without selectors; "
            "name its body in [article] body of the site file"
        )
    if _TOO_DEEP(root):
        raise ExtractionError(
            f"the elements of {url} are nested more than {MAX_DEPTH} deep, which is not read without selectors; "
            "name its body in [article] body of the site file"
        )


def title_of(page: Page) -> str:
    """Return the title, without the site's name.

    Raises:
        ExtractionError: the page has none.
    """
    declared = first_value(page.root, page.source.article.title, _text)
    headings = (declared, *page.head.headings) if declared else page.head.headings
    claims = (page.linked.title, *page.head.titles)
    # A headline of structured data that the page's title repeats is the one for search engines, and a heading that the
    # other tags agree with is the article's; one that stands alone there was written as the headline.
    trust_first = page.unaided and not _repeats(page.head.page_title, page.linked.title)
    # Without a heading of the first order the title stands in a lesser one: it shows where the site's name begins.
    shown = headings or page.head.lesser_headings
    title = article_title(claims, shown, page.site_names, trust_first=trust_first) or article_title(
        (*_short(headings), page.head.page_title, *headings), shown, page.site_names, trust_first=True
    )
    if not title:
        raise ExtractionError(
            f"no title: neither the head of {page.url} nor [article] title has one; check the site file"
        )
    return title


def _short(headings: Iterable[str]) -> list[str]:
    """Leave out what is no heading but the rest of the page: its end tag is missing."""
    return [heading for heading in headings if len(heading) <= _HEADING_CHARS]


def _repeats(page_title: str, title: str) -> bool:
    return comparable(page_title).casefold().startswith(comparable(title).casefold())


def published_of(page: Page, *, now: datetime) -> Stamp | None:
    """Return when the article says that it was published."""
    claims = [("json-ld", page.linked.published), *(("meta", text) for text in page.head.published)]
    found = _first_date(page, _zoned_first(claims), now) or first_value(
        page.root, page.source.article.date, lambda match: date_of(match, page.source, now=now)
    )
    if page.unaided and (found is None or (found.provenance == "meta" and _is_change(page, found, now))):
        dates = shown_dates(page.root, page.source, now=now, title=title_of(page))
        shown = next(dates, None)
        found = shown if shown and (found is None or shown.older_than(found)) else found
    found = found or date_in_address(page.url, now=now)
    return found or (_guessed(page, now) if page.unaided else None)


def _guessed(page: Page, now: datetime) -> Stamp | None:
    """Return a library's guess, unless the page says that something was changed on that day: it reads no labels."""
    guess = guessed_day(page.root, now=now)
    if guess is None or guess.at.date() in days_of_changes(page.root, page.source, now=now):
        return None
    return guess


def _zoned_first(claims: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put a claim before the first that says the same without a zone: then it is known which moment is meant."""
    if not claims or not _is_local(claims[0][1]):
        return claims
    clock = _clock(claims[0][1])
    same = [claim for claim in claims[1:] if _clock(claim[1]) == clock and not _is_local(claim[1])]
    return same + claims


def _clock(text: str) -> str:
    match = _WALL_CLOCK.match(text.strip())
    return match[1].replace("T", " ") if match else ""


def _is_local(text: str) -> bool:
    match = _WALL_CLOCK.match(text.strip())
    return match is not None and not match[2]


def _is_change(page: Page, found: Stamp, now: datetime) -> bool:
    """Tell whether a date of publication is really the one of the last change, which some software writes twice."""
    modified = _claimed_change(page, now)
    return modified is not None and modified.at == found.at


def modified_of(page: Page, *, now: datetime) -> Stamp | None:
    """Return when the article says that it was last changed."""
    found = _claimed_change(page, now)
    if found is None and page.unaided:
        return shown_change(page.root, page.source, now=now, title=title_of(page))
    return found


def _claimed_change(page: Page, now: datetime) -> Stamp | None:
    return _first_date(
        page, [("json-ld", page.linked.modified), *(("meta", text) for text in page.head.modified)], now
    )


def _first_date(page: Page, claims: Iterable[tuple[str, str]], now: datetime) -> Stamp | None:
    stamps = (read_date(text, page.source, now=now, provenance=place) for place, text in claims)
    return next((stamp for stamp in stamps if stamp and stamp.precision is not Precision.RELATIVE), None)


def authors_of(page: Page) -> tuple[str, ...]:
    """Return the people who wrote the article."""
    declared = [_text(match) for match in first_matching(page.root, page.source.article.author)]
    found = (
        people(page.linked.authors, page.site_names, split=True)
        or people(page.head.authors, page.site_names, split=True)
        or people(declared, page.site_names, split=True)
    )
    if found or not page.unaided:
        return found
    shown = people(shown_authors(page.root), page.site_names, split=True)
    if shown or page.linked.authors:  # a page that names its site as the author has no other
        return shown
    return people(guessed_authors(page.root, page.url), page.site_names, split=False)


def image_url_of(page: Page) -> str:
    """Return the address of the article's picture."""
    claims = (page.linked.image_url, page.head.image_url)
    return next((url for claim in claims if claim and (url := absolute_url(claim, page.base))), "")


def canonical_url_of(page: Page) -> str:
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


def body_of(page: Page, title: str, authors: tuple[str, ...], *, rich: bool = False) -> list[HtmlElement]:
    """Return the elements that hold the body; the page's tree is changed, so this is asked last.

    Args:
        page: the article's page.
        title: its title, which is not part of the body,
        authors: and neither is a line with their names alone.
        rich: with links and emphasis, for HTML; without them words are cut less often.

    Raises:
        ExtractionError: there is none.
    """
    article = page.source.article
    rules = article.body or page.source.wrapper.body
    cut(elements_matching(page.root, article.remove))
    nodes = declared_body(page.root, rules)
    if not nodes and not article.body:
        body = found_body(page.root, page.url, title, authors, rich=rich)
        nodes = [] if body is None else [body]
    told = normalise_text(page.linked.body)
    if not nodes or (page.unaided and _is_fuller(told, nodes)):
        nodes = [parse_html(lines_as_html(told))] if told else nodes
    if not nodes:
        raise ExtractionError(_why_no_body(page, rules))
    return nodes


def _is_fuller(told: str, nodes: list[HtmlElement]) -> bool:
    """Tell whether JSON-LD carries the whole text of a page that shows only its beginning, or builds it by script."""
    if len(told) < _SHORT_CHARS:
        return False
    shown = sum(len(text_of(node)) for node in nodes)
    return shown < _SHORT_CHARS and len(told) > _FULLER * shown


def _why_no_body(page: Page, rules: tuple[str, ...]) -> str:
    if page.source.article.body:
        tried = ", ".join(map(repr, rules))
        return (
            f"no body: nothing on {page.url} matches the selectors ({tried}), and its JSON-LD has no articleBody; "
            "mend [article] body in the site file"
        )
    return (
        f"no body: {page.url} holds no text that reads like an article; if a browser shows one, name it in "
        "[article] body of the site file"
    )


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _text(match: Match) -> str:
    return entry_title(match if isinstance(match, str) else text_of(match))
