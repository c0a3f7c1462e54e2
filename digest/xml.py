"""XML that we write: elements, constructs of text, and the whole document as a text."""

from __future__ import annotations

import re

from lxml import etree
from markupsafe import escape

from digest.html import language_of

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
"""Of ``fh:archive`` (RFC 5005)."""
TERMS = "http://purl.org/dc/terms/"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
UNKNOWN = "und"
"""What is written where a language is not known (BCP 47): without it the document's own language would be taken."""

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (§2.2). The renderings' words are rid of it; this is the last gate."""


def child(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Add an element with a text and attributes to another, and return it; tags are ``{namespace}name``."""
    made = etree.SubElement(parent, tag, {name: clean(value) for name, value in attributes.items()})
    if text is not None:
        made.text = clean(text)
    return made


def text_construct(parent: etree._Element, tag: str, text: str) -> etree._Element:
    """Add an Atom text construct (RFC 4287 §3.1) that everybody reads as text.

    Text with ``<`` or ``&`` in it is written as HTML that says so: there are readers that take all for HTML.
    """
    if "<" in text or "&" in text:
        return child(parent, tag, str(escape(text)), type="html")
    return child(parent, tag, text)


def clean(text: str) -> str:
    r"""Return text without what XML forbids.

    >>> clean("a\x00b\ufffec\ud800")
    'abc'
    """
    return _FORBIDDEN.sub("", text)


def language_for(language: str) -> str:
    """Return what ``xml:lang`` says of a language."""
    return language_of(language) or UNKNOWN


def document(root: etree._Element) -> str:
    """Return a document in UTF-8 with its declaration, ending with a line feed."""
    etree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{etree.tostring(root, encoding="unicode")}\n'
