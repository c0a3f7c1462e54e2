"""Conditional requests (RFC 9110 §13): what a server gave with an answer is given back to it, word for word."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from crawler.meta import same_host, validators_of
from news.article import Validators

_PAIRS = ((b"If-None-Match", "etag"), (b"If-Modified-Since", "last_modified"))


class ConditionalMiddleware:
    """Sends ``request.meta["validators"]``, and nothing of the kind on any other request.

    Scrapy's HTTP cache would hand the spider the old body for a 304; here a 304 stays a 304. A redirect keeps the
    validators while it stays on the host that gave them.
    """

    def process_request(self, request: Request) -> None:
        validators = validators_of(request)
        if validators and "redirect_urls" in request.meta and not _stays(request):
            validators = Validators()
        for header, name in _PAIRS:
            value = getattr(validators, name)
            if value:
                request.headers[header] = value.encode("latin-1", errors="replace")
            elif header in request.headers:
                del request.headers[header]


def _stays(request: Request) -> bool:
    return all(same_host(request.url, url) for url in request.meta["redirect_urls"])


def validators_in(response: Response) -> Validators:
    """Return the validators of an answer, verbatim, weak ones with their ``W/``."""
    return Validators(
        etag=_text(response.headers.get(b"ETag")), last_modified=_text(response.headers.get(b"Last-Modified"))
    )


def _text(value: bytes | None) -> str:
    return value.decode("latin-1") if value else ""


def asked_conditionally(response: Response) -> bool:
    """Say whether the answer's own request, after all redirects, carried a validator."""
    request = response.request
    return request is not None and any(header in request.headers for header, _ in _PAIRS)
