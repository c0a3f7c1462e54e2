"""What every request of one running server shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from storage.settings import Settings
from tidings.serving.doors import Doors
from tidings.serving.log_watch import LogWatch


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """One running server.

    Args:
        engine: a ready database.
        settings: of this installation.
        doors: how it is reached.
        watch: sees new changes, for those who wait for some.
    """

    engine: Engine
    settings: Settings
    doors: Doors
    watch: LogWatch


def served_by(request: Request) -> Served:
    """Return what the server of a request shares."""
    served: Served = request.app.state.served
    return served


Here = Annotated[Served, Depends(served_by)]
"""A parameter of an endpoint that gets it."""
