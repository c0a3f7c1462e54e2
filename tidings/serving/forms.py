"""Forms of the pages: a secret in each, which only pages of this server know for whoever sends it.

A page puts `form_token` into a hidden field named ``FIELD``; the endpoint takes a `PostedForm`, and gets the form only
if the token came back. A program that is signed in by a cookie sends it as the header ``HEADER``. It comes on top of
`tidings.serving.gate`, which refuses what browsers say comes from elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from tidings.serving.callers import Way, caller_of
from tidings.serving.problems import Kind, Refused, refused

FIELD = "form_token"
HEADER = "X-Form-Token"
MOST_FIELDS = 200

_OF_THIS_PROCESS = secrets.token_bytes(32)


def form_token(request: Request) -> str:
    """Return what a form on a page of this request must bring back.

    It is bound to the session. Where nobody is signed in it is bound to this process, so that a form does not outlive a
    restart.
    """
    caller = caller_of(request)
    key = caller.secret.encode() if caller is not None and caller.secret else _OF_THIS_PROCESS
    return hmac.new(key, b"tidings form", hashlib.sha256).hexdigest()


async def posted_form(request: Request) -> FormData:
    """Return the form that was posted.

    Raises:
        Refused: the token did not come with it.
    """
    form = await request.form(max_files=5, max_fields=MOST_FIELDS)
    if not is_form_token(request, form.get(FIELD)):
        raise _stale()
    return form


PostedForm = Annotated[FormData, Depends(posted_form)]
"""A parameter of an endpoint that gets it."""


def is_form_token(request: Request, given: object) -> bool:
    """Return whether this is the token of a page of this request."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), form_token(request).encode())


def check_program(request: Request) -> None:
    """Refuse a change by a program that is signed in by a cookie and does not send the token.

    Raises:
        Refused: the header is missing or wrong.
    """
    caller = caller_of(request)
    if (
        caller is not None
        and caller.way is Way.SESSION
        and not is_form_token(request, request.headers.get(HEADER))
    ):
        raise _stale()


def _stale() -> Refused:
    return refused(
        403, Kind.FOREIGN_FORM, "The form is too old, or came from elsewhere; load the page and try again."
    )
