"""The schema: one typed table a record of DESIGN §5. Alembic makes it; nothing else creates or alters a table.

Those of stories, of readers, of the web server and of alerts stand in modules of their own, `storage.story_tables`,
`storage.reader_tables`, `storage.access_tables`, `storage.alert_tables` and `storage.tally_table`.

Times are aware UTC. Keys of URLs are ``news.urls.url_key``: 32 hexadecimal digits, so that indexes stay small.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identity, Key, PackedText, Table
from storage.correction_table import Correction  # noqa: F401  # one of the tables, in a module of its own
from storage.log_start_table import LogStart  # noqa: F401  # likewise
from storage.pacing_table import Pacing  # noqa: F401  # the same


class Host(Table):
    """Where sources live: politeness and the lease are per host."""

    __tablename__ = "hosts"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    not_before: Mapped[datetime | None]
    last_request_at: Mapped[datetime | None]
    robots: Mapped[str] = mapped_column(default="")
    robots_status: Mapped[int] = mapped_column(default=0)
    robots_expires_at: Mapped[datetime | None]
    # How many requests it was sent on a day (ISO 8601, of UTC).
    requests_on: Mapped[str] = mapped_column(String(10), default="")
    requests_of_day: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[int] = mapped_column(Identity, default=0)
    lease_owner: Mapped[str | None]
    leased_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    # Set when a batch that held this host was killed: its unfinished sources go alone next time.
    alone: Mapped[bool] = mapped_column(default=False)


class Source(Table):
    """One listing that we watch: its declaration, and what settling knows of it."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    host: Mapped[str] = mapped_column(ForeignKey("hosts.name"))
    definition: Mapped[dict[str, Any]]
    wrapper_id: Mapped[int | None] = mapped_column(Identity)
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    next_due_at: Mapped[datetime]
    # What the last read left.
    baseline_run_id: Mapped[int | None] = mapped_column(Identity)
    horizon_key: Mapped[str | None] = mapped_column(Key)
    horizon: Mapped[dict[str, Any] | None]
    frontier: Mapped[list[str]] = mapped_column(default=list)
    # How many of the frontier's keys stand on page 1: a 304 speaks for these alone.
    first_page: Mapped[int] = mapped_column(default=0)
    absent: Mapped[list[Any]] = mapped_column(default=list)  # missing from between listed neighbours
    swept_at: Mapped[datetime | None]
    moved_url: Mapped[str] = mapped_column(default="")
    moved_count: Mapped[int] = mapped_column(default=0)
    # Health: the last verdict, since when it is not being read, and why.
    verdict: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(default="")
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_run_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    # Unchanged runs are folded into these counters.
    runs_total: Mapped[int] = mapped_column(default=0)
    unchanged_total: Mapped[int] = mapped_column(default=0)
    requests_total: Mapped[int] = mapped_column(default=0)
    not_modified_total: Mapped[int] = mapped_column(default=0)  # requests that were answered by 304
    received_bytes: Mapped[int] = mapped_column(Identity, default=0)  # of bodies, packed as they came
    # Answers 304 since the listing was last seen: a server may be stuck with one.
    unchanged_in_row: Mapped[int] = mapped_column(default=0)
    # When an adaptive schedule has it bring news (news.pace.Pace); None for other schedules.
    pace: Mapped[dict[str, Any] | None]
    # Why it is due then, by an adaptive schedule; else why it is later than its schedule says, empty if it is not.
    due_reason: Mapped[str] = mapped_column(default="")
    # From when on edits of the archive are to be asked for.
    edits_at: Mapped[datetime | None]
    # The latest days (ISO 8601, in its time zone) on which it brought something new: its rhythm.
    news_days: Mapped[list[str]] = mapped_column(default=list)
    # Rows of the log of its own that were pruned: its feed's archives are numbered on.
    pruned_changes: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_sources_due", "next_due_at"), Index("ix_sources_host", "host"))


