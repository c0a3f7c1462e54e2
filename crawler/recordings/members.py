"""The records of a WARC file, read with distrust: cut, damaged and bomb-like files are refused."""

import os
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader

from crawler.recordings.model import MAX_BODY_BYTES
from crawler.recordings.records import Record, block_digest
from news.errors import RecordingError

_CHUNK = 64 * 1024
_MAX_RECORD_BYTES = MAX_BODY_BYTES + 1024 * 1024  # the body and room for the headers
_GZIP = b"\x1f\x8b"
_WHAT_TO_DO = "take a whole copy of the file, or record the crawl again"


def read_records(path: Path, *, max_total_bytes: int) -> Iterator[tuple[str, Record]]:
    """The records one after the other, each with the place where it stands, for messages.

    Args:
        path: a WARC file, each record gzipped on its own or none at all.
        max_total_bytes: how much the decompressed records may have together.

    Raises:
        RecordingError: the file is missing, no WARC, cut short, damaged, or too large once decompressed.
    """
    try:
        with path.open("rb") as file:
            start = file.read(5)
            file.seek(0)
            if start.startswith(_GZIP):
                yield from _gzipped(path, file, max_total_bytes)
            elif start == b"WARC/":
                yield from _plain(path, file, max_total_bytes)
            else:
                what = "is empty" if not start else "is not a WARC file"
                raise RecordingError(f"{path} {what}; a recording is made by `tidings record`")
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from error


def read_record(stream: BinaryIO) -> Record:
    """The record at the stream's position, checked against its own length and digest.

    Raises:
        RecordingError: the record is cut short or damaged.
    """
    try:
        parsed = ArcWarcRecordLoader(arc2warc=False).parse_record_stream(
            stream, known_format="warc", no_record_parse=True
        )
    except (ArchiveLoadFailed, EOFError, ValueError, TypeError, AttributeError) as error:
        raise RecordingError("no WARC record begins here") from error
    fields = {name.lower(): value for name, value in parsed.rec_headers.headers}
    length = parsed.length
    if length is None or str(length) != fields.get("content-length"):
        raise RecordingError("the record has no usable Content-Length")
    if length > _MAX_RECORD_BYTES:
        raise RecordingError(f"the record claims {length} bytes; at most {_MAX_RECORD_BYTES} are taken")
    block = parsed.raw_stream.read(length) if length else b""
    if len(block) != length or stream.read(4) != b"\r\n\r\n":
        raise RecordingError("the record is cut short")
    digest = fields.get("warc-block-digest", "")
    if digest.startswith("sha256:") and digest != block_digest(block):
        raise RecordingError("the record's content does not match its digest")
    return Record(fields=fields, block=block)


def _gzipped(path: Path, file: BinaryIO, max_total_bytes: int) -> Iterator[tuple[str, Record]]:
    total = 0
    for number, (offset, data) in enumerate(_members(path, file, max_total_bytes), 1):
        where = f"{path}: record {number} at byte {offset}"
        total += len(data)
        if total > max_total_bytes:
            raise _too_large(path, max_total_bytes)
        stream = BytesIO(data)
        yield where, _read_at(where, stream)
        if stream.tell() != len(data):
            raise RecordingError(f"{where}: more than one record in one gzip member; pack it with one each")


def _members(path: Path, file: BinaryIO, max_total_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Each gzip member, decompressed, with the offset where it starts; zlib checks length and CRC."""
    largest = min(_MAX_RECORD_BYTES, max_total_bytes)
    offset, pending = 0, b""
    while pending or (pending := file.read(_CHUNK)):
        where = f"{path}: at byte {offset}"
        inflater, out, used = zlib.decompressobj(zlib.MAX_WBITS | 16), bytearray(), 0
        while not inflater.eof:
            pending = pending or file.read(_CHUNK)
            if not pending:
                raise RecordingError(f"{where}: the file is cut short; {_WHAT_TO_DO}")
            try:
                out += inflater.decompress(pending, _CHUNK)
            except zlib.error as error:
                raise RecordingError(f"{where}: the file is damaged ({error}); {_WHAT_TO_DO}") from error
            rest = inflater.unused_data or inflater.unconsumed_tail  # one of them is always empty
            used += len(pending) - len(rest)
            pending = rest
            if len(out) > largest:
                raise RecordingError(f"{where}: a record of more than {largest} bytes once decompressed")
        yield offset, bytes(out)
        offset += used


def _plain(path: Path, file: BinaryIO, max_total_bytes: int) -> Iterator[tuple[str, Record]]:
    size = os.fstat(file.fileno()).st_size
    if size > max_total_bytes:
        raise _too_large(path, max_total_bytes)
    number = 1
    while (offset := file.tell()) < size:
        where = f"{path}: record {number} at byte {offset}"
        yield where, _read_at(where, file)
        number += 1


def _read_at(where: str, stream: BinaryIO) -> Record:
    try:
        return read_record(stream)
    except RecordingError as error:
        raise RecordingError(f"{where}: {error}; {_WHAT_TO_DO}") from error


def _too_large(path: Path, limit: int) -> RecordingError:
    return RecordingError(
        f"{path} holds more than {limit} bytes decompressed; raise the limit if you trust it"
    )
