"""A source's own headers, basic authentication and proxy: read from the environment, bound to its host."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy import Request

from crawler.meta import SECRET_HEADERS, course_of, same_host
from news.errors import ConfigError
from news.source import Source

_REFERENCE = "env:"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Credentials:
    """What a source's requests carry, with every reference resolved. It has no repr, so that no log can hold it.

    ``values`` are the secrets themselves, for whoever must cut them out of something.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str = ""
    values: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the headers that carry them."""
        return tuple(name for name, _ in self.headers)

    def __bool__(self) -> bool:
        return bool(self.headers or self.proxy)


def resolve(source: Source, environ: Mapping[str, str] = os.environ) -> Credentials:
    """Read what ``source`` names as ``env:NAME``.

    Raises:
        ConfigError: a variable is not set; the message names it, and never a value.
    """
    rules = source.request
    secrets: list[str] = []

    def read(value: str, key: str) -> str:
        if not value.startswith(_REFERENCE):
            return value
        name = value.removeprefix(_REFERENCE)
        if name not in environ:
            raise ConfigError(
                f"source {source.name}: {key} wants the environment variable {name}, which is not set; "
                f"set it where tidings runs, or remove [request] {key}"
            )
        secrets.append(environ[name])
        return environ[name]

    headers = [(name, read(value, f"headers.{name}")) for name, value in rules.headers]
    user, password = read(rules.user, "user"), read(rules.password, "password")
    if user or password:
        basic = b64encode(f"{user}:{password}".encode()).decode("ascii")
        headers.append(("Authorization", f"Basic {basic}"))
        secrets.append(basic)
    proxy = read(rules.proxy, "proxy")
    for _, value in headers:
        if "\r" in value or "\n" in value:
            raise ConfigError(f"source {source.name}: a header's value holds a line break; mend the variable")
    return Credentials(
        url=source.url, headers=tuple(headers), proxy=proxy, values=tuple(value for value in secrets if value)
    )


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
