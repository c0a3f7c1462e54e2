"""The benchmark of many sources, in its short form: copies stand for crawled sources, and what it says is measured."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks import scale
from benchmarks.many import multiply
from benchmarks.names import host_name
from benchmarks.scale_table import NEW, UNCHANGED, Bar, Measured, Results, Side, bars, last_line, table
from benchmarks.site import Sites, title
from benchmarks.urlwatch_side import UrlwatchAbsentError, headlines
from storage.checking import count_all, find_faults
from storage.engine import reading

OURS = Side(name="tidings", database="sqlite", workers=2)
BARE = Side(name="bare Scrapy")
URLWATCH = Side(name="urlwatch")


def measured(side: Side, sources: int, inside: float, *, kind: str = UNCHANGED, grown: int = 0) -> Measured:
    return Measured(
        side=side,
        kind=kind,
        sources=sources,
        whole=inside + 2,
        inside=inside,
        megabytes=300.0,
        wall_seconds=1.0,
        requests=sources,
        listings=1.0,
        found=0,
        grown=grown,
    )


def judged(*rounds: Measured) -> dict[str, Bar]:
    results = Results()
    for each in rounds:
        results.add(each)
    return {bar.what: bar for bar in bars(results)}


def one(bars_: dict[str, Bar], beginning: str) -> Bar:
    [found] = [bar for what, bar in bars_.items() if what.startswith(beginning)]
    return found


@pytest.mark.heavy
@pytest.mark.timeout(600)  # a dozen processes, each with its own start, and a server of PostgreSQL
def test_forty_sources_are_watched_on_both_databases_beside_a_bare_spider(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benchmark holds every round to its requests and its news, and ends at the first that differs."""
    faults: list[str] = []

    def copied(engine: Engine, first: int, sources: int) -> None:
        multiply(engine, first, sources)
        with reading(engine) as connection:
            faults.extend(find_faults(connection))
            assert count_all(connection).articles == 400

    monkeypatch.setattr(scale, "multiply", copied)
    assert scale.main(["--sizes", "40", "--workers", "2", "--peers", "bare", "--repeat", "1"]) == 0
    assert [fault for fault in faults if "search index" not in fault] == []  # which has no copies
    lines = capsys.readouterr().out.splitlines()
    assert sum("urlwatch is ABSENT" in line for line in lines) == 2  # before and after
    for kind, news in ((UNCHANGED, "0"), (NEW, "4")):
        [place] = [place for place, line in enumerate(lines) if line == f"40 sources, {kind}"]
        block = [re.split(r"\s{2,}", line.strip()) for line in lines[place + 2 : place + 5]]
        names = [line[0] for line in block]
        assert names == [
            "tidings, sqlite, 2 crawl processes",
            "tidings, postgresql, 2 crawl processes",
            "bare Scrapy",
        ]
        assert [line[-2] for line in block] == [news] * 3
    assert "met          listing requests of an unchanged source: 1.00 (1.00)" in lines
    assert re.match(r"scale, unchanged: 40 on sqlite by 2: \d+\.\d\d ms a source, \d", lines[-1])


RIGHT = {"listings": 40, "hosts": 40, "most": 1, "not modified": 36, "articles": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"listings": 41, "most": 2},
        {"hosts": 39, "most": 2},
        {"not modified": 35},
        {"articles": 3},
        {"robots": 1},
    ],
)
def test_a_request_too_many_or_too_few_ends_the_benchmark(wrong: dict[str, int]) -> None:
    scale.hold_to_requests("tidings", Counter(RIGHT), sources=40, new=4)
    with pytest.raises(SystemExit, match="tidings, 40 sources, 4 with news: asked"):
        scale.hold_to_requests("tidings", Counter(RIGHT | wrong), sources=40, new=4)


def test_what_is_told_twice_or_is_no_news_ends_the_benchmark() -> None:
    news = Counter(["http://a.test/1", "http://b.test/1"])
    scale.hold_to_news("tidings", news, news)
    for wrong in (
        news + Counter(["http://a.test/1"]),
        news - Counter(["http://b.test/1"]),
        Counter(["http://c.test/1"]),
    ):
        with pytest.raises(SystemExit, match=r"tidings: told otherwise than published: http://[abc]\.test/1"):
            scale.hold_to_news("tidings", wrong, news)


