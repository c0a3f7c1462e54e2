"""A guard that keeps a process off the network while a recording is replayed."""

import errno
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from news.errors import NotRecordedError

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOK_UPS = frozenset({
    "socket.getaddrinfo",
    "socket.gethostbyaddr",
    "socket.gethostbyname",
    "socket.getnameinfo",
})  # fmt: skip


class OfflineError(NotRecordedError, PermissionError):
    """Something tried to reach the network during a replay.

    It is an ``OSError`` too, because that is what event loops expect of a socket.
    """


class LookUpError(NotRecordedError, socket.gaierror):
    """Something tried to look up an address during a replay."""


class _Guard:
    """The process's one audit hook: such a hook cannot be removed, so it is switched on and off."""

    def __init__(self) -> None:
        self.installed = False
        self.depth = 0
        self.allowed: tuple[str, ...] = ()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.depth or not event.startswith("socket."):
            return
        if event in _CONNECTS and arguments[0].family != getattr(socket, "AF_UNIX", None):
            what = f"no connection to {arguments[1]!r} is opened while a recording is replayed"
            raise OfflineError(errno.EACCES, what)
        if event in _LOOK_UPS and arguments[0] not in self.allowed:
            what = f"no address is looked up for {arguments[0]!r} while a recording is replayed"
            raise LookUpError(socket.EAI_FAIL, what)


_guard = _Guard()


@contextmanager
def forbid_sockets(*, allowed_hosts: Iterable[str] = ()) -> Iterator[None]:
    """Let nothing written in Python connect, send or look up an address, save on Unix sockets.

    It works at the interpreter's audit events (PEP 578), so it does not matter who imported what before.
    Libraries that connect in C are not seen: PostgreSQL's client goes on working.

    Args:
        allowed_hosts: names that may be looked up all the same, such as the database's.

    Raises:
        OfflineError: inside the block, in whatever connects or sends.
        LookUpError: inside the block, in whatever looks up an address.
    """
    if not _guard.installed:
        sys.addaudithook(_guard)
        _guard.installed = True
    before = _guard.allowed
    _guard.allowed = (*before, *allowed_hosts)
    _guard.depth += 1
    try:
        yield
    finally:
        _guard.depth -= 1
        _guard.allowed = before
