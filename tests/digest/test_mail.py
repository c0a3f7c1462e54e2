"""Digests by mail, handed to a real server: what arrives, what it says of whom, and what is made of refusals."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from lxml import html

from digest.compose import preview
from digest.html import render_html
from digest.model import Digest
from digest.targets.mail import MailTarget, mail_server
from digest.targets.target import Carriage, Parcel
from digest.text import render_text
from news.errors import ConfigError, DeliveryError
from storage.subscriptions import DigestFilter
from tests.digest.everything import write_everything
from tests.digest.logs import START, Log
from tests.digest.mail_server import Acts, MailServer

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def digest(sqlite_log: Log) -> Digest:
    write_everything(sqlite_log)
    return replace(
        preview(sqlite_log.engine, filter=DigestFilter(), now=START), number=7, subscription="desk"
    )


@pytest.fixture
def short(sqlite_log: Log) -> Digest:
    return replace(preview(sqlite_log.engine, now=START), number=1, subscription="desk")


def carriage(
    server: MailServer, scheme: str = "smtp+plain", user: str = "", host: str = "127.0.0.1"
) -> Carriage:
    return Carriage(
        mail_server=f"{scheme}://{user}{host}:{server.port}",
        mail_from="News desk <news@tidings.example>",
        timeout_seconds=0.6,
        limit_seconds=2.0,
    )


def sent(digest: Digest, by: Carriage, *, key: str = "tdg_1", unsubscribe: str = "") -> None:
    options = {"to": "Reader <reader@home.example>", "unsubscribe": unsubscribe}
    MailTarget.from_options(options, by).send(Parcel(digest=digest, key=key, at=AT))


def refused(digest: Digest, *acts: Acts) -> DeliveryError:
    with MailServer(*acts) as server, pytest.raises(DeliveryError) as raised:
        sent(digest, carriage(server))
    assert server.letters == []
    return raised.value


def test_a_digest_arrives_as_text_and_as_html_just_as_they_are_rendered(digest: Digest) -> None:
    with MailServer() as server:
        sent(digest, carriage(server))
    [letter] = server.letters
    message = letter.message
    assert (letter.sender, letter.to) == ("news@tidings.example", ("reader@home.example",))
    assert message.get_content_type() == "multipart/alternative"
    plain, page = message.iter_parts()
    assert [part.get_content_type() for part in (plain, page)] == [
        "text/plain",
        "text/html",
    ]  # the best form last
    assert plain.get_content().replace("\r\n", "\n") == render_text(digest)
    assert page.get_content().replace("\r\n", "\n") == render_html(digest)
    parsed = html.fromstring(page.get_content())
    assert parsed.xpath("//article[@dir='rtl' and @lang='ar']//h4") != []
    assert parsed.xpath("//article[@lang='fr']//h4") != []
    assert "افتتاح الملتقى الأول" in plain.get_content()
    assert message.defects == []
    assert all(not part.defects for part in (plain, page))
    assert max(map(len, letter.data.split(b"\r\n"))) <= 998
    assert letter.data.isascii()


def test_its_headers_say_who_what_and_when_and_that_a_machine_wrote_it(digest: Digest) -> None:
    with MailServer() as server:
        sent(digest, carriage(server), key="tdg_abc")
    message = server.letters[0].message
    assert message["From"] == "News desk <news@tidings.example>"
    assert message["To"] == "Reader <reader@home.example>"
    assert message["Subject"].startswith("desk 7: ")
    assert message["Subject"].endswith(" more")
    assert message["Message-ID"] == "<tdg_abc@tidings.example>"
    assert message["Date"].datetime == digest.composed_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"].endswith(".tidings.tidings.example>")
    assert message["List-Unsubscribe"] is None


def test_every_attempt_is_the_same_letter(digest: Digest) -> None:
    with MailServer() as server:
        for _ in range(2):
            sent(digest, carriage(server))
    first, second = server.letters
    assert first.data == second.data


@pytest.mark.parametrize(
    ("address", "one_click"),
    [("https://news.example/leave?who=1&t=%C3%A9", True), ("mailto:leave@news.example?subject=leave", False)],
)
def test_a_reader_can_unsubscribe_with_one_click(short: Digest, address: str, *, one_click: bool) -> None:
    with MailServer() as server:
        sent(short, carriage(server), unsubscribe=address)
    message = server.letters[0].message
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if one_click else None)


@pytest.mark.parametrize(
    "address",
    [
        "http://news.example/leave", "javascript:alert(1)", "mailto:nobody", "mailto:a@b.example\r\nBcc: x@y.example",
        "https://news.example/" + "x" * 1000, "leave@news.example",
    ],
)  # fmt: skip
def test_what_is_no_way_to_unsubscribe_is_refused_when_it_is_said(address: str) -> None:
    with pytest.raises(ConfigError, match="unsubscribe"):
        MailTarget.from_options({"to": "reader@home.example", "unsubscribe": address}, Carriage())


@pytest.mark.parametrize(
    "address",
    [
        "", "reader", "reader@", "@home.example", "a b@home.example", "reader@home.example, other@home.example",
        "reader@home.example\r\nBcc: x@y.example", "lecteur@été.example", "a..b@home.example", "reader@-home.example",
        "x" * 65 + "@home.example", "Reader <>", '"a\\"b"@home.example', "reader@[127.0.0.1]",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_when_it_is_said(address: str) -> None:
    with pytest.raises(ConfigError, match="no mail address"):
        MailTarget.from_options({"to": address}, Carriage())


@pytest.mark.parametrize(
    ("act", "permanent", "words"),
    [
        (Acts(rcpt="550 5.1.1 no such user"), True, "refuses reader@home.example: 550 5.1.1 no such user"),
        (Acts(rcpt="450 4.2.0 greylisted"), False, "450 4.2.0 greylisted"),
        (Acts(data="554 5.7.1 looks like spam"), True, "refuses the mail: 554 5.7.1 looks like spam"),
        (Acts(data="451 4.3.0 try later"), False, "451 4.3.0 try later"),
        (Acts(mail="553 5.7.1 not your address"), False, "553 5.7.1 not your address"),
        (Acts(hangs=True), False, "no answer within 0.6 seconds"),
        (Acts(cuts=True), False, "Connection"),
    ],
    ids=["no such user", "greylisted", "spam", "later", "sender", "hangs", "cuts"],
)
def test_what_a_server_refuses_for_good_is_given_up_and_all_else_tried_again(
    short: Digest, act: Acts, *, permanent: bool, words: str
) -> None:
    error = refused(short, act)
    assert words in str(error)
    assert error.permanent == permanent
    assert not error.gone


def test_a_server_that_hangs_up_after_its_acceptance_has_accepted(short: Digest) -> None:
    with MailServer() as server:
        by = carriage(server)
        sent(short, by)
        sent(short, by)
    assert len(server.letters) == 2


def test_nobody_listening_is_tried_again(short: Digest) -> None:
    with MailServer() as server:
        by = carriage(server)
    with pytest.raises(DeliveryError, match=r"mail server 127\.0\.0\.1:\d+: Connection refused"):
        sent(short, by)


# ------------------------------------------------------------------------------------------- encryption, signing in


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    """Make a server's side of TLS for a name, which is trusted here unless it is said otherwise."""
    authority = trustme.CA()

    def context(name: str, *, trust: bool = True) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(made)
        if trust:
            authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        return made

    return context


