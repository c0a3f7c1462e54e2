"""*Add a source*: what its forms refuse, and how many discoveries run and wait. The whole way is a browser test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from crawler.discovery.proposal import Candidate, Decision, Proposal
from news.errors import SourceError
from news.source import Channel, Source
from storage.settings import Settings
from storage.source_status import list_sources
from storage.sources import load_source, save_sources
from tests.pages.conftest import NOW, Page, Site
from tests.storage.desk import entry
from tidings.pages.discoveries import AT_ONCE, KEPT, MOST_WAITING, Discoveries, Discovery

URL = "https://harbour.example/news/"
FORM = {"name": "harbour", "schedule": "30m", "pages": "1"}


def proposal(decision: Decision = Decision.AUTO, url: str = URL) -> Proposal:
    feed = Candidate(
        channel=Channel.FEED,
        url=f"{url}feed",
        confidence=0.93,
        entries=tuple(entry(f"n{number}") for number in range(12)),
        overlap=1.0,
        reasons=("all 12 items are shown",),
    )
    return Proposal(
        url=url,
        decision=decision,
        reasons=("the feed brings all items",),
        chosen=0,
        candidates=(feed,),
        language="en",
    )


class Looks:
    """Discoveries that wait until a test lets them go on."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.outcome: Proposal | Exception = proposal()

    def __call__(self, _settings: Settings, _url: str, **_more: Any) -> Proposal:
        self.begun.release()
        assert self.go_on.wait(60)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def looks() -> Iterator[Looks]:
    made = Looks()
    yield made
    made.go_on.set()


@pytest.fixture
def here(sqlite_site: Site, looks: Looks, sqlite_url: str) -> Iterator[Site]:
    discoveries = Discoveries(Settings(database_url=sqlite_url, delay_seconds=0.25), look=looks)
    app: Any = sqlite_site.client.app
    app.state.discoveries = discoveries
    served = app.state.served
    object.__setattr__(served, "settings", discoveries.settings)
    yield sqlite_site
    looks.go_on.set()
    discoveries.close()


def found(site: Site, looks: Looks) -> str:
    """Begin a discovery, let it end, and return the address of its page."""
    address = site.post("/add-source", url=URL).headers["location"]
    looks.go_on.set()
    discoveries: Any = site.client.app.state.discoveries  # type: ignore[attr-defined]
    discoveries._threads.submit(lambda: None).result(60)
    for _ in range(200):
        if discoveries.find(address.rpartition("/")[2]).is_over:
            return str(address)
        threading.Event().wait(0.05)
    raise AssertionError(address)


def errors(page: Page) -> set[str]:
    return {each.get("id").removesuffix("-wrong") for each in page.all("//*[@class='wrong']")}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://user:secret@a.example/"}, "url"),
        ({"url": URL, "language": "no language"}, "language"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_address_that_is_none_is_refused_beside_its_field(
    here: Site, more: dict[str, str], field: str
) -> None:
    page = here.post("/add-source", **more)
    assert page.status == 422
    assert errors(page) == {field}
    assert page.all("//input[@name='url']/@value") == [more["url"]]


def test_while_it_runs_the_page_asks_again_by_itself(here: Site, looks: Looks) -> None:
    began = here.post("/add-source", url="harbour.example/news/")
    assert began.status == 303
    page = here.get(began.headers["location"])
    assert page.words("//h1") == "Looking"
    assert page.headers["refresh"] == "4"
    assert page.headers["cache-control"] == "no-store"
    assert "https://harbour.example/news/" in page.words()


def test_what_was_found_is_shown_before_it_is_saved(here: Site, looks: Looks) -> None:
    address = found(here, looks)
    page = here.get(address)
    assert "refresh" not in page.headers
    assert "Sure enough to be taken" in page.words()
    assert "the feed brings all items" in page.words()
    assert len(page.all("//ol/li")) == 10
    assert "And 2 more." in page.words()
    assert page.all("//input[@name='name']/@value") == ["harbour-news"]
    assert list_sources(here.engine) == []


def test_saving_makes_the_source_that_was_shown(here: Site, looks: Looks) -> None:
    address = found(here, looks)
    done = here.post(address, **{**FORM, "schedule": "2h", "pages": "3"})
    assert (done.status, done.headers["location"]) == (303, "/sources/harbour")
    source = load_source(here.engine, "harbour")
    assert (source.url, source.channel, source.schedule, source.baseline_pages) == (
        f"{URL}feed", Channel.FEED, "2h", 3,
    )  # fmt: skip
    assert not source.request.allow_private
    again = here.get(address)
    assert "It is watched already" in again.words()
    assert not again.all("//button[text()='Watch it']")
    assert here.post("/add-source", url=URL).headers["location"] == "/sources/harbour"
    here.post(address, **{**FORM, "name": "second"})
    assert len(list_sources(here.engine)) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "Not A Name"}, "name"),
        ({"name": "taken"}, "name"),
        ({"name": "icesco-en"}, "name"),  # of the catalogue
        ({"schedule": "1s"}, "schedule"),
        ({"schedule": ""}, "schedule"),
        ({"pages": "0"}, "pages"),
        ({"pages": "9" * 30}, "pages"),
        ({"pages": "two"}, "pages"),
    ],
    ids=str,
)
def test_a_mistake_on_saving_is_told_beside_its_field(
    here: Site, looks: Looks, more: dict[str, str], field: str
) -> None:
    save_sources(
        here.engine,
        [Source(name="taken", url="https://a.example/", channel=Channel.FEED)],
        origin="file",
        now=NOW,
    )
    page = here.post(found(here, looks), **{**FORM, **more})
    assert page.status == 422
    assert errors(page) == {field}
    assert len(list_sources(here.engine)) == 1


