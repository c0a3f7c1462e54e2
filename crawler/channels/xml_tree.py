"""XML that strangers wrote, as a tree: within bounds, without entities, network or guessing.

The document type is cut off before anything is parsed, so that nothing of it can be resolved or fetched. What is not
well-formed is mended only where the meaning is plain (see `mended`); everything else is refused, a document that was
cut off above all: what is missing would pass for "no more news".
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import NoReturn

from lxml import etree
from scrapy.http import TextResponse

from crawler.channels.refusal import Refusal
from crawler.channels.xml_faults import fault_in, place_of
from crawler.charset import page_text
from news.errors import ChannelError

MAX_XML_BYTES = 16 * 1024 * 1024
"""A feed beyond this is refused; Scrapy is told to stop earlier, but a recording or a browser may hand us more."""

MAX_MARKS = 1_000_000
"""Tags and entities in a document: each takes a hundred bytes of a tree, and microseconds of feedparser."""

MAX_DEPTH = 256
"""What libxml2 follows without ``huge_tree``."""

_MAX_PROLOG = 65_536
_MAX_PREFIXES = 100
_WHITE = "\ufeff\u200b\x00 \t\r\n"
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,500}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_DECLARED_ENTITY = re.compile(r"<!ENTITY\s+(?!%)([^\s<>&;]{1,200})")
_ROOT = re.compile(r"<(?:\?xml\s|!DOCTYPE\b|!--|(?:\w{1,40}:)?[A-Za-z_]\w{0,60}[\s/>])", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ROOT_TAG = re.compile(r"<([A-Za-z_][\w.:-]{0,100})(?=[\s/>])")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(?:#([xX][0-9a-fA-F]{1,8}|\d{1,8});|([A-Za-z][A-Za-z0-9]{0,40});)?")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,40}):")
_ATTRIBUTE_PREFIX = re.compile(r"\s([A-Za-z_][\w.-]{0,40}):[\w.-]{1,60}\s*=\s*[\"']")
_DECLARED_PREFIX = re.compile(r"xmlns:([A-Za-z_][\w.-]{0,40})")
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xlink": "http://www.w3.org/1999/xlink",
}


def parse_xml(
    text: str, *, what: str = "feed", max_bytes: int = MAX_XML_BYTES, max_marks: int = MAX_MARKS
) -> etree._Element:
    """Return the root of a document.

    Args:
        text: the decoded document.
        what: what it is said to be, for messages.
        max_bytes: what is refused unread beyond it.
        max_marks: how many ``<`` and ``&`` there may be.

    Raises:
        ChannelError: it is empty, HTML, too large, too deep, cut off, not well-formed, or uses entities of its own.
    """
    text = _checked(text, what, max_bytes)
    if text.count("<") + text.count("&") > max_marks:
        raise ChannelError(
            Refusal.TOO_LARGE,
            f"the {what} has more than {max_marks:,} tags and entities: watch one of its sections",
        )
    start, declared = _without_doctype(text, what)
    try:
        return _parsed(start)
    except etree.XMLSyntaxError as error:
        _refuse_at_once(error, what)
    if looks_like_html(text):
        raise ChannelError(
            Refusal.HTML,
            f"not a {what} but an HTML page: open the address in a browser, or run discover on it",
        )
    mended_text = mended(start, declared, what)
    try:
        return _parsed(mended_text)
    except etree.XMLSyntaxError as error:
        _refuse(error, mended_text, what)


def xml_text(response: TextResponse) -> str:
    """Return the text of an XML answer: byte order marks and bytes win over labels, the header over the declaration."""
    body = response.body
    for start, codec in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if body[:4096].lstrip(b"\r\n\t ").startswith(start):
            return body.decode(codec, "replace")
    return page_text(response)


def root_name(text: str) -> str:
    """Return the local name of a document's root element in lower case, by its beginning alone; empty if none is seen.

    >>> root_name(
    ...     "<?xml version='1.0'?><!DOCTYPE feed [<!ENTITY nbsp '&#160;'>]><!-- <rss> --><atom:feed xmlns:atom='a'>"
    ... )
    'feed'
    """
    try:
        text, _ = _without_doctype(_checked(text, "document", len(text)), "document")
    except ChannelError:
        return ""
    begin = _BEFORE_ROOT.match(text)
    root = _ROOT_TAG.match(text, begin.end() if begin else 0)
    return root[1].rpartition(":")[2].lower() if root else ""


def looks_like_html(text: str) -> bool:
    """Tell an HTML page from other markup by its beginning."""
    return (
        re.match(
            r"\s*(?:<\?xml[^<>]{0,500}>\s*)?(?:<!--.{0,2000}?-->\s*){0,3}<(?:!doctype\s+html|html|head|body|title|meta|script)\b",
            text[:8_192].lstrip(_WHITE),
            re.IGNORECASE | re.DOTALL,
        )
        is not None
    )


def local_name(node: etree._Element) -> str:
    """Return an element's name in lower case without its namespace; empty for comments and the like."""
    tag = node.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def namespace_of(node: etree._Element) -> str:
    """Return an element's namespace, empty if it has none."""
    tag = node.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


# ------------------------------------------------------------------------------------------------ the beginning


