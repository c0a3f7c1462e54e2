"""One HTTP request to a place that somebody named: its address is checked, it ends in time, and follows nothing."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from digest.targets.connecting import ALLOW, Deadline, connect_checked, with_tls
from digest.targets.target import Carriage
from digest.wording import line
from news.errors import DeliveryError
from news.retry_after import asked_wait
from news.text import truncate
from news.urls import Endpoint, endpoint_of

MAX_ANSWER_BYTES = 4_096
"""Of an answer that is read: for its words, when it refuses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What came back.

    Args:
        status: of HTTP.
        wait_seconds: how long it wants to be left alone, None if it says nothing of that.
        said: the beginning of a refusal's words, safe to show.
    """

    status: int
    wait_seconds: float | None = None
    said: str = ""


def ask(
    method: str,
    url: str,
    carriage: Carriage,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    place: str,
    private: bool,
    allow: str = ALLOW,
) -> Answered:
    """Send one request and return what was answered.

    Args:
        method: ``POST``, for example.
        url: an http or https address, fit to be fetched.
        carriage: the resolver, and how long it may take.
        headers: beside ``Host`` and ``Content-Length``.
        body: what is sent, None for nothing.
        place: what the address is called in errors, since it may hold a secret.
        private: whether it may stand in a private network.
        allow: how that is allowed, for the error of one that may not.

    Raises:
        DeliveryError: there was no answer, not in time, or the address may not be asked.
    """
    deadline = Deadline(carriage.limit_seconds)
    connection = _CheckedConnection(endpoint_of(url), carriage, deadline, private=private, allow=allow)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with deadline:
            connection.request(method, path, body, dict(headers))
            with connection.getresponse() as answer:
                said = "" if answer.status < 300 else _words_of(answer)
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryError(f"{place}: {_trouble(error, deadline, carriage)}") from error
    finally:
        connection.close()
    if deadline.passed:  # what was cut in the middle of its head still looks like an answer
        raise DeliveryError(f"{place}: {_trouble(TimeoutError(), deadline, carriage)}")
    wait = asked_wait(answer.getheader("Retry-After", ""), datetime.now(UTC))
    return Answered(
        status=answer.status, wait_seconds=None if wait is None else wait.total_seconds(), said=said
    )


def origin(endpoint: Endpoint) -> str:
    """Return where an address leads, without its path, which may be a secret of its own."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    usual = endpoint.port == (443 if endpoint.scheme == "https" else 80)
    return f"{endpoint.scheme}://{host}" + ("" if usual else f":{endpoint.port}")


class _CheckedConnection(http.client.HTTPConnection):
    """HTTP/1.1 over a connection whose address was checked, with TLS for https; it follows nothing."""

    def __init__(
        self, endpoint: Endpoint, carriage: Carriage, deadline: Deadline, *, private: bool, allow: str
    ) -> None:
        bracketed = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        super().__init__(bracketed, endpoint.port, timeout=carriage.timeout_seconds)
        self._endpoint = endpoint
        self._carriage = carriage
        self._deadline = deadline
        self._private = private
        self._allow = allow
        if endpoint.scheme == "https":
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        host = self._endpoint.host
        plain = connect_checked(
            host, self._endpoint.port, self._carriage, private=self._private, allow=self._allow
        )
        self._deadline.watch(plain)
        secured = self._endpoint.scheme == "https"
        self.sock = with_tls(plain, host, self._deadline) if secured else plain


def _trouble(error: Exception, deadline: Deadline, carriage: Carriage) -> str:
    if deadline.passed:
        return f"no whole answer within {carriage.limit_seconds:g} seconds"
    if isinstance(error, TimeoutError):
        return f"no answer within {carriage.timeout_seconds:g} seconds"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return line(said) or type(error).__name__


def _words_of(answer: http.client.HTTPResponse) -> str:
    """Return the beginning of what a refusal says, safe to show; its status counts without it."""
    try:
        said = answer.read(MAX_ANSWER_BYTES)
    except (OSError, http.client.HTTPException):
        return ""
    return truncate(line(said.decode("utf-8", errors="replace")), 200)
