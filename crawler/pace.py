"""How fast a host is asked: Scrapy's download slots, set so that the declared delay is the least one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scrapy.core.downloader import Downloader

from crawler.hosts import Host

JITTER = 0.3
"""Requests are up to this share further apart than the delay, never closer."""


def slot_settings(delay_seconds: float) -> dict[str, Any]:
    """Return the ``DOWNLOAD_SLOTS`` entry of a host.

    Scrapy's jitter lies around its delay; here the lower end of that range is what was declared.

    >>> slot = slot_settings(1.0)
    >>> round(slot["delay"] * (1 - slot["jitter"]), 6), round(slot["delay"] * (1 + slot["jitter"]), 6)
    (1.0, 1.3)
    """
    centre = 1 + JITTER / 2
    return {"concurrency": 1, "delay": delay_seconds * centre, "jitter": 1 - 1 / centre}


def slots_of(hosts: Iterable[Host]) -> dict[str, dict[str, Any]]:
    """Return ``DOWNLOAD_SLOTS`` for the hosts of a crawl."""
    return {host.name: slot_settings(host.delay_seconds) for host in hosts}


def slow_down(downloader: Downloader, host: Host, delay_seconds: float) -> None:
    """Raise a host's delay while the crawl is running, as its ``Crawl-delay`` asks."""
    host.delay_seconds = delay_seconds
    settings = slot_settings(delay_seconds)
    downloader.per_slot_settings[host.name] = settings
    slot = downloader.slots.get(host.name)
    if slot is not None:
        slot.delay, slot.jitter = settings["delay"], settings["jitter"]
