"""Unpacks answers within bounds, and refuses those that end before their packing does.

Half a listing would pass for a whole one. What unpacks to more than ``DOWNLOAD_MAXSIZE`` is given up as soon as it has,
and one that is packed over and over costs as much for each layer, so these are counted.
"""

from __future__ import annotations

import logging
import zlib
from io import BytesIO

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response
from scrapy.utils._compression import (  # type: ignore[attr-defined]  # what Scrapy found, and advertises
    _check_max_size,
    _DecompressionMaxSizeExceeded,
    brotli,
    zstd,
)

from crawler.failures import PackedTooMuch

MAX_LAYERS = 2
"""How often an answer may be packed; a server that packs a packed file once more is the most that is met."""

_CHUNK_BYTES = 65_536
_GZIP = frozenset({b"gzip", b"x-gzip"})

logger = logging.getLogger(__name__)


class WholeCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's own, save that it makes no secret of a body that was cut off: Scrapy hands on what it could read."""

    @staticmethod
    def _split_encodings(content_encoding: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        layers, kept = super(WholeCompressionMiddleware, WholeCompressionMiddleware)._split_encodings(
            content_encoding
        )
        if len(layers) > MAX_LAYERS:
            raise PackedTooMuch(f"the answer is packed {len(layers)} times over, which is not unpacked")
        return layers, kept

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        name = encoding.decode("latin-1")
        try:
            if encoding == b"br":
                return _unpack_brotli(body, max_size)
            if encoding == b"zstd":
                return _unpack_zstd(body, max_size)
            unpacked = super(WholeCompressionMiddleware, WholeCompressionMiddleware)._decode(
                body, encoding, max_size
            )
        except _DecompressionMaxSizeExceeded as error:  # Scrapy would warn of it: the run tells it, in words
            raise PackedTooMuch("the answer is larger than we read, once it is unpacked") from error
        except (
            EOFError,
            OSError,
            zlib.error,
            brotli.error,
            zstd.ZstdError,
        ) as error:
            raise ResponseDataLossError(f"the body is no {name}: {error}") from error
        if encoding in _GZIP and body and not _is_whole(body, len(unpacked)):
            raise ResponseDataLossError("the body ends before its gzip stream does")
        return unpacked

    def _warn_unknown_encoding(self, response: Response, encodings: list[bytes]) -> None:
        """Say quietly that a packing is unknown: as a rule the body is not packed at all, and is read as it came."""
        logger.info("%s: an unknown Content-Encoding: %.100r", response.url, b",".join(encodings))


def _unpack_brotli(packed: bytes, max_size: int) -> bytes:
    """Unpack brotli (RFC 7932) as Scrapy does, but to the end."""
    if not packed:
        return b""
    stream = brotli.Decompressor()
    unpacked, chunk = BytesIO(), stream.process(packed, output_buffer_limit=_CHUNK_BYTES)
    while chunk:
        unpacked.write(chunk)
        _check_max_size(unpacked.tell(), max_size)
        chunk = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=_CHUNK_BYTES)
    if not stream.is_finished():
        raise EOFError("it ends too early")
    return unpacked.getvalue()


def _unpack_zstd(packed: bytes, max_size: int) -> bytes:
    """Unpack Zstandard (RFC 8878) as Scrapy does, but to the end."""
    unpacked = BytesIO()
    with zstd.ZstdFile(BytesIO(packed)) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            unpacked.write(chunk)
            _check_max_size(unpacked.tell(), max_size)
    return unpacked.getvalue()


def _is_whole(packed: bytes, length: int) -> bool:
    """Say whether a gzip stream is complete, as a rule by the length that its last bytes give (RFC 1952, 2.3.1)."""
    if int.from_bytes(packed[-4:], "little") == length % 2**32:
        return True
    rest = packed  # several members, or something behind the last one: unpack each to its end
    while rest.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(wbits=31)
        try:
            while not member.eof and (rest := member.unconsumed_tail or rest):
                member.decompress(rest, 1 << 20)
                if not member.unconsumed_tail:
                    break
        except zlib.error:
            return True  # rubbish behind a whole member is no loss
        if not member.eof:
            return False
        rest = member.unused_data
    return True
