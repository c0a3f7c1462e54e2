"""Sources whose pages need a browser, in a real Chromium: what they show, and what their scripts cannot reach."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crawler.browser.chromium import browser_settings, find_chromium
from news.run import Reading, Trouble
from news.source import RequestRules
from tests.crawler.browser.pages import ITEMS, SHELL, STORY, reaching_for
from tests.crawler.crawling import Crawled, crawl, plan, source
from tests.crawler.site import Answer, LocalSite

RENDERED = RequestRules(delay_seconds=0.0, allow_private=True, browser=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the system's browser; without one these tests fail, as continuous integration must."""
    return find_chromium(sandbox=False)


@contextmanager
def a_site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.page("/", SHELL)
        site.script("/api/items.json", Answer(body=ITEMS, content_type="application/json"))
        for slug in ("ferry-timetable", "lighthouse-open", "quay-repairs"):
            site.page(
                f"/story/{slug}", STORY.format(title=f"On {slug}", text="The harbour office says so. " * 12)
            )
        yield site


def rendered(site: LocalSite, chromium: str, path: str = "/", **settings: Any) -> Reading:
    return rendering(site, chromium, path, **settings).readings["site"]


def rendering(site: LocalSite, chromium: str, path: str = "/", **settings: Any) -> Crawled:
    one = plan(source(site.url(path), request=RENDERED))
    return crawl(one, settings={**browser_settings(chromium, sandbox=False), **settings})


def test_a_listing_and_articles_that_only_scripts_show_are_read(chromium: str) -> None:
    with a_site() as site:
        reading = rendered(site, chromium)
        assert [entry.title for entry in reading.entries] == [
            "Ferries sail half an hour later in winter",
            "The lighthouse opens its stairs to visitors",
            "Repairs on the north quay begin in March",
        ]
        bodies = [look.content.body_text for look in reading.looks if look.content]
        assert len(bodies) == 3
        assert all("The harbour office says so." in body for body in bodies)
        assert not reading.problems
        agents = {request.headers["user-agent"] for request in site.log}
        assert len(agents) == 1
        assert "tidings" in agents.pop()


def test_a_rendered_page_keeps_no_validators_since_its_scripts_may_show_something_else_tomorrow(
    chromium: str,
) -> None:
    with a_site() as site:
        site.script("/", Answer(body=SHELL, etag='"shell"'))
        reading = rendered(site, chromium)
        assert reading.entries
        assert not reading.validators


def test_scripts_reach_no_private_address_that_the_source_did_not_name(chromium: str) -> None:
    with a_site() as site, a_listener() as secret:
        site.page("/", reaching_for(secret.address))
        reading = rendered(site, chromium)
        assert [entry.title for entry in reading.entries] == ["One item stands here from the beginning"]
        assert secret.hits == []


def test_a_source_without_the_opt_in_renders_nothing_of_a_private_address(chromium: str) -> None:
    with a_site() as site:
        rules = RequestRules(delay_seconds=0.0, browser=True)
        one = plan(source(site.url("/"), request=rules))
        reading = crawl(one, settings=browser_settings(chromium, sandbox=False)).readings["site"]
        assert [problem.trouble for problem in reading.problems if problem.fatal] == [Trouble.REFUSED]
        assert not site.log


def test_a_page_that_leads_a_browser_to_another_host_is_refused(chromium: str) -> None:
    with a_site() as site, a_site() as other:
        site.page("/", f"<script>location.href = '{other.url('/')}'</script>")
        reading = rendered(site, chromium)
        assert reading.problems[0].fatal
        assert "127.0.0.1" in reading.problems[0].detail
        assert not other.log


def test_a_page_that_leads_a_browser_out_of_the_web_is_told(chromium: str) -> None:
    with a_site() as site:
        site.page("/", "<script>location.href = 'about:blank'</script>")
        [problem] = rendered(site, chromium).problems
        assert (problem.fatal, problem.trouble) == (True, Trouble.NETWORK)
        assert "'about:blank', which is no web address" in problem.detail


def test_a_page_that_never_rests_is_taken_as_it_stands(chromium: str) -> None:
    with a_site() as site:
        restless = SHELL.replace("</script></body>", "setInterval(() => fetch('/tick'), 50);</script></body>")
        site.page("/", restless)
        reading = rendered(site, chromium)
        assert len(reading.entries) == 3


def test_a_page_that_brings_more_than_it_may_is_refused(chromium: str) -> None:
    with a_site() as site:
        heavy = SHELL.replace("</script></body>", "fetch('/heavy.js');</script></body>")
        site.page("/", heavy)
        site.script("/heavy.js", Answer(body="x" * 2_000_000, content_type="text/javascript"))
        reading = rendered(site, chromium, DOWNLOAD_MAXSIZE=100_000)
        assert reading.problems[0].fatal
        assert reading.problems[0].trouble is Trouble.NOT_A_PAGE


def test_a_page_that_does_not_answer_is_a_time_out(chromium: str) -> None:
    with a_site() as site:
        site.script("/", Answer(body=SHELL, delay_seconds=30))
        reading = rendered(site, chromium, DOWNLOAD_TIMEOUT=2)
        assert reading.problems[0].trouble is Trouble.NETWORK
        assert "time-out" in reading.problems[0].detail


def test_an_error_status_of_a_rendered_page_is_an_error(chromium: str) -> None:
    with a_site() as site:
        site.script("/", Answer(status=503, body="<h1>Back soon</h1>"))
        reading = rendered(site, chromium)
        assert reading.problems[0].fatal
        assert reading.problems[0].status == 503


class Listener:
    """A TCP listener that nobody may reach; it counts who does. UDP on the same port too."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self.address = f"127.0.0.1:{self.port}"

    def serve(self) -> None:
        for listening in (self._listen_tcp, self._listen_udp):
            threading.Thread(target=listening, daemon=True).start()

    def _listen_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            self.hits.append("tcp")
            connection.close()

    def _listen_udp(self) -> None:
        while True:
            try:
                self._udp.recv(1)
            except OSError:
                return
            self.hits.append("udp")

    def close(self) -> None:
        for opened in (self._tcp, self._udp):
            opened.close()


@contextmanager
def a_listener() -> Iterator[Listener]:
    listener = Listener()
    listener.serve()
    try:
        yield listener
    finally:
        listener.close()
