"""After a failure the digests of one subscription arrive in order, at a real web server and a real mail server."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Engine

from digest.compose import compose
from digest.deliver import deliver_all
from digest.targets.target import Carriage
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.digest.logs import START, Log
from tests.digest.mail_server import Acts, MailServer
from tests.digest.receiver import Does, Receiver
from tests.digest.test_deliver import make_due
from tests.storage.outbox import deliveries, set_target

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Failing = Callable[..., AbstractContextManager[tuple[TargetPlan, Carriage, Callable[[], list[int]]]]]


@contextmanager
def web(
    *, down: int, refuses: bool = False
) -> Generator[tuple[TargetPlan, Carriage, Callable[[], list[int]]]]:
    """A receiver that fails so many times before it takes anything; what it took are the numbers of digests."""
    does = [Does(status=422 if refuses else 500)] * down
    with Receiver(*does) as receiver:
        options = {"url": receiver.url(), "allow_private": True}
        plan = TargetPlan(kind="webhook", options=options, secret=SECRET)
        yield (
            plan,
            Carriage(timeout_seconds=2.0, limit_seconds=5.0),
            lambda: [json.loads(came.body)["data"]["number"] for came in receiver.came[down:]],
        )


@contextmanager
def post(
    *, down: int, refuses: bool = False
) -> Generator[tuple[TargetPlan, Carriage, Callable[[], list[int]]]]:
    """A mail server that puts off, or refuses, so many mails before it takes any."""
    acts = [Acts(data="554 no" if refuses else "451 later")] * down
    with MailServer(*acts) as server:
        carriage = Carriage(
            mail_server=f"smtp+plain://127.0.0.1:{server.port}",
            mail_from="news@tidings.example",
            timeout_seconds=2.0,
            limit_seconds=5.0,
        )
        yield (
            TargetPlan(kind="mail", options={"to": "reader@home.example"}),
            carriage,
            lambda: [int(each.message["Subject"].split(":")[0].split()[-1]) for each in server.letters],
        )


def three_digests(log: Log, plan: TargetPlan) -> None:
    log.source("a", language="en")
    add(log.engine, "desk", filter=DigestFilter(), target=plan, now=START)
    for number in range(3):
        log.published("a", f"https://news.example/{number}", f"Title {number}", language="en")
        assert compose(log.engine, "desk", now=START) is not None


def brought(engine: Engine, carriage: Carriage) -> list[tuple[int, str]]:
    return [(each.claim.number, str(each.state)) for each in deliver_all(engine, carriage, owner="me")]


@pytest.mark.parametrize("failing", [web, post])
def test_after_a_failure_digests_arrive_in_order_however_often_it_fails(log: Log, failing: Failing) -> None:
    with failing(down=2) as (plan, carriage, took):
        three_digests(log, plan)
        for _ in range(2):
            assert brought(log.engine, carriage) == [(1, "waiting")]
            set_target(
                log.engine, "desk", not_before=None
            )  # the target may be used, and the first is not due
            assert brought(log.engine, carriage) == []
            make_due(log.engine)
        assert brought(log.engine, carriage) == [(1, "sent"), (2, "sent"), (3, "sent")]
        assert took() == [1, 2, 3]


@pytest.mark.parametrize("failing", [web, post])
def test_what_is_refused_for_good_keeps_nobody(log: Log, failing: Failing) -> None:
    with failing(down=1, refuses=True) as (plan, carriage, took):
        three_digests(log, plan)
        assert brought(log.engine, carriage) == [(1, "dead"), (2, "sent"), (3, "sent")]
        assert took() == [2, 3]
    assert [str(each.state) for each in deliveries(log.engine)] == ["dead", "sent", "sent"]
