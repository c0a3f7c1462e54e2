"""What befalls a month: one after the other, in an order of the seed's, until each has come several times."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import psutil

from tests.crawler.site import Asked
from tests.digest.receiver import Came
from tests.soak.targets import MODES

if TYPE_CHECKING:
    from tests.soak.month import Month


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Args:
        name: as it is told.
        begin: lets it go wrong, or lies in wait for the moment in which it shall.
        end: sees to it that it is over.
        rounds: how many it lasts.
        seconds: how long such a round is, at most: nobody waits for a rest that does not come.
        holds: whether it lasts so long in any case, also where nothing is left to be done.
        only: the kind of database that it needs; empty for either.
    """

    name: str
    begin: Callable[[Month], None]
    end: Callable[[Month], None] = lambda _month: None
    rounds: int = 1
    seconds: float = 3.0
    holds: bool = False
    only: str = ""


def faults_for(kind: str, *, brief: bool) -> list[Fault]:
    """Return every fault that a kind of database can have; ``brief`` leaves out what takes long."""
    fitting = [fault for fault in FAULTS if fault.only in ("", kind)]
    return [fault for fault in fitting if fault.seconds < LONG_SECONDS or not brief]


def in_turn(faults: list[Fault], rand: random.Random) -> Iterator[Fault]:
    """Yield all of them, and all of them again in another order, without an end."""
    while True:
        yield from rand.sample(faults, len(faults))


LONG_SECONDS = 20.0

# ---------------------------------------------------------------------------------------- targets and sites


def _hook(month: Month, ails: str) -> None:
    month.targets.hook_ails = ails


def _mail(month: Month, ails: str) -> None:
    month.targets.mail_ails = ails


def _site_ails(month: Month, ails: str) -> None:
    month.rand.choice(month.rooms).site.ails = ails


def _sites_are_well(month: Month) -> None:
    for room in month.rooms:
        room.site.ails = ""


# -------------------------------------------------------------------------------------------- the database


def _vanish(month: Month) -> None:
    month.database.vanish()
    month.restarts += 1


def _fill(month: Month) -> None:
    month.full_disks += 1
    month.database.fill(month.processes())


def _heal(month: Month) -> None:
    month.database.heal(month.processes())


# ----------------------------------------------------------------------------------------------- processes


def _on_request(strike: Callable[[Month, Asked], bool], month: Month) -> None:
    """Lie in wait for the next request of a crawl that the strike is for."""
    month.lie_in_wait(partial(strike, month))


def _scheduler_dies(month: Month, asked: Asked) -> bool:
    if asked.headers["user-agent"] != month.mortal.name:
        return False
    month.kills["scheduler"] += month.mortal.is_alive
    month.mortal.kill()
    return True


def _machine_dies(month: Month, asked: Asked) -> bool:
    if asked.headers["user-agent"] != month.mortal.name:
        return False
    month.kills["scheduler with its crawl processes"] += month.mortal.is_alive
    month.mortal.kill_group()
    return True


def _crawl_dies(month: Month, asked: Asked) -> bool:
    command = month.steady if asked.headers["user-agent"] == month.steady.name else month.mortal
    for process in command.crawl_processes():
        with suppress(psutil.Error):
            process.kill()
            month.kills["crawl process"] += 1
    return True


def _warm_parent_dies(month: Month, asked: Asked) -> bool:
    parent = month.mortal.warm_parent()
    if asked.headers["user-agent"] != month.mortal.name or parent is None:
        return False
    with suppress(psutil.Error):
        parent.kill()
        month.kills["warm parent"] += 1
    return True


def _is_stopped(month: Month, asked: Asked) -> bool:
    if asked.headers["user-agent"] != month.mortal.name:
        return False
    month.stops += month.mortal.is_alive
    threading.Thread(target=month.stop_mortal, daemon=True).start()
    return True


def _sender_dies(month: Month) -> None:
    def strike(came: Came) -> None:
        if came.headers["user-agent"] == month.mortal.name:
            month.targets.received = lambda _came: None
            month.kills["sender, when it had been heard"] += month.mortal.is_alive
            month.mortal.kill_group()

    month.targets.received = strike


def _server_dies(month: Month) -> None:
    month.kills["web server"] += month.server.is_alive
    month.server.kill_group()


FAULTS = (
    *(
        Fault(
            name=f"the webhook {mode}",
            begin=partial(_hook, ails=mode),
            end=partial(_hook, ails=""),
            rounds=2 if mode == "down" else 1,
        )
        for mode in MODES
    ),
    *(
        Fault(
            name=f"the mail server {mode}",
            begin=partial(_mail, ails=mode),
            end=partial(_mail, ails=""),
            rounds=2 if mode == "down" else 1,
        )
        for mode in MODES
    ),
    *(
        Fault(name=f"a site {mode}", begin=partial(_site_ails, ails=mode), end=_sites_are_well, rounds=rounds)
        for mode, rounds in (("mute", 2), ("drips", 1), ("resets", 1), ("down", 3))
    ),
    Fault(name="the database is away", begin=_vanish, end=_heal, holds=True, seconds=2.0),
    Fault(name="the database is away again", begin=_vanish, end=_heal, holds=True, seconds=1.0),
    Fault(
        name="the database is locked for longer than anybody waits",
        begin=_vanish,
        end=_heal,
        holds=True,
        seconds=33.0,
        only="sqlite",
    ),
    Fault(name="the disk is full", begin=_fill, end=_heal, holds=True, seconds=3.0),
    Fault(name="the scheduler is killed", begin=partial(_on_request, _scheduler_dies), rounds=2),
    Fault(name="the machine is switched off", begin=partial(_on_request, _machine_dies), rounds=2),
    Fault(name="a crawl is killed", begin=partial(_on_request, _crawl_dies)),
    Fault(name="the warm parent is killed", begin=partial(_on_request, _warm_parent_dies), rounds=2),
    Fault(name="the sender is killed on receipt", begin=_sender_dies, rounds=3),
    Fault(name="the web server is killed", begin=_server_dies),
    Fault(name="the scheduler is stopped", begin=partial(_on_request, _is_stopped), rounds=2),
)
