"""Answers as WARC records and back (WARC 1.1, ISO 28500:2017)."""

import hashlib
import json
import uuid
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from http.client import responses
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders

from crawler.recordings.model import SCHEMA, Discovered, Headers, RecordedAnswer, to_utc
from news.errors import RecordingError

_IDS = uuid.UUID("5b0d2c4e-7f0e-5a3c-9b64-2f7b6a0f6b11")
_INFO = "tidings-recording: "
_HTTP = "application/http; msgtype="


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a recording says before its answers; ``count`` is None while the crawl still runs."""

    clock: datetime
    sources: tuple[str, ...]
    definitions: str
    count: int | None
    discovery: Discovered | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One WARC record as read: its named fields, in lower case, and its block."""

    fields: dict[str, str]
    block: bytes


def head_record(head: Head) -> ArcWarcRecord:
    """The ``warcinfo`` record that opens a recording."""
    about = {
        "schema": SCHEMA,
        "clock": head.clock.isoformat(),
        "sources": list(head.sources),
        "definitions": head.definitions,
        "answers": head.count,
    }
    if head.discovery is not None:
        about["discovery"] = asdict(head.discovery)
    lines = ("software: tidings", "format: WARC File Format 1.1", _INFO + json.dumps(about, sort_keys=True))
    block = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    return _record("warcinfo", "application/warc-fields", head.clock, block, {})


def answer_records(answer: RecordedAnswer, order: int) -> tuple[ArcWarcRecord, ArcWarcRecord]:
    """The pair for one answer: a ``response`` (or, for an error, ``metadata``) and its ``request``.

    The request is written from method and URL alone: what else was sent may be a credential.

    Args:
        answer: the answer.
        order: its place among the requests of the crawl, from 0.
    """
    place = {"Tidings-Order": str(order), "WARC-Target-URI": answer.url}
    if answer.error:
        block = f"fetch-error: {answer.error}\r\n".encode("ascii")
        first = _record("metadata", "application/warc-fields", answer.at, block, place, payload=block)
    else:
        block = _response_head(answer) + answer.body
        first = _record("response", f"{_HTTP}response", answer.at, block, place, payload=answer.body)
    pair = place | {"WARC-Concurrent-To": str(first.rec_headers.get_header("WARC-Record-ID"))}
    asked = _request_head(answer)
    return first, _record("request", f"{_HTTP}request", answer.at, asked, pair, payload=b"")


def head_from(record: Record) -> Head:
    """Read the opening record.

    Raises:
        RecordingError: this is not the opening of a recording of tidings.
    """
    lines = record.block.decode("utf-8", "replace").split("\r\n")
    stated = next((line.removeprefix(_INFO) for line in lines if line.startswith(_INFO)), None)
    if record.fields.get("warc-type") != "warcinfo" or stated is None:
        raise RecordingError("this WARC file was not recorded by tidings; make one with `tidings record`")
    try:
        about: dict[str, Any] = json.loads(stated)
        schema = about["schema"]
        if schema != SCHEMA:
            raise RecordingError(
                f"schema {schema!r} is not known, only {SCHEMA}; use the tidings that wrote it"
            )
        return Head(
            clock=to_utc(datetime.fromisoformat(about["clock"])),
            sources=tuple(_texts(about["sources"])),
            definitions=about["definitions"],
            count=about["answers"],
            discovery=_discovery(about.get("discovery")),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecordingError(f"the opening record is damaged ({error!r}); take a whole copy") from error


def answer_from(first: Record, request: Record) -> tuple[int, RecordedAnswer]:
    """Read one pair: the place among the requests and the answer.

    Raises:
        RecordingError: the two records are no such pair.
    """
    if request.fields.get("warc-type") != "request":
        raise RecordingError("a response is not followed by its request")
    if request.fields.get("warc-concurrent-to") != first.fields.get("warc-record-id"):
        raise RecordingError("a request belongs to another response")
    try:
        url, method = first.fields["warc-target-uri"], request.block.split(b" ", 1)[0].decode("ascii")
        at = to_utc(datetime.fromisoformat(first.fields["warc-date"]))
        order = int(first.fields["tidings-order"])
        if first.fields["warc-type"] == "metadata":
            kind = first.block.decode("ascii").strip().removeprefix("fetch-error: ")
            return order, RecordedAnswer(url=url, method=method, at=at, status=0, error=kind)
        status, headers, body = _parse_response(first.block)
        return order, RecordedAnswer(url=url, method=method, at=at, status=status, headers=headers, body=body)
    except (ValueError, KeyError, IndexError) as error:
        raise RecordingError(f"its fields cannot be read ({error!r})") from error


def block_digest(block: bytes) -> str:
    """A labelled digest as WARC writes it: the algorithm and Base32."""
    return f"sha256:{b32encode(hashlib.sha256(block).digest()).decode('ascii')}"


def _record(
    kind: str,
    content_type: str,
    at: datetime,
    block: bytes,
    extra: dict[str, str],
    *,
    payload: bytes | None = None,
) -> ArcWarcRecord:
    digest = block_digest(block)
    stamp = at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    # Ids come from the content and its place, so that packing the same recording twice gives the same bytes.
    name = "\n".join((kind, stamp, digest, *extra.values()))
    own_id = f"<urn:uuid:{uuid.uuid5(_IDS, name)}>"
    fields = [("WARC-Type", kind), ("WARC-Record-ID", own_id), ("WARC-Date", stamp)]
    fields += list(extra.items())
    fields.append(("WARC-Block-Digest", digest))
    if payload is not None:
        fields.append(("WARC-Payload-Digest", digest if payload is block else block_digest(payload)))
    # Built without warcio's HTTP headers: it would rewrite those that are not ASCII.
    headers = StatusAndHeaders("", fields, protocol="WARC/1.1")
    return ArcWarcRecord("warc", kind, headers, BytesIO(block), None, content_type, len(block))


def _response_head(answer: RecordedAnswer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape")


def _request_head(answer: RecordedAnswer) -> bytes:
    parts = urlsplit(answer.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{answer.method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode("ascii")


def _parse_response(block: bytes) -> tuple[int, Headers, bytes]:
    head, _, body = block.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(": ")
        headers.append((name, value))
    return int(status_line.split(" ")[1]), tuple(headers), body


def _discovery(about: dict[str, Any] | None) -> Discovered | None:
    if about is None:
        return None
    [url, language] = _texts((about["url"], about["language"]))
    channels = tuple(_texts(about["channels"]))
    return Discovered(url=url, channels=channels, language=language, browser=about["browser"] is True)


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is not text")
        yield value
