"""The hours and days at which a feed asks not to be read (RSS 2.0, ``skipHours`` and ``skipDays``)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_SKIP = timedelta(days=3)
"""The longest stretch that is believed, a long weekend: no feed may silence its own source."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skips:
    """What is to be skipped, in UTC as RSS has it: ``hours`` from 0 to 23, ``days`` from 0 for Monday to 6."""

    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hours or self.days)

    def first_open(self, at: datetime) -> datetime:
        """Return the first moment from ``at`` (aware UTC) on that is not skipped; ``at`` where none is near.

        >>> from datetime import UTC
        >>> late = datetime(2026, 11, 27, 23, 40, tzinfo=UTC)  # a Friday
        >>> Skips(hours=(23, 0, 1)).first_open(late).isoformat()
        '2026-11-28T02:00:00+00:00'
        >>> Skips(hours=(0, 23), days=(5, 6)).first_open(late).isoformat()
        '2026-11-30T01:00:00+00:00'
        >>> Skips(days=(0, 1, 2, 3, 4, 5, 6)).first_open(late) == late
        True
        """
        moment = at
        while moment.hour in self.hours or moment.weekday() in self.days:
            moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            if moment - at > MAX_SKIP:
                return at
        return moment
