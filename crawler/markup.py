"""HTML as a tree: parse it within bounds, take its text as a reader sees it, cut parts out, write parts down.

Everything goes through lxml with strings that stand alone: lxml's "smart" strings would keep whole pages in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from news.errors import ExtractionError
from news.text import normalise_text

MAX_PAGE_CHARS = 12_000_000
"""A page beyond this is refused: no listing or article is that long, and parsing it would hold up the other sources."""

MAX_TAG_WORDS = 4_000
"""Names and unquoted values of attributes in one tag: the time that libxml2 takes grows with their square."""

UNSEEN = frozenset(
    ("script", "style", "noscript", "template", "svg", "iframe", "object", "head", "select", "textarea")
)
"""Elements whose text nobody reads as part of a page."""

_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol option p pre section summary table tbody "
    "tfoot thead tr ul".split()
)
_BEFORE = dict.fromkeys(_BLOCKS | {"br"}, "\n") | {"td": " ", "th": " "}
_AFTER = dict.fromkeys(_BLOCKS, "\n")
_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\x85\u2028\u2029"), " ")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff]")
# One start tag up to its end, quotes respected; possessive throughout, so that no text makes it look twice.
_START_TAG = re.compile(r"""<[A-Za-z](?:[^"'>]++|"[^"]*+"?|'[^']*+'?)*+""")
_MARKUP = re.compile(
    r"""<!--[\s\S]*?(?:-->|\Z)|<(?P<name>[A-Za-z][^\s/>"']{0,40})(?:[^"'>]++|"[^"]*+"?|'[^']*+'?)*+"""
)
_RAW_TEXT = frozenset(("script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"))
_QUOTED = re.compile(r""""[^"]*+"?|'[^']*+'?""")
_WORD = re.compile(r"[^\s/=]++")
_LONG_TAG_CHARS = 8_000
_QUICK_PAGE_CHARS = 50_000  # a tag of such a page takes a second at most
_TOO_DEEP = etree.ErrorTypes.ERR_RESOURCE_LIMIT


def parse_html(html: str) -> HtmlElement:
    """Return the root of a page or fragment; broken markup is mended as browsers would, an empty one has an empty body.

    Raises:
        ExtractionError: it is longer than ``MAX_PAGE_CHARS``, has a tag with thousands of attributes, or is nested
            deeper than libxml2 follows (2048): what lies behind would be missing without a sign.
    """
    if len(html) > MAX_PAGE_CHARS:
        raise ExtractionError(
            f"the page has {len(html):,} characters; more than {MAX_PAGE_CHARS:,} are not read"
        )
    if len(html) > _QUICK_PAGE_CHARS and _has_crowded_tag(html):
        raise ExtractionError(f"a tag of the page has more than {MAX_TAG_WORDS:,} attributes; it is not read")
    # NUL ends the text for libxml2, and other controls make lxml refuse text that it has given itself; a declaration
    # of another encoding no longer holds once the page is decoded.
    encoded = _CONTROLS.sub("", html.replace("\x0c", " ")).encode("utf-8", "replace")
    if not encoded.strip():
        encoded = b"<html><body></body></html>"
    parser = HTMLParser(encoding="utf-8", recover=True, huge_tree=True)
    try:
        root = document_fromstring(encoded, parser=parser)
    except etree.ParserError:  # comments only
        root = document_fromstring(b"<html><body></body></html>")
    if any(entry.type == _TOO_DEEP for entry in parser.error_log):
        raise ExtractionError("the page's elements are nested too deeply (2048 levels) to be read whole")
    return root


def _has_crowded_tag(html: str) -> bool:
    """Tell whether a tag has too many attributes; what scripts compare with ``<`` is no tag."""
    if not any(map(_has_too_many_attributes, _START_TAG.finditer(html))):
        return False
    at = 0
    while match := _MARKUP.search(html, at):
        at = match.end()
        if match["name"] is None:
            continue
        if _has_too_many_attributes(match):
            return True
        if match["name"].lower() in _RAW_TEXT:
            end = re.compile(f"</{match['name']}", re.IGNORECASE).search(html, at)
            at = end.start() if end else len(html)
    return False


def _has_too_many_attributes(tag: re.Match[str]) -> bool:
    if tag.end() - tag.start() < _LONG_TAG_CHARS:
        return False
    return len(_WORD.findall(_QUOTED.sub(" ", tag[0]))) > MAX_TAG_WORDS


def text_of(node: HtmlElement, *, most: int | None = None) -> str:
    r"""Return the text that a reader sees: one line a paragraph, heading, list item or line break, spaces collapsed.

    Scripts, styles, templates, ``noscript`` and what is hidden by its own attributes are left out. Where only the
    beginning counts, reading ends after ``most`` characters of the source.

    >>> text_of(parse_html("<h2>A  title</h2><p>One<br>two, <b>th</b>ree</p><script>no()</script>"))
    'A title\nOne\ntwo, three'
    """
    pieces: list[str] = []
    preformatted, left = 0, most
    walk = etree.iterwalk(node, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if left is not None and left <= 0:
            break
        if event == "start":
            if element.tag in UNSEEN or is_hidden(element):
                walk.skip_subtree()
                continue
            pieces.append(_BEFORE.get(str(element.tag), ""))
            preformatted += element.tag == "pre"
            text = element.text
        else:
            if event == "end" and element.tag not in UNSEEN and not is_hidden(element):
                preformatted -= element.tag == "pre"
                pieces.append(_AFTER.get(str(element.tag), ""))
            text = element.tail if element is not node else None
        if text and left is not None:
            text = text[:left]
            left -= len(text)
        if text:
            # Outside <pre> a line end in the source is a space like any other; the rest is collapsed at the end.
            pieces.append(text if preformatted else text.translate(_LINE_ENDS))
    return normalise_text("".join(pieces))


def inner_html(node: HtmlElement) -> str:
    """Return what stands inside an element, as HTML.

    >>> inner_html(parse_html("<p>a &lt; b <b>c</b></p>")[0])
    '<p>a &lt; b <b>c</b></p>'
    """
    pieces = [escape(node.text, quote=False)] if node.text else []
    pieces.extend(etree.tostring(child, method="html", encoding="unicode") for child in node)
    return "".join(pieces).strip()


def outer_html(node: HtmlElement) -> str:
    """Return an element itself as HTML, without the text behind it."""
    return etree.tostring(node, method="html", encoding="unicode", with_tail=False)


def cut(nodes: Iterable[HtmlElement]) -> None:
    """Take elements out of their trees; the text behind each one stays."""
    for node in nodes:
        if node.getparent() is not None:
            node.drop_tree()


def is_element(node: object) -> bool:
    """Tell an element from a string, a comment or a processing instruction."""
    return isinstance(node, HtmlElement) and isinstance(node.tag, str)


def is_hidden(element: etree._Element) -> bool:
    """Tell whether an element's own attributes hide it: ``hidden``, or ``display: none`` in its style."""
    if "hidden" in element.attrib:
        return element.get("hidden") != "until-found"
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()
