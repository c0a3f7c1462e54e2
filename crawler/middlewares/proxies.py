"""Proxies: the one that a source declares; those of the environment only where an operator says so."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware


class ProxyMiddleware(HttpProxyMiddleware):
    """Scrapy's own, which would obey ``http_proxy`` and its kin without being asked to.

    What a proxy connects to cannot be checked here, so that a variable left over from something else would open the
    gate. The setting ``TIDINGS_ENVIRONMENT_PROXIES`` lets them count.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        if not crawler.settings.getbool("TIDINGS_ENVIRONMENT_PROXIES"):
            middleware.proxies = {}
        return middleware
