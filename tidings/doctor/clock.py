"""The clock: against the database's, against what servers say, and against what was written down before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from tidings.doctor.findings import Finding, failed, ok, skipped, warning

NOTICEABLE = timedelta(seconds=5)
WRONG = timedelta(seconds=60)
"""Times of articles and of digests would be told wrongly."""
_SET = "let the machine keep time by NTP (systemd-timesyncd or chrony)"


def look(
    now: datetime,
    *,
    database_now: datetime | None,
    last_run_at: datetime | None,
    servers: Sequence[timedelta],
) -> Iterator[Finding]:
    """Yield how this machine's clock stands.

    Args:
        now: this machine's clock, aware.
        database_now: the database's clock at the same moment; None where the database has no clock of its own.
        last_run_at: when a source was last crawled, as it was written down then.
        servers: how far servers' clocks (their ``Date`` header) are ahead of this one.
    """
    if database_now is not None:
        yield _apart("database", database_now - now, "the database's clock")
    if last_run_at is not None and last_run_at - now > WRONG:
        yield warning(
            "clock", "step", f"a source was crawled at {last_run_at:%Y-%m-%d %H:%M} UTC, which has not come yet",
            f"the clock was set back, or was wrong then: {_SET}; what is due waits until then",
        )  # fmt: skip
    if servers:
        of = (
            f"the clocks of {len(servers)} servers"
            if len(servers) > 1
            else "the clock of the one server that answered"
        )
        ahead = timedelta(seconds=median(each.total_seconds() for each in servers))
        yield _apart("servers", ahead, of)
    elif database_now is None:
        yield skipped("clock", "servers", "no server was asked, and there is no other clock to compare with")


def _apart(name: str, ahead: timedelta, of: str) -> Finding:
    seconds = ahead.total_seconds()
    seen = f"{abs(seconds):.1f} s {'behind' if seconds > 0 else 'ahead of'} {of}"
    if abs(ahead) >= WRONG:
        return failed("clock", name, seen, _SET)
    if abs(ahead) >= NOTICEABLE:
        return warning("clock", name, seen, _SET)
    return ok("clock", name, f"within {max(1, round(abs(seconds)))} s of {of}")
