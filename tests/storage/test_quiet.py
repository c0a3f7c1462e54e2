"""Sources that are read and have stopped publishing: remembered by the day, told, and never an error."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from news.run import Verdict
from storage.engine import reading
from storage.quiet import QuietSource, quiet_sources
from storage.source_status import list_sources
from storage.sources import pause
from tests.storage.desk import START, Desk, based, entry


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


def quiet(desk: Desk) -> list[QuietSource]:
    with reading(desk.engine) as connection:
        return quiet_sources(connection)


def publish_daily(desk: Desk, days: int) -> None:
    names = ["c", "b", "a"]
    for number in range(days):
        names.append(f"n{number}")
        listed = [entry(name, hour=24 * number) for name in names[:-4:-1]]
        desk.run(*listed)
        desk.later(days=1)


def test_the_days_on_which_a_source_brought_something_are_remembered(desk: Desk) -> None:
    publish_daily(desk, 3)
    desk.run(entry("n2", hour=48), entry("n1", hour=24), entry("n0"))
    assert desk.row().news_days == [
        (START + timedelta(days=number)).date().isoformat() for number in range(3)
    ]


def test_a_source_that_stops_publishing_is_quiet_until_it_publishes_again(desk: Desk) -> None:
    publish_daily(desk, 20)
    last = desk.now.date() - timedelta(days=1)
    assert quiet(desk) == []
    desk.later(days=6)
    standing = [entry(f"n{number}", hour=24 * number) for number in (19, 18, 17)]
    settled = desk.run(*standing)
    assert settled.verdict is Verdict.OK
    [told] = quiet(desk)
    assert (told.source, told.since, told.days) == ("one", last, 6)
    [status] = list_sources(desk.engine)
    assert status.silence is not None
    assert (status.verdict, status.failing_since) == ("ok", None)
    desk.later(hours=1)
    desk.run(entry("new", hour=24 * 27), *standing)
    assert quiet(desk) == []


def test_a_source_that_is_not_being_read_is_not_quiet(desk: Desk) -> None:
    publish_daily(desk, 20)
    desk.later(days=9)
    assert quiet(desk) == [], "nobody has looked since"
    desk.run(entry("x"))
    assert desk.row().verdict == "suspect"
    assert quiet(desk) == []


def test_a_paused_source_is_not_quiet(desk: Desk) -> None:
    publish_daily(desk, 20)
    desk.later(days=9)
    desk.run(*[entry(f"n{number}", hour=24 * number) for number in (19, 18, 17)])
    assert len(quiet(desk)) == 1
    pause(desk.engine, "one")
    assert quiet(desk) == []
