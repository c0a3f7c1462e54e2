"""*Sources* and one source: its health, when it is crawled next and why, its plots, and pausing it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import Engine, update

from storage import tables
from storage.engine import writing
from storage.news_counts import news_by_day
from tests.digest.logs import Log
from tests.pages.conftest import NOW, Site, statements
from tests.storage.desk import BASE, based, entry, short

PLOTS = ("spark.svg", "news.svg", "size.svg")


def test_sources_that_want_a_look_stand_first(full_site: Site) -> None:
    page = full_site.get("/sources")
    names = [each.text_content().split(" ·")[0] for each in page.all("//tbody/tr/th/span")]
    assert names == [
        "closed", "hilltop", "asleep", "valley-ar", "valley-culture", "valley-en", "valley-fr",
    ]  # fmt: skip
    assert "7 sources, 2 of them want a look" in page.words()
    assert "the listing answers 410, it is gone" in page.words("//tbody/tr[1]")
    assert page.words("//tr[contains(., 'asleep')]//*[contains(@class, 'tag')]") == "paused"


def test_a_source_says_when_it_is_crawled_next_and_why_so_late(site: Site, log: Log) -> None:
    log.source(
        "one", title="One", next_due_at=NOW + timedelta(hours=3), due_reason="its host asked for patience"
    )
    for address in ("/sources", "/sources/one"):
        page = site.get(address)
        assert "in 3 h" in page.words()
        assert "because its host asked for patience" in page.words()
    log.source("two", next_due_at=NOW - timedelta(hours=3))
    assert "(now" in site.get("/sources/two").words()


def test_a_source_that_is_not_being_read_says_why_and_since_when(full_site: Site) -> None:
    note = full_site.get("/sources/hilltop").words("//div[contains(@class, 'note')]")
    assert "not being read since 20 November 2026, 06:00" in note
    assert "none of the 12 entries continues" in note


def test_a_source_shows_its_gaps_and_latest_runs(site: Site) -> None:
    desk = based(site.engine)
    desk.settle(short(desk, entry("n3"), entry("n2")))
    page = site.get("/sources/one")
    assert page.status == 200
    assert "Open gap" in page.words("//dl/dt")
    assert page.all("//dl//a[@href='/runs/2']")
    assert [each.text_content() for each in page.all("//tbody//th")] == ["2", "1"]
    assert "baseline" in page.words("//tbody/tr[2]")


def test_an_unknown_source_is_not_found(site: Site) -> None:
    for address in ("/sources/nobody", "/sources/nobody/news.svg", "/sources/nobody/size.svg"):
        assert site.get(address).status == 404
    assert site.post("/sources/nobody/pause").status == 404


def test_a_source_is_paused_and_resumed_and_not_by_looking(site: Site, log: Log) -> None:
    log.source("one")
    assert site.get("/sources/one/pause").status in {404, 405}
    done = site.post("/sources/one/pause")
    assert (done.status, done.headers["location"]) == (303, "/sources/one")
    page = site.get("/sources/one")
    assert "none while it is paused" in page.words()
    assert page.all("//form[@action='/sources/one/resume'][@method='post']")
    site.post("/sources/one/resume")
    assert site.get("/sources/one").all("//form[@action='/sources/one/pause']")


# ------------------------------------------------------------------------------------------- plots


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_is_a_picture_without_style_script_or_anything_from_elsewhere(
    site: Site, plot: str, scheme: str
) -> None:
    desk = based(site.engine)
    desk.run(entry("x"), *BASE)
    answer = site.get(f"/sources/one/{plot}", scheme=scheme)
    assert answer.headers["content-type"] == "image/svg+xml"
    root = etree.fromstring(answer.text.encode())
    allowed = {"svg", "g", "rect", "text", "path", "circle"}
    assert {etree.QName(each).localname for each in root.iter()} <= allowed
    attributes = {name for each in root.iter() for name in each.attrib}
    assert not attributes & {"style", "class", "id", "href", "onload", "{http://www.w3.org/1999/xlink}href"}
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "url(" not in answer.text


def test_plots_are_told_in_words_and_their_pictures_are_there_for_both_schemes(site: Site) -> None:
    desk = based(site.engine)
    desk.run(entry("x"), *BASE)
    with writing(site.engine) as connection:
        connection.execute(update(tables.Change).values(at=NOW - timedelta(days=2)))
    page = site.get("/sources/one")
    assert "1 new in 90 days, most on 25 November (1)." in page.words("//figcaption")
    assert "4 in the last one, between 3 and 4 in all" in page.words("//figcaption")
    assert all(each.get("alt") for each in page.all("//figure//img"))
    assert [each.get("media") for each in page.all("//source")] == ["(prefers-color-scheme: dark)"] * 2
    assert page.all("//img[@src='/sources/one/size.svg']")


def test_news_are_counted_by_day_and_source(engine: Engine) -> None:
    log = Log(engine)
    log.source("a")
    log.source("b")
    for number in range(5):
        log.published("ab"[number % 2], f"https://news.example/{number}", "T")
    with engine.connect() as connection:
        counts = news_by_day(connection, until=log.now + timedelta(days=1), days=3)
        assert (counts.of("a"), counts.of("b"), counts.of("nobody")) == ((0, 3, 0), (0, 2, 0), (0, 0, 0))
        assert [day.day for day in counts.days] == [19, 20, 21]
        only = news_by_day(connection, until=log.now, days=1, sources=["b"])
        assert only.by_source == {"b": (2,)}


def test_the_list_asks_no_more_of_the_database_for_more_sources(site: Site, log: Log) -> None:
    counts = []
    for upto in (2, 12):
        for number in range(upto):
            log.source(f"s{upto}-{number}")
        with statements(site.engine) as asked:
            assert site.get("/sources").status == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10
