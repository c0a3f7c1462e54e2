"""A digest as the plain JSON that is stored, and back without loss; the hash that guards it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Literal, cast

from digest.model import Alert, Digest, DigestItem, Direction, Place, Reference
from news.change import Change, ChangeKind, EditMark
from news.errors import DigestError
from news.redline import EditClass, Op, Span
from news.word_filter import Matched
from storage.quiet import QuietSource
from storage.subscriptions import StoredDigest
from storage.unread import UnreadSource, UnreadStretch

SCHEMA: Literal[1] = 1


def sealed(digest: Digest) -> Digest:
    """Return the digest with its hash."""
    return replace(digest, hash=content_hash(content_of(digest)))


def content_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a content's canonical JSON: sorted keys, no white space, ASCII only."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Any) -> bytes:
    """Return the one text that a content's hash is made of."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def content_of(digest: Digest) -> dict[str, Any]:
    """Return everything of a digest except its hash, as plain JSON values."""
    content = {
        "schema": SCHEMA,
        "number": digest.number,
        "subscription": digest.subscription,
        "after_seq": digest.after_seq,
        "upto_seq": digest.upto_seq,
        "upto_run_id": digest.upto_run_id,
        "composed_at": digest.composed_at.isoformat(),
        "items": [_item_content(item) for item in digest.items],
        "unread": [
            {
                "source": unread.source,
                "title": unread.title,
                "language": unread.language,
                "verdict": unread.verdict,
                "reason": unread.reason,
                "since": _text(unread.since),
            }
            for unread in digest.unread
        ],
        "stretches": [
            {
                "source": stretch.source,
                "title": stretch.title,
                "language": stretch.language,
                "state": stretch.state,
                "since": stretch.since.isoformat(),
                "until": stretch.until.isoformat(),
            }
            for stretch in digest.stretches
        ],
        "quiet": [
            {
                "source": quiet.source,
                "title": quiet.title,
                "language": quiet.language,
                "since": quiet.since.isoformat(),
                "days": quiet.days,
                "expected": quiet.expected,
            }
            for quiet in digest.quiet
        ],
        "hidden": [[label, count] for label, count in digest.hidden],
        "remaining": digest.remaining,
    }
    # Only a subscription of alerts has any: so the others' are hashed as ever.
    if digest.alerts:
        content["alerts"] = [asdict(alert) | {"since": alert.since.isoformat()} for alert in digest.alerts]
    return content


def stored_form(digest: Digest) -> StoredDigest:
    """Return a sealed, numbered digest as the database keeps it."""
    if digest.number is None:
        raise ValueError("a digest without a number is a look; it is not stored")
    return StoredDigest(
        number=digest.number,
        after_seq=digest.after_seq,
        upto_seq=digest.upto_seq,
        composed_at=digest.composed_at,
        content=content_of(digest),
        hash=digest.hash,
    )


def digest_from(stored: StoredDigest) -> Digest:
    """Return the digest that a stored one holds.

    Raises:
        DigestError: it was made by a newer version, or is not what was stored: the hash does not fit.
    """
    content = stored.content
    check_schema(content, stored.number)
    if content_hash(content) != stored.hash:
        raise altered(content, stored.number)
    items = tuple(item_from(item) for item in content["items"])
    return digest_with(content, items, hash=stored.hash)


def check_schema(content: Mapping[str, Any], number: int) -> None:
    """Refuse what a newer version of tidings composed.

    Raises:
        DigestError: with the digest's name.
    """
    if content.get("schema") != SCHEMA:
        name = _name(content, number)
        raise DigestError(f"The {name} was composed by another version of tidings; upgrade to read it.")


def altered(content: Mapping[str, Any], number: int) -> DigestError:
    """Return the error for a digest that is not what was stored."""
    name = _name(content, number)
    return DigestError(f"The {name} was altered after it was stored; restore the database from a backup.")


