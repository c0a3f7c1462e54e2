"""What the scheduler's log says of a run."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from news.change import Change
from news.run import Settled, Verdict
from scheduler.dispatching import log_settled

NEXT = datetime(2026, 11, 22, 8, 15, 30, 987654, tzinfo=UTC)
OK = Settled(source="site", run_id=1, verdict=Verdict.OK, reason="", next_due_at=NEXT)
FAILED = replace(OK, verdict=Verdict.FAILED, reason="HTTP 500")


def changes(count: int) -> tuple[Change, ...]:
    return (None,) * count  # type: ignore[return-value]  # only counted


@pytest.mark.parametrize(
    ("settled", "line"),
    [
        (OK, "site: ok, nothing new, next at 2026-11-22T08:15:30Z"),
        (replace(OK, changes=changes(1)), "site: ok, 1 change, next at 2026-11-22T08:15:30Z"),
        (replace(OK, changes=changes(2)), "site: ok, 2 changes, next at 2026-11-22T08:15:30Z"),
        (
            replace(OK, baseline=1),
            "site: ok, baseline taken, 1 item known, 0 announced, next at 2026-11-22T08:15:30Z",
        ),
        (FAILED, "site: failed: HTTP 500; next at 2026-11-22T08:15:30Z"),
        (replace(FAILED, next_due_at=None), "site: failed: HTTP 500; next when it is due"),
    ],
)
def test_a_run_is_one_line_that_says_when_the_source_is_asked_next(
    settled: Settled, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        log_settled(settled)
    assert caplog.messages == [line]
    assert (caplog.records[0].levelno == logging.WARNING) is (settled.verdict is Verdict.FAILED)
