"""A stored digest read piece by piece: its head first, then one item after the other, however many these are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from json.decoder import JSONDecodeError
from typing import Any

from sqlalchemy import Engine

from digest.content import altered, canonical, check_schema, digest_with, item_from
from digest.model import Digest, DigestItem
from news.errors import DigestError
from storage.digest_texts import DigestKey, digest_text

ITEMS = "items"
LARGEST_ITEM = 16 * 1024 * 1024
"""Characters of one item that are waited for; a whole one is some thousand."""

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenDigest:
    """A digest that was found to be what was stored.

    Args:
        head: all of it but its items.
        items: reads these, from the first one, each time it is called.
    """

    head: Digest
    items: Callable[[], Iterator[DigestItem]]


def open_digest(engine: Engine, key: DigestKey) -> OpenDigest:
    """Look through a stored digest, and return it to be read.

    Raises:
        DigestError: it was made by a newer version, or is not what was stored: the hash does not fit.
    """

    def parts() -> Iterator[tuple[str, Any]]:
        return members(digest_text(engine, key))

    head = {name: value for name, value in parts() if name != ITEMS}
    check_schema(head, key.number)
    if _hash(head, (value for name, value in parts() if name == ITEMS)) != key.hash:
        raise altered(head, key.number)
    return OpenDigest(
        head=digest_with(head, (), hash=key.hash),
        items=lambda: (item_from(value) for name, value in parts() if name == ITEMS),
    )


def members(pieces: Iterator[str]) -> Generator[tuple[str, Any]]:
    """Yield the members of the one object that a JSON text holds; of ``items`` each element as a member.

    Raises:
        DigestError: it is no such text.

    >>> list(members(iter(['{"a": 1', '2, "items": [{"b"', ": 3}, 4], ", '"c": []}'])))
    [('a', 12), ('items', {'b': 3}), ('items', 4), ('c', [])]
    """
    text = _Text(pieces)
    text.expect("{")
    while text.next_is_not("}"):
        name = text.value()
        text.expect(":")
        if name != ITEMS:
            yield name, text.value()
        else:
            text.expect("[")
            while text.next_is_not("]"):
                yield ITEMS, text.value()
                text.skip(",")
        text.skip(",")


class _Text:
    """JSON that is read on as it is needed; what was read is forgotten."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._known = ""
        self._at = 0

    def expect(self, mark: str) -> None:
        """Step over a mark that must be there."""
        if self._peek() != mark:
            raise DigestError(f"stored digest: {mark!r} was expected; restore the database from a backup")
        self._at += 1

    def skip(self, mark: str) -> None:
        """Step over a mark if it is there."""
        if self._peek() == mark:
            self._at += 1

    def next_is_not(self, mark: str) -> bool:
        """Return whether something else comes next; the mark itself is stepped over."""
        if self._peek() != mark:
            return True
        self._at += 1
        return False

    def value(self) -> Any:
        """Return the value that comes next."""
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._known, self._at)
            except JSONDecodeError:
                whole = False
            else:
                whole = end < len(self._known)  # else a number may go on
            if whole:
                self._at = end
                return value
            if len(self._known) - self._at > LARGEST_ITEM or not self._read_on():
                raise DigestError("stored digest: it cannot be read; restore the database from a backup")

    def _peek(self) -> str:
        while True:
            while self._at < len(self._known):
                if not self._known[self._at].isspace():
                    return self._known[self._at]
                self._at += 1
            if not self._read_on():
                return ""

    def _read_on(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._known = self._known[self._at :] + piece
        self._at = 0
        return True


def _hash(head: dict[str, Any], items: Iterator[Any]) -> str:
    """Return the hash of a whole content: `digest.content.canonical` of it, made from its parts."""
    made = hashlib.sha256()
    for number, name in enumerate(sorted([*head, ITEMS])):
        made.update((b"," if number else b"{") + canonical(name) + b":")
        if name != ITEMS:
            made.update(canonical(head[name]))
            continue
        made.update(b"[")
        for place, item in enumerate(items):
            made.update((b"," if place else b"") + canonical(item))
        made.update(b"]")
    made.update(b"}")
    return made.hexdigest()
