"""The text of a page whose bytes and labels disagree.

Servers label UTF-8 pages as ISO-8859-1 (an old default) and pages in a national code page as UTF-8. Bytes that form
UTF-8 with letters beyond ASCII did not come about by chance, so they win over a label that names a single-byte code;
a label that the bytes contradict gives way to the page's own ``<meta charset>``. Otherwise the framework's reading
stands, which follows the WHATWG Encoding Standard through w3lib.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

if TYPE_CHECKING:
    from scrapy.http import TextResponse

_SINGLE_BYTE = (
    "iso8859",
    "cp125",
    "cp437",
    "cp85",
    "cp86",
    "koi8",
    "mac",
    "latin",
    "ascii",
    "tis_620",
    "cp874",
)


# A page without one well-formed letter beyond ASCII is not UTF-8 with a slip in it, but something else.
_WELL_FORMED = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LANGUAGE = re.compile(rb"<html[^>]{0,300}?\blang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_CODE_PAGES = (
    ("cp1256", "ar fa ur"),
    ("cp1251", "be bg mk ru sr uk"),
    ("cp1250", "cs hr hu pl sk sl"),
    ("cp1254", "az ku tr"),
    ("cp1253", "el"),
    ("cp1255", "he"),
)


def decode(body: bytes, declared: str | None, response_text: str) -> str:
    """Return the text of a page, mended if its label contradicts its bytes.

    Args:
        body: the bytes, after content decoding (gzip and the like).
        declared: the charset of the ``Content-Type`` header, if it names one.
        response_text: what the framework made of the bytes; returned wherever nothing speaks against it.

    >>> decode("été".encode(), "iso-8859-1", "Ã©tÃ©")
    'été'
    """
    if body.isascii() or read_bom(body)[0]:
        return response_text
    label = _codec(declared) or _codec(html_body_declared_encoding(body[:4096]))
    utf8 = _as_utf8(body)
    if utf8 is not None:
        return utf8 if label is None or label.startswith(_SINGLE_BYTE) else response_text
    if label != "utf-8":
        return response_text
    other = _codec(html_body_declared_encoding(body[:4096]))
    if other is None or other == "utf-8":
        mixed = _WELL_FORMED.search(body) or b"\0" in body
        return response_text if mixed else body.decode(_code_page(body), "replace")
    try:
        return body.decode(other)
    except (UnicodeDecodeError, LookupError):
        return response_text


def page_text(response: TextResponse) -> str:
    """Return the text of a response, mended by `decode`."""
    header = response.headers.get(b"Content-Type")
    declared = http_content_type_encoding(header.decode("latin-1")) if header else None
    return decode(response.body, declared, response.text)


def _code_page(body: bytes) -> str:
    """Return the code page that browsers fall back to for the page's language (WHATWG HTML, 13.2.3.2)."""
    match = _LANGUAGE.search(body[:4096])
    language = match[1].decode().lower() if match else ""
    return next((page for page, languages in _CODE_PAGES if language in languages.split()), "cp1252")


def _codec(label: str | None) -> str | None:
    """Return Python's name of a codec, or None for a label that names none."""
    name = resolve_encoding(label) if label else None
    if not name:
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _as_utf8(body: bytes) -> str | None:
    """Return the text if the bytes are UTF-8, where only the end may be cut off inside a letter."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if (
            error.reason == "unexpected end of data"
            and error.end >= len(body)
            and error.start > len(body) - 4
        ):
            return body[: error.start].decode("utf-8") if not body[: error.start].isascii() else None
        return None
