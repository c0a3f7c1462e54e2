"""What a discovery is told beside the address."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.discovery.asking import MAX_REQUESTS, Ask
from news.source import Channel

EVERY_CHANNEL = frozenset(Channel)


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a discovery is restricted, and what helps it.

    ``channels`` are those that may be asked for and proposed: one that is left out is not even evidence.
    ``language`` is that of the page where a person knows better than the page does. ``budget`` is the most requests.
    ``render`` asks for a page through a browser, for pages that are empty without JavaScript; None where there is none.
    """

    channels: frozenset[Channel] = EVERY_CHANNEL
    language: str = ""
    time_zone: str = "UTC"
    budget: int = MAX_REQUESTS
    render: Ask | None = None
