"""Who sends a request: a program with a token, somebody who is signed in, or a person at this machine."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from storage.engine import database_now, reading
from storage.tokens import token_with
from storage.users import anybody_may_sign_in, session_of
from tidings.serving.doors import Doors
from tidings.serving.secrets import TOKEN_PREFIX, secret_hash
from tidings.serving.traces import Traces

COOKIE = "tidings"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Way(StrEnum):
    """How a caller is known."""

    TOKEN = "token"
    SESSION = "session"
    LOCAL = "local"  # nobody can sign in here, and only this machine can ask


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who sends a request.

    Args:
        way: how they are known.
        name: of the token or the user; empty for whoever sits at this machine.
        may_write: whether they may change something.
        secret: of the session; empty if there is none.
    """

    way: Way
    name: str = ""
    may_write: bool = True
    secret: str = field(default="", repr=False)


def caller_of(request: Request) -> Caller | None:
    """Return who sends a request; None on the few pages that anybody may see."""
    known: Caller | None = getattr(request.state, "caller", None)
    return known


Who = Annotated[Caller | None, Depends(caller_of)]
"""A parameter of an endpoint that gets it."""


def identify(
    headers: Headers, *, secure: bool, engine: Engine, doors: Doors, traces: Traces, for_feeds: bool = False
) -> Caller | None:
    """Return who sends a request with these headers, None if nobody knows.

    A request that names a token is judged by it alone: a wrong one is not made good by a cookie. ``secure`` says
    whether it came by https. For feeds a token may also come as the password of the Basic scheme (RFC 7617), since
    readers of feeds know no other; then it may only read, as browsers send such a password by themselves. They send it
    with everything from then on: elsewhere it is as if it had not come.
    """
    authorization = headers.get("authorization")
    if authorization is not None and (for_feeds or not is_basic(authorization)):
        found = _by_token(_bearer_of(authorization) if for_feeds else authorization, engine, traces)
        return replace(found, may_write=False) if found is not None and for_feeds else found
    secret = session_secret(headers, secure=secure or doors.secure)
    with reading(engine) as connection:
        if secret:
            now = database_now(connection)
            session = session_of(connection, secret_hash(secret))
            if session is not None:
                traces.session(session.hash, now)
                return Caller(way=Way.SESSION, name=session.user, secret=secret)
        if doors.exposed or any(name in headers for name in FORWARDED) or anybody_may_sign_in(connection):
            return None
    return Caller(way=Way.LOCAL)


def session_secret(headers: Headers, *, secure: bool) -> str:
    """Return the secret of the session that a request's cookie holds; empty if there is none.

    By https only the cookie counts that no other host of the domain can have set.
    """
    return cookie_parser(headers.get("cookie", "")[:8_000]).get(cookie_name(secure=secure), "")


def cookie_name(*, secure: bool) -> str:
    """Return the name of the cookie that holds a session's secret."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def is_basic(authorization: str) -> bool:
    """Return whether credentials are a name and a password (RFC 7617)."""
    return authorization[:6].lower() == "basic "


def _bearer_of(authorization: str) -> str:
    """Return what a token would be sent with, if it came as the password of the Basic scheme.

    >>> _bearer_of("Basic OnRkdF9h"), _bearer_of("Basic ?"), _bearer_of("Bearer tdt_a")
    ('Bearer tdt_a', 'Basic ?', 'Bearer tdt_a')
    """
    if not is_basic(authorization):
        return authorization
    credentials = authorization[:8_000].partition(" ")[2]
    try:
        said = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return authorization
    return f"Bearer {said.partition(':')[2]}"


def _by_token(authorization: str, engine: Engine, traces: Traces) -> Caller | None:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip().startswith(TOKEN_PREFIX):
        return None
    with reading(engine) as connection:
        found = token_with(connection, secret_hash(secret.strip()))
        if found is None:
            return None
        traces.token(found.id, database_now(connection))
    return Caller(way=Way.TOKEN, name=found.name, may_write=found.may_write)
