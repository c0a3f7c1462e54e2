"""Whether a whole database is sound: its records, and every stored digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def faults_of(engine: Engine) -> list[str]:
    """Return what is wrong with a database of today's schema, a line each; empty for a sound one."""
    from storage.checking import find_faults
    from storage.engine import reading

    with reading(engine) as connection:
        faults = find_faults(connection)
    return faults or _digest_faults(engine)


def _digest_faults(engine: Engine) -> list[str]:
    from digest.content import digest_from
    from storage.engine import reading
    from storage.subscriptions import list_digests, list_subscriptions

    faults: list[str] = []
    with reading(engine) as connection:
        for subscription in list_subscriptions(connection):
            for stored in list_digests(connection, subscription.name):
                try:
                    digest_from(stored)
                except StorageError as error:
                    faults.append(str(error))
    return faults
