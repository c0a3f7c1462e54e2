"""Runs as ``--json`` prints them: the shapes of docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from digest.json import SCHEMA
from digest.wording import machine_date, machine_time
from news.errors import UrlError
from news.urls import link_url

if TYPE_CHECKING:
    from news.holding import HeldEntry
    from news.run import Problem
    from storage.coverage import SourceCoverage
    from storage.runs import Mark, RunGap, RunRow


def stored_run_json(run: RunRow) -> dict[str, Any]:
    """Return everything that is kept of a run."""
    return {
        "schema": SCHEMA,
        "id": run.id,
        "source": run.source,
        "verdict": str(run.verdict),
        "reason": run.reason,
        "started_at": machine_time(run.started_at),
        "finished_at": machine_time(run.finished_at),
        "settled_at": machine_time(run.settled_at),
        "baseline": run.is_baseline,
        "entries": run.entries,
        "pages": run.pages,
        "requests": run.requests,
        "not_modified": run.not_modified,
        "announced": run.changes,
        "reach": str(run.reach) or None,
        "top": None if run.top is None else _mark_json(run.top),
        "bottom": None if run.bottom is None else _mark_json(run.bottom),
        "gaps": [_gap_json(gap) for gap in run.gaps],
        "held": run.held or None,
        "refused": dict(run.refused),
        "problems": [_problem_json(problem) for problem in run.problems],
    }


def run_detail_json(run: RunRow, seen: Iterable[HeldEntry]) -> dict[str, Any]:
    """Return everything that is kept of a run, with what a suspect one saw."""
    return {**stored_run_json(run), "seen": [held_json(each) for each in seen]}


def held_json(held: HeldEntry) -> dict[str, Any]:
    """Return one entry that a suspect run saw, and what approving makes of it."""
    published = held.entry.published
    return {
        "schema": SCHEMA,
        "state": str(held.state),
        "title": held.entry.title,
        "url": _link(held.entry.url),
        "published_at": machine_date(published.at, published.precision) if published else None,
    }


def coverage_json(coverage: SourceCoverage) -> dict[str, Any]:
    """Return from where to where a source was read, and what was left out in between."""
    return {
        "schema": SCHEMA,
        "top": None if coverage.top is None else _mark_json(coverage.top),
        "bottom": None if coverage.bottom is None else _mark_json(coverage.bottom),
        "gaps": [
            {
                "schema": SCHEMA,
                "id": gap.id,
                "state": gap.state,
                "since": machine_time(gap.since),
                "until": machine_time(gap.until),
                "above": None if gap.above is None else _mark_json(gap.above),
                "below": None if gap.below is None else _mark_json(gap.below),
                "next_url": gap.next_url or None,
                "opened_run": gap.opened_run_id,
                "closed_run": gap.closed_run_id,
            }
            for gap in coverage.gaps
        ],
    }


def _mark_json(mark: Mark) -> dict[str, Any]:
    return {"schema": SCHEMA, "title": mark.title, "url": _link(mark.url)}


def _gap_json(gap: RunGap) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "id": gap.id,
        "did": gap.did,
        "state": gap.state,
        "since": machine_time(gap.since),
        "until": machine_time(gap.until),
    }


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "trouble": str(problem.trouble),
        "detail": problem.detail,
        "url": problem.url or None,
        "fatal": problem.fatal,
    }


def _link(url: str) -> str:
    try:
        return link_url(url)
    except UrlError:
        return url
