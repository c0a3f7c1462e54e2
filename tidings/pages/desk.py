"""What every page needs of the server that shows it: the database, the settings, and the reader's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from storage.settings import Settings
from tidings.pages.times import Times
from tidings.serving.served import served_by

MOST_NUMBER = 2**63 - 1
"""The largest number that both databases compare with; a longer one in an address is nothing's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """One request as a page sees it."""

    request: Request
    engine: Engine
    settings: Settings
    times: Times


def desk_of(request: Request) -> Desk:
    """Return what the page of a request needs."""
    served = served_by(request)
    clock: Callable[[], datetime] = getattr(request.app.state, "clock", _now)
    return Desk(
        request=request,
        engine=served.engine,
        settings=served.settings,
        times=Times.in_zone(served.settings.time_zone, now=clock()),
    )


def _now() -> datetime:
    return datetime.now(UTC)


Reader = Annotated[Desk, Depends(desk_of)]
"""A parameter of a page that gets it."""
