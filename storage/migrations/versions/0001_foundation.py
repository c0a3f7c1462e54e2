"""The tables of the foundation: sources and how they are read, articles and their changes, digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_articles()
    create_counters()
    create_heartbeats()
    create_hosts()
    create_subscriptions()
    create_aliases()
    create_digests()
    create_revisions()
    create_sources()
    create_changes()
    create_gaps()
    create_pending()
    create_runs()
    create_sightings()
    create_validators()
    create_wrappers()
    create_held()
    # Its row "changes" is the lock of settling, so it must stand before the first run.
    op.execute("INSERT INTO counters (name, value) VALUES ('changes', 0)")


def create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetch_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.String(32), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_precision", sa.String(16), nullable=False),
        sa.Column("published_provenance", sa.String(64), nullable=False),
        sa.Column("modified_at", MOMENT, nullable=True),
        sa.Column("modified_precision", sa.String(16), nullable=False),
        sa.Column("modified_provenance", sa.String(64), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("captured_by", NUMBER, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("extractor", sa.String(64), nullable=False),
        sa.Column("raw_digest", sa.String(32), nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("next_look_at", MOMENT, nullable=True),
        sa.Column("missing_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("key", name=op.f("uq_articles_key")),
    )
    op.create_index("ix_articles_first_seen_at", "articles", ["first_seen_at"])
    op.create_index("ix_articles_host_fingerprint", "articles", ["host", "fingerprint"])
    op.create_index("ix_articles_host_title_key", "articles", ["host", "title_key"])
    op.create_index("ix_articles_next_look_at", "articles", ["next_look_at"])


def create_counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def create_heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )


def create_hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("last_request_at", MOMENT, nullable=True),
        sa.Column("robots", sa.Text(), nullable=False),
        sa.Column("robots_status", sa.Integer(), nullable=False),
        sa.Column("robots_expires_at", MOMENT, nullable=True),
        sa.Column("lease_token", NUMBER, nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("leased_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hosts")),
    )


def create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("cursor", NUMBER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("name", name=op.f("uq_subscriptions_name")),
    )


def create_aliases() -> None:
    op.create_table(
        "aliases",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("evidence", sa.String(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_aliases")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_aliases_article_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_aliases_article_id", "aliases", ["article_id"])


def create_digests() -> None:
    op.create_table(
        "digests",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after_seq", NUMBER, nullable=False),
        sa.Column("upto_seq", NUMBER, nullable=False),
        sa.Column("composed_at", MOMENT, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_digests_subscription_id")
        ),
        sa.UniqueConstraint(
            "subscription_id", "after_seq", name=op.f("uq_digests_subscription_id_after_seq")
        ),
        sa.UniqueConstraint("subscription_id", "number", name=op.f("uq_digests_subscription_id_number")),
    )


def create_revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("captured_at", MOMENT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("extractor", sa.String(64), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("edit_class", sa.String(16), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_revisions")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_revisions_article_id"), ondelete="CASCADE"
        ),
    )


def create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("wrapper_id", NUMBER, nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_due_at", MOMENT, nullable=False),
        sa.Column("baseline_run_id", NUMBER, nullable=True),
        sa.Column("horizon_key", sa.String(32), nullable=True),
        sa.Column("horizon", sa.JSON(), nullable=True),
        sa.Column("frontier", sa.JSON(), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("swept_at", MOMENT, nullable=True),
        sa.Column("moved_url", sa.Text(), nullable=False),
        sa.Column("moved_count", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_run_at", MOMENT, nullable=True),
        sa.Column("last_ok_at", MOMENT, nullable=True),
        sa.Column("last_new_at", MOMENT, nullable=True),
        sa.Column("runs_total", sa.Integer(), nullable=False),
        sa.Column("unchanged_total", sa.Integer(), nullable=False),
        sa.Column("requests_total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.ForeignKeyConstraint(["host"], ["hosts.name"], name=op.f("fk_sources_host")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_index("ix_sources_due", "sources", ["next_due_at"])
    op.create_index("ix_sources_host", "sources", ["host"])


def create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edit_class", sa.String(16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("old_title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_precision", sa.String(16), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_changes_article_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_changes_source_id")),
    )
    op.create_index("ix_changes_article_id", "changes", ["article_id"])
    op.create_index("ix_changes_source_id", "changes", ["source_id", "seq"])


def create_gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("opened_run_id", NUMBER, nullable=False),
        sa.Column("closed_run_id", NUMBER, nullable=True),
        sa.Column("upper", sa.JSON(), nullable=False),
        sa.Column("lower", sa.JSON(), nullable=False),
        sa.Column("next_url", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_gaps_source_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_gaps_source_id", "gaps", ["source_id", "state"])


def create_pending() -> None:
    op.create_table(
        "pending",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("title_key", sa.String(32), nullable=False),
        sa.Column("rank", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("next_look_at", MOMENT, nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_pending")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_pending_source_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_pending_next_look_at", "pending", ["next_look_at"])
    op.create_index("ix_pending_title_key", "pending", ["title_key"])


def create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("token", NUMBER, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("top_key", sa.String(32), nullable=True),
        sa.Column("bottom_key", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_runs_source_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_runs_source_id", "runs", ["source_id", "id"])


def create_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("article_id", NUMBER, nullable=False),
        sa.Column("rank", sa.String(16), nullable=False),
        sa.Column("first_run_id", NUMBER, nullable=False),
        sa.Column("last_run_id", NUMBER, nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("title_key", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "article_id", name=op.f("pk_sightings")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_sightings_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_sightings_source_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sightings_article_id", "sightings", ["article_id"])


def create_validators() -> None:
    op.create_table(
        "validators",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("extractor", sa.String(64), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_validators")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_validators_source_id"), ondelete="CASCADE"
        ),
    )


def create_wrappers() -> None:
    op.create_table(
        "wrappers",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("hash", sa.String(16), nullable=False),
        sa.Column("selectors", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrappers")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_wrappers_source_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("source_id", "version", name=op.f("uq_wrappers_source_id_version")),
    )


def create_held() -> None:
    op.create_table(
        "held",
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("reading", sa.LargeBinary(), nullable=False),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_held")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_held_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_held_source_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_held_source_id", "held", ["source_id", "state"])
