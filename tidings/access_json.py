"""Users and tokens as ``--json`` prints them: the shapes of docs/json.md. Nothing of it is secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.json import SCHEMA
from digest.wording import machine_time
from tidings.json_output import time_json

if TYPE_CHECKING:
    from storage.tokens import TokenRow
    from storage.users import UserRow


def user_json(user: UserRow) -> dict[str, Any]:
    """Return somebody who may sign in."""
    return {
        "schema": SCHEMA,
        "name": user.name,
        "created_at": machine_time(user.created_at),
        "password_at": machine_time(user.password_at),
        "signed_in_at": time_json(user.signed_in_at),
        "sessions": user.sessions,
    }


def token_json(token: TokenRow) -> dict[str, Any]:
    """Return a program that may ask, without its secret."""
    return {
        "schema": SCHEMA,
        "name": token.name,
        "may_write": token.may_write,
        "created_at": machine_time(token.created_at),
        "used_at": time_json(token.used_at),
    }
