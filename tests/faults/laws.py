"""What every writing operation owes under every fault (promise 2), one function for each fault.

What was committed is whole, what was not is as it was before and is done the next time; nothing is told twice, nothing
is lost; and what is said of the fault names it and says what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta

import pytest

from news.errors import StorageError, TidingsError
from tests.faults.clocks import clock_set_back
from tests.faults.full_disk import full_disk
from tests.faults.killed import killed
from tests.faults.knowledge import everything, told
from tests.faults.locked import locked
from tests.faults.lost_connection import lost_answer, lost_connection
from tests.faults.meanwhile import meanwhile
from tests.faults.operation import NOW, Operation
from tests.faults.points import Struck
from tests.faults.stages import Stage, Stages
from tests.faults.zombies import REFUSED, overtaken, still_held
from tests.storage.desk import START

Fault = Callable[..., AbstractContextManager[Struck]]
Law = Callable[[Stages, Operation, "int | None"], None]
"""Strikes an operation: at so many points, or at all of them (None)."""

BEFORE_ALL = START - timedelta(days=2)
"""Where clocks are set back to: before everything that is known."""
FULL = ("the disk is full; make room",)
LOCKED = ("kept it locked for too long; wait",)
LOST = {
    "sqlite": ("the disk reports an error; look at the system's log",),
    "postgresql": ("the connection was lost; check", "no connection; check", "was restarted; try again"),
}


def full(stages: Stages, operation: Operation, few: int | None) -> None:
    """The disk is full."""
    with stages.stage(operation) as stage:
        # PostgreSQL's commit extends no table: what it writes it writes by statements.
        last = stage.committed - 1 if stage.kind == "sqlite" else stage.last_write
        is_lost_whole(stage, full_disk, FULL, spread(last, few))


def lost(stages: Stages, operation: Operation, few: int | None) -> None:
    """The connection, or SQLite's disk, is lost."""
    with stages.stage(operation) as stage:
        is_lost_whole(stage, lost_connection, LOST[stage.kind], spread(stage.committed - 1, few))


def unheard(stages: Stages, operation: Operation, few: int | None) -> None:
    """The connection is lost between the commit and its answer: it is done, though nobody could say so."""
    with stages.stage(operation) as stage:
        with pytest.raises(StorageError) as raised, lost_answer(stage.engine):
            stage.do()
        assert any(words in str(raised.value) for words in LOST[stage.kind]), str(raised.value)
        assert everything(stage.engine) == stage.done, operation.name
        tells_nothing_more(stage)


def kept_locked(stages: Stages, operation: Operation, few: int | None) -> None:
    """Somebody else keeps the database locked."""
    with stages.stage(operation) as stage:
        is_lost_whole(stage, locked, LOCKED, [1])


def kill(stages: Stages, operation: Operation, few: int | None) -> None:
    """The process gets SIGKILL: before the commit nothing of it is there, after it everything."""
    with stages.stage(operation) as stage:
        for at in spread(stage.committed - 1, few):
            assert killed(stage.task, at=at).killed, where(stage, at)
            assert everything(stage.engine) == stage.before, where(stage, at)
        is_done_once(stage)
    for at in range(stage.committed, stage.points + 1 if few is None else stage.committed + 1):
        with stages.stage(operation) as stage:
            assert killed(stage.task, at=at).killed, where(stage, at)
            assert everything(stage.engine) == stage.done, where(stage, at)
            tells_nothing_more(stage)


def clock_back(stages: Stages, operation: Operation, few: int | None) -> None:
    """The database's clock is set back to before everything that is known, and is right again later."""
    with stages.stage(operation) as stage:
        with clock_set_back(stage.engine, BEFORE_ALL):
            operation.do(stage.engine, stage.given, None)
            everything(stage.engine)
        tells_nothing_more(stage)


def now_back(stages: Stages, operation: Operation, few: int | None) -> None:
    """The clock of the process is set back to before everything that is known, and is right again later."""
    with stages.stage(operation) as stage:
        operation.do(stage.engine, stage.given, BEFORE_ALL)
        everything(stage.engine)
        tells_nothing_more(stage)


