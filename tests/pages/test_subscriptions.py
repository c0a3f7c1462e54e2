"""*Subscriptions*: adding one, what a form says of mistakes, changing, pausing and resuming one."""

from __future__ import annotations

from typing import Any

import pytest

from digest.compose import compose
from news.change import ChangeKind
from news.redline import EditClass
from storage.engine import reading
from storage.subscribing import Rhythm, add
from storage.subscriptions import DigestFilter, SubscriptionRow, list_subscriptions
from storage.targets import TargetPlan, TargetRow, targets_by_subscription
from tests.digest.logs import Log
from tests.pages.conftest import NOW, Page, Site

FIELDS: dict[str, Any] = {
    "name": "desk",
    "kind": ["published", "edited"],
    "min_edit_class": "minor",
    "when": "now",
    "at": "07:00",
    "weekday": "mon",
    "time_zone": "UTC",
    "target": "none",
}


def rows(site: Site) -> list[SubscriptionRow]:
    with reading(site.engine) as connection:
        return list_subscriptions(connection)


def targets(site: Site) -> list[TargetRow]:
    with reading(site.engine) as connection:
        return list(targets_by_subscription(connection).values())


def errors(page: Page) -> dict[str, str]:
    return {
        each.get("id").removesuffix("-wrong"): each.text_content() for each in page.all("//*[@class='wrong']")
    }


def test_a_subscription_is_added_and_led_to(site: Site, log: Log) -> None:
    log.source("valley-fr", title="Vallée", language="fr")
    done = site.post(
        "/subscriptions/new",
        **{
            **FIELDS,
            "source": "valley-fr",
            "languages": "fr, ar",
            "when": "weekly",
            "at": "07:30",
            "min_edit_class": "substantive",
            "time_zone": "Africa/Tunis",
        },
    )
    [row] = rows(site)
    assert (done.status, done.headers["location"]) == (303, f"/subscriptions/{row.id}")
    assert row.filter == DigestFilter(
        sources=("valley-fr",),
        languages=("fr", "ar"),
        kinds=(ChangeKind.PUBLISHED, ChangeKind.EDITED),
        min_edit_class=EditClass.SUBSTANTIVE,
    )
    assert (row.schedule, row.time_zone) == ("30 7 * * mon", "Africa/Tunis")
    page = site.get(f"/subscriptions/{row.id}")
    assert "only substantive edits" in page.words("//dl/*")
    assert page.all("//dl//a[@href='/sources/valley-fr']")


