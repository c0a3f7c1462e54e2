"""Whether the words beside a date on a page say that it is the date of a change: *Last updated:*, *Modifié le*.

The words may stand in the element itself, before it on its line, in the term or cell before it, or above its column.
"""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement

from crawler.markup import UNSEEN, is_element, text_of
from news.date_labels import change_part, ends_in_change, publication_part

_LEVELS = 3
_LABEL_CHARS = 60
_MAX_CELLS = 30
_NO_LABELS = frozenset(("a", "h1", "h2", "h3", "h4", "h5", "h6", "article", "ul", "ol", "table"))
_ENDS = frozenset(("body", "html", "main", "article", "li", "section"))


def says_change(node: HtmlElement) -> bool:
    """Tell whether an element's date is that of a change, by its microdata, its own words or those before it.

    Within a date of publication nothing is one: themes mark the same date up as both.
    """
    around = (node, *islice(node.iterancestors(), _LEVELS))
    if any("datepublished" in _meant(each) for each in around):
        return False
    return "datemodified" in _meant(node) or _states_only_change(node) or _follows_change(node)


def _meant(node: HtmlElement) -> list[str]:
    return (node.get("itemprop") or "").lower().split()


def _states_only_change(node: HtmlElement) -> bool:
    text = "".join(islice(node.itertext(), 20))[: 4 * _LABEL_CHARS]
    return bool(change_part(text)) and not any(map(str.isdigit, publication_part(text)))


def _follows_change(node: HtmlElement) -> bool:
    """Look at the words before an element, as far up as it is the first thing that its parents show."""
    for _ in range(_LEVELS):
        parent = node.getparent()
        if parent is None or node.tag in _ENDS:
            return False
        if node.tag in ("td", "th"):
            return ends_in_change(_before(node) or "") or ends_in_change(_column_of(node))
        before = _before(node)
        if before is not None:
            return ends_in_change(before)
        node = parent
    return False


def _before(node: HtmlElement) -> str | None:
    """Return the words directly before an element in its parent, None if there are none."""
    parts: list[str] = []
    for sibling in node.itersiblings(preceding=True):
        if sibling.tail and sibling.tail.strip():
            parts.insert(0, sibling.tail)
            if any(map(str.isalnum, sibling.tail)):
                return "".join(parts)
        if not is_element(sibling) or sibling.tag in UNSEEN:
            continue
        if sibling.tag in _NO_LABELS:
            return ""
        text = text_of(sibling)
        if text:
            # A sentence may end with such a word; a label has an element of its own.
            return "".join((text, *parts)) if len(text) <= _LABEL_CHARS else ""
    parent = node.getparent()
    own = parent.text if parent is not None else None
    return own + "".join(parts) if own and any(map(str.isalnum, own)) else None


def _column_of(cell: HtmlElement) -> str:
    """Return what the table says above a cell's column."""
    row = cell.getparent()
    table = next(cell.iterancestors("table"), None)
    if row is None or table is None:
        return ""
    head = next(table.iter("tr"), None)
    if head is None or head is row:
        return ""
    place = sum(1 for _ in islice(cell.itersiblings("td", "th", preceding=True), _MAX_CELLS))
    names = [text_of(name) for name in islice(head.iterchildren("th"), _MAX_CELLS)]
    return names[place] if place < len(names) and len(names[place]) <= _LABEL_CHARS else ""
