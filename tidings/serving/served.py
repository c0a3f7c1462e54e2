"""What every request of one running server shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from storage.changes import counted_seq
from storage.engine import reading
from storage.settings import Settings
from tidings.serving.attempts import SignIns
from tidings.serving.checkups import Checkups
from tidings.serving.doors import Doors
from tidings.serving.drawing import Drawing
from tidings.serving.log_watch import LogWatch
from tidings.serving.traces import Traces


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """One running server.

    Args:
        engine: a ready database.
        settings: of this installation.
        doors: how it is reached.
        watch: sees new changes, for those who wait for some.
        traces: remembers when sessions and tokens were last used.
        sign_ins: remembers who tried to sign in.
        checkups: says whether all is well.
        drawing: draws the server's own pages.
    """

    engine: Engine
    settings: Settings
    doors: Doors
    watch: LogWatch
    traces: Traces
    sign_ins: SignIns
    checkups: Checkups
    drawing: Drawing

    def newest(self) -> int:
        """Return the ``seq`` of the newest change."""
        with reading(self.engine) as connection:
            return counted_seq(connection)


def served_by(request: Request) -> Served:
    """Return what the server of a request shares."""
    served: Served = request.app.state.served
    return served


Here = Annotated[Served, Depends(served_by)]
"""A parameter of an endpoint that gets it."""
