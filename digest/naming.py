"""The names of articles that stay for life, by which feeds and programs know them."""

from __future__ import annotations

import re

from storage.articles import ArticleIdentity

_DNS_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def article_id(identity: ArticleIdentity) -> str:
    """Return an article's ``tag:`` URI (RFC 4151): its host, the day we first saw it, its key.

    >>> from datetime import UTC, datetime
    >>> seen = datetime(2026, 11, 22, tzinfo=UTC)
    >>> article_id(ArticleIdentity(key="c0ffee", host="icesco.org", first_seen_at=seen))
    'tag:icesco.org,2026-11-22:c0ffee'
    """
    host = identity.host.partition(":")[0]
    authority = host if _DNS_NAME.fullmatch(host) else "tidings.invalid"
    return f"tag:{authority},{identity.first_seen_at:%Y-%m-%d}:{identity.key}"
