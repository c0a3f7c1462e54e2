"""The title of each member of a group: a heading, the words on its link, or the part of them that is set as a title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.dating import may_be_date
from crawler.induction.view import Anchor, View
from crawler.titles import title_text
from crawler.wording import is_more_link
from news.text import normalise_title

NOWHERE = -1
_TITLE_CLASS = re.compile(
    r"title|headline|heading|caption|subject|titre|titulo|titel|_tit\b|\btit\b|-tit\b", re.IGNORECASE
)
_OTHER_CLASS = re.compile(
    r"date|time|cat|tag|label|badge|meta|author|excerpt|summary|desc|intro|lead|teaser|text|views|count|kicker|more|read",
    re.IGNORECASE,
)
_MAX_HEADING_CLIMB = 6
_PARTS = frozenset(
    (
        "div",
        "p",
        "span",
        "strong",
        "b",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "dt",
        "dd",
        "td",
        "li",
        "em",
        "section",
        "header",
        "figcaption",
        "font",
    )
)
_SIBLING_CHARS = 300
MIN_MEMBERS = 3
_FEW_DISTINCT = 0.5
_IN_MOST = 0.8


@dataclass(frozen=True, slots=True)
class Title:
    """A title, the element that shows it (`NOWHERE` if there is none), and whether that is or is in a heading."""

    text: str
    place: int
    heading: bool


Member = tuple[int, int, tuple[Anchor, ...]]
_NONE = Title("", NOWHERE, heading=False)


class TitleReader:
    """Reads titles on one page, each element once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._texts: dict[int, str] = {}
        self._headings: dict[int, int] = {}
        self._found: dict[tuple[int, int, str, bool], Title] = {}

    def titles(self, members: Sequence[Member]) -> list[Title]:
        """Return the title of each member, given as its range and its main links.

        Where headings say the same in most members, they are no titles (a section's name in every card), and the words
        on the links are taken; where these say the same too ("Download"), other words of the members.
        """
        found = self._named(members)
        if len(members) < MIN_MEMBERS or _distinct(found) >= _FEW_DISTINCT:
            return found
        return self._unlinked(members) or found

    def _named(self, members: Sequence[Member]) -> list[Title]:
        with_headings = [self._title(*member, headings=True) for member in members]
        if _distinct(with_headings) >= 0.7:
            return with_headings
        without = [self._title(*member, headings=False) for member in members]
        return without if _distinct(without) > _distinct(with_headings) + 0.15 else with_headings

    def heading_of(self, anchor: Anchor) -> int:
        """Return the heading that a link stands in or holds, `NOWHERE` if there is none."""
        known = self._headings.get(anchor.node)
        if known is not None:
            return known
        view = self._view
        if view.headings_in(anchor.node):
            found = next(
                place for place in range(anchor.node, view.ends[anchor.node]) if view.is_heading(place)
            )
        else:
            above = view.up(anchor.node)[:_MAX_HEADING_CLIMB]
            found = next((place for place in above if view.is_heading(place)), NOWHERE)
        self._headings[anchor.node] = found
        return found

    def text(self, place: int) -> str:
        """Return an element's words as a title."""
        if place not in self._texts:
            self._texts[place] = title_text(self._view.nodes[place])
        return self._texts[place]

    def _title(self, place: int, end: int, anchors: tuple[Anchor, ...], *, headings: bool) -> Title:
        key = (place, end, anchors[0].key, headings)
        if key not in self._found:
            found = self._headed(place, end, anchors) if headings else None
            self._found[key] = (
                found
                or self._on_link(place, anchors)
                or self._beside(place, end, anchors)
                or self._attribute(anchors)
            )
        return self._found[key]

    def _headed(self, place: int, end: int, anchors: tuple[Anchor, ...]) -> Title | None:
        """Return the title in a heading with the link, else in a heading of the member that leads nowhere else."""
        view = self._view
        for anchor in anchors:
            heading = self.heading_of(anchor)
            if heading < place:
                continue
            at = max(heading, anchor.node)
            text = self.text(at)
            if _may_be_title(text):
                return Title(text, at, heading=True)
        for heading in (i for i in range(place, end) if view.is_heading(i)):
            text = self.text(heading)
            others = {anchor.key for anchor in view.anchors_in(heading)} - {anchors[0].key}
            if _may_be_title(text) and not others and not (len(text) < 40 and may_be_date(text)):
                return Title(text, heading, heading=True)
        return None

    def _on_link(self, place: int, anchors: tuple[Anchor, ...]) -> Title | None:
        """Return the title in the words of the link that says most."""
        telling = [anchor for anchor in anchors if anchor.text and _may_be_title(anchor.text)]
        if not telling:
            return None
        best = max(telling, key=lambda anchor: min(len(anchor.text), 200))
        at = self._part(best.node)
        text = self.text(at)
        if not _may_be_title(text) or (len(text) < 24 and may_be_date(text) and len(text.split()) <= 4):
            return None
        return Title(text, at, heading=self._view.is_heading(at) or self.heading_of(best) >= place)

    def _part(self, node: int) -> int:
        """Return the part of a link's words that is set as its title, or the link where it is all title."""
        view = self._view
        parts = [
            place
            for place in range(node + 1, view.ends[node])
            if view.tags[place] in _PARTS and view.texts[place] and len(self.text(place)) >= 2
        ]
        if not parts or len(view.texts[node]) >= 12:
            return node
        named = [place for place in parts if any(_TITLE_CLASS.search(name) for name in view.classes[place])]
        if named:
            return named[0]
        plain = [
            place
            for place in parts
            if not may_be_date(view.texts[place][:60])
            and not any(_OTHER_CLASS.search(n) for n in view.classes[place])
        ]
        good = [place for place in plain if len(self.text(place)) >= 12] or plain
        if not good or len(parts) == 1:
            return node if len(parts) > 1 or not good else good[0]
        return (
            good[0] if len(self.text(good[0])) >= 12 else max(good, key=lambda place: len(self.text(place)))
        )

    def _beside(self, place: int, end: int, anchors: tuple[Anchor, ...]) -> Title | None:
        """Return words set as a title beside a link that says nothing itself ("read more", a picture)."""
        view = self._view
        others = {anchor.key for anchor in view.anchors_in(place, end)} - {anchors[0].key}
        for at in range(place, end):
            named = any(_TITLE_CLASS.search(name) for name in view.classes[at])
            if (
                not (named or view.tags[at] in ("strong", "b", "dt"))
                or not 0 < view.chars(at) <= _SIBLING_CHARS
            ):
                continue
            if others & {anchor.key for anchor in view.anchors_in(at)}:
                continue
            text = self.text(at)
            if _may_be_title(text) and not (len(text) < 40 and may_be_date(text)):
                return Title(text, at, heading=False)
        return None

    def _unlinked(self, members: Sequence[Member]) -> list[Title]:
        """Return words that stand in one way in most members, unlinked, in each others; the longest such."""
        ways: dict[int, dict[int, int]] = {}
        for number, (place, end, _) in enumerate(members):
            for at in range(place, end):
                text = self._view.texts[at]
                if (
                    len(text) <= _SIBLING_CHARS
                    and any(map(str.isalpha, text))
                    and not self._view.anchors_in(at)
                ):
                    ways.setdefault(self._view.paths[at], {}).setdefault(number, at)
        best: list[Title] = []
        for places in ways.values():
            if len(places) < _IN_MOST * len(members):
                continue
            texts = {number: self.text(at) for number, at in places.items()}
            titles = [
                Title(texts[number], places[number], heading=False) if number in places else _NONE
                for number in range(len(members))
            ]
            dated = sum(len(text) < 40 and may_be_date(text) for text in texts.values())
            if dated <= 0.5 * len(texts) and _distinct(titles) >= _IN_MOST and _chars(titles) > _chars(best):
                best = titles
        return best

    def _attribute(self, anchors: tuple[Anchor, ...]) -> Title:
        """Return the title that a link without words carries in an attribute, its own or its picture's."""
        for anchor in anchors:
            element = self._view.nodes[anchor.node]
            for node in (element, *element.iter("img")):
                for name in ("title", "aria-label", "alt"):
                    text = normalise_title(node.get(name) or "")
                    if _may_be_title(text):
                        return Title(text, anchor.node, heading=False)
        shown = next((anchor for anchor in anchors if anchor.text and not is_more_link(anchor.text)), None)
        return Title(self.text(shown.node), shown.node, heading=False) if shown else _NONE


def _may_be_title(text: str) -> bool:
    return any(map(str.isalnum, text)) and not is_more_link(text)


def _chars(titles: list[Title]) -> int:
    return sum(len(title.text) for title in titles)


def _distinct(titles: list[Title]) -> float:
    return len({title.text for title in titles if title.text}) / max(len(titles), 1)
