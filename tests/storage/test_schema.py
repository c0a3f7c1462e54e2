"""One schema, whichever way a database came to it; and never a database that is not ours to change."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, insert, inspect, select, text

from news.errors import SchemaError, StorageError
from storage import schema
from storage.engine import open_engine, reading, writing
from storage.schema import REVISIONS, Upgrade, check_schema, migrate, ready, stored_revision
from storage.search_table import is_declared
from storage.story_tables import StoryKey
from storage.tables import Article, Counter, Host, Revision, Run, Source

METADATA = StoryKey.metadata
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HEAD = REVISIONS[-1]
FUTURE, LATER = (f"{int(HEAD) + step:04}" for step in (1, 2))
NEXT = f'''
"""A revision of the future: it alters a table that others refer to."""
import sqlalchemy as sa
from alembic import op

revision = "{FUTURE}"
down_revision = "{HEAD}"


def upgrade():
    with op.batch_alter_table("articles") as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="red"))
        batch.alter_column("summary", type_=sa.String(4000))
'''


@pytest.fixture
def future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tomorrow's tidings, with one more revision."""
    folder = tmp_path / "50% more versions"
    folder.mkdir()
    (folder / f"{FUTURE}_future.py").write_text(NEXT)
    monkeypatch.setattr(schema, "VERSIONS", (*schema.VERSIONS, folder))
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, FUTURE))


def add_article(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(
            insert(Article),
            {"key": "k", "host": "h", "url": "u", "fetch_url": "u", "title": "T", "title_key": "t",
             "first_seen_at": NOW},
        )  # fmt: skip
        connection.execute(
            insert(Revision),
            {"article_id": 1, "number": 1, "captured_at": NOW, "title": "T", "body_text": "B",
             "fingerprint": "f", "digest": "d", "extractor": "e", "way": "page"},
        )  # fmt: skip


def test_the_migrations_make_exactly_the_declared_tables(engine: Engine) -> None:
    with reading(engine) as connection:
        opts = {"version_table": schema.VERSION_TABLE, "include_name": is_declared}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []


def test_constraints_and_cascades_are_those_declared(engine: Engine) -> None:
    found = inspect(engine)
    for table in METADATA.sorted_tables:
        keys = {
            (tuple(key["constrained_columns"]), key["referred_table"], key["options"].get("ondelete"))
            for key in found.get_foreign_keys(table.name)
        }
        assert keys == {
            ((each.parent.name,), each.column.table.name, each.ondelete) for each in table.foreign_keys
        }, table.name
        assert found.get_pk_constraint(table.name)["constrained_columns"] == [
            c.name for c in table.primary_key
        ]


def test_the_known_revisions_are_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert [step.revision for step in steps] == list(reversed(REVISIONS))


def test_an_empty_database_is_made_and_then_left_alone(empty_database_url: str) -> None:
    told: list[Upgrade] = []
    engine = ready(empty_database_url, told=told.append)
    assert told == [Upgrade(before="", after=REVISIONS[-1])]
    with reading(engine) as connection:
        assert connection.execute(select(Counter.name, Counter.value)).all() == [("changes", 0)]
    ready(engine, told=told.append)
    assert len(told) == 1
    engine.dispose()


def test_numbers_are_given_by_the_database(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(Host), {"name": "a.example"})
        row = {"host": "a.example", "definition": {}, "created_at": NOW, "next_due_at": NOW}
        connection.execute(insert(Source), [row | {"name": "a"}, row | {"name": "b"}])
        assert connection.execute(select(Source.id).order_by(Source.id)).scalars().all() == [1, 2]


def test_nothing_is_made_where_nothing_may_be_made(empty_database_url: str) -> None:
    with pytest.raises(StorageError, match=r"no such file|nothing of tidings"):
        ready(empty_database_url, create=False)
    engine = open_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_an_up_to_date_database_is_opened_without_alembic(sqlite_url: str) -> None:
    code = "import sys; from storage.schema import ready; ready(sys.argv[1]); assert 'alembic' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code, sqlite_url], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_database_of_a_newer_version_is_refused_unchanged(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE tidings_version SET version_num = '9999'"))
    for check in (check_schema, migrate):
        with pytest.raises(SchemaError, match=r"newer tidings \(schema 9999; .*upgrade tidings"):
            check(engine)
    assert stored_revision(engine) == "9999"


