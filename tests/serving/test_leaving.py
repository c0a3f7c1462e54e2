"""One click leaves a subscription: from a mail that a real server received to what the next digest does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select

from digest.deliver import deliver_all
from digest.due import DueDigests
from digest.targets.target import Carriage
from storage.engine import reading
from storage.leaving import REASON, leave_token
from storage.reader_tables import Digest, Subscription
from storage.subscribing import add, edit, resume
from storage.subscriptions import DigestFilter, load
from storage.targets import TargetPlan
from tests.digest.mail_server import MailServer
from tests.serving.serving import Site, serving
from tests.storage.desk import BASE, Desk, based, entry

PUBLIC = "https://news.example.org"


@pytest.fixture
def desk(engine: Engine) -> Desk:
    made = based(engine)
    made.run(entry("d", hour=1), *BASE)
    for name in ("reader", "other"):
        mail = TargetPlan(kind="mail", options={"to": f"{name}@home.example"})
        add(engine, name, filter=DigestFilter(), target=mail, from_start=True, now=made.now)
    return made


@pytest.fixture
def site(engine: Engine, desk: Desk) -> Iterator[Site]:
    # Somebody may sign in, and nobody is: leaving needs no more than the link.
    from storage.users import add_user
    from tidings.serving.secrets import hash_password

    add_user(engine, "amal", password_hash=hash_password("correct horse battery"))
    with serving(engine) as made:
        yield made


def token_of(engine: Engine, name: str = "reader") -> str:
    with reading(engine) as connection:
        return leave_token(connection, name)


def mailed(
    engine: Engine, public_url: str, options: dict[str, str] | None = None
) -> dict[str, dict[str, str]]:
    """Bring what is due through a real mail server, and return the headers by subscription."""
    list(DueDigests(engine).compose())
    with MailServer() as server:
        carriage = Carriage(
            mail_server=f"smtp+plain://127.0.0.1:{server.port}",
            mail_from="news@town.example",
            public_url=public_url,
        )
        list(deliver_all(engine, carriage, owner="test"))
    return {letter.to[0].partition("@")[0]: dict(letter.message.items()) for letter in server.letters}


def test_a_mail_brings_the_link_and_one_click_on_it_leaves(engine: Engine, site: Site) -> None:
    headers = mailed(engine, PUBLIC)["reader"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(
        r"<https://news\.example\.org(/unsubscribe/[\w-]{32})>", headers["List-Unsubscribe"].strip()
    )
    assert link
    clicked = site.ask(
        link[1],
        method="POST",
        body="List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://mail.example"},
    )
    assert clicked.status == 200
    with reading(engine) as connection:
        left, other = load(connection, "reader"), load(connection, "other")
    assert (left.paused, left.paused_reason.startswith(f"{REASON} on 20")) == (True, True)
    assert other.paused is False


def test_a_program_that_follows_links_leaves_nothing(engine: Engine, site: Site) -> None:
    for method in ("GET", "HEAD"):
        assert site.ask(f"/unsubscribe/{token_of(engine)}", method=method).status == 200
    page = site.ask(f"/unsubscribe/{token_of(engine)}", headers={"Accept": "text/html"}).body.decode()
    assert '<form method="post">' in page
    assert "reader" in page
    with reading(engine) as connection:
        assert load(connection, "reader").paused is False


def test_clicking_again_changes_nothing_and_going_on_loses_nothing(
    engine: Engine, site: Site, desk: Desk
) -> None:
    mailed(engine, PUBLIC)
    path = f"/unsubscribe/{token_of(engine)}"
    first = site.ask(path, method="POST")
    with reading(engine) as connection:
        reason = load(connection, "reader").paused_reason
    assert site.ask(path, method="POST").body == first.body
    desk.later(hours=1)
    desk.run(entry("e", hour=2), entry("d", hour=1), *BASE)
    assert set(mailed(engine, PUBLIC)) == {"other"}
    with reading(engine) as connection:
        assert load(connection, "reader").paused_reason == reason
        mine = (
            select(func.count())
            .select_from(Digest)
            .join(Subscription, Subscription.id == Digest.subscription_id)
        )
        assert connection.execute(mine.where(Subscription.name == "reader")).scalar_one() == 1
    resume(engine, "reader")
    assert set(mailed(engine, PUBLIC)) == {"reader"}
    with reading(engine) as connection:
        assert load(connection, "reader").paused_reason == ""


@pytest.mark.parametrize("secret", ["0" * 32, "reader", "a%20b", "..", "x" * 65, "%00"])
def test_a_link_that_leads_nowhere_leaves_nothing(engine: Engine, site: Site, secret: str) -> None:
    assert site.ask(f"/unsubscribe/{secret}", method="POST").status in {401, 404, 422}
    with reading(engine) as connection:
        assert not load(connection, "reader").paused


def test_every_subscription_has_a_secret_of_its_own(engine: Engine, desk: Desk) -> None:
    secrets = {token_of(engine, name) for name in ("reader", "other")}
    assert len(secrets) == 2
    assert all(len(secret) == 32 for secret in secrets)
    assert token_of(engine, "nobody") == ""


def test_the_link_of_an_earlier_mailbox_does_not_leave_for_the_next_one(engine: Engine, site: Site) -> None:
    before = token_of(engine)
    same = TargetPlan(
        kind="mail", options={"to": "reader@home.example", "unsubscribe": "https://home.example/"}
    )
    edit(engine, "reader", target=same)
    assert token_of(engine) == before
    edit(engine, "reader", target=TargetPlan(kind="mail", options={"to": "successor@home.example"}))
    assert site.ask(f"/unsubscribe/{before}", method="POST").status == 404
    assert site.ask(f"/unsubscribe/{token_of(engine)}", method="POST").status == 200


@pytest.mark.parametrize("public_url", ["", "http://news.example.org"])
def test_without_an_https_address_mails_promise_no_click(engine: Engine, desk: Desk, public_url: str) -> None:
    assert "List-Unsubscribe" not in mailed(engine, public_url)["reader"]


def test_what_a_person_gave_as_the_place_to_leave_stands(engine: Engine, desk: Desk) -> None:
    given = TargetPlan(
        kind="mail", options={"to": "third@home.example", "unsubscribe": "mailto:leave@town.example"}
    )
    add(engine, "third", filter=DigestFilter(), target=given, from_start=True, now=desk.now)
    headers = mailed(engine, PUBLIC)["third"]
    assert headers["List-Unsubscribe"].strip() == "<mailto:leave@town.example>"


def test_the_reason_is_shown(engine: Engine, site: Site) -> None:
    from tidings.outbox_json import subscription_json
    from tidings.show_subscriptions import known_subscriptions

    site.ask(f"/unsubscribe/{token_of(engine)}", method="POST")
    [known] = known_subscriptions(engine, "reader")
    told = json.loads(json.dumps(subscription_json(known)))
    assert (told["state"], REASON in told["paused_reason"]) == ("paused", True)
