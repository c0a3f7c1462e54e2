"""Passwords are hashed cheaply here; one test looks at the real parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from tidings.serving import secrets

REAL_HASHER = secrets._hasher


@pytest.fixture(autouse=True, scope="session")
def cheap_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        secrets._nobody.cache_clear()
        yield
    secrets._nobody.cache_clear()
