"""Sources, articles, status, recordings and the database: what operators look at and do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.heartbeat import SCHEDULER, beat, end_beat
from storage.schema import VERSION_TABLE, ready
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tests.tidings.small_site import CRANE, CRANE_AGAIN, DEFINITIONS

# ------------------------------------------------------------------------------------------------ sources


def test_a_source_is_added_from_the_catalogue_with_its_sections(tidings: Tidings) -> None:
    assert tidings("sources", "add", "icesco-en").out.startswith("icesco-en: saved and due now")
    assert "nothing to do" in tidings("sources", "add", "icesco-en").out
    assert tidings("sources", "add", "icesco-en", "--sections").out.count("saved") == 3
    shown = json.loads(tidings("sources", "list", "--json").out)
    assert faults(shown, "source list") == []
    assert {source["wrapper"] for source in shown["sources"]} == {"1 (catalogue)"}


def test_the_catalogue_is_listed_without_a_database(tidings: Tidings, tmp_path: Path) -> None:
    assert "icesco-ar" in tidings("sources", "catalogue").out
    assert faults(json.loads(tidings("sources", "catalogue", "--json").out), "catalogue") == []
    assert not list((tmp_path / "work").iterdir())


def test_a_source_is_exported_and_imported_again_as_it_was(
    tidings: Tidings, known: Path, tmp_path: Path
) -> None:
    exported = tidings("sources", "export", "harbour").out
    tidings("sources", "export", "harbour", "harbour.toml")
    assert (tmp_path / "work" / "harbour.toml").read_text() == exported
    assert tidings("sources", "export", "harbour", "harbour.toml").code == 1
    there = ("--database", "sqlite:///there.db")
    assert tidings("sources", "import", "harbour.toml", *there).code == 0
    assert tidings("sources", "export", "harbour", *there).out == exported
    assert 'name = "harbour"' in DEFINITIONS


def test_a_source_is_shown_with_its_selectors(tidings: Tidings, known: Path) -> None:
    out = tidings("sources", "show", "harbour").out
    assert "https://harbour.example/notices/" in out
    assert "h2 a" in out
    shown = json.loads(tidings("sources", "show", "harbour", "--json").out)
    assert faults(shown.pop("definition"), "definition") == []
    coverage = shown.pop("coverage")
    assert faults(coverage, "coverage") == []
    assert coverage["top"]["url"] != coverage["bottom"]["url"]
    assert "  complete from    " in out
    assert faults(shown.pop("politeness"), "politeness") == []
    assert faults(shown, "source") == []


def test_a_source_is_paused_and_resumed(tidings: Tidings, known: Path) -> None:
    tidings("sources", "pause", "harbour")
    assert "harbour: paused since" in tidings("status").out
    tidings("sources", "resume", "harbour")
    assert json.loads(tidings("sources", "show", "harbour", "--json").out)["paused"] is False


def test_a_source_is_removed_unless_the_log_holds_changes_of_it(tidings: Tidings, known: Path) -> None:
    kept = tidings("sources", "remove", "harbour")
    assert kept.code == 1
    assert "tidings sources pause harbour" in kept.err
    tidings("sources", "add", "icesco-fr")
    assert tidings("sources", "remove", "icesco-fr").code == 0
    assert "icesco-fr" not in tidings("sources", "list").out


def test_a_suspect_run_is_approved_or_rejected(tidings: Tidings, known: Path, series: Path) -> None:
    nothing = tidings("runs", "approve", "harbour")
    assert nothing.code == 1
    assert "nothing is held" in nothing.err
    tidings("replay", series / "3-empty")
    approved = tidings("runs", "approve", "harbour", "--json")
    assert faults(json.loads(approved.out), "approval") == []
    assert json.loads(approved.out)["changes"] == []
    tidings("replay", series / "3-empty")
    assert tidings("runs", "reject", "harbour").out == "harbour: 1 held run dropped; it is due now\n"


def test_a_paused_source_stays_paused_when_it_is_approved_and_is_resumed_first(
    tidings: Tidings, known: Path, series: Path
) -> None:
    tidings("replay", series / "3-empty")
    tidings("sources", "pause", "harbour")
    hints = tidings("status").out
    assert 0 < hints.index("tidings sources resume harbour") < hints.index("tidings runs show harbour")
    shown = tidings("sources", "show", "harbour").out
    assert 0 < shown.index("tidings sources resume harbour") < shown.index("1 suspect run;")
    approved = tidings("runs", "approve", "harbour").out
    assert approved == (
        "harbour: approved, 0 announced; it is still paused; `tidings sources resume harbour` takes it up again\n"
    )
    tidings("sources", "resume", "harbour")
    assert tidings("sources", "list").out.splitlines()[1].split()[:2] == ["harbour", "due"]


# ----------------------------------------------------------------------------------------------- articles


def test_articles_are_listed_for_people_and_programs(tidings: Tidings, known: Path) -> None:
    lines = tidings("articles", "list").out.splitlines()
    assert lines[0].split() == ["NUMBER", "PUBLISHED", "LANG", "REV", "SOURCES", "TITLE"]
    assert len(lines) == 5
    shown = json.loads(tidings("articles", "list", "--json").out)
    assert faults(shown, "article list") == []
    bodies = {article["title"]: article["body_text"] for article in shown["articles"]}
    assert bodies[CRANE[1]] == CRANE_AGAIN[2]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["crane"], 1),
        (["--limit", "2"], 2),
        (["--source", "harbour"], 4),
        (["--language", "fr"], 0),
        (["--since", "2026-03-02"], 1),
        (["--before", "3"], 2),
    ],
)
def test_articles_are_chosen(tidings: Tidings, known: Path, options: list[str], found: int) -> None:
    assert len(json.loads(tidings("articles", "list", "--json", *options).out)["articles"]) == found


def test_an_article_is_shown_by_its_number_or_any_of_its_addresses(tidings: Tidings, known: Path) -> None:
    shown = json.loads(
        tidings("articles", "show", f"http://www.harbour.example/{CRANE[0]}?utm_source=x", "--json").out
    )
    assert shown.pop("addresses")
    [edit] = shown.pop("edits")
    assert faults(edit, "edit") == []
    assert shown.pop("retellings") == []
    assert [faults(name, "name") for name in shown.pop("known_by")] == [[]]
    assert shown.pop("corrections") == []
    assert faults(shown, "article") == []
    assert tidings("articles", "show", shown["id"]).out.startswith(f"{CRANE[1]}\n")
    unknown = tidings("articles", "show", "https://harbour.example/no")
    assert unknown.code == 1
    assert "No article is known" in unknown.err


def test_the_revisions_of_an_article_show_what_each_edit_took_and_brought(
    tidings: Tidings, known: Path
) -> None:
    reference = f"https://harbour.example/{CRANE[0]}"
    out = tidings("articles", "revisions", reference).out
    assert "revision 2: substantive edit, 2 March 2026, 08:00 UTC" in out
    assert "[-" in out
    assert "{+" in out
    shown = json.loads(tidings("articles", "revisions", reference, "--json").out)
    assert faults(shown, "revision list") == []
    kept = [span["text"] for span in shown["revisions"][1]["redline"] if span["op"] != "removed"]
    assert "".join(kept) == CRANE_AGAIN[2]


# ------------------------------------------------------------------------------------------------- status


def test_the_status_says_who_is_not_being_read_and_since_when(
    tidings: Tidings, known: Path, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Not being read" not in tidings("status").out
    tidings("replay", series / "3-empty")
    ended = tidings("status", "--exit-code")
    assert ended.code == 40  # nobody has read it since
    assert "overdue: source harbour, since " in ended.out
    assert "harbour: suspect since 3 March 2026, 08:00 UTC: no entries" in ended.out
    monkeypatch.setenv("TIDINGS_OVERDUE_SECONDS", "0")
    ended = tidings("status", "--exit-code")
    assert ended.code == 20
    assert "broken: source harbour, since 3 March 2026, 08:00 UTC: no entries" in ended.out
    shown = json.loads(tidings("status", "--json").out)
    assert faults(shown, "status") == []
    assert (shown["articles"], shown["last_seq"], shown["sources"][0]["held"]) == (4, 2, 1)


def test_a_scheduler_that_stopped_in_good_order_is_not_shown_and_takes_no_other_away(
    tidings: Tidings, known: Path
) -> None:
    engine = ready(f"sqlite:///{known}")
    beat(engine, SCHEDULER, owner="the second", started_at=datetime.now(UTC))
    end_beat(engine, SCHEDULER, owner="the first")
    assert "scheduler: the second, since" in tidings("status").out
    end_beat(engine, SCHEDULER, owner="the second")
    engine.dispose()
    assert "scheduler: none is running;" in tidings("status").out


# --------------------------------------------------------------------------------------------- recordings


def test_a_recording_is_packed_unpacked_and_shown(tidings: Tidings, series: Path, tmp_path: Path) -> None:
    assert tidings("recordings", "pack", series / "1-baseline", "one.warc.gz").code == 0
    assert tidings("recordings", "pack", series / "1-baseline", "one.warc.gz").code == 1
    assert tidings("recordings", "unpack", "one.warc.gz", "one").code == 0
    shown = [json.loads(tidings("recordings", "show", path, "--json").out) for path in ("one.warc.gz", "one")]
    assert all(faults(each, "recording") == [] for each in shown)
    assert shown[0] | {"path": ""} == shown[1] | {"path": ""}
    assert "harbour" in tidings("recordings", "show", "one").out


# ----------------------------------------------------------------------------------------------- database


def test_a_database_is_made_described_copied_and_found_sound(
    tidings: Tidings, known: Path, tmp_path: Path
) -> None:
    shown = json.loads(tidings("db", "status", "--json").out)
    assert faults(shown, "database") == []
    assert shown["rows"]["articles"] == 4
    assert "nothing to do" in tidings("db", "migrate").out
    assert tidings("db", "migrate", "--database", "sqlite:///new.db").out.startswith("sqlite:///new.db: made")
    assert tidings("db", "backup", "copy.db").code == 0
    assert "exists" in tidings("db", "backup", "copy.db").err
    listed = [
        tidings("articles", "list", "--json", *where).out
        for where in ((), ("--database", "sqlite:///copy.db"))
    ]
    assert listed[0] == listed[1]
    assert faults(json.loads(tidings("db", "check", "--json").out), "soundness") == []


@pytest.mark.parametrize(
    ("revision", "advice"),
    [
        ("9999", "schema 9999, newer than this tidings, which knows up to"),
        ("fork", "schema fork, unknown to this tidings, which knows up to"),
        (None, "schema none, run `tidings db migrate`"),
    ],
)
def test_a_database_of_another_version_is_described_with_what_to_do(
    tidings: Tidings, known: Path, revision: str | None, advice: str
) -> None:
    with closing(sqlite3.connect(known, isolation_level=None)) as connection:
        if revision is None:
            connection.execute(f"DELETE FROM {VERSION_TABLE}")
        else:
            connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = ?", [revision])
    assert advice in tidings("db", "status").out
    assert advice.partition(", ")[2] in tidings("db", "check").err


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("UPDATE counters SET value = 1", "new changes would collide"),
        ("DELETE FROM counters", "is missing"),
        ("UPDATE articles SET revision = 7 WHERE id = 1", "revisions of article 1"),
        ("DELETE FROM aliases WHERE article_id = 2", "article 2 is not known under its own address"),
        ("UPDATE subscriptions SET cursor = 99", "default has been told more"),
        ("UPDATE changes SET revision = 9 WHERE seq = 1", "change 1 names a revision"),
        (
            "UPDATE changes SET kind = 'published', article_id = 1",
            "article 1 was announced as published more than once",
        ),
        ("UPDATE digests SET content = '{\"schema\": 1}'", "was altered"),
        ("UPDATE changes SET source_id = 77", "refers to nothing in sources"),
    ],
)
def test_what_is_wrong_with_a_database_is_found(
    tidings: Tidings, known: Path, damage: str, word: str
) -> None:
    tidings("digest")
    assert tidings("db", "check").out == "sound\n"
    with closing(sqlite3.connect(known, isolation_level=None)) as connection:
        connection.execute(damage)
    ended = tidings("db", "check")
    assert ended.code == 1
    assert word in ended.out
