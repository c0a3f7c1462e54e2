"""The order in which people read a digest: what is new, then edits, then what went and came back; each by source."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Digest, DigestItem, Place
from news.change import ChangeKind

SECTIONS = (
    ("new", "New", (ChangeKind.PUBLISHED, ChangeKind.LISTED)),
    ("edited", "Edited", (ChangeKind.EDITED, ChangeKind.RETITLED, ChangeKind.REDATED)),
    ("withdrawn", "Withdrawn", (ChangeKind.WITHDRAWN,)),
    ("restored", "Restored", (ChangeKind.RESTORED,)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The items of one source within a section, the newest first."""

    place: Place
    items: tuple[DigestItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One kind of news; ``name`` is for programs and anchors, ``title`` for people.

    ``size`` is how many items the digest has of it, of which ``groups`` hold those that are shown.
    """

    name: str
    title: str
    size: int
    groups: tuple[Group, ...]


def sections(digest: Digest) -> tuple[Section, ...]:
    """Return the sections of a digest that hold anything, sources by title, and in each the newest first.

    Where only some items are shown these are the newest of the first sections.
    """
    found, room = [], len(digest.items) if digest.shown is None else digest.shown
    for name, title, kinds in SECTIONS:
        items = [item for item in digest.items if item.change.kind in kinds]
        shown = items[-room:] if room > 0 else []
        room -= len(shown)
        if shown:
            found.append(Section(name=name, title=title, size=len(items), groups=_groups(shown)))
    return tuple(found)


def _groups(items: list[DigestItem]) -> tuple[Group, ...]:
    places = {item.place.source: item.place for item in items}
    return tuple(
        Group(
            place=place,
            items=tuple(item for item in reversed(items) if item.place.source == place.source),
        )
        for place in sorted(places.values(), key=lambda place: (place.title.casefold(), place.source))
    )
