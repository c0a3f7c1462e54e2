"""Subscriptions and what is brought to them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tidings.api.shapes.base import Shape


class Target(Shape):
    """Nothing of it is secret: of a webhook only the host is told, of a service only its name."""

    kind: Literal["file", "mail", "webhook", "apprise"]
    place: str
    failures: int
    not_before: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None


class Subscription(Shape):
    """Subscription."""

    name: str
    state: Literal["ok", "paused", "by_hand", "failing", "dead_letters", "disabled"]
    sources: list[str]
    languages: list[str]
    sections: list[str]
    edits: str
    include: list[str]
    exclude: list[str]
    kinds: list[str]
    cursor: int
    paused: bool
    paused_reason: str | None
    rhythm: str | None
    time_zone: str
    due_at: datetime | None
    quiet_hours: str | None
    empty: Literal["silent", "record", "send"]
    max_items: int | None
    alert_after_seconds: int | None
    created_at: datetime
    digests: int
    target: Target | None
    deliveries: dict[str, int]


class Delivery(Shape):
    """Delivery."""

    id: int
    subscription: str
    number: int
    kind: str
    key: str
    state: Literal["waiting", "claimed", "sent", "dead"]
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str | None


class SubscriptionList(Shape):
    """Subscriptions by name."""

    subscriptions: list[Subscription]


class DeliveryPage(Shape):
    """Deliveries, the newest first."""

    deliveries: list[Delivery]
    next: int | None
