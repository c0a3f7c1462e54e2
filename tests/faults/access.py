"""What is written of those who may ask the web server, and of readers who leave."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from storage.engine import reading
from storage.leaving import leave, leave_token
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.tokens import add_token, list_tokens, note_used, revoke_token
from storage.users import (
    add_user,
    begin_session,
    end_session,
    note_seen,
    remove_user,
    set_password,
)
from tests.faults.operation import NOW, Operation
from tests.storage.desk import Desk


def _user(desk: Desk) -> str:
    add_user(desk.engine, "amina", password_hash="first", now=desk.now)
    return "amina"


def _session(desk: Desk) -> str:
    return _begin(desk.engine, _user(desk), desk.now)


def _begin(engine: Engine, given: str, now: datetime | None) -> str:
    secret, known = "session", "first"
    begin_session(engine, given, hash=secret, verified_hash=known, password_hash=known, now=now)
    return secret


def _token(desk: Desk) -> int:
    add_token(desk.engine, "reader", hash="token", may_write=False, now=desk.now)
    with reading(desk.engine) as connection:
        return list_tokens(connection)[0].id


def _subscribed(desk: Desk) -> str:
    add(desk.engine, "desk", filter=DigestFilter(), now=desk.now)
    with reading(desk.engine) as connection:
        return leave_token(connection, "desk")


ACCESS = (
    Operation(
        name="letting somebody sign in",
        covers=("storage.users.add_user",),
        prepare=lambda desk: None,
        do=lambda engine, given, now: add_user(engine, "amina", password_hash="first", now=now),
    ),
    Operation(
        name="setting another password",
        covers=("storage.users.set_password",),
        prepare=_user,
        do=lambda engine, given, now: set_password(engine, given, password_hash="second", now=now),
    ),
    Operation(
        name="removing a user",
        covers=("storage.users.remove_user",),
        prepare=_user,
        do=lambda engine, given, now: remove_user(engine, given),
        has_clock=False,
    ),
    Operation(name="signing in", covers=("storage.users.begin_session",), prepare=_user, do=_begin),
    Operation(
        name="signing out",
        covers=("storage.users.end_session",),
        prepare=_session,
        do=lambda engine, given, now: end_session(engine, given),
        has_clock=False,
    ),
    Operation(
        name="noting when a session was used",
        covers=("storage.users.note_seen",),
        prepare=_session,
        do=lambda engine, given, now: note_seen(engine, {given: NOW + timedelta(hours=1)}),
        has_clock=False,
    ),
    Operation(
        name="letting a program ask",
        covers=("storage.tokens.add_token",),
        prepare=lambda desk: None,
        do=lambda engine, given, now: add_token(engine, "reader", hash="token", may_write=True, now=now),
    ),
    Operation(
        name="revoking a token",
        covers=("storage.tokens.revoke_token",),
        prepare=_token,
        do=lambda engine, given, now: revoke_token(engine, "reader"),
        has_clock=False,
    ),
    Operation(
        name="noting when a token was used",
        covers=("storage.tokens.note_used",),
        prepare=_token,
        do=lambda engine, given, now: note_used(engine, {given: NOW + timedelta(hours=1)}),
        has_clock=False,
    ),
    Operation(
        name="leaving a subscription",
        covers=("storage.leaving.leave",),
        prepare=_subscribed,
        do=lambda engine, given, now: leave(engine, given, now=now),
    ),
)
