"""Credentials on the wire: bound to the source's own host."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request

from crawler.credentials import Credentials
from crawler.meta import SECRET_HEADERS, course_of, same_host


class CredentialsMiddleware:
    """Adds a source's credentials to requests of its own host, and takes them off every other, redirects included."""

    def process_request(self, request: Request) -> None:
        course = course_of(request)
        if course is None or not course.credentials:
            return
        credentials = course.credentials
        if _may_carry(request.url, credentials.url):
            self._put_on(request, credentials)
        else:
            self._take_off(request, credentials)

    @staticmethod
    def _put_on(request: Request, credentials: Credentials) -> None:
        for name, value in credentials.headers:
            request.headers[name] = value
        request.meta[SECRET_HEADERS] = credentials.names
        if credentials.proxy:
            request.meta["proxy"] = credentials.proxy

    @staticmethod
    def _take_off(request: Request, credentials: Credentials) -> None:
        for name in credentials.names:
            request.headers.pop(name, None)
        request.meta.pop(SECRET_HEADERS, None)
        if credentials.proxy:
            request.headers.pop("Proxy-Authorization", None)
            for key in ("proxy", "_auth_proxy", "_scheme_proxy"):
                request.meta.pop(key, None)


def _may_carry(url: str, own_url: str) -> bool:
    """A secret that was declared for https never travels over plain http."""
    return same_host(url, own_url) and (urlsplit(url).scheme == "https" or urlsplit(own_url).scheme == "http")
