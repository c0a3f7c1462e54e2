"""Failures to get an answer: which kind one is, and how a replay raises it again."""

from collections.abc import Iterator

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from crawler.failures import RefusedAddress

_TLS_MODULES = ("OpenSSL", "service_identity", "ssl", "twisted.internet._sslverify")

_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (RefusedAddress, "blocked"),
    (DownloadCancelledError, "too_large"),
    (ResponseDataLossError, "cut"),
    (IgnoreRequest, "too_large"),
)

_CONNECTION_ERRORS = ("ConnectionLost", "ConnectionDone", "ConnectionAborted", "ConnectionResetError")


class RecordedFailureError(DownloadFailedError):
    """A failure that Scrapy tells apart from others only by its cause, replayed; ``kind`` names it."""

    def __init__(self, kind: str, url: str) -> None:
        super().__init__(f"Getting {url} failed when it was recorded: {kind}")
        self.kind = kind


def error_kind(error: BaseException) -> str:
    """What kind of failure a download handler raised: one of ``model.ERROR_KINDS``.

    It gives the same answer for the live failure and for its replay.
    """
    if isinstance(error, RecordedFailureError):
        return error.kind
    for kind_of_error, kind in _KINDS:
        if isinstance(error, kind_of_error):
            return kind
    causes = list(_causes(error))
    if any(type(cause).__module__.startswith(_TLS_MODULES) for cause in causes):
        return "tls"
    if any(type(cause).__name__ in _CONNECTION_ERRORS for cause in causes):
        return "reset"
    return "failed"


def recorded_error(kind: str, url: str) -> Exception:
    """The exception that the live handler would raise for a failure of this kind.

    Args:
        kind: one of ``model.ERROR_KINDS``.
        url: for the message.
    """
    message = f"Getting {url} failed when it was recorded: {kind}"
    if kind == "too_large":
        return DownloadCancelledError(message)
    for kind_of_error, name in _KINDS:
        if name == kind:
            return kind_of_error(message)
    return RecordedFailureError(kind, url)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error with everything under it, also what Twisted wraps into failures."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        waiting += [getattr(reason, "value", None) for reason in getattr(cause, "reasons", None) or ()]
