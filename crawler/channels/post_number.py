"""The number of a WordPress post, as its themes write it into an item's classes (``post_class()``, Theme Handbook)."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

_NUMBER = re.compile(r"(?:\A|\s)post-([1-9][0-9]{0,18})(?=\s|\Z)", re.ASCII)
_OF_WORDPRESS = re.compile(r"(?:\A|\s)(?:status-publish|hentry)(?=\s|\Z)", re.ASCII)
_MAX_ELEMENTS = 50
_MAX_CHARS = 2_000


def post_number(item: HtmlElement) -> str:
    """Return the number of the post that an item of a listing is, or an empty string.

    It is looked for on the item and in it, never around it: the page that holds a list may be a post itself. Where a
    class only counts the items (``post-1``, ``post-2``) the words that WordPress writes beside it are missing.

    >>> from lxml.html import fragment_fromstring
    >>> post_number(
    ...     fragment_fromstring('<li><article class="post-7 post type-post status-publish"></article></li>')
    ... )
    '7'
    >>> post_number(fragment_fromstring('<li class="post post-7"></li>'))
    ''
    """
    found: set[str] = set()
    for element in islice(item.iter(), _MAX_ELEMENTS):
        classes = (element.get("class") or "")[:_MAX_CHARS] if isinstance(element.tag, str) else ""
        if _OF_WORDPRESS.search(classes) and (number := _NUMBER.search(classes)):
            found.add(number[1])
    return found.pop() if len(found) == 1 else ""
