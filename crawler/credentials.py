"""A source's own headers, basic authentication and proxy, read from the environment."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

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
