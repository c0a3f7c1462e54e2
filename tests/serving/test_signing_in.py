"""Signing in and out on a real server: cookies, wrong passwords, waiting, and what another site's page can do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher, Type
from sqlalchemy import Engine, select, update

from storage.access_tables import Session, User
from storage.engine import reading, writing
from storage.users import IDLE, LONGEST, add_user, remove_user, set_password
from tests.serving.conftest import REAL_HASHER
from tests.serving.serving import Answer, Site, serving
from tidings.serving.attempts import FREE, LONGEST_WAIT, MOST_ADDRESSES, Attempts
from tidings.serving.secrets import hash_password, new_secret

PASSWORD = "correct horse battery"


@pytest.fixture
def site(engine: Engine) -> Iterator[Site]:
    add_user(engine, "amal", password_hash=hash_password(PASSWORD))
    with serving(engine) as made:
        yield made


def form_of(site: Site, **headers: str) -> str:
    page = site.ask("/sign-in", headers=headers).body.decode()
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found, page
    return found[1]


def post(site: Site, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
    given = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return site.ask(path, method="POST", headers=given, body=urlencode(fields))


def signing_in(
    site: Site, password: str = PASSWORD, name: str = "amal", wanted: str = "/", **headers: str
) -> Answer:
    fields = {"name": name, "password": password, "next": wanted, "form_token": form_of(site)}
    return post(site, "/sign-in", fields, **headers)


def cookie_of(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def test_who_is_signed_in_may_ask_and_who_is_not_may_not(site: Site) -> None:
    refused = site.ask("/api/v1/changes")
    assert (refused.status, refused.problem) == (401, "not-signed-in")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    came = signing_in(site, wanted="/api/v1/changes")
    assert (came.status, came.headers["location"]) == (303, "/api/v1/changes")
    assert site.ask("/api/v1/changes", headers={"Cookie": cookie_of(came)}).status == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    parts = signing_in(site).headers["set-cookie"].split("; ")
    assert parts[0].startswith("tidings=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(parts)


def test_by_https_the_cookie_is_bound_to_this_host(engine: Engine) -> None:
    add_user(engine, "amal", password_hash=hash_password(PASSWORD))
    with serving(engine, public_url="https://news.example.org") as site:
        cookie = signing_in(site).headers["set-cookie"]
        assert cookie.startswith("__Host-tidings=")
        assert "Secure" in cookie.split("; ")
        known = cookie.partition(";")[0]
        assert site.ask("/api/v1/changes", headers={"Cookie": known}).status == 200
        plain = known.removeprefix("__Host-")  # which a neighbour of the domain can set
        assert site.ask("/api/v1/changes", headers={"Cookie": plain}).status == 401


def test_only_hashes_of_secrets_are_kept(site: Site, engine: Engine) -> None:
    secret = cookie_of(signing_in(site)).partition("=")[2]
    with reading(engine) as connection:
        kept = [str(row) for table in (User, Session) for row in connection.execute(select(table.__table__))]
    assert len(kept) == 2
    assert not any(secret in row or PASSWORD in row for row in kept)
    assert "$argon2id$" in kept[0]


def test_signing_out_ends_the_session_also_for_whoever_has_copied_the_cookie(site: Site) -> None:
    cookie = cookie_of(signing_in(site))
    out = post(site, "/sign-out", {"form_token": form_of(site, Cookie=cookie)}, Cookie=cookie)
    assert (out.status, out.headers["location"]) == (303, "/sign-in")
    assert site.ask("/api/v1/changes", headers={"Cookie": cookie}).status == 401


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("amal", "correct horse batter"),
        ("nobody", PASSWORD),
        ("", ""),
        ("amal", "x" * 5_000),
        ("a\x00b", PASSWORD),
    ],
    ids=["wrong password", "unknown", "empty", "long", "unprintable"],
)
def test_whoever_errs_does_not_learn_in_what(site: Site, name: str, password: str) -> None:
    answer = signing_in(site, password, name)
    assert answer.status == 401
    assert "The name or the password is wrong." in answer.body.decode()
    assert "set-cookie" not in answer.headers


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifications = []
    from tidings.serving import secrets

    real = secrets._hasher.verify

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            verifications.append(known.split("$")[:4])
            return bool(real(known, password))

        hash = staticmethod(secrets._hasher.hash)
        check_needs_rehash = staticmethod(secrets._hasher.check_needs_rehash)

    monkeypatch.setattr(secrets, "_hasher", Counting())
    signing_in(site, "wrong password 12")
    signing_in(site, "wrong password 12", "nobody")
    assert len(verifications) == 2
    assert verifications[0] == verifications[1]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ],
)
def test_a_form_of_another_site_is_refused(site: Site, header: str, value: str) -> None:
    answer = signing_in(site, **{header: value})
    assert (answer.status, answer.problem) == (403, "foreign-form")


def test_a_form_without_its_token_is_refused(site: Site) -> None:
    fields = {"name": "amal", "password": PASSWORD}
    for more in ({}, {"form_token": ""}, {"form_token": "é"}, {"form_token": "0" * 64}):
        answer = post(site, "/sign-in", {**fields, **more})
        assert (answer.status, answer.problem) == (403, "foreign-form")


def test_a_token_of_one_session_is_none_of_another(site: Site) -> None:
    first, second = cookie_of(signing_in(site)), cookie_of(signing_in(site))
    stolen = form_of(site, Cookie=first)
    assert post(site, "/sign-out", {"form_token": stolen}, Cookie=second).status == 403
    assert post(site, "/sign-out", {"form_token": stolen}, Cookie=first).status == 303


def test_too_many_attempts_have_to_wait(site: Site) -> None:
    clock = Seconds()
    site.served.sign_ins.attempts = Attempts(clock)
    for _ in range(FREE):
        assert signing_in(site, "wrong password 12").status == 401
    answer = signing_in(site)
    assert answer.status == 429
    assert answer.headers["retry-after"] == "2"
    clock.now += 2
    assert signing_in(site).status == 303


def test_passwords_are_hashed_with_argon2id_and_parameters_of_the_standard() -> None:
    assert REAL_HASHER.type is Type.ID
    assert REAL_HASHER.memory_cost >= 65_536  # RFC 9106, section 4: the second recommended option
    assert (REAL_HASHER.time_cost, REAL_HASHER.parallelism) == (3, 4)


def test_a_hash_with_older_parameters_is_renewed_at_the_next_sign_in(site: Site, engine: Engine) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    set_password(engine, "amal", password_hash=older)
    assert signing_in(site).status == 303
    with reading(engine) as connection:
        assert "m=64,t=1" in connection.execute(select(User.password_hash)).scalar_one()
    assert signing_in(site).status == 303


def test_one_password_is_typed_in_two_ways(site: Site, engine: Engine) -> None:
    set_password(engine, "amal", password_hash=hash_password("caf\u00e9 au lait noir"))
    assert signing_in(site, "cafe\u0301 au lait noir").status == 303


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/runs?held=1", "/runs?held=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: b=c", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_nowhere_else(site: Site, wanted: str, led: str) -> None:
    assert signing_in(site, wanted=wanted).headers["location"] == led


def test_a_person_is_led_to_the_form_and_what_was_asked_for_is_remembered(site: Site) -> None:
    answer = site.ask("/runs?held=1&a=%22", headers={"Accept": "text/html"})
    assert (answer.status, answer.headers["location"]) == (
        303,
        "/sign-in?next=%2Fruns%3Fheld%3D1%26a%3D%2522",
    )
    page = site.ask(answer.headers["location"], headers={"Accept": "text/html"}).body.decode()
    assert 'name="next" value="/runs?held=1&amp;a=%22"' in page


@pytest.mark.parametrize("what", ["password", "removed"])
def test_another_password_and_a_removal_end_all_sessions(site: Site, engine: Engine, what: str) -> None:
    cookie = cookie_of(signing_in(site))
    if what == "password":
        set_password(engine, "amal", password_hash=hash_password("another long password"))
    else:
        add_user(
            engine, "basma", password_hash=hash_password(PASSWORD)
        )  # else the server is open to this machine
        remove_user(engine, "amal")
    assert site.ask("/api/v1/changes", headers={"Cookie": cookie}).status == 401


@pytest.mark.parametrize(("column", "age"), [("seen_at", IDLE), ("created_at", LONGEST)], ids=["idle", "old"])
def test_a_session_ends_by_itself(site: Site, engine: Engine, column: str, age: timedelta) -> None:
    cookie = cookie_of(signing_in(site))
    for missing, status in ((timedelta(minutes=1), 200), (timedelta(), 401)):
        with writing(engine) as connection:
            begun = connection.execute(select(Session.created_at)).scalar_one()
            connection.execute(update(Session).values(created_at=begun, seen_at=begun))
            connection.execute(update(Session).values({column: begun - age + missing}))
        assert site.ask("/api/v1/changes", headers={"Cookie": cookie}).status == status
        with writing(engine) as connection:
            connection.execute(update(Session).values(created_at=begun, seen_at=begun))


def test_use_of_a_session_is_written_down_when_the_server_stops(engine: Engine) -> None:
    add_user(engine, "amal", password_hash=hash_password(PASSWORD))
    with serving(engine) as site:
        cookie = cookie_of(signing_in(site))
        site.ask("/api/v1/changes", headers={"Cookie": cookie})
    with reading(engine) as connection:
        row = connection.execute(select(Session.__table__)).one()
    assert row.seen_at > row.created_at


def test_a_cookie_that_nobody_was_given_is_none(site: Site) -> None:
    for value in (new_secret(), "", "x" * 9_000, "\xe9"):
        assert site.ask("/api/v1/changes", headers={"Cookie": f"tidings={value}"}).status == 401


# ------------------------------------------------------------------------------------------- how often


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_wait_doubles_with_each_failure_and_ends_at_a_quarter_of_an_hour() -> None:
    clock = Seconds()
    attempts = Attempts(clock)
    waits = []
    for _ in range(FREE + 12):
        wait = attempts.wait_of("192.0.2.1")
        if wait:
            waits.append(wait)
            clock.now += wait
            assert attempts.wait_of("192.0.2.1") == 0
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == LONGEST_WAIT
    assert attempts.wait_of("192.0.2.2") == 0


def test_success_and_an_hour_without_attempts_are_a_new_start() -> None:
    clock = Seconds()
    attempts = Attempts(clock)
    for _ in range(FREE + 1):
        attempts.wait_of("192.0.2.1")
    assert attempts.wait_of("192.0.2.1") > 0
    attempts.succeeded("192.0.2.1")
    assert attempts.wait_of("192.0.2.1") == 0
    for _ in range(FREE):
        attempts.wait_of("192.0.2.1")
    clock.now += 3_601
    assert attempts.wait_of("192.0.2.1") == 0


def test_neighbouring_ipv6_addresses_are_one() -> None:
    attempts = Attempts(Seconds())
    for number in range(FREE):
        assert attempts.wait_of(f"2001:db8:1:2::{number}") == 0
    assert attempts.wait_of("2001:db8:1:2:ffff::1") > 0
    assert attempts.wait_of("2001:db8:1:3::1") == 0


def test_addresses_without_end_do_not_fill_the_memory() -> None:
    attempts = Attempts(Seconds())
    for number in range(MOST_ADDRESSES + 100):
        attempts.wait_of(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(attempts._known) <= MOST_ADDRESSES + 1
