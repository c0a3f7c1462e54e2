"""Opening the database for a command, and telling people when it had to be upgraded."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidings import show

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.schema import Upgrade
    from storage.settings import Settings


@contextmanager
def database(settings: Settings, *, create: bool = False) -> Generator[Engine]:
    """Open the database of the settings, up to date; a command that only looks never makes one.

    Raises:
        StorageError, ConfigError: as `storage.schema.ready`.
    """
    from storage.schema import ready

    engine = ready(settings.database_url, create=create, told=_tell)
    try:
        yield engine
    finally:
        engine.dispose()


def holds_nothing(settings: Settings) -> bool:
    """Return whether there is no database yet, without making one.

    Raises:
        StorageError, ConfigError: as `storage.engine.open_engine`.
    """
    from storage.engine import open_engine, sqlite_file
    from storage.schema import stored_revision

    engine = open_engine(settings.database_url)
    try:
        file = sqlite_file(engine)
        if file is not None and not file.exists():
            return True
        return stored_revision(engine) is None
    finally:
        engine.dispose()


def _tell(upgrade: Upgrade) -> None:
    if upgrade.before:
        kept = f"; the old state is kept in {upgrade.backup}" if upgrade.backup else ""
        show.note(f"database upgraded from schema {upgrade.before} to {upgrade.after}{kept}")
