"""What one crawl knows of the hosts that it asks: what other processes left, and what it leaves for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crawler.clock import RunClock
from crawler.robots import Rules
from news.run import HostState, Plan
from news.urls import host_key

MAX_PATIENCE = timedelta(days=1)
"""The longest that a ``Retry-After`` is believed; a longer one is asked again after a day."""


@dataclass(kw_only=True, slots=True, eq=False)
class Host:
    """One host during one crawl.

    ``delay_seconds`` is the least time between two requests. ``closed`` is why nothing more may be asked of it in
    this run: it answered that it wants to be left alone.
    """

    name: str
    clock: RunClock
    delay_seconds: float
    state: HostState
    rules: Rules | None = None
    closed: str = ""
    opened: bool = False
    asking_robots: asyncio.Lock = field(default_factory=asyncio.Lock)

    def asked(self) -> None:
        """Remember that the host was asked a moment ago."""
        self.state = replace(self.state, last_request_at=self.clock.now())

    def shut(self, wait: timedelta, why: str) -> datetime:
        """Ask this host nothing more in this run, and nothing in any process for ``wait``; return until when."""
        until = self.clock.now() + min(wait, MAX_PATIENCE)
        if self.state.not_before is None or self.state.not_before < until:
            self.state = replace(self.state, not_before=until)
        self.closed = why
        return until

    def wait_seconds(self) -> float:
        """Return how long the first request must wait for what other processes asked, or were told."""
        now = self.clock.now()
        waits = [0.0]
        if self.state.not_before is not None:
            waits.append((self.state.not_before - now).total_seconds())
        if self.state.last_request_at is not None:
            waits.append((self.state.last_request_at - now).total_seconds() + self.delay_seconds)
        return max(waits)


class Hosts:
    """Every host that a crawl touches, by `news.urls.host_key`: those of its plans, and those that it is led to."""

    def __init__(
        self,
        plans: Sequence[Plan],
        *,
        clock: RunClock | None = None,
        default_delay_seconds: float,
    ) -> None:
        self._hosts: dict[str, Host] = {}
        self._default_delay_seconds = default_delay_seconds
        self._clock = clock
        for plan in plans:
            delay = plan.source.request.delay_seconds
            host = self._hosts.get(plan.host.name)
            if host is None:
                self._clock = self._clock or RunClock(plan.lease.leased_at)
                host = Host(name=plan.host.name, clock=self._clock, delay_seconds=delay, state=plan.host)
                self._hosts[plan.host.name] = host
            host.delay_seconds = max(host.delay_seconds, delay)
        for plan in plans:
            for state in plan.further_hosts:
                self._further(state, plan.source.request.delay_seconds)

    def _further(self, state: HostState, delay: float) -> None:
        """Know a host on which a source's articles stand: what it was told before counts, and the source's delay."""
        host = self._hosts.get(state.name)
        if host is None and self._clock is not None:
            self._hosts[state.name] = Host(
                name=state.name, clock=self._clock, delay_seconds=delay, state=state
            )
        elif host is not None:
            host.delay_seconds = max(host.delay_seconds, delay)

    def left_of(self, plan: Plan) -> tuple[HostState, ...]:
        """Return the states of a plan's further hosts that were asked in this crawl."""
        found = [
            self._hosts[before.name].state for before in plan.further_hosts if before.name in self._hosts
        ]
        return tuple(
            state for state, before in zip(found, plan.further_hosts, strict=True) if state != before
        )

    def of(self, url: str) -> Host:
        """Return the host of ``url``.

        Raises:
            UrlError: the address is none that we would ask for.
        """
        return self.named(host_key(url))

    def named(self, name: str) -> Host:
        """Return the host of that key, a new one where it is a stranger."""
        host = self._hosts.get(name)
        if host is None:
            if self._clock is None:
                raise LookupError("a crawl without plans has no clock")
            host = Host(
                name=name,
                clock=self._clock,
                delay_seconds=self._default_delay_seconds,
                state=HostState(name=name),
            )
            self._hosts[name] = host
        return host

    def __iter__(self) -> Iterator[Host]:
        return iter(self._hosts.values())
