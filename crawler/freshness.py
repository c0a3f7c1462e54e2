"""How long an answer stays fresh: lower bounds for the next question, out of ``Cache-Control``, ``Expires`` and a feed.

RFC 9111 §4.2 says how long a copy need not be asked for again. We are a private reader, not a shared cache: ``max-age``
speaks to us, ``s-maxage`` to the proxies in between, and it counts only where ``max-age`` is not given. Many sites tell
their proxies "a year" and empty them when something is published; beside ``max-age=0`` that is no word to us.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from news.run import Wait

MAX_WAIT = timedelta(days=1)
"""The longest that is believed: an answer that calls itself immutable must not silence a source."""

_DIRECTIVE = re.compile(
    r"""([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40})(?:\s*=\s*(?:"([^"]{0,200})"|([^\s,;"]{0,200})))?"""
)
_SECONDS = re.compile(r"[0-9]{1,12}")
_NOT_KEPT = frozenset({"no-cache", "no-store"})
_MAX_HEADER = 2_000


def asked_wait(headers: Mapping[str, str], *, page_seconds: int = 0, now: datetime) -> Wait | None:
    """Return until when an answer asks not to be asked for again, and why, or None if it asks nothing.

    The longest of what is asked counts, up to a day.

    Args:
        headers: the answer's headers, names in lower case.
        page_seconds: what the page itself asks for (a feed's ``ttl`` or ``sy:`` period), 0 for nothing.
        now: when the answer came.

    >>> wait = asked_wait({"cache-control": "max-age=600"}, now=datetime(2026, 11, 22, 8, tzinfo=UTC))
    >>> wait.until.isoformat(), wait.reason
    ('2026-11-22T08:10:00+00:00', 'the server asks for 600 s (Cache-Control)')
    """
    bounds = [(page_seconds, f"the feed itself asks for {page_seconds} s (ttl)"), _of_headers(headers, now)]
    seconds, reason = max(bounds)
    if seconds <= 0:
        return None
    if seconds > MAX_WAIT.total_seconds():
        reason += ", of which a day is believed"
    return Wait(until=now + timedelta(seconds=min(seconds, int(MAX_WAIT.total_seconds()))), reason=reason)


def _of_headers(headers: Mapping[str, str], now: datetime) -> tuple[int, str]:
    cache_control = _directives(headers.get("cache-control", ""))
    if _NOT_KEPT & cache_control.keys():
        return 0, ""
    for name in ("max-age", "s-maxage"):
        if name not in cache_control:
            continue
        value = cache_control[name]
        if not _SECONDS.fullmatch(value):
            return 0, ""  # RFC 9111 §4.2.1: an invalid freshness is none
        left = int(value) - _age(headers)
        return left, f"the server asks for {left} s (Cache-Control)"
    left = _until_expiry(headers, now) - _age(headers)
    return left, f"the server asks for {left} s (Expires)"


def _directives(text: str) -> dict[str, str]:
    """Return the directives of a ``Cache-Control`` header; of one that is given twice the first counts."""
    found: dict[str, str] = {}
    for match in _DIRECTIVE.finditer(text[:_MAX_HEADER]):
        found.setdefault(match[1].lower(), match[2] if match[2] is not None else match[3] or "")
    return found


def _age(headers: Mapping[str, str]) -> int:
    """Return how old the copy is already that a proxy gave us (RFC 9111 §5.1)."""
    age = headers.get("age", "").strip()
    return int(age) if _SECONDS.fullmatch(age) else 0


def _until_expiry(headers: Mapping[str, str], now: datetime) -> int:
    expires = _date(headers.get("expires", ""))
    if expires is None:
        return 0  # RFC 9111 §5.3: what is no date, and "0" above all, has expired already
    # Both by the server's own clock, so that a clock that is wrong does no harm.
    return int((expires - (_date(headers.get("date", "")) or now)).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text[:100])
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def keeps_validators(headers: Mapping[str, str]) -> bool:
    """Say whether an answer's validators may be believed.

    A server that writes ``Expires: 0``, which is no date, was seen to send the same tag for ever; miniflux learnt not
    to believe it either. A real date in the past and ``no-store`` ask that a copy be checked before it is used: that is
    what validators are for.

    >>> keeps_validators({"expires": "0", "etag": '"1"'}), keeps_validators({"cache-control": "no-store"})
    (False, True)
    """
    return headers.get("expires", "").strip() != "0"
