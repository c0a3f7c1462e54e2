"""A real mail server that keeps what it accepts, and does to mails what servers do."""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail that was accepted: the envelope, the bytes as they came, and what they parse to."""

    sender: str
    to: tuple[str, ...]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.data, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass(frozen=True, kw_only=True)
class Acts:
    """What the server does with one mail.

    Args:
        mail: the answer to MAIL FROM, ``rcpt`` to RCPT TO, ``data`` to the mail itself; empty for an acceptance.
        hangs: the mail is read, and never answered.
        cuts: the mail is read, and the connection ends.
        accepted: called when the mail is kept, before that is said.
    """

    mail: str = ""
    rcpt: str = ""
    data: str = ""
    hangs: bool = False
    cuts: bool = False
    accepted: Callable[[], object] = lambda: None


class MailServer:
    """Listens on this machine in a thread of its own.

    Args:
        acts: what it does with the first mails; all later ones are accepted.
        tls: with it the server speaks TLS: from the start, or after STARTTLS if ``starttls`` says so.
        decide: says what it does with a mail that has come, by its Message-ID.
        password: with it the user ``desk`` must sign in.
    """

    def __init__(
        self,
        *acts: Acts,
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
        password: str = "",
        decide: Callable[[str], Acts] | None = None,
    ) -> None:
        self._decide = decide
        self.letters: list[Letter] = []
        self.signed_in: list[tuple[str, str]] = []
        self.port = 0
        self._acts = deque(acts)
        self._act = Acts()
        self._tls, self._starttls, self._password = tls, starttls, password
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.run(self._listen())

    async def _listen(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        under = None if self._starttls else self._tls
        server = await self._loop.create_server(self._session, "127.0.0.1", 0, ssl=under)
        self.port = int(server.sockets[0].getsockname()[1])
        self._started.set()
        await self._ended.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    def _session(self) -> SMTP:
        wanted: dict[str, Any] = {}
        if self._starttls:
            wanted |= {"tls_context": self._tls, "require_starttls": True}
        if self._password:
            wanted |= {"authenticator": self._signs_in, "auth_require_tls": self._starttls}
        return SMTP(self, loop=self._loop, hostname="mail.example", enable_SMTPUTF8=False, **wanted)

    def _signs_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.signed_in.append((data.login.decode(), data.password.decode()))
        fits = self.signed_in[-1] == ("desk", self._password)
        return AuthResult(success=fits, handled=False)

    # aiosmtpd calls these by name.

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        self._act = self._acts.popleft() if self._acts else Acts()
        envelope.mail_from = address
        return self._act.mail or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if not self._act.rcpt:
            envelope.rcpt_tos.append(address)
        return self._act.rcpt or "250 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        act = self._act
        assert isinstance(envelope.content, bytes)
        if self._decide is not None:
            act = self._decide(email.message_from_bytes(envelope.content)["Message-ID"])
        if act.data:
            return act.data
        if act.cuts:
            server.transport.abort()
            return "421 gone"
        if act.hangs:
            await self._ended.wait()
        self.letters.append(
            Letter(sender=str(envelope.mail_from), to=tuple(envelope.rcpt_tos), data=envelope.content)
        )
        act.accepted()
        return "250 OK, it is kept"
