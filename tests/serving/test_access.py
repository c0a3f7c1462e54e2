"""Who may do what: every route for everybody, where only this machine can ask and where others can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, select

from news.errors import ConfigError
from storage.access_tables import Token
from storage.engine import open_engine, reading
from storage.settings import Settings
from storage.tokens import add_token, list_tokens, revoke_token
from storage.users import add_user, begin_session, load_user
from tests.serving.content import filled
from tests.serving.serving import Site, serving
from tidings.api.routes import PREFIX, SUBJECTS
from tidings.serving.doors import Doors, doors_of
from tidings.serving.opening import open_server
from tidings.serving.secrets import TOKEN_PREFIX, hash_password, new_secret, secret_hash

PARAMETERS = {"number": "99", "name": "nobody"}
ROUTES = sorted(
    {
        (method, f"{PREFIX}{route.path}".format(**PARAMETERS))
        for router in SUBJECTS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
)
PAST = {200, 404, 409, 422}
"""What stands behind the gate; nothing of it has to be there."""


@dataclass(frozen=True)
class Secrets:
    reader: str
    writer: str
    session: str

    def headers(self, who: str) -> dict[str, str]:
        return {
            "anonymous": {},
            "wrong token": {"Authorization": f"Bearer {TOKEN_PREFIX}{'0' * 43}"},
            "wrong scheme": {"Authorization": "Basic YW1hbDpwYXNzd29yZA=="},
            "wrong cookie": {"Cookie": f"tidings={'0' * 43}"},
            "read token": {"Authorization": f"Bearer {self.reader}"},
            "write token": {"Authorization": f"bearer {self.writer}"},
            "session": {"Cookie": f"tidings={self.session}"},
            "wrong token, session": {
                "Authorization": f"Bearer {TOKEN_PREFIX}{'0' * 43}",
                "Cookie": f"tidings={self.session}",
            },
        }[who]


def known(engine: Engine) -> Secrets:
    add_user(engine, "amal", password_hash=hash_password("correct horse battery"))
    reader, writer, session = f"{TOKEN_PREFIX}{new_secret()}", f"{TOKEN_PREFIX}{new_secret()}", new_secret()
    add_token(engine, "reader", hash=secret_hash(reader), may_write=False)
    add_token(engine, "writer", hash=secret_hash(writer), may_write=True)
    with reading(engine) as connection:
        kept = load_user(connection, "amal").password_hash
    begin_session(engine, "amal", hash=secret_hash(session), verified_hash=kept, password_hash=kept)
    return Secrets(reader, writer, session)


# ----------------------------------------------------------------------------------- every route, everybody

EXPECTED = {
    "anonymous": (401, 401),
    "wrong token": (401, 401),
    "wrong scheme": (401, 401),
    "wrong cookie": (401, 401),
    "wrong token, session": (401, 401),
    "read token": (None, 403),
    "write token": (None, None),
    "session": (None, 403),  # a program with a cookie has to show the form's token as well
}
"""The status of a look and of a change; None where the gate is open."""


@pytest.fixture(scope="module")
def guarded(module_engine: Engine) -> Iterator[tuple[dict[bool, Site], Secrets]]:
    secrets = known(module_engine)
    beyond = Doors(host="127.0.0.1", port=0, names=None, exposed=True)
    with serving(module_engine) as local, serving(module_engine, doors=beyond) as exposed:
        yield {False: local, True: exposed}, secrets


@pytest.mark.parametrize("exposed", [False, True], ids=["loopback", "exposed"])
@pytest.mark.parametrize("who", EXPECTED)
def test_every_route_is_open_to_those_and_only_those_who_may(
    guarded: tuple[dict[bool, Site], Secrets], who: str, exposed: bool
) -> None:
    sites, secrets = guarded
    look, change = EXPECTED[who]
    assert len(ROUTES) > 20
    for method, path in ROUTES:
        answer = sites[exposed].ask(path, method=method, headers=secrets.headers(who))
        expected = look if method == "GET" else change
        if expected is None:
            assert answer.status in PAST, (method, path, answer.status)
        else:
            assert answer.status == expected, (method, path)
            assert answer.problem == {401: "not-signed-in", 403: answer.problem}[expected]


def test_what_does_not_exist_is_told_to_nobody_who_may_not_ask(
    guarded: tuple[dict[bool, Site], Secrets],
) -> None:
    sites, secrets = guarded
    for path in (
        "/api/v1/openapi.json",
        "/api/v1/nothing",
        "/nothing",
        "/docs",
        "/static",
        "//health",
        "/health/x",
    ):
        assert sites[True].ask(path).status == 401, path
    assert sites[True].ask("/nothing", headers=secrets.headers("read token")).status == 404
    assert sites[True].ask("/health/live").json == {"status": "ok"}


def test_a_session_may_change_something_with_its_form_token_from_our_own_pages(
    guarded: tuple[dict[bool, Site], Secrets],
) -> None:
    import hashlib
    import hmac

    sites, secrets = guarded
    token = hmac.new(secrets.session.encode(), b"tidings form", hashlib.sha256).hexdigest()
    headers = {**secrets.headers("session"), "X-Form-Token": token}
    path = "/api/v1/sources/nobody/pause"
    assert sites[True].ask(path, method="POST", headers=headers).status == 404
    for more in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"X-Form-Token": "x"}):
        answer = sites[True].ask(path, method="POST", headers=headers | more)
        assert (answer.status, answer.problem) == (403, "foreign-form")


# --------------------------------------------------------------------------------------- without anybody


def test_without_users_this_machine_may_look_and_change_but_no_page_of_another_site(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    filled(engine)
    with serving(engine) as site:
        assert site.ask("/api/v1/changes").status == 200
        assert site.ask("/api/v1/sources/one/pause", method="POST").status == 200
        for more in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            assert site.ask("/api/v1/sources/one/resume", method="POST", headers=more).status == 403
        own = {"Origin": site.origin, "Sec-Fetch-Site": "same-origin"}
        assert site.ask("/api/v1/sources/one/resume", method="POST", headers=own).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"])
def test_without_users_what_came_through_a_proxy_did_not_come_from_this_machine(
    sqlite_url: str, header: str
) -> None:
    with serving(open_engine(sqlite_url)) as site:
        assert site.ask("/api/v1/changes", headers={header: "192.0.2.1"}).status == 401


def test_the_first_user_closes_a_server_that_runs(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with serving(engine) as site:
        assert site.ask("/api/v1/changes").status == 200
        add_user(engine, "amal", password_hash=hash_password("correct horse battery"))
        assert site.ask("/api/v1/changes").status == 401


@pytest.mark.parametrize(
    "settings",
    [
        {"serve_host": "0.0.0.0"},
        {"serve_host": "::"},
        {"public_url": "https://news.example.org"},
        {"allowed_hosts": ("news.example.org",)},
        {"trusted_proxies": ("127.0.0.1",)},
    ],
    ids=lambda given: next(iter(given)),
)
def test_where_others_can_ask_nothing_is_served_before_somebody_can_sign_in(
    sqlite_url: str, settings: dict[str, Any]
) -> None:
    engine = open_engine(sqlite_url)
    given = Settings(serve_port=0, **settings)
    with pytest.raises(ConfigError, match="tidings users add"):
        open_server(engine, given)
    add_token(engine, "reader", hash=secret_hash("x"), may_write=False)
    assert doors_of(given).exposed
    with serving(engine, doors=replace(doors_of(given), host="127.0.0.1")) as site:
        name = {"Host": "news.example.org"} if "_url" in str(settings) or "hosts" in str(settings) else {}
        assert site.ask("/api/v1/changes", headers=name).status == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:80", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("rebound.example", 421),
        ("127.0.0.1.nip.example:8000", 421),
        ("localhost.evil.example", 421),
        ("evil@localhost", 421),
        ("", 421),
    ],
)
def test_a_name_that_leads_here_by_somebody_elses_nameserver_is_none_of_ours(
    local_site: Site, host: str, status: int
) -> None:
    answer = local_site.ask("/api/v1/changes", headers={"Host": host})
    assert answer.status == status
    assert status == 200 or answer.problem == "unknown-host"


@pytest.fixture(scope="module")
def local_site(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    import shutil

    file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("local") / "tidings.db")
    with serving(open_engine(f"sqlite:///{file}")) as made:
        yield made


# ------------------------------------------------------------------------------------------------- tokens


def test_a_token_is_kept_as_a_hash_and_its_use_is_noted(engine: Engine) -> None:
    secrets = known(engine)
    with serving(engine) as site:
        site.ask("/api/v1/changes", headers=secrets.headers("read token"))
    with reading(engine) as connection:
        rows = [str(row) for row in connection.execute(select(Token.__table__))]
        used = {each.name: each.used_at is not None for each in list_tokens(connection)}
    assert not any(secrets.reader in row or secrets.writer in row for row in rows)
    assert used == {"reader": True, "writer": False}


def test_a_revoked_token_ends_at_once(engine: Engine) -> None:
    secrets = known(engine)
    with serving(engine) as site:
        headers = secrets.headers("read token")
        assert site.ask("/api/v1/changes", headers=headers).status == 200
        revoke_token(engine, "reader")
        answer = site.ask("/api/v1/changes", headers=headers)
    assert (answer.status, "invalid_token" in answer.headers["www-authenticate"]) == (401, True)


def test_the_secret_of_a_session_is_no_token_and_a_token_no_session(engine: Engine) -> None:
    secrets = known(engine)
    swapped = [
        {"Authorization": f"Bearer {secrets.session}"},
        {"Cookie": f"tidings={secrets.writer}"},
        {"Authorization": f"Bearer {secret_hash(secrets.writer)}"},
    ]
    with serving(engine) as site:
        assert {site.ask("/api/v1/changes", headers=headers).status for headers in swapped} == {401}