def test_what_is_refused_cannot_be_saved(here: Site, looks: Looks) -> None:
    looks.outcome = proposal(Decision.REFUSE)
    address = found(here, looks)
    assert "This cannot be watched" in here.get(address).words()
    here.post(address, **FORM)
    assert list_sources(here.engine) == []


@pytest.mark.parametrize(
    "error", [SourceError("harbour.example did not answer"), ZeroDivisionError()], ids=repr
)
def test_a_discovery_that_fails_says_so(here: Site, looks: Looks, error: Exception) -> None:
    looks.outcome = error
    page = here.get(found(here, looks))
    said = page.words("//*[@role='alert']")
    assert said == (str(error) or "Something unexpected happened; the log has the details.")
    assert "refresh" not in page.headers


def test_a_discovery_that_nobody_knows_is_not_found(here: Site) -> None:
    assert here.get("/add-source/guessed").status == 404
    assert here.post("/add-source/guessed", **FORM).status == 404


# ------------------------------------------------------------------------------------- how many at once


def begun(discoveries: Discoveries, number: int, **more: Any) -> Discovery | None:
    return discoveries.begin(f"https://site{number}.example/", now=NOW, **more)


def test_two_run_at_once_some_wait_and_one_more_is_turned_away(looks: Looks) -> None:
    discoveries = Discoveries(Settings(), look=looks)
    all_of_them = [begun(discoveries, number) for number in range(AT_ONCE + MOST_WAITING)]
    assert all(all_of_them)
    for _ in range(AT_ONCE):
        assert looks.begun.acquire(timeout=60)
    assert not looks.begun.acquire(timeout=0.2)
    assert begun(discoveries, 99) is None
    assert begun(discoveries, 0) == all_of_them[0], "who asks for the same page waits for the same discovery"
    assert begun(discoveries, 0, allow_private=True) is None
    looks.go_on.set()
    discoveries.close()


def test_what_was_found_is_forgotten_after_an_hour(looks: Looks) -> None:
    looks.go_on.set()
    discoveries = Discoveries(Settings(), look=looks)
    one = begun(discoveries, 1)
    assert one is not None
    discoveries._threads.shutdown(wait=True)
    over = discoveries.find(one.token)
    assert over is not None
    assert over.proposal == looks.outcome
    discoveries._forget(NOW + KEPT)
    assert discoveries.find(one.token) is not None
    discoveries._forget(NOW + KEPT + timedelta(seconds=1))
    assert discoveries.find(one.token) is None


def test_a_server_that_stops_begins_nothing_more(looks: Looks) -> None:
    looks.go_on.set()
    discoveries = Discoveries(Settings(), look=looks)
    discoveries.close()
    assert begun(discoveries, 1) is None
