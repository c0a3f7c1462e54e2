"""``/subscriptions``: who is told, with every digest that was composed; pausing and going on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from storage.engine import reading
from storage.subscribing import pause, resume
from storage.subscriptions import digest_notes
from tidings.api import replies
from tidings.api.shapes.changes import DigestPage
from tidings.api.shapes.readers import Subscription, SubscriptionList
from tidings.json_output import with_schema
from tidings.outbox_json import digest_note_json, subscription_json
from tidings.serving.forms import check_program
from tidings.serving.served import Here, Served
from tidings.show_subscriptions import known_subscriptions

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"])


@router.get("", response_model=SubscriptionList, responses=replies.problems())
def list_(here: Here) -> Response:
    """All subscriptions by name: their filters, their rhythm, where they are brought and how that fares."""
    found = known_subscriptions(here.engine)
    return replies.reply(with_schema(subscriptions=[subscription_json(each) for each in found]))


@router.get("/{name}", response_model=Subscription, responses=replies.problems(404))
def show(name: replies.Name, here: Here) -> Response:
    """One subscription. Secrets are not shown."""
    return replies.reply(_as_it_is(here, name))


@router.get("/{name}/digests", response_model=DigestPage, responses=replies.problems(404))
def digests(
    request: Request,
    name: replies.Name,
    here: Here,
    limit: replies.Limit = 50,
    before: replies.Before | None = None,
) -> Response:
    """Which digests a subscription was told, the newest first."""
    with reading(here.engine) as connection:
        found = digest_notes(connection, name, limit=limit + 1, before=before)
    return replies.paged(
        request,
        "digests",
        found,
        limit=limit,
        shape=digest_note_json,
        key=lambda each: each.number,
        subscription=name,
    )


@router.post(
    "/{name}/pause",
    response_model=Subscription,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def stop(name: replies.Name, here: Here) -> Response:
    """Compose and bring nothing; what comes meanwhile is told when it is resumed."""
    pause(here.engine, name)
    return replies.reply(_as_it_is(here, name))


@router.post(
    "/{name}/resume",
    response_model=Subscription,
    responses=replies.problems(404, 409),
    dependencies=[Depends(check_program)],
)
def go_on(name: replies.Name, here: Here) -> Response:
    """Go on with a subscription, also with a target that wanted nothing more."""
    resume(here.engine, name)
    return replies.reply(_as_it_is(here, name))


def _as_it_is(here: Served, name: str) -> dict[str, Any]:
    [found] = known_subscriptions(here.engine, name)
    return subscription_json(found)
