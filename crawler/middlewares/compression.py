"""Unpacks answers, and refuses those that end before their packing does: half a listing would pass for a whole one."""

from __future__ import annotations

import zlib

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import ResponseDataLossError

_GZIP = frozenset({b"gzip", b"x-gzip"})


class WholeCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's own, save that it makes no secret of a body that was cut off: Scrapy hands on what it could read."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        try:
            unpacked = super(WholeCompressionMiddleware, WholeCompressionMiddleware)._decode(
                body, encoding, max_size
            )
        except (EOFError, OSError, zlib.error) as error:
            raise ResponseDataLossError(f"the body is no {encoding.decode('latin-1')}: {error}") from error
        if encoding in _GZIP and body and not _is_whole(body, len(unpacked)):
            raise ResponseDataLossError("the body ends before its gzip stream does")
        return unpacked


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
