"""``tidings discover`` against a real site on the loopback interface, and its replay."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.recordings.find import open_recording, unpack
from storage.leases import lease_named
from storage.schema import ready
from tests.crawler.discovery.memory import alternate, date_of, listing, url_of
from tests.crawler.site import Answer, LocalSite, redirect
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tests.tidings.news_site import show, show_feed

NUMBERS = range(1, 11)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSite]:
    monkeypatch.setenv("TIDINGS_DELAY_SECONDS", "0")
    with LocalSite() as made:
        show(made, NUMBERS)
        yield made


def test_a_program_gets_the_listing_exactly_as_the_page_shows_it(tidings: Tidings, site: LocalSite) -> None:
    ended = tidings("discover", "--json", "--channel", "listing", "--allow-private", site.url("/notices/"))
    assert ended.code == 0, ended.err
    shown = json.loads(ended.out)
    assert faults(shown, "proposal") == []
    assert shown.keys() == {"schema", "url", "decision", "reasons", "chosen", "candidates"}
    assert (shown["url"], shown["decision"], shown["chosen"]) == (site.url("/notices/"), "auto", 0)
    best = shown["candidates"][0]
    assert (best["channel"], best["next_url"]) == ("listing", site.url("/notices/page/2/"))
    assert [item["url"] for item in best["items"]] == [site.url(url_of(number)) for number in NUMBERS]
    assert all(item["title"] and item["summary"] and not item["has_body"] for item in best["items"])
    assert [item["published_at"] for item in best["items"]] == [
        str(date_of(number).date()) for number in NUMBERS
    ]
    assert best["wrapper"]["item"]
    assert {request.path for request in site.log} <= {
        "/robots.txt",
        "/notices/",
        "/notices/page/2/",
        *(url_of(number) for number in NUMBERS),
    }
    assert len(site.log) <= 6
    assert not Path("tidings.db").exists()


def test_people_get_a_table_with_the_choice_and_its_reasons(tidings: Tidings, site: LocalSite) -> None:
    show(site, NUMBERS, head=alternate("/notices/feed/"))
    show_feed(site, "/notices/feed/", NUMBERS)
    ended = tidings("discover", site.url("/notices/"), "--allow-private")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[1].split() == ["CHANNEL", "ITEMS", "SHOWN", "NEWEST", "FIELDS", "BODIES", "SURE", "ADDRESS"]
    rows = {line.split()[1] if line.startswith("→") else line.split()[0]: line for line in lines[2:4]}
    assert rows.keys() == {"feed", "listing"}
    assert rows["feed"].startswith("→")
    assert "100 %" in rows["feed"]
    assert any("the feed is proposed" in line for line in lines)
    assert any("as they would be stored" in line for line in lines)
    assert site.url(url_of(1)) in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["discover"], "name a page"),
        (["discover", "ftp://harbour.example/"], "not a web address"),
        (["discover", "https://user:secret@harbour.example/"], "user info"),
        (["discover", "https:/harbour.example/"], "'https:/harbour.example/' names no host"),
        (["discover", "https//harbour.example/"], "'https//harbour.example/' is not a web address"),
        (["discover", "mailto:news@harbour.example"], "is not a web address (scheme: mailto)"),
        (["discover", " "], "The address is empty"),
        (["discover", "https://harbour.example/", "--channel", "rss"], "there are feed, wordpress"),
        (["discover", "https://harbour.example/", "--language", "xx-nowhere"], "no language"),
        (["discover", "https://harbour.example/", "--replay", "x.warc.gz"], "name a page, or a recording"),
        (["discover", "--replay", "x.warc.gz", "--channel", "feed"], "a recording knows"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_asked(
    tidings: Tidings, arguments: list[str], said: str
) -> None:
    ended = tidings(*arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""


def test_private_addresses_want_an_opt_in(tidings: Tidings, site: LocalSite) -> None:
    ended = tidings("discover", site.url("/notices/"), "--json")
    assert ended.code == 1
    shown = json.loads(ended.out)
    assert (shown["decision"], shown["chosen"], shown["candidates"]) == ("refuse", None, [])
    assert "--allow-private" in shown["reasons"][0]
    assert site.log == []


def test_the_opt_in_covers_the_host_that_was_named_and_no_other(tidings: Tidings, site: LocalSite) -> None:
    with LocalSite() as other:
        show(other, NUMBERS)
        site.script("/moved/", redirect(other.url("/notices/")))
        ended = tidings("discover", site.url("/moved/"), "--allow-private")
        assert ended.code == 1
        assert other.log == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=404), "HTTP 404"),
        (Answer(status=503), "HTTP 503"),
        (Answer(body="<h1>Sign in</h1><form><input type=password>Log in</form>"), "a login page"),
        (Answer(body=b"%PDF-1.7", content_type="application/pdf"), "application/pdf"),
        (Answer(reset=True), "no answer"),
        (
            Answer(body='<div id="root"></div><script src="/a.js"></script>'),
            "the page is empty without JavaScript",
        ),
        (redirect("/loop/"), "redirect loop"),
    ],
    ids=["404", "503", "login", "PDF", "reset", "shell", "loop"],
)
def test_what_is_no_news_page_is_refused_by_name(
    tidings: Tidings, site: LocalSite, answer: Answer, said: str
) -> None:
    site.script("/loop/", answer)
    ended = tidings("discover", site.url("/loop/"), "--allow-private", "--json")
    assert ended.code == 1
    shown = json.loads(ended.out)
    assert shown["decision"] == "refuse"
    assert any(said in reason for reason in shown["reasons"]), shown["reasons"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("https://https://harbour.example/", "https://https://harbour.example/ names its scheme twice"),
        ("http:\\\\harbour.example\\news", "'http:\\\\harbour.example\\news' holds a backslash"),
        ("javascript:alert(1)", "'javascript:alert(1)' is not a web address (scheme: javascript)"),
    ],
)
def test_what_is_no_address_is_named_as_it_was_typed(tidings: Tidings, typed: str, said: str) -> None:
    ended = tidings("discover", typed)
    assert ended.code == 2
    assert said in " ".join(ended.err.split())


def test_an_answer_that_is_too_large_is_told_by_us_alone(tidings: Tidings, site: LocalSite) -> None:
    packed = gzip.compress(bytes(20_000_000))
    site.script("/notices/", Answer(body=packed, headers={"Content-Encoding": "gzip"}))
    ended = tidings("discover", site.url("/notices/"), "--allow-private")
    assert "the answer is larger than we read, once it is unpacked" in ended.out
    assert ended.err.splitlines() == [f"looking at {site.url('/notices/')}"]


def test_what_robots_txt_forbids_is_not_asked(tidings: Tidings, site: LocalSite) -> None:
    site.robots("User-agent: *\nDisallow: /notices/\n")
    ended = tidings("discover", site.url("/notices/"), "--allow-private")
    assert ended.code == 1
    assert "robots.txt forbids it" in ended.out
    assert site.paths() == []


def test_the_delay_of_a_crawl_holds_for_a_discovery_too(
    tidings: Tidings, site: LocalSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDINGS_DELAY_SECONDS", "0.3")
    assert tidings("discover", site.url("/notices/"), "--allow-private").code == 0
    times = [request.at for request in site.log]
    assert len(times) >= 4
    assert min(after - before for before, after in pairwise(times[1:])) >= 0.29


def test_a_host_that_is_being_crawled_is_left_alone(
    tidings: Tidings, site: LocalSite, tmp_path: Path
) -> None:
    file = tmp_path / "harbour.toml"
    file.write_text(
        f'schema = 1\nname = "harbour"\nurl = "{site.url("/other/")}"\n[wrapper]\nitem = "article"\nlink = "a"\n'
    )
    tidings("sources", "import", file)
    engine = ready("sqlite:///tidings.db")
    lease_named(engine, ["harbour"], owner="somebody on another machine", seconds=600)
    engine.dispose()
    ended = tidings("discover", site.url("/notices/"), "--allow-private")
    assert ended.code == 1
    assert "somebody on another machine is crawling it until" in ended.err
    assert site.log == []


# ------------------------------------------------------------------------------------------- recordings


@pytest.mark.parametrize(
    "restricted", [(), ("--channel", "listing", "--language", "en")], ids=["all", "listing"]
)
def test_a_recorded_discovery_replays_to_the_same_proposal(
    tidings: Tidings, site: LocalSite, restricted: tuple[str, ...]
) -> None:
    show(site, NUMBERS, head=alternate("/notices/feed/"))
    show_feed(site, "/notices/feed/", NUMBERS)
    record = ("--record", "found.warc.gz")
    live = tidings("discover", site.url("/notices/"), "--allow-private", "--json", *restricted, *record)
    assert live.code == 0, live.err
    asked = len(site.log)
    assert len(open_recording(Path("found.warc.gz")).answers) == asked
    unpack(Path("found.warc.gz"), Path("found"))
    for replay in (
        ("discover", "--replay", "found.warc.gz"),
        ("replay", "found.warc.gz"),
        ("discover", "--replay", "found"),
        ("replay", "found"),
    ):
        again = tidings(*replay, "--json")
        assert (again.code, again.out) == (live.code, live.out), replay
    assert len(site.log) == asked
    assert not Path("tidings.db").exists()
    assert "discovery of" in tidings("recordings", "show", "found").out
    taken = tidings("discover", site.url("/notices/"), "--allow-private", *record)
    assert taken.code == 1
    assert "never overwritten" in taken.err


def test_a_refusal_is_recorded_and_replayed_too(tidings: Tidings, site: LocalSite) -> None:
    site.script("/gone/", Answer(status=410))
    live = tidings("discover", site.url("/gone/"), "--allow-private", "--json", "--record", "gone.warc.gz")
    again = tidings("replay", "gone.warc.gz", "--json")
    assert (again.code, again.out) == (live.code, live.out)
    assert live.code == 1


def test_a_replay_that_asks_for_more_than_was_recorded_fails(tidings: Tidings, site: LocalSite) -> None:
    tidings("discover", site.url("/notices/"), "--allow-private", "--record", "found.warc.gz")
    unpack(Path("found.warc.gz"), Path("found"))
    manifest = Path("found/recording.toml")
    manifest.write_text(manifest.read_text().replace("/notices/page/2/", "/notices/page/3/"))
    ended = tidings("replay", "found", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "/notices/page/2/" in ended.err


def test_discoveries_and_crawls_are_not_replayed_together(
    tidings: Tidings, site: LocalSite, series: Path
) -> None:
    tidings("discover", site.url("/notices/"), "--allow-private", "--record", "found.warc.gz")
    together = tidings("replay", "found.warc.gz", series)
    assert together.code == 1
    assert "replayed alone" in together.err
    crawl = tidings("discover", "--replay", series / "1-baseline")
    assert crawl.code == 1
    assert "it is of a crawl" in crawl.err


# --------------------------------------------------------------------------------------------- a browser

SHELL = """<html><head><title>Notices</title></head><body><div id="root"></div><script>
fetch("/fragment").then(answer => answer.text()).then(html => {{ document.getElementById("root").innerHTML = html }})
</script></body></html>"""


def show_shell(site: LocalSite) -> None:
    """Serve the listing as a script that fetches it."""
    first = listing(NUMBERS, next_path="/notices/page/2/").body
    site.page("/fragment", first.partition("<body")[2].partition(">")[2].partition("</body>")[0])
    site.page("/notices/", SHELL.format())


def test_an_empty_shell_is_rendered_where_a_browser_is_at_hand(
    tidings: Tidings, site: LocalSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDINGS_BROWSER_SANDBOX", "false")
    show_shell(site)
    asked = ("discover", site.url("/notices/"), "--allow-private", "--channel", "listing", "--json")
    ended = tidings(*asked, "--record", "shell.warc.gz")
    assert ended.code == 0, ended.out + ended.err
    shown = json.loads(ended.out)
    best = shown["candidates"][shown["chosen"]]
    assert best["browser"] is True
    assert [item["url"] for item in best["items"]] == [site.url(url_of(number)) for number in NUMBERS]
    again = tidings("replay", "shell.warc.gz", "--json")
    assert (again.code, again.out) == (0, ended.out)


def test_an_empty_shell_says_what_would_help_where_no_browser_is(
    tidings: Tidings, site: LocalSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDINGS_BROWSER_PATH", "/nowhere/chromium")
    show_shell(site)
    ended = tidings(
        "discover", site.url("/notices/"), "--allow-private", "--record", "shell.warc.gz", "--json"
    )
    assert ended.code == 1
    assert "tidings[browser]" in " ".join(json.loads(ended.out)["reasons"])
    again = tidings("replay", "shell.warc.gz", "--json")
    assert (again.code, again.out) == (1, ended.out)
