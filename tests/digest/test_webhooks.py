"""Webhooks against a real receiver: what it gets, and what is made of what it answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from digest.compose import preview
from digest.json import digest_json
from digest.model import Digest
from digest.targets.target import Carriage, Parcel
from digest.targets.webhooks import WebhookTarget, key_of, new_secret
from news.errors import ConfigError, DeliveryError
from storage.subscriptions import DigestFilter
from tests.digest.everything import write_everything
from tests.digest.logs import START, Log
from tests.digest.receiver import Came, Does, Receiver
from tests.threats.network import Listener

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
QUICK = Carriage(timeout_seconds=0.4, limit_seconds=1.0)


@pytest.fixture
def digest(sqlite_log: Log) -> Digest:
    write_everything(sqlite_log)
    return preview(sqlite_log.engine, filter=DigestFilter(), now=START)


@pytest.fixture
def empty(sqlite_log: Log) -> Digest:
    return preview(sqlite_log.engine, now=START)


def sent_to(
    url: str,
    digest: Digest,
    carriage: Carriage = QUICK,
    *,
    private: bool = True,
    key: str = "tdg_1",
    at: datetime = AT,
) -> None:
    target = WebhookTarget(url, SECRET, private=private, carriage=carriage)
    target.send(Parcel(digest=digest, key=key, at=at))


def refused(does: Does, digest: Digest, carriage: Carriage = QUICK) -> DeliveryError:
    with Receiver(does) as receiver, pytest.raises(DeliveryError) as raised:
        sent_to(receiver.url(), digest, carriage)
    return raised.value


def verified(came: Came) -> Any:
    """Return the body as a receiver takes it that checks the signature by the specification."""
    signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
    wanted = base64.b64encode(hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()).decode()
    assert f"v1,{wanted}" in came.headers["webhook-signature"].split(" ")
    return json.loads(came.body)


def test_a_receiver_gets_the_digest_signed_as_json(digest: Digest) -> None:
    with Receiver() as receiver:
        sent_to(receiver.url("/hook/a b?x=é"), digest)
    [came] = receiver.came
    body = verified(came)
    assert (came.method, came.path) == ("POST", "/hook/a%20b?x=%C3%A9")
    assert body == {
        "type": "digest.composed",
        "timestamp": "2026-11-20T06:00:00Z",
        "data": digest_json(digest),
    }
    assert came.headers["content-type"] == "application/json"
    assert came.headers["user-agent"].startswith("tidings/")
    assert came.headers["webhook-timestamp"] == str(int(AT.timestamp()))


def test_every_attempt_has_the_same_id_and_body_and_a_timestamp_of_its_own(digest: Digest) -> None:
    with Receiver() as receiver:
        for minute in (30, 31):
            sent_to(receiver.url(), digest, key="tdg_7", at=AT.replace(minute=minute))
    first, second = receiver.came
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "tdg_7"
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    verified(second)


@pytest.mark.parametrize(
    ("status", "permanent", "gone"),
    [
        (300, False, False), (301, False, False), (302, False, False), (308, False, False),
        (400, True, False), (401, False, False), (403, False, False), (404, False, False), (408, False, False),
        (409, False, False), (410, False, True), (413, True, False), (422, True, False), (429, False, False),
        (500, False, False), (502, False, False), (503, False, False), (507, False, False),
    ],
)  # fmt: skip
def test_what_a_status_means(empty: Digest, status: int, *, permanent: bool, gone: bool) -> None:
    error = refused(Does(status=status), empty)
    assert (error.permanent, error.gone) == (permanent, gone)
    assert f"answers {status}" in str(error)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_an_acceptance(empty: Digest, status: int) -> None:
    with Receiver(Does(status=status)) as receiver:
        sent_to(receiver.url(), empty)
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "in a while"}, None),
        ({}, None),
        ({"Retry-After": "-5"}, None),
    ],
)
def test_retry_after_is_heard(empty: Digest, headers: Mapping[str, str], seconds: float | None) -> None:
    assert refused(Does(status=429, headers=headers), empty).retry_after_seconds == seconds


def test_retry_after_is_heard_as_a_date_too(empty: Digest) -> None:
    error = refused(Does(status=503, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}), empty)
    assert error.retry_after_seconds is not None
    assert error.retry_after_seconds > 86_400


def test_a_redirect_is_not_followed(empty: Digest) -> None:
    with Receiver() as elsewhere:
        error = refused(Does(status=307, headers={"Location": elsewhere.url()}), empty)
    assert elsewhere.came == []
    assert "give the webhook its new address" in str(error)


def test_what_a_refusal_says_is_told_in_one_safe_line(empty: Digest) -> None:
    error = refused(Does(status=500, body="\x1b[2Jno\r\nroom \u202eleft ".encode() + b"x" * 99_999), empty)
    said = str(error)
    assert "answers 500: [2Jno room left" in said
    assert said.isprintable()
    assert len(said) < 400


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (Does(hangs=True), "no answer within 0.4 seconds"),
        (Does(drips=True), "no whole answer within 1 seconds"),
        (Does(status=0), "Remote end closed"),
        (Does(status=500, headers={"Content-Length": "99999"}), "answers 500"),
    ],
    ids=["hangs", "drips", "cuts", "breaks off"],
)
def test_a_receiver_that_does_not_answer_in_time_is_tried_again(
    empty: Digest, does: Does, words: str
) -> None:
    before = time.monotonic()
    error = refused(does, empty)
    assert words in str(error)
    assert not error.permanent
    assert time.monotonic() - before < 10


def test_nobody_listening_is_tried_again(empty: Digest) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with pytest.raises(DeliveryError, match="refused") as raised:
        sent_to(f"http://127.0.0.1:{port}/", empty)
    assert not raised.value.permanent


def resolver(*addresses: str) -> Callable[..., Any]:
    def resolve(host: str, port: int, **_: object) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


@pytest.mark.parametrize(
    ("addresses", "private"),
    [
        (("127.0.0.1",), False),
        (("93.184.215.14", "127.0.0.1"), False),
        (("169.254.169.254",), True),
        (("10.0.0.1",), False),
        (("64:ff9b::7f00:1",), False),
    ],
)
def test_threat_18_nothing_is_sent_to_an_address_that_is_blocked(
    empty: Digest, addresses: tuple[str, ...], *, private: bool
) -> None:
    carriage = replace(QUICK, resolve=resolver(*addresses))
    with Listener() as listener:
        with pytest.raises(DeliveryError, match="nothing is sent there"):
            sent_to(f"http://hooks.example:{listener.port}/", empty, carriage, private=private)
        assert listener.connections() == 0


def test_threat_18_a_name_is_looked_up_once_for_what_is_checked_and_what_is_connected(empty: Digest) -> None:
    asked = []

    def rebinding(host: str, port: int, **_: object) -> Any:
        asked.append(host)
        return resolver("2d00::1" if len(asked) == 1 else "127.0.0.1")(host, port)

    carriage = replace(QUICK, resolve=rebinding)
    with Listener() as listener:
        with pytest.raises(DeliveryError):
            sent_to(f"http://hooks.example:{listener.port}/", empty, carriage, private=False)
        assert listener.connections() == 0
    assert asked == ["hooks.example"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/", "https://user:password@hooks.example/", "https://hooks.example\\@evil.example/",
        "", "https://", "hooks.example/x", "https://hooks.example/\r\nX: y",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_when_it_is_said(url: str) -> None:
    with pytest.raises(ConfigError):
        WebhookTarget.from_options({"url": url}, SECRET, QUICK)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://[::1]/", "http://10.1.2.3:99/x", "http://localhost/"]
)
def test_a_private_address_is_refused_when_it_is_said_unless_it_is_meant(url: str) -> None:
    with pytest.raises(ConfigError, match="--allow-private"):
        WebhookTarget.from_options({"url": url}, SECRET, QUICK)
    WebhookTarget.from_options({"url": url, "allow_private": True}, SECRET, QUICK)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_YWJj", "whsec_!!!!", "hunter2", "whsec_" + "A" * 200]
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ConfigError) as raised:
        key_of(secret)
    assert not secret.removeprefix("whsec_") or secret not in str(raised.value)


def test_a_new_secret_is_one_and_never_the_same() -> None:
    made = {new_secret() for _ in range(3)}
    assert len(made) == 3
    assert {len(key_of(secret)) for secret in made} == {32}


def test_nothing_that_is_shown_holds_the_path_or_the_secret(empty: Digest) -> None:
    with Receiver(Does(status=500)) as receiver:
        target = WebhookTarget(receiver.url("/T00/token?key=hidden"), SECRET, private=True, carriage=QUICK)
        with pytest.raises(DeliveryError) as raised:
            target.send(Parcel(digest=empty, key="k", at=AT))
    for shown in (target.place, str(raised.value)):
        assert shown.startswith(f"http://127.0.0.1:{receiver.port}/…")
        assert "token" not in shown
        assert "hidden" not in shown


def test_tls_is_verified(empty: Digest, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    import ssl

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example").configure_cert(context)
    carriage = replace(QUICK, resolve=resolver("127.0.0.1"), timeout_seconds=5.0, limit_seconds=9.0)
    with Receiver(tls=context) as receiver:
        with pytest.raises(DeliveryError, match="certificate is not trusted"):
            sent_to(receiver.url(host="hooks.example"), empty, carriage)
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        sent_to(receiver.url(host="hooks.example"), empty, carriage)
        with pytest.raises(DeliveryError, match="certificate is not trusted"):
            sent_to(receiver.url(host="other.example"), empty, carriage)
    assert len(receiver.came) == 1


def test_a_digest_that_is_too_large_is_given_up(empty: Digest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.targets.webhooks.MAX_BYTES", 10)
    with pytest.raises(DeliveryError, match="more than a webhook is sent") as raised:
        sent_to("http://127.0.0.1:9/", empty)
    assert raised.value.permanent
