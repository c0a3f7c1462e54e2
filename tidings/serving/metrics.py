"""``/metrics``: for those who may ask anything, and for whoever has the token that opens nothing else."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from starlette.responses import Response

from tidings.serving.callers import Caller, Way
from tidings.serving.served import Here

METRICS = "/metrics"

router = APIRouter(include_in_schema=False)


@router.get(METRICS)
def metrics(here: Here, request: Request) -> Response:
    """Return the metrics of this moment, in the format that is asked for."""
    from tidings.metrics import metrics_text

    text, media_type = metrics_text(here.engine, here.settings, accept=request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": media_type, "Cache-Control": "no-store"})


def metrics_caller(authorization: str | None, token: str) -> Caller | None:
    """Return who may ask for metrics alone; None where no such token is set, or another one was sent.

    >>> metrics_caller("Bearer abc", "abc").name, metrics_caller("Bearer ", ""), metrics_caller(None, "abc")
    ('metrics', None, None)
    """
    scheme, _, sent = (authorization or "").partition(" ")
    if not token or scheme.lower() != "bearer":
        return None
    fits = hmac.compare_digest(sent.strip().encode(), token.encode())
    return Caller(way=Way.TOKEN, name="metrics", may_write=False) if fits else None
