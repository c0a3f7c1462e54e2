"""Alerts on the pages: what was told, what would be told now, and the subscription that is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.due import DueDigests
from storage.engine import reading
from storage.subscribing import Rhythm
from storage.subscribing import edit as edit_one
from storage.subscriptions import list_subscriptions
from tests.digest.ailing import NOW as BEGIN
from tests.digest.ailing import breaks, watch
from tests.digest.logs import Log
from tests.pages.conftest import Site


@pytest.fixture
def duty(site: Site, log: Log) -> Site:
    log.source("a", title="The <b>Alpha</b>", language="en")
    log.source("b", language="en")
    watch(site.engine)
    breaks(site.engine, "a", BEGIN - timedelta(hours=1), reason="<i>no</i> answer")
    assert len(DueDigests(site.engine).compose(now=BEGIN)) == 1
    return site


def test_a_digest_of_alerts_says_what_ails_and_what_shows_more(duty: Site) -> None:
    page = duty.get("/digests/duty/1")
    words = page.words()
    assert "1 broken (alert 1)" in words
    assert "The <b>Alpha</b> (a): broken" in words
    assert "<i>no</i> answer" in words
    assert page.words("//code") == "tidings sources show a"
    assert "Nothing new" not in words


def test_a_subscription_of_alerts_says_what_it_is_and_shows_its_quiet_hours(duty: Site) -> None:
    rhythm = Rhythm(quiet_hours="22:00-07:00", time_zone="Africa/Tunis")
    edit_one(duty.engine, "duty", rhythm=rhythm, now=BEGIN)
    with reading(duty.engine) as connection:
        [row] = list_subscriptions(connection)
    words = duty.get(f"/subscriptions/{row.id}").words()
    assert "troubles: sources that are broken, blocked or quiet" in words
    assert "alert 1" in words
    assert "22:00-07:00 (Africa/Tunis)" in words
    breaks(duty.engine, "b", BEGIN - timedelta(days=300))
    assert "b: broken" in duty.get(f"/subscriptions/{row.id}/next").words()


def test_changing_a_subscription_on_its_page_takes_the_quiet_hours_that_it_shows(duty: Site) -> None:
    edit_one(duty.engine, "duty", rhythm=Rhythm(quiet_hours="22:00-07:00"), now=BEGIN)
    with reading(duty.engine) as connection:
        [row] = list_subscriptions(connection)
    fields = {
        "kind": "published", "min_edit_class": "minor", "when": "now", "at": "07:00", "weekday": "mon", "own": "",
        "time_zone": "Africa/Casablanca", "target": "keep", "languages": "",
        "quiet": duty.get(f"/subscriptions/{row.id}/edit").all("//input[@name='quiet']/@value")[0],
    }  # fmt: skip
    answer = duty.post(f"/subscriptions/{row.id}/edit", **fields)
    assert answer.status == 303, answer.words()
    with reading(duty.engine) as connection:
        [after] = list_subscriptions(connection)
    assert (after.quiet_hours, after.time_zone) == ("22:00-07:00", "Africa/Casablanca")
    assert after.alert_after_seconds == row.alert_after_seconds
