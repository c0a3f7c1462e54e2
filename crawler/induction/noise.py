"""What stands around a listing: menus, sidebars, footers and the like, by tag, role and the words in class names."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

NONE = 0
WEAK = 1
STRONG = 2

_STRONG_TAGS = frozenset(("nav", "footer", "aside"))
_STRONG_ROLES = frozenset(
    ("navigation", "complementary", "contentinfo", "search", "menu", "menubar", "toolbar")
)
_STRONG_WORDS = frozenset(
    "menu nav navbar navigation sidebar breadcrumb breadcrumbs footer pagination pager paging pagenavi "
    "tagcloud tags languages langswitcher language cookie cookies consent megamenu submenu offcanvas "
    "toc calendar archives".split()
)
_WEAK_WORDS = frozenset(
    "widget widgets related popular recent trending mostread share sharing social comment comments lang "
    "secondary aside blogroll sitemap modal popup newsletter subscribe banner advert ads promo "
    "header masthead topbar toolbar carousel slider ticker".split()
)
_FEATURED = frozenset(
    "featured feature hero headline headlines spotlight topstory topstories lead highlight highlights".split()
)
_WORDS = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PAGE_WIDE = frozenset(("html", "body", "main", "article"))


def noise_of(element: HtmlElement, tag: str, classes: tuple[str, ...]) -> int:
    """Return how surely an element's own tag, role, id and classes say that it is not the listing."""
    name = element.get("id")
    if tag in _STRONG_TAGS:
        return NONE if any(map(is_featured, (*classes, name or ""))) else STRONG
    role = element.get("role")
    if role is not None and role.lower() in _STRONG_ROLES:
        return STRONG
    if tag in _PAGE_WIDE:
        return NONE  # "has-sidebar", "no-comments": classes of a whole page or post speak of what it holds
    return max((class_noise(text) for text in ((*classes, name) if name else classes)), default=NONE)


@lru_cache(maxsize=8192)
def is_featured(name: str) -> bool:
    """Tell whether a class name or id says that this is the news that goes first, whatever its tag is."""
    return any(word in _FEATURED for word in _WORDS.findall(_CAMEL.sub("-", name[:100]).lower()))


@lru_cache(maxsize=8192)
def class_noise(name: str) -> int:
    """Return what one class name or id says.

    >>> (
    ...     class_noise("sidebar"),
    ...     class_noise("widget_recent_entries"),
    ...     class_noise("has-sidebar"),
    ...     class_noise("post"),
    ... )
    (2, 1, 0, 0)
    """
    words = _WORDS.findall(_CAMEL.sub("-", name[:100]).lower())
    if not words or words[0] in ("has", "no", "with", "without", "is", "hide", "not"):
        return NONE
    if len(words) <= 3:
        if any(word in _STRONG_WORDS for word in words[-1:]) or words[0] in _STRONG_WORDS:
            return STRONG
        if any(word in _WEAK_WORDS for word in words):
            return WEAK
    return WEAK if any(word in _WEAK_WORDS or word in _STRONG_WORDS for word in words) else NONE
