"""``tidings watch``: from an address to a source with its baseline, and what is new after it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from news.source import Channel, Source
from storage.engine import open_engine
from storage.source_status import list_sources
from storage.sources import load_source
from tests.crawler.discovery.memory import TOPICS, alternate, article
from tests.crawler.site import Answer, LocalSite, http_date
from tests.tidings.conftest import Ended, Tidings
from tests.tidings.documented import faults
from tests.tidings.news_site import show, show_feed

DATABASE = "sqlite:///tidings.db"
NUMBERS = range(1, 11)
LISTING = ("--channel", "listing")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSite]:
    monkeypatch.setenv("TIDINGS_DELAY_SECONDS", "0")
    with LocalSite() as made:
        show(made, NUMBERS)
        yield made


def saved(name: str = "harbour") -> Source:
    engine = open_engine(DATABASE)
    try:
        return load_source(engine, name)
    finally:
        engine.dispose()


def watch(tidings: Tidings, site: LocalSite, *arguments: str, name: str = "harbour") -> Ended:
    return tidings("watch", site.url("/notices/"), "--allow-private", "--name", name, *arguments)


def test_a_page_is_watched_and_then_only_what_is_new_is_told(tidings: Tidings, site: LocalSite) -> None:
    ended = watch(tidings, site, *LISTING)
    assert ended.code == 0, ended.out + ended.err
    assert "harbour: baseline taken: 10 items known, none announced" in ended.out
    assert TOPICS[1] in ended.out  # as it would be stored
    source = saved()
    assert (source.url, source.channel, source.page_url) == (site.url("/notices/"), Channel.LISTING, "")
    assert (source.language, source.request.allow_private) == ("en", True)
    assert source.title
    assert source.wrapper.item
    assert source.wrapper.next_page
    engine = open_engine(DATABASE)
    assert list_sources(engine, ["harbour"])[0].wrapper == "1 (discovery)"
    engine.dispose()
    assert tidings("crawl", "harbour").out == "nothing new: harbour\n"
    show(site, range(10))
    news = tidings("crawl", "harbour", "--json")
    told = [(change["kind"], change["title"]) for change in json.loads(news.out)["changes"]]
    assert told == [("published", TOPICS[0])]


def test_the_version_that_a_discovery_made_shows_how_sure_it_was(tidings: Tidings, site: LocalSite) -> None:
    found = json.loads(watch(tidings, site, *LISTING, "--json").out)["proposal"]["candidates"][0]
    [version] = json.loads(tidings("sources", "wrappers", "harbour", "--json").out)["wrappers"]
    assert (version["confidence"], version["healing"]) == (found["confidence"], None)
    assert f"{found['confidence']:.2f}" in tidings("sources", "wrappers", "harbour").out


@pytest.mark.parametrize("lines", [0, 4])
def test_a_reader_that_goes_away_does_not_keep_a_source_from_being_saved(
    tidings: Tidings, site: LocalSite, lines: int
) -> None:
    command = ("watch", site.url("/notices/"), "--allow-private", "--name", "harbour", *LISTING)
    with subprocess.Popen(
        [sys.executable, "-m", "tidings", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for _ in range(lines):
            running.stdout.readline()
        running.stdout.close()
        told = running.stderr.read()
    assert running.returncode == 0, told
    assert "saved as harbour" in told
    assert "Traceback" not in told
    assert saved().channel is Channel.LISTING
    assert tidings("crawl", "harbour").out == "nothing new: harbour\n"


def test_a_feed_is_watched_with_the_page_that_was_named(tidings: Tidings, site: LocalSite) -> None:
    show(site, NUMBERS, head=alternate("/notices/feed/"))
    show_feed(site, "/notices/feed/", NUMBERS)
    ended = watch(tidings, site, "--json")
    assert ended.code == 0, ended.out + ended.err
    shown = json.loads(ended.out)
    assert faults(shown, "watched") == []
    assert (shown["source"], shown["known"], shown["crawl"]["runs"][0]["baseline"]) == ("harbour", False, 10)
    source = saved()
    assert (source.channel, source.url) == (Channel.FEED, site.url("/notices/feed/"))
    assert (source.page_url, source.whole_bodies) == (site.url("/notices/"), True)
    show(site, range(10), head=alternate("/notices/feed/"))
    show_feed(site, "/notices/feed/", range(10))
    news = json.loads(tidings("crawl", "harbour", "--json").out)
    assert [change["title"] for change in news["changes"]] == [TOPICS[0]]


def test_a_page_that_is_watched_already_is_told_and_nothing_is_asked(
    tidings: Tidings, site: LocalSite
) -> None:
    watch(tidings, site, *LISTING)
    site.forget()
    again = tidings("watch", site.url("/notices/?utm_source=x"), "--allow-private")
    assert (again.code, site.log) == (0, [])
    assert again.out.startswith("harbour: it is watched already")
    as_json = json.loads(watch(tidings, site, "--json").out)
    assert faults(as_json, "watched") == []
    assert (as_json["source"], as_json["known"], as_json["crawl"]["runs"]) == ("harbour", True, [])


def test_a_source_gets_a_name_of_its_own_where_none_is_given(tidings: Tidings, site: LocalSite) -> None:
    ended = tidings("watch", site.url("/notices/"), "--allow-private", *LISTING)
    assert ended.code == 0
    assert f"Saved as 127-0-0-1-{site.port}-notices" in ended.out
    taken = tidings(
        "watch", site.url("/other/"), "--allow-private", "--name", f"127-0-0-1-{site.port}-notices"
    )
    assert taken.code == 1
    assert "there is one of this name already" in taken.err


def test_what_is_unsure_is_taken_only_with_yes(tidings: Tidings, site: LocalSite) -> None:
    # A declared feed, and nothing on the page to compare it with.
    site.page(
        "/notices/", f"<html><head>{alternate('/notices/feed/')}</head><body><p>Welcome.</p></body></html>"
    )
    show_feed(site, "/notices/feed/", NUMBERS)
    unsure = watch(tidings, site)
    assert unsure.code == 1
    assert "--yes" in unsure.err
    assert not Path("tidings.db").exists()
    assert watch(tidings, site, "--yes").code == 0
    assert saved().channel is Channel.FEED


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("y\n", 0, "harbour: ok"),
        ("n\n", 1, "nothing was saved"),
        ("\n", 1, "nothing was saved"),
        ("2\nn\n", 1, "nothing was saved"),
        ("\x04", 130, "nothing was saved"),
    ],
    ids=["yes", "no", "nothing", "a number, then no", "the end of the input"],
)
def test_a_person_is_asked_what_is_unsure_and_told_what_became_of_it(
    site: LocalSite, typed: str, code: int, said: str
) -> None:
    site.page(
        "/notices/", f"<html><head>{alternate('/notices/feed/')}</head><body><p>Welcome.</p></body></html>"
    )
    show_feed(site, "/notices/feed/", NUMBERS)
    keyboard, terminal = os.openpty()
    os.write(keyboard, typed.encode())
    command = ("watch", site.url("/notices/"), "--allow-private", "--name", "harbour")
    ended = subprocess.run(
        [sys.executable, "-m", "tidings", *command],
        stdin=terminal,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(terminal)
    os.close(keyboard)
    assert (ended.returncode, Path("tidings.db").exists()) == (code, code == 0), ended.stderr
    assert "Watch it like this?" in ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("arguments", [(), ("--yes",), ("--yes", "--json")])
def test_what_is_refused_is_never_taken(
    tidings: Tidings, site: LocalSite, arguments: tuple[str, ...]
) -> None:
    site.script("/notices/", Answer(status=404))
    ended = watch(tidings, site, *arguments)
    assert ended.code == 1
    assert "nothing was saved" in ended.err
    assert not Path("tidings.db").exists()


def test_an_article_is_not_watched_unasked(tidings: Tidings, site: LocalSite) -> None:
    site.page("/notices/", article(1, head=alternate("/feed/")).body)
    show_feed(site, "/feed/", NUMBERS)
    assert watch(tidings, site).code == 1
    assert not Path("tidings.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--name", "No Name"), "lower-case letters"),
        (("--schedule", "now and then"), "--schedule"),
        (("--channel", "rss"), "--channel"),
        (("--pages", "0"), "--pages"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_asked(
    tidings: Tidings, site: LocalSite, arguments: tuple[str, ...], said: str
) -> None:
    ended = tidings("watch", site.url("/notices/"), "--allow-private", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert site.log == []


def test_options_reach_the_source_and_its_baseline(tidings: Tidings, site: LocalSite) -> None:
    options = ("--schedule", "15m", "--pages", "2", "--announce-latest", "1", "--language", "fr")
    ended = watch(tidings, site, *LISTING, *options)
    assert ended.code == 0, ended.err
    assert "16 items known, 1 announced" in ended.out
    source = saved()
    assert (source.schedule, source.baseline_pages, source.language) == ("15m", 2, "fr")


def test_a_watched_source_can_be_exported_and_imported_elsewhere(tidings: Tidings, site: LocalSite) -> None:
    watch(tidings, site, *LISTING)
    assert tidings("sources", "export", "harbour", "harbour.toml").code == 0
    other = ("--database", "sqlite:///other.db")
    assert tidings("sources", "import", "harbour.toml", *other).code == 0
    assert "10 items known" in tidings("crawl", "harbour", *other).out


@pytest.mark.parametrize("wait", ["3600", "date"])
def test_a_host_that_wants_to_be_left_alone_is_told_with_its_time_and_not_asked_again(
    tidings: Tidings, site: LocalSite, wait: str
) -> None:
    assert watch(tidings, site, *LISTING).code == 0
    until = datetime.now(UTC) + timedelta(hours=1)
    value = http_date(until) if wait == "date" else wait
    when = f"{until:%Y-%m-%d %H:%M}" if wait == "date" else r"\d{4}-\d\d-\d\d \d\d:\d\d"
    site.script("/notices/press/", Answer(status=429, headers={"Retry-After": value}))
    press = ("watch", site.url("/notices/press/"), "--allow-private")
    told = tidings(*press)
    assert told.code == 1
    assert re.search(rf"left alone until {when} UTC", told.out)
    site.forget()
    again = tidings(*press)
    assert again.code == 1
    assert re.search(rf"asked to be left alone until {when}:\d\d UTC", again.out)
    crawled = tidings("crawl", "harbour")
    assert "asked to be left alone until" in crawled.out
    assert site.log == []


def test_a_discovery_without_a_source_writes_no_wish_of_a_host(tidings: Tidings, site: LocalSite) -> None:
    assert watch(tidings, site, *LISTING).code == 0
    site.script("/notices/press/", Answer(status=503, headers={"Retry-After": "3600"}))
    told = tidings("discover", site.url("/notices/press/"), "--allow-private")
    assert "the site asks to be left alone until" in told.out
    assert tidings("crawl", "harbour").code == 0


@pytest.mark.parametrize(
    "page",
    [
        "<title>Sign in</title><form><input name=u><input type=password><button>Log in</button></form>",
        "<title>Just a moment...</title><h1>Checking your browser</h1>",
    ],
    ids=["login", "challenge"],
)
def test_a_login_in_the_listing_s_place_is_told_with_what_helps(
    tidings: Tidings, site: LocalSite, page: str
) -> None:
    assert watch(tidings, site, *LISTING).code == 0
    site.page("/notices/", page)
    told = tidings("crawl", "harbour").out
    assert "the login or the cookie that the site asks for" in told
    assert "mend the selectors" not in told
    for shown in (tidings("status").out, tidings("sources", "show", "harbour").out):
        assert "neither selectors nor an approval help" in shown
        assert "the login or the cookie that the site asks for" in shown
        assert "tidings runs approve" not in shown


def test_of_a_run_that_saw_no_items_it_is_said_what_helps(tidings: Tidings, site: LocalSite) -> None:
    assert watch(tidings, site, *LISTING).code == 0
    site.page("/notices/", "<title>Notices</title><h1>Notices</h1><p>There are none at present.</p>")
    tidings("crawl", "harbour")
    shown = tidings("status").out
    assert "`tidings runs show harbour`" in shown
    assert "after a redesign mend the selectors" in shown
