"""A schedule that learns: ``adaptive``, with bounds and a weight where a source has some of its own."""

from __future__ import annotations

import re
from functools import lru_cache

from news.errors import ConfigError
from news.pace import MAX_SECONDS, MIN_SECONDS, Terms
from storage.schedule import check_schedule, interval_seconds

ADAPTIVE = "adaptive"
MOST_WEIGHT = 100.0
_FORM = re.compile(
    r"adaptive(?:\s+(?P<least>[0-9]+[smhd])-(?P<most>[0-9]+[smhd]))?(?:\s+x(?P<weight>[0-9]{1,4}(?:\.[0-9]{1,3})?))?"
)


@lru_cache(maxsize=512)
def terms_of(schedule: str) -> Terms | None:
    """Return what an adaptive schedule says of its source, None for an interval or a cron line.

    Raises:
        ConfigError: for one that begins as an adaptive schedule does and cannot be followed.

    >>> terms_of("adaptive 10m-6h x2")
    Terms(weight=2.0, min_seconds=600, max_seconds=21600)
    >>> terms_of("30m") is None
    True
    """
    text = schedule.strip().lower()
    if not text.startswith(ADAPTIVE):
        return None
    match = _FORM.fullmatch(text)
    if match is None:
        raise ConfigError(
            f"schedule {schedule!r}: write 'adaptive', with bounds and a weight where they are needed: "
            "'adaptive 10m-6h x2'"
        )
    least = interval_seconds(match["least"]) if match["least"] else None
    most = interval_seconds(match["most"]) if match["most"] else None
    weight = float(match["weight"] or 1)
    if least is not None and most is not None and least > most:
        raise ConfigError(
            f"schedule {schedule!r}: the shorter wait comes first: '{match['most']}-{match['least']}'"
        )
    if not 1 / MOST_WEIGHT <= weight <= MOST_WEIGHT:
        raise ConfigError(f"schedule {schedule!r}: a weight is between 0.01 and 100")
    return Terms(weight=weight, min_seconds=least or MIN_SECONDS, max_seconds=most or MAX_SECONDS)


def check_source_schedule(text: str, time_zone: str) -> None:
    """Refuse a source's schedule or a time zone that cannot be followed.

    Raises:
        ConfigError: with the reason, and what to write instead.
    """
    check_schedule("1d" if terms_of(text) is not None else text, time_zone)
