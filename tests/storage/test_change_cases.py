"""The same cases through the database: what is settled is what the pure decision says, on both of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from digest.content import content_hash
from news.run import Reading
from news.source import Channel, Source, Wrapper
from news.urls import url_key
from storage import tables
from storage.articles import article_id_of
from storage.checking import find_faults
from storage.correcting import merge
from storage.engine import open_engine, writing
from storage.engine import reading as reading_from
from storage.forgetting import forget
from storage.leases import lease_named
from storage.opening import open_plans
from storage.settling import settle
from storage.sources import save_sources
from tests.conftest import fresh_database
from tests.news.change_cases import START, Case, load_cases, play

CASES = load_cases()


class Database:
    """Settles whole runs, with leases and plans."""

    def __init__(self, engine: Engine, case: Case) -> None:
        self.engine, self.case = engine, case
        sources = [
            Source(
                name=self.name(name),
                url=case.listing_url(name),
                channel=channel,
                wrapper=Wrapper(item=("li",), link=("a",)) if channel is Channel.LISTING else Wrapper(),
                schedule="30m",
            )
            for name, (channel, _) in case.channels.items()
        ]
        save_sources(engine, sources, origin="file", now=START)

    def name(self, source: str) -> str:
        """Return a name that no other case's source bears."""
        return f"{self.case.host.removesuffix('.example')}-{source}"

    def settle(self, reading: Reading) -> list[tuple[str, str]]:
        now = reading.finished_at
        [(lease, ids)] = lease_named(
            self.engine, [self.name(reading.source)], owner="test", seconds=600, now=now
        )
        [plan] = open_plans(self.engine, [lease], ids, extractor=lambda _: "1", now=now)
        [settled] = settle(
            self.engine,
            [replace(reading, lease=lease, source_id=plan.source_id, host=plan.host)],
            now=now,
        )
        assert settled.verdict == "ok", settled.reason
        keys = select(tables.Article.id, tables.Article.key)
        with reading_from(self.engine) as connection:
            key_of = {row.id: row.key for row in connection.execute(keys)}
        return [(change.kind.value, key_of[change.article_id]) for change in settled.changes]

    def correct(self, word: str, urls: list[str]) -> None:
        match word:
            case "forget":
                forget(self.engine, urls[0], seal=content_hash, now=START)
            case "merge":
                with writing(self.engine) as connection:
                    merge(connection, *urls, now=START)
            case "prune":
                with writing(self.engine) as connection:
                    number = article_id_of(connection, urls[0])
                    article, revision = tables.Article, tables.Revision
                    bare = {"digest": "", "fingerprint": ""}
                    connection.execute(update(article).where(article.id == number).values(**bare))
                    texts = update(revision).where(revision.article_id == number)
                    connection.execute(texts.values(body_text="", raw=None))

    def article_at(self, url: str) -> str | None:
        found = (
            select(tables.Article.key)
            .join(tables.Alias, tables.Alias.article_id == tables.Article.id)
            .where(tables.Alias.key == url_key(url))
        )
        with reading_from(self.engine) as connection:
            return connection.execute(found).scalar_one_or_none()

    def evidence(self, url: str) -> str:
        found = select(tables.Alias.evidence).where(tables.Alias.key == url_key(url))
        with reading_from(self.engine) as connection:
            return connection.execute(found).scalar_one()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database of each kind for all cases: each has a site of its own."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path_factory.mktemp('cases') / 'tidings.db')}"
        else:
            url = stack.enter_context(fresh_database(*request.getfixturevalue("postgres_server")))
        engine = open_engine(url)
        stack.callback(engine.dispose)
        yield engine


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_told(shared: Engine, case: Case) -> None:
    play(case, Database(shared, case))


def test_nothing_is_torn_by_them(shared: Engine) -> None:
    with reading_from(shared) as connection:
        assert find_faults(connection) == []
