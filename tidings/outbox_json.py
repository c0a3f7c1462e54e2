"""Subscriptions and deliveries as ``--json`` prints them: the shapes of docs/json.md. Nothing of it is secret."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.json import SCHEMA
from digest.wording import machine_time
from storage.deliveries import DeliveryState
from tidings.show_subscriptions import place_of

if TYPE_CHECKING:
    from storage.deliveries import DeliveryRow
    from storage.subscriptions import DigestNote
    from storage.targets import TargetRow
    from tidings.show_subscriptions import Known


def subscription_json(known: Known) -> dict[str, Any]:
    """Return one subscription with its target and how that fares."""
    row = known.row
    return {
        "schema": SCHEMA,
        "name": row.name,
        "state": known.state.replace(" ", "_"),
        "sources": list(row.filter.sources),
        "languages": list(row.filter.languages),
        "sections": list(row.filter.sections),
        "kinds": [str(kind) for kind in row.filter.kinds],
        "edits": str(row.filter.min_edit_class),
        "include": list(row.filter.include),
        "exclude": list(row.filter.exclude),
        "cursor": row.cursor,
        "paused": row.paused,
        "paused_reason": row.paused_reason or None,
        "rhythm": row.schedule or None,
        "time_zone": row.time_zone,
        "due_at": _time(known.next_at),
        "quiet_hours": row.quiet_hours or None,
        "empty": str(row.when_empty),
        "max_items": row.max_items,
        "alert_after_seconds": row.alert_after_seconds,
        "created_at": machine_time(row.created_at),
        "digests": known.digests,
        "target": None if known.target is None else _target_json(known.target),
        "deliveries": {str(state): known.deliveries[state] for state in DeliveryState},
    }


def digest_note_json(note: DigestNote) -> dict[str, Any]:
    """Return which digest it is, without what it tells."""
    return {
        "schema": SCHEMA,
        "number": note.number,
        "after_seq": note.after_seq,
        "upto_seq": note.upto_seq,
        "composed_at": machine_time(note.composed_at),
        "hash": note.hash,
    }


def delivery_json(delivery: DeliveryRow) -> dict[str, Any]:
    """Return one delivery."""
    return {
        "schema": SCHEMA,
        "id": delivery.id,
        "subscription": delivery.subscription,
        "number": delivery.number,
        "kind": delivery.kind,
        "key": delivery.key,
        "state": str(delivery.state),
        "attempts": delivery.attempts,
        "created_at": machine_time(delivery.created_at),
        "next_attempt_at": _time(delivery.next_attempt_at),
        "last_attempt_at": _time(delivery.last_attempt_at),
        "sent_at": _time(delivery.sent_at),
        "last_error": delivery.last_error or None,
    }


def _target_json(target: TargetRow) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": target.kind,
        "place": place_of(target),
        "failures": target.failures,
        "not_before": _time(target.not_before),
        "disabled_at": _time(target.disabled_at),
        "disabled_reason": target.disabled_reason or None,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else machine_time(at)
