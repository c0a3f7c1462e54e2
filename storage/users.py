"""People who may sign in, and the browsers in which they are signed in.

Secrets come here only as hashes: of passwords Argon2id, of sessions SHA-256 (they are random, and need no more).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, exists, func, or_, select, update

from news.errors import ConfigError, UnknownError
from storage.access_tables import Session, Token, User
from storage.engine import database_now, insert_into, writing

IDLE = timedelta(days=14)
"""A session that was not used for so long is over."""
LONGEST = timedelta(days=90)
"""No session lives longer, however much it is used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserRow:
    """Somebody who may sign in."""

    id: int
    name: str
    password_hash: str = field(repr=False)
    created_at: datetime
    password_at: datetime
    signed_in_at: datetime | None
    sessions: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRow:
    """A browser in which somebody is signed in."""

    hash: str
    user: str
    created_at: datetime
    seen_at: datetime

    def holds_at(self, now: datetime) -> bool:
        """Return whether it is not over."""
        return now < min(self.seen_at + IDLE, self.created_at + LONGEST)


def add_user(engine: Engine, name: str, *, password_hash: str, now: datetime | None = None) -> None:
    """Let somebody sign in, from ``now`` on; None is the database's clock.

    Raises:
        ConfigError: the name is taken, or none at all.
    """
    check_name(name, "user")
    with writing(engine) as connection:
        now = now or database_now(connection)
        new = insert_into(connection, User).values(
            name=name, password_hash=password_hash, created_at=now, password_at=now
        )
        made = new.on_conflict_do_nothing(index_elements=["name"]).returning(User.id)
        if connection.execute(made).first() is None:
            raise ConfigError(
                f"user {name}: there is one of this name; `tidings users password {name}` sets another password"
            )


def set_password(engine: Engine, name: str, *, password_hash: str, now: datetime | None = None) -> None:
    """Give a user another password, and end all sessions of the old one; None is the database's clock.

    Raises:
        UnknownError: there is no such user.
    """
    with writing(engine) as connection:
        found = load_user(connection, name)
        values = {"password_hash": password_hash, "password_at": now or database_now(connection)}
        connection.execute(update(User).where(User.id == found.id), values)
        connection.execute(delete(Session).where(Session.user_id == found.id))


def remove_user(engine: Engine, name: str) -> None:
    """Let somebody sign in no more, and end all their sessions.

    Raises:
        UnknownError: there is no such user.
    """
    with writing(engine) as connection:
        found = load_user(connection, name)
        connection.execute(delete(Session).where(Session.user_id == found.id))
        connection.execute(delete(User).where(User.id == found.id))


def list_users(connection: Connection) -> list[UserRow]:
    """Return everybody who may sign in, by name, each with the number of sessions that are kept."""
    counted = select(Session.user_id, func.count().label("sessions")).group_by(Session.user_id).subquery()
    query = (
        select(User.__table__, func.coalesce(counted.c.sessions, 0).label("sessions"))
        .outerjoin(counted, counted.c.user_id == User.id)
        .order_by(User.name)
    )
    return [UserRow(**row) for row in connection.execute(query).mappings()]


def load_user(connection: Connection, name: str) -> UserRow:
    """Return one user.

    Raises:
        UnknownError: there is none of that name.
    """
    row = connection.execute(select(User.__table__).where(User.name == name)).mappings().first()
    if row is None:
        raise UnknownError(f"user {name}: there is none of this name; `tidings users list` shows all")
    return UserRow(**row)


def anybody_may_sign_in(connection: Connection) -> bool:
    """Return whether there is a user."""
    return bool(connection.execute(select(exists().where(User.id > 0))).scalar_one())


def anybody_is_known(connection: Connection) -> bool:
    """Return whether there is a user or a token."""
    known = select(or_(exists().where(User.id > 0), exists().where(Token.id > 0)))
    return bool(connection.execute(known).scalar_one())


def begin_session(
    engine: Engine,
    name: str,
    *,
    hash: str,  # noqa: A002
    verified_hash: str,
    password_hash: str,
    now: datetime | None = None,
) -> None:
    """Sign somebody in whose password has been verified, and forget sessions that are over.

    Done again under the same secret, since nobody heard of the commit, it is the same session.

    Args:
        engine: a ready database.
        name: whose session it is.
        hash: the SHA-256 of its secret.
        verified_hash: the kept hash with which the password was compared.
        password_hash: of the same password, perhaps with newer parameters.
        now: when; None is the database's clock.

    Raises:
        UnknownError: the user was removed, or has another password meanwhile.
    """
    with writing(engine) as connection:
        found, now = load_user(connection, name), now or database_now(connection)
        if found.password_hash != verified_hash:
            raise UnknownError(f"user {name}: the password was changed meanwhile")
        over = or_(Session.seen_at < now - IDLE, Session.created_at < now - LONGEST)
        connection.execute(delete(Session).where(over))
        values = {"signed_in_at": now, "password_hash": password_hash}
        connection.execute(update(User).where(User.id == found.id), values)
        new = insert_into(connection, Session).values(
            hash=hash, user_id=found.id, created_at=now, seen_at=now
        )
        connection.execute(new.on_conflict_do_nothing(index_elements=["hash"]))


def end_session(engine: Engine, hash: str) -> None:  # noqa: A002
    """Sign a browser out; one that is not signed in stays so."""
    with writing(engine) as connection:
        connection.execute(delete(Session).where(Session.hash == hash))


def session_of(connection: Connection, hash: str) -> SessionRow | None:  # noqa: A002
    """Return the session with this hash, if it is not over."""
    query = select(Session.hash, User.name.label("user"), Session.created_at, Session.seen_at).join(
        User, User.id == Session.user_id
    )
    row = connection.execute(query.where(Session.hash == hash)).mappings().first()
    if row is None:
        return None
    found = SessionRow(**row)
    return found if found.holds_at(database_now(connection)) else None


def note_seen(engine: Engine, seen: Mapping[str, datetime]) -> None:
    """Write when sessions were last used."""
    if seen:
        with writing(engine) as connection:
            for known, at in seen.items():
                newer = update(Session).where(Session.hash == known, Session.seen_at < at)
                connection.execute(newer.values(seen_at=at))


def check_name(name: str, what: str) -> None:
    """Refuse what is no name of a user or a token.

    Raises:
        ConfigError: it is empty, too long, or cannot be read.
    """
    if not name.strip() or len(name) > 255 or not name.isprintable() or name != name.strip():
        raise ConfigError(f"A {what} needs a name of 1 to 255 characters that can be read.")
