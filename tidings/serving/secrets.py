"""Passwords, and the random secrets of sessions and tokens."""

from __future__ import annotations

import functools
import hashlib
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from news.errors import ConfigError

SHORTEST = 12
LONGEST = 1_000
TOKEN_PREFIX = "tdt_"
"""By which people, and programs that look for secrets that got out, know a token."""

_hasher = PasswordHasher()  # Argon2id, with the second of the parameter sets that RFC 9106 recommends


def hash_password(password: str) -> str:
    """Return the hash under which a password is kept.

    Raises:
        ConfigError: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(f"A password needs {SHORTEST} to {LONGEST} characters.")
    return _hasher.hash(_composed(password))


def verified(password: str, known: str | None) -> str | None:
    """Return the hash of a password if it is the known one, else None.

    It takes as long where nobody is known, so that nobody learns who is. What is returned may have newer parameters.

    Args:
        password: what somebody typed.
        known: the hash that is kept; None for a name that nobody has.
    """
    typed = _composed(password) if len(password) <= LONGEST else ""  # nobody has that, and none takes longer
    try:
        _hasher.verify(known or _nobody(), typed)
    except (VerificationError, InvalidHashError):
        return None
    if known is None:
        return None
    return _hasher.hash(typed) if _hasher.check_needs_rehash(known) else known


def new_secret() -> str:
    """Return a secret that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return the hash under which a random secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", errors="replace")).hexdigest()


def _composed(password: str) -> str:
    """One and the same password, whichever way a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password)


@functools.cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