def test_the_server_counts_what_it_is_asked_for_and_begins_alike() -> None:
    sites = Sites(20)
    first, copy = host_name(1), host_name(21)
    assert sites.answer("/news/", first, b'"1-0"').startswith(b"HTTP/1.1 304")
    page = sites.answer("/news/", copy, b"")
    assert b'href="/2026/11/1-10/"' in page
    sites.answer("/__publish", "", b"")
    assert b'href="/2026/11/21-11/"' in sites.answer("/news/", copy, b'"1-0"')
    assert title(21, 11).encode() in sites.answer("/2026/11/21-11/", copy, b"")
    sites.answer("/robots.txt", copy, b"")
    counts = sites.counts()
    assert counts == {"not modified": 1, "articles": 1, "robots": 1, "listings": 3, "hosts": 2, "most": 2}
    assert sites.counts() == {"listings": 0, "hosts": 0, "most": 0}


def test_a_round_in_a_running_service_is_compared_with_the_whole_of_urlwatch() -> None:
    found = judged(measured(OURS, 1_000, 2.0), measured(URLWATCH, 1_000, 1.0), measured(BARE, 1_000, 1.0))
    assert (
        one(found, "an unchanged round of 1,000 in a running service against urlwatch's: 0.67 (1.00;").met
        is True
    )
    found = judged(measured(OURS, 10_000, 20.0), measured(URLWATCH, 10_000, 20.0))
    assert (
        one(found, "an unchanged round of 10,000 in a running service against urlwatch's: 0.91 (0.70;").met
        is False
    )
    found = judged(measured(OURS, 1_000, 2.0))
    bar = one(found, "an unchanged round of 1,000")
    assert bar.met is None
    assert "urlwatch is absent" in str(bar)


def test_the_median_of_repeated_rounds_counts() -> None:
    ours = [measured(OURS, 1_000, seconds) for seconds in (9.0, 1.0, 2.0)]
    assert one(judged(*ours, measured(URLWATCH, 1_000, 2.0)), "an unchanged round of 1,000").met is True


def test_growth_is_linear_or_told_as_not() -> None:
    few = [measured(OURS, 1_000, 4.0), measured(OURS, 1_000, 5.0, kind=NEW, grown=1_000_000)]
    found = judged(
        *few, measured(OURS, 10_000, 44.0), measured(OURS, 10_000, 70.0, kind=NEW, grown=13_000_000)
    )
    assert one(found, "CPU of an unchanged source").met is True
    assert one(found, "CPU of a round with news").met is False
    assert one(found, "bytes of a round with news").met is False
    assert one(judged(*few), "growth is linear: needs two sizes").met is None


def test_the_table_and_the_last_line_give_the_ratios() -> None:
    results = Results()
    for each in (measured(OURS, 1_000, 3.0), measured(BARE, 1_000, 2.0), measured(URLWATCH, 1_000, 4.0)):
        results.add(each)
    results.sizes["sqlite", 1_000] = 50_000_000
    lines = list(table(results))
    assert lines[0] == "1,000 sources, unchanged"
    # CPU s, in service, of the database's server, ms a source, of urlwatch, of bare Scrapy
    assert lines[2].split()[5:11] == ["5.00", "3.00", "0.00", "3.00", "0.50", "1.50"]
    assert "  sqlite holds 50.0 KB a source after the baseline" in lines
    told = last_line(results, bars(results))
    assert told == (
        "scale, unchanged: 1,000 on sqlite by 2: 3.00 ms a source, 0.50 of urlwatch, 1.50 of bare Scrapy; "
        "3 of 4 bars met, 0 not met"
    )


def test_a_missing_urlwatch_is_told_loudly_and_meets_no_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> Path:
        raise UrlwatchAbsentError("there is no network")

    monkeypatch.setattr(scale, "installed", refused)
    monkeypatch.setattr(
        scale,
        "measure",
        lambda sources, _options, _urlwatch, results: results.add(measured(OURS, sources, 3.0)),
    )
    assert scale.main(["--sizes", "1000"]) == 0
    told = capsys.readouterr().out
    assert told.count("*** urlwatch is ABSENT, nothing is compared with it: there is no network ***") == 2
    assert "not measured an unchanged round of 1,000" in told


def test_headlines_are_the_lines_that_urlwatch_tells_as_new() -> None:
    told = (
        "===\n01. CHANGED: http://a.test/news/\n===\n\n--- @\tSat, 28 Nov 2026\n+++ @\tSat, 28 Nov 2026\n"
        "@@ -1,3 +1,3 @@\n+A bridge opens 7.11\n The council votes 7.10\n-The old library 7.1\n"
    )
    assert list(headlines(told)) == ["A bridge opens 7.11"]
