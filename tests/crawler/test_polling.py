"""Where an answer says that its listing has moved to: what may be learnt of it, and what only followed."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.clock import RunClock
from crawler.course import Course
from crawler.hosts import Host
from crawler.polling import moved_to
from news.source import RequestRules
from tests.crawler.crawling import NOW, plan, source

PUBLIC, PRIVATE = RequestRules(), RequestRules(allow_private=True)


@pytest.mark.parametrize(
    ("url", "reasons", "final", "rules", "learnt"),
    [
        ("https://a.example/feed", [301], "https://b.example/feed", PUBLIC, True),
        ("https://a.example/feed", [308, 301], "https://b.example/feed", PUBLIC, True),
        ("https://a.example/feed", [], "https://a.example/feed", PUBLIC, False),
        ("https://a.example/feed", [302], "https://b.example/feed", PUBLIC, False),
        ("https://a.example/feed", [301, 307], "https://b.example/feed", PUBLIC, False),
        ("https://a.example/feed", [301], "http://a.example/feed", PUBLIC, False),
        ("http://a.example/feed", [301], "https://a.example/feed", PUBLIC, True),
        ("https://a.example/feed", [301], "https://10.0.0.7/feed", PUBLIC, False),
        ("http://127.0.0.1:8000/feed", [301], "http://127.0.0.1:8000/moved", PRIVATE, True),
    ],
)
def test_only_permanent_redirects_to_an_address_as_safe_are_learnt(
    url: str, reasons: list[int], final: str, rules: RequestRules, learnt: bool
) -> None:
    before = plan(source(url, request=rules))
    host = Host(name=before.host.name, clock=RunClock(NOW), delay_seconds=0, state=before.host)
    course = Course(before, host, look_budget=1)
    request = Request(final, meta={"redirect_reasons": reasons, "redirect_urls": [url] * len(reasons)})
    assert moved_to(course, Response(final, request=request)) == (final if learnt else "")
