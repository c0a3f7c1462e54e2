"""What is wrong with a document that is no XML, in words for people: libxml2 speaks of its own parser's states."""

from __future__ import annotations

import re

from lxml import etree

_MISMATCH = re.compile(r"Opening and ending tag mismatch: (\S{1,200}) (?:line \d+ )?and ([^\s,]{1,200})")
_POSITION = re.compile(r",? line \d+, column \d+.*\Z", re.DOTALL)
_PARSER_STATE = re.compile(r"[a-z]+[A-Z]|[A-Z]{2}|\bchar\b")
_MAX_NAME = 40
_MAX_WORDS = 100

_FAULTS: dict[object, str] = {  # the stubs call the codes an enumeration; they are numbers
    etree.ErrorTypes.ERR_ATTRIBUTE_NOT_STARTED: "an attribute's value has no quotation marks",
    etree.ErrorTypes.ERR_ATTRIBUTE_WITHOUT_VALUE: "an attribute has no value",
    etree.ErrorTypes.ERR_ATTRIBUTE_REDEFINED: "an element has the same attribute twice",
    etree.ErrorTypes.ERR_LT_IN_ATTRIBUTE: "an attribute's value holds a bare “<”",
    etree.ErrorTypes.ERR_NAME_REQUIRED: "a “<” begins no tag",
    etree.ErrorTypes.ERR_SPACE_REQUIRED: "a space is missing inside a tag",
    etree.ErrorTypes.ERR_GT_REQUIRED: "a tag has no “>”",
    etree.ErrorTypes.ERR_HYPHEN_IN_COMMENT: "a comment holds “--”",
    etree.ErrorTypes.ERR_MISPLACED_CDATA_END: "“]]>” stands in a text",
    etree.ErrorTypes.ERR_RESERVED_XML_NAME: "an XML declaration stands inside it",
    etree.ErrorTypes.ERR_DOCUMENT_END: "something follows its last tag",
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "it does not begin with a tag",
    etree.ErrorTypes.ERR_INVALID_CHAR: "it holds a character that XML forbids",
    etree.ErrorTypes.NS_ERR_XML_NAMESPACE: "a namespace is declared wrongly",
    etree.ErrorTypes.NS_ERR_QNAME: "a name has more than one colon",
    etree.ErrorTypes.NS_ERR_ATTRIBUTE_REDEFINED: "an element has the same attribute twice",
}


def fault_in(error: etree.XMLSyntaxError, text: str) -> str:
    r"""Return what is wrong and, where the document has several lines, in which of them.

    Args:
        error: as lxml raised it.
        text: the document that was parsed.

    >>> try:
    ...     etree.fromstring("<rss>\n<item></rss>")
    ... except etree.XMLSyntaxError as error:
    ...     fault_in(error, "<rss>\n<item></rss>")
    '<item> is closed by </rss> in line 2'
    """
    return _words(error) + place_of(error, text)


def place_of(error: etree.XMLSyntaxError, text: str) -> str:
    """Return the line of a fault after a space, empty where there is only one: a character's number helps nobody."""
    return f" in line {error.lineno:,}" if error.lineno and "\n" in text.strip() else ""


def _words(error: etree.XMLSyntaxError) -> str:
    said = str(error.msg or "").strip()
    if tags := _MISMATCH.match(said):
        return f"<{tags[1][:_MAX_NAME]}> is closed by </{tags[2][:_MAX_NAME]}>"
    if known := _FAULTS.get(error.code):
        return known
    words = (_POSITION.sub("", said).splitlines() or [""])[0][:_MAX_WORDS].strip()
    return words if words and not _PARSER_STATE.search(words) else "its markup is broken"
