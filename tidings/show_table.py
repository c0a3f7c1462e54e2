"""Rows and columns for people: aligned, cut where a terminal is narrow, stacked where that is not enough."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidings import show

if TYPE_CHECKING:
    from rich.text import Text

    Cell = str | Text

SPACE = "  "
NARROWEST = 16
"""Columns that the flexible column keeps; below that, rows are written one below the other."""


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, flexible: str) -> None:
    """Write rows as columns to stdout, complete where it is no terminal.

    Args:
        headings: of the columns; one that begins with ``#`` (not shown) is of a column of numbers.
        rows: a cell for each heading.
        flexible: the heading of the column that is cut first.
    """
    names = [heading.lstrip("#") for heading in headings]
    cut = headings.index(flexible)
    widths = _widths(names, rows)
    room = show.width() - sum(widths) - len(SPACE) * (len(widths) - 1)
    if room < 0:
        widths[cut] += room
    if widths[cut] < NARROWEST and room < 0:
        for row in rows:
            show.say(*_stacked(names, row))
        return
    right = [heading.startswith("#") for heading in headings]
    show.say(show.styled((_line(names, widths, right).plain.rstrip(), "bold")))
    for row in rows:
        line = _line(row, widths, right)
        line.rstrip()
        show.say(line)


def _widths(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    from rich.cells import cell_len

    return [
        max(len(name), *(cell_len(str(row[number])) for row in rows), 0) for number, name in enumerate(names)
    ]


def _line(cells: Sequence[Cell], widths: Sequence[int], right: Sequence[bool]) -> Text:
    made = show.styled("")
    for number, (cell, width, at_right) in enumerate(zip(cells, widths, right, strict=True)):
        shown = show.styled(cell)
        shown.truncate(width, overflow="ellipsis")
        space = " " * (width - shown.cell_len)
        made = show.styled(
            made, SPACE if number else "", space if at_right else "", shown, "" if at_right else space
        )
    return made


def _stacked(names: Sequence[str], row: Sequence[Cell]) -> list[Cell]:
    """Return a row below its first cell; what is empty is left out."""
    facts = show.styled("")
    for name, cell in zip(names[1:], row[1:], strict=True):
        if str(cell) != "-":
            facts = show.styled(facts, "; " if facts else "", f"{name.lower()}: ", cell)
    lines = facts.wrap(show.console(sys.stdout), show.width() - len(SPACE))
    return [show.styled((str(row[0]), "bold")), *(show.styled(SPACE, line) for line in lines)]
