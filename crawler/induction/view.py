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
ANY_TAG = "*"
"""Stands for a tag that broken markup made (``h<tml``) and that no selector can name."""
_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_SHORT_TEXT = 120
_HEADER_CHARS = 40


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
        "_date_headers",
        "_pieces",
        "anchor_count",
        "anchors",
        "base",
        "classes",
        "dated",
        "dated_count",
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
        self._date_headers: list[int] | None = None
        self._walk()
        self.index = {node: place for place, node in enumerate(self.nodes)}
        self._count()

    def _walk(self) -> None:
        names: dict[tuple[int, str], int] = {}
        stack: list[int] = []
        self._pieces: list[list[str]] = []
        walk = etree.iterwalk(self.root, events=("start", "end", "comment"))
        for event, element in walk:
            tag = element.tag
            if event != "start":
                if event == "end" and stack and self.nodes[stack[-1]] is element:
                    self.ends[stack.pop()] = len(self.nodes)
                if stack and element.tail and not element.tail.isspace():
                    self._pieces[stack[-1]].append(_folded(element.tail))
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
            self.tags.append(tag if _NAME.fullmatch(tag) else ANY_TAG)
            self.parents.append(parent)
            self.ends.append(0)
            self.depths.append(len(stack))
            self.paths.append(names.setdefault((self.paths[parent] if parent >= 0 else -1, tag), len(names)))
            self.classes.append(_class_names(element.get("class")))
            self._pieces.append([own] if (own := _folded(element.text)) else [])

    def _count(self) -> None:
        texts: list[int] = []
        headings: list[bool] = []
        images: list[bool] = []
        self.noise: list[int] = []
        self.texts: list[str] = []
        self.anchors: list[Anchor] = []
        anchors: list[bool] = []
        links = _Links(self)
        for place, element in enumerate(self.nodes):
            tag, parent = self.tags[place], self.parents[place]
            own = " ".join(self._pieces[place])
            self.texts.append(own)
            texts.append(len(own))
            headings.append(tag in _HEADINGS or element.get("role") == "heading")
            images.append(tag == "img")
            inherited = self.noise[parent] if parent >= 0 else 0
            self.noise.append(max(inherited, noise_of(element, tag, self.classes[place])))
            anchor = links.anchor(place, element) if tag == "a" else None
            anchors.append(anchor is not None)
            if anchor is not None:
                self.anchors.append(anchor)
        self.text_count = [0, *accumulate(texts)]
        self.heading_count = [0, *accumulate(headings)]
        self.image_count = [0, *accumulate(images)]
        self.anchor_count = [0, *accumulate(anchors)]

    def mark_dates(self, language: str) -> None:
        """Find the elements whose own words may state a date, in the language of the page."""
        self.dated = [
            (self.tags[place] == "time" and bool(self.nodes[place].get("datetime")))
            or (
                self.tags[place] == "abbr"
                and may_be_date((self.nodes[place].get("title") or "")[:_SHORT_TEXT])
            )
            or any(may_be_date(piece, language) for piece in pieces if len(piece) <= _SHORT_TEXT)
            for place, pieces in enumerate(self._pieces)
        ]
        self.dated_count = [0, *accumulate(self.dated)]

    def has_date(self, place: int, end: int) -> bool:
        """Tell whether a run of elements holds what may be a date."""
        return self.dated_count[end] > self.dated_count[place]

    def date_headers(self) -> list[int]:
        """Return elements that are short, lead nowhere and state a date: they may head the items behind them."""
        if self._date_headers is None:
            self._date_headers = [
                place
                for place, dated in enumerate(self.dated)
                if dated and self.chars(place) <= _HEADER_CHARS and not self.anchors_in(place)
            ]
        return self._date_headers

    def pieces(self, place: int) -> list[str]:
        """Return the runs of text that stand directly in an element, not in one within it."""
        return self._pieces[place]

    def chars(self, place: int) -> int:
        """Return how many characters a reader sees in an element."""
        return self.text_count[self.ends[place]] - self.text_count[place]

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
