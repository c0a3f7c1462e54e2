"""Retention by itself: `tidings run` prunes once a day what its settings do not keep."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import Engine

from news.retention import Retention
from scheduler.pruning import DailyPruner
from storage import tables
from tests.storage.desk import BASE, WORDS, Desk, entry

STRICT = Retention(revisions=4)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """An article of six revisions."""
    desk = Desk(engine)
    desk.run(*BASE)
    for number in range(1, 7):
        desk.later(hours=1)
        body = f"x as it was told for the time number {number}, since {WORDS} and {'more ' * number}followed"
        desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x", body=body)])
    return desk


def pruned(desk: Desk) -> int:
    return sum(row.pruned_at is not None for row in desk.all(tables.Revision))


def test_it_prunes_once_and_says_so(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "scheduler.pruning"):
        for _ in range(2):
            DailyPruner(desk.engine, STRICT).prune_due()
    assert pruned(desk) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "pruned: 2 texts, 0 articles without a text, 0 changes, 0 digests, 0 runs, 0 held readings"
    ]


def test_it_does_nothing_where_all_is_kept(desk: Desk) -> None:
    DailyPruner(desk.engine, Retention()).prune_due()
    assert pruned(desk) == 0
    assert [row.name for row in desk.all(tables.Counter)].count("pruned") == 0


def test_one_that_is_asked_to_stop_takes_nothing_more(desk: Desk) -> None:
    pruner = DailyPruner(desk.engine, STRICT)
    pruner.ask_to_stop()
    pruner.prune_due()
    assert pruned(desk) == 0