def test_what_somebody_looks_at_is_what_the_form_begins_with(site: Site, log: Log) -> None:
    log.source("valley-fr", title="Vallée", language="fr")
    log.source("valley-en", title="Valley", language="en")
    page = site.get("/subscriptions/new", source="valley-fr", language="fr", kind="new")
    assert page.all("//input[@name='source'][@checked]/@value") == ["valley-fr"]
    assert page.all("//input[@name='kind'][@checked]/@value") == ["published"]
    assert page.all("//input[@name='languages']/@value") == ["fr"]


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"name": "  "}, "name", "name of 1 to 255"),
        ({"name": "x" * 300}, "name", "name of 1 to 255"),
        ({"languages": "french!"}, "languages", "such as en, fr or ar"),
        ({"source": "nobody"}, "source", "not there any more"),
        ({"kind": []}, "kind", "at least one"),
        ({"min_edit_class": "huge"}, "min_edit_class", "Choose one"),
        ({"when": "never"}, "when", "Choose one"),
        ({"when": "daily", "at": "25:00"}, "at", "time of day"),
        ({"when": "own", "own": "* * * * * *"}, "own", "schedule"),
        ({"when": "own", "own": "1s"}, "own", "between 60s and 31d"),
        ({"when": "own", "own": ""}, "own", "interval such as"),
        ({"time_zone": "Mars/Base"}, "time_zone", "no such time zone"),
        ({"target": "keep"}, "target", "Choose one"),
        ({"target": "file"}, "target", "Choose one"),
        ({"target": "mail", "mail": "nobody"}, "mail", "nobody"),
        ({"target": "webhook", "webhook": "ftp://a.example/"}, "webhook", "ftp"),
        ({"target": "webhook", "webhook": "http://127.0.0.1/hook"}, "webhook", "loopback"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_saved(
    sqlite_site: Site, more: dict[str, Any], field: str, said: str
) -> None:
    page = sqlite_site.post("/subscriptions/new", **{**FIELDS, **more})
    assert page.status == 422
    told = errors(page)
    assert set(told) == {field}
    assert said in told[field]
    assert page.all(f"//*[@role='alert']//a[@href='#{field}']")
    assert page.all(f"//*[@id='{field}']")
    named = page.all(f"//*[@id='{field}'][self::input or self::select]")
    assert all(each.get("aria-invalid") == "true" for each in named)
    assert all(f"{field}-wrong" in each.get("aria-describedby") for each in named)
    assert rows(sqlite_site) == []


def test_what_was_typed_stays(sqlite_site: Site) -> None:
    page = sqlite_site.post(
        "/subscriptions/new",
        **{**FIELDS, "name": "<b>desk</b>", "when": "daily", "at": "99", "mail": "a@b.example"},
    )
    assert page.all("//input[@name='name']/@value") == ["<b>desk</b>"]
    assert page.all("//input[@name='at']/@value") == ["99"]
    assert page.all("//input[@name='mail']/@value") == ["a@b.example"]
    assert page.all("//select[@name='when']/option[@selected]/@value") == ["daily"]
    assert page.all("//input[@name='kind'][@checked]/@value") == ["published", "edited"]


def test_a_name_that_is_taken_is_told_beside_it(site: Site) -> None:
    add(site.engine, "desk", filter=DigestFilter(), now=NOW)
    page = site.post("/subscriptions/new", **FIELDS)
    assert page.status == 422, page.words("//main")
    assert "one of this name already" in errors(page)["name"]
    assert len(rows(site)) == 1


def test_the_secret_of_a_webhook_is_shown_once_and_kept_nowhere(site: Site) -> None:
    page = site.post(
        "/subscriptions/new",
        **{**FIELDS, "target": "webhook", "webhook": "https://hooks.example/a/secret-path"},
    )
    assert page.status == 200
    secret = page.words("//main//code")
    assert secret.startswith("whsec_")
    assert page.headers["cache-control"] == "no-store"
    [target] = targets(site)
    assert target.secret == secret
    [row] = rows(site)
    for address in ("/subscriptions", f"/subscriptions/{row.id}", f"/subscriptions/{row.id}/edit"):
        shown = site.get(address).text
        assert secret not in shown
        assert "secret-path" not in shown


def test_a_change_keeps_the_target_and_what_the_form_does_not_ask_for(site: Site) -> None:
    plan = TargetPlan(
        kind="mail", options={"to": "mayor@example.org", "unsubscribe": "https://a.example/leave"}
    )
    row = add(site.engine, "mayor", filter=DigestFilter(), target=plan, now=NOW)
    page = site.get(f"/subscriptions/{row.id}/edit")
    assert page.all("//input[@name='target'][@checked]/@value") == ["keep"]
    assert not page.all("//input[@name='name']")
    done = site.post(f"/subscriptions/{row.id}/edit", **{**FIELDS, "target": "keep", "when": "hourly"})
    assert done.status == 303
    [after] = rows(site)
    assert (after.name, after.schedule, after.cursor) == ("mayor", "1h", row.cursor)
    [target] = targets(site)
    assert target.options == plan.options
    other = site.post(
        f"/subscriptions/{row.id}/edit", **{**FIELDS, "target": "mail", "mail": "desk@example.org"}
    )
    assert other.status == 303
    assert targets(site)[0].options["to"] == "desk@example.org"


@pytest.mark.parametrize(
    ("schedule", "shown"),
    [("", "now"), ("1h", "hourly"), ("0 7 * * *", "daily"), ("5 6 * * sun", "weekly"), ("6h", "own")],
)
def test_a_schedule_is_shown_as_it_was_chosen_and_saved_the_same(
    sqlite_site: Site, schedule: str, shown: str
) -> None:
    row = add(sqlite_site.engine, "desk", filter=DigestFilter(), rhythm=Rhythm(schedule=schedule), now=NOW)
    page = sqlite_site.get(f"/subscriptions/{row.id}/edit")
    assert page.all("//select[@name='when']/option[@selected]/@value") == [shown]
    again = {
        "when": shown,
        "at": page.all("//input[@name='at']/@value")[0],
        "weekday": page.all("//select[@name='weekday']/option[@selected]/@value")[0],
        "own": page.all("//input[@name='own']/@value")[0],
    }
    sqlite_site.post(f"/subscriptions/{row.id}/edit", **{**FIELDS, **again})
    assert rows(sqlite_site)[0].schedule == schedule


def test_a_subscription_is_paused_and_resumed_and_not_by_looking(site: Site) -> None:
    row = add(site.engine, "desk", filter=DigestFilter(), now=NOW)
    assert site.get(f"/subscriptions/{row.id}/pause").status in {404, 405}
    assert site.post(f"/subscriptions/{row.id}/pause").status == 303
    assert rows(site)[0].paused
    assert site.get(f"/subscriptions/{row.id}").all("//form[contains(@action, '/resume')]")
    site.post(f"/subscriptions/{row.id}/resume")
    assert not rows(site)[0].paused


def test_looking_at_the_next_digest_moves_nothing(full_site: Site) -> None:
    row = add(full_site.engine, "desk", filter=DigestFilter(), from_start=True, now=NOW)
    page = full_site.get(f"/subscriptions/{row.id}/next")
    assert page.all("//article")
    assert rows(full_site)[0].cursor == 0
    assert compose(full_site.engine, "desk", now=NOW) is not None
    assert full_site.get(f"/subscriptions/{row.id}").all("//a[@href='/digests/desk/1']")


def test_what_is_not_there_is_not_found(site: Site) -> None:
    for address in ("/subscriptions/9", "/subscriptions/9/edit", "/subscriptions/9/next"):
        assert site.get(address).status == 404
    for address in ("/subscriptions/9/edit", "/subscriptions/9/pause", "/subscriptions/9/resume"):
        assert site.post(address, **FIELDS).status == 404


def test_sections_are_typed_with_semicolons_between_them(site: Site) -> None:
    assert site.post("/subscriptions/new", **FIELDS, sections="Culture; Arts & Science ;").status == 303
    assert rows(site)[0].filter.sections == ("Culture", "Arts & Science")
    number = rows(site)[0].id
    assert site.get(f"/subscriptions/{number}/edit").all("//input[@name='sections']/@value") == [
        "Culture; Arts & Science"
    ]
    assert "Arts & Science" in site.get(f"/subscriptions/{number}").words("//main")
    assert "sections" in errors(site.post("/subscriptions/new", **{**FIELDS, "name": "b"}, sections="?!"))


def test_words_are_asked_for_kept_and_shown_again(site: Site, log: Log) -> None:
    log.source("a", title="A")
    words = {"include": "drinking water; title: المدرسة;", "exclude": "sport; <b>"}
    done = site.post("/subscriptions/new", **{**FIELDS, **words})
    assert done.status == 303
    [row] = rows(site)
    assert (row.filter.include, row.filter.exclude) == (
        ("drinking water", "title: المدرسة"),
        ("sport", "<b>"),
    )
    page = site.get(f"/subscriptions/{row.id}")
    assert "drinking water; title: المدرسة" in page.words("//dl")
    form = site.get(f"/subscriptions/{row.id}/edit")
    assert form.all("//input[@name='include']/@value") == ["drinking water; title: المدرسة"]
    site.post(f"/subscriptions/{row.id}/edit", **FIELDS)
    assert (rows(site)[0].filter.include, rows(site)[0].filter.exclude) == ((), ())


@pytest.mark.parametrize("typed", ["?!", "x" * 1_300, ";".join(map(str, range(101)))])
def test_words_that_are_none_are_said_beside_their_field(site: Site, log: Log, typed: str) -> None:
    log.source("a", title="A")
    page = site.post("/subscriptions/new", **{**FIELDS, "include": typed})
    assert "include" in errors(page)
    assert rows(site) == []


# -------------------------------------------------------------------------- quiet hours, short messages, alerts


def test_quiet_hours_short_messages_and_what_nothing_becomes_are_chosen_and_shown_again(
    sqlite_site: Site,
) -> None:
    sqlite_site.post(
        "/subscriptions/new",
        **{**FIELDS, "when": "daily", "quiet": "22:00-06:30", "max_items": "25", "when_empty": "record"},
    )
    [row] = rows(sqlite_site)
    assert (row.quiet_hours, row.max_items, str(row.when_empty)) == ("22:00-06:30", 25, "record")
    form = sqlite_site.get(f"/subscriptions/{row.id}/edit")
    assert form.all("//input[@name='quiet']/@value") == ["22:00-06:30"]
    assert form.all("//input[@name='max_items']/@value") == ["25"]
    assert form.all("//select[@name='when_empty']/option[@selected]/@value") == ["record"]
    # Nothing typed is none and all; and without a schedule nothing is due that could be empty.
    sqlite_site.post(f"/subscriptions/{row.id}/edit", **{**FIELDS, "target": "none", "when_empty": "send"})
    [row] = rows(sqlite_site)
    assert (row.quiet_hours, row.max_items, str(row.when_empty), row.schedule) == ("", None, "silent", "")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("quiet", "22-7", "Write when they begin and end"),
        ("quiet", "08:00-08:00", "Write when they begin and end"),
        ("max_items", "many", "Write a number from 1 to 1,000"),
        ("max_items", "0", "Write a number from 1 to 1,000"),
        ("max_items", "١٢", "Write a number from 1 to 1,000"),
        ("max_items", "000000001999999999999", "Write a number from 1 to 1,000"),
        ("max_items", "999999999", "Write a number from 1 to 1,000"),
        ("when_empty", "shout", "Choose one of these"),
    ],
)
def test_what_cannot_be_followed_is_said_beside_its_field(
    sqlite_site: Site, field: str, typed: str, said: str
) -> None:
    page = sqlite_site.post("/subscriptions/new", **{**FIELDS, field: typed})
    assert page.status == 422
    assert list(errors(page)) == [field]
    assert said in errors(page)[field]
    assert rows(sqlite_site) == []


