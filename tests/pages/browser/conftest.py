"""A real server on loopback, a real Chromium, and a database after the recorded weeks of icesco in three languages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Request, sync_playwright
from sqlalchemy import Engine

from crawler.browser.chromium import find_chromium
from crawler.recordings.find import find_recordings
from digest.compose import compose
from news.source import Source, Wrapper
from scheduler.crawling import replay_now
from storage.claims import claim_due, mark_failed
from storage.engine import open_engine
from storage.retrying import Failure
from storage.schema import ready
from storage.settings import Settings
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.targets import TargetPlan
from tests.conftest import SHARED, locked
from tests.pages.conftest import application
from tests.series import FIXTURES, ROOT
from tests.storage import desk as desks
from tests.storage.test_runs import FEWER
from tests.storage.test_wrappers import healing
from tidings.serving.server import WebServer, listen

SHOTS = ROOT / "build" / "screenshots"
STEPS = {"en": "04-", "fr": "08-", "ar": "08-"}
"""Before which step of its series each language stops: icesco-en has been redesigned by then."""
NOW = datetime(2023, 12, 7, 13, 30, tzinfo=UTC)
"""When the pages are looked at: soon after the last recording."""

TRIES = 5
"""Of a screenshot: a page that asks anew by itself does so every few seconds."""
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


@dataclass
class Open:
    """A browser on a server: `page` opens a page of it, and what it asks for is written down."""

    browser: Browser
    origin: str
    engine: Engine
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(
        self, address: str = "/", *, scheme: str = "light", width: int = 1180, scripts: bool = True
    ) -> Iterator[Page]:
        context = self.browser.new_context(
            base_url=self.origin,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(20_000)
        context.on("request", self._note)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        try:
            page.goto(address)
            yield page
        finally:
            context.close()

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    @property
    def foreign(self) -> list[str]:
        """What was asked for elsewhere."""
        return [url for url in self.asked if not url.startswith((f"{self.origin}/", "data:,"))]


@pytest.fixture(scope="session")
def icesco(pytestconfig: pytest.Config) -> Path:
    """A SQLite file after the recordings of icesco, with subscriptions, deliveries and what waits for a person."""
    file = pytestconfig.stash[SHARED] / "icesco.db"
    with locked(file.with_suffix(".lock")):
        if not file.exists():
            draft = file.with_suffix(".part")
            url = f"sqlite:///{draft}"
            engine = ready(url)
            _replay(url)
            _read(engine)
            _suspect(engine)
            engine.dispose()
            draft.rename(file)
    return file


def _replay(url: str) -> None:
    settings = Settings(database_url=url, log_level="error")
    for language, stop in STEPS.items():
        for recording in find_recordings([FIXTURES / "icesco" / language]):
            if recording.name < stop or language != "en" or recording.name.startswith(("05-", "06-")):
                replay_now(settings, recording)


def _read(engine: Engine) -> None:
    mail = TargetPlan(kind="mail", options={"to": "desk@example.org"})
    add(engine, "News desk", filter=DigestFilter(), target=mail, from_start=True, now=NOW)
    arabic = DigestFilter(languages=("ar",))
    add(engine, "نشرة", filter=arabic, from_start=True, now=NOW)
    for name in ("News desk", "نشرة"):
        assert compose(engine, name, now=NOW) is not None
    [claim] = claim_due(engine, owner="tests", limit=5, seconds=60, now=NOW)
    refused = Failure(reason="mail.example.org: 550 there is no such mailbox", permanent=True)
    mark_failed(engine, claim, refused, now=NOW)


def _suspect(engine: Engine) -> None:
    """Leave a suspect run and proposed selectors of two small sources."""
    before, desks.START = desks.START, NOW - timedelta(hours=6)
    try:
        sources = [
            Source(
                name=name,
                title=title,
                language="en",
                url=f"https://{desks.HOST}/{name}",
                wrapper=Wrapper(item=("li",), link=("a",)),
            )
            for name, title in (("harbour", "Harbour News"), ("valley", "Valley Library News"))
        ]
        desk = desks.Desk(engine, *sources)
        known = [
            desks.entry(f"{word} report", hour=-hours) for hours, word in enumerate(("first", "second"), 1)
        ]
        for source in ("harbour", "valley"):
            desk.run(*known, source=source)
        desk.later(hours=4)
        new = [desks.entry("late report", hour=2), desks.entry("early report", hour=1)]
        desk.run(*new, *known, source="harbour", profile=FEWER)
        desk.run(*known, source="valley", healing=healing(accepted=False), profile=FEWER)
    finally:
        desks.START = before


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one these tests fail, as continuous integration must.

    Not of the session: as long as it is open a loop of asyncio counts as running in this thread, and the tests of other
    rooms could start none.
    """
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=find_chromium(sandbox=False), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@contextmanager
def served(engine: Engine, browser: Browser, **settings: Any) -> Iterator[Open]:
    app = application(engine, Settings(serve_port=0, **settings))
    app.state.clock = lambda: NOW
    doors = app.state.served.doors
    listener = listen(doors)
    server = WebServer(app, listener)
    server.start()
    try:
        yield Open(browser=browser, origin=f"http://127.0.0.1:{listener.getsockname()[1]}", engine=engine)
    finally:
        server.stop()


@pytest.fixture
def opened(icesco: Path, tmp_path: Path, browser: Browser) -> Iterator[Open]:
    """This test's own copy of the database, served."""
    engine = open_engine(f"sqlite:///{shutil.copyfile(icesco, tmp_path / 'icesco.db')}")
    with served(engine, browser, time_zone="Africa/Casablanca") as site:
        yield site
    engine.dispose()


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a screenshot as an artefact; of a page that asks anew by itself, which may be while it is taken."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    draft = SHOTS / f".{name}.{os.getpid()}.png"
    for left in reversed(range(TRIES)):
        try:
            page.screenshot(path=draft, full_page=whole)
        except Error:
            if not left:
                raise
            page.wait_for_load_state()
        else:
            break
    draft.replace(SHOTS / f"{name}.png")


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for each in found
        for node in each["nodes"]
    ]
