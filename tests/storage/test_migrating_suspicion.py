"""The upgrade to the schema that knows reaches and rhythms, on databases with data in them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import schema
from storage.engine import open_engine, reading, writing
from storage.schema import check_schema, ready
from storage.source_status import list_sources

START = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
OWN = "0004_suspicion.py"


@pytest.fixture
def yesterday(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it the day before this migration: neither it nor a later one is there."""
    folder = tmp_path / "versions"
    shutil.copytree(schema.VERSIONS[0], folder)
    for path in folder.glob("0*.py"):
        if path.name >= OWN:
            path.unlink()
    known = tuple(revision for revision in schema.REVISIONS if revision < OWN[:4])
    monkeypatch.setattr(schema, "VERSIONS", (folder,))
    monkeypatch.setattr(schema, "REVISIONS", known)


def fill(url: str) -> None:
    """Write what a source has told on three days, as an earlier version wrote it."""
    engine = ready(url)
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO hosts (name, robots, robots_status, lease_token, alone) "
            "VALUES ('h', '', 0, 0, false)"))  # fmt: skip
        for number, name in enumerate(("told", "silent"), start=1):
            connection.execute(
                text(
                    "INSERT INTO sources (id, name, host, definition, paused, created_at, next_due_at, frontier, "
                    "first_page, moved_url, moved_count, verdict, reason, failures, runs_total, unchanged_total, "
                    "requests_total, unchanged_in_row, due_reason) VALUES (:id, :name, 'h', :definition, false, :at, "
                    ":at, '[]', 0, '', 0, 'ok', '', 0, 1, 0, 1, 0, '')"
                ),
                {
                    "id": number,
                    "name": name,
                    "definition": f'{{"name": "{name}", "url": "https://h/{name}"}}',
                    "at": START,
                },
            )
        connection.execute(
            text(
                "INSERT INTO runs (id, source_id, token, started_at, finished_at, settled_at, verdict, reason, "
                "entries, pages, requests, not_modified, profile, refused, problems) VALUES (1, 1, 1, :at, :at, :at, "
                "'ok', '', 3, 1, 1, 0, '{\"entries\": 3}', '{}', '[]')"
            ).bindparams(at=START)
        )
        connection.execute(
            text(
                "INSERT INTO articles (id, key, host, url, fetch_url, title, title_key, summary, language, authors, "
                "image_url, published_precision, published_provenance, modified_precision, modified_provenance, "
                "first_seen_at, announced, revision, way, captured_by, fingerprint, digest, extractor, raw_digest, "
                "looks) VALUES (1, 'k', 'h', 'u', 'u', 'T', 't', '', '', '[]', '', '', '', '', '', :at, true, 1, "
                "'page', 0, '', '', '', '', 0)"
            ).bindparams(at=START)
        )
        for seq, (kind, hours) in enumerate(
            (("published", 0), ("listed", 1), ("published", 2), ("edited", 60))
        ):
            connection.execute(
                text(
                    "INSERT INTO changes (seq, kind, at, source_id, article_id, run_id, revision, edit_class, url, "
                    "title, old_title, summary, language, published_precision, first_seen_at) VALUES (:seq, :kind, "
                    ":at, 1, 1, 1, 1, 'none', 'u', 'T', '', '', '', '', :at)"
                ),
                {"seq": seq + 1, "kind": kind, "at": START + timedelta(hours=hours)},
            )
    engine.dispose()


def test_an_older_database_knows_its_rhythms_at_once(
    empty_database_url: str, yesterday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(empty_database_url)
    monkeypatch.undo()
    engine = open_engine(empty_database_url)
    upgrade = check_schema(engine)
    assert upgrade is not None
    with reading(engine) as connection:
        found = connection.execute(text("SELECT name, news_days FROM sources ORDER BY id")).all()
        told = {row.name: row.news_days for row in found}
        assert "2026-03-01" in str(told["told"])
        assert "2026-03-02" in str(told["told"])
        assert "2026-03-04" not in str(told["told"]), "an edit is no news"
        assert str(told["silent"]) == "[]"
        assert connection.execute(text("SELECT reach, entries FROM runs")).all() == [("", 3)]
    assert [status.silence for status in list_sources(engine)] == [None, None]
    engine.dispose()
