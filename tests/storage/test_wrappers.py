"""Versions of selectors: healed ones in use with their run, proposals, approving, rejecting and going back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from news.dates import Precision, Stamp
from news.errors import SourceError
from news.healing import HealedItem, Healing, ItemState, Means
from news.run import Profile, Settled, Verdict
from news.source import Wrapper
from storage import tables
from storage.remembering import remember
from storage.sources import load_source
from storage.wrappers import approve_wrapper, reject_wrappers, roll_back, wrapper_versions
from tests.storage.desk import BASE, SHAPES, Desk, based, content, entry, told, url

HEALED = Wrapper(item=("div.card",), link=("a",))
BARE = Profile(entries=3, dated=0.0, shapes=SHAPES.shapes)
"""What the redesigned page looks like: without dates."""


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


def healing(*, accepted: bool = True, wrapper: Wrapper = HEALED, **more: Any) -> Healing:
    fields: dict[str, Any] = {
        "confidence": 0.95 if accepted else 0.6,
        "symptom": "no entries on the listing",
        "recognised": 2,
        "sought": 3,
        "reasons": ("2 of 3 items are stored articles",),
        "items": (
            HealedItem(state=ItemState.NEW, url=url("x"), title="Title of x", key="x"),
            HealedItem(state=ItemState.RECOGNISED, url=url("a"), title="Title of a", by=Means.ADDRESS),
        ),
    }
    return Healing(wrapper=wrapper, accepted=accepted, **(fields | more))


def healed_run(desk: Desk, *names: str, **more: Any) -> Settled:
    entries = (*(entry(name) for name in names), *BASE[:2])
    fields: dict[str, Any] = {"healing": healing(), "profile": BARE, "extractor": "1.healed.1"}
    return desk.run(*entries, **(fields | more))


def states(desk: Desk) -> list[tuple[int, str, str]]:
    return [(each.version, each.origin, each.state) for each in wrapper_versions(desk.engine, "one")]


def test_an_accepted_healing_is_in_use_with_its_run_and_explains_what_the_redesign_took(desk: Desk) -> None:
    settled = healed_run(desk, "x")
    assert (settled.verdict, told(settled)) == (Verdict.OK, [("published", "x")])
    assert states(desk) == [(2, "healing", "in use"), (1, "file", "earlier")]
    assert load_source(desk.engine, "one").wrapper == HEALED
    [version, _] = wrapper_versions(desk.engine, "one")
    assert version.healing == healing()
    desk.later(hours=1)
    after = desk.run(entry("y"), entry("x"), *BASE[:2], profile=BARE, extractor="1.healed.1")
    assert (after.verdict, told(after)) == (Verdict.OK, [("published", "y")]), (
        "the healed page is the usual one"
    )


def test_a_healing_that_was_taken_is_told_with_its_run_and_what_to_do(desk: Desk) -> None:
    settled = healed_run(desk, "x")
    assert settled.healed
    assert settled.reason == (
        f"other selectors are in use from this run on (version 2, confidence {healing().confidence:.2f}; without: "
        f"{healing().symptom}): `tidings sources diff one`; `tidings sources rollback one` goes back"
    )
    desk.later(hours=1)
    after = desk.run(entry("y"), entry("x"), *BASE[:2], profile=BARE, extractor="1.healed.1")
    assert (after.healed, after.reason) == (False, "")


def test_a_proposal_goes_when_the_source_is_read_well_again(desk: Desk) -> None:
    desk.run(healing=healing(accepted=False), looks=())
    assert states(desk) == [(2, "healing", "proposed"), (1, "file", "in use")]
    desk.later(hours=1)
    assert desk.run(entry("x"), *BASE).verdict is Verdict.OK
    assert states(desk) == [(1, "file", "in use")]


def test_what_a_person_rejected_is_remembered_when_the_source_is_read_well_again(desk: Desk) -> None:
    desk.run(healing=healing(accepted=False), looks=())
    reject_wrappers(desk.engine, "one", now=desk.now)
    desk.later(hours=1)
    assert desk.run(entry("x"), *BASE).verdict is Verdict.OK
    assert states(desk) == [(2, "healing", "rejected"), (1, "file", "in use")]


def test_a_mass_of_news_is_not_explained_by_a_redesign(desk: Desk) -> None:
    settled = healed_run(desk, *(f"x{number}" for number in range(9)), profile=Profile(entries=11))
    assert (settled.verdict, settled.changes) == (Verdict.SUSPECT, ())
    assert "only 2 of 11 entries are known" in settled.reason
    assert states(desk) == [(2, "healing", "proposed"), (1, "file", "in use")]


def test_a_proposal_waits_for_one_approval_and_then_the_next_crawl_reads_with_it(desk: Desk) -> None:
    for _ in range(2):  # found again, it stays one proposal
        settled = desk.run(healing=healing(accepted=False), looks=())
        assert settled.verdict is Verdict.SUSPECT
        assert "tidings sources diff one" in settled.reason
        assert "version 2, confidence 0.60" in settled.reason
        desk.later(hours=1)
    assert states(desk) == [(2, "healing", "proposed"), (1, "file", "in use")]
    assert approve_wrapper(desk.engine, "one", now=desk.now).in_use
    assert (desk.row().verdict, desk.row().failing_since, desk.row().next_due_at) == ("", None, desk.now)
    assert {row.state for row in desk.all(tables.Held)} == {"passed"}
    plan = desk.plan()
    assert (plan.source.wrapper, plan.suspect, plan.is_reread) == (HEALED, False, True)
    desk.later(hours=1)
    after = desk.run(entry("x"), *BASE[:2], profile=BARE)
    assert (after.verdict, told(after)) == (Verdict.OK, [("published", "x")])
    desk.later(hours=1)
    assert not desk.plan().is_reread


def test_only_the_newest_proposals_wait_for_a_person(desk: Desk) -> None:
    """A page whose markup is another one each time would else leave a version each run."""
    for number in range(8):
        wrapper = Wrapper(item=(f"div.card-{number}",), link=("a",))
        desk.run(healing=healing(accepted=False, wrapper=wrapper), looks=())
        desk.later(hours=1)
    assert [number for number, _, state in states(desk) if state == "proposed"] == [9, 8, 7, 6, 5]
    assert states(desk)[-1] == (1, "file", "in use")
    assert approve_wrapper(desk.engine, "one").version == 9


def test_a_rejected_proposal_is_remembered_and_the_source_stays_suspect(desk: Desk) -> None:
    desk.run(healing=healing(accepted=False), looks=())
    assert reject_wrappers(desk.engine, "one", now=desk.now) == [2]
    assert states(desk) == [(2, "healing", "rejected"), (1, "file", "in use")]
    assert len(remember(desk.engine, desk.plan()).rejected) == 1
    with pytest.raises(SourceError, match="no new selectors are proposed"):
        approve_wrapper(desk.engine, "one")


def test_rolling_back_puts_the_earlier_version_in_use_and_remembers_the_one_it_left(desk: Desk) -> None:
    healed_run(desk, "x")
    assert roll_back(desk.engine, "one", now=desk.now).version == 1
    assert states(desk) == [(2, "healing", "rolled back"), (1, "file", "in use")]
    assert len(remember(desk.engine, desk.plan()).left) == 1
    with pytest.raises(SourceError, match="no earlier version"):
        roll_back(desk.engine, "one")
    assert roll_back(desk.engine, "one", 2, now=desk.now).version == 2, "a person may go forward again"


@pytest.mark.parametrize("good_between", [False, True])
def test_healed_selectors_that_fail_twice_at_once_are_left_again(desk: Desk, good_between: bool) -> None:
    healed_run(desk, "x")
    if good_between:
        desk.later(hours=1)
        desk.run(entry("x"), *BASE[:2], profile=BARE)
    desk.later(hours=1)
    first = desk.run(looks=())
    assert (first.verdict, load_source(desk.engine, "one").wrapper) == (Verdict.SUSPECT, HEALED)
    desk.later(hours=1)
    second = desk.run(looks=())
    assert second.verdict is Verdict.SUSPECT
    left = (2, "healing", "in use" if good_between else "rolled back")
    assert states(desk)[0] == left
    assert ("did not hold, version 1 is in use again" in second.reason) is not good_between


LINE = "The council met on Monday and voted for seven new berths at the old quay."
FURTHER = "Two of its members left the hall before the vote and did not want to say why."


@pytest.mark.parametrize(
    ("shown", "modified", "changes"),
    [
        (f"{LINE}\nShare this", False, []),  # the redesign's
        (f"Menu. {LINE} Share this", False, []),
        (f"{LINE}\nShare this", True, []),
        (f"{LINE} {FURTHER}", True, []),  # may be a teaser that stands in the same line
        (LINE.replace("Monday", "Tuesday"), False, [("edited", "a")]),
        (f"Menu\n{LINE.replace('seven', 'nine')}\nShare", False, [("edited", "a")]),
        (f"{LINE}\n{FURTHER}\nShare", False, []),
        (f"{LINE}\n{FURTHER}\nShare", True, [("edited", "a")]),
        ("What the redesigned page holds of the article, share buttons and all, in many words.", True, []),
    ],
)
def test_the_first_look_with_healed_selectors_keeps_what_was_and_tells_what_was_surely_edited(
    desk: Desk, shown: str, modified: bool, changes: list[tuple[str, str]]
) -> None:
    def look(body: str, extractor: str) -> Any:
        read = content("a", body=body, extractor=extractor)
        if modified and extractor == "1.new.1":
            at = desk.now - timedelta(minutes=20)
            read = replace(read, modified=Stamp(at=at, precision=Precision.SECOND, provenance="meta"))
        return desk.look("a", content=read)

    desk.extractor = "1.old.1"
    desk.run(*BASE, looks=[look(LINE, "1.old.1"), desk.look("b"), desk.look("c")])
    captured = desk.count(tables.Revision)
    desk.later(hours=1)
    seen = desk.saw(
        *BASE[:2], healing=healing(), profile=BARE, looks=[look(shown, "1.new.1")], extractor="1.new.1"
    )
    [settled] = desk.settle(seen, extract_again=lambda *_: content("a", extractor="1.new.1"))
    assert told(settled) == changes
    assert desk.count(tables.Revision) == captured + 1  # what was captured before is kept
    desk.later(hours=1)
    again = desk.run(*BASE[:2], looks=[look(shown, "1.new.1")], profile=BARE, extractor="1.new.1")
    assert told(again) == []
    desk.later(hours=1)
    mended = look(f"{shown} Mended.", "1.new.1")
    assert told(desk.run(*BASE[:2], looks=[mended], profile=BARE, extractor="1.new.1")) == [("edited", "a")]


@pytest.mark.parametrize(
    ("title", "listed", "is_told"),
    [
        (
            "Council votes for a second library",
            "Council votes for a second library",
            [("retitled", "Council votes for a second library")],
        ),
        ("Council votes for a second library", "Council votes for a library", []),  # the page's alone
        ("The Gazette: Council votes for a library", "The Gazette: Council votes for a library", []),
    ],
)
def test_a_new_title_is_told_after_a_redesign_where_listing_and_page_bear_it(
    desk: Desk, title: str, listed: str, is_told: bool
) -> None:
    old = "Council votes for a library"

    def look(title: str, extractor: str) -> Any:
        return desk.look("a", content=content("a", title=title, extractor=extractor))

    desk.extractor = "1.old.1"
    others = [desk.look("b"), desk.look("c")]
    desk.run(replace(BASE[0], title=old), *BASE[1:], looks=[look(old, "1.old.1"), *others])
    desk.later(hours=1)
    seen = desk.saw(
        replace(BASE[0], title=listed),
        BASE[1],
        healing=healing(),
        profile=BARE,
        looks=[look(title, "1.new.1")],
        extractor="1.new.1",
    )
    assert told(desk.settle(seen)[0]) == ([("retitled", title)] if is_told else [])


def test_what_cannot_be_read_anew_is_kept_beside_what_other_selectors_find(desk: Desk) -> None:
    """Such as a page that a person's mended selectors were not made for."""
    desk.extractor = "1.old.1"
    desk.run(*BASE, looks=[desk.look("a", content=content("a", body=LINE, extractor="1.old.1"))])
    desk.later(hours=1)
    edited = content("a", body=LINE.replace("Monday", "Tuesday"), extractor="1.new.1")
    seen = desk.saw(*BASE[:2], looks=[desk.look("a", content=edited)], extractor="1.new.1")
    [settled] = desk.settle(seen, extract_again=lambda *_: None)
    assert told(settled) == [("edited", "a")]


