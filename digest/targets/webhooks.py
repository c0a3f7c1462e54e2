"""Webhooks in the Standard Webhooks form (version 1.0.0): an id, a timestamp and a signature; no redirects.

The body is JSON: ``type`` is ``digest.composed`` or, for alerts, ``alerts.composed``; ``timestamp`` is when it was
composed, ``data`` the digest as ``tidings digest --json`` prints it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from digest.json import digest_json
from digest.model import Digest
from digest.targets.asking import Answered, ask, origin
from digest.targets.target import Carriage, Parcel
from digest.wording import machine_time
from news.addresses import why_blocked
from news.errors import ConfigError, DeliveryError, UrlError
from news.urls import endpoint_of, fetchable_url

PREFIX = "whsec_"
SECRET_BYTES = 32
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
MAX_BYTES = 8 * 1024**2
"""Of what is sent."""
REFUSED = frozenset((400, 405, 406, 411, 413, 414, 415, 422, 431))
"""Statuses that speak of this very message. All others but 2xx and 410 may change, and are tried again."""


class WebhookTarget:
    """Posts each digest to one address.

    Args:
        url: an http or https address.
        secret: the key of the signatures, as ``whsec_`` and Base64.
        private: whether it may stand in a private network.
        carriage: what all targets share.
    """

    def __init__(self, url: str, secret: str, *, private: bool, carriage: Carriage) -> None:
        self._url = fetchable_url(url)
        self._endpoint = endpoint_of(url)
        self._key = key_of(secret)
        self._private = private
        self._carriage = carriage

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secret: str, carriage: Carriage) -> WebhookTarget:
        """Return the target that stored options describe.

        Raises:
            ConfigError: the address or the secret is none.
        """
        private = bool(options.get("allow_private", False))
        try:
            target = cls(str(options.get("url", "")), secret, private=private, carriage=carriage)
        except UrlError as error:
            raise ConfigError(f"webhook: {error}") from error
        reason = None if private else _plainly_private(target.host)
        if reason:
            raise ConfigError(f"webhook: {target.host} is {reason}; if that is meant, say --allow-private")
        return target

    @property
    def host(self) -> str:
        """Return the name or the address that is asked."""
        return self._endpoint.host

    @property
    def place(self) -> str:
        """Say where it is; the path may be a secret of its own."""
        return origin(self._endpoint) + "/…"

    def send(self, parcel: Parcel) -> None:
        body = body_of(parcel.digest)
        if len(body) > MAX_BYTES:
            raise DeliveryError(
                f"the digest has {len(body):,} bytes, more than a webhook is sent ({MAX_BYTES:,})",
                permanent=True,
            )
        headers = {
            "Content-Type": "application/json",
            "User-Agent": self._carriage.user_agent,
            **signed(body, key=self._key, id=parcel.key, at=parcel.at),
        }
        answered = self._post(body, headers)
        if not 200 <= answered.status < 300:
            raise _refusal(answered, self.place)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        return ask(
            "POST",
            self._url,
            self._carriage,
            body=body,
            headers=headers,
            place=self.place,
            private=self._private,
        )


def _plainly_private(host: str) -> str | None:
    """Return why a host may not be asked, as far as that can be said before its name is looked up."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 §6.3
        host = "127.0.0.1"
    try:
        ip_address(host)
    except ValueError:
        return None
    return why_blocked(host)


def body_of(digest: Digest) -> bytes:
    """Return the body that tells of a digest: the same bytes at each attempt."""
    told = {
        "type": "alerts.composed" if digest.alerts else "digest.composed",
        "timestamp": machine_time(digest.composed_at),
        "data": digest_json(digest),
    }
    return json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def signed(body: bytes, *, key: bytes, id: str, at: datetime) -> dict[str, str]:  # noqa: A002
    """Return the headers by which a receiver knows a message and who sent it.

    >>> key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> at = datetime.fromtimestamp(1614265330, UTC)
    >>> signed(b'{"test": 2432232314}', key=key, id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at)[
    ...     "webhook-signature"
    ... ]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    stamp = str(int(at.timestamp()))
    content = b".".join((id.encode("ascii"), stamp.encode("ascii"), body))
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode("ascii")
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


def new_secret() -> str:
    """Return a new key of signatures, random."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the bytes that a secret stands for.

    Raises:
        ConfigError: it is not ``whsec_`` and the Base64 of 24 to 64 bytes; it is not repeated.
    """
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise ConfigError(
            f"the webhook's secret: it must be {PREFIX} and the Base64 of {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} "
            "bytes"
        )
    return key


def _refusal(answered: Answered, place: str) -> DeliveryError:
    status = answered.status
    told = f"{place} answers {status}{f': {answered.said}' if answered.said else ''}"
    if status == 410:
        return DeliveryError(f"{told}; it wants nothing more", gone=True)
    if 300 <= status < 400:
        return DeliveryError(f"{told}; redirects are not followed: give the webhook its new address")
    return DeliveryError(told, permanent=status in REFUSED, retry_after_seconds=answered.wait_seconds)
