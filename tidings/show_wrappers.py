"""The versions of a source's selectors for people: a list, and the difference between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

from digest.wording import count, line, moment
from news.healing import Healing, ItemState
from tidings import show
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from rich.text import Text

    from storage.wrappers import WrapperVersion

_STYLES = {
    ItemState.RECOGNISED: "",
    ItemState.NEW: show.STYLES["new"],
    ItemState.OLDER: show.STYLES["quiet"],
    ItemState.LOST: show.STYLES["withdrawn"],
}
_INDENT = " " * 14


def version_table(versions: Sequence[WrapperVersion], *, now: datetime) -> None:
    """Write one row a version, the newest first."""
    rows: list[list[str | Text]] = [
        [
            str(each.version),
            each.state,
            each.origin,
            ago(each.created_at, now),
            _used_since(each),
            "-" if each.confidence is None else f"{each.confidence:.2f}",
            line(each.healing.symptom) if each.healing else "",
        ]
        for each in versions
    ]
    table(
        ["#VERSION", "STATE", "ORIGIN", "MADE", "IN USE SINCE", "#CONFIDENCE", "BECAUSE"],
        rows,
        flexible="BECAUSE",
    )


def _used_since(version: WrapperVersion) -> str:
    """Return since when a version is or was in use: from its beginning, where nobody put it in use later."""
    since = version.in_use_at or version.approved_at
    return "-" if since is None else moment(since)


def diff_lines(name: str, old: WrapperVersion, new: WrapperVersion) -> Iterator[str | Text]:
    """Yield how ``new`` differs from ``old``: the selectors, what it rests on, and what became of each item."""
    sides = [f"version {each.version} ({each.origin}, {each.state})" for each in (new, old)]
    yield show.styled((name, "bold"), f": {' against '.join(sides)}")
    yield from _selector_lines(old, new)
    if new.healing is not None:
        yield from _evidence_lines(new.healing)
    if new.is_proposal:
        yield f"`tidings sources approve {name} --wrapper {new.version}` takes it; `reject` does not"


def _selector_lines(old: WrapperVersion, new: WrapperVersion) -> Iterator[str | Text]:
    same = True
    if old.whereabouts != new.whereabouts:
        same = False
        yield "  where"
        yield show.styled((f"    - {_where(old)}", show.STYLES["withdrawn"]))
        yield show.styled((f"    + {_where(new)}", show.STYLES["new"]))
    for part, before, after in (("", old.wrapper, new.wrapper), ("article ", old.article, new.article)):
        for field in fields(before):
            was, is_ = getattr(before, field.name), getattr(after, field.name)
            if was == is_:
                continue
            same = False
            yield f"  {part}{field.name}"
            yield from (show.styled((f"    - {each}", show.STYLES["withdrawn"])) for each in was)
            yield from (show.styled((f"    + {each}", show.STYLES["new"])) for each in is_)
    if same:
        yield "  their selectors are the same"


def _where(version: WrapperVersion) -> str:
    """Say in words where a version is asked for."""
    elsewhere, declared = version.whereabouts, version.declared
    if elsewhere is None:
        return f"{declared.channel} at {line(declared.url)}, where it is declared"
    return f"{elsewhere.channel} at {line(elsewhere.url)}"


def _evidence_lines(healing: Healing) -> Iterator[str | Text]:
    yield f"  why: {line(healing.symptom)}"
    yield f"  confidence {healing.confidence:.2f}: {'; '.join(line(reason) for reason in healing.reasons)}"
    for item in healing.items:
        by = f" (by {item.by})" if item.by is not None and item.old_url else ""
        yield show.styled("  ", (f"{item.state:<10}", _STYLES[item.state]), f"  {line(item.title)}{by}")
        yield show.styled(_INDENT, (line(item.url), "dim"))
        if item.old_url:
            yield show.styled(_INDENT, (f"was {line(item.old_url)}", "dim"))
    numbers = {state: sum(item.state is state for item in healing.items) for state in ItemState}
    told = ", ".join(f"{number} {state}" for state, number in numbers.items() if number)
    yield f"  {count(len(healing.items), 'item', 'items')}: {told}"
