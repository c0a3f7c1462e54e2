"""*Approvals*: what waits for a person: suspect runs, and selectors that were found after a redesign."""

from __future__ import annotations

from storage.wrappers import wrapper_versions
from tests.pages.conftest import Site
from tests.pages.test_runs import a_suspect_run
from tests.storage.desk import based
from tests.storage.test_wrappers import HEALED, healed_run, healing


def test_nothing_waits(site: Site) -> None:
    assert "Nothing waits for your word" in site.get("/approvals").words()


def test_suspect_runs_wait_until_somebody_decides(site: Site) -> None:
    number = a_suspect_run(based(site.engine))
    page = site.get("/approvals")
    assert page.all(f"//tbody//a[@href='/runs/{number}']")
    assert "fewer" in page.words("//tbody") or "dates" in page.words("//tbody")
    site.post(f"/runs/{number}/reject")
    assert "Nothing waits" in site.get("/approvals").words()


def proposed(site: Site) -> None:
    healed_run(based(site.engine), "x", healing=healing(accepted=False))


def states(site: Site) -> list[tuple[int, str]]:
    return [(each.version, each.state) for each in wrapper_versions(site.engine, "one")]


def test_proposed_selectors_show_what_differs_and_what_they_rest_on(site: Site) -> None:
    proposed(site)
    page = site.get("/approvals")
    assert "no entries on the listing" in page.words("//tbody")
    [link] = page.all("//tbody//a[starts-with(@href, '/approvals/')]/@href")
    shown = site.get(link)
    assert [each.text_content() for each in shown.all("//tbody//del")] == ["li"]
    assert [each.text_content() for each in shown.all("//tbody//ins")] == list(HEALED.item)
    assert "2 of 3 items are stored articles" in shown.words("//div[contains(@class, 'note')]")
    assert "recognised address" in shown.words("//tbody//td")


def test_approving_selectors_puts_them_in_use(site: Site) -> None:
    proposed(site)
    assert states(site) == [(2, "proposed"), (1, "in use")]
    assert site.get("/approvals/one/2/approve").status in {404, 405}
    done = site.post("/approvals/one/2/approve")
    assert (done.status, done.headers["location"]) == (303, "/approvals/one/2")
    assert states(site) == [(2, "in use"), (1, "earlier")]
    again = site.post("/approvals/one/2/approve")
    assert again.status == 409
    assert "in use already" in again.words("//*[@role='alert']")


def test_rejecting_selectors_keeps_those_in_use(site: Site) -> None:
    proposed(site)
    assert site.post("/approvals/one/2/reject").status == 303
    assert states(site) == [(2, "rejected"), (1, "in use")]
    assert site.post("/approvals/one/2/reject").status == 409


def test_unknown_versions_and_sources_are_not_found(site: Site) -> None:
    proposed(site)
    assert site.get("/approvals/one/9").status == 404
    assert site.get("/approvals/nobody/1").status == 404
    assert site.post("/approvals/one/9/approve").status == 404
    assert site.post("/approvals/nobody/1/reject").status == 404