def test_a_redesign_that_leaves_the_text_as_it_was_makes_no_revision(desk: Desk) -> None:
    desk.extractor = "1.old.1"
    desk.run(*BASE)
    desk.later(hours=1)
    look = desk.look("a", content=content("a", extractor="1.new.1"))
    seen = desk.saw(*BASE[:2], healing=healing(), profile=BARE, looks=[look], extractor="1.new.1")
    [settled] = desk.settle(seen, extract_again=lambda *_: content("a", extractor="1.new.1"))
    assert (settled.changes, desk.count(tables.Revision)) == ((), 3)


def test_what_a_source_listed_last_is_remembered_in_its_order_with_all_addresses(desk: Desk) -> None:
    desk.run(entry("x"), BASE[1])
    found = remember(desk.engine, desk.plan())
    assert [seed.title.removeprefix("Title of ") for seed in found.seeds] == ["x", "b", "c", "a"]
    assert all(len(seed.keys) == 1 and seed.published for seed in found.seeds)
    assert len(found.profiles) == 2


@pytest.mark.parametrize("change", [approve_wrapper, roll_back, reject_wrappers])
def test_a_source_or_a_version_that_is_not_there_is_named(desk: Desk, change: Any) -> None:
    with pytest.raises(SourceError, match="did you mean one"):
        change(desk.engine, "onee")
    with pytest.raises(SourceError, match="no version 7"):
        change(desk.engine, "one", 7)
