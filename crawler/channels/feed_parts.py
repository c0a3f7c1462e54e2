"""The parts of a feed that are read; everything else is cut off before feedparser sees it.

feedparser finds what to do with an element by its name, and what it keeps of one in tables of its own: an element
called ``links`` or ``authors`` makes it fail, a caption of a picture becomes the article's text, an item inside another
module is taken for one of the feed's. It searches names of authors in time that grows with the square of their length.
"""

from __future__ import annotations

from copy import deepcopy
from html import escape

from lxml import etree

from crawler.channels.xml_tree import local_name, namespace_of

MAX_NAME_CHARS = 300
MAX_VALUE_CHARS = 4_000
"""Of what is no text of an article: addresses, dates, identities."""

_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_RELATIONS = "http://www.iana.org/assignments/relation/"
_TEXTS = frozenset("title description summary content encoded body fullitem abstract".split())
_PEOPLE = frozenset(("author", "creator"))
_MARKUP = frozenset("html xhtml text text/html text/plain application/xhtml+xml".split())

# An element is known by its name in the namespace of its feed, or in that of a module.
_OF_ITEM = frozenset(
    "title link guid id description abstract summary content body fullitem author pubdate published issued created "
    "updated modified enclosure category".split()
)
_OF_FEED = frozenset("title link id author language ttl item entry channel".split())
_OF_PERSON = frozenset(("name",))
_OF_MODULES: dict[str, frozenset[str]] = {
    "http://www.w3.org/2005/atom": frozenset(
        "link title id author updated published summary content category".split()
    ),
    "http://purl.org/rss/1.0/modules/content/": frozenset(("encoded",)),
    _DUBLIN_CORE: frozenset("title creator author date description language subject".split()),
    _TERMS: frozenset("issued created modified".split()),
    "http://rssnamespace.org/feedburner/ext/1.0": frozenset(("origlink",)),
    "http://purl.org/rss/1.0/modules/syndication/": frozenset(("updateperiod", "updatefrequency")),
    "http://www.w3.org/1999/xhtml": frozenset(("body",)),
    "http://www.itunes.com/dtds/podcast-1.0.dtd": frozenset(("author",)),
    **dict.fromkeys(_MEDIA, frozenset(("content", "thumbnail", "group"))),
}


def keep_what_is_read(root: etree._Element, items: list[etree._Element]) -> None:
    """Cut from a feed's tree what is not read and what is too long of the rest, and write markup down as text.

    Args:
        root: the feed.
        items: its own items.
    """
    channels = [node for node in root if local_name(node) == "channel"]
    own = frozenset(("", *(namespace_of(node) for node in (root, *channels, *items))))
    chosen = set(items)
    for feed in (root, *channels):
        _cut(feed, [node for node in feed if not _is_of_feed(node, own, chosen)])
        for node in feed:
            if node not in chosen and local_name(node) != "channel":
                _straighten(node, own)
    for item in items:
        _cut(item, [node for node in item if not _is_known(node, own, _OF_ITEM)])
        for node in item:
            _straighten(node, own)


def _is_of_feed(node: etree._Element, own: frozenset[str], items: set[etree._Element]) -> bool:
    return node in items if local_name(node) in ("item", "entry") else _is_known(node, own, _OF_FEED)


def _is_known(node: etree._Element, own: frozenset[str], names: frozenset[str]) -> bool:
    namespace = namespace_of(node)
    known = names if namespace in own else _OF_MODULES.get(namespace.lower(), frozenset())
    return local_name(node) in known


def _straighten(node: etree._Element, own: frozenset[str]) -> None:
    """Leave of one part what can be read of it: texts without elements, values that are not too long."""
    name = local_name(node)
    if name == "link" and (node.get("rel") or "").startswith(_RELATIONS):  # RFC 4287 §4.2.7.2
        node.set("rel", node.attrib["rel"].removeprefix(_RELATIONS))
    if namespace_of(node).lower() in _MEDIA:
        _cut(node, [inner for inner in node.iterdescendants() if not _is_known(inner, frozenset(), _OF_ITEM)])
    elif name in _TEXTS:
        _flatten(node)
    elif name in _PEOPLE:
        _cut(node, [inner for inner in node if not _is_known(inner, own, _OF_PERSON)])
        for part in (node, *node):
            _bound(part, MAX_NAME_CHARS)
    else:
        _cut(node, list(node))
        _bound(node, MAX_VALUE_CHARS)


def _flatten(node: etree._Element) -> None:
    """Write the elements of a text down as HTML: feedparser would take some of them for parts of the feed.

    Atom wraps its XHTML in a ``div`` that is none of it (RFC 4287 §3.1.1.3); what is neither text nor HTML goes.
    """
    kind = (node.get("type") or "html").partition(";")[0].strip().lower()
    if not len(node):
        if kind not in _MARKUP and not kind.startswith("text/"):
            node.text = None  # base64 (RFC 4287 §4.1.3.3)
        return
    wrapped = len(node) == 1 and local_name(node[0]) == "div" and not (node.text or "").strip()
    inside = node[0] if wrapped else node
    html = escape(inside.text or "", quote=False) + "".join(map(_as_html, inside))
    _cut(node, list(node))
    node.text = html if kind in _MARKUP else None
    node.attrib.pop("mode", None)
    node.set("type", "html")


def _as_html(node: etree._Element) -> str:
    """Return an element as HTML, whatever prefix its namespace has, with the text behind it."""
    alone = deepcopy(node)  # out of the tree, whose namespaces it would declare once more
    for element in alone.iter(etree.Element):
        element.tag = local_name(element)
        for name in [name for name in element.attrib if "{" in str(name)]:
            del element.attrib[name]
    etree.cleanup_namespaces(alone)
    return etree.tostring(alone, method="html", encoding="unicode", with_tail=True)


def _bound(node: etree._Element, limit: int) -> None:
    if node.text and len(node.text) > limit:
        node.text = node.text[:limit]


def _cut(parent: etree._Element, nodes: list[etree._Element]) -> None:
    """Take elements and the texts behind them out of a tree."""
    for node in nodes:
        place = node.getparent()
        if place is not None:
            node.tail = None
            place.remove(node)
    for node in parent:
        if node.tail and node.tail.strip():
            node.tail = None
