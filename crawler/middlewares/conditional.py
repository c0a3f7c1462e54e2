"""Conditional requests (RFC 9110 §13): what a server gave with an answer is given back to it, word for word."""

from __future__ import annotations

import re

from scrapy import Request
from scrapy.http import Response

from crawler.freshness import keeps_validators
from crawler.meta import same_host, validators_of
from news.article import Validators
from news.fingerprint import body_digest

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


def validators_in(response: Response, *, digest: bool = False) -> Validators:
    """Return the validators of an answer, verbatim, weak ones with their ``W/``; none where they cannot be believed.

    :param digest: whether to add the hash of the body, once it is unpacked.
    """
    hashed = body_digest(response.body) if digest else ""
    if not keeps_validators(headers_of(response)):
        return Validators(digest=hashed)
    return Validators(
        etag=_text(response.headers.get(b"ETag")),
        last_modified=_text(response.headers.get(b"Last-Modified")),
        digest=hashed,
    )


def headers_of(response: Response) -> dict[str, str]:
    """Return an answer's headers as text, names in lower case, repeated ones joined (RFC 9110 §5.3)."""
    return {
        name.decode("latin-1").lower(): ", ".join(value.decode("latin-1") for value in values)
        for name, values in response.headers.items()
    }


_PACKED = re.compile(r"(?:-{1,2}|;)(?:gzip|br|zstd|deflate)\Z", re.IGNORECASE)


def same_tag(one: str, other: str) -> bool:
    """Compare two entity tags weakly (RFC 9110 §8.8.3.2), whatever packing a server wrote into them.

    >>> same_tag('W/"a-1"', '"a-1"'), same_tag('"a-1-gzip"', '"a-1"'), same_tag('"a-1"', '"a-2"')
    (True, True, False)
    """
    return _opaque(one) == _opaque(other)


def _opaque(tag: str) -> str:
    return _PACKED.sub("", tag.strip().removeprefix("W/").strip('"'))


def is_same_body(sent: Validators, got: Validators) -> bool:
    """Say whether an answer is what we have already, although its server did not say so with a 304.

    The body must be the same byte for byte, and a tag must not speak against it. A date alone says nothing: some
    servers write the present one.
    """
    return bool(sent.digest) and sent.digest == got.digest and same_tag(sent.etag, got.etag)


def refreshed(sent: Validators, got: Validators) -> Validators:
    """Return the validators to keep after an answer that told nothing new: its own where it gave any (RFC 9111 §4.3.4).

    A 304 need not repeat them.
    """
    return Validators(
        etag=got.etag or sent.etag,
        last_modified=got.last_modified or sent.last_modified,
        digest=sent.digest,
    )


def _text(value: bytes | None) -> str:
    return value.decode("latin-1") if value else ""


def asked_conditionally(response: Response) -> bool:
    """Say whether the answer's own request, after all redirects, carried a validator."""
    request = response.request
    return request is not None and any(header in request.headers for header, _ in _PAIRS)
