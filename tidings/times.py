"""Times as people read them in a table: how long ago, or how soon."""

from __future__ import annotations

from datetime import datetime

_UNITS = ((365 * 86_400, "y"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago it was, or how soon it will be, in the largest unit that fits.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 11, 22, tzinfo=UTC)
    >>> [ago(now - timedelta(minutes=each), now) for each in (0, 5, 130, -31)], ago(None, now)
    (['now', '5 min ago', '2 h ago', 'in 31 min'], '-')
    """
    if at is None:
        return "-"
    seconds = (now - at).total_seconds()
    size, unit = next(((size, unit) for size, unit in _UNITS if abs(seconds) >= size), (1, ""))
    if not unit:
        return "now"
    number = int(abs(seconds) // size)
    return f"{number} {unit} ago" if seconds > 0 else f"in {number} {unit}"
