"""Deliveries as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from digest.wording import line, moment
from storage.deliveries import DeliveryState
from tidings.show import STYLES, plain, styled
from tidings.show_table import table
from tidings.times import ago

if TYPE_CHECKING:
    from rich.text import Text

    from digest.deliver import Attempt
    from storage.deliveries import DeliveryRow
    from tidings.show_table import Cell

_STYLES = {
    DeliveryState.SENT: STYLES["ok"],
    DeliveryState.WAITING: "",
    DeliveryState.CLAIMED: STYLES["partial"],
    DeliveryState.DEAD: STYLES["failed"],
}


def delivery_table(found: Sequence[DeliveryRow], *, now: datetime) -> None:
    """Write deliveries as a table to stdout."""
    rows: list[list[Cell]] = [
        [
            str(each.id),
            plain(each.subscription),
            str(each.number),
            each.kind,
            styled((str(each.state), _STYLES[each.state])),
            str(each.attempts),
            _when(each, now),
            line(each.last_error) or "-",
        ]
        for each in found
    ]
    table(
        ["#ID", "SUBSCRIPTION", "#DIGEST", "KIND", "STATE", "#ATTEMPTS", "WHEN", "LAST ERROR"],
        rows,
        flexible="LAST ERROR",
    )


def delivery_lines(each: DeliveryRow, *, now: datetime) -> Iterator[str]:
    """Yield all that is known of one delivery, a line each."""
    name = plain(each.subscription)
    yield f"delivery {each.id}: {each.state}"
    yield _fact("brings", f"digest {each.number} of {name}, to its {each.kind} target")
    yield _fact("", f"`tidings digest --subscription {name} --number {each.number}` shows it")
    yield _fact("key", f"{each.key}, the same for all attempts")
    yield _fact("attempts", str(each.attempts))
    if each.last_attempt_at is not None:
        yield _fact("last attempt", f"{moment(each.last_attempt_at)} ({ago(each.last_attempt_at, now)})")
    if each.last_error:
        yield _fact("failed", line(each.last_error))
    if each.sent_at is not None:
        yield _fact("accepted", f"{moment(each.sent_at)} ({ago(each.sent_at, now)})")
    if each.state is DeliveryState.WAITING:
        at = each.next_attempt_at
        yield _fact("next attempt", "at once" if at is None else f"{moment(at)} ({ago(at, now)})")
    if each.state is DeliveryState.CLAIMED and each.claim_until is not None:
        yield _fact(
            "now", f"{each.claim_owner} is bringing it, until {moment(each.claim_until)} at the latest"
        )
    if each.state is DeliveryState.DEAD:
        yield _fact("given up", f"`tidings deliveries retry {each.id}` tries it again")


def attempt_line(attempt: Attempt) -> str | Text:
    """Return what came of one attempt, for stdout."""
    claim = attempt.claim
    what = f"{plain(claim.subscription)}: digest {claim.number}"
    if attempt.state is DeliveryState.SENT:
        return f"{what} sent"
    reason = line(attempt.reason)
    if attempt.state is DeliveryState.DEAD:
        advice = f"`tidings deliveries retry {claim.delivery_id}` tries it again"
        return styled(f"{what} ", ("given up", STYLES["failed"]), f": {reason}; {advice}")
    return styled(f"{what} ", ("not sent", STYLES["partial"]), f", tried again later: {reason}")


def _when(each: DeliveryRow, now: datetime) -> str:
    if each.state is DeliveryState.WAITING:
        return "at once" if each.next_attempt_at is None else ago(each.next_attempt_at, now)
    return ago(each.sent_at or each.last_attempt_at, now)


def _fact(name: str, value: str) -> str:
    return f"  {name:<16} {value}"
