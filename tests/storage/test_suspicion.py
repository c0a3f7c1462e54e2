"""Validators and suspicion: what a bad run may not leave behind, and how a person or a good body ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from news.article import Validators
from news.errors import SourceError
from news.run import Problem, Trouble, Verdict
from storage import tables
from storage.approving import approve, reject
from tests.storage.desk import (
    BASE,
    SHAPES,
    WORDS,
    Desk,
    based,
    entry,
    named,
    short,
    told,
)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


# ---------------------------------------------------------------------------------------- validators


PAGE_1 = Validators(etag='"1"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT")


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, PAGE_1),
        ({"problems": (Problem(trouble=Trouble.PAGE_FAILED, detail="HTTP 500"),)}, Validators()),
    ],
    ids=["ok", "partial"],
)
def test_validators_are_saved_only_with_a_good_read(
    desk: Desk, more: dict[str, Any], kept: Validators
) -> None:
    desk.run(*BASE, validators=PAGE_1, **more)
    desk.later(hours=1)
    assert desk.plan().validators == kept


def test_a_partial_run_forgets_the_validators_of_the_last(desk: Desk) -> None:
    desk.run(*BASE, validators=PAGE_1)
    desk.later(hours=1)
    desk.settle(short(desk, entry("x"), *BASE, joined=True, validators=Validators(etag='"2"')))
    desk.later(hours=1)
    assert desk.plan().validators == Validators()


def test_a_suspect_run_changes_no_validators_and_they_are_not_used_while_it_lasts(desk: Desk) -> None:
    desk.run(*BASE, validators=PAGE_1)
    desk.later(hours=1)
    desk.run(validators=Validators(etag='"login"'))
    desk.later(hours=1)
    plan = desk.plan()
    assert (plan.suspect, plan.validators) == (True, PAGE_1)


def test_validators_are_void_when_the_extractor_changes(desk: Desk) -> None:
    desk.run(*BASE, validators=PAGE_1)
    desk.later(hours=1)
    desk.extractor = "2"
    assert desk.plan().validators == Validators()


# ----------------------------------------------------------------------------------------- suspicion


def test_what_a_suspect_run_saw_is_held_and_nothing_of_it_known(desk: Desk) -> None:
    settled = desk.run(entry("x"))
    assert (settled.verdict, settled.reason) == (Verdict.SUSPECT, "1 entries where 3 are usual")
    assert (desk.count(tables.Article), [row.state for row in desk.all(tables.Held)]) == (3, ["held"])
    row = desk.row()
    assert (row.verdict, row.failures, row.failing_since) == ("suspect", 1, desk.now)
    assert row.next_due_at > desk.now


def test_only_a_good_body_ends_the_suspicion(desk: Desk) -> None:
    desk.run(entry("x"))
    since = desk.now
    desk.later(hours=1)
    desk.run(problems=(Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True),), looks=())
    assert (desk.row().verdict, desk.row().failing_since) == ("failed", since)
    desk.later(hours=1)
    assert told(desk.run(entry("x"), *BASE)) == [("published", "x")]
    assert [row.state for row in desk.all(tables.Held)] == ["passed"]
    assert (desk.row().failing_since, desk.row().failures) == (None, 0)


def test_a_source_is_still_asked_without_validators_when_it_failed_after_being_suspect(desk: Desk) -> None:
    desk.run(*BASE, validators=PAGE_1)
    desk.later(hours=1)
    desk.run(entry("x"))
    desk.later(hours=1)
    desk.run(problems=(Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True),), looks=())
    desk.later(hours=1)
    assert desk.plan().suspect


FAILURE: dict[str, Any] = {
    "problems": (Problem(trouble=Trouble.NETWORK, detail="no answer", fatal=True),),
    "looks": (),
}


@pytest.mark.parametrize(
    ("before", "is_news"),
    [("nothing", False), ("failures", True), ("failures after a suspicion", False), ("a rejection", False)],
)
def test_a_mass_that_never_met_what_was_known_is_news_after_failures_alone(
    engine: Engine, before: str, is_news: bool
) -> None:
    desk = Desk(engine)
    undated = replace(SHAPES, dated=0.0, shapes=("site.example/news/{slug}",))
    base = [replace(each, published=None) for each in BASE]
    many = [*(replace(entry(f"n{number}"), published=None) for number in range(13)), base[0]]
    desk.run(*base, profile=undated)
    if before in ("failures after a suspicion", "a rejection"):
        desk.later(hours=1)
        assert desk.run().verdict is Verdict.SUSPECT
    if before == "a rejection":
        reject(engine, "one", now=desk.now)
    if before != "nothing":
        desk.later(hours=1)
        desk.run(**FAILURE)
    desk.later(hours=1)
    settled = desk.run(*many, profile=replace(undated, entries=len(many)), joined=False, ended=True)
    assert (settled.verdict, len(settled.changes)) == (
        (Verdict.OK, 13) if is_news else (Verdict.SUSPECT, 0)
    ), settled.reason
    assert is_news or settled.reason == "14 entries where 3 are usual"


def test_approving_announces_what_was_held_and_never_edits(desk: Desk) -> None:
    edited = desk.look("a", body=f"Quite other words: {WORDS}")
    looks = [desk.look("x"), edited]
    desk.run(entry("x"), BASE[0], looks=looks, profile=replace(SHAPES, dated=0.0))
    assert named(approve(desk.engine, "one", now=desk.now)) == [("published", "x")]
    assert [row.state for row in desk.all(tables.Held)] == ["approved"]
    assert (desk.row().verdict, desk.row().next_due_at) == ("", desk.now)
    assert desk.count(tables.Revision) == 4
    desk.later(hours=1)
    assert desk.run(entry("x"), *BASE[:1]).verdict is Verdict.OK, "what was approved is the new usual"


def test_what_stands_in_the_listing_s_place_is_not_approved_and_nothing_usual_is_forgotten(
    desk: Desk,
) -> None:
    login = Problem(trouble=Trouble.BLOCKED, detail="a login page instead of the listing", fatal=True)
    desk.run(problems=(login,), looks=())
    with pytest.raises(
        SourceError, match=r"read nothing that could be approved.*a login page instead of the listing"
    ):
        approve(desk.engine, "one", now=desk.now)
    assert (desk.row().verdict, [row.state for row in desk.all(tables.Held)]) == ("suspect", ["held"])
    desk.later(hours=1)
    assert desk.run(entry("x")).reason == "1 entries where 3 are usual"


def test_approving_before_the_baseline_only_lifts_the_suspicion(engine: Engine) -> None:
    desk = Desk(engine)
    desk.run()
    assert approve(engine, "one", now=desk.now) == ()
    assert (desk.row().verdict, desk.row().baseline_run_id) == ("", None)
    desk.later(hours=1)
    assert desk.run(*BASE).baseline == 3


def test_rejecting_drops_what_was_held(desk: Desk) -> None:
    desk.run(entry("x"))
    desk.later(hours=1)
    desk.run(entry("y"))
    assert reject(desk.engine, "one", now=desk.now) == 2
    assert {row.state for row in desk.all(tables.Held)} == {"rejected"}
    assert (desk.row().verdict, desk.row().next_due_at) == ("suspect", desk.now)
    with pytest.raises(SourceError, match="nothing is held"):
        approve(desk.engine, "one")


def test_a_listing_that_is_gone_for_good_is_paused(desk: Desk) -> None:
    gone = Problem(trouble=Trouble.GONE, detail="the listing is gone for good (410)", fatal=True, status=410)
    settled = desk.run(problems=(gone,), looks=())
    assert (settled.verdict, desk.row().paused) == (Verdict.FAILED, True)
