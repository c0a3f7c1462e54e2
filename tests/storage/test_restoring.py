"""Restoring a backup: nothing is touched before all of it was checked, and the former file is kept."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from news.errors import SchemaError, StorageError
from storage import restoring
from storage.backup import back_up_file
from storage.checking import find_faults
from storage.engine import open_engine, reading
from storage.restoring import Restored, restore_file
from storage.schema import REVISIONS, VERSION_TABLE, ready
from storage.tables import Change
from tests.storage.desk import BASE, Desk, based, entry, told
from tests.storage.earlier import made_as_of

NOW = datetime(2026, 3, 4, 8, tzinfo=UTC)


def sound(engine: Engine) -> Sequence[str]:
    with reading(engine) as connection:
        return find_faults(connection)


def restore(backup: Path, file: Path) -> Restored:
    return restore_file(backup, file, find_faults=sound, now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database in which x was published, and a backup of it, ``copy.db``; then y was published too."""
    path = tmp_path / "tidings.db"
    engine = ready(f"sqlite:///{path}")
    desk = based(engine)
    desk.run(entry("x", hour=1), *BASE)
    back_up_file(path, tmp_path / "copy.db")
    desk.later(hours=1)
    desk.run(entry("y", hour=2), entry("x", hour=1), *BASE)
    engine.dispose()
    return path


@pytest.fixture
def copy(file: Path) -> Path:
    return file.with_name("copy.db")


def titles(file: Path) -> list[str]:
    engine = open_engine(f"sqlite:///{file}", create=False)
    try:
        with reading(engine) as connection:
            return sorted(connection.execute(text("SELECT title FROM articles")).scalars())
    finally:
        engine.dispose()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_backup_takes_the_database_s_place_and_the_former_file_is_kept(file: Path, copy: Path) -> None:
    before = copy.read_bytes()
    restored = restore(copy, file)
    assert restored.former == file.with_name("tidings.db.before-restore-20260304T080000Z")
    assert restored.revision == REVISIONS[-1]
    assert "Title of y" not in titles(file)
    assert "Title of y" in titles(restored.former)
    assert copy.read_bytes() == before
    assert not {name for name in names(file.parent) if "restoring" in name}


def test_what_came_after_the_backup_is_read_anew_and_told_once(file: Path, copy: Path) -> None:
    restore(copy, file)
    engine = open_engine(f"sqlite:///{file}")
    desk = Desk.__new__(Desk)
    desk.engine, desk.now, desk.extractor = engine, NOW, "1"
    assert told(desk.run(entry("y", hour=2), entry("x", hour=1), *BASE)) == [("published", "y")]
    assert [change.seq for change in desk.all(Change, Change.seq)] == [1, 2]
    assert sound(engine) == []
    engine.dispose()


def test_a_database_that_is_gone_is_made_anew_and_a_stray_log_is_not_read_into_it(
    file: Path, copy: Path
) -> None:
    with closing(sqlite3.connect(file)) as connection:  # a log with something in it, left by a crash
        connection.execute("INSERT INTO counters VALUES ('stray', 1)")
        connection.commit()
        shutil.copyfile(f"{file}-wal", f"{file}-kept")
    file.unlink()
    Path(f"{file}-kept").rename(f"{file}-wal")
    restored = restore(copy, file)
    assert restored.former is None
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM counters WHERE name = 'stray'").fetchone() == (0,)
    assert "Title of x" in titles(file)


