"""What a command's exit status says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from news.run import Verdict

DONE = 0
FAILED = 1
USAGE = 2
NEWS = 10
SUSPECT = 20
UNREAD = 30
AILING = 40
INTERRUPTED = 130  # 128 + SIGINT, as shells say it
OUTPUT_CLOSED = 141  # 128 + SIGPIPE: whoever read our output had enough of it


def news_code(verdicts: Iterable[Verdict | str], *, news: bool, ailing: bool = False) -> int:
    """Return the status that ``--exit-code`` asks for: the worst of these.

    Something is complained of that says nothing of a source's verdict; a source failed; one is suspect; there is news.

    >>> news_code(["ok", "suspect"], news=True), news_code(["ok"], news=True), news_code([], news=False)
    (20, 10, 0)
    """
    if ailing:
        return AILING
    found = {str(verdict) for verdict in verdicts}
    if "failed" in found:
        return UNREAD
    if "suspect" in found:
        return SUSPECT
    return NEWS if news else DONE
