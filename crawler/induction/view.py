"""A page as induction sees it: the elements that a reader can see, in one flat table, with their links and dates.

The tree itself stays as it was answered, so whatever is found here can be selected on the raw page. A subtree is a
range of the table (``view.ends``), and counts over a subtree are differences of running sums: a page is walked once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from lxml import etree
from lxml.html import HtmlElement

from crawler.dating import may_be_date
from crawler.induction.noise import noise_of
from crawler.links import base_url
from crawler.markup import UNSEEN, is_hidden, parse_html
from news.errors import UrlError
from news.text import normalise_title
from news.urls import fetchable_url, host_key, url_key

MAX_ELEMENTS = 60_000
"""Elements of a page that are looked at; a listing stands long before that."""

_DEAD = UNSEEN | {"option", "datalist", "dialog", "map", "canvas", "video", "audio"}
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SPACES = re.compile(r"\s+")
_SHORT_TEXT = 120


@dataclass(eq=False, slots=True)
class Anchor:
    """A link that leads to another page: its place in the table, where it leads, and the words on it."""

    node: int
    url: str
    key: str
    text: str
    own_site: bool


class View:
    """The table. All lists run parallel to ``nodes``; a running sum has one entry more."""

    __slots__ = (
        "anchor_count",
        "anchors",
        "base",
        "classes",
        "dated",
        "depths",
        "ends",
        "heading_count",
        "image_count",
        "index",
        "key",
        "nodes",
        "noise",
        "parents",
        "paths",
        "root",
        "tags",
        "tails",
        "text_count",
        "texts",
        "url",
    )

    def __init__(self, html: str, url: str) -> None:
        self.url = url
        self.root: HtmlElement = parse_html(html)
        self.base = base_url(self.root, url)
        self.key = url_key(url)
        self.nodes: list[HtmlElement] = []
        self.tags: list[str] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self.depths: list[int] = []
        self.paths: list[int] = []
        self.classes: list[tuple[str, ...]] = []
        self.tails: list[int] = []
        self._walk()
        self.index = {node: place for place, node in enumerate(self.nodes)}
        self._count()

    def _walk(self) -> None:
        names: dict[tuple[int, str], int] = {}
        stack: list[int] = []
        walk = etree.iterwalk(self.root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "end":
                if stack and self.nodes[stack[-1]] is element:
                    self.ends[stack.pop()] = len(self.nodes)
                continue
            if (
                not isinstance(tag, str)
                or tag in _DEAD
                or is_hidden(element)
                or len(self.nodes) >= MAX_ELEMENTS
            ):
                walk.skip_subtree()
                continue
            parent = stack[-1] if stack else -1
            stack.append(len(self.nodes))
            self.nodes.append(element)
            self.tags.append(tag)
            self.parents.append(parent)
            self.ends.append(0)
            self.depths.append(len(stack))
            self.paths.append(names.setdefault((self.paths[parent] if parent >= 0 else -1, tag), len(names)))
            self.classes.append(_class_names(element.get("class")))

    def _count(self) -> None:
        texts: list[int] = []
        headings: list[bool] = []
        images: list[bool] = []
        self.noise: list[int] = []
        self.dated: list[bool] = []
        self.texts: list[str] = []
        self.anchors: list[Anchor] = []
        anchors: list[bool] = []
        links = _Links(self)
        for place, element in enumerate(self.nodes):
            tag, parent = self.tags[place], self.parents[place]
            own = _folded(element.text)
            tail = _folded(element.tail)
            self.texts.append(own)
            self.tails.append(len(tail))
            texts.append(len(own) + len(tail))
            headings.append(tag in _HEADINGS or element.get("role") == "heading")
            images.append(tag == "img")
            inherited = self.noise[parent] if parent >= 0 else 0
            self.noise.append(max(inherited, noise_of(element, tag, self.classes[place])))
            self.dated.append(
                (tag == "time" and bool(element.get("datetime")))
                or (bool(own) and may_be_date(own[:_SHORT_TEXT]))
            )
            anchor = links.anchor(place, element) if tag == "a" else None
            anchors.append(anchor is not None)
            if anchor is not None:
                self.anchors.append(anchor)
        self.text_count = [0, *accumulate(texts)]
        self.heading_count = [0, *accumulate(headings)]
        self.image_count = [0, *accumulate(images)]
        self.anchor_count = [0, *accumulate(anchors)]

    def chars(self, place: int) -> int:
        """Return how many characters a reader sees in an element."""
        return self.text_count[self.ends[place]] - self.text_count[place] - self.tails[place]

    def anchors_in(self, place: int, end: int | None = None) -> list[Anchor]:
        """Return the links in an element, itself included, or in the run of elements up to ``end``."""
        stop = self.ends[place] if end is None else end
        return self.anchors[self.anchor_count[place] : self.anchor_count[stop]]

    def headings_in(self, place: int) -> int:
        """Return how many headings an element holds."""
        return self.heading_count[self.ends[place]] - self.heading_count[place]

    def images_in(self, place: int) -> int:
        """Return how many pictures an element holds."""
        return self.image_count[self.ends[place]] - self.image_count[place]

    def is_heading(self, place: int) -> bool:
        """Tell whether an element is a heading."""
        return self.heading_count[place + 1] > self.heading_count[place]

    def up(self, place: int, top: int = 0) -> list[int]:
        """Return the ancestors of an element, the nearest first, down to ``top`` and including it."""
        found = []
        parent = self.parents[place]
        while parent >= top:
            found.append(parent)
            parent = self.parents[parent]
        return found

    def children(self, place: int) -> list[int]:
        """Return the children of an element that a reader can see."""
        found = []
        child = place + 1
        while child < self.ends[place]:
            found.append(child)
            child = self.ends[child]
        return found

    def common_ancestor(self, places: list[int]) -> int:
        """Return the nearest element that holds all of these, and is none of them."""
        first, last = min(places), max(places)
        place = self.parents[first]
        while place > 0 and self.ends[place] <= last:
            place = self.parents[place]
        return max(place, 0)


class _Links:
    """Reads links, each spelling once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._host = host_key(view.url)
        self._seen: dict[str, tuple[str, str, bool] | None] = {}

    def anchor(self, place: int, element: HtmlElement) -> Anchor | None:
        href = (element.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
            return None
        if href not in self._seen:
            self._seen[href] = self._read(href)
        read = self._seen[href]
        if read is None:
            return None
        return Anchor(place, read[0], read[1], normalise_title("".join(element.itertext())[:600]), read[2])

    def _read(self, href: str) -> tuple[str, str, bool] | None:
        try:
            url = fetchable_url(href, self._view.base)
            key = url_key(url)
        except UrlError:
            return None
        return None if key == self._view.key else (url, key, host_key(url) == self._host)


@lru_cache(maxsize=8192)
def _class_names(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split())) if text else ()


def _folded(text: str | None) -> str:
    if not text or text.isspace():
        return ""
    return _SPACES.sub(" ", text.strip())
