"""Point 7 of the foundation: bad input gets a clear error, and nothing is lost or left behind."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crawler.recordings.find import pack
from tests.tidings.conftest import Ended, Tidings


def refused(ended: Ended, *words: str) -> None:
    """A failure in our style: nothing on stdout, one error with what, where and what to do next."""
    assert ended.code == 1, ended
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    for word in words:
        assert word in ended.err


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


EVERY_WAY: tuple[tuple[str, ...], ...] = (
    ("crawl", "icesco-en"),
    ("sources", "add", "icesco-en"),
    ("digest",),
    ("status",),
    ("articles", "list"),
    ("run",),
    ("db", "check"),
    ("db", "backup", "copy.db"),
)


@pytest.mark.parametrize("command", EVERY_WAY, ids=" ".join)
def test_a_file_that_is_no_database_is_left_alone(
    tidings: Tidings, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 50)
    before = left(tmp_path / "work"), file.read_bytes()
    refused(
        tidings(*command, "--database", f"sqlite:///{file}"),
        str(file),
        "not a SQLite database",
        "another file",
    )
    assert (left(tmp_path / "work"), file.read_bytes()) == before


@pytest.mark.parametrize("command", EVERY_WAY, ids=" ".join)
def test_the_database_of_another_program_is_left_alone(
    tidings: Tidings, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "songs.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    before = file.read_bytes()
    refused(tidings(*command, "--database", f"sqlite:///{file}"), str(file), "belongs to another application")
    assert file.read_bytes() == before
    assert left(tmp_path) == {"songs.db", "work"}


def test_a_damaged_database_is_said_to_be_damaged(tidings: Tidings, known: Path) -> None:
    with closing(sqlite3.connect(known)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(known.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    known.write_bytes(data)
    refused(tidings("status"), str(known), "damaged", "backup")


def test_a_directory_that_is_not_there_is_named_and_not_made(tidings: Tidings, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    refused(
        tidings("crawl", "icesco-en", "--database", f"sqlite:///{missing}/a.db"), str(missing), "create it"
    )
    assert not missing.exists()


def test_a_directory_that_may_not_be_written_is_named(
    tidings: Tidings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    # Root may write everywhere, so that the question itself is answered with no.
    monkeypatch.setattr("storage.engine.os.access", lambda path, mode: False)
    refused(
        tidings("crawl", "icesco-en", "--database", f"sqlite:///{locked}/a.db"), str(locked), "permissions"
    )
    assert left(locked) == set()


@pytest.mark.parametrize(
    "command", [("status",), ("digest",), ("articles", "list"), ("sources", "list"), ("run",)]
)
def test_a_command_that_only_looks_makes_no_database(
    tidings: Tidings, tmp_path: Path, command: tuple[str, ...]
) -> None:
    ended = tidings(*command)
    assert ended.code == 1
    assert "error: " in ended.err
    assert left(tmp_path / "work") == set()


@pytest.mark.parametrize(
    ("text", "word"),
    [("schema = [", "not valid TOML"), ("schema = 1\nnane = 'x'\n", "nane"), ("\xff", "url")],
)
def test_a_site_file_that_is_wrong_is_refused_with_its_reason(
    tidings: Tidings, tmp_path: Path, text: str, word: str
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text if word != "url" else 'schema = 1\nname = "a"\nurl = "ftp://a.example/"\n')
    for command in (("crawl", "--file"), ("sources", "import")):
        refused(tidings(*command, file), str(file), word)
    assert left(tmp_path / "work") == set()


def test_a_configuration_that_is_wrong_is_refused_with_its_place(
    tidings: Tidings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("wrokers = 3\n")
    refused(tidings("status", "--config", file), str(file), "wrokers", "did you mean workers?")
    refused(tidings("status", "--config", tmp_path / "none.toml"), "none.toml", "no such file")
    monkeypatch.setenv("TIDINGS_WORKERS", "many")
    refused(tidings("status"), "TIDINGS_WORKERS")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("icesco-ne", "did you mean icesco-en"), ("xyzzy", "tidings sources catalogue")],
)
def test_an_unknown_source_is_refused_with_what_it_may_have_meant(
    tidings: Tidings, tmp_path: Path, name: str, hint: str
) -> None:
    for command in (("crawl",), ("sources", "add"), ("record", "--output", "a.warc.gz")):
        refused(tidings(*command, name), name, hint)
    assert left(tmp_path / "work") == set()


def test_an_unknown_source_beside_a_known_one_stops_both(tidings: Tidings, known: Path) -> None:
    refused(tidings("crawl", "harbour", "harbor"), "harbor", "did you mean harbour")
    refused(tidings("sources", "pause", "harbour", "harbor"), "did you mean harbour")
    assert "paused" not in tidings("sources", "list").out


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def scribbled(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def text(file: Path) -> None:
    file.write_text("no recording at all")


@pytest.mark.parametrize("damage", [cut, scribbled, emptied, text])
def test_a_damaged_recording_is_refused_before_anything_is_replayed(
    tidings: Tidings, series: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = tmp_path / "visits"
    shutil.copytree(series / "1-baseline", folder / "1")
    pack(series / "2-news", folder / "2.warc.gz")
    damage(folder / "2.warc.gz")
    refused(tidings("replay", folder), "2.warc.gz")
    refused(tidings("recordings", "show", folder / "2.warc.gz"), "2.warc.gz")
    assert left(tmp_path / "work") == set()


def test_a_path_without_a_recording_is_refused(tidings: Tidings, tmp_path: Path) -> None:
    refused(tidings("replay", tmp_path / "nothing"), "nothing", "does not exist")
    refused(tidings("replay", tmp_path / "work"), "work", "no recording")
    assert left(tmp_path / "work") == set()


@pytest.mark.parametrize("target", ["a.zip", "nowhere/a.warc.gz"])
def test_a_recording_that_cannot_be_written_is_refused_before_anything_is_asked(
    tidings: Tidings, tmp_path: Path, target: str
) -> None:
    refused(tidings("record", "icesco-en", "--output", target), target)
    assert left(tmp_path / "work") == set()


def test_a_database_in_memory_is_refused(tidings: Tidings) -> None:
    refused(tidings("status", "--database", "sqlite://"), "in memory", "name a file")


def test_a_database_of_another_kind_is_refused_without_its_password(tidings: Tidings) -> None:
    ended = tidings("status", "--database", "mysql://me:secret@db/news")
    refused(ended, "mysql")
    assert "secret" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("crawl", "--announce-latest", "-1"),
        ("digest", "--format", "pdf"),
        ("digest", "--since", "the other day"),
        ("digest", "--peek", "--number", "1"),
        ("articles", "list", "--since", "soon"),
        ("record", "icesco-en"),
        ("status", "--database", ""),
        ("crwal",),
        ("--nonsense",),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_where_help_is(
    tidings: Tidings, known: Path, arguments: tuple[str, ...]
) -> None:
    ended = tidings(*arguments)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert "--help" in ended.err
    assert ended.out == ""
