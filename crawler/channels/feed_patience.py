"""How rarely a feed itself asks to be read: ``ttl``, the syndication module, ``skipHours`` and ``skipDays``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from crawler.channels.xml_tree import local_name
from news.skips import Skips

_MAX_WAIT_SECONDS = 31 * 86_400
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAX_SKIPS = 50
"""Elements that are looked at; there are twenty-four hours."""


def asked_seconds(about: Mapping[str, Any]) -> int:
    """Return for how long a feed asks to be left alone, 0 if it does not.

    Args:
        about: what feedparser made of the feed itself: its ``ttl`` in minutes (RSS 2.0), or its ``sy:updatePeriod``
            (RSS 1.0, module Syndication).
    """
    ttl = str(about.get("ttl", "")).strip()
    if re.fullmatch(r"\d{1,6}", ttl):
        return min(int(ttl) * 60, _MAX_WAIT_SECONDS)
    period = _PERIODS.get(str(about.get("sy_updateperiod", "")).strip().lower(), 0)
    times = str(about.get("sy_updatefrequency", "")).strip()
    return period // max(1, int(times)) if re.fullmatch(r"\d{1,4}", times) else period


def asked_skips(root: etree._Element) -> Skips:
    """Return the hours and days, in UTC, at which an RSS feed asks not to be read.

    RSS 2.0 counts hours from 0 to 23, RSS 0.91 from 1 to 24, which is midnight.
    """
    hours = {int(text) % 24 for text in _said(root, "skiphours", "hour") if re.fullmatch(r"\d{1,2}", text)}
    days = {_DAYS.index(text.lower()) for text in _said(root, "skipdays", "day") if text.lower() in _DAYS}
    return Skips(hours=tuple(sorted(hours)), days=tuple(sorted(days)))


def _said(root: etree._Element, group: str, name: str) -> Iterator[str]:
    channels = (root, *(node for node in root if local_name(node) == "channel"))
    for parent in (node for channel in channels for node in channel if local_name(node) == group):
        for node in parent[:_MAX_SKIPS]:
            if local_name(node) == name:
                yield (node.text or "").strip()[:20]
