"""A page that only describes its list for machines, from the first look to what is new."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest

from crawler.catalogue import load_site_text
from crawler.channels.described import BY_DESCRIPTION
from tests.crawler.discovery.memory import TOPICS, Came
from tests.crawler.discovery.test_described_lists import SHELL, description
from tests.crawler.site import LocalSite
from tests.tidings.conftest import Tidings
from tests.tidings.news_site import serve, show


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSite]:
    monkeypatch.setenv("TIDINGS_DELAY_SECONDS", "0")
    with LocalSite() as made:
        describe(made, range(1, 8))
        yield made


def describe(site: LocalSite, numbers: Iterable[int]) -> None:
    numbers = list(numbers)
    show(site, numbers)
    serve(site, "/notices/", Came(body=SHELL.format(description(numbers))))


def test_a_described_list_is_watched_read_and_written_to_a_file(tidings: Tidings, site: LocalSite) -> None:
    asked = ("watch", site.url("/notices/"), "--allow-private", "--name", "harbour")
    watched = tidings(*asked, "--yes")
    assert watched.code == 0, watched.out + watched.err
    assert "harbour: baseline taken: 7 items known, none announced" in watched.out
    describe(site, range(8))
    run = json.loads(tidings("crawl", "harbour", "--json").out)
    assert [(each["kind"], each["title"]) for each in run["changes"]] == [("published", TOPICS[0])]
    exported = tidings("sources", "export", "harbour").out
    assert 'item = "described-list"' in exported
    [source] = load_site_text(exported, "harbour.toml")
    assert source.wrapper == BY_DESCRIPTION


def test_a_list_that_a_page_stops_describing_is_told_and_announces_nothing(
    tidings: Tidings, site: LocalSite
) -> None:
    tidings("watch", site.url("/notices/"), "--allow-private", "--name", "harbour", "--yes")
    serve(site, "/notices/", Came(body=SHELL.format("")))
    [run] = json.loads(tidings("crawl", "harbour", "--json").out)["runs"]
    assert (run["verdict"], run["entries"]) == ("suspect", 0)


def test_a_list_that_a_page_shows_again_is_healed_and_so_is_one_that_it_only_describes(
    tidings: Tidings, site: LocalSite
) -> None:
    describe(site, range(2, 9))
    tidings("watch", site.url("/notices/"), "--allow-private", "--name", "harbour", "--yes")
    show(site, range(1, 9))  # now it shows its list itself
    run = json.loads(tidings("crawl", "harbour", "--json").out)
    assert [(each["kind"], each["title"]) for each in run["changes"]] == [("published", TOPICS[1])]
    assert run["runs"][0]["healed"]
    assert "in use from this run on (version 2" in run["runs"][0]["reason"]
    describe(site, range(9))
    run = json.loads(tidings("crawl", "harbour", "--json").out)
    assert [(each["kind"], each["title"]) for each in run["changes"]] == [("published", TOPICS[0])]
    assert "in use from this run on (version 1" in run["runs"][0]["reason"]


def test_a_list_that_becomes_a_described_one_is_healed(tidings: Tidings, site: LocalSite) -> None:
    show(site, range(1, 8))
    asked = ("watch", site.url("/notices/"), "--allow-private", "--name", "harbour", "--channel", "listing")
    tidings(*asked, "--yes")
    describe(site, range(8))
    run = json.loads(tidings("crawl", "harbour", "--json").out)
    assert [(each["kind"], each["title"]) for each in run["changes"]] == [("published", TOPICS[0])], run
    assert run["runs"][0]["healed"]
