"""How a source was asked, as the database knows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, update

from news.errors import UnknownSourceError
from news.run import Problem, Trouble
from storage import rows, tables
from storage.engine import writing
from storage.politeness import politeness_of
from tests.digest.logs import START, Log

DECLARED = {"name": "a", "url": "https://news.example/"}


def runs(
    log: Log, *, every: timedelta, number: int, problems: tuple[Trouble, ...] = (), **source: object
) -> None:
    """Let a source have had so many runs, of which the last ten told something."""
    dumped = [rows.dump(Problem(trouble=trouble, detail="x")) for trouble in problems]
    last = START + every * (number - 1)
    with writing(log.engine) as connection:
        connection.execute(
            update(tables.Source).values(
                runs_total=number,
                unchanged_total=number - 10,
                requests_total=number + 20,
                not_modified_total=number - 4,
                received_bytes=40_000,
                last_run_at=last,
                **source,
            )
        )
        told = {
            "source_id": 1, "token": 1, "started_at": last, "finished_at": last, "settled_at": last, "verdict": "ok",
            "requests": 3, "not_modified": 1, "problems": dumped, "profile": {},
        }  # fmt: skip
        connection.execute(insert(tables.Run), [{**told, "id": each} for each in range(1, 11)])


def test_a_source_that_was_never_asked_lacks_nothing(engine: Engine) -> None:
    log = Log(engine)
    log.source("a", definition=DECLARED)
    report = politeness_of(engine, "a", has_contact=True)
    assert (report.found.score, report.found.deductions) == (100, ())
    assert (report.robots, report.asked.every_seconds) == ("unasked", None)


def test_counters_runs_and_validators_make_the_score(engine: Engine) -> None:
    log = Log(engine)
    log.source("a", definition=DECLARED)
    runs(log, every=timedelta(minutes=30), number=101, problems=(Trouble.RETRY_LATER,))
    with writing(engine) as connection:
        validator = {
            "source_id": 1,
            "key": "k",
            "url": "u",
            "etag": '"x"',
            "extractor": "1",
            "saved_at": START,
        }
        connection.execute(insert(tables.Validator), [validator])
        connection.execute(
            update(tables.Host).values(robots_status=200, robots_expires_at=START + timedelta(days=1))
        )
    report = politeness_of(engine, "a", has_contact=False)
    asked = report.asked
    assert asked.every_seconds == 1_800
    assert (asked.runs, asked.unchanged, asked.requests) == (101, 91, 121)
    assert (asked.recent, report.not_modified, report.received_bytes) == (10, 97, 40_000)
    assert {each.rule: each.points for each in report.found.deductions} == {
        "interval": 5,
        "patience": 20,
        "contact": 10,
    }
    assert report.found.score == 65
    assert (report.robots, report.robots_status) == ("allows", 200)


def test_a_server_without_validators_and_a_robots_txt_that_forbids_are_seen(engine: Engine) -> None:
    log = Log(engine)
    log.source("a", definition=DECLARED)
    reason = "robots.txt forbids it"
    runs(log, every=timedelta(hours=2), number=50, problems=(Trouble.ROBOTS,), reason=reason, failures=10)
    with writing(engine) as connection:
        connection.execute(update(tables.Host).values(robots_status=200))
    report = politeness_of(engine, "a", has_contact=True)
    assert not report.asked.answers_304
    assert {each.rule for each in report.found.deductions} == {"interval", "robots"}
    assert report.robots == "forbids"


def test_a_source_that_is_unknown_is_told(engine: Engine) -> None:
    with pytest.raises(UnknownSourceError, match="nobody"):
        politeness_of(engine, "nobody", has_contact=True)
