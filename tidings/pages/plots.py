"""Plots as plain SVG, drawn by pygal: shapes and letters, no style, no script, nothing from elsewhere.

pygal brings a style sheet, a script and remarks along; all of it is left out, and the few colours stand on the shapes
themselves, so that a picture needs no permission of the page's policy. There is one for light and one for dark.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pygal
from lxml import etree

# pygal puts a finder for its maps in front of every later import, of a kind that Python has given up: it warns of it.
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != pygal.__name__]


class Scheme(StrEnum):
    """What a plot is looked at on."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, kw_only=True, slots=True)
class Colours:
    """Of one scheme: what is drawn, its labels, and the guides behind it."""

    ink: str
    label: str
    guide: str


COLOURS = {
    Scheme.LIGHT: Colours(ink="#0b5d66", label="#59606b", guide="#e2ddd2"),
    Scheme.DARK: Colours(ink="#84ccd3", label="#a4a9b1", guide="#30363d"),
}
FONT = "system-ui, sans-serif"
WIDTH, HEIGHT = 720, 220
SPARK_WIDTH, SPARK_HEIGHT = 150, 32
MOST_LABELS = 7
_SVG = "{http://www.w3.org/2000/svg}"
_DROPPED = frozenset(f"{_SVG}{name}" for name in ("defs", "style", "script", "desc", "title"))


def sparkline(values: Sequence[int], scheme: Scheme) -> bytes:
    """Return a row of bars without any letters."""
    chart = _chart(
        pygal.Bar,
        width=SPARK_WIDTH,
        height=SPARK_HEIGHT,
        margin=0,
        spacing=0,
        show_x_labels=False,
        show_y_labels=False,
        show_x_guides=False,
        show_y_guides=False,
    )
    chart.add("", list(values))
    return _plain(chart, scheme, bare=True)


def bars(labels: Sequence[str], values: Sequence[int], scheme: Scheme) -> bytes:
    """Return bars over labels, of which as many are written as there is room for."""
    chart = _chart(pygal.Bar, width=WIDTH, height=HEIGHT)
    _label(chart, labels)
    chart.add("", list(values))
    return _plain(chart, scheme)


def line(labels: Sequence[str], values: Sequence[int | None], scheme: Scheme) -> bytes:
    """Return a line with a dot at each value; where there is None it is broken."""
    chart = _chart(pygal.Line, width=WIDTH, height=HEIGHT, dots_size=3)
    _label(chart, labels)
    chart.add("", list(values), allow_interruptions=True)
    return _plain(chart, scheme)


def _chart(kind: type[Any], **more: object) -> Any:
    return kind(
        **{
            "js": [],
            "css": [],
            "inline_css": [],
            "show_legend": False,
            "no_prefix": True,
            "min_scale": 2,
            "max_scale": 5,
            "include_x_axis": True,
            "no_data_text": "",
            "truncate_label": -1,
            "value_formatter": lambda value: f"{value:g}",
            **more,
        }
    )


def _label(chart: Any, labels: Sequence[str]) -> None:
    step = max(1, -(-len(labels) // MOST_LABELS))
    chart.x_labels = [label if not place % step else "" for place, label in enumerate(labels)]


def _plain(chart: Any, scheme: Scheme, *, bare: bool = False) -> bytes:
    """Return what a chart draws, without what only its script and its style sheet are for."""
    colours = COLOURS[scheme]
    root = etree.fromstring(chart.render())
    for element in list(root.iter()):
        classes = (element.get("class") or "").split()
        dropped = not isinstance(element.tag, str) or element.tag in _DROPPED
        if dropped or {"background", "tooltip-overlay", "text-overlay"} & set(classes):
            _drop(element)
        else:
            _paint(element, colours, bare=bare)
    for element in root.iter(f"{_SVG}*"):
        for name in ("class", "id", "style"):
            element.attrib.pop(name, None)
    root.set("font-family", FONT)
    root.set("font-size", "12")
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8")


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _paint(element: etree._Element, colours: Colours, *, bare: bool) -> None:
    kind = str(element.tag).removeprefix(_SVG)
    axes = {each for above in element.iterancestors() for each in (above.get("class") or "").split()}
    if kind == "text":
        element.set("fill", colours.label)
        element.set("text-anchor", "end" if "y" in axes else "middle")
    elif kind in {"rect", "circle"}:
        element.set("fill", colours.ink)
    elif kind == "path":
        drawn = "guides" not in axes and "axis" not in axes
        if not drawn and (bare or "x" in axes):
            _drop(element)
            return
        element.set("fill", "none")
        element.set("stroke", colours.ink if drawn else colours.guide)
        element.set("stroke-width", "2" if drawn else "1")
