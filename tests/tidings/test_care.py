"""`tidings db restore`, `transfer`, `prune` and `compact`, as people type them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults

STRICT = ("--keep-revisions", 4, "--keep-change-days", 1, "--keep-run-days", 1, "--keep-digest-days", 1)


def test_a_backup_is_restored(tidings: Tidings, known: Path) -> None:
    tidings("db", "backup", "copy.db")
    before = tidings("articles", "list", "--json").out
    known.write_bytes(b"gone")
    done = tidings("db", "restore", "copy.db")
    assert done.code == 0
    assert "restored from copy.db" in done.out
    assert "the former file is kept in" in done.out
    assert tidings("articles", "list", "--json").out == before


def test_postgresql_is_restored_by_its_own_tool(tidings: Tidings, known: Path, postgres_url: str) -> None:
    refused = tidings("db", "restore", "copy.dump", "--database", postgres_url)
    assert refused.code == 1
    assert "pg_restore" in refused.err


def test_everything_moves_to_postgresql(tidings: Tidings, known: Path, empty_postgres_url: str) -> None:
    done = tidings("db", "transfer", empty_postgres_url)
    assert done.code == 0
    assert "compared one by one" in done.out
    assert "copying articles: " in done.err
    for shown in (("articles", "list"), ("digest", "--peek"), ("sources", "list")):
        where = ("--database", empty_postgres_url)
        assert tidings(*shown, "--json").out == tidings(*shown, "--json", *where).out
    assert tidings("db", "check", "--database", empty_postgres_url).out == "sound\n"
    again = tidings("db", "transfer", empty_postgres_url)
    assert again.code == 1
    assert "holds something already" in again.err


def test_pruning_says_what_would_go_and_what_went(tidings: Tidings, known: Path) -> None:
    would = tidings("db", "prune", "--dry-run", "--json", *STRICT)
    assert would.code == 0
    shown = json.loads(would.out)
    assert faults(shown, "pruned") == []
    assert shown["dry_run"] is True
    gone = json.loads(tidings("db", "prune", "--json", *STRICT).out)
    assert gone == shown | {"dry_run": False}
    assert tidings("db", "prune", *STRICT).out.startswith("gone: nothing")
    assert tidings("db", "check").out == "sound\n"


def test_the_settings_say_how_long_what_is_kept(
    tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = tidings("db", "prune")
    assert refused.code == 1
    assert "everything is kept for good" in refused.err
    monkeypatch.setenv("TIDINGS_KEEP_RUN_DAYS", "90")
    assert tidings("db", "prune").code == 0
    assert tidings("db", "prune", "--keep-run-days", "-1").code != 0


def test_a_file_is_made_small_again(tidings: Tidings, known: Path, postgres_url: str) -> None:
    assert "bytes before" in tidings("db", "compact").out
    assert tidings("db", "check").out == "sound\n"
    refused = tidings("db", "compact", "--database", postgres_url)
    assert "VACUUM FULL" in refused.err


def test_looking_further_back_than_the_log_reaches_says_so(
    tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from news import retention
    from storage import pruned_log

    assert tidings("digest", "--since", 0).err == ""
    for module in (retention, pruned_log):
        monkeypatch.setattr(module, "PAGE", 1)
    tidings("digest", "--subscription", "default")
    gone = json.loads(tidings("db", "prune", "--json", "--keep-change-days", 1).out)
    assert gone["changes"] > 0
    assert f"the log begins at change {gone['log_begins']}," in tidings("digest", "--since", 0).err
    assert "the log begins" in tidings("digest", "--since", "2020-01-01").err
    assert tidings("digest", "--since", gone["log_begins"]).err == ""


def test_what_was_pruned_is_said_where_it_would_be_shown(tidings: Tidings, known: Path) -> None:
    edited = next(
        article["id"]
        for article in json.loads(tidings("articles", "list", "--json").out)["articles"]
        if article["revision"] > 1
    )
    with closing(sqlite3.connect(known)) as connection:
        connection.execute(
            "UPDATE revisions SET body_text = '', pruned_at = '2026-03-09 08:00:00.000000' WHERE number = 1"
        )
        connection.commit()
    out = tidings("articles", "revisions", edited).out
    assert "its text was pruned, 9 March 2026" in out
    assert "the text before was pruned" in out
    shown = json.loads(tidings("articles", "revisions", edited, "--json").out)
    assert faults(shown, "revision list") == []
    assert [revision["redline"] for revision in shown["revisions"][:2]] == [[], []]
    assert shown["revisions"][0]["pruned_at"] == "2026-03-09T08:00:00Z"
    with closing(sqlite3.connect(known)) as connection:
        connection.execute("UPDATE revisions SET body_text = '', pruned_at = '2026-03-09 08:00:00.000000'")
        connection.commit()
    assert "(its text was pruned, 9 March 2026" in tidings("articles", "show", edited).out
    assert faults(json.loads(tidings("articles", "list", "--json").out), "article list") == []
