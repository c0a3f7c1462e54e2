"""What there is to decide in a run, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from news.article import Look
from news.entry import Entry
from news.known import PendingEntry
from news.naming import Naming
from news.unit import Unit
from news.urls import url_key


def units_of(
    entries: tuple[Entry, ...],
    seen: Sequence[Look],
    pending: Mapping[str, PendingEntry],
    aliases: Mapping[str, str],
    naming: Naming,
    fingerprints: Mapping[str, str],
) -> Iterator[Unit]:
    """Yield looks at what is not listed, then the listing from its bottom up.

    A look at an article that may be listed at another address, by its id or by its text, comes last: that nothing is
    left at the old one says nothing if it does.

    :param entries: the listing, top first.
    :param seen: the looks, as far as they are believed.
    :param pending: the entries that wait, as they stand when each unit is asked for.
    :param aliases: the articles of known addresses and ids, likewise.
    :param fingerprints: the articles of known texts.
    """
    looks = {url_key(look.url): look for look in seen}
    listed = {entry.key for entry in entries}
    new = [look.content for key, look in looks.items() if key in listed and key not in aliases]
    copied = {fingerprints[each.fingerprint] for each in new if each and each.fingerprint in fingerprints}
    elsewhere = naming.named(entries, aliases) | copied
    later: list[str] = []
    for key, look in looks.items():
        if key in listed or (key not in aliases and key not in pending):
            continue
        if aliases.get(key) in elsewhere:
            later.append(key)
        else:
            yield Unit(key=key, entry=None, position=-1, look=look, pending=pending.get(key))
    for position in reversed(range(len(entries))):
        entry = entries[position]
        yield Unit(
            key=entry.key,
            entry=entry,
            position=position,
            look=looks.get(entry.key),
            pending=pending.get(entry.key),
        )
    for key in later:
        yield Unit(key=key, entry=None, position=-1, look=looks[key], pending=pending.get(key))