def zombie(stages: Stages, operation: Operation, few: int | None) -> None:
    """The lease passes to another scheduler: it keeps it, and the late run is refused, or was settled before."""
    passed = 0
    points = sorted({1, *spread(stages.points(operation), few)})
    for at in points:
        with stages.stage(operation) as stage:
            with overtaken(stage.engine, now=NOW, at=at) as struck:
                late = stage.do()
            passed += bool(struck.brought)
            assert still_held(stage.engine, struck.brought), where(stage, at)
            everything(stage.engine)
            if operation.settles:
                assert isinstance(late, tuple)
                refused = [each for each in late if each.stale]
                assert all(each.reason == REFUSED and not each.changes for each in refused)
                assert refused == [] or len(refused) == len(late)
                assert bool(refused) or at > 1, f"{where(stage, at)}: the late run was kept"
                expected = stage.told_before if refused else stage.told
                assert told(stage.engine) == expected, where(stage, at)
    assert passed, f"{operation.name}: nobody ever overtook it"


def second(stages: Stages, operation: Operation, few: int | None) -> None:
    """Another scheduler does the same in the middle of it."""
    for at in spread(stages.points(operation), few):
        with stages.stage(operation) as stage:
            with meanwhile(stage.engine, stage.do, at=at) as struck:
                try:
                    struck.brought.append(stage.do())
                except TidingsError as error:
                    struck.brought.append(error)
            brought = [each for each in struck.brought if not isinstance(each, TidingsError)]
            assert brought, f"{where(stage, at)}: neither of the two did it"
            if operation.leases:
                hosts = [lease.host for leased in brought for lease, _ in leased]
                assert len(hosts) == len(set(hosts)) > 0, f"{where(stage, at)}: leased twice"
            tells_nothing_more(stage)


LAWS: dict[str, Law] = {
    "full disk": full,
    "lost connection": lost,
    "lost answer": unheard,
    "locked": kept_locked,
    "SIGKILL": kill,
    "database clock back": clock_back,
    "process clock back": now_back,
    "zombie": zombie,
    "second scheduler": second,
}


def concerns(fault: str, operation: Operation, kind: str) -> bool:
    """Say whether a fault can strike an operation.

    One that tells no time has no clock to be set back, and SQLite's answers have no way to go on which they are lost.
    """
    match fault:
        case "zombie":
            return operation.settles or operation.frees
        case "database clock back":
            return operation.has_clock
        case "lost answer":
            return kind == "postgresql"
    return True


# --------------------------------------------------------------------------------------------- what is owed


def is_lost_whole(stage: Stage, fault: Fault, said: Sequence[str], points: Sequence[int]) -> None:
    """Strike at each point, and find all as it was before; then do it in good weather."""
    for at in points:
        with pytest.raises(StorageError) as raised, fault(stage.engine, at=at):
            stage.do()
        assert any(words in str(raised.value) for words in said), f"{where(stage, at)}: {raised.value}"
        assert everything(stage.engine) == stage.before, where(stage, at)
    is_done_once(stage)


def is_done_once(stage: Stage) -> None:
    """Do what is still to be done, and find that all is as in good weather, and that doing it again tells nothing."""
    stage.do()
    assert everything(stage.engine) == stage.done, where(stage, 0)
    tells_nothing_more(stage)


def tells_nothing_more(stage: Stage) -> None:
    """Do it again, where it can be done again, and find that readers are told all of it, and nothing twice."""
    with suppress(TidingsError):
        stage.do()
    assert told(stage.engine) == stage.told, f"{stage.operation.name}, done again"
    everything(stage.engine)


def spread(last: int, few: int | None) -> Sequence[int]:
    """Return the points from 1 to ``last``, or so many of them, evenly spread and the last one included."""
    if few is None or few >= last:
        return range(1, last + 1)
    return [last * turn // few for turn in range(1, few + 1)]


def where(stage: Stage, at: int) -> str:
    """Say in an error where it was struck."""
    return f"{stage.operation.name} on {stage.kind}, struck at point {at} of {stage.points}"
