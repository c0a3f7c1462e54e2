"""A digest as a mail: plain text and HTML, under headers that hold nothing but what is meant. Pure.

Old-style messages of ``email`` are used on purpose: their headers are encoded from text as a whole, while newer ones
read what they are given once more, and let ``=?UTF-8?Q?=0A?=`` in a title become a line end and a header of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, getaddresses
from hashlib import sha256

from digest.alert_words import words_of
from digest.html import render_html
from digest.layout import sections
from digest.model import Digest
from digest.text import render_text
from digest.wording import count, headline, line, title_of
from news.errors import ConfigError, UrlError
from news.text import truncate
from news.urls import link_url

MAX_SUBJECT = 200
MAX_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=76)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_MAILTO = re.compile(rf"mailto:({_ADDRESS.pattern})(?:\?[A-Za-z0-9%=&.,:;@+_~/-]*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailbox:
    """An address, and the name of whoever reads there."""

    name: str = ""
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the ``@``."""
        return self.address.rpartition("@")[2]


def mailbox_from(text: str, *, what: str) -> Mailbox:
    """Return the mailbox that somebody wrote: ``Name <a@b.example>`` or ``a@b.example``, in ASCII but for the name.

    Args:
        text: what was written.
        what: what it is, for the error.

    Raises:
        ConfigError: it is none.

    >>> mailbox_from("News desk <desk@example.org>", what="mail_from")
    Mailbox(name='News desk', address='desk@example.org')
    """
    found = getaddresses([text.strip()])
    name, address = found[0] if len(found) == 1 else ("", "")
    if not _is_address(address) or any(ord(each) < 32 for each in text):
        raise ConfigError(
            f"{what} {line(text)!r}: it is no mail address; write desk@example.org, or 'Name <desk@example.org>'"
        )
    return Mailbox(name=line(name), address=address)


def unsubscribing(address: str) -> str:
    """Return where a reader unsubscribes, fit to stand in angle brackets: an ``https`` or a ``mailto`` address.

    Raises:
        ConfigError: it is neither.
    """
    mail = _MAILTO.fullmatch(address.strip())
    try:
        link = address.strip() if mail and _is_address(mail[1]) else link_url(address)
    except UrlError as error:
        raise ConfigError(f"unsubscribe: {error}") from error
    if (
        not link.startswith(("https://", "mailto:")) or len(link) > 900
    ):  # a line of a mail has 998 characters at most
        raise ConfigError("unsubscribe: write an https or a mailto address of 900 characters at most")
    return link


def letter_of(digest: Digest, *, key: str, sender: Mailbox, to: Mailbox, unsubscribe: str = "") -> bytes:
    """Return a digest as a mail, ready to be sent: the same bytes for the same arguments.

    Args:
        digest: what it tells.
        key: becomes the ``Message-ID``, the same at each attempt.
        sender: who it is from.
        to: who it is for.
        unsubscribe: what `unsubscribing` returned; with ``https`` it promises one click (RFC 8058).
    """
    message = MIMEMultipart("alternative", boundary=f"=_{key}", policy=_WIRE)
    message["From"] = _written(sender)
    message["To"] = _written(to)
    message["Subject"] = _header(subject_of(digest), "Subject")
    message["Date"] = format_datetime(digest.composed_at)
    message["Message-ID"] = f"<{key}@{sender.domain}>"
    message["List-Id"] = f"<{_list_name(digest)}.tidings.{sender.domain}>"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of a machine is wanted
    message.attach(_part("plain", render_text(digest)))
    message.attach(_part("html", render_html(digest)))
    return message.as_bytes()


def subject_of(digest: Digest) -> str:
    """Return what a digest is about, in one safe line: the first title, and how many more.

    It stands behind the subscription's name and the digest's number.
    """
    found = sections(digest)
    if not found and not digest.alerts:
        return truncate(headline(digest), MAX_SUBJECT)
    name = truncate(line(digest.subscription), 60) or "tidings"
    number = "" if digest.number is None else f" {digest.number}"
    more = len(digest.items or digest.alerts) - 1
    behind = f", and {count(more, 'more', 'more')}" if more else ""
    first = title_of(found[0].groups[0].items[0].change) if found else words_of(digest.alerts[0]).title
    before = f"{name}{number}: "
    return before + truncate(first, MAX_SUBJECT - len(before) - len(behind)) + behind


def _list_name(digest: Digest) -> str:
    """Return a name for the list of a subscription's mails that fits into a header whatever the subscription's is."""
    return sha256(digest.subscription.encode(errors="backslashreplace")).hexdigest()[:16]


def _header(text: str, name: str) -> str:
    """Return text as a header's value, encoded as a whole unless it is plain (RFC 2047)."""
    safe = line(text)
    plain = safe.isascii() and safe.isprintable() and "=?" not in safe
    return Header(safe, "us-ascii" if plain else "utf-8", header_name=name, maxlinelen=76).encode()


def _written(mailbox: Mailbox) -> str:
    if not mailbox.name:
        return mailbox.address
    name = Header(mailbox.name, "utf-8").encode()
    return f"{name} <{mailbox.address}>"


def _part(kind: str, text: str) -> MIMENonMultipart:
    """Return one form of the text, in whichever encoding is shorter: base64, or quoted-printable for European text."""
    charset = Charset("utf-8")
    charset.body_encoding = QP if sum(not each.isascii() for each in text) * 6 < len(text) else BASE64
    part = MIMENonMultipart("text", kind, charset="utf-8", policy=_WIRE)
    safe = text.encode("utf-8", errors="replace").decode("utf-8")
    # Text has CRLF under base64 (RFC 2045 §6.8); as quoted-printable its lines are the mail's own.
    part.set_payload(safe.replace("\n", "\r\n") if charset.body_encoding == BASE64 else safe, charset)
    return part


def _is_address(address: str) -> bool:
    local = address.rpartition("@")[0]
    return len(address) <= MAX_ADDRESS and len(local) <= 64 and _ADDRESS.fullmatch(address) is not None