class Wrapper(Table):
    """A version of a source's selectors; ``sources.wrapper_id`` says which is in use."""

    __tablename__ = "wrappers"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    version: Mapped[int]
    origin: Mapped[str] = mapped_column(String(16))  # catalogue, file, discovery, healing
    hash: Mapped[str] = mapped_column(String(16))
    selectors: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    # What a healing rests on (news.healing.Healing), of a discovery its confidence alone, and what became of it.
    # ``in_use_at`` is where the comparison with earlier runs begins anew: they read another page, or were read by other
    # selectors.
    evidence: Mapped[dict[str, Any] | None]
    in_use_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
    rolled_back_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("source_id", "version"),)


class Article(Table):
    """What we keep of one article: its identity, what is true of it now, and when to look again."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    key: Mapped[str] = mapped_column(Key, unique=True)
    host: Mapped[str] = mapped_column(String(255))
    url: Mapped[str]
    fetch_url: Mapped[str]
    title: Mapped[str]
    title_key: Mapped[str] = mapped_column(Key)
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(16), default="")
    authors: Mapped[list[str]] = mapped_column(default=list)
    sections: Mapped[list[str]] = mapped_column(default=list)
    image_url: Mapped[str] = mapped_column(default="")
    # Said by the source, with how precise and where it was said; first_seen_at is said by us.
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str] = mapped_column(String(16), default="")
    published_provenance: Mapped[str] = mapped_column(String(64), default="")
    modified_at: Mapped[datetime | None]
    modified_precision: Mapped[str] = mapped_column(String(16), default="")
    modified_provenance: Mapped[str] = mapped_column(String(64), default="")
    first_seen_at: Mapped[datetime]
    announced: Mapped[bool] = mapped_column(default=False)
    # The newest revision, repeated here because deciding needs it for every known article.
    revision: Mapped[int] = mapped_column(default=0)
    way: Mapped[str] = mapped_column(String(16), default="")
    # The source whose listing carried the body, where one did: another listing's form of it is no edit.
    captured_by: Mapped[int] = mapped_column(Identity, default=0)
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    extractor: Mapped[str] = mapped_column(String(64), default="")
    raw_digest: Mapped[str] = mapped_column(Key, default="")  # of what the listing carried
    # Looking again.
    looked_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    volatile: Mapped[list[Any]] = mapped_column(default=list)  # parts of the text that differ at each look
    unsettled_digest: Mapped[str] = mapped_column(String(64), default="")
    unsettled_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    missing_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # A person's word: it is the other article, to which all its names lead; or it is to be known by its names only.
    merged_into: Mapped[int | None] = mapped_column(Identity)
    forgotten_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_articles_host_title_key", "host", "title_key"),
        Index("ix_articles_host_fingerprint", "host", "fingerprint"),
        Index("ix_articles_first_seen_at", "first_seen_at"),
        Index("ix_articles_next_look_at", "next_look_at"),
        Index("ix_articles_merged_into", "merged_into"),
    )


class Alias(Table):
    """Another URL of the same article, and its own; ``evidence`` says what the match rests on."""

    __tablename__ = "aliases"

    key: Mapped[str] = mapped_column(Key, primary_key=True)
    url: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    evidence: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_aliases_article_id", "article_id"),)


class Revision(Table):
    """One captured state of an article. Only the newest keeps ``raw``, its compressed HTML."""

    __tablename__ = "revisions"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    captured_at: Mapped[datetime]
    title: Mapped[str]
    body_text: Mapped[str] = mapped_column(PackedText)
    fingerprint: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    extractor: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(16))
    edit_class: Mapped[str] = mapped_column(String(16), default="none")
    marks: Mapped[list[str]] = mapped_column(default=list)
    reverts_to: Mapped[int] = mapped_column(default=0)
    look: Mapped[int] = mapped_column(default=0)  # counted over the looks at its article, from 1
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str] = mapped_column(String(16), default="")
    modified_at: Mapped[datetime | None]
    raw: Mapped[bytes | None]
    raw_url: Mapped[str] = mapped_column(default="")
    pruned_at: Mapped[datetime | None]  # when retention took its text away


class Sighting(Table):
    """That a source lists an article: first run, last run, last position."""

    __tablename__ = "sightings"

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[str] = mapped_column(String(16))
    first_run_id: Mapped[int] = mapped_column(Identity)
    last_run_id: Mapped[int] = mapped_column(Identity)
    last_position: Mapped[int]
    title_key: Mapped[str] = mapped_column(Key, default="")
    # When the channel says that it was modified, as far as that was followed up.
    modified_at: Mapped[datetime | None]
    # By which change, pruned since, the source first told of the article; what the log still holds is asked there.
    told_seq: Mapped[int | None] = mapped_column(Identity)

    __table_args__ = (Index("ix_sightings_article_id", "article_id"),)


class Run(Table):
    """One crawl of one source that told something; unchanged ones are counters of the source."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    token: Mapped[int] = mapped_column(Identity)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    settled_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(default="")
    entries: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    not_modified: Mapped[int] = mapped_column(default=0)
    # What page 1 looked like, what was refused and what went wrong.
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    refused: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    # From which entry to which the read is complete, and what ended it (news.run.Reach).
    top_key: Mapped[str | None] = mapped_column(Key)
    bottom_key: Mapped[str | None] = mapped_column(Key)
    reach: Mapped[str] = mapped_column(String(16), default="")

    __table_args__ = (Index("ix_runs_source_id", "source_id", "id"),)


