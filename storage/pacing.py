"""Adaptive schedules in the database: what each source's pace becomes by a run, and the price and budget they share.

All of it is read and written by the transaction that settles, which the log's lock makes the only one: no count is
lost between two processes, and a run that is dropped is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, insert, select, update

from news.change import Change
from news.dates import Precision
from news.pace import NextRead, Pace, next_read, observe
from news.price import Budget, Price, first_price, host_free_at, is_over, next_price
from news.run import Reading
from storage import tables
from storage.adaptive import ADAPTIVE, terms_of
from storage.pacing_table import Pacing as PacingRow
from storage.quiet import NEWS, time_zone_of
from storage.rows import load
from storage.schedule import zone_named

LEARNT_FROM = timedelta(days=84)
"""How far back the log is read when a source begins to have an adaptive schedule: three half-lives."""
LEARNT_GAP = timedelta(hours=1)
EXACT = (Precision.SECOND.value, Precision.MINUTE.value)
_ROW = 1


# ---------------------------------------------------------------------------------------------- a source's pace


def pace_in(kept: dict[str, Any] | None) -> Pace:
    """Return what ``sources.pace`` remembers of when a source brings news."""
    return Pace() if kept is None else load(Pace, kept)


def pace_values(
    connection: Connection,
    row: Row[Any],
    changes: Sequence[Change],
    *,
    until: datetime,
    is_baseline: bool = False,
) -> dict[str, Any]:
    """Return what a source's row remembers of a run that brought these changes.

    What a baseline brought is not news, whatever of it was told. A source whose schedule has become adaptive learns
    from the log first; one whose schedule no longer is forgets, so that it does not take up an old pace.

    Args:
        connection: inside the transaction that settles.
        row: the source's own columns.
        changes: what is new, of which only `NEWS` counts.
        until: when the source was read.
        is_baseline: whether this is its first read.
    """
    if terms_of(row.definition["schedule"]) is None:
        return {} if row.pace is None else {"pace": None}
    zone = zone_named(time_zone_of(row.definition))
    if is_baseline:
        return {"pace": _kept(Pace(until=until))}
    news = [_published(change) for change in changes if change.kind in NEWS]
    if row.pace is None:
        told = {change.seq for change in changes}
        pace = _learnt(connection, row, zone, until, told)
    elif news:
        pace = pace_in(row.pace)
    else:
        return {}
    since = row.last_ok_at or pace.until or until
    return {"pace": _kept(observe(pace, news, since=since, until=until, zone=zone) if news else pace)}


def _learnt(connection: Connection, row: Row[Any], zone: ZoneInfo, until: datetime, but: set[int]) -> Pace:
    """Return the pace of a source by what the log says of it, without what this run brought."""
    begin = max(row.created_at, until - LEARNT_FROM)
    table = tables.Change
    query = (
        select(table.seq, table.at, table.published_at, table.published_precision)
        .where(table.source_id == row.id, table.kind.in_(sorted(map(str, NEWS))))
        .where(table.at > begin, table.run_id != (row.baseline_run_id or 0))
        .order_by(table.seq)
    )
    found = [each for each in connection.execute(query) if each.seq not in but]
    pace, last = Pace(until=begin), begin
    for at, some in groupby(found, key=lambda each: each.at):
        news = [_published(each) for each in some]
        # How long before it the source was read is not known any more; mostly it was not long.
        pace = observe(pace, news, since=max(last, at - LEARNT_GAP), until=at, zone=zone)
        last = max(last, at)
    return pace


def _published(change: Any) -> datetime | None:
    return change.published_at if change.published_precision in EXACT else None


def _kept(pace: Pace) -> dict[str, Any]:
    """Return a pace as it is stored: to a ten-thousandth of an article, which keeps the row short."""
    values: dict[str, Any] = {
        name: round(each, 4) for name, each in asdict(pace).items() if isinstance(each, float)
    }
    until = None if pace.until is None else pace.until.astimezone(UTC).isoformat()
    return values | {"until": until, "hours": [round(each, 4) for each in pace.hours]}


# ------------------------------------------------------------------------------------------------ what is shared


@dataclass(slots=True)
class Pacing:
    """The price and the hosts' requests of today, while one transaction settles."""

    connection: Connection
    moment: datetime
    budget: Budget
    _price: Price | None = None
    _hosts: dict[str, int] = field(default_factory=dict)

    def count(self, row: Row[Any], reading: Reading) -> dict[str, Any]:
        """Count what a run asked for, and return what its host's row remembers of that.

        Args:
            row: the source's own columns, with ``requests_on`` and ``requests_of_day`` of its host.
            reading: the run.
        """
        used = self._used(row) + reading.requests
        self._hosts[row.host] = used
        if reading.requests and terms_of(row.definition["schedule"]) is not None:
            price = self.price
            self._price = replace(price, used=price.used + max(reading.pages, 1))
        return {"requests_on": self._today, "requests_of_day": used}

    def next_read(self, row: Row[Any], pace: Pace, read_until: datetime | None, page: int) -> NextRead | None:
        """Return when a source is to be asked again by its adaptive schedule, None if it has another one.

        Args:
            row: the source's own columns.
            pace: what is remembered of it, this run included.
            read_until: its last complete read, this run included.
            page: how many entries its page shows.
        """
        terms = terms_of(row.definition["schedule"])
        if terms is None:
            return None
        return next_read(
            pace,
            zone=zone_named(time_zone_of(row.definition)),
            after=self.moment,
            read_until=read_until,
            price=self.price.value,
            terms=terms,
            page_entries=page,
            name=row.name,
        )

    def host_free_at(self, row: Row[Any]) -> datetime:
        """Return from when on the host of a source may be asked again, out of its requests of today."""
        return host_free_at(self._used(row), self.moment, self.budget)

    @property
    def price(self) -> Price:
        """The price of today."""
        if self._price is None:
            self._price = self._today_s_price()
        return self._price

    def write(self) -> None:
        """Write the price, if any run had to do with it."""
        if self._price is None:
            return
        values = {
            "price": self._price.value,
            "since": self._price.since,
            "used": self._price.used,
            "owed": self._price.owed,
        }
        done = self.connection.execute(update(PacingRow).where(PacingRow.id == _ROW).values(values))
        if not done.rowcount:
            self.connection.execute(insert(PacingRow), [values | {"id": _ROW}])

    @property
    def _today(self) -> str:
        return self.moment.astimezone(UTC).date().isoformat()

    def _used(self, row: Row[Any]) -> int:
        kept: int = row.requests_of_day if row.requests_on == self._today else 0
        return self._hosts.get(row.host, kept)

    def _today_s_price(self) -> Price:
        row = self.connection.execute(select(PacingRow.__table__).where(PacingRow.id == _ROW)).one_or_none()
        if row is None:
            return first_price(self.budget, self.moment)
        price = Price(value=row.price, since=row.since, used=row.used, owed=row.owed)
        if not is_over(price, self.moment):
            return price
        return next_price(price, self.moment, budget=self.budget, sources=self._sources())

    def _sources(self) -> int:
        """Return how many sources share the budget."""
        schedule = tables.Source.definition["schedule"].as_string()
        counted = select(func.count()).where(tables.Source.paused.is_(False), schedule.startswith(ADAPTIVE))
        return self.connection.execute(counted).scalar_one()
