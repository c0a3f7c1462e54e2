"""What it means for a run that no answer came: to a listing, an article's address, an old one."""

from __future__ import annotations

from crawler.course import Course
from crawler.errand import Errand, ErrandKind
from news.article import Way
from news.run import Trouble

_OF_THE_WHOLE_RUN = frozenset({Trouble.RETRY_LATER, Trouble.NOT_RECORDED, Trouble.CALLBACK})
"""Troubles that say nothing of one article, and more of the run than that this one could not be read."""


def unanswered(course: Course, errand: Errand, url: str, trouble: Trouble, detail: str) -> None:
    """Write down why an errand brought no answer.

    :param url: what was asked for last: redirects may have led there from the errand's address.
    """
    ledger = course.ledger
    if errand.kind is ErrandKind.LISTING:
        course.listing_failed(trouble, detail, url=url)
        return
    if errand.kind is ErrandKind.PROBE:
        ledger.probe(errand.key, errand.url, "")
    if trouble in _OF_THE_WHOLE_RUN:
        ledger.problem(trouble, detail, url=url)
    elif errand.kind not in {ErrandKind.PROBE, ErrandKind.EDITS, ErrandKind.TRIAL}:
        ledger.unreadable(errand.url, url, Way.PAGE, course.host.clock.now(), detail)
