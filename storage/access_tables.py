"""The tables of the web server: who may sign in, who is signed in, and which programs may ask."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Table


class User(Table):
    """Somebody who may sign in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    # Of Argon2id, with its parameters and salt; the password itself is kept nowhere.
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    password_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class Session(Table):
    """One browser that is signed in. Only the SHA-256 of its random secret is kept."""

    __tablename__ = "sessions"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    __table_args__ = (Index("ix_sessions_user_id", "user_id"),)


class Token(Table):
    """A program that may ask the API. Only the SHA-256 of its random secret is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    may_write: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
