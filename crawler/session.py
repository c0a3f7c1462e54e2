"""What a crawl shares with the database: plans in, recognition meanwhile, settled runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine

from crawler.clock import RunClock
from crawler.credentials import Credentials, resolve
from crawler.extraction.article import extract_again, extractor_version
from crawler.ledger import Ledger
from crawler.settler import Settler
from news.article import Content, Way
from news.errors import ConfigError, ExtractionError
from news.price import Budget
from news.run import Lease, Plan, Reading, Settled, Trouble
from news.source import Source
from storage.engine import database_now, reading
from storage.opening import open_plans
from storage.recognising import Recognised, recognise
from storage.remembering import Remembered, remember
from storage.settling import settle


class Session:
    """One crawl's dealings with the database.

    A source whose credentials cannot be resolved is not crawled: its run fails, saying which variable is missing,
    and the others go on.

    :param leases: held on the hosts of the sources.
    :param report: gets each run's result as soon as it is committed, in the writer's thread.
    :param clock: the time of everything, aware, in a replay; None lets the database's clock and time's passing tell it.
    :param budget: how often sources with an adaptive schedule may be asked; the usual one when None.
    :param find_browser: finds the browser for sources that need one, raising ConfigError; None if nothing is rendered.
    """

    def __init__(  # noqa: PLR0913  # one for each setting that a crawl has
        self,
        engine: Engine,
        leases: Sequence[Lease],
        source_ids: Sequence[int],
        report: Callable[[Settled], None],
        *,
        clock: datetime | None = None,
        announce_latest: int = 0,
        look_budget: int = 10,
        budget: Budget | None = None,
        delay_seconds: float = 1.0,
        find_browser: Callable[[], str] | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._look_budget = look_budget
        self._delay_seconds = delay_seconds
        self._find_browser = find_browser
        self.browser = ""
        self._done: set[int] = set()
        now = clock or self._database_now()
        self.all_plans = open_plans(
            engine,
            leases,
            source_ids,
            extractor=extractor_version,
            now=now,
            announce_latest=announce_latest,
            looks_per_run=look_budget,
        )
        self._started_at = now
        again = partial(_read_again, now=now)
        self.settler = Settler(
            lambda readings: settle(engine, readings, now=clock, extract_again=again, budget=budget),
            report,
            in_order=None if clock is None else [plan.source_id for plan in self.all_plans],
        )
        self.credentials: dict[str, Credentials] = {}
        self.plans: list[Plan] = []
        for plan in self.all_plans:
            self._admit(plan)

    def _database_now(self) -> datetime:
        with reading(self._engine) as connection:
            return database_now(connection)

    def _admit(self, plan: Plan) -> None:
        try:
            credentials = resolve(plan.source)
            if plan.source.request.browser and self._find_browser is not None:
                self.browser = self._find_browser()
        except ConfigError as error:
            if self._clock is None:
                self.fail(plan, Trouble.CALLBACK, str(error))
                return
            credentials = Credentials(url=plan.source.url)  # a replay asks nobody who would want them
        if credentials:
            self.credentials[plan.source.name] = credentials
        self.plans.append(plan)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return every secret that the crawl knows, for whoever must cut them out of a recording."""
        return tuple(value for some in self.credentials.values() for value in some.values)

    def spider_arguments(self, *, fresh_robots: bool = False) -> dict[str, Any]:
        """Return what `ListingsSpider` wants to know.

        :param fresh_robots: ask every host for its robots.txt, even where the kept copy would still do.
        """
        return {
            "plans": [_without_robots(plan) for plan in self.plans] if fresh_robots else self.plans,
            "finished": self.finished,
            "recognise": self.recognise,
            "remember": self.remember,
            "credentials": self.credentials,
            "clock": RunClock(self._started_at, fixed=self._clock is not None),
            "look_budget": self._look_budget,
            "default_delay_seconds": self._delay_seconds,
        }

    def recognise(self, plan: Plan, entries: Sequence[Any]) -> Recognised:
        """Ask the database about entries; called in a thread."""
        return recognise(self._engine, plan, entries)

    def remember(self, plan: Plan) -> Remembered:
        """Ask the database what a source used to list; called in a thread."""
        return remember(self._engine, plan)

    def finished(self, reading: Reading) -> None:
        """Take one finished run."""
        self._done.add(reading.source_id)
        self.settler.add(reading)

    def fail(self, plan: Plan, trouble: Trouble, detail: str) -> None:
        """Settle a run that has not even begun as failed."""
        ledger = Ledger(plan, self._started_at)
        ledger.problem(trouble, detail, url=plan.source.url, fatal=True)
        last = not any(
            other.source_id not in self._done | {plan.source_id} and other.host.name == plan.host.name
            for other in self.all_plans
        )
        self.finished(ledger.reading(plan.host, self._started_at, last_of_host=last))

    def unfinished(self) -> tuple[Plan, ...]:
        """Return the plans of which no run was finished."""
        return tuple(plan for plan in self.all_plans if plan.source_id not in self._done)

    def close(self, failure: str = "") -> None:
        """Settle what is left, with ``failure`` as the reason for sources that were not finished.

        Without a failure these are left as they are, and so are due again.
        """
        if failure:
            for plan in self.unfinished():
                self.fail(plan, Trouble.CALLBACK, failure)
        self.settler.close()


def _without_robots(plan: Plan) -> Plan:
    return replace(plan, host=replace(plan.host, robots_expires_at=None))


def _read_again(source: Source, way: Way, url: str, raw: str, *, now: datetime) -> Content | None:
    """Read a kept fragment with today's extractor; None where today's finds nothing in it."""
    try:
        return extract_again(source, way, url, raw, now=now, extractor=extractor_version(source))
    except ExtractionError:
        return None
