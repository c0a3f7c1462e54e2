"""How politely a source is read, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.filesize import decimal

from digest.json import SCHEMA
from digest.wording import count
from news.lasting import lasting
from storage.politeness import PolitenessReport
from tidings.json_output import time_json

_ROBOTS = {
    "allows": "allows what is asked",
    "forbids": "forbids what is asked",
    "unreachable": "could not be had, which forbids everything",
    "unasked": "was not asked for yet",
}


def politeness_lines(report: PolitenessReport | None) -> Iterator[tuple[str, str]]:
    """Yield the lines of `tidings sources show`: the name of a fact where it begins, and what there is to say."""
    if report is None:
        return
    yield "politeness", f"{report.found.score} of 100"
    for each in report.found.deductions:
        yield "", f"-{each.points}: {each.why}"
    asked = report.asked
    if asked.runs:
        every = f", one every {lasting(asked.every_seconds)}" if asked.every_seconds is not None else ""
        share = asked.unchanged / asked.runs
        requests = asked.requests / asked.runs
        unchanged = f"{share:.0%} found nothing changed; {requests:.1f} requests a run"
        yield "asked", f"{count(asked.runs, 'run', 'runs')}{every}; {unchanged}"
    if asked.requests:
        yield "", answered(report)
    yield "robots.txt", f"{_ROBOTS[report.robots]}{_status(report)}"
    yield "delay", f"{asked.delay_seconds:g} s between requests, or as robots.txt says"


def politeness_json(report: PolitenessReport) -> dict[str, Any]:
    """Return the same for programs."""
    asked = report.asked
    return {
        "schema": SCHEMA,
        "score": report.found.score,
        "deductions": [
            {"schema": SCHEMA, "rule": each.rule, "points": each.points, "why": each.why}
            for each in report.found.deductions
        ],
        "runs": asked.runs,
        "unchanged": asked.unchanged,
        "requests": asked.requests,
        "every_seconds": asked.every_seconds,
        "answers_304": asked.answers_304,
        "wait_seconds": asked.wait_seconds,
        "not_modified": report.not_modified,
        "received_bytes": report.received_bytes,
        "recent_runs": asked.recent,
        "recent_impatient": asked.impatient,
        "recent_denied": asked.denied,
        "delay_seconds": asked.delay_seconds,
        "robots": report.robots,
        "robots_status": report.robots_status or None,
        "robots_until": time_json(report.robots_until),
        "last_request_at": time_json(report.last_request_at),
        "not_before": time_json(report.not_before),
    }


def answered(report: PolitenessReport) -> str:
    """Return what its server was made to send, in words: the share of 304 answers, and the bytes of all others."""
    asked = count(report.asked.requests, "request", "requests")
    share = f"{report.not_modified / report.asked.requests:.0%} of {asked} were answered by 304"
    return f"{share}; {decimal(report.received_bytes)} came, as they were packed"


def _status(report: PolitenessReport) -> str:
    return f" (HTTP {report.robots_status})" if report.robots_status else ""
