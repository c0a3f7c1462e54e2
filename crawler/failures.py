"""Why a request brought no answer, in the words of a run's problems."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from news.errors import NotRecordedError
from news.run import Trouble


class RobotsDenied(IgnoreRequest):
    """robots.txt forbids the request, or could not be had."""


class HostClosed(IgnoreRequest):
    """The host wants to be left alone: now, or since an answer in this run."""


class CrawlStopped(IgnoreRequest):
    """The crawl is ending while a request waits its turn: nothing is wrong with the source."""


class RefusedAddress(IgnoreRequest):
    """An address that we will not ask for: no web address, or one that leads into a private network.

    ``host`` is the one that was refused (`news.addresses.endpoint_key`), where it was refused for its address.
    """

    def __init__(self, message: str, *, host: str = "") -> None:
        super().__init__(message)
        self.host = host


class PackedTooMuch(IgnoreRequest):
    """An answer that unpacks to more than we read, or that is packed over and over."""


_TROUBLES: tuple[tuple[type[BaseException], Trouble, str], ...] = (
    (NotRecordedError, Trouble.NOT_RECORDED, ""),
    (RobotsDenied, Trouble.ROBOTS, ""),
    (HostClosed, Trouble.RETRY_LATER, ""),
    (RefusedAddress, Trouble.REFUSED, ""),
    (PackedTooMuch, Trouble.NOT_A_PAGE, ""),
    (CannotResolveHostError, Trouble.NETWORK, "the host name cannot be resolved (DNS)"),
    (DownloadConnectionRefusedError, Trouble.NETWORK, "the connection was refused"),
    (DownloadTimeoutError, Trouble.NETWORK, "time-out: no whole answer within the limit (timeout_seconds)"),
    (ResponseDataLossError, Trouble.NETWORK, "the answer was cut off, or is not packed as it says"),
    (DownloadCancelledError, Trouble.NOT_A_PAGE, "the answer is larger than we read"),
    (UnsupportedURLSchemeError, Trouble.REFUSED, "an address that we will not ask for"),
)


def explain(error: BaseException) -> tuple[Trouble, str]:
    """Return what kind of trouble ``error`` is, and one line that says it.

    >>> explain(DownloadTimeoutError("Getting https://a.example/ took longer than 30 seconds."))
    (<Trouble.NETWORK: 'network'>, 'time-out: no whole answer within the limit (timeout_seconds)')
    """
    for kind, trouble, text in _TROUBLES:
        if isinstance(error, kind):
            return trouble, text or str(error)
    if isinstance(error, IgnoreRequest):
        return _explain_ignored(str(error))
    if _is_tls(error):
        return Trouble.NETWORK, "TLS failure: the certificate or the handshake was refused"
    if isinstance(error, (DownloadFailedError, OSError)):
        return Trouble.NETWORK, f"no answer: {_first_line(error)}"
    return Trouble.CALLBACK, f"{type(error).__name__}: {_first_line(error)}"


def _explain_ignored(text: str) -> tuple[Trouble, str]:
    if "max redirections" in text:
        return Trouble.STATUS, "redirect loop: too many redirects"
    return Trouble.CALLBACK, f"the request was dropped: {text}"


def _is_tls(error: BaseException) -> bool:
    """Say whether a TLS failure stands behind ``error``; handlers wrap it in several layers."""
    seen: list[BaseException | None] = [error]
    while seen:
        current = seen.pop()
        if current is None:
            continue
        module = type(current).__module__
        if module.startswith(("OpenSSL", "ssl", "service_identity", "cryptography")):
            return True
        seen += [
            current.__cause__,
            *(getattr(reason, "value", None) for reason in getattr(current, "reasons", ())),
        ]
    return "certificate verify failed" in str(error) or "SSL" in str(error)


def _first_line(error: BaseException) -> str:
    """Return what an error says; of one that only holds others (Twisted's ``ResponseFailed``), what these say."""
    held = next((each for each in (error, error.__cause__) if getattr(each, "reasons", ())), None)
    reasons = [reason.value for reason in getattr(held, "reasons", ()) if hasattr(reason, "value")]
    if reasons:
        return "; ".join(dict.fromkeys(map(_first_line, reasons[:3])))
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
