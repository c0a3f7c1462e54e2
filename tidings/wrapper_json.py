"""What ``--json`` prints of the versions of a source's selectors: the shapes of docs/json.md."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from digest.json import SCHEMA
from digest.wording import machine_time
from tidings.json_output import time_json

if TYPE_CHECKING:
    from news.healing import HealedItem, Healing
    from news.source import ArticleRules, Wrapper
    from news.whereabouts import Whereabouts
    from storage.wrappers import WrapperVersion


def version_json(version: WrapperVersion) -> dict[str, Any]:
    """Return one version, with what it rests on if a healing found it."""
    return {
        "schema": SCHEMA,
        "version": version.version,
        "state": version.state,
        "origin": version.origin,
        "created_at": machine_time(version.created_at),
        "approved_at": time_json(version.approved_at),
        "in_use_at": time_json(version.in_use_at),
        "rejected_at": time_json(version.rejected_at),
        "rolled_back_at": time_json(version.rolled_back_at),
        "wrapper": _selectors(version.wrapper),
        "article": _selectors(version.article),
        "whereabouts": None if version.whereabouts is None else _whereabouts_json(version.whereabouts),
        "confidence": None if version.confidence is None else round(version.confidence, 3),
        "healing": None if version.healing is None else _healing_json(version.healing),
    }


def _whereabouts_json(whereabouts: Whereabouts) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "url": whereabouts.url,
        "channel": str(whereabouts.channel),
        "page_url": whereabouts.page_url or None,
    }


def _healing_json(healing: Healing) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "symptom": healing.symptom,
        "confidence": healing.confidence,
        "accepted": healing.accepted,
        "recognised": healing.recognised,
        "sought": healing.sought,
        "reasons": list(healing.reasons),
        "items": [_item_json(item) for item in healing.items],
    }


def _item_json(item: HealedItem) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "state": str(item.state),
        "url": item.url,
        "title": item.title,
        "by": None if item.by is None else str(item.by),
        "old_url": item.old_url or None,
    }


def _selectors(rules: Wrapper | ArticleRules) -> dict[str, list[str]]:
    return {field.name: list(getattr(rules, field.name)) for field in fields(rules)}
