"""Where digests are brought: a webhook's receiver and a mail server, which may be in no state to take anything."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Self

from tests.digest.mail_server import Acts, MailServer
from tests.digest.receiver import Came, Does, Receiver

HOOK = {"down": Does(status=503), "loses": Does(status=0), "hangs": Does(hangs=True)}
MAIL = {"down": Acts(data="451 later"), "loses": Acts(cuts=True), "hangs": Acts(hangs=True)}
MODES = tuple(HOOK)
"""Refuses for now; takes it and cuts the line before it says so; takes nothing and says nothing."""


class Targets:
    """Both, with count of what they accepted under which idempotency key.

    ``hook_ails`` and ``mail_ails`` are empty or one of `MODES`. ``received`` is told of each post before it is
    answered, and may see to it that nobody is there any more to hear the answer.
    """

    def __init__(self) -> None:
        self.hook_ails = self.mail_ails = ""
        self.received: Callable[[Came], None] = lambda _came: None
        self.accepted: Counter[str] = Counter()
        self.attempts = 0
        self.violations: list[str] = []
        self._bodies: dict[str, bytes] = {}
        self._heard: set[str] = set()
        self._overtaken: set[str] = set()
        self._lock = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.hook = self._stack.enter_context(Receiver(decide=self._takes))
        self.mail = self._stack.enter_context(MailServer(decide=self._takes_mail))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def repeats(self) -> int:
        """How many acceptances were not the first under their key."""
        return sum(self.accepted.values()) - len(self.accepted)

    def heard(self, sent: Iterable[str], *, claimed: Iterable[str]) -> None:
        """Take note of what stands in the database as sent: nobody may bring it any more.

        What is ``claimed`` when time leaps is another matter: its sender may come back after its claim has ended.
        """
        with self._lock:
            self._overtaken.update(claimed)
            self._heard.update(set(sent) - self._overtaken)

    def check_letters(self) -> None:
        """Compare all letters under the same key, byte by byte."""
        for letter in self.mail.letters:
            self._same(_key_of(letter.message["Message-ID"]), letter.data)

    def _takes(self, came: Came) -> Does:
        key = came.headers["webhook-id"]
        self._same(key, came.body)
        does = HOOK.get(self.hook_ails, Does(before=self.received))
        self._count(key, accepted=does.status in (204, 0) and not does.hangs)
        self.hook.came.clear()
        return does

    def _takes_mail(self, message_id: str) -> Acts:
        self._count(_key_of(message_id), accepted=self.mail_ails in ("", "loses"))
        return MAIL.get(self.mail_ails, Acts())

    def _count(self, key: str, *, accepted: bool) -> None:
        with self._lock:
            self.attempts += 1
            if key in self._heard:
                self.violations.append(f"{key} was brought again after it had been marked as sent")
            if accepted:
                self.accepted[key] += 1

    def _same(self, key: str, body: bytes) -> None:
        if self._bodies.setdefault(key, body) != body:
            self.violations.append(f"{key} was brought twice with different bytes")


def _key_of(message_id: str) -> str:
    return message_id.strip("<>").partition("@")[0]
