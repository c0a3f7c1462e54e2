"""Opening databases: what is refused, what is promised, and how failures are told."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from news.errors import ConfigError, StorageError
from storage import engine as engine_module
from storage.engine import database_now, insert_into, open_engine, reading, sqlite_file, writing
from storage.heartbeat import Beat, beat, last_beat
from storage.tables import Counter, Host, Source

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("news.db", r"write sqlite:///file\.db or postgresql"),
        ("mysql://u:secret@h/d", "'mysql' is not supported"),
        ("postgresql+psycopg2://u:secret@h/d", r"'postgresql\+psycopg2' is not supported"),
        ("sqlite://file.db", "three slashes"),
        ("sqlite:///file.db?mode=ro", "a path and nothing else"),
        ("postgresql://u:secret@h:port/d", "cannot be read"),
    ],
)
def test_a_url_that_is_none_of_ours_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_without_the_driver_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'tidings\[postgres\]'"):
        open_engine("postgresql://u@h/d")


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    engine = open_engine("postgresql://u:secret@127.0.0.1:1/d")
    with (
        pytest.raises(
            StorageError, match=r"u:\*\*\*@127.*no connection; check that the server runs"
        ) as caught,
        reading(engine),
    ):
        pass
    assert "secret" not in str(caught.value)


def test_a_missing_postgresql_database_is_told(postgres_url: str) -> None:
    engine = open_engine(postgres_url.replace("/tidings_test_", "/missing_"))
    with (
        pytest.raises(StorageError, match=r"check .* database name .*missing_.* does not exist"),
        writing(engine),
    ):
        pass
    engine.dispose()


FOREIGN = {
    "text": b"These are notes, not a database. " * 10,
    "short": b"SQLite",
    "binary": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, name: str) -> None:
    path = tmp_path / "news.db"
    path.write_bytes(FOREIGN[name])
    with pytest.raises(StorageError, match=r"news\.db: it is not a SQLite database; name another file"):
        open_engine(f"sqlite:///{path}")
    assert files(tmp_path) == {"news.db": FOREIGN[name]}


def test_a_database_of_another_application_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE articles (id)")
        theirs.commit()
    before = files(tmp_path)
    with pytest.raises(StorageError, match="it belongs to another application"):
        open_engine(f"sqlite:///{path}")
    assert files(tmp_path) == before


def test_a_torn_database_is_told_as_damaged(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    engine = open_engine(sqlite_url)
    with pytest.raises(StorageError, match="it is damaged; restore a backup"), reading(engine) as connection:
        connection.execute(select(Counter.name)).all()
    engine.dispose()


def test_places_where_no_database_can_be_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, said in (
        (tmp_path / "nowhere" / "news.db", f"there is no directory {tmp_path / 'nowhere'}; create it first"),
        (tmp_path / "file" / "news.db", "there is no directory"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(StorageError, match=said):
            open_engine(f"sqlite:///{path}")
    with pytest.raises(StorageError, match="there is no such file; check --database"):
        open_engine(f"sqlite:///{tmp_path / 'new.db'}", create=False)


def test_a_directory_that_cannot_be_written_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    if os.geteuid() == 0:  # whom permissions do not stop
        real = os.access
        monkeypatch.setattr(os, "access", lambda each, mode: real(each, mode) and Path(each) != path.parent)
    else:
        path.parent.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="may not be written; check the permissions"):
            open_engine(sqlite_url)
    finally:
        path.parent.chmod(0o700)


def test_a_write_that_the_system_refuses_is_told(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with writing(engine) as connection:  # the limit stands for a full disk
        connection.execute(
            text(f"PRAGMA max_page_count = {connection.execute(text('PRAGMA page_count')).scalar()}")
        )
    with pytest.raises(StorageError, match="the disk is full; make room"), writing(engine) as connection:
        connection.execute(insert(Host), [{"name": f"{n}.example", "robots": "x" * 4000} for n in range(50)])
    with reading(engine) as connection:
        assert connection.execute(select(Host.name)).all() == []
    engine.dispose()


def test_a_lock_that_is_held_too_long_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.dispose()
    monkeypatch.setattr(engine_module, "LOCK_SECONDS", 0.05)
    impatient = open_engine(engine.url.render_as_string(hide_password=False))
    lock = select(Counter.value).with_for_update()
    with writing(engine) as holder:
        holder.execute(lock)
        with pytest.raises(StorageError, match="another process kept it locked"), writing(impatient) as other:
            other.execute(lock)
    impatient.dispose()


def test_a_new_file_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as first,
        closing(sqlite3.connect(tmp_path / "new.db", timeout=0, isolation_level=None)) as second,
    ):
        first.execute("BEGIN EXCLUSIVE")
        attempts: list[int] = []

        def change() -> None:
            attempts.append(1)
            if len(attempts) == 3:
                first.execute("COMMIT")
            second.execute("PRAGMA journal_mode = WAL")

        engine_module._patiently(change)
    assert len(attempts) == 3
    with (
        pytest.raises(sqlite3.OperationalError, match="nonsense"),
        closing(sqlite3.connect(":memory:")) as wrong,
    ):
        engine_module._patiently(lambda: wrong.execute("SELECT * FROM nonsense"))


def test_a_mistake_in_the_code_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(Counter), {"name": "changes", "value": 1})
    with (
        pytest.raises((OperationalError, Exception), match="nonsense") as caught,
        writing(engine) as connection,
    ):
        connection.execute(text("SELECT * FROM nonsense"))
    assert not isinstance(caught.value, StorageError)


def test_a_transaction_is_all_or_nothing(engine: Engine) -> None:
    def write_twice(row: dict[str, str]) -> None:
        with writing(engine) as connection:
            connection.execute(insert(Host), row)
            connection.execute(insert(Host), row)

    with pytest.raises(IntegrityError):
        write_twice({"name": "a.example"})
    with reading(engine) as connection:
        assert connection.execute(select(Host.name)).all() == []


def test_a_reader_sees_one_moment_while_others_write(engine: Engine) -> None:
    with reading(engine) as reader:
        before = reader.execute(select(Counter.value)).scalar_one()
        with writing(engine) as writer:
            writer.execute(update(Counter).values(value=before + 1))
        assert reader.execute(select(Counter.value)).scalar_one() == before
    with reading(engine) as reader:
        assert reader.execute(select(Counter.value)).scalar_one() == before + 1


def test_a_reader_cannot_write_and_its_connection_can_again_later(engine: Engine) -> None:
    with pytest.raises(StorageError, match="may not be written"), reading(engine) as connection:
        connection.execute(insert(Host), {"name": "a.example"})
    with writing(engine) as connection:
        connection.execute(insert(Host), {"name": "b.example"})
    with reading(engine) as connection:
        assert connection.execute(select(Host.name)).scalars().all() == ["b.example"]


def test_a_writer_waits_for_the_one_before_it_and_sees_what_that_one_wrote(engine: Engine) -> None:
    def count() -> None:
        for _ in range(25):
            with writing(engine) as connection:
                value = connection.execute(select(Counter.value).with_for_update()).scalar_one()
                connection.execute(update(Counter).values(value=value + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.execute(select(Counter.value)).scalar_one() == 100


def test_the_database_in_memory_is_one_for_all_threads() -> None:
    engine = open_engine("sqlite://")
    assert sqlite_file(engine) is None
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE notes (x)"))
    found: list[int] = []

    def count() -> None:
        with reading(engine) as connection:
            found.append(connection.execute(text("SELECT count(*) FROM notes")).scalar_one())

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    assert found == [0]
    engine.dispose()


def test_sqlite_syncs_every_commit_and_checks_references(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with reading(engine) as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    engine.dispose()


def test_postgresql_reads_what_is_committed_in_utc_and_waits_30_seconds_for_a_lock(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with writing(engine) as connection:
        found = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in (
                "transaction_isolation",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "TimeZone",
                "application_name",
            )
        }
    assert found == {
        "transaction_isolation": "read committed",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "5min",
        "TimeZone": "UTC",
        "application_name": "tidings",
    }
    engine.dispose()


def test_references_are_checked(engine: Engine) -> None:
    row = {"name": "a", "host": "nobody.example", "definition": {}, "created_at": NOW, "next_due_at": NOW}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(Source), row)


def test_the_databases_clock_is_aware_and_goes_on_within_a_transaction(engine: Engine) -> None:
    with writing(engine) as connection:
        first = database_now(connection)
        for _ in range(200_000):
            later = database_now(connection)
            if later > first:
                break
    assert first.utcoffset() == timedelta(0)
    assert later > first
    assert abs(first - datetime.now(UTC)) < timedelta(minutes=5)


def test_times_come_back_as_they_were_written(engine: Engine) -> None:
    at = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
    with writing(engine) as connection:
        connection.execute(insert_into(connection, Host).values(name="a.example", not_before=at, alone=False))
        again = insert_into(connection, Host).values(name="a.example")
        connection.execute(again.on_conflict_do_nothing())
        assert connection.execute(select(Host.not_before)).scalar_one() == at


def test_a_copy_of_the_file_alone_is_still_recognised(sqlite_url: str, tmp_path: Path) -> None:
    copy = shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), tmp_path / "copy.db")
    engine = open_engine(f"sqlite:///{copy}", create=False)
    try:
        with reading(engine) as connection:
            assert connection.execute(select(Host.name)).all() == []
    finally:
        engine.dispose()


def test_the_last_beat_is_kept_one_row_a_name(engine: Engine) -> None:
    assert last_beat(engine, "scheduler") is None
    beat(engine, "scheduler", owner="one", started_at=NOW, now=NOW)
    at = beat(engine, "scheduler", owner="two", started_at=NOW)
    beat(engine, "worker", owner="three", started_at=NOW, now=NOW)
    assert last_beat(engine, "scheduler") == Beat(name="scheduler", owner="two", started_at=NOW, beat_at=at)
    assert at > NOW


def _write_and_leave(url: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE left_by_another (x)")
    engine.dispose()


def test_opening_a_file_again_keeps_the_locks_by_which_others_see_that_it_is_in_use(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE mine (x)")
    open_engine(sqlite_url).dispose()  # reads the header in no way that closes the file
    other = multiprocessing.get_context("spawn").Process(target=_write_and_leave, args=(sqlite_url,))
    other.start()
    other.join()
    log = Path(f"{sqlite_url.removeprefix('sqlite:///')}-wal")
    assert log.exists(), "the other process took itself for the last, and removed the log that we write to"
    engine.dispose()
    assert not log.exists()