@pytest.mark.parametrize(("scheme", "starttls"), [("smtp", True), ("smtps", False)])
def test_a_mail_is_handed_over_under_tls_to_a_server_that_was_signed_in_to(
    short: Digest, trusted: Callable[..., ssl.SSLContext], scheme: str, *, starttls: bool
) -> None:
    with MailServer(tls=trusted("localhost"), starttls=starttls, password="s3 cr/et") as server:
        by = replace(
            carriage(server, scheme, "desk:s3%20cr%2Fet@", "localhost"), timeout_seconds=5, limit_seconds=9
        )
        sent(short, by)
    assert len(server.letters) == 1
    assert server.signed_in == [("desk", "s3 cr/et")]


@pytest.mark.parametrize(("scheme", "starttls"), [("smtp", True), ("smtps", False)])
@pytest.mark.parametrize(("name", "trust"), [("localhost", False), ("other.example", True)])
def test_a_server_whose_certificate_is_not_trusted_gets_nothing(
    short: Digest,
    trusted: Callable[..., ssl.SSLContext],
    scheme: str,
    name: str,
    *,
    starttls: bool,
    trust: bool,
) -> None:
    with MailServer(tls=trusted(name, trust=trust), starttls=starttls) as server:
        by = replace(carriage(server, scheme, host="localhost"), timeout_seconds=5, limit_seconds=9)
        with pytest.raises(DeliveryError, match="certificate is not trusted"):
            sent(short, by)
    assert server.letters == []


def test_without_starttls_nothing_is_sent_in_the_open(short: Digest) -> None:
    with MailServer(password="secret") as server, pytest.raises(DeliveryError, match="STARTTLS"):
        sent(short, carriage(server, "smtp", "desk:secret@"))
    assert (server.letters, server.signed_in) == ([], [])


def test_a_wrong_password_is_told_without_it(short: Digest, trusted: Callable[..., ssl.SSLContext]) -> None:
    with MailServer(tls=trusted("localhost"), starttls=True, password="secret") as server:
        by = replace(
            carriage(server, "smtp", "desk:hunter2@", "localhost"), timeout_seconds=5, limit_seconds=9
        )
        with pytest.raises(DeliveryError, match="refuses the user or the password") as raised:
            sent(short, by)
    assert not raised.value.permanent
    assert "hunter2" not in str(raised.value) + repr(by) + repr(mail_server(by.mail_server))


@pytest.mark.parametrize(
    "url",
    [
        "", "mail.example", "https://mail.example", "smtp://", "smtp://mail.example/path", "smtp://mail.example:x",
        "smtp+plain://desk:hunter2@mail.example", "smtp://mail.example?x=hunter2", "smtp://desk:hunter2@:25",
    ],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="setting mail_server") as raised:
        mail_server(url)
    assert "hunter2" not in str(raised.value)


def test_without_a_server_or_a_sender_it_is_said_what_to_set(short: Digest) -> None:
    with pytest.raises(ConfigError, match="setting mail_server: there is none"):
        sent(short, Carriage())
    with pytest.raises(ConfigError, match="setting mail_from"):
        sent(short, Carriage(mail_server="smtp+plain://localhost"))


def test_a_server_that_drips_is_cut(short: Digest) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    while not ended.wait(0.05):
                        connection.sendall(b"220-wait\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        before = time.monotonic()
        by = Carriage(
            mail_server=f"smtp+plain://127.0.0.1:{listening.getsockname()[1]}",
            mail_from="news@tidings.example",
            timeout_seconds=0.6,
            limit_seconds=1.0,
        )
        with pytest.raises(DeliveryError, match="not done within 1 seconds"):
            sent(short, by)
        assert time.monotonic() - before < 10
        ended.set()
        thread.join(10)
