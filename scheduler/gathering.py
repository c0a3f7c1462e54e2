"""Hosts that wait for a crawl process, and those that are in one, each with somebody who waits for its end.

Hosts come one by one and are crawled in batches, so that a crawl process starts once for many of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from news.errors import StorageError
from scheduler.dispatching import FEW_HOSTS
from storage.leases import hosts_held

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from news.run import Lease
    from scheduler.batches import DueHost
    from scheduler.dispatching import LocalDispatcher

logger = logging.getLogger(__name__)

GATHER_SECONDS = 0.25
"""How long a few hosts wait for another one to go with them."""
GATHERINGS = 4
"""How often they do so at most."""
ROOM_SECONDS = 5.0
"""How often it is looked for room at least while hosts wait."""
LOOK_SECONDS = 1.0
"""How often the database is asked at most which hosts of unfinished batches are settled."""


class Gathering:
    """Hands hosts to a dispatcher, together; everything is called in one event loop.

    :param batch_hosts: hosts that one crawl process reads at most.
    """

    def __init__(self, engine: Engine, dispatcher: LocalDispatcher, batch_hosts: int) -> None:
        self._engine = engine
        self._dispatcher = dispatcher
        self._batch_hosts = batch_hosts
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._crawled: dict[Lease, asyncio.Future[bool]] = {}
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()
        self._stopped = False

    async def crawl(self, host: str) -> bool:
        """Have a host crawled, and return when it is settled or there was nothing to do; False if that was cut short.

        :raises Exception: whatever kept it from being leased, most often a StorageError.
        """
        if self._stopped:
            return False
        end: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[host] = end
        self._changed.set()
        try:
            return await end
        finally:
            if self._waiting.get(host) is end:
                del self._waiting[host]

    async def run(self) -> None:
        """Hand hosts over, and tell of their ends, until it is cancelled."""
        await asyncio.gather(self._hand_over(), self._let_go())

    def note_settled(self) -> None:
        """Say that some source was settled, and perhaps its host with it."""
        self._settled.set()

    def stop(self) -> None:
        """Hand over nothing more; who waits is told that it was cut short, now or when its batch has ended."""
        self._stopped = True
        for end in self._waiting.values():
            _resolve(end, whole=False)
        self._waiting.clear()

    async def _hand_over(self) -> None:
        while True:
            with suppress(TimeoutError):  # a batch that is waited for too long makes room by time alone
                await asyncio.wait_for(self._changed.wait(), ROOM_SECONDS)
            self._changed.clear()
            if self._waiting and self._dispatcher.free() > 0:
                await self._gather()
                room = max(0, self._dispatcher.free()) * self._batch_hosts
                await self._lease(list(islice(self._waiting, room)))

    async def _gather(self) -> None:
        """Wait while hosts come one after the other, until they are worth a crawl process."""
        for _ in range(GATHERINGS):
            before = len(self._waiting)
            if before >= FEW_HOSTS:
                return
            await asyncio.sleep(GATHER_SECONDS)
            if len(self._waiting) <= before:
                return

    async def _lease(self, hosts: list[str]) -> None:
        try:
            handed = await asyncio.to_thread(self._dispatcher.dispatch_due, hosts)
        except Exception as error:  # noqa: BLE001 - each job hears of it, and is tried again
            logger.warning("%d hosts could not be leased: %s", len(hosts), error)
            self._fail(hosts, error)
            return
        nothing_to_do = set(hosts).difference(handed.left)
        for batch, ended in handed.batches:
            nothing_to_do.difference_update(host.lease.host for host in batch)
            self._begin(batch, ended)
        for host in nothing_to_do:
            _resolve(self._waiting.pop(host, None), whole=True)

    def _begin(self, batch: tuple[DueHost, ...], ended: Future[None]) -> None:
        leases = [host.lease for host in batch]
        for lease in leases:
            end = self._waiting.pop(lease.host, None)
            if end is not None:
                self._crawled[lease] = end
        asyncio.wrap_future(ended).add_done_callback(lambda _: self._finish(leases, whole=not self._stopped))

    async def _let_go(self) -> None:
        """Tell of hosts that are settled while others of their batch are still crawled."""
        while True:
            await self._settled.wait()
            self._settled.clear()
            leases = list(self._crawled)
            try:
                held = await asyncio.to_thread(hosts_held, self._engine, leases)
            except StorageError as error:
                logger.warning("hosts that are settled wait for the end of their batch: %s", error)
            else:
                self._finish((lease for lease in leases if lease.host not in held), whole=True)
            await asyncio.sleep(LOOK_SECONDS)

    def _finish(self, leases: Iterable[Lease], *, whole: bool) -> None:
        for lease in leases:
            _resolve(self._crawled.pop(lease, None), whole=whole)
        self._changed.set()  # perhaps a crawl process is free now

    def _fail(self, hosts: Iterable[str], error: Exception) -> None:
        for host in hosts:
            end = self._waiting.pop(host, None)
            if end is not None and not end.done():
                end.set_exception(error)


def _resolve(end: asyncio.Future[bool] | None, *, whole: bool) -> None:
    if end is not None and not end.done():
        end.set_result(whole)