def test_a_subscription_of_alerts_is_asked_for_less_and_stays_one(sqlite_site: Site) -> None:
    made = add(sqlite_site.engine, "duty", filter=DigestFilter(), alert_after_seconds=900, now=NOW)
    form = sqlite_site.get(f"/subscriptions/{made.id}/edit")
    asked = set(form.all("//main//form//*/@name"))
    assert {"source", "quiet", "time_zone", "target"} & asked == {"quiet", "time_zone", "target"}
    assert not asked & {"languages", "include", "kind", "when", "own", "max_items", "when_empty"}
    done = sqlite_site.post(
        f"/subscriptions/{made.id}/edit", quiet="22:00-07:00", time_zone="UTC", target="none", when="hourly"
    )
    [row] = rows(sqlite_site)
    assert (done.status, row.quiet_hours, row.schedule, row.alert_after_seconds) == (
        303,
        "22:00-07:00",
        "",
        900,
    )
    assert row.filter == made.filter


def test_as_many_words_as_the_command_line_takes_are_kept_by_the_form(sqlite_site: Site) -> None:
    rules = tuple(f"rule number {number} {'with many words ' * 6}".strip() for number in range(60))
    made = add(sqlite_site.engine, "desk", filter=DigestFilter(include=rules), now=NOW)
    form = sqlite_site.get(f"/subscriptions/{made.id}/edit")
    [shown] = form.all("//input[@name='include']/@value")
    assert len(shown) > 5_000
    fields = {**FIELDS, "include": shown, "target": "none", "quiet": "22:00-07:00"}
    assert sqlite_site.post(f"/subscriptions/{made.id}/edit", **fields).status == 303
    [row] = rows(sqlite_site)
    assert (row.filter.include, row.quiet_hours) == (rules, "22:00-07:00")
    more = {**fields, "include": "; ".join(["one", *rules, *(f"w{number}" for number in range(40))])}
    page = sqlite_site.post(f"/subscriptions/{made.id}/edit", **more)
    assert (page.status, "At most 100 rules" in errors(page)["include"]) == (422, True)
