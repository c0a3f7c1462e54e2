"""The outbox: what composing puts in, who may bring it, and what becomes of it (promise 2, nothing lost)."""

from __future__ import annotations

import multiprocessing
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from news.errors import StorageError
from storage.claims import DIED, STOPPED, give_back, mark_failed, mark_sent
from storage.deliveries import DeliveryState, count_by_subscription, load_delivery, retry
from storage.engine import database_now, open_engine, reading, writing
from storage.reader_tables import Delivery
from storage.retrying import MAX_ATTEMPTS, Failure
from storage.subscribing import Rhythm, edit, pause, remove, resume
from storage.subscriptions import digest_at, load
from storage.targets import TargetPlan
from tests.storage.outbox import NOW, deliveries, digest, set_target, subscription, take, target

DOWN = Failure(reason="no answer")
SECOND = timedelta(seconds=1)


def states(engine: Engine) -> list[str]:
    return [str(each.state) for each in deliveries(engine)]


def test_a_digest_is_put_into_the_outbox_of_a_subscription_with_a_target_and_of_no_other(
    engine: Engine,
) -> None:
    subscription(engine, "desk", 2, 1)
    subscription(engine, "by hand", 1, plan=None)
    found = deliveries(engine)
    assert [(each.subscription, each.number, each.state) for each in found] == [
        ("desk", 1, DeliveryState.WAITING),
        ("desk", 2, DeliveryState.WAITING),
    ]
    keys = [each.key for each in found]
    assert len(set(keys)) == 2
    assert all(
        re.fullmatch(r"tdg_[0-9a-f]{40}", key) for key in keys
    )  # a dot would break webhooks' signatures


def test_a_digest_that_is_not_stored_is_not_brought(engine: Engine) -> None:
    subscription(engine, "desk")
    with pytest.raises(ZeroDivisionError):
        digest(engine, "desk", fail=True)
    assert deliveries(engine) == []


