"""Digests by mail, through one server (RFC 5321), encrypted unless it is said otherwise."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from digest.targets.connecting import Deadline, with_tls
from digest.targets.letters import Mailbox, letter_of, mailbox_from, unsubscribing
from digest.targets.target import Carriage, Parcel
from digest.wording import line
from news.errors import ConfigError, DeliveryError
from news.text import truncate

SCHEMES = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
"""With TLS from the start, with STARTTLS or not at all, and without encryption; each with its usual port."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where mails are handed over."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


class MailTarget:
    """Sends each digest to one mailbox.

    Args:
        to: whose it is.
        unsubscribe: where its reader unsubscribes, an ``https`` or ``mailto`` address; empty for where the parcel says.
        carriage: what all targets share: the server, and who the mails are from.
    """

    def __init__(self, to: Mailbox, *, unsubscribe: str = "", carriage: Carriage) -> None:
        self._to = to
        self._unsubscribe = unsubscribe
        self._carriage = carriage

    @classmethod
    def from_options(cls, options: Mapping[str, Any], carriage: Carriage) -> MailTarget:
        """Return the target that stored options describe.

        Raises:
            ConfigError: an address is none.
        """
        leave = str(options.get("unsubscribe", ""))
        return cls(
            mailbox_from(str(options.get("to", "")), what="mail"),
            unsubscribe=unsubscribing(leave) if leave else "",
            carriage=carriage,
        )

    @property
    def place(self) -> str:
        return self._to.address

    def send(self, parcel: Parcel) -> None:
        """Hand a digest over to the mail server.

        Raises:
            ConfigError: no server is set, or nobody whom the mails are from.
            DeliveryError: the server did not take it.
        """
        server = mail_server(self._carriage.mail_server)
        sender = mailbox_from(self._carriage.mail_from, what="setting mail_from")
        leave = self._unsubscribe or parcel.leave
        letter = letter_of(parcel.digest, key=parcel.key, sender=sender, to=self._to, unsubscribe=leave)
        deadline = Deadline(self._carriage.limit_seconds)
        try:
            with deadline:
                _hand_over(letter, server, sender.address, self._to.address, self._carriage, deadline)
        except (OSError, smtplib.SMTPException) as error:
            raise self._refusal(error, server, deadline) from error

    def _refusal(self, error: Exception, server: MailServer, deadline: Deadline) -> DeliveryError:
        where = f"mail server {server.host}:{server.port}"
        if deadline.passed:
            return DeliveryError(f"{where}: not done within {self._carriage.limit_seconds:g} seconds")
        match error:
            case smtplib.SMTPRecipientsRefused():
                code, said = next(iter(error.recipients.values()))
                told = f"{where} refuses {self._to.address}: {code} {_words(said)}"
                return DeliveryError(told, permanent=500 <= code < 600)
            case smtplib.SMTPDataError():
                told = f"{where} refuses the mail: {error.smtp_code} {_words(error.smtp_error)}"
                return DeliveryError(told, permanent=500 <= error.smtp_code < 600)
            case smtplib.SMTPAuthenticationError():
                told = f"{where} refuses the user or the password of mail_server: {error.smtp_code}"
            case smtplib.SMTPResponseException():  # of the connection or the sender: it says nothing of this mail
                told = f"{where}: {error.smtp_code} {_words(error.smtp_error)}"
            case ssl.SSLCertVerificationError():
                told = f"{where}: its certificate is not trusted ({error.verify_message})"
            case TimeoutError() | smtplib.SMTPServerDisconnected(__context__=TimeoutError()):
                told = f"{where}: no answer within {self._carriage.timeout_seconds:g} seconds"
            case OSError() if error.strerror:
                told = f"{where}: {line(error.strerror)}"
            case _:
                told = f"{where}: {line(str(error)) or type(error).__name__}"
        return DeliveryError(told)


def mail_server(url: str) -> MailServer:
    """Return the server that the setting names, such as ``smtp://user:password@mail.example.org``.

    ``smtp`` insists on STARTTLS, ``smtps`` speaks TLS from the start, ``smtp+plain`` encrypts nothing, and so takes no
    password.

    Raises:
        ConfigError: it names none. The address is not repeated, since it may hold a password.
    """
    advice = "write smtp://USER:PASSWORD@HOST (STARTTLS), smtps://… (TLS) or smtp+plain://HOST"
    if not url:
        raise ConfigError(f"setting mail_server: there is none, so no mail can be sent; {advice}")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"setting mail_server: it cannot be read; {advice}") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme not in SCHEMES or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError(f"setting mail_server: it cannot be read; {advice}")
    if parts.scheme == "smtp+plain" and (user or password):
        raise ConfigError(
            "setting mail_server: smtp+plain would send the password in the open; write smtp or smtps"
        )
    return MailServer(
        scheme=parts.scheme, host=host, port=port or SCHEMES[parts.scheme], user=user, password=password
    )


def _hand_over(
    letter: bytes, server: MailServer, sender: str, to: str, carriage: Carriage, deadline: Deadline
) -> None:
    smtp = _WatchedSmtp(server, carriage, deadline, hello=sender.rpartition("@")[2])
    try:
        smtp.connect(server.host, server.port)
        if server.scheme == "smtp":
            smtp.starttls(context=cast(ssl.SSLContext, _WatchedTls(deadline)))
        if server.user:
            smtp.login(server.user, server.password)
        smtp.sendmail(sender, [to], letter)
        with suppress(OSError, smtplib.SMTPException):  # it is accepted, whatever becomes of the goodbye
            smtp.quit()
    finally:
        smtp.close()


class _WatchedSmtp(smtplib.SMTP):
    """A connection that ends at the deadline, under TLS from the start where the server wants that."""

    def __init__(self, server: MailServer, carriage: Carriage, deadline: Deadline, *, hello: str) -> None:
        super().__init__(timeout=carriage.timeout_seconds, local_hostname=hello)
        self._host = server.host  # what the certificate of STARTTLS is compared with
        self._server = server
        self._deadline = deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._deadline.watch(connection)
        if self._server.scheme == "smtps":
            return with_tls(connection, host, self._deadline)
        return connection


class _WatchedTls:
    """What ``smtplib`` uses of an ``ssl.SSLContext``, with the deadline over the handshake too."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def wrap_socket(self, connection: socket.socket, *, server_hostname: str) -> ssl.SSLSocket:
        return with_tls(connection, server_hostname, self._deadline)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", errors="replace") if isinstance(said, bytes) else said
    return truncate(line(text), 200)
