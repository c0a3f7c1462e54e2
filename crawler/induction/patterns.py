"""Selectors as data: chains of simple steps that can be tried on the table of a page before they are written as CSS."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.induction.durable import is_durable
from crawler.induction.view import View

_ATTRIBUTES = (
    "itemprop", "itemtype", "role", "rel", "data-testid", "data-component", "data-type", "data-role", "property",
    "datetime",
)  # fmt: skip
_VALUED = frozenset(_ATTRIBUTES) - {"datetime"}
_PLAIN_VALUE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a selector: any of tag, class names, an attribute (with a value, or just there) and an id."""

    tag: str = ""
    classes: tuple[str, ...] = ()
    attribute: str = ""
    value: str = ""
    id: str = ""

    def css(self) -> str:
        """Return the step as CSS."""
        text = self.tag + "".join(f".{name}" for name in self.classes)
        if self.id:
            text = f"#{self.id}" if not text else f"{text}#{self.id}"
        if self.attribute:
            text += f'[{self.attribute}="{self.value}"]' if self.value else f"[{self.attribute}]"
        return text or "*"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Steps from the outermost to the element itself; ``child`` says of each but the first that it is a child."""

    steps: tuple[Step, ...]
    child: tuple[bool, ...] = ()

    def css(self) -> str:
        """Return the pattern as CSS."""
        text = self.steps[0].css()
        for step, child in zip(self.steps[1:], self.child, strict=True):
            text += f"{' > ' if child else ' '}{step.css()}"
        return text


class Finder:
    """Finds the elements of a page that a pattern selects, by tables of tags, class names and attributes."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._by_tag: dict[str, list[int]] = defaultdict(list)
        self._by_class: dict[str, list[int]] = defaultdict(list)
        for place, tag in enumerate(view.tags):
            self._by_tag[tag].append(place)
            for name in view.classes[place]:
                self._by_class[name].append(place)
        self._all = range(len(view.tags))

    def find(self, pattern: Pattern, start: int = 0, end: int | None = None) -> list[int]:
        """Return the elements in a subtree (its root included, as the reading does) that a pattern selects."""
        stop = len(self.view.tags) if end is None else end
        last = pattern.steps[-1]
        places = self._ranged(last, start, stop)
        found = [place for place in places if self.matches(last, place)]
        if len(pattern.steps) > 1:
            found = [place for place in found if self._stands(pattern, len(pattern.steps) - 1, place, start)]
        return found

    def find_linked(self, pattern: Pattern, start: int = 0, end: int | None = None) -> list[int]:
        """Return what `find` does, without elements that lead nowhere: they can be no entries."""
        counts, ends = self.view.anchor_count, self.view.ends
        return [place for place in self.find(pattern, start, end) if counts[ends[place]] > counts[place]]

    def _ranged(self, step: Step, start: int, stop: int) -> list[int] | range:
        if step.classes:
            places = min((self._by_class.get(name, []) for name in step.classes), key=len)
        elif step.tag:
            places = self._by_tag.get(step.tag, [])
        else:
            return self._all[start:stop]
        return places[bisect_left(places, start) : bisect_left(places, stop)]

    def matches(self, step: Step, place: int) -> bool:
        """Tell whether one element fits a step."""
        view = self.view
        if step.tag and view.tags[place] != step.tag:
            return False
        if step.classes and not set(step.classes) <= set(view.classes[place]):
            return False
        if step.id and view.nodes[place].get("id") != step.id:
            return False
        if not step.attribute:
            return True
        value = view.nodes[place].get(step.attribute)
        return value is not None and (not step.value or value == step.value)

    def _stands(self, pattern: Pattern, index: int, place: int, start: int) -> bool:
        if index == 0:
            return True
        view, step = self.view, pattern.steps[index - 1]
        above = view.parents[place]
        while above >= start:
            if self.matches(step, above) and self._stands(pattern, index - 1, above, start):
                return True
            if pattern.child[index - 1]:
                return False
            above = view.parents[above]
        return False

    def is_unique(self, step: Step) -> bool:
        """Tell whether a step selects one element of the page."""
        return len(self.find(Pattern((step,)))) == 1


def class_steps(view: View, places: list[int]) -> list[Step]:
    """Return the steps by class names that all these elements share, the simplest first."""
    tags = {view.tags[place] for place in places}
    tag = tags.pop() if len(tags) == 1 else ""
    shared = [
        name
        for name in view.classes[places[0]]
        if is_durable(name) and all(name in view.classes[place] for place in places)
    ][:8]
    steps = [Step(tag=tag, classes=(name,)) for name in shared]
    steps += [Step(tag=tag, classes=(one, two)) for i, one in enumerate(shared) for two in shared[i + 1 :]]
    return steps


def attribute_steps(view: View, places: list[int]) -> list[Step]:
    """Return the steps by attributes that say what an element is, where all these elements share them."""
    tags = {view.tags[place] for place in places}
    tag = tags.pop() if len(tags) == 1 else ""
    first = view.nodes[places[0]]
    steps = []
    for name in _ATTRIBUTES:
        value = first.get(name)
        if value is None:
            continue
        if name in _VALUED:
            if _is_plain(value) and all(view.nodes[place].get(name) == value for place in places):
                steps.append(Step(tag=tag, attribute=name, value=value))
        elif all(view.nodes[place].get(name) is not None for place in places):
            steps.append(Step(tag=tag, attribute=name))
    return steps


def tag_step(view: View, places: list[int]) -> Step | None:
    """Return the step by tag alone, or None if the tags differ."""
    tags = {view.tags[place] for place in places}
    return Step(tag=tags.pop()) if len(tags) == 1 else None


def durable_id(node: HtmlElement) -> str:
    """Return an element's id if it may stand in a stored selector."""
    name = node.get("id") or ""
    return name if name and not any(map(str.isdigit, name)) and is_durable(name) else ""


def _is_plain(value: str) -> bool:
    return (
        0 < len(value) <= _PLAIN_VALUE_CHARS
        and '"' not in value
        and "\\" not in value
        and value.isprintable()
    )