def test_one_delivery_a_target_is_claimed_and_the_oldest_first(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    subscription(engine, "team", 1)
    claims = take(engine)
    assert [(each.subscription, each.number, each.attempts) for each in claims] == [
        ("desk", 1, 1),
        ("team", 1, 1),
    ]
    assert take(engine, owner="another") == ()
    assert mark_sent(engine, claims[0], now=NOW)
    assert [(each.subscription, each.number) for each in take(engine)] == [("desk", 2)]
    assert states(engine) == ["sent", "claimed", "claimed"]


def test_the_limit_is_kept(engine: Engine) -> None:
    for name in ("a", "b", "c"):
        subscription(engine, name, 1)
    assert [each.subscription for each in take(engine, limit=2)] == ["a", "b"]
    assert [each.subscription for each in take(engine, limit=2)] == ["c"]


def test_what_a_sender_held_who_died_is_taken_again_after_its_end_with_the_same_key(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    [first] = take(engine)
    assert take(engine, NOW + timedelta(seconds=59), owner="another") == ()
    [second] = take(engine, NOW + timedelta(seconds=60), owner="another")
    assert (second.key, second.attempts, second.token) == (first.key, 2, first.token + 1)


def test_who_comes_back_late_undoes_nothing(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    [late] = take(engine)
    [current] = take(engine, NOW + timedelta(seconds=60), owner="another")
    assert mark_failed(engine, late, Failure(reason="refused", permanent=True), now=NOW + SECOND) is None
    assert states(engine) == ["claimed"]
    assert mark_sent(engine, current, now=NOW + SECOND)
    assert mark_failed(engine, current, DOWN, now=NOW + SECOND) is None
    assert states(engine) == ["sent"]


def test_what_was_accepted_counts_also_from_one_who_comes_back_late(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    [late] = take(engine)
    [current] = take(engine, NOW + timedelta(seconds=60), owner="another")
    assert mark_sent(engine, late, now=NOW + SECOND)
    assert mark_failed(engine, current, DOWN, now=NOW + SECOND) is None
    assert not mark_sent(engine, current, now=NOW + SECOND)
    assert states(engine) == ["sent"]
    assert take(engine, NOW + timedelta(days=9)) == ()


def test_what_is_given_back_is_due_at_once_with_its_key_and_counts_as_no_attempt(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    [first] = take(engine)
    assert give_back(engine, first)
    [found] = deliveries(engine)
    assert (found.state, found.attempts, found.claim_owner) == (DeliveryState.WAITING, 0, None)
    assert found.last_error == STOPPED
    [second] = take(engine, owner="another")
    assert (second.key, second.attempts, second.token) == (first.key, 1, first.token + 1)
    assert not give_back(engine, first)  # it has passed to somebody else
    assert states(engine) == ["claimed"]
    assert mark_failed(engine, first, DOWN, now=NOW) is None
    assert mark_sent(engine, first, now=NOW)  # who was broken off has been heard after all
    assert not give_back(engine, second)
    assert states(engine) == ["sent"]


def test_a_failed_attempt_is_made_again_later_and_its_target_is_left_in_peace_until_then(
    engine: Engine,
) -> None:
    subscription(engine, "desk", 1, 1)
    [claim] = take(engine)
    assert mark_failed(engine, claim, DOWN, now=NOW) is DeliveryState.WAITING
    found = deliveries(engine)[0]
    assert (found.attempts, found.last_error) == (1, "no answer")
    assert found.next_attempt_at is not None
    assert timedelta(seconds=60) <= found.next_attempt_at - NOW <= timedelta(seconds=66)
    assert take(engine, NOW + timedelta(seconds=30)) == ()
    assert target(engine, "desk").failures == 1


def test_a_later_one_waits_for_an_earlier_that_failed_until_that_is_sent(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1, 1)
    subscription(engine, "team", 1)
    now, tried = NOW, []
    for attempt in range(7):
        for claim in take(engine, now):
            tried.append((claim.subscription, claim.number))
            if claim.subscription == "desk" and attempt < 3:
                mark_failed(engine, claim, Failure(reason="500 for this one"), now=now)
            else:
                mark_sent(engine, claim, now=now)
        now += timedelta(minutes=10)
    assert tried == [("desk", 1), ("team", 1), *[("desk", number) for number in (1, 1, 1, 2, 3)]]


def test_a_later_one_waits_also_where_the_target_was_woken_meanwhile(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    [claim] = take(engine)
    mark_failed(engine, claim, DOWN, now=NOW)
    resume(engine, "desk")  # the target is not left in peace any more, the delivery still waits
    assert take(engine, NOW + SECOND) == ()
    [again] = take(engine, NOW + timedelta(minutes=2))
    assert again.number == 1


def test_a_later_one_waits_for_an_earlier_that_failed_until_that_is_dead(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    now = NOW
    tried: list[int] = []
    while not tried or tried[-1] == 1:
        for claim in take(engine, now):
            tried.append(claim.number)
            if claim.number == 1:
                mark_failed(engine, claim, DOWN, now=now)
        now += timedelta(hours=7)
    assert (tried.count(1), tried[-1]) == (len(tried) - 1, 2)
    assert states(engine) == ["dead", "claimed"]


def test_in_quiet_hours_nothing_is_brought_and_at_their_end_all_of_it(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    subscription(engine, "team", 1)
    rhythm = Rhythm(quiet_hours="22:00-07:00", time_zone="Europe/Paris")
    edit(engine, "desk", rhythm=rhythm, now=NOW)
    night, morning = datetime(2026, 3, 2, 22, tzinfo=UTC), datetime(2026, 3, 3, 6, tzinfo=UTC)
    [claim] = take(engine, night)
    assert claim.subscription == "team"
    mark_sent(engine, claim, now=night)
    assert take(engine, morning - SECOND) == ()
    [claim] = take(engine, morning)
    assert (claim.subscription, claim.number) == ("desk", 1)


def test_the_next_attempt_is_not_made_in_quiet_hours_and_that_is_what_is_shown(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    rhythm = Rhythm(quiet_hours="22:00-07:00", time_zone="Europe/Paris")
    edit(engine, "desk", rhythm=rhythm, now=NOW)
    evening = datetime(2026, 3, 2, 20, 59, 30, tzinfo=UTC)
    [claim] = take(engine, evening)
    mark_failed(engine, claim, DOWN, now=evening)
    assert deliveries(engine)[0].next_attempt_at == datetime(2026, 3, 3, 6, tzinfo=UTC)


def test_a_target_that_is_down_is_asked_once_each_time_whatever_waits_for_it(engine: Engine) -> None:
    subscription(engine, "desk", *[1] * 6)
    now, asked = NOW, []
    while now < NOW + timedelta(hours=1):
        for claim in take(engine, now):
            asked.append(now)
            mark_failed(engine, claim, DOWN, now=now)
        now += timedelta(seconds=10)
    assert len(asked) == 6  # after 0, 1, 3, 7, 15 and 31 minutes, about
    assert target(engine, "desk").failures == 6


def test_a_delivery_is_given_up_after_its_attempts_and_others_go_on(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    now = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        [claim] = take(engine, now)
        assert claim.attempts == attempt
        state = mark_failed(engine, claim, DOWN, now=now)
        now += timedelta(hours=7)
        if state is DeliveryState.DEAD:
            break
    assert states(engine) == ["dead"]
    digest(engine, "desk")
    [claim] = take(engine, now)
    assert claim.number == 2


def test_a_refusal_for_good_gives_up_at_once_and_says_nothing_of_the_target(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    [claim] = take(engine)
    assert (
        mark_failed(engine, claim, Failure(reason="unknown", permanent=True), now=NOW) is DeliveryState.DEAD
    )
    assert [each.number for each in take(engine)] == [2]


def test_a_message_at_which_every_sender_dies_is_given_up_too(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        assert len(take(engine, now)) == 1
        now += timedelta(seconds=60)
    assert take(engine, now) == ()
    [found] = deliveries(engine)
    assert (found.state, found.last_error) == (DeliveryState.DEAD, DIED)


@pytest.mark.parametrize("behind", [(1, 1), (1,)], ids=["at the same target", "at another one"])
def test_what_is_given_up_keeps_nobody_from_what_is_due_behind_it(
    engine: Engine, behind: tuple[int, ...]
) -> None:
    """A sender takes one at a time, and ends when there is nothing for it."""
    subscription(engine, "fatal", *behind)
    subscription(engine, "other", *(1 for _ in range(2 - len(behind))))
    fatal = deliveries(engine)[0]
    with writing(engine) as connection:
        tried = update(Delivery).where(Delivery.id == fatal.id).values(attempts=MAX_ATTEMPTS)
        connection.execute(tried)
    [claim] = take(engine, limit=1)
    assert claim.delivery_id == deliveries(engine)[1].id
    assert deliveries(engine)[0].state is DeliveryState.DEAD


def test_a_target_that_wants_nothing_more_is_disabled_until_a_person_says_otherwise(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    [claim] = take(engine)
    assert mark_failed(engine, claim, Failure(reason="410", gone=True), now=NOW) is DeliveryState.DEAD
    assert target(engine, "desk").disabled_at == NOW
    assert take(engine, NOW + timedelta(days=1)) == ()
    resume(engine, "desk")
    assert [each.number for each in take(engine, NOW + timedelta(days=1))] == [2]


def test_a_paused_subscription_waits_and_goes_on(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    pause(engine, "desk")
    assert take(engine) == ()
    resume(engine, "desk")
    assert len(take(engine)) == 1


def test_what_waits_is_brought_to_the_new_target(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    set_target(engine, "desk", failures=5, not_before=NOW + timedelta(hours=9))
    edit(engine, "desk", target=TargetPlan(kind="file", options={"folder": "/else"}), now=NOW)
    [claim] = take(engine)
    assert claim.target.options == {"folder": "/else"}


def test_a_dead_delivery_is_tried_again_with_its_key_and_all_its_attempts(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    [claim] = take(engine)
    mark_failed(engine, claim, Failure(reason="410", gone=True), now=NOW)
    [found] = retry(engine, [claim.delivery_id])
    assert (found.state, found.attempts, found.key) == (DeliveryState.WAITING, 0, claim.key)
    [again] = take(engine, NOW + timedelta(days=30))
    assert (again.key, again.attempts) == (claim.key, 1)
    assert mark_failed(engine, again, DOWN, now=NOW + timedelta(days=30)) is DeliveryState.WAITING


def test_what_was_sent_and_what_is_being_brought_is_not_sent_twice(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    [claim] = take(engine)
    assert retry(engine, [claim.delivery_id]) == []
    assert states(engine) == ["claimed"]
    mark_sent(engine, claim, now=NOW)
    with pytest.raises(StorageError, match="it was accepted"):
        retry(engine, [claim.delivery_id])
    with pytest.raises(StorageError, match="delivery 99: there is none"):
        retry(engine, [99])


def test_a_subscription_is_removed_with_its_digests_only_if_that_is_said(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    subscription(engine, "team", 1)
    with pytest.raises(StorageError, match="--with-digests"):
        remove(engine, "desk")
    [held, _] = take(engine, None)
    with pytest.raises(StorageError, match="at this moment"):
        remove(engine, "desk", with_digests=True)
    mark_sent(engine, held)
    assert remove(engine, "desk", with_digests=True) == 1
    assert [each.subscription for each in deliveries(engine)] == ["team"]
    with reading(engine) as connection:
        assert digest_at(connection, load(connection, "team"), 0) is not None
        with pytest.raises(StorageError, match="no subscription 'desk'"):
            load(connection, "desk")


def test_deliveries_are_counted_and_found_by_number(engine: Engine) -> None:
    subscription(engine, "desk", 1, 1)
    [claim] = take(engine)
    mark_sent(engine, claim, now=NOW)
    with reading(engine) as connection:
        assert count_by_subscription(connection)["desk"] == {DeliveryState.SENT: 1, DeliveryState.WAITING: 1}
        assert load_delivery(connection, claim.delivery_id).sent_at == NOW


def test_a_claim_ends_by_the_clock_of_the_database(engine: Engine) -> None:
    subscription(engine, "desk", 1)
    with reading(engine) as connection:
        before = database_now(connection)
    [claim] = take(engine, None)
    assert abs((claim.until - before) - timedelta(seconds=60)) < timedelta(seconds=30)
    assert take(engine, datetime.now(UTC) + timedelta(hours=1)) != ()


def claim_in_a_process(url: str, barrier: object, queue: multiprocessing.SimpleQueue[object]) -> None:
    engine = open_engine(url)
    try:
        barrier.wait()  # type: ignore[attr-defined]
        found: list[tuple[str, int]] = []
        while claims := take(engine, limit=2):
            found += [(each.subscription, each.number) for each in claims]
            for claim in claims:
                mark_sent(engine, claim, now=NOW)
        queue.put(found)
    except BaseException as error:  # noqa: BLE001  # it is asserted on in the parent
        queue.put(repr(error))
    engine.dispose()


@pytest.mark.timeout(120)
def test_of_senders_that_race_each_gets_its_own(engine: Engine, database_url: str) -> None:
    names = [f"reader {number}" for number in range(5)]
    for name in names:
        subscription(engine, name, *[1] * 6)
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(3), context.SimpleQueue()
    children = [
        context.Process(target=claim_in_a_process, args=(database_url, barrier, queue)) for _ in range(3)
    ]
    for child in children:
        child.start()
    brought = [queue.get() for _ in children]
    for child in children:
        child.join()
    assert all(isinstance(each, list) for each in brought), brought
    everything = [pair for each in brought for pair in each]
    assert sorted(everything) == sorted((name, number) for name in names for number in range(1, 7))
