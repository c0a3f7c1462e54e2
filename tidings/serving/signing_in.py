"""Signing in and out: a password becomes a session, whose secret only the browser keeps."""

from __future__ import annotations

import logging
import math

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from news.errors import UnknownError
from storage.engine import reading
from storage.users import LONGEST, begin_session, end_session, load_user
from tidings.serving.callers import cookie_name, session_secret
from tidings.serving.problems import Kind, refused
from tidings.serving.secrets import new_secret, secret_hash, verified
from tidings.serving.served import Served, served_by

logger = logging.getLogger(__name__)

MOST_WAITING = 20


async def sign_in(request: Request, name: str, password: str) -> str:
    """Return the secret of a new session; `keep_session` gives it to the browser.

    Raises:
        Refused: the name or the password is wrong (401, and nobody learns which), or it was tried too often (429).
    """
    served = served_by(request)
    address = request.client.host if request.client else ""
    ins = served.sign_ins
    wait = ins.attempts.wait_of(address)
    if wait or ins.waiting >= MOST_WAITING:
        seconds = max(1, math.ceil(wait))
        raise refused(
            429,
            Kind.TOO_MANY,
            f"Too many attempts; try again in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
        )
    ins.waiting += 1
    try:
        async with ins.turn:
            secret = await run_in_threadpool(_session_for, served, name, password)
    finally:
        ins.waiting -= 1
    if not secret:
        logger.warning(
            "signing in failed from %s", address
        )  # the name may be a password, typed a line too high
        raise refused(401, Kind.NOT_SIGNED_IN, "The name or the password is wrong.")
    ins.attempts.succeeded(address)
    logger.info("%r signed in from %s", name, address)
    return secret


def keep_session(request: Request, response: Response, secret: str) -> None:
    """Give the secret of a session to the browser, as a cookie that no script and no other site gets at."""
    secure = is_secure(request)
    response.set_cookie(
        cookie_name(secure=secure),
        secret,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


async def sign_out(request: Request, response: Response) -> None:
    """End the session of a request, here and in the browser."""
    secret = session_secret(request.headers, secure=is_secure(request))
    if secret:
        await run_in_threadpool(end_session, served_by(request).engine, secret_hash(secret))
    for secure in (False, True):
        response.delete_cookie(
            cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
        )
    response.headers["Clear-Site-Data"] = '"cache"'


def is_secure(request: Request) -> bool:
    """Return whether the browser came by https, as far as that is known here."""
    return request.url.scheme == "https" or served_by(request).doors.secure


def _session_for(served: Served, name: str, password: str) -> str:
    known = _hash_of(served, name)
    password_hash = verified(password, known)
    if known is None or password_hash is None:
        return ""
    secret = new_secret()
    try:
        begin_session(
            served.engine,
            name,
            hash=secret_hash(secret),
            verified_hash=known,
            password_hash=password_hash,
        )
    except UnknownError:  # removed or changed at this moment
        return ""
    return secret


def _hash_of(served: Served, name: str) -> str | None:
    if not name or len(name) > 255 or not name.isprintable():
        return None
    with reading(served.engine) as connection:
        try:
            return load_user(connection, name).password_hash
        except UnknownError:
            return None
