"""What page 1 of a listing says besides its entries: that it is as it was, where it has moved to, how long to wait."""

from __future__ import annotations

from datetime import datetime

from scrapy.http import Response

from crawler.course import Course
from crawler.errand import Errand
from crawler.freshness import asked_wait
from crawler.middlewares.conditional import (
    asked_conditionally,
    headers_of,
    is_same_body,
    refreshed,
    validators_in,
)
from crawler.middlewares.redirects import moved_for_good
from news.addresses import may_follow
from news.moving import may_move
from news.run import Wait


def is_unchanged(course: Course, errand: Errand, response: Response) -> bool:
    """Write down that page 1 is as it was, and return True, if a 304 or its very bytes say so.

    What was not asked conditionally (a suspect source, an open gap, a sweep) is always read: then ``errand`` holds
    nothing to compare with.
    """
    sent = errand.validators
    same_body = response.status == 200 and is_same_body(sent, validators_in(response, digest=True))
    if not same_body and not (response.status == 304 and sent and asked_conditionally(response)):
        return False
    course.ledger.moved_url = moved_to(course, response)
    usual = course.plan.usual  # what the page said when it was last read still holds
    course.listing_unchanged(
        refreshed(sent, validators_in(response)),
        wait=wait_of(response, course.host.clock.now(), usual.wait_seconds if usual else 0),
        same_body=same_body,
    )
    return True


def moved_to(course: Course, response: Response) -> str:
    """Return where the listing has moved to for good, if that may be learnt."""
    source, moved = course.plan.source, moved_for_good(response)
    may = (
        moved
        and may_move(source.url, moved, allow_private=source.request.allow_private)
        and may_follow(source, moved)
    )
    return moved if may else ""


def wait_of(response: Response, at: datetime, page_seconds: int = 0) -> Wait | None:
    """Return how long the answer that came ``at`` a time asks to be left alone, headers and page together."""
    return asked_wait(headers_of(response), page_seconds=page_seconds, now=at)
