"""*Deliveries*: their states, why they failed, and trying them again."""

from __future__ import annotations

import pytest

from storage.claims import mark_failed, mark_sent
from storage.deliveries import DeliveryState
from storage.retrying import Failure
from tests.pages.conftest import Site
from tests.storage.outbox import NOW, deliveries, subscription, take


@pytest.fixture
def outbox(site: Site) -> Site:
    subscription(site.engine, "desk", 1, 1)
    subscription(site.engine, "team", 1)
    return site


def test_deliveries_say_what_they_bring_and_how_that_stands(outbox: Site) -> None:
    page = outbox.get("/deliveries")
    assert [each.text_content() for each in page.all("//tbody//th")] == ["3", "2", "1"]
    assert "at once" in page.words("//tbody/tr[1]")
    assert page.all("//a[@href='/digests/desk/2']")
    only = outbox.get("/deliveries", subscription="team", state="waiting")
    assert [each.text_content() for each in only.all("//tbody//th")] == ["3"]
    assert "There are no such deliveries" in outbox.get("/deliveries", state="dead").words()
    assert outbox.get("/deliveries", state="lost").status == 422
    assert outbox.client.get("/deliveries?subscription=&state=").status_code == 200  # as the form sends it


def test_older_deliveries_stand_on_further_pages(outbox: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidings.pages.deliveries.LISTED", 2)
    first = outbox.get("/deliveries?state=waiting")
    [address] = first.all("//a[@rel='next']/@href")
    second = outbox.get(address)
    assert [each.text_content() for each in second.all("//tbody//th")] == ["1"]
    assert not second.all("//a[@rel='next']")
    assert second.all("//nav[@class='more']/a/@href") == ["/deliveries?state=waiting"]


def test_a_delivery_is_found_by_its_number(outbox: Site) -> None:
    page = outbox.get("/deliveries/1")
    assert "digest 1 of desk, by file" in page.words("//dl/*")
    assert deliveries(outbox.engine)[0].key in page.words()
    assert outbox.get("/deliveries/9").status == 404


def test_what_was_given_up_says_why_and_is_tried_again_with_the_same_key(outbox: Site) -> None:
    claim = next(each for each in take(outbox.engine) if each.subscription == "desk")
    mark_failed(outbox.engine, claim, Failure(reason="550 no such mailbox", permanent=True), now=NOW)
    page = outbox.get("/deliveries")
    assert "1 delivery was given up" in page.words()
    assert "550 no such mailbox" in page.words("//tbody")
    before = deliveries(outbox.engine)[0]
    assert before.state is DeliveryState.DEAD
    assert outbox.get(f"/deliveries/{before.id}/retry").status in {404, 405}
    done = outbox.post(f"/deliveries/{before.id}/retry")
    assert (done.status, done.headers["location"]) == (303, f"/deliveries/{before.id}")
    after = deliveries(outbox.engine)[0]
    assert (after.state, after.key, after.attempts) == (DeliveryState.WAITING, before.key, 0)


def test_all_that_was_given_up_is_tried_again_at_once(outbox: Site) -> None:
    for claim in take(outbox.engine):
        mark_failed(outbox.engine, claim, Failure(reason="no", permanent=True), now=NOW)
    done = outbox.post("/deliveries/retry-dead?subscription=team")
    assert (done.status, done.headers["location"]) == (303, "/deliveries?subscription=team")
    found = {each.subscription: each.state for each in deliveries(outbox.engine) if each.number == 1}
    assert found == {"desk": DeliveryState.DEAD, "team": DeliveryState.WAITING}


def test_what_was_accepted_is_not_sent_twice(outbox: Site) -> None:
    claim = take(outbox.engine)[0]
    mark_sent(outbox.engine, claim, now=NOW)
    page = outbox.post(f"/deliveries/{claim.delivery_id}/retry")
    assert page.status == 409
    assert "is not sent twice" in page.words("//*[@role='alert']")
    assert not outbox.get(f"/deliveries/{claim.delivery_id}").all(
        "//form[@method='post'][contains(@action, 'retry')]"
    )
    assert outbox.post("/deliveries/99/retry").status == 404
