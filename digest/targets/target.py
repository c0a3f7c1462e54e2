"""What a target is, and what it is given."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from digest.model import Digest
from news.version import own_version

if TYPE_CHECKING:
    from storage.settings import Settings

Resolver = Callable[..., Any]
"""``socket.getaddrinfo``, or what answers as it does."""
OWN_AGENT = f"tidings/{own_version()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One attempt to bring a digest.

    Args:
        digest: as it was stored, with how much of it people are shown.
        key: the idempotency key, the same for all attempts.
        at: when this attempt is made, aware UTC.
        leave: where its reader leaves the subscription with one click; empty if there is no such place.
    """

    digest: Digest
    key: str
    at: datetime
    leave: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Carriage:
    """What all targets of an installation share.

    Args:
        mail_server: the address of the mail server, which may hold a password; empty if there is none.
        mail_from: who the mails are from.
        public_url: where others reach the web server; empty if they do not.
        user_agent: what web servers are told of who asks.
        timeout_seconds: for one answer of a server.
        limit_seconds: for all of one attempt, however slowly a server drips.
        resolve: finds the addresses of a name.
    """

    mail_server: str = field(default="", repr=False)
    mail_from: str = ""
    public_url: str = ""
    user_agent: str = OWN_AGENT
    timeout_seconds: float = 20.0
    limit_seconds: float = 60.0
    resolve: Resolver = socket.getaddrinfo

    @classmethod
    def under(cls, settings: Settings) -> Carriage:
        """Return what the settings of an installation say of it."""
        return cls(
            mail_server=settings.mail_server,
            mail_from=settings.mail_from,
            public_url=settings.public_url.rstrip("/"),
            user_agent=settings.user_agent or OWN_AGENT,
        )

    def leave_url(self, token: str) -> str:
        """Return where a subscription with this secret is left with one click, by https alone (RFC 8058)."""
        secure = self.public_url.startswith("https://") and token
        return f"{self.public_url}/unsubscribe/{token}" if secure else ""

    def page_url(self, digest: Digest) -> str:
        """Return where a stored digest is read on the web; empty where nobody reaches that."""
        if not self.public_url or digest.number is None:
            return ""
        return f"{self.public_url}/digests/{quote(digest.subscription, safe='')}/{digest.number}"


class Target(Protocol):
    """Brings digests to one place."""

    @property
    def place(self) -> str:
        """Where it is, in words for people that hold no secret."""

    def send(self, parcel: Parcel) -> None:
        """Bring a digest; return when the receiver has accepted it.

        Raises:
            DeliveryError: it did not.
        """
