"""Redirects, followed as Scrapy does, without a referrer."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from crawler.failures import RefusedAddress

PERMANENT = frozenset({301, 308})
"""Statuses that say: ask there from now on (RFC 9110 §15.4.2, §15.4.9)."""


class QuietRedirectMiddleware(RedirectMiddleware):
    """Scrapy's own middleware, told that there is no referrer, and so not to look for who would set one."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def process_response(  # type: ignore[override]  # Scrapy passes no spider any more
        self, request: Request, response: Response
    ) -> Request | Response:
        try:
            return super().process_response(request, response)
        except ValueError as error:  # ``javascript:…``: Scrapy can make no request of it
            raise RefusedAddress(f"redirected to what is no web address: {str(error)[:200]}") from None

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)


def moved_for_good(response: Response) -> str:
    """Return where the request's address has moved to for good, or nothing where one hop was only temporary."""
    reasons = response.meta.get("redirect_reasons", ())
    return response.url if reasons and PERMANENT.issuperset(reasons) else ""
