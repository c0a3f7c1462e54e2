"""What the answer of an article's address means: a page to read, a look that shows no body, or where it moved."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.http import Response, TextResponse

from crawler.answers import may_be_page, not_text
from crawler.course import Course
from crawler.errand import Errand
from crawler.items import ArticleItem
from crawler.middlewares.conditional import asked_conditionally, validators_in
from news.article import Look, Sight, Way
from news.run import Trouble
from news.urls import url_key


def _is_home(url: str, listing_url: str) -> bool:
    """Say whether an address is the listing's own or the site's home: where sites lead what they lost."""
    return url_key(url) == url_key(listing_url) or not urlsplit(url).path.strip("/")


_SIGHTS = {304: Sight.NOT_MODIFIED, 404: Sight.MISSING, 410: Sight.GONE}


def _is_led_home(url: str, final_url: str, listing_url: str) -> bool:
    """Say whether an article's address leads to the home page, of the site or of its part in one language."""
    here, there = urlsplit(url).path.strip("/"), urlsplit(final_url).path.strip("/")
    if url_key(url) == url_key(final_url) or _is_home(url, listing_url):
        return False
    return _is_home(final_url, listing_url) or ("/" not in there and here.startswith(f"{there}/"))


def probed(course: Course, errand: Errand, response: Response) -> None:
    """Where an old address leads now. A server's trouble at that address is no answer: the question stays open."""
    redirected = response.url != errand.url
    answered = redirected or 200 <= response.status < 300 or response.status in {404, 410}
    course.ledger.probe(errand.key, errand.url, response.url if answered else "")
    if response.status in {404, 410} or (redirected and _is_home(response.url, course.plan.source.url)):
        course.ledger.gone(errand.url)


def article_item(course: Course, errand: Errand, response: Response) -> ArticleItem | None:
    """Return the page of an article as an item, or write down what was met instead."""
    ledger, at, status = course.ledger, course.host.clock.now(), response.status
    sight = _SIGHTS.get(status)
    if sight is Sight.NOT_MODIFIED and not asked_conditionally(response):
        sight = None
    if sight is not None:
        ledger.not_modified_count += sight is Sight.NOT_MODIFIED
        ledger.look(Look(url=errand.url, final_url=response.url, sight=sight, way=Way.PAGE, captured_at=at))
        return None
    if course.host.closed and status in {429, 503}:
        ledger.problem(Trouble.RETRY_LATER, course.host.closed, url=response.url, status=status)
        return None
    if not isinstance(response, TextResponse) or not 200 <= status < 300 or not may_be_page(response):
        ledger.unreadable(errand.url, response.url, Way.PAGE, at, not_text(response)[1])
        return None
    if _is_led_home(errand.url, response.url, course.plan.source.url):
        ledger.lost(errand.url, response.url, at, "leads to the home page")
        return None
    return ArticleItem(
        ledger=ledger,
        url=errand.url,
        final_url=response.url,
        way=Way.PAGE,
        captured_at=at,
        entry=errand.entry,
        html=response.text,
        validators=validators_in(response),
    )
