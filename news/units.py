"""What there is to decide in a run, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from news.known import PendingEntry
from news.naming import Naming
from news.run import Reading
from news.unit import Unit
from news.urls import url_key


def units_of(
    reading: Reading, pending: Mapping[str, PendingEntry], aliases: Mapping[str, str], naming: Naming
) -> Iterator[Unit]:
    """Yield looks at what is not listed, then the listing from its bottom up.

    A look at an article that may stand further down at another address, by its id, comes last: that nothing is left at
    the old one says nothing if it does.

    :param pending: the entries that wait, as they stand when each unit is asked for.
    :param aliases: the articles of known addresses and ids, likewise.
    """
    looks = {url_key(look.url): look for look in reading.looks}
    listed = {entry.key for entry in reading.entries}
    named = naming.named(reading.entries, aliases)
    later: list[str] = []
    for key, look in looks.items():
        if key in listed or (key not in aliases and key not in pending):
            continue
        if aliases.get(key) in named:
            later.append(key)
        else:
            yield Unit(key=key, entry=None, position=-1, look=look, pending=pending.get(key))
    for position in reversed(range(len(reading.entries))):
        entry = reading.entries[position]
        yield Unit(
            key=entry.key,
            entry=entry,
            position=position,
            look=looks.get(entry.key),
            pending=pending.get(entry.key),
        )
    for key in later:
        yield Unit(key=key, entry=None, position=-1, look=looks[key], pending=pending.get(key))
