"""*Run*: what it saw and covered; a suspect one is approved or rejected, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from news.run import Problem, Trouble
from storage import tables
from storage.runs import load_run
from tests.pages.conftest import Site
from tests.storage.desk import BASE, SHAPES, Desk, based, entry

FEWER = replace(SHAPES, dated=0.0)


@pytest.fixture
def desk(site: Site) -> Desk:
    return based(site.engine)


def a_suspect_run(desk: Desk) -> int:
    settled = desk.run(entry("y", hour=2), entry("x", hour=1), *BASE, profile=FEWER)
    assert settled.run_id is not None
    return settled.run_id


def test_a_run_says_what_it_read_and_from_where_to_where(site: Site, desk: Desk) -> None:
    desk.run(entry("x"), *BASE)
    page = site.get("/runs/2")
    facts = page.words("//dl/*")
    assert "4 entries on 1 page" in facts
    assert "Complete from Title of x" in facts
    assert "Down to Title of c" in facts
    assert "Announced 1 change" in facts
    assert "baseline" in site.get("/runs/1").words("//p[@class='facts']")
    assert not page.all("//form[contains(@action, 'approve')]")


def test_a_suspect_run_shows_what_approving_makes_of_each_entry(site: Site, desk: Desk) -> None:
    number = a_suspect_run(desk)
    page = site.get(f"/runs/{number}")
    rows = [" ".join(cell.text_content() for cell in row.xpath("td")) for row in page.all("//tbody/tr")]
    assert [row.split(" ", 1)[0] for row in rows] == ["new", "new", "known", "known", "known"]
    assert page.words("//form[contains(@action, 'approve')]/button") == "Approve: announce 2"
    assert "2 new, 3 known" in page.words()


def test_approving_announces_what_it_said_and_ends_the_suspicion(site: Site, desk: Desk) -> None:
    number = a_suspect_run(desk)
    assert site.get(f"/runs/{number}/approve").status in {404, 405}
    assert desk.count(tables.Change) == 0
    done = site.post(f"/runs/{number}/approve")
    assert (done.status, done.headers["location"]) == (303, f"/runs/{number}")
    assert desk.count(tables.Change) == 2
    page = site.get(f"/runs/{number}")
    assert "approved by a person" in page.words("//dl/*")
    assert not page.all("//form[contains(@action, 'approve')]")


def test_approving_twice_says_that_it_was_done(site: Site, desk: Desk) -> None:
    number = a_suspect_run(desk)
    site.post(f"/runs/{number}/approve")
    again = site.post(f"/runs/{number}/approve")
    assert again.status == 409
    assert "was approved before" in again.words("//*[@role='alert']")
    assert desk.count(tables.Change) == 2


def test_rejecting_announces_nothing(site: Site, desk: Desk) -> None:
    number = a_suspect_run(desk)
    assert site.post(f"/runs/{number}/reject").status == 303
    assert desk.count(tables.Change) == 0
    assert load_run(site.engine, number).held == "rejected"
    page = site.get(f"/runs/{number}")
    assert not page.all("//form[contains(@action, 'reject')]")
    assert page.all("//form[contains(@action, 'approve')]")  # a person may think again
    assert site.post(f"/runs/{number}/reject").status == 409


def test_a_run_that_met_a_challenge_offers_no_approval_and_says_what_helps(site: Site, desk: Desk) -> None:
    met = Problem(trouble=Trouble.BLOCKED, detail="a challenge page instead of the listing", fatal=True)
    settled = desk.run(problems=(met,), pages=0, joined=False)
    page = site.get(f"/runs/{settled.run_id}")
    assert not page.all("//form[contains(@action, 'approve')]")
    assert "neither selectors nor an approval help" in page.words("//div[contains(@class, 'note')]")


def test_an_unknown_run_is_not_found(site: Site) -> None:
    assert site.get("/runs/9").status == 404
    assert site.get("/runs/0").status == 422
    assert site.post("/runs/9/approve").status == 404