@pytest.mark.usefixtures("future")
def test_an_older_database_is_upgraded_and_keeps_every_row(engine: Engine) -> None:
    add_article(engine)
    upgrade = check_schema(engine)
    assert upgrade is not None
    assert (upgrade.before, upgrade.after) == (HEAD, FUTURE)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT colour FROM articles")).all() == [("red",)]
        assert connection.execute(select(func.count()).select_from(Revision)).scalar_one() == 1
    assert check_schema(engine) is None


@pytest.mark.usefixtures("future")
def test_a_sqlite_file_is_backed_up_before_it_is_upgraded(sqlite_url: str, tmp_path: Path) -> None:
    before = open_engine(sqlite_url)
    add_article(before)  # what was committed last stands in the write-ahead log only
    told: list[Upgrade] = []
    engine = ready(sqlite_url, told=told.append)
    [backup] = [upgrade.backup for upgrade in told]
    assert backup is not None
    assert re.fullmatch(rf"tidings\.db\.backup-{HEAD}-\d{{8}}T\d{{6}}Z", backup.name)
    assert backup.parent == tmp_path
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT version_num FROM tidings_version").fetchall() == [(HEAD,)]
        assert copy.execute("SELECT title FROM articles").fetchall() == [("T",)]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with writing(engine) as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    for opened in (before, engine):
        opened.dispose()


@pytest.mark.usefixtures("future")
def test_a_migration_that_fails_leaves_the_database_as_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (schema.VERSIONS[-1] / f"{LATER}_wrong.py").write_text(
        NEXT.replace(FUTURE, LATER).replace(HEAD, FUTURE).replace("colour", "shade")
        + '    raise ZeroDivisionError("half-way")\n'
    )
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, LATER))
    add_article(engine)
    with pytest.raises(ZeroDivisionError, match="half-way"):
        check_schema(engine)
    assert stored_revision(engine) == HEAD
    assert not {"colour", "shade"} & {column["name"] for column in inspect(engine).get_columns("articles")}


@pytest.mark.usefixtures("future")
def test_without_room_for_a_backup_nothing_is_upgraded(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(sqlite_url)
    monkeypatch.setattr(
        Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(StorageError, match=r"no backup could be made .*was not upgraded"):
        check_schema(engine)
    assert stored_revision(engine) == HEAD
    assert not list(Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("*.backup*"))
    engine.dispose()


def test_an_upgrade_that_breaks_references_is_undone(
    sqlite_url: str, future: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (schema.VERSIONS[-1] / f"{FUTURE}_future.py").write_text(
        NEXT + '    op.execute("DELETE FROM articles")\n'
    )
    engine = open_engine(sqlite_url)
    add_article(engine)
    with pytest.raises(SchemaError, match="rows of revisions would refer to nothing in articles"):
        migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(Article)).scalar_one() == 1
    engine.dispose()


def test_a_database_stamped_at_the_base_is_made(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE tidings_version (version_num VARCHAR(32) NOT NULL)"))
    upgrade = check_schema(engine)
    assert upgrade == Upgrade(before="", after=REVISIONS[-1])
    assert inspect(engine).has_table(Run.__tablename__)
    engine.dispose()


def test_tables_of_another_application_are_not_touched(empty_postgres_url: str) -> None:
    engine = open_engine(empty_postgres_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE articles (id int)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
    with pytest.raises(SchemaError, match=r"tables of another application \(articles\)"):
        check_schema(engine)
    assert sorted(inspect(engine).get_table_names()) == ["alembic_version", "articles"]
    engine.dispose()


def prepare(url: str, barrier: object, queue: multiprocessing.SimpleQueue[object]) -> None:
    told: list[Upgrade] = []
    try:
        barrier.wait()  # type: ignore[attr-defined]
        ready(url, told=told.append).dispose()
        queue.put(len(told))
    except BaseException as error:  # noqa: BLE001  # it is asserted on in the parent
        queue.put(repr(error))


def test_of_processes_that_start_together_one_migrates(empty_database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(4), context.SimpleQueue()
    children = [context.Process(target=prepare, args=(empty_database_url, barrier, queue)) for _ in range(4)]
    for child in children:
        child.start()
    results = [queue.get() for _ in children]
    for child in children:
        child.join()
    assert sorted(results, key=str) == [0, 0, 0, 1]
