"""What is complained of, in words and as JSON; whoever is not known is told how much, and never of whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from digest.wording import line, machine_time, moment
from news.health import Checkup, Complaint, Kind
from tidings.json_output import time_json, with_schema

OK, FAILING = "ok", "failing"
SUBJECTS = {
    Kind.DATABASE: "",
    Kind.HEARTBEAT: "scheduler ",
    Kind.DISK: "disk of ",
    Kind.OVERDUE: "source ",
    Kind.BROKEN: "source ",
    Kind.BLOCKED: "source ",
    Kind.WAITING: "subscription ",
    Kind.DEAD: "subscription ",
}


def complaint_lines(checkup: Checkup) -> Iterator[str]:
    """Yield a line for each complaint that is named, and one for those of its kind that are not."""
    named = {kind: [each for each in checkup.complaints if each.kind is kind] for kind in Kind}
    for kind, complaints in named.items():
        yield from (complaint_line(each) for each in complaints)
        left = checkup.counts[kind] - len(complaints)
        if left > 0:
            yield f"{kind}: {left} more"


def complaint_line(complaint: Complaint) -> str:
    """Return one complaint as a line."""
    since = f", since {moment(complaint.since)}" if complaint.since is not None else ""
    subject = f"{SUBJECTS[complaint.kind]}{line(complaint.subject)}"
    delivery = f", delivery {complaint.delivery}" if complaint.delivery is not None else ""
    why = f": {line(complaint.reason)}" if complaint.reason else ""
    return f"{complaint.kind}: {subject}{delivery}{since}{why}"


def checkup_json(checkup: Checkup, *, named: bool = True) -> dict[str, Any]:
    """Return what was found; without names for whoever is not known."""
    told = with_schema(
        status=OK if checkup.is_well else FAILING,
        at=machine_time(checkup.at),
        counts=counts_json(checkup),
    )
    return {**told, "complaints": [complaint_json(each) for each in checkup.complaints]} if named else told


def counts_json(checkup: Checkup) -> dict[str, int]:
    """Return how many complaints there are of each kind, of those kinds of which there are any."""
    return {str(kind): checkup.counts[kind] for kind in Kind if checkup.counts[kind]}


def complaint_json(complaint: Complaint) -> dict[str, Any]:
    """Return one complaint."""
    return with_schema(
        kind=str(complaint.kind),
        subject=complaint.subject or None,
        since=time_json(complaint.since),
        reason=complaint.reason,
        delivery=complaint.delivery,
    )
