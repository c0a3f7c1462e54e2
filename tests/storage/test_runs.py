"""What is kept of runs: from where to where each is complete, and what of a suspect one is held, shown and decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from news.errors import SourceError
from news.holding import HeldState
from news.run import Reach, Verdict
from storage import tables
from storage.approving import approve, held_of, reject
from storage.coverage import coverage_of
from storage.runs import list_runs, load_run, newest_run, run_named
from tests.storage.desk import BASE, SHAPES, Desk, based, entry, named, short, told

FEWER = replace(SHAPES, dated=0.0)
"""What makes a run suspect in these tests: the dates are gone."""


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


def held(desk: Desk, run_id: int) -> list[tuple[str, str]]:
    seen = held_of(desk.engine, run_id, now=desk.now)
    return [(each.state.value, each.entry.title.removeprefix("Title of ")) for each in seen]


# ------------------------------------------------------------------------------------------ coverage


def test_every_run_says_from_which_entry_to_which_it_is_complete(desk: Desk) -> None:
    desk.run(entry("x"), *BASE)
    run, baseline = list_runs(desk.engine)
    assert run.top is not None
    assert run.bottom is not None
    assert (run.top.title, run.bottom.title, run.reach) == ("Title of x", "Title of c", Reach.KNOWN)
    assert (run.is_baseline, baseline.is_baseline, baseline.changes, run.changes) == (False, True, 0, 1)


@pytest.mark.parametrize(
    ("more", "reach"),
    [
        ({"joined": True}, Reach.KNOWN),
        ({"joined": False, "ended": True}, Reach.END),
        ({"joined": False, "ended": True, "next_url": "https://site.example/one?page=2"}, Reach.CAP),
        ({"joined": False}, Reach.SHORT),
    ],
)
def test_it_says_what_ended_the_read(desk: Desk, more: dict[str, bool], reach: Reach) -> None:
    desk.run(entry("y"), entry("x"), *BASE, **more)
    assert list_runs(desk.engine)[0].reach is reach


def test_a_run_names_the_gap_that_it_opened_and_the_one_that_closed_it(desk: Desk) -> None:
    new = [entry(f"n{number}", hour=number) for number in range(4)]
    desk.settle(short(desk, new[3], new[2]))
    opened_at = desk.now
    desk.later(hours=1)
    desk.run(*new[::-1], *BASE)
    closing, opening, _ = list_runs(desk.engine)
    assert [(gap.did, gap.state) for gap in opening.gaps] == [("opened", "closed")]
    assert [(gap.did, gap.until) for gap in closing.gaps] == [("closed", opened_at)]
    assert (opening.reach, opening.verdict) == (Reach.SHORT, Verdict.PARTIAL)


def test_a_source_is_complete_from_its_newest_entry_to_its_horizon_but_for_its_gaps(desk: Desk) -> None:
    new = [entry(f"n{number}", hour=number) for number in range(9)]
    desk.settle(short(desk, new[3], new[2]))
    desk.later(hours=1)
    desk.settle(short(desk, new[8], new[7], new[6]))
    found = coverage_of(desk.engine, "one")
    assert found.top is not None
    assert found.bottom is not None
    assert (found.top.title, found.bottom.title) == ("Title of n8", "Title of c")
    ends = [(gap.above and gap.above.title, gap.below and gap.below.title) for gap in found.gaps]
    assert ends == [("Title of n6", "Title of n3"), ("Title of n2", "Title of a")]
    assert [(gap.state, gap.opened_run_id) for gap in found.gaps] == [("open", 3), ("open", 2)]
    desk.later(hours=1)
    desk.run(*new[::-1], *BASE)
    assert coverage_of(desk.engine, "one").gaps == ()


# ---------------------------------------------------------------------------------------------- held


def test_what_is_held_is_shown_with_what_approving_would_announce_and_announces_exactly_that(
    desk: Desk,
) -> None:
    old = entry("old", hour=-900)
    suspect = desk.run(entry("y", hour=2), entry("x", hour=1), *BASE, old, profile=FEWER)
    assert suspect.verdict is Verdict.SUSPECT
    assert suspect.run_id is not None
    before = held(desk, suspect.run_id)
    assert before == [
        ("new", "y"),
        ("new", "x"),
        ("known", "a"),
        ("known", "b"),
        ("known", "c"),
        ("older", "old"),
    ]
    assert desk.count(tables.Article) == 3, "looking makes nothing known"
    assert list_runs(desk.engine, held=True)[0].id == newest_run(desk.engine, "one") == suspect.run_id
    changes = approve(desk.engine, "one", run_id=suspect.run_id, now=desk.now)
    assert named(changes) == [("published", "x"), ("published", "y")]
    assert list_runs(desk.engine, held=True) == []
    assert load_run(desk.engine, suspect.run_id).changes == 2
    with pytest.raises(SourceError, match="was approved before"):
        approve(desk.engine, "one", run_id=suspect.run_id, now=desk.now)


def test_the_next_good_run_announces_what_was_held_once(desk: Desk) -> None:
    desk.run(entry("x", hour=1), *BASE, profile=FEWER)
    desk.later(hours=1)
    assert told(desk.run(entry("y", hour=2), entry("x", hour=1), *BASE)) == [
        ("published", "x"),
        ("published", "y"),
    ]
    [passed] = [run for run in list_runs(desk.engine) if run.held]
    assert passed.held == "passed"
    assert {state for state, _ in held(desk, passed.id)} == {HeldState.KNOWN.value}
    assert approve(desk.engine, "one", run_id=passed.id, now=desk.now) == ()


def test_what_fell_off_the_listing_while_it_was_suspect_can_still_be_announced(desk: Desk) -> None:
    """A feed of three: x stood there only while its dates were gone."""
    desk.run(entry("x", hour=1), *BASE[:2], profile=FEWER)
    run_id = newest_run(desk.engine, "one")
    desk.later(hours=1)
    desk.run(entry("z", hour=3), entry("y", hour=2), BASE[0])
    verdict, due = desk.row().verdict, desk.row().next_due_at
    assert held(desk, run_id) == [("new", "x"), ("known", "a"), ("known", "b")]
    assert named(approve(desk.engine, "one", run_id=run_id, now=desk.now)) == [("published", "x")]
    assert load_run(desk.engine, run_id).held == "told"
    assert (desk.row().verdict, desk.row().next_due_at) == (verdict, due), "the source fares as it did"
    desk.later(hours=1)
    assert told(desk.run(entry("z", hour=3), entry("x", hour=1), *BASE)) == []


def test_approving_an_older_run_leaves_the_later_ones_held(desk: Desk) -> None:
    first = desk.run(entry("x", hour=1), *BASE, profile=FEWER).run_id
    desk.later(hours=1)
    second = desk.run(entry("y", hour=2), *BASE, profile=FEWER).run_id
    assert named(approve(desk.engine, "one", run_id=first, now=desk.now)) == [("published", "x")]
    states = {run.id: run.held for run in list_runs(desk.engine)}
    assert (states[first or 0], states[second or 0]) == ("approved", "held")
    assert named(approve(desk.engine, "one", now=desk.now)) == [("published", "y")]


def test_one_run_is_rejected_and_may_be_approved_after_all(desk: Desk) -> None:
    first = desk.run(entry("x", hour=1), *BASE, profile=FEWER).run_id
    desk.later(hours=1)
    desk.run(entry("y", hour=2), *BASE, profile=FEWER)
    assert reject(desk.engine, "one", run_id=first, now=desk.now) == 1
    assert [run.held for run in list_runs(desk.engine)] == ["held", "rejected", ""]
    assert named(approve(desk.engine, "one", run_id=first, now=desk.now)) == [("published", "x")]


def test_a_run_is_named_by_its_number_or_by_its_source(desk: Desk) -> None:
    assert run_named(desk.engine, "1") == ("one", 1)
    assert run_named(desk.engine, "one") == ("one", None)
    for word in ("99", "9" * 40):
        with pytest.raises(SourceError, match="there is no such run"):
            run_named(desk.engine, word)
    with pytest.raises(SourceError, match="another"):
        list_runs(desk.engine, sources=["another"])
