"""Programs that may ask the API, each by a random secret of which only the SHA-256 is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, or_, select, update

from news.errors import ConfigError, UnknownError
from storage.access_tables import Token
from storage.engine import database_now, insert_into, writing
from storage.users import check_name


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRow:
    """A program that may ask; ``may_write`` says whether it may also change something."""

    id: int
    name: str
    may_write: bool
    created_at: datetime
    used_at: datetime | None


_COLUMNS = (Token.id, Token.name, Token.may_write, Token.created_at, Token.used_at)


def add_token(
    engine: Engine,
    name: str,
    *,
    hash: str,  # noqa: A002
    may_write: bool,
    now: datetime | None = None,
) -> None:
    """Let a program ask.

    Args:
        engine: a ready database.
        name: by which people know it.
        hash: the SHA-256 of its secret.
        may_write: whether it may change something.
        now: when; None is the database's clock.

    Raises:
        ConfigError: the name is taken, or none at all.
    """
    check_name(name, "token")
    with writing(engine) as connection:
        new = insert_into(connection, Token).values(
            name=name, hash=hash, may_write=may_write, created_at=now or database_now(connection)
        )
        made = new.on_conflict_do_nothing(index_elements=["name"]).returning(Token.id)
        if connection.execute(made).first() is None:
            raise ConfigError(
                f"token {name}: there is one of this name; `tidings tokens revoke {name}` revokes it"
            )


def list_tokens(connection: Connection) -> list[TokenRow]:
    """Return every token, by name."""
    return [TokenRow(**row) for row in connection.execute(select(*_COLUMNS).order_by(Token.name)).mappings()]


def token_with(connection: Connection, hash: str) -> TokenRow | None:  # noqa: A002
    """Return the token whose secret has this SHA-256, or None."""
    row = connection.execute(select(*_COLUMNS).where(Token.hash == hash)).mappings().first()
    return None if row is None else TokenRow(**row)


def revoke_token(engine: Engine, name: str) -> None:
    """Let a program ask no more.

    Raises:
        UnknownError: there is no such token.
    """
    with writing(engine) as connection:
        if not connection.execute(delete(Token).where(Token.name == name)).rowcount:
            raise UnknownError(f"token {name}: there is none of this name; `tidings tokens list` shows all")


def note_used(engine: Engine, used: Mapping[int, datetime]) -> None:
    """Write when tokens were last used."""
    if used:
        with writing(engine) as connection:
            for known, at in used.items():
                newer = or_(Token.used_at.is_(None), Token.used_at < at)
                connection.execute(update(Token).where(Token.id == known, newer).values(used_at=at))
