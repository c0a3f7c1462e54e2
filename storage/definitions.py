"""A source as JSON, strictly and without loss: what ``sources.definition`` and ``wrappers.selectors`` hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from news.errors import StorageError
from news.source import ArticleRules, Channel, RequestRules, Source, Wrapper
from news.whereabouts import Whereabouts, found_at

T = TypeVar("T")
Reader = Callable[[Any, str], Any]

LEARNT = ("url", "page_url")
"""Fields whose place a learnt address may have taken; the declared one then stands beside it."""
_DECLARED = frozenset(f"declared_{key}" for key in LEARNT)
_SELECTORS = frozenset({"wrapper", "article"})
_WHEREABOUTS = "whereabouts"


def source_to_dict(source: Source) -> dict[str, Any]:
    """Return a source as JSON-ready values: every field, tuples as lists."""
    return {field.name: _plain(getattr(source, field.name)) for field in fields(source)}


def source_from_dict(value: Mapping[str, Any]) -> Source:
    """Return the source that ``source_to_dict`` was given; a field that is younger than the row has its default.

    Raises:
        StorageError: for a key that is unknown or missing and for a value of another type, naming it.
    """
    return _read(Source, value, f"source {value.get('name', '')!r}")


def stored_source(definition: Mapping[str, Any], selectors: Mapping[str, Any] | None) -> Source:
    """Return a source as it is used: ``sources.definition`` with the selectors of the wrapper in use, if there is one.

    A definition whose address was learnt from a permanent redirect keeps the declared one as ``declared_url`` (and so
    for the page that people know). Selectors that were made for another address carry it, as their whereabouts.

    Raises:
        StorageError: as ``source_from_dict`` does.
    """
    merged = {key: each for key, each in definition.items() if key not in _DECLARED}
    if selectors is None:
        return source_from_dict(merged)
    _check_selectors(selectors)
    merged |= {key: selectors[key] for key in _SELECTORS}
    return found_at(source_from_dict(merged), whereabouts_from_dict(selectors))


def former_urls(definition: Mapping[str, Any], source: Source) -> tuple[str, ...]:
    """Return where a source was asked for before: as it was declared, and before it was found elsewhere.

    Args:
        definition: as it is stored.
        source: the source as it is used.
    """
    urls = (definition.get("url", ""), definition.get("declared_url", ""))
    return tuple(dict.fromkeys(url for url in urls if url and url != source.url))


def selectors_to_dict(source: Source, whereabouts: Whereabouts | None = None) -> dict[str, Any]:
    """Return what a wrapper version holds: the selectors of a source, and whereabouts that are not declared."""
    kept = {key: _plain(getattr(source, key)) for key in _SELECTORS}
    return kept if whereabouts is None else kept | {_WHEREABOUTS: _plain(whereabouts)}


def whereabouts_from_dict(value: Mapping[str, Any] | None) -> Whereabouts | None:
    """Return the whereabouts that ``selectors_to_dict`` was given.

    Raises:
        StorageError: as ``source_from_dict`` does.
    """
    kept = (value or {}).get(_WHEREABOUTS)
    return None if kept is None else _read(Whereabouts, kept, "stored whereabouts")


def selectors_from_dict(value: Mapping[str, Any]) -> tuple[Wrapper, ArticleRules]:
    """Return the selectors that ``selectors_to_dict`` was given.

    Raises:
        StorageError: as ``source_from_dict`` does.
    """
    _check_selectors(value)
    return (
        _read(Wrapper, value["wrapper"], "stored wrapper"),
        _read(ArticleRules, value["article"], "stored article rules"),
    )


def _check_selectors(value: Mapping[str, Any]) -> None:
    if set(value) - {_WHEREABOUTS} != _SELECTORS:
        raise StorageError(
            f"stored wrapper: it holds {', '.join(sorted(value))} in place of wrapper and article"
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Wrapper | ArticleRules | RequestRules | Whereabouts):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Channel) else value


def _read(kind: type[T], value: Any, where: str) -> T:
    readers = _READERS[kind]
    if not isinstance(value, Mapping):
        raise StorageError(f"{where}: a table was expected, not {value!r}")
    if wrong := sorted((set(value) - set(readers)) | (_needed(kind) - set(value))):
        raise StorageError(
            f"{where}: {', '.join(wrong)} should not stand there, or is missing; was the row changed by hand?"
        )
    read = {name: reader for name, reader in readers.items() if name in value}
    return kind(**{name: reader(value[name], f"{where}, {name}") for name, reader in read.items()})


def _needed(kind: type) -> set[str]:
    """Return the fields without a default; the others may be younger than the row."""
    return {each.name for each in fields(kind) if each.default is each.default_factory is MISSING}


def _of(kind: type, *others: type) -> Reader:
    def read(value: Any, where: str) -> Any:
        # bool is an int to Python, but not to us
        if not isinstance(value, (kind, *others)) or isinstance(value, bool):
            raise StorageError(f"{where}: {value!r} is not of type {kind.__name__}")
        return kind(value)

    return read


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise StorageError(f"{where}: {value!r} is neither true nor false")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise StorageError(f"{where}: a list was expected, not {value!r}")
    return tuple(_text(each, where) for each in value)


def _pairs(value: Any, where: str) -> tuple[tuple[str, ...], ...]:
    pairs = tuple(_texts(each, where) for each in value) if isinstance(value, list) else ()
    if not isinstance(value, list) or any(len(pair) != 2 for pair in pairs):
        raise StorageError(f"{where}: a list of pairs was expected, not {value!r}")
    return pairs


def _channel(value: Any, where: str) -> Channel:
    try:
        return Channel(value)
    except ValueError:
        raise StorageError(f"{where}: {value!r} is no channel that this version knows") from None


def _nested(kind: type) -> Reader:
    return lambda value, where: _read(kind, value, where)


_text = _of(str)
_READERS: dict[type, dict[str, Reader]] = {
    Wrapper: {field.name: _texts for field in fields(Wrapper)},
    ArticleRules: {field.name: _texts for field in fields(ArticleRules)},
    RequestRules: {
        "delay_seconds": _of(float, int),
        "headers": _pairs,
        "user": _text,
        "password": _text,
        "proxy": _text,
        "allow_private": _flag,
        "browser": _flag,
    },
    Whereabouts: {
        "url": _text,
        "channel": _channel,
        "page_url": _text,
        "whole_bodies": _flag,
        "hosts": _texts,
    },
    Source: {
        "name": _text,
        "url": _text,
        "wrapper": _nested(Wrapper),
        "title": _text,
        "site": _text,
        "channel": _channel,
        "page_url": _text,
        "whole_bodies": _flag,
        "language": _text,
        "time_zone": _text,
        "schedule": _text,
        "baseline_pages": _of(int),
        "max_pages": _of(int),
        "article": _nested(ArticleRules),
        "request": _nested(RequestRules),
        "hosts": _texts,
    },
}
