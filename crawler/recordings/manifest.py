"""The manifest of a recording in directory form: ``recording.toml``, read strictly and written plainly."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from w3lib.url import safe_url_string

from crawler.recordings.model import SCHEMA, Discovered, Headers, to_utc
from news.errors import RecordingError

MANIFEST = "recording.toml"

_KEYS = {"schema", "clock", "sources", "definitions", "discovery", "answers"}
_DISCOVERY_KEYS = {"url", "channels", "language", "browser"}
_ANSWER_KEYS = {"url", "method", "status", "at", "headers", "file", "body", "error"}
_PLAIN_URL = re.compile(r"[!-~]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One ``[[answers]]`` table: an answer whose body may stand in a file."""

    url: str
    method: str
    status: int
    at: datetime
    headers: Headers
    file: str
    body: str
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What ``recording.toml`` says; ``definitions`` is a file name, or empty."""

    clock: datetime
    sources: tuple[str, ...]
    definitions: str
    entries: tuple[Entry, ...]
    discovery: Discovered | None = None


def parse_manifest(text: str) -> Manifest:
    """Read a manifest.

    Raises:
        RecordingError: it is no TOML, or a key is unknown, missing or of the wrong type; names the key.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecordingError(f"not valid TOML: {error}") from error
    _refuse_unknown(table, _KEYS)
    schema = _required(table, "schema", int)
    if schema != SCHEMA:
        raise RecordingError(f"schema: {schema} is not known; this tidings reads {SCHEMA}")
    clock = _utc(_required(table, "clock", datetime), "clock")
    return Manifest(
        clock=clock,
        sources=_sources(_required(table, "sources", list)),
        definitions=_optional(table, "definitions", str, ""),
        entries=tuple(_entry(number, entry, clock) for number, entry in _tables(table)),
        discovery=_discovery(table.get("discovery")),
    )


def dump_manifest(manifest: Manifest) -> str:
    """Write a manifest; what is read back is equal to it."""
    lines = [
        f"schema = {SCHEMA}",
        f"clock = {_time(manifest.clock)}",
        f"sources = [{', '.join(map(_text, manifest.sources))}]",
    ]
    if manifest.definitions:
        lines.append(f"definitions = {_text(manifest.definitions)}")
    if manifest.discovery is not None:
        asked = manifest.discovery
        lines += [
            "",
            "[discovery]",
            f"url = {_text(asked.url)}",
            f"channels = [{', '.join(map(_text, asked.channels))}]",
            f"language = {_text(asked.language)}",
            f"browser = {'true' if asked.browser else 'false'}",
        ]
    for entry in manifest.entries:
        lines += ["", "[[answers]]", *_entry_lines(entry, manifest.clock)]
    return "\n".join(lines) + "\n"


def _entry_lines(entry: Entry, clock: datetime) -> list[str]:
    lines = [f"url = {_text(entry.url)}"]
    if entry.method != "GET":
        lines.append(f"method = {_text(entry.method)}")
    if entry.at != clock:
        lines.append(f"at = {_time(entry.at)}")
    if entry.error:
        return [*lines, f"error = {_text(entry.error)}"]
    lines.append(f"status = {entry.status}")
    if entry.headers:
        lines += ["headers = [", *(f"  {_pair(name, value)}," for name, value in entry.headers), "]"]
    if entry.file:
        lines.append(f"file = {_text(entry.file)}")
    elif entry.body:
        lines.append(f"body = {_text(entry.body)}")
    return lines


def _entry(number: int, table: Any, clock: datetime) -> Entry:
    try:
        _check_keys(table)
        error = _optional(table, "error", str, "")
        url = _required(table, "url", str)
        return Entry(
            url=url if _PLAIN_URL.fullmatch(url) else safe_url_string(url),
            method=_optional(table, "method", str, "GET"),
            status=_optional(table, "status", int, 0 if error else 200),
            at=_utc(_optional(table, "at", datetime, clock), "at"),
            headers=_headers(table.get("headers", ())),
            file=_optional(table, "file", str, ""),
            body=_optional(table, "body", str, ""),
            error=error,
        )
    except RecordingError as refusal:
        raise RecordingError(f"answers[{number}]: {refusal}") from refusal


