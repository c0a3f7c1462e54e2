"""A digest as a table for spreadsheets: CSV by RFC 4180, in which no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from digest import wording
from digest.alert_words import words_of
from digest.model import Digest, DigestItem
from digest.text import MARKS
from news.redline import EditClass
from news.text import normalise_text, truncate

COLUMNS = (
    "id", "article", "seq", "kind", "url", "title", "old_title", "source", "source_title", "language", "published_at",
    "first_seen_at", "changed_at", "revision", "edit_class", "marks", "reverts_to", "excerpt", "redline",
    "withdrawn_at", "also", "told_with",
)  # fmt: skip
"""The header row. Columns may be added at the end; none is renamed, moved or given another meaning."""

MAX_CELL = 30_000
"""Characters of one cell: spreadsheets cut off what is beyond 32,767."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What a spreadsheet may take a cell for more than text by, at its beginning; and the mark that is put before it."""


def render_csv(digest: Digest) -> str:
    """Return a digest as CSV: a header, then one row a change, in the order of the log. Lines end with CR LF.

    What is told with another change, since it tells the same story, is a row of its own with that one's id in
    ``told_with``. Last come the sources that are not being read, or have stopped publishing: rows without an id whose
    kind is ``unread`` or ``quiet``, since a table without news would pass for good news; and alerts, likewise.
    """
    written = io.StringIO(newline="")
    table = csv.writer(written, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for item, leader in sorted(_rows(digest), key=lambda row: row[0].change.seq):
        cells = _cells(item, leader)
        table.writerow([cell(cells[name]) for name in COLUMNS])
    for told in _of_sources(digest):
        table.writerow([cell(told.get(name, "")) for name in COLUMNS])
    return written.getvalue()


def cell(text: str) -> str:
    """Return what stands in a cell: text that no spreadsheet takes for a formula.

    An apostrophe is put before it, as people type it there; one that stands there already gets another, so that
    whoever takes one away has the text back.

    >>> cell("=1+1"), cell("a=b"), cell("'tis")
    ("'=1+1", 'a=b', "''tis")
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(digest: Digest) -> Iterator[tuple[DigestItem, str]]:
    for item in digest.items:
        yield item, ""
        for other in item.retold:
            yield other, item.id


def _of_sources(digest: Digest) -> Iterator[dict[str, str]]:
    for unread in digest.unread:
        since = "" if unread.since is None else wording.machine_time(unread.since)
        yield _of_source("unread", unread.source, unread.title, since, wording.unread_of(unread))
    for stretch in digest.stretches:
        since = wording.machine_time(stretch.since)
        yield _of_source("unread", stretch.source, stretch.title, since, wording.stretch_of(stretch))
    for quiet in digest.quiet:
        yield _of_source("quiet", quiet.source, quiet.title, quiet.since.isoformat(), wording.quiet_of(quiet))
    for alert in digest.alerts:
        words = words_of(alert)
        since = wording.machine_time(alert.since)
        yield _of_source(words.state, alert.source or alert.subscription, words.name, since, words.detail)


def _of_source(kind: str, source: str, title: str, since: str, what: str) -> dict[str, str]:
    return {
        "kind": kind,
        "source": wording.line(source),
        "source_title": wording.line(title) or wording.line(source),
        "changed_at": since,
        "excerpt": what,
    }


def _cells(item: DigestItem, leader: str) -> dict[str, str]:
    change = item.change
    redline = "".join(f"{MARKS[op][0]}{words}{MARKS[op][1]}" for op, words in wording.pieces(item.redline))
    seen, gone = change.first_seen_at, item.withdrawn_at
    return {
        "id": item.id,
        "article": item.article,
        "seq": str(change.seq),
        "kind": str(change.kind),
        "url": wording.link_of(change),
        "title": wording.title_of(change),
        "old_title": wording.formerly(change),
        "source": wording.line(change.source),
        "source_title": wording.name_of(item.place),
        "language": wording.line(change.language),
        "published_at": wording.machine_date(change.published_at, change.published_precision) or "",
        "first_seen_at": "" if seen is None else wording.machine_time(seen),
        "changed_at": wording.machine_time(change.at),
        "revision": str(change.revision),
        "edit_class": "" if change.edit_class is EditClass.NONE else str(change.edit_class),
        "marks": " ".join(change.marks),
        "reverts_to": str(change.reverts_to or ""),
        "excerpt": truncate(normalise_text(item.excerpt), MAX_CELL),
        "redline": truncate(redline, MAX_CELL),
        "withdrawn_at": "" if gone is None else wording.machine_time(gone),
        "also": "; ".join(wording.name_of(place) for place in item.also),
        "told_with": leader,
    }
