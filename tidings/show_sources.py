"""Sources for people: a table of all, and one with everything that is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

from digest.text import shown
from digest.wording import count, day, line, moment
from news.rhythm import Silence
from news.source import Channel, Source
from storage.coverage import SourceCoverage
from storage.politeness import PolitenessReport
from storage.runs import Mark
from storage.source_status import SourceStatus
from tidings import show
from tidings.held_advice import held_lines
from tidings.show_politeness import politeness_lines
from tidings.show_runs import resuming, spoken
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from rich.text import Text


def state_of(status: SourceStatus) -> str:
    """Return how a source fares, in a word or two."""
    if status.paused:
        return "paused"
    if status.silence is not None:
        return "quiet"
    # An approval takes the verdict away; what was never asked has never had one.
    return spoken(status.verdict) or ("never read" if status.last_run_at is None else "due")


def styled_state(status: SourceStatus) -> Text:
    """Return the same in its colour."""
    state = state_of(status)
    style = {"not modified": "ok", "quiet": "partial"}.get(state, state)
    return show.styled((state, show.STYLES.get(style, "")))


def silence_told(silence: Silence) -> str:
    """Return how long a source has brought nothing new, and why that is told."""
    days = count(silence.days, "whole day", "whole days")
    return (
        f"nothing new since {day(silence.since)}: {days} without news, of which about {silence.expected:.0f} had some "
        f"by its own rhythm (p = {silence.probability:.1g})"
    )


def source_table(found: Sequence[SourceStatus], *, now: datetime) -> None:
    """Write one row a source."""
    rows: list[list[str | Text]] = [
        [
            status.name,
            styled_state(status),
            ago(status.last_ok_at, now),
            "-" if status.paused else ago(status.next_due_at, now),
            ago(status.last_new_at, now),
            status.schedule,
            status.channel,
            status.url,
        ]
        for status in found
    ]
    table(["NAME", "STATE", "READ", "NEXT", "LAST NEWS", "EVERY", "CHANNEL", "URL"], rows, flexible="URL")


def source_lines(
    status: SourceStatus,
    source: Source,
    *,
    now: datetime,
    proposed: Sequence[int] = (),
    coverage: SourceCoverage | None = None,
    polite: PolitenessReport | None = None,
) -> Iterator[str | Text]:
    """Yield everything that is known of a source.

    Args:
        status: how it fares.
        source: its declaration.
        now: the moment that ages are counted to.
        proposed: versions of its selectors that wait for a person.
        coverage: from where to where it was read.
        polite: how politely.
    """
    yield show.styled((status.name, "bold"), f"  {shown(line(status.title))}" if status.title else "")
    yield _fact("url", status.url)
    yield _fact("channel", _channel(source))
    if status.page_url:
        yield _fact("page", status.page_url)
    yield show.styled(
        _fact("state", ""), styled_state(status), f": {line(status.reason)}" if status.reason else ""
    )
    if status.failing_since is not None:
        yield _fact("not read since", moment(status.failing_since))
    if status.silence is not None:
        yield _fact("quiet", silence_told(status.silence))
    if status.paused:
        yield _fact("", resuming(status.name))
    if status.newest_held is not None:
        first, *others = held_lines(status.name, status.newest_held)
        yield _fact("held", f"{count(status.held, 'suspect run', 'suspect runs')}; {first}")
        yield from (_fact("", each) for each in others)
    yield _fact("last read", _when(status.last_ok_at, now))
    yield _fact("last news", _when(status.last_new_at, now))
    why = f" because {status.due_reason}" if status.due_reason and status.next_due_at > now else ""
    yield _fact(
        "next crawl", "none while it is paused" if status.paused else _when(status.next_due_at, now) + why
    )
    if status.not_before is not None and status.not_before > now:
        yield _fact("", f"its host asked for patience until {moment(status.not_before)}")
    if status.lease_until is not None and status.lease_until > now:
        yield _fact(
            "", f"{status.lease_owner} is crawling its host until {moment(status.lease_until)} at the latest"
        )
    yield _fact("baseline", "taken" if status.has_baseline else "not yet")
    yield from _coverage_lines(coverage)
    yield _fact(
        "open",
        f"{count(status.gaps, 'gap', 'gaps')}, {count(status.pending, 'pending entry', 'pending entries')}",
    )
    runs, requests = count(status.runs, "run", "runs"), count(status.requests, "request", "requests")
    yield _fact("so far", f"{runs}, {status.unchanged} of them unchanged; {requests}")
    yield from (_fact(name, told) for name, told in politeness_lines(polite))
    yield _fact("schedule", f"{status.schedule} ({status.time_zone})")
    yield _fact("language", status.language or "not declared")
    yield _fact(
        "reads",
        f"{count(source.baseline_pages, 'page', 'pages')} for the baseline, {source.max_pages} at most",
    )
    if source.channel is Channel.LISTING or any(_selectors(source)):
        yield _fact("selectors", f"version {status.wrapper}")
    for version in proposed:
        see = f"`tidings sources diff {status.name} {version}`, then `approve` or `reject`"
        yield _fact("proposed", f"version {version}; {see}")
    yield from _selectors(source)


def _coverage_lines(coverage: SourceCoverage | None) -> Iterator[str]:
    if coverage is None:
        return
    if coverage.top is not None:
        yield _fact("complete from", mark_told(coverage.top))
    if coverage.bottom is not None:
        yield _fact("down to", mark_told(coverage.bottom))
    for gap in coverage.gaps:
        above, below = (mark_told(end) if end else "?" for end in (gap.above, gap.below))
        told = "the next crawl reads on there" if gap.state == "open" else "out of reach"
        yield _fact(
            f"{gap.state} gap",
            f"{moment(gap.since)} to {moment(gap.until)}; {told} (run {gap.opened_run_id})",
        )
        yield _fact("", f"below {above}")
        yield _fact("", f"above {below}")


def mark_told(mark: Mark) -> str:
    """Return an entry by its title and address."""
    return f"{shown(line(mark.title))}  {line(mark.url)}"


def _channel(source: Source) -> str:
    if source.channel is Channel.LISTING:
        return "listing (HTML)"
    bodies = "whole bodies are taken" if source.whole_bodies else "articles' pages are asked for"
    return source.channel.value if source.channel is Channel.SITEMAP else f"{source.channel.value}, {bodies}"


def _fact(name: str, value: str) -> str:
    return f"  {name:<16} {value}"


def _when(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else f"{moment(at)} ({ago(at, now)})"


def _selectors(source: Source) -> Iterator[str]:
    for part, rules in (("", source.wrapper), ("article ", source.article)):
        for field in fields(rules):
            name, alternatives = field.name, getattr(rules, field.name)
            if alternatives:
                yield _fact(f"  {part}{name}", alternatives[0])
                yield from (_fact("", f"or {each}") for each in alternatives[1:])
