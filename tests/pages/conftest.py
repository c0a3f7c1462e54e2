"""The pages without a browser: an application on a database of the test's own, and what it says as a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from lxml import html
from sqlalchemy import Engine, event, select, update
from starlette.testclient import TestClient

from storage import tables
from storage.engine import open_engine, writing
from storage.settings import Settings
from tests.digest.everything import write_everything
from tests.digest.logs import Log
from tidings.pages.drawing import PagesDrawing
from tidings.pages.router import pages
from tidings.serving.app import create_app
from tidings.serving.doors import doors_of
from tidings.serving.forms import FIELD, form_token

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer, read as a browser would."""

    status: int
    headers: dict[str, str]
    text: str
    tree: Any

    def words(self, path: str = "//body") -> str:
        """Return the text of what an XPath finds, with single spaces."""
        return " ".join(" ".join(each.text_content().split()) for each in self.tree.xpath(path))

    def all(self, path: str) -> list[Any]:
        """Return what an XPath finds."""
        return list(self.tree.xpath(path))


@dataclass
class Site:
    """A server with its pages, for one test."""

    engine: Engine
    client: TestClient

    def get(self, address: str, **query: Any) -> Page:
        return page_of(self.client.get(address, params=query or None, headers={"Accept": "text/html"}))

    def post(self, address: str, **fields: Any) -> Page:
        """Send a form as a page holds it, and do not follow where the answer leads."""
        nobody: Any = SimpleNamespace(state=SimpleNamespace())
        return page_of(self.client.post(address, data={FIELD: form_token(nobody), **fields}))


class SiteLog(Log):
    """A log whose sources are declared well enough to be shown."""

    def source(self, name: str, **more: Any) -> str:
        made = super().source(name, **more)
        with writing(self.engine) as connection:
            table = tables.Source
            row = connection.execute(select(table.definition).where(table.name == name)).one()
            declared = {**row.definition, "url": f"https://news.example/{name}/feed", "channel": "feed"}
            connection.execute(update(table).where(table.name == name).values(definition=declared))
        return made


def page_of(answer: Any) -> Page:
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    tree = html.document_fromstring(answer.text) if is_html and answer.text else html.Element("html")
    return Page(status=answer.status_code, headers=dict(answer.headers), text=answer.text, tree=tree)


def application(engine: Engine, settings: Settings) -> FastAPI:
    doors = doors_of(settings)
    app = create_app(engine, settings, doors=doors, routers=[pages()], drawing=PagesDrawing())
    app.state.clock = lambda: NOW
    return app


def client_of(engine: Engine, settings: Settings | None = None) -> TestClient:
    app = application(engine, settings or Settings())
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def log(engine: Engine) -> Log:
    """An empty log; the test runs once on each kind of database."""
    return SiteLog(engine)


@pytest.fixture
def site(log: Log) -> Iterator[Site]:
    """The pages of an empty database, on each kind."""
    with client_of(log.engine) as client:
        yield Site(engine=log.engine, client=client)


@pytest.fixture
def full_site(site: Site, log: Log) -> Site:
    """The same with every kind of change, three languages, and sources that are not being read."""
    write_everything(log)
    return site


@pytest.fixture
def sqlite_site(sqlite_url: str) -> Iterator[Site]:
    """The pages of an empty SQLite file, for what the kind of database does not concern."""
    engine = open_engine(sqlite_url)
    with client_of(engine) as client:
        yield Site(engine=engine, client=client)
    engine.dispose()


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Count what is asked of a database."""
    asked: list[str] = []

    def note(*given: Any) -> None:
        statement = str(given[2])
        if re.match(r"\s*(select|insert|update|delete|with)", statement, re.IGNORECASE):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