class Held(Table):
    """What a suspect run saw, kept apart until a person or the next good run decides."""

    __tablename__ = "held"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    reading: Mapped[bytes]  # compressed JSON of news.run.Reading
    held_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="held")  # held, approved, rejected, passed, told

    __table_args__ = (Index("ix_held_source_id", "source_id", "state"),)


class Gap(Table):
    """A stretch of a listing that was not read, with the keys above and below it."""

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    opened_run_id: Mapped[int] = mapped_column(Identity)
    closed_run_id: Mapped[int | None] = mapped_column(Identity)
    upper: Mapped[list[str]]
    lower: Mapped[list[str]]
    next_url: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]  # the end of the last complete read below it
    until: Mapped[datetime]  # the last read that stopped short above it
    state: Mapped[str] = mapped_column(String(16), default="open")  # open, closed, lost
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_gaps_source_id", "source_id", "state"),)


class Pending(Table):
    """An entry whose article could not be read yet."""

    __tablename__ = "pending"

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    entry: Mapped[dict[str, Any]]
    title_key: Mapped[str] = mapped_column(Key)
    rank: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime]
    next_look_at: Mapped[datetime]
    moved: Mapped[list[str]] = mapped_column(default=list)  # old URLs to ask before it may be told
    asked: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_pending_next_look_at", "next_look_at"),
        Index("ix_pending_title_key", "title_key"),
    )


class Change(Table):
    """The append-only log. ``seq`` comes from the counter row, so its order is the order of commits."""

    __tablename__ = "changes"

    seq: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    run_id: Mapped[int] = mapped_column(Identity)
    revision: Mapped[int]
    edit_class: Mapped[str] = mapped_column(String(16), default="none")
    marks: Mapped[list[str]] = mapped_column(default=list)
    reverts_to: Mapped[int] = mapped_column(default=0)
    # The moment's own title and address, so that the log can be read without today's articles.
    url: Mapped[str]
    title: Mapped[str]
    old_title: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(16), default="")
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str] = mapped_column(String(16), default="")
    old_published_at: Mapped[datetime | None]
    old_published_precision: Mapped[str] = mapped_column(String(16), default="")
    first_seen_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_changes_article_id", "article_id"),
        Index("ix_changes_source_id", "source_id", "seq"),
    )


class Validator(Table):
    """What a server gave to recognise its answer by, per source and URL; void when the extractor changes.

    ``digest`` is the hash of the answer's body, for servers that give nothing or never answer 304.
    """

    __tablename__ = "validators"

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    url: Mapped[str]
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(Key, default="")
    extractor: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime]


class Counter(Table):
    """Named numbers. The row ``changes`` is the lock that serialises settling; its value is the last ``seq``."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(Identity, default=0)


class Heartbeat(Table):
    """One row a scheduler: that it lives, and since when."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
