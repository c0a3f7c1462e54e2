"""How long what is kept stays, and how far the log may be cut off: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

PAGE = 100
"""The log is cut off at whole pages of its feeds' archives, and its newest page always stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """What is kept; 0 keeps all. Identities are always kept: nothing that was pruned is ever new again.

    Args:
        revisions: so many of an article's newest revisions keep their texts.
        revision_days: so long an article's earlier revisions keep their texts.
        article_days: so long after it was last listed an article keeps its text.
        change_days: so long changes stay in the log, and longer until every subscription was told of them.
        digest_days: so long digests are kept that were brought, or have nobody to be brought to.
        run_days: so long runs are kept, with what was held of them.
    """

    revisions: int = 0
    revision_days: int = 0
    article_days: int = 0
    change_days: int = 0
    digest_days: int = 0
    run_days: int = 0

    @property
    def keeps_all(self) -> bool:
        """Whether there is nothing to prune at all."""
        return not any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """That the log may go up to ``seq``, and who keeps it from going further, if it is not its age."""

    seq: int
    kept_by: str = ""


def older_than(days: int, now: datetime) -> datetime | None:
    """Return the moment before which something is old; None where nothing ever is.

    >>> from datetime import UTC
    >>> older_than(2, datetime(2026, 3, 3, tzinfo=UTC)).day, older_than(0, datetime(2026, 3, 3, tzinfo=UTC))
    (1, None)
    """
    return now - timedelta(days=days) if days else None


def cut_of(*, old_upto: int, last: int, told: Mapping[str, int]) -> Cut:
    """Return how far the log may be cut off.

    Args:
        old_upto: the last change that is old enough; all before it are, too.
        last: the end of the log.
        told: who reads the log, and the last change that each was told of for good.

    >>> cut_of(old_upto=950, last=2_000, told={"desk": 1_990, "monthly": 730})
    Cut(seq=700, kept_by='monthly')
    >>> cut_of(old_upto=950, last=960, told={"desk": 960})
    Cut(seq=800, kept_by='')
    """
    slowest = min(told, key=lambda name: (told[name], name), default="")
    behind = bool(slowest) and told[slowest] < min(old_upto, last - PAGE)
    seq = min(old_upto, last - PAGE, told[slowest] if slowest else last)
    return Cut(seq=max(0, seq) // PAGE * PAGE, kept_by=slowest if behind else "")
