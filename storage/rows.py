"""Between frozen types and rows: JSON of dataclasses, stamps, and statements in bounded chunks."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from news.dates import Precision, Stamp

T = TypeVar("T")

CHUNK = 500
"""Keys in one ``IN``: few enough for every database, enough to make the round trips cheap."""


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield ``items`` in pieces of at most ``size``.

    >>> [list(some) for some in chunks([1, 2, 3], size=2)]
    [[1, 2], [3]]
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]


@lru_cache(maxsize=32)
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def _kind(value: object) -> Hashable:
    return cast(Hashable, type(value))


def dump(value: object) -> Any:
    """Return a frozen dataclass as JSON-ready values."""
    return _adapter(_kind(value)).dump_python(value, mode="json")


def load(kind: type[T], value: Any) -> T:
    """Return the frozen dataclass that ``dump`` was given; tuples and datetimes come back as such."""
    return cast(T, _adapter(cast(Hashable, kind)).validate_python(value, strict=False))


def dump_bytes(value: object) -> bytes:
    """Return a frozen dataclass as JSON bytes."""
    return _adapter(_kind(value)).dump_json(value)


def load_bytes(kind: type[T], value: bytes) -> T:
    """Return the frozen dataclass that ``dump_bytes`` was given."""
    return cast(T, _adapter(cast(Hashable, kind)).validate_json(value))


def stamp_from(value: dict[str, Any] | None) -> Stamp | None:
    """Return the stamp kept as JSON, or None."""
    return None if value is None else load(Stamp, value)


def stamp(at: datetime | None, precision: str, provenance: str) -> Stamp | None:
    """Return the stamp kept in three columns, or None."""
    return None if at is None else Stamp(at=at, precision=Precision(precision), provenance=provenance)