def digest_with(content: Mapping[str, Any], items: tuple[DigestItem, ...], *, hash: str) -> Digest:  # noqa: A002
    """Return the digest of a stored content, with these items in the place of its own."""
    return Digest(
        number=content["number"],
        subscription=content["subscription"],
        after_seq=content["after_seq"],
        upto_seq=content["upto_seq"],
        upto_run_id=content["upto_run_id"],
        composed_at=datetime.fromisoformat(content["composed_at"]),
        items=items,
        unread=tuple(
            UnreadSource(**{**unread, "since": _moment(unread["since"])}) for unread in content["unread"]
        ),
        stretches=tuple(
            UnreadStretch(
                **{
                    **stretch,
                    "since": datetime.fromisoformat(stretch["since"]),
                    "until": datetime.fromisoformat(stretch["until"]),
                }
            )
            for stretch in content["stretches"]
        ),
        quiet=tuple(
            QuietSource(**{**quiet, "since": date.fromisoformat(quiet["since"])})
            for quiet in content.get("quiet", ())  # not told of by earlier versions
        ),
        hidden=tuple((label, count) for label, count in content["hidden"]),
        remaining=content["remaining"],
        alerts=tuple(
            Alert(**{**alert, "since": datetime.fromisoformat(alert["since"])})
            for alert in content.get("alerts", ())
        ),
        hash=hash,
    )


def _name(content: Mapping[str, Any], number: int) -> str:
    return f"digest {number} of {content.get('subscription', '?')!r}"


def _item_content(item: DigestItem) -> dict[str, Any]:
    change = item.change
    content: dict[str, Any] = {
        "id": item.id,
        "article": item.article,
        "change": {
            "seq": change.seq,
            "kind": str(change.kind),
            "at": change.at.isoformat(),
            "source": change.source,
            "article_id": change.article_id,
            "url": change.url,
            "title": change.title,
            "revision": change.revision,
            "edit_class": str(change.edit_class),
            "published_at": _text(change.published_at),
            "published_precision": change.published_precision,
            "first_seen_at": _text(change.first_seen_at),
            "language": change.language,
            "summary": change.summary,
            "old_title": change.old_title,
            "marks": [str(mark) for mark in change.marks],
            "reverts_to": change.reverts_to,
            "old_published_at": _text(change.old_published_at),
            "old_published_precision": change.old_published_precision,
        },
        "place": [item.place.source, item.place.title],
        "direction": item.direction,
        "excerpt": item.excerpt,
        "redline": [[span.op, span.text] for span in item.redline],
        "also": [[place.source, place.title] for place in item.also],
        "withdrawn_at": _text(item.withdrawn_at),
    }
    # Digests that were stored before there were stories have neither.
    if item.retold:
        content["retold"] = [_item_content(other) for other in item.retold]
    if item.matched is not None:
        content["matched"] = [item.matched.words, item.matched.part]
    if item.elsewhere:
        content["elsewhere"] = [_reference_content(reference) for reference in item.elsewhere]
    return content


def _reference_content(reference: Reference) -> dict[str, Any]:
    return {
        "relation": reference.relation,
        "article": reference.article,
        "url": reference.url,
        "title": reference.title,
        "language": reference.language,
        "place": [reference.place.source, reference.place.title],
    }


def item_from(content: dict[str, Any]) -> DigestItem:
    """Return one stored item."""
    change = content["change"]
    return DigestItem(
        id=content["id"],
        article=content["article"],
        change=Change(
            **{
                **change,
                "kind": ChangeKind(change["kind"]),
                "edit_class": EditClass(change["edit_class"]),
                "at": datetime.fromisoformat(change["at"]),
                "published_at": _moment(change["published_at"]),
                "first_seen_at": _moment(change["first_seen_at"]),
                # A digest that was stored by an older version does not say these.
                "marks": tuple(EditMark(mark) for mark in change.get("marks", ())),
                "old_published_at": _moment(change.get("old_published_at")),
            }
        ),
        place=_place(content["place"]),
        direction=cast(Direction, content["direction"]),
        excerpt=content["excerpt"],
        redline=tuple(Span(cast(Op, op), text) for op, text in content["redline"]),
        also=tuple(_place(place) for place in content["also"]),
        withdrawn_at=_moment(content.get("withdrawn_at")),
        retold=tuple(item_from(other) for other in content.get("retold", ())),
        elsewhere=tuple(
            Reference(**{**reference, "place": _place(reference["place"])})
            for reference in content.get("elsewhere", ())
        ),
        matched=_matched(content.get("matched")),
    )


def _matched(content: list[Any] | None) -> Matched | None:
    return None if content is None else Matched(words=content[0], part=content[1])


def _place(content: list[str]) -> Place:
    return Place(source=content[0], title=content[1])


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
