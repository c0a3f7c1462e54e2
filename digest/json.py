"""A digest, and the changes that other commands print, as JSON; ``schema`` numbers the documented shapes."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from digest import wording
from digest.model import Alert, Digest, DigestItem, Place
from news.change import Change
from news.redline import EditClass
from news.text import direction

SCHEMA: Literal[1] = 1

# C1 controls, what has no glyph or turns text round, and halves of characters: escaped, so that a terminal that shows
# the JSON is not led astray. It stays the same JSON, and nothing is lost.
_UNSAFE = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def render_json(digest: Digest) -> str:
    """Return a digest as one JSON object, ending with a line feed (RFC 8259)."""
    return dumps(digest_json(digest)) + "\n"


def digest_json(digest: Digest) -> dict[str, Any]:
    """Return a digest as JSON values: its number and range, and the changes in the order of the log."""
    return {
        "schema": SCHEMA,
        "number": digest.number,
        "subscription": digest.subscription,
        "after_seq": digest.after_seq,
        "upto_seq": digest.upto_seq,
        "composed_at": wording.machine_time(digest.composed_at),
        "changes": [item_json(item) for item in digest.items],
        "unread": [
            {
                "schema": SCHEMA,
                "source": unread.source,
                "title": unread.title,
                "verdict": unread.verdict,
                "reason": unread.reason,
                "since": None if unread.since is None else wording.machine_time(unread.since),
            }
            for unread in digest.unread
        ],
        "stretches": [
            {
                "schema": SCHEMA,
                "source": stretch.source,
                "title": stretch.title,
                "state": stretch.state,
                "since": wording.machine_time(stretch.since),
                "until": wording.machine_time(stretch.until),
            }
            for stretch in digest.stretches
        ],
        "quiet": [
            {
                "schema": SCHEMA,
                "source": quiet.source,
                "title": quiet.title,
                "since": quiet.since.isoformat(),
                "days": quiet.days,
                "expected": round(quiet.expected, 1),
            }
            for quiet in digest.quiet
        ],
        "hidden": dict(digest.hidden),
        "remaining": digest.remaining,
        "alerts": [alert_json(alert) for alert in digest.alerts],
        "hash": digest.hash,
    }


def alert_json(alert: Alert) -> dict[str, Any]:
    """Return one alert: what ails a source or a delivery, or that it is well again."""
    return {
        "schema": SCHEMA,
        "state": alert.state,
        "before": alert.before or None,
        "since": wording.machine_time(alert.since),
        "source": alert.source or None,
        "title": alert.title or None,
        "delivery": alert.delivery,
        "subscription": alert.subscription or None,
        "number": alert.number,
        "reason": alert.reason or None,
    }


def change_json(change: Change) -> dict[str, Any]:
    """Return one change as every command prints it.

    ``url`` is percent-encoded where it is fit to be followed. ``published_at`` is as long as the source was precise: a
    time, a day (``2026-11-22``), a month or a year; so is ``old_published_at``. ``edit_class`` is None where no words
    were edited.
    """
    edited = change.edit_class is not EditClass.NONE
    return {
        "schema": SCHEMA,
        "seq": change.seq,
        "kind": str(change.kind),
        "url": wording.link_of(change) or change.url,
        "title": change.title,
        "source": change.source,
        "published_at": wording.machine_date(change.published_at, change.published_precision),
        "published_precision": change.published_precision or None,
        "first_seen_at": None if change.first_seen_at is None else wording.machine_time(change.first_seen_at),
        "changed_at": wording.machine_time(change.at),
        "language": change.language or None,
        "dir": direction(change.language),
        "revision": change.revision,
        "edit_class": str(change.edit_class) if edited else None,
        "old_title": change.old_title or None,
        "old_published_at": wording.machine_date(change.old_published_at, change.old_published_precision),
        "marks": [str(mark) for mark in change.marks],
        "reverts_to": change.reverts_to or None,
        "summary": change.summary,
    }


def item_json(item: DigestItem) -> dict[str, Any]:
    """Return a change as a digest tells it: with stable ids, its redline, and where else it stands.

    ``retold`` holds the changes of other articles that tell the same story, which are shown with this one and stand
    nowhere else; ``elsewhere`` names articles that this digest tells in another place, or not at all.
    """
    return {
        **change_json(item.change),
        "id": item.id,
        "article": item.article,
        "source_title": item.place.title,
        "excerpt": item.excerpt,
        "redline": [{"op": span.op, "text": span.text} for span in item.redline],
        "also": [_place(place) for place in item.also],
        "withdrawn_at": None if item.withdrawn_at is None else wording.machine_time(item.withdrawn_at),
        "matched": None if item.matched is None else {"words": item.matched.words, "part": item.matched.part},
        "retold": [item_json(other) for other in item.retold],
        "elsewhere": [
            {
                "relation": reference.relation,
                "article": reference.article,
                "url": wording.link_to(reference.url) or reference.url,
                "title": reference.title,
                "language": reference.language or None,
                "dir": direction(reference.language),
                "source": reference.place.source,
                "source_title": reference.place.title,
            }
            for reference in item.elsewhere
        ],
    }


def dumps(value: Any, *, indent: int | None = 2) -> str:
    r"""Return readable JSON in which letters stand as they are, and nothing that a terminal would obey.

    Without ``indent`` it is one line and as short as it gets.

    >>> print(dumps({"title": "أ\u202e"}))
    {
      "title": "أ\u202e"
    }
    """
    between = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=between)
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _place(place: Place) -> dict[str, str]:
    return {"source": place.source, "title": place.title}
