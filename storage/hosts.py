"""What the database knows of a host, for somebody who is about to ask it without a source."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from news.errors import LeaseError
from news.run import HostState
from news.urls import host_key
from storage.engine import database_now, reading
from storage.tables import Host


def host_to_ask(engine: Engine, url: str) -> HostState | None:
    """Return what other processes left of the host of ``url``; None where it was never heard of.

    Raises:
        LeaseError: somebody is crawling the host; two at a time would be impolite.
        UrlError: for an address that cannot be asked for.
    """
    name = host_key(url)
    with reading(engine) as connection:
        host = connection.execute(select(Host.__table__).where(Host.name == name)).first()
        if host is None:
            return None
        if host.lease_owner is not None and host.lease_until is not None:
            now = database_now(connection)
            if host.lease_until > now:
                raise LeaseError(
                    f"host {name}: {host.lease_owner} is crawling it until "
                    f"{host.lease_until:%Y-%m-%d %H:%M:%S} UTC at the latest; try again when it has finished"
                )
    return HostState(
        name=name,
        not_before=host.not_before,
        last_request_at=host.last_request_at,
        robots=host.robots,
        robots_status=host.robots_status,
        robots_expires_at=host.robots_expires_at,
    )


def hosts_to_leave_alone(connection: Connection) -> dict[str, str]:
    """Return the hosts that must not be asked now, each with why: somebody crawls it, or it asked for patience."""
    now = database_now(connection)
    found: dict[str, str] = {}
    columns = (Host.name, Host.not_before, Host.lease_owner, Host.lease_until)
    for host in connection.execute(select(*columns)):
        if host.lease_owner is not None and host.lease_until is not None and host.lease_until > now:
            found[host.name] = f"{host.lease_owner} is crawling it"
        elif host.not_before is not None and host.not_before > now:
            found[host.name] = f"it asked for patience until {host.not_before:%Y-%m-%d %H:%M:%S} UTC"
    return found
