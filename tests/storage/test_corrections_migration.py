"""The migration that brings corrections, on a database with articles in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text

from storage import tables
from storage.articles import addresses, show_article
from storage.checking import find_faults
from storage.correcting import merge, split
from storage.engine import open_engine, reading, writing
from storage.schema import MIGRATIONS, REVISIONS, check_schema
from tests.storage.desk import START

BEFORE = REVISIONS[REVISIONS.index("0006") - 1]


@pytest.fixture
def before(empty_database_url: str) -> Iterator[Engine]:
    """A database of the schema before, with two articles of which one has two addresses."""
    engine = open_engine(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    with writing(engine) as connection:
        for number, name in enumerate("ab", 1):
            connection.execute(text(
                "INSERT INTO articles (id, key, host, url, fetch_url, title, title_key, summary, language, authors, "
                "image_url, published_precision, published_provenance, modified_precision, modified_provenance, "
                "first_seen_at, announced, revision, way, captured_by, fingerprint, digest, extractor, "
                "raw_digest, looks) VALUES (:id, :name, 'site.example', :url, :url, 'Title', 'k', '', '', '[]', '', "
                "'', '', '', '', "
                ":at, true, 0, '', 0, '', '', '', '', 0)"
            ), {"id": number, "name": name, "url": f"https://site.example/{name}", "at": START})  # fmt: skip
        for key, number in (("a", 1), ("b", 2), ("c", 2)):
            connection.execute(text(
                "INSERT INTO aliases (key, url, article_id, evidence, created_at) "
                "VALUES (:key, :url, :id, 'listed', :at)"
            ), {"key": key, "url": f"https://site.example/{key}", "id": number, "at": START})  # fmt: skip
    yield engine
    engine.dispose()


def test_articles_and_their_names_are_kept_and_can_be_corrected(before: Engine) -> None:
    upgrade = check_schema(before)
    assert upgrade is not None
    assert upgrade.before == BEFORE
    with reading(before) as connection:
        rows = connection.execute(select(tables.Article.merged_into, tables.Article.forgotten_at)).all()
        assert rows == [(None, None), (None, None)]
        assert len(addresses(connection, 2)) == 2
    with writing(before) as connection:
        assert merge(connection, 1, 2, now=START) == (1, 2)
    with reading(before) as connection:
        assert len(addresses(connection, 1)) == 3
        assert show_article(connection, 2).merged_into == 1
    with writing(before) as connection:
        assert split(connection, 1, [2], now=START) == (1, 2)
    with reading(before) as connection:
        assert len(addresses(connection, 2)) == 2
        assert find_faults(connection) == []
