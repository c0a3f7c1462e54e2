"""``/deliveries``: what is on its way to readers, what arrived, and what was given up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from storage.deliveries import DeliveryState, list_deliveries, load_delivery, retry
from storage.engine import reading
from tidings.api import replies
from tidings.api.shapes.readers import Delivery, DeliveryPage
from tidings.outbox_json import delivery_json
from tidings.serving.forms import check_program
from tidings.serving.problems import Kind, refused
from tidings.serving.served import Here, Served

router = APIRouter(prefix="/deliveries", tags=["deliveries"])

States = Annotated[
    list[DeliveryState], Query(max_length=4, description="Only in this state; may be repeated.")
]


@router.get("", response_model=DeliveryPage, responses=replies.problems())
def list_(
    request: Request,
    here: Here,
    states: Annotated[States, Query(alias="state")] = [],  # noqa: B006 - FastAPI copies it
    subscription: replies.Word | None = None,
    limit: replies.Limit = 50,
    before: replies.Before | None = None,
) -> Response:
    """Deliveries, the newest first."""
    with reading(here.engine) as connection:
        found = list_deliveries(
            connection, subscription=subscription, states=states, limit=limit + 1, before_id=before
        )
    return replies.paged(
        request, "deliveries", found, limit=limit, shape=delivery_json, key=lambda each: each.id
    )


@router.get("/{number}", response_model=Delivery, responses=replies.problems(404))
def show(number: replies.Number, here: Here) -> Response:
    """One delivery: what it brings, what became of it, and when it is tried again."""
    return _as_it_is(here, number)


@router.post(
    "/{number}/retry",
    response_model=Delivery,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def again(number: replies.Number, here: Here) -> Response:
    """Let a delivery be tried at once, under the same key, as if for the first time."""
    with reading(here.engine) as connection:
        found = load_delivery(connection, number)
    if found.state is DeliveryState.SENT:
        raise refused(409, Kind.CONFLICT, f"Delivery {number} was accepted, and is not sent twice.")
    retry(here.engine, [number])
    return _as_it_is(here, number)


def _as_it_is(here: Served, number: int) -> Response:
    with reading(here.engine) as connection:
        return replies.reply(delivery_json(load_delivery(connection, number)))
