"""*Deliveries*: what is on its way to readers, what arrived, and what was given up and may be tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import HTMLResponse, Response

from news.errors import StorageError, UnknownError
from storage.deliveries import DeliveryRow, DeliveryState, list_deliveries, load_delivery, retry
from storage.engine import reading
from storage.subscriptions import list_subscriptions
from tidings.pages.desk import MOST_NUMBER, Desk, Reader
from tidings.pages.rendering import address, draw, then
from tidings.serving.forms import posted_form

LISTED = 100
TONES = {DeliveryState.SENT: "good", DeliveryState.DEAD: "bad"}

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveriesView:
    """The list: the latest, of a subscription or in a state if that is asked for."""

    deliveries: tuple[DeliveryRow, ...]
    subscriptions: tuple[str, ...]
    subscription: str
    state: str
    older: int | None
    is_first: bool

    @property
    def dead(self) -> int:
        """How many of those shown were given up."""
        return sum(each.state is DeliveryState.DEAD for each in self.deliveries)

    def tone(self, each: DeliveryRow) -> str:
        """How a delivery's state looks: one that failed so far is worth a look."""
        return TONES.get(each.state, "warn" if each.last_error else "")

    @property
    def states(self) -> list[str]:
        """The states that can be asked for."""
        return [str(state) for state in DeliveryState]


@router.get("/deliveries")
def deliveries(
    desk: Reader,
    subscription: Annotated[str, Query(max_length=255)] = "",
    state: DeliveryState | Literal[""] = "",
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
) -> HTMLResponse:
    """List deliveries, the latest first."""
    with reading(desk.engine) as connection:
        found = list_deliveries(
            connection,
            subscription=subscription or None,
            states=[state] if state else [],
            limit=LISTED + 1,
            before_id=before,
        )
        names = tuple(row.name for row in list_subscriptions(connection))
    view = DeliveriesView(
        deliveries=tuple(found[:LISTED]),
        subscriptions=names,
        subscription=subscription,
        state=str(state),
        older=found[LISTED - 1].id if len(found) > LISTED else None,
        is_first=before is None,
    )
    return draw(desk, "deliveries", view, title="Deliveries", section="deliveries")


@router.get("/deliveries/{number}")
def delivery(desk: Reader, number: Number) -> HTMLResponse:
    """Show one delivery."""
    return _page(desk, number)


@router.post("/deliveries/{number}/retry", dependencies=[Depends(posted_form)])
def retry_one(desk: Reader, number: Number) -> Response:
    """Let a delivery be tried again at once."""
    try:
        retry(desk.engine, [number])
    except UnknownError:
        raise
    except StorageError as error:
        if error.__cause__ is not None:  # the database's own trouble, not an answer to what was asked
            raise
        return _page(desk, number, refusal=str(error))
    return then(f"/deliveries/{number}")


@router.post("/deliveries/retry-dead", dependencies=[Depends(posted_form)])
def retry_dead(desk: Reader, subscription: Annotated[str, Query(max_length=255)] = "") -> Response:
    """Let all deliveries be tried again that were given up, or those of one subscription."""
    with reading(desk.engine) as connection:
        dead = list_deliveries(connection, subscription=subscription or None, states=[DeliveryState.DEAD])
    retry(desk.engine, [each.id for each in dead])
    return then(address("/deliveries", subscription=subscription))


def _page(desk: Desk, number: int, *, refusal: str = "") -> HTMLResponse:
    with reading(desk.engine) as connection:
        found = load_delivery(connection, number)
    return draw(
        desk,
        "delivery",
        found,
        title=f"Delivery {number}",
        section="deliveries",
        status=409 if refusal else 200,
        refusal=refusal,
    )
