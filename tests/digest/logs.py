"""A builder of change logs: it writes what settling would leave, so that reading and composing can be tested alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select, update

from news.change import ChangeKind
from news.redline import EditClass
from news.text import title_key
from news.urls import host_key, url_key
from storage import tables
from storage.engine import writing
from storage.stories import link_stories

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


class Log:
    """A database that grows by one row of the log at a time, a minute each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = START
        self._seq = 0
        self._articles = 0
        self._run = 0

    def source(self, name: str, *, title: str = "", language: str = "", **state: Any) -> str:
        with writing(self.engine) as connection:
            known = connection.execute(
                select(tables.Host.name).where(tables.Host.name == "news.example")
            ).first()
            if known is None:
                connection.execute(insert(tables.Host), [{"name": "news.example"}])
            row = {
                "name": name, "host": "news.example", "created_at": START, "next_due_at": START,
                "definition": {"name": name, "title": title, "language": language, "site": ""}, **state,
            }  # fmt: skip
            connection.execute(insert(tables.Source), [row])
        return name

    def article(
        self,
        url: str,
        title: str,
        body: str = "",
        *,
        at: datetime | None = None,
        precision: str = "",
        **more: Any,
    ) -> int:
        self._articles += 1
        row = {
            "id": self._articles, "key": url_key(url), "host": host_key(url), "url": url, "fetch_url": url,
            "title": title, "title_key": title_key(title), "published_at": at, "published_precision": precision,
            "first_seen_at": self.now, "revision": 1 if body else 0, **more,
        }  # fmt: skip
        with writing(self.engine) as connection:
            connection.execute(insert(tables.Article), [row])
            alias = {
                "key": row["key"],
                "url": url,
                "article_id": row["id"],
                "evidence": "own",
                "created_at": self.now,
            }
            connection.execute(insert(tables.Alias), [alias])
        if body:
            self.revision(self._articles, 1, title, body)
        return self._articles

    def alias(self, article: int, url: str) -> None:
        with writing(self.engine) as connection:
            row = {
                "key": url_key(url), "url": url, "article_id": article, "evidence": "redirect", "created_at": self.now,
            }  # fmt: skip
            connection.execute(insert(tables.Alias), [row])

    def revision(
        self, article: int, number: int, title: str, body: str, edit_class: EditClass = EditClass.NONE
    ) -> None:
        row = {
            "article_id": article, "number": number, "captured_at": self.now, "title": title, "body_text": body,
            "fingerprint": "f", "digest": "d", "extractor": "x", "way": "page", "edit_class": edit_class,
        }  # fmt: skip
        with writing(self.engine) as connection:
            connection.execute(insert(tables.Revision), [row])
            table = tables.Article
            connection.execute(update(table).where(table.id == article).values(revision=number, title=title))

    def sighting(self, source: str, article: int) -> None:
        with writing(self.engine) as connection:
            row = {
                "source_id": self._source_id(connection, source), "article_id": article, "rank": "above",
                "first_run_id": 1, "last_run_id": 1, "last_position": 1,
            }  # fmt: skip
            connection.execute(insert(tables.Sighting), [row])

    def change(self, kind: ChangeKind, source: str, article: int, **more: Any) -> int:
        """Write the next row of the log, a minute later, and return its seq."""
        self._seq += 1
        self.now += timedelta(minutes=1)
        table = tables.Article
        with writing(self.engine) as connection:
            known = connection.execute(select(table.__table__).where(table.id == article)).one()
            row = {
                "seq": self._seq, "kind": kind, "at": self.now, "run_id": self._run, "article_id": article,
                "source_id": self._source_id(connection, source), "revision": known.revision, "url": known.url,
                "title": known.title, "summary": known.summary, "language": known.language,
                "published_at": known.published_at, "published_precision": known.published_precision,
                "first_seen_at": known.first_seen_at, **more,
            }  # fmt: skip
            connection.execute(insert(tables.Change), [row])
            connection.execute(update(tables.Counter).values(value=self._seq))
        return self._seq

    def published(self, source: str, url: str, title: str, body: str = "", **more: Any) -> int:
        """Write an article with its ``published`` change and return the article's number."""
        article = self.article(url, title, body, **more)
        self.change(ChangeKind.PUBLISHED, source, article)
        return article

    def edited(
        self, source: str, article: int, body: str, edit_class: EditClass, *, title: str = "", **more: Any
    ) -> int:
        with self.engine.connect() as connection:
            table = tables.Article
            known = connection.execute(select(table.revision, table.title).where(table.id == article)).one()
        self.revision(article, known.revision + 1, title or known.title, body, edit_class)
        kind = ChangeKind.RETITLED if title else ChangeKind.EDITED
        return self.change(
            kind, source, article, edit_class=edit_class, old_title=known.title if title else "", **more
        )

    def link(self) -> None:
        """Link all articles to stories, as settling does."""
        with writing(self.engine) as connection:
            ids = connection.execute(select(tables.Article.id)).scalars().all()
            link_stories(connection, ids, now=self.now)

    def run(self, source: str) -> int:
        self._run += 1
        with writing(self.engine) as connection:
            row = {
                "id": self._run, "source_id": self._source_id(connection, source), "token": 1, "verdict": "ok",
                "started_at": self.now, "finished_at": self.now, "settled_at": self.now,
            }  # fmt: skip
            connection.execute(insert(tables.Run), [row])
        return self._run

    def gap(self, source: str, state: str) -> None:
        run = self.run(source)
        with writing(self.engine) as connection:
            row = {
                "source_id": self._source_id(connection, source), "opened_run_id": run, "upper": [], "lower": [],
                "closed_run_id": run if state == "lost" else None, "state": state,
                "since": self.now - timedelta(hours=6), "until": self.now - timedelta(hours=2),
                "closed_at": self.now if state == "lost" else None,
            }  # fmt: skip
            connection.execute(insert(tables.Gap), [row])

    def _source_id(self, connection: Any, name: str) -> int:
        found = connection.execute(select(tables.Source.id).where(tables.Source.name == name)).scalar_one()
        return int(found)