def _checked(text: str, what: str, max_bytes: int) -> str:
    if len(text) > max_bytes:
        raise ChannelError(
            Refusal.TOO_LARGE,
            f"the {what} has {len(text):,} characters; more than {max_bytes:,} are not read: watch one of its sections",
        )
    text = text.lstrip(_WHITE)
    if not text:
        raise ChannelError(Refusal.EMPTY, f"the {what} is empty: open the address in a browser")
    if text[0] != "<":
        begin = _ROOT.search(text, 0, _MAX_PROLOG)
        if begin is None or text[0] in "{[":
            raise ChannelError(
                Refusal.OTHER_KIND, f"not a {what}: the answer is no XML; open the address in a browser"
            )
        text = text[begin.start() :]  # a warning of PHP, a line of a template
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _without_doctype(text: str, what: str) -> tuple[str, frozenset[str]]:
    """Return the text without its document type, and the names of the entities that this declares."""
    begin = _DOCTYPE.search(text, 0, _MAX_PROLOG)
    if begin is None or ("<!--" in text[: begin.start()] and "-->" not in text[: begin.start()]):
        return text, frozenset()
    position, quote, inside = begin.end(), "", False
    for match in re.compile(r"<!--|-->|[\"'\[\]>]").finditer(text, position):
        token = match[0]
        if quote:
            quote = "" if token == quote else quote
        elif token == "<!--":
            quote = "-->"
        elif token in "\"'":
            quote = token
        elif token == "[":
            inside = True
        elif token == "]":
            inside = False
        elif token == ">" and not inside:
            subset = text[begin.start() : match.end()]
            lines = "\n" * subset.count("\n")  # so that what is wrong below stands in the line that is told
            return text[: begin.start()] + lines + text[match.end() :], frozenset(
                _DECLARED_ENTITY.findall(subset)
            )
    raise ChannelError(
        Refusal.CUT_OFF, f"the {what} is cut off inside its document type: it is asked for again"
    )


def _parsed(text: str) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(text.encode("utf-8", "replace"), parser)


# ------------------------------------------------------------------------------------------------ mending


def mended(text: str, declared: frozenset[str], what: str) -> str:
    """Return a text with the slips undone whose meaning is plain.

    Characters that XML forbids go, HTML's named entities become what they stand for, a lone ampersand is one, prefixes
    of well-known modules that nobody declared are declared, and what stands behind the root element is cut off.

    Raises:
        ChannelError: it uses an entity of ``declared``.
    """
    pieces: list[str] = []
    position = 0
    text = _ILLEGAL.sub("", text)

    def written_out(match: re.Match[str]) -> str:
        number, name = match[1], match[2]
        if number:
            return match[0] if _is_character(number) else ""
        if name in declared and name not in _XML_NAMES and f"{name};" not in html5:
            raise ChannelError(
                Refusal.ENTITIES,
                f"the {what} uses &{name};, an entity of its own; such are not resolved: tell the site",
            )
        if name is None or (name not in _XML_NAMES and f"{name};" not in html5):
            return f"&amp;{match[0][1:]}"
        return match[0] if name in _XML_NAMES else html5[f"{name};"]

    while position < len(text):
        begin = text.find("<![CDATA[", position)
        begin = len(text) if begin < 0 else begin
        pieces.append(_AMPERSAND.sub(written_out, text[position:begin]))
        end = text.find("]]>", begin)
        position = len(text) if end < 0 else end + 3
        pieces.append(text[begin:position])
    return _with_prefixes(_without_tail("".join(pieces)))


def _is_character(number: str) -> bool:
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return code <= 0x10FFFF and not _ILLEGAL.match(chr(code))


def _without_tail(text: str) -> str:
    root = re.search(r"<([A-Za-z_][\w.:-]{0,100})", text[:_MAX_PROLOG])
    end = text.rfind(f"</{root[1]}>") if root else -1
    return text[: end + len(root[1]) + 3] if root and end >= 0 else text


def _with_prefixes(text: str) -> str:
    """Declare, on the root element, the prefixes that nobody declares."""
    used = set(_PREFIX.findall(text)) | set(_ATTRIBUTE_PREFIX.findall(text))
    missing = sorted(used - set(_DECLARED_PREFIX.findall(text)) - {"xml", "xmlns"})
    root = re.search(r"<[A-Za-z_][\w.:-]{0,100}", text)
    if root is None or not missing or len(missing) > _MAX_PREFIXES:
        return text
    said = "".join(f' xmlns:{name}="{_NAMESPACES.get(name, f"urn:undeclared:{name}")}"' for name in missing)
    return text[: root.end()] + said + text[root.end() :]


# ------------------------------------------------------------------------------------------------ refusals


def _refuse_at_once(error: etree.XMLSyntaxError, what: str) -> None:
    """Refuse what no mending can help."""
    text = str(error)
    if "xcessive depth" in text or "too deep" in text.lower():
        raise ChannelError(
            Refusal.TOO_DEEP,
            f"the {what}'s elements are nested deeper than {MAX_DEPTH} levels: it is not read",
        ) from None
    if "huge" in text.lower() or "too long" in text.lower():
        raise ChannelError(
            Refusal.TOO_LARGE, f"a text or a name in the {what} is too long to be read"
        ) from None


def _refuse(error: etree.XMLSyntaxError, document: str, what: str) -> NoReturn:
    _refuse_at_once(error, what)
    text = str(error)
    if (
        "Premature end" in text
        or "find end of Start Tag" in text
        or "not terminated" in text
        or "EndTag: '</' not found" in text
        or "not finished" in text
    ):
        raise ChannelError(
            Refusal.CUT_OFF,
            f"the {what} is cut off{place_of(error, document)}: nothing of it is read, and it is asked for again",
        ) from None
    raise ChannelError(
        Refusal.BROKEN,
        f"the {what} is not well-formed ({fault_in(error, document)}): watch the HTML listing, or tell the site",
    ) from None
