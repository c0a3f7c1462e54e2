"""A real web server on loopback, in a thread of the test's own process, and what asks it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Engine

from storage.settings import Settings
from tidings.serving.app import create_app
from tidings.serving.doors import Doors, doors_of
from tidings.serving.served import Served
from tidings.serving.server import WebServer, listen


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the problem that the answer tells."""
        assert self.headers["content-type"] == "application/problem+json", self.headers
        assert self.json["status"] == self.status
        return str(self.json["type"].rpartition("/")[2])


@dataclass(frozen=True, kw_only=True)
class Site:
    """A server that runs, by its port."""

    port: int
    server: WebServer
    served: Served

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        timeout: float = 30,
    ) -> Answer:
        """Send one request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            came = connection.getresponse()
            named = {name.lower(): value for name, value in came.getheaders()}
            return Answer(status=came.status, headers=named, body=came.read())
        finally:
            connection.close()

    def api(self, path: str, **more: Any) -> Any:
        """Return the JSON of a request to the API that must succeed."""
        answer = self.ask(f"/api/v1{path}", **more)
        assert answer.status == 200, answer.body
        return answer.json


@contextmanager
def serving(
    engine: Engine, *, doors: Doors | None = None, routers: Sequence[APIRouter] = (), **settings: Any
) -> Iterator[Site]:
    """Serve a database on a free port of loopback."""
    made = Settings(serve_port=0, **settings)
    reached = doors or doors_of(made)
    listener = listen(reached)
    app = create_app(engine, made, doors=reached, routers=routers)
    server = WebServer(app, listener)
    server.start()
    try:
        yield Site(port=listener.getsockname()[1], server=server, served=app.state.served)
    finally:
        server.stop()
