"""The health of everything, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.wording import count, line, moment
from news.health import Kind
from storage.source_status import SourceStatus
from tidings import show
from tidings.complaints import complaint_lines
from tidings.held_advice import held_lines
from tidings.json_output import Health
from tidings.show_runs import resuming
from tidings.show_sources import silence_told, state_of, styled_state
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from rich.text import Text


def print_status(health: Health) -> None:
    """Write it to stdout."""
    from tidings.declared import HOW_TO_ADD

    totals = health.totals
    show.say(
        show.styled((health.database, "bold")),
        f"{count(len(health.sources), 'source', 'sources')}, {count(totals.articles, 'article', 'articles')}, "
        f"{count(totals.last_seq, 'change', 'changes')} in the log",
        _scheduler(health),
        "",
    )
    rows = [_row(status, health) for status in health.sources]
    if rows:
        table(["SOURCE", "STATE", "READ", "NEXT", "#GAPS", "#PENDING", "#HELD"], rows, flexible="SOURCE")
    else:
        show.say(f"There are no sources yet; {HOW_TO_ADD}.")
    for title, lines in (
        ("To be looked after", [f"  {each}" for each in complaint_lines(health.checkup)]),
        ("Not being read", list(_unread(health))),
        ("Stretches of listings that were not read", list(_stretches(health))),
        ("Read, but quiet", list(_quiet(health))),
        ("Being crawled now", list(_leases(health))),
    ):
        if lines:
            show.say("", show.styled((title, "bold")), *lines)


def _scheduler(health: Health) -> str | Text:
    beat = health.scheduler
    if beat is None:
        return "scheduler: none is running; `tidings run` starts one"
    told = f"{beat.owner}, since {moment(beat.started_at)}, last sign of life {ago(beat.beat_at, health.now)}"
    if health.checkup.counts[Kind.HEARTBEAT]:
        return show.styled(
            "scheduler: ", ("silent", show.STYLES["suspect"]), f": {told}; is it still running?"
        )
    return f"scheduler: {told}"


def _row(status: SourceStatus, health: Health) -> list[str | Text]:
    return [
        status.name,
        styled_state(status),
        ago(status.last_ok_at, health.now),
        "-" if status.paused else ago(status.next_due_at, health.now),
        str(status.gaps or "-"),
        str(status.pending or "-"),
        str(status.held or "-"),
    ]


def _unread(health: Health) -> Iterator[str | Text]:
    for status in health.sources:
        failing = status.failing_since is not None or status.verdict in ("suspect", "failed")
        if not (failing or status.paused):
            continue
        since = status.failing_since or status.last_ok_at or status.last_run_at
        told = f" since {moment(since)}" if since else ", never read so far"
        why = f": {line(status.reason)}" if failing and status.reason else ""
        style = show.STYLES.get(state_of(status), "")
        yield show.styled(f"  {status.name}: ", (state_of(status), style), f"{told}{why}")
        if status.paused:
            yield f"    {resuming(status.name)}"
        if status.newest_held is not None:
            yield from (f"    {each}" for each in held_lines(status.name, status.newest_held))


def _stretches(health: Health) -> Iterator[str]:
    for stretch in health.stretches:
        yield f"  {stretch.source}: between {moment(stretch.since)} and {moment(stretch.until)}; it is asked for again"


def _quiet(health: Health) -> Iterator[str]:
    for status in health.sources:
        if status.silence is not None:
            yield f"  {status.name}: {silence_told(status.silence)}"


def _leases(health: Health) -> Iterator[str]:
    hosts = {
        status.host: f"{status.lease_owner}, until {moment(status.lease_until)} at the latest"
        for status in health.sources
        if status.lease_until is not None and status.lease_until > health.now and status.lease_owner
    }
    for host, by in sorted(hosts.items()):
        yield f"  {host} by {by}"