def test_a_log_that_a_crash_left_goes_with_the_former_file(file: Path, copy: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO counters VALUES ('last', 1)")
        connection.commit()
        for ending in ("", "-wal"):
            shutil.copyfile(f"{file}{ending}", f"{file}{ending}.kept")
    for ending in ("", "-wal"):
        Path(f"{file}{ending}.kept").rename(f"{file}{ending}")
    former = restore(copy, file).former
    assert former is not None
    query = "SELECT count(*) FROM counters WHERE name = 'last'"
    for path, expected in ((former, 1), (file, 0)):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute(query).fetchone() == (expected,)


@pytest.mark.parametrize("damage", [b"no database at all " * 999, b""])
def test_a_damaged_database_is_replaced_and_kept(file: Path, copy: Path, damage: bytes) -> None:
    file.write_bytes(damage)
    former = restore(copy, file).former
    assert former is not None
    assert former.read_bytes() == damage
    assert "Title of x" in titles(file)


def _damage(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20_000] = b"\xff" * 20_000
    copy.write_bytes(data)


def _other_version(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        connection.commit()


def _unsound(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM counters")
        connection.commit()


def _foreign(copy: Path) -> None:
    copy.unlink()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def _empty(copy: Path) -> None:
    copy.write_bytes(b"")


def _text(copy: Path) -> None:
    copy.write_text("Dear diary, " * 100)


def _gone(copy: Path) -> None:
    copy.unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_damage, "name another backup"),
        (_other_version, "newer tidings"),
        (_unsound, "it is not sound (counters: the row 'changes'"),
        (_foreign, "it was not made by tidings"),
        (_empty, "it was not made by tidings"),
        (_text, "it is no SQLite database"),
        (_gone, "there is no such file"),
    ],
)
def test_what_is_no_sound_backup_is_refused_and_nothing_is_touched(
    file: Path, copy: Path, harm: object, said: str
) -> None:
    assert callable(harm)
    harm(copy)
    there, before = names(file.parent), file.read_bytes()
    with pytest.raises((StorageError, SchemaError)) as raised:
        restore(copy, file)
    assert said in str(raised.value)
    assert file.read_bytes() == before
    assert names(file.parent) == there


def test_the_database_itself_is_no_backup(file: Path) -> None:
    with pytest.raises(StorageError, match="this is the database itself"):
        restore(file, file)


def test_a_backup_may_lie_where_nothing_can_be_written(file: Path, copy: Path) -> None:
    vault = file.parent / "vault"
    vault.mkdir()
    copy.rename(vault / "copy.db")
    mode = stat.S_IMODE(vault.stat().st_mode)
    vault.chmod(0o500)
    try:
        restore(vault / "copy.db", file)
        assert names(vault) == {"copy.db"}
    finally:
        vault.chmod(mode)
    assert "Title of y" not in titles(file)


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(file: Path, copy: Path, tmp_path: Path) -> None:
    filled = open_engine(f"sqlite:///{copy}")
    made_as_of("0011", f"sqlite:///{tmp_path / 'older.db'}", filled, tmp_path)
    filled.dispose()
    assert restore(tmp_path / "older.db", file).revision == "0011"
    assert "Title of y" not in titles(file)
    assert not list(file.parent.glob("*.backup-*"))


# ------------------------------------------------------------------------------------- while it is in use


def _hold(url: str, there: Connection) -> None:
    engine = open_engine(url)
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    there.send("opened")
    there.recv()


@pytest.fixture
def service(file: Path) -> Iterator[BaseProcess]:
    """Another process that has the database open and does nothing, as a service between two ticks."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_hold, args=(f"sqlite:///{file}", there))
    process.start()
    assert here.recv() == "opened"
    yield process
    process.kill()
    process.join(60)


def test_it_is_refused_while_a_service_has_the_database_open(
    file: Path, copy: Path, service: BaseProcess
) -> None:
    with pytest.raises(StorageError, match=r"stop `tidings run`.*nothing was changed"):
        restore(copy, file)
    assert "Title of y" in titles(file)
    service.kill()
    service.join(60)
    restore(copy, file)  # the locks of a process that was killed go with it
    assert "Title of y" not in titles(file)


def test_it_is_refused_while_this_process_has_the_database_open(file: Path, copy: Path) -> None:
    engine = open_engine(f"sqlite:///{file}")
    with reading(engine), pytest.raises(StorageError, match="this process has"):
        restore(copy, file)
    engine.dispose()


# ------------------------------------------------------------------------------------------------- killed


STEPS = ("_copy", "_checked", "_settle", "_keep_as", "_sync")


def _restore_until(step: str, after: bool, copy: Path, file: Path) -> None:
    does = getattr(restoring, step)

    def dies(*arguments: object) -> object:
        if after:
            does(*arguments)
        os.kill(os.getpid(), 9)
        raise AssertionError("it is dead")

    setattr(restoring, step, dies)
    restore(copy, file)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_promise_2_killed_at_any_step_the_database_is_the_one_or_the_other_and_it_can_be_repeated(
    file: Path, copy: Path, step: str, after: bool
) -> None:
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_restore_until, args=(step, after, copy, file))
    process.start()
    process.join(120)
    assert process.exitcode == -9
    assert ("Title of y" in titles(file)) == (step != "_sync")
    for former in file.parent.glob("*.before-restore-*"):  # what a second try a second later would not meet
        former.rename(file.parent / "earlier")
    restored = restore(copy, file)
    assert restored.former is not None
    assert "Title of y" not in titles(file)
    assert not {name for name in names(file.parent) if "restoring" in name}
