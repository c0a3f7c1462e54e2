"""``tidings deliveries``: what is on its way to readers, what arrived, and what was given up."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.exits import FAILED
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.deliveries import DeliveryRow

app = typer.Typer(
    help="See what is on its way to readers, and try again what was given up.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class State(StrEnum):
    """The states of `storage.deliveries`, which is imported only when there is something to read."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"


Number = Annotated[
    int, typer.Argument(metavar="DELIVERY", help="The number of a delivery.", show_default=False)
]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(metavar="[DELIVERY]...", help="Numbers of deliveries.", show_default=False),
]
OfSubscription = Annotated[
    str | None, typer.Option("--subscription", metavar="NAME", help="Only those of this subscription.")
]
InState = Annotated[
    list[State] | None, typer.Option("--state", help="Only those in this state; may be repeated.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many deliveries at most, the newest first.")]
AllDead = Annotated[bool, typer.Option("--all-dead", help="All that were given up.")]


@app.command(
    "list",
    epilog=examples("tidings deliveries list", "tidings deliveries list --state dead --subscription desk"),
)
def list_(
    subscription: OfSubscription = None,
    state: InState = None,
    limit: Limit = 30,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """List the latest deliveries with their state."""
    settings = settings_from(config, database)
    from tidings.opening import database as opened

    with opened(settings) as engine:
        found = _found(engine, subscription, state, limit=limit)
    if as_json:
        from tidings.json_output import print_json, with_schema
        from tidings.outbox_json import delivery_json

        print_json(with_schema(deliveries=[delivery_json(each) for each in found]))
        return
    from tidings.show_deliveries import delivery_table

    if found:
        delivery_table(found, now=datetime.now(UTC))
    else:
        show.say(
            "There are no such deliveries." if subscription or state else "Nothing was to be brought yet."
        )


@app.command("show", epilog=examples("tidings deliveries show 7", "tidings deliveries show 7 --json"))
def show_(
    number: Number,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show one delivery: its attempts, why the last one failed, and when the next is made."""
    settings = settings_from(config, database)
    from storage.deliveries import load_delivery
    from storage.engine import reading
    from tidings.opening import database as opened

    with opened(settings) as engine, reading(engine) as connection:
        found = load_delivery(connection, number)
    if as_json:
        from tidings.json_output import print_json
        from tidings.outbox_json import delivery_json

        print_json(delivery_json(found))
        return
    from tidings.show_deliveries import delivery_lines

    show.say(*delivery_lines(found, now=datetime.now(UTC)))


@app.command(
    "retry",
    epilog=examples(
        "tidings deliveries retry 7 9", "tidings deliveries retry --subscription desk --all-dead"
    ),
)
def retry(
    numbers: Numbers = None,
    subscription: OfSubscription = None,
    all_dead: AllDead = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Try deliveries again at once: those named, or all that were given up.

    Each keeps its idempotency key, by which a receiver knows it again. A target that was disabled is used again.
    """
    if bool(numbers) == bool(subscription or all_dead):
        raise typer.BadParameter(
            "name deliveries, or say --all-dead or --subscription", param_hint="DELIVERY / --all-dead"
        )
    settings = settings_from(config, database)
    from storage.deliveries import retry as retry_these
    from tidings.opening import database as opened

    with opened(settings) as engine:
        ids = numbers or [each.id for each in _found(engine, subscription, [State.DEAD])]
        found = retry_these(engine, ids)
    if not found:
        show.say("There is nothing to try again.")
    for each in found:
        show.say(
            f"delivery {each.id}: digest {each.number} of {show.plain(each.subscription)} is tried again"
        )
    if found:
        show.note("`tidings run` brings them, or `tidings deliveries run` at once")


@app.command("run", epilog=examples("tidings deliveries run", "tidings deliveries run --json"))
def run(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """Compose what is due and bring what is due, once, as `tidings run` does all the time.

    Ends with 1 if a target did not take something; it is tried again later.
    """
    settings = settings_from(config, database)
    from digest.deliver import deliver_all
    from digest.due import DueDigests
    from digest.targets.target import Carriage
    from scheduler.crawling import owner_name
    from tidings.opening import database as opened
    from tidings.show_deliveries import attempt_line

    with opened(settings) as engine:
        DueDigests(engine).compose()
        attempts = []
        for attempt in deliver_all(
            engine, Carriage.under(settings), owner=owner_name("tidings deliveries run")
        ):
            attempts.append(attempt)
            if not as_json:
                show.say(attempt_line(attempt))
        ids = [attempt.claim.delivery_id for attempt in attempts]
        tried = _loaded(engine, ids)
    if as_json:
        from tidings.json_output import print_json, with_schema
        from tidings.outbox_json import delivery_json

        print_json(with_schema(deliveries=[delivery_json(each) for each in tried]))
    elif not attempts:
        show.say("Nothing is due.")
    if any(attempt.reason for attempt in attempts):
        raise typer.Exit(FAILED)


def _found(
    engine: Engine, subscription: str | None, states: list[State] | None, *, limit: int | None = None
) -> list[DeliveryRow]:
    from storage.deliveries import DeliveryState, list_deliveries
    from storage.engine import reading
    from storage.subscriptions import load

    with reading(engine) as connection:
        if subscription is not None:
            load(connection, subscription)  # a slip of the pen would otherwise look like peace
        wanted = [DeliveryState(str(state)) for state in states or ()]
        return list_deliveries(connection, subscription=subscription, states=wanted, limit=limit)


def _loaded(engine: Engine, ids: list[int]) -> list[DeliveryRow]:
    from storage.deliveries import load_delivery
    from storage.engine import reading

    with reading(engine) as connection:
        return [load_delivery(connection, each) for each in dict.fromkeys(ids)]
