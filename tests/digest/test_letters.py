"""Headers of mails from hostile text (threat 10): what comes back is what was meant, and nothing besides."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.model import Digest, DigestItem, Place
from digest.targets.letters import Mailbox, letter_of, subject_of
from digest.wording import line
from news.change import Change, ChangeKind

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SENDER = Mailbox(name="News desk", address="news@tidings.example")
READER = Mailbox(address="reader@home.example")
HEADERS = {
    "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted",
}  # fmt: skip
HOSTILE = (
    "A =?UTF-8?Q?=0A?=Bcc: i@e.example \U0001f4a9",
    "A\r\nBcc: i@e.example",
    "A\n",
    "\u2028Bcc: x\u2029",
    "=?utf-8?b?QmNjOiB4?=",
    "\u202etxt.exe\u202c",
    "افتتاح الملتقى الأول " * 20,
    "À la bibliothèque, l’été dure : « on lit »",
    "\x00\x1b[2J\x85",
    "\ud800 half",
    "x" * 5_000,
    "a " * 500,
    "=" * 100,
    "💩" * 200,
    "",
    "   ",
)


def a_digest(title: str, *, name: str = "desk", items: int = 1) -> Digest:
    change = Change(
        seq=1,
        kind=ChangeKind.PUBLISHED,
        article_id=1,
        source="a",
        at=AT,
        url="https://news.example/x",
        title=title,
        revision=0,
    )
    item = DigestItem(
        id="tag:x", article="tag:y", change=change, place=Place(source="a", title=title), direction="ltr"
    )
    return Digest(
        number=3,
        subscription=name,
        after_seq=0,
        upto_seq=1,
        upto_run_id=1,
        composed_at=AT,
        items=(item,) * items,
    )


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def check(data: bytes, subject: str) -> None:
    message = parsed(data)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert str(message["Subject"]) == subject
    assert message.defects == []
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(each) <= 998 for each in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert len(list(message.iter_parts())) == 2


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_threat_10_hostile_text_stays_text_in_every_header(title: str) -> None:
    for digest in (a_digest(title), a_digest("T", name=title), a_digest(title, name=title, items=3)):
        check(letter_of(digest, key="tdg_1", sender=SENDER, to=READER), subject_of(digest))


@given(title=st.text(max_size=400), name=st.text(min_size=1, max_size=255), items=st.integers(1, 3))
@example(title="=?UTF-8?Q?=0A?=Bcc: x", name="=?", items=1)
def test_threat_10_any_text_stays_text_in_every_header(title: str, name: str, items: int) -> None:
    digest = a_digest(title, name=name, items=items)
    check(letter_of(digest, key="tdg_1", sender=SENDER, to=READER), subject_of(digest))


@given(name=st.text(max_size=100))
@example(name='a" <b@c.example>, ')
@example(name="=?UTF-8?Q?=0A?=Bcc: x")
def test_threat_10_a_name_never_becomes_an_address(name: str) -> None:
    sender = replace(SENDER, name=line(name))
    message = parsed(letter_of(a_digest("T"), key="tdg_1", sender=sender, to=READER))
    [found] = message["From"].addresses
    assert found.addr_spec == SENDER.address
    assert set(message.keys()) == HEADERS


@given(title=st.text(max_size=400), name=st.text(min_size=1, max_size=255))
def test_a_subject_is_one_safe_line_of_bounded_length(title: str, name: str) -> None:
    subject = subject_of(a_digest(title, name=name, items=2))
    assert subject == line(subject)
    assert len(subject) <= 200


@pytest.mark.parametrize(
    ("digest", "subject"),
    [
        (a_digest("Forum opens"), "desk 3: Forum opens"),
        (a_digest("Forum opens", items=3), "desk 3: Forum opens, and 2 more"),
        (replace(a_digest("x"), items=()), "desk: digest 3"),
        (replace(a_digest("Forum opens"), number=None, subscription=""), "tidings: Forum opens"),
    ],
)
def test_a_subject_says_what_it_is_about(digest: Digest, subject: str) -> None:
    assert subject_of(digest) == subject
