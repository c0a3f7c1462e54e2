"""Crawling now, against a real site on the loopback interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.leases import lease_named
from storage.schema import ready
from tests.crawler.site import Answer, LocalSite
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tests.tidings.small_site import CRANE, FERRY, FOG, LIGHT, listing, page

ORIGIN = "sqlite:///tidings.db"  # the default, in the working directory


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as made:
        show(made, FERRY, CRANE, LIGHT)
        yield made


def show(site: LocalSite, *notices: tuple[str, str, str]) -> None:
    site.page("/notices/", listing(notices).decode())
    for path, title, text in notices:
        site.page(f"/{path}/", page(title, text).decode())


@pytest.fixture
def site_file(site: LocalSite, tmp_path: Path) -> Path:
    file = tmp_path / "harbour.toml"
    file.write_text(
        f'schema = 1\nname = "harbour"\nurl = "{site.url("/notices/")}"\n'
        '[wrapper]\nitem = "article"\nlink = "h2 a"\ntitle = "h2"\nbody = "div.text"\n'
        "[request]\ndelay_seconds = 0.0\nallow_private = true\n"
    )
    return file


def test_a_site_file_is_crawled_at_once_and_later_by_its_name(
    tidings: Tidings, site: LocalSite, site_file: Path
) -> None:
    first = tidings("crawl", "--file", site_file)
    assert first.code == 0
    assert first.out == "harbour: baseline taken: 3 items known, none announced\n"
    assert first.err.splitlines()[0] == "crawling harbour"
    unchanged = tidings("crawl", "harbour", "--exit-code")
    assert (unchanged.code, unchanged.out) == (0, "nothing new: harbour\n")
    show(site, FOG, FERRY, CRANE, LIGHT)
    news = tidings("crawl", "--exit-code", "--json")
    assert news.code == 10
    shown = json.loads(news.out)
    assert faults(shown, "crawl") == []
    assert [(change["kind"], change["title"]) for change in shown["changes"]] == [("published", FOG[1])]


def test_a_baseline_announces_the_newest_items_if_it_is_told_to(tidings: Tidings, site_file: Path) -> None:
    ended = tidings("crawl", "--file", site_file, "--announce-latest", 2)
    assert ended.out.startswith("harbour: baseline taken: 3 items known, 2 announced\n  new        ")
    assert FERRY[1] in ended.out
    assert CRANE[1] in ended.out
    assert LIGHT[1] not in ended.out


def test_a_source_that_cannot_be_read_fails_the_command_and_says_why(
    tidings: Tidings, site: LocalSite, site_file: Path
) -> None:
    site.script("/notices/", Answer(status=404))
    ended = tidings("crawl", "--file", site_file)
    assert ended.code == 1
    assert ended.out.startswith("harbour: failed: ")
    assert "404" in ended.out
    assert tidings("crawl", "harbour", "--exit-code").code == 30


def test_a_listing_that_is_gone_is_paused_and_whoever_crawls_is_told(
    tidings: Tidings, site: LocalSite, site_file: Path
) -> None:
    tidings("crawl", "--file", site_file)
    site.script("/notices/", Answer(status=410))
    ended = tidings("crawl", "harbour")
    assert ended.code == 1
    assert ended.out.endswith("  it is paused now; `tidings sources resume harbour` takes it up again\n")
    assert "asked again" not in ended.out


def test_a_changed_site_file_is_due_and_promises_no_second_baseline(
    tidings: Tidings, site_file: Path
) -> None:
    assert "takes its baseline" in tidings("sources", "import", site_file).out
    tidings("crawl", "harbour")
    site_file.write_text(site_file.read_text().replace('"h2 a"', '"article h2 a"'))
    assert tidings("sources", "import", site_file).out == "harbour: saved and due now\n"


def test_a_crawl_is_recorded_and_replays_into_another_database(
    tidings: Tidings, site: LocalSite, site_file: Path
) -> None:
    recorded = tidings("record", "harbour", "--file", site_file, "--output", "visit.warc.gz", "--json")
    assert recorded.code == 0
    assert "visit.warc.gz" in recorded.err
    shown = json.loads(recorded.out)
    assert faults(shown, "crawl") == []
    asked = len(site.log)
    replayed = tidings("replay", "visit.warc.gz", "--database", "sqlite:///other.db")
    assert replayed.out == "harbour: baseline taken: 3 items known, none announced\n"
    assert len(site.log) == asked
    again = tidings("crawl", "harbour", "--record", "visit.warc.gz")
    assert again.code == 1
    assert "never overwritten" in again.err


def test_a_crawl_says_who_is_crawling_the_host_already(
    tidings: Tidings, site: LocalSite, site_file: Path
) -> None:
    tidings("sources", "import", site_file)
    engine = ready(ORIGIN)
    lease_named(engine, ["harbour"], owner="somebody on another machine", seconds=600)
    engine.dispose()
    ended = tidings("crawl", "harbour")
    assert ended.code == 1
    assert "somebody on another machine is crawling it until" in ended.err
    assert site.log == []
    assert "127.0.0.1" in tidings("status").out.partition("Being crawled now")[2]


def test_a_paused_source_is_not_crawled_by_name_and_left_out_without_names(
    tidings: Tidings, site: LocalSite, site_file: Path
) -> None:
    tidings("sources", "import", site_file)
    tidings("sources", "pause", "harbour")
    named = tidings("crawl", "harbour")
    assert named.code == 1
    assert "tidings sources resume harbour" in named.err
    assert "every source is paused" in tidings("crawl").err
    assert site.log == []


def test_a_source_of_the_catalogue_follows_it_and_one_of_a_file_does_not(
    tidings: Tidings, site_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDINGS_SITES", str(tmp_path))
    tidings("crawl", "harbour")
    site_file.write_text(site_file.read_text().replace('"h2 a"', '"article h2 a"'))
    tidings("crawl", "harbour")
    assert "2 (catalogue)" in tidings("sources", "show", "harbour").out
    other = tmp_path / "own" / "harbour.toml"
    other.parent.mkdir()
    other.write_text(site_file.read_text().replace('"article h2 a"', '"h2 > a"'))
    tidings("crawl", "--file", other)
    tidings("crawl", "harbour")
    assert "3 (file)" in tidings("sources", "show", "harbour").out
