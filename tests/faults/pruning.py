"""The operations by which what is old is taken away: each piece of it is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, update

from news.change import ChangeKind
from news.retention import Retention
from storage.engine import writing
from storage.pruning import claim_daily, prune_piece, steps
from storage.tables import Change, Counter
from tests.faults.operation import NOW, Operation
from tests.storage.desk import BASE, WORDS, Desk, entry

STRICT = Retention(revisions=4, article_days=1, change_days=1, digest_days=1, run_days=1)
LATER = timedelta(days=30)
"""So much later than everything that happened before; the time is given, whatever the clocks say."""


def _log(desk: Desk) -> None:
    """A log of 250 changes, of which nobody has to be told."""
    desk.now = NOW
    desk.run(entry("x", hour=1), *BASE)
    told = {
        "kind": ChangeKind.LISTED.value,
        "at": NOW,
        "source_id": 1,
        "article_id": 1,
        "run_id": 1,
        "revision": 1,
    }
    said = {"url": "https://site.example/news/a", "title": "a", "first_seen_at": NOW}
    with writing(desk.engine) as connection:
        connection.execute(insert(Change), [told | said | {"seq": seq} for seq in range(2, 251)])
        connection.execute(update(Counter).where(Counter.name == "changes").values(value=250))


def _texts(desk: Desk) -> None:
    """An article with six revisions."""
    for number in range(6):
        desk.later(minutes=10)
        look = desk.look("x", body=f"x for the time number {number}, since {WORDS} {'and more ' * number}")
        desk.run(entry("x", hour=1), *BASE, looks=[look])
    desk.now = NOW


def _piece(name: str, engine: Engine, now: datetime | None) -> object:
    moment = NOW + LATER
    [step] = [step for each, step in steps(STRICT, moment) if each == name]
    return prune_piece(engine, step, 0, moment)


PRUNING = (
    Operation(
        name="cutting off the log",
        covers=("storage.pruning.prune_piece",),
        prepare=_log,
        do=lambda engine, given, now: _piece("changes", engine, now),
        has_clock=False,
        everyday=True,
    ),
    Operation(
        name="pruning texts",
        covers=("storage.pruning.prune_piece",),
        prepare=_texts,
        do=lambda engine, given, now: _piece("revisions", engine, now),
        has_clock=False,
    ),
    Operation(
        name="claiming the day's pruning",
        covers=("storage.pruning.claim_daily",),
        prepare=_log,
        do=lambda engine, given, now: claim_daily(engine, now=now),
    ),
)