def _check_keys(table: Any) -> None:
    if not isinstance(table, dict):
        raise RecordingError("is not a table")
    _refuse_unknown(table, _ANSWER_KEYS)
    clash = sorted(table.keys() & {"status", "headers", "file", "body"}) if table.get("error") else ()
    if clash:
        raise RecordingError(f"{clash[0]}: an answer with an error has no {clash[0]}")
    if "file" in table and "body" in table:
        raise RecordingError("body: there is a file too; keep one of them")


def _tables(table: dict[str, Any]) -> enumerate[Any]:
    return enumerate(_optional(table, "answers", list, []), 1)


def _headers(value: Any) -> Headers:
    if isinstance(value, dict):
        pairs: list[Any] = [[name, content] for name, content in value.items()]
    elif isinstance(value, (list, tuple)):
        pairs = list(value)
    else:
        raise RecordingError("headers: neither a table nor an array of [name, value]")
    return tuple(_header(pair) for pair in pairs)


def _header(pair: Any) -> tuple[str, str]:
    match pair:
        case [str(name), str(value)]:
            return name, value
        case [str(name), str(value), "latin-1"]:
            # Bytes that are no UTF-8 are written one character a byte.
            try:
                return name, value.encode("latin-1").decode("utf-8", "surrogateescape")
            except UnicodeEncodeError as error:
                raise RecordingError(f"headers: {name} is not Latin-1, as it says") from error
        case _:
            raise RecordingError(f"headers: {pair!r} is not a name and a value, both text")


def _pair(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogateescape").decode("latin-1")
        return f'[{_text(name)}, {_text(raw)}, "latin-1"]'
    return f"[{_text(name)}, {_text(value)}]"


def _discovery(table: Any) -> Discovered | None:
    if table is None:
        return None
    if not isinstance(table, dict):
        raise RecordingError("discovery: is not a table")
    _refuse_unknown(table, _DISCOVERY_KEYS)
    return Discovered(
        url=_required(table, "url", str),
        channels=_sources(_optional(table, "channels", list, [])),
        language=_optional(table, "language", str, ""),
        browser=_flag(table, "browser"),
    )


def _sources(values: list[Any]) -> tuple[str, ...]:
    for value in values:
        if not isinstance(value, str):
            raise RecordingError(f"sources: {value!r} is not text")
    return tuple(values)


def _required(table: dict[str, Any], key: str, kind: type[Any]) -> Any:
    if key not in table:
        raise RecordingError(f"{key}: is missing")
    return _optional(table, key, kind, None)


def _optional(table: dict[str, Any], key: str, kind: type[Any], default: Any) -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RecordingError(f"{key}: {value!r} is not {_NAMES[kind]}")
    return value


def _flag(table: dict[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise RecordingError(f"{key}: {value!r} is neither true nor false")
    return value


_NAMES: dict[type[Any], str] = {
    int: "a whole number",
    str: "text",
    list: "an array",
    datetime: "a time with an offset",
}


def _utc(value: datetime, key: str) -> datetime:
    try:
        return to_utc(value)
    except RecordingError as error:
        raise RecordingError(f"{key}: {error}") from error


def _refuse_unknown(table: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise RecordingError(f"{unknown[0]}: no such key; known are {', '.join(sorted(known))}")


def _time(moment: datetime) -> str:
    return moment.isoformat().removesuffix("+00:00") + "Z"


def _text(value: str) -> str:
    return '"' + "".join(_ESCAPES.get(char) or _escape(char) for char in value) + '"'


def _escape(char: str) -> str:
    code = ord(char)
    # Direction marks and other invisible characters are escaped, so that a review sees them.
    return char if char.isprintable() else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
