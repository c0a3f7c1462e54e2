"""Real crawls of a local site, recorded, and replayed with the site switched off."""

import json
import socket
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from crawler.recordings.find import open_recording, pack, unpack
from crawler.recordings.model import RecordedAnswer, Recording
from crawler.recordings.recorder import RECORDED, RECORDING_ERROR, record_settings
from crawler.recordings.replay import NOT_RECORDED, NOT_RECORDED_URLS, replay_settings
from crawler.recordings.spool import salvage, spool_path
from crawler.recordings.warc import write_warc
from news.errors import RecordingError
from tests.recordings.local_site import BIG, BINARY, TEXT, WRONG_CHARSET, local_site

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("crawl_once.py")
PLAIN = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
"""These crawls are Scrapy's own, without a source that could opt in to a site on this machine."""
CODED = b64encode(b"user:canary-password").decode()
CLOCK = datetime(2023, 11, 22, 8, tzinfo=UTC)


def crawl(tmp: Path, settings: dict[str, Any], requests: list[dict[str, Any]], **plan: Any) -> dict[str, Any]:
    """Run one crawl in a fresh process; gives what it saw by the request's number, and its statistics."""
    result = tmp / f"result-{len(list(tmp.glob('result-*')))}.json"
    plan |= {"settings": settings, "requests": requests, "result": str(result)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        input=json.dumps(plan),
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if not result.exists():
        return {"seen": {}, "stats": {}, "code": done.returncode, "log": done.stderr}
    outcome = json.loads(result.read_text())
    seen = {look.pop("number"): look for look in outcome["seen"]}
    return {"seen": seen, "stats": outcome["stats"], "code": done.returncode, "log": done.stderr}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wanted(site: str) -> dict[str, dict[str, Any]]:
    """Every kind of request, by a name."""
    return {
        "plain": {"url": f"{site}/plain"},
        "fragment": {"url": f"{site}/plain#part"},
        "gzip": {"url": f"{site}/gzip"},
        "deflate": {"url": f"{site}/deflate"},
        "brotli": {"url": f"{site}/brotli"},
        "unknown_encoding": {"url": f"{site}/unknown_encoding"},
        "broken_gzip": {"url": f"{site}/broken_gzip"},
        "wrong_charset": {"url": f"{site}/wrong_charset"},
        "binary": {"url": f"{site}/binary"},
        "big": {"url": f"{site}/big"},
        "too_large": {"url": f"{site}/big", "meta": {"download_maxsize": 1_000_000}},
        "chunked": {"url": f"{site}/chunked"},
        "moved": {"url": f"{site}/moved"},
        "missing": {"url": f"{site}/missing"},
        "counter_1": {"url": f"{site}/counter"},
        "counter_2": {"url": f"{site}/counter"},
        "counter_3": {"url": f"{site}/counter"},
        "unconditional": {"url": f"{site}/conditional"},
        "conditional": {"url": f"{site}/conditional", "headers": {"If-None-Match": '"v1"'}},
        "head": {"url": f"{site}/plain", "method": "HEAD"},
        "post": {"url": f"{site}/posted", "method": "POST", "body": "a=1"},
        "cookie": {"url": f"{site}/cookie"},
        "echo": {
            "url": f"{site}/echo?key=canary+key%2F%2B",
            "headers": {
                "Authorization": f"Basic {CODED}",
                "X-Token": "canary-header",
            },
            "meta": {"secret_headers": ["X-Token"]},
        },
        "private": {"url": f"{site}/private"},
        "slow": {"url": f"{site}/slow", "meta": {"download_timeout": 0.4}},
        "reset": {"url": f"{site}/reset"},
        "cut": {"url": f"{site}/cut"},
        "refused": {"url": f"http://127.0.0.1:{free_port()}/", "meta": {"dont_obey_robotstxt": True}},
        "dns": {"url": "http://no-such-host.invalid/", "meta": {"dont_obey_robotstxt": True}},
        "tls": {"url": f"{site.replace('http', 'https')}/plain", "meta": {"dont_obey_robotstxt": True}},
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    site: str
    warc: Path
    live: dict[str, Any]
    requests: dict[str, dict[str, Any]]
    tmp: Path

    def look(self, outcome: dict[str, Any], name: str) -> dict[str, Any]:
        look: dict[str, Any] = outcome["seen"][list(self.requests).index(name)]
        return look


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """One crawl of everything, recorded; the site is off afterwards."""
    tmp = tmp_path_factory.mktemp("recorded")
    warc = tmp / "crawl.warc.gz"
    with local_site() as (site, _):
        requests = wanted(site)
        settings = record_settings(
            warc,
            clock=CLOCK,
            sources=("port-en",),
            definitions="name = 'port'\n",
            secrets=("canary key/+", ""),
            handler=PLAIN,
        )
        live = crawl(tmp, settings | {"ROBOTSTXT_OBEY": True}, list(requests.values()))
    assert RECORDING_ERROR not in live["stats"], live["log"]
    return Recorded(site=site, warc=warc, live=live, requests=requests, tmp=tmp)


@pytest.fixture(scope="module")
def replayed(recorded: Recorded) -> dict[str, Any]:
    """The recording replayed with the network forbidden."""
    settings = replay_settings(recorded.warc, secrets=("canary key/+",)) | {"ROBOTSTXT_OBEY": True}
    return crawl(recorded.tmp, settings, list(recorded.requests.values()), offline=True)


def of(recording: Recording, ending: str) -> list[RecordedAnswer]:
    return [answer for answer in recording.answers if answer.url.endswith(ending)]


def test_a_replay_sees_what_the_recorded_crawl_saw(recorded: Recorded, replayed: dict[str, Any]) -> None:
    assert NOT_RECORDED not in replayed["stats"], replayed["log"]
    assert len(recorded.live["seen"]) == len(recorded.requests)
    for name in recorded.requests:
        live, again = recorded.look(recorded.live, name), recorded.look(replayed, name)
        if name == "echo":
            continue  # what it shows is secret, and so is different
        assert "failure" in live or live["headers"].pop("Set-Cookie", None) is None or name == "cookie"
        if live.get("error") == "DownloadFailedError":
            again = again | {"error": "DownloadFailedError"}  # a replay raises a subclass
        assert again == live, name


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("slow", "timeout"),
        ("reset", "reset"),
        ("cut", "cut"),
        ("refused", "refused"),
        ("dns", "dns"),
        ("tls", "tls"),
        ("too_large", "too_large"),
    ],
)
def test_a_failure_is_recorded_by_its_kind_and_raised_again(
    recorded: Recorded, replayed: dict[str, Any], name: str, failure: str
) -> None:
    assert recorded.look(recorded.live, name)["failure"] == failure
    assert recorded.look(replayed, name)["failure"] == failure
    url = recorded.requests[name]["url"]
    assert failure in [answer.error for answer in open_recording(recorded.warc).answers if answer.url == url]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("plain", TEXT.encode()),
        ("gzip", TEXT.encode()),
        ("deflate", TEXT.encode()),
        ("brotli", TEXT.encode()),
        ("unknown_encoding", b"sealed"),
        ("broken_gzip", b"no gzip at all"),
        ("wrong_charset", WRONG_CHARSET),
        ("binary", BINARY),
        ("big", BIG),
        ("chunked", b"first second"),
    ],
)
def test_a_body_is_kept_byte_for_byte_once_decoded(recorded: Recorded, name: str, body: bytes) -> None:
    answer = of(open_recording(recorded.warc), f"/{name}")[0]
    assert sha256(answer.body).digest() == sha256(body).digest()
    lengths = [value for header, value in answer.headers if header == "Content-Length"]
    assert lengths == ([] if name == "chunked" else [str(len(body))])


def test_only_an_encoding_that_cannot_be_undone_is_still_named(recorded: Recorded) -> None:
    recording = open_recording(recorded.warc)
    named = {a.url.rpartition("/")[2] for a in recording.answers if "Content-Encoding" in dict(a.headers)}
    assert named == {"unknown_encoding", "broken_gzip"}


def test_a_header_that_is_no_utf_8_is_replayed_byte_for_byte(
    recorded: Recorded, replayed: dict[str, Any]
) -> None:
    assert recorded.look(replayed, "plain")["headers"]["X-Raw"] == ["caf\xe9"]


def test_robots_txt_and_every_redirect_are_recorded_in_the_order_of_the_requests(recorded: Recorded) -> None:
    recording = open_recording(recorded.warc)
    paths = [answer.url.removeprefix(recorded.site) for answer in recording.answers]
    assert paths[:2] == ["/robots.txt", "/plain"]
    start = paths.index("/moved")
    hops = [(path, answer.status) for path, answer in zip(paths, recording.answers, strict=True)]
    assert hops[start : start + 3] == [("/moved", 301), ("/moved_again", 302), ("/plain", 200)]
    assert "/private" not in paths
    assert recorded.look(recorded.live, "private")["error"] == "IgnoreRequest"
    times = [answer.at for answer in recording.answers]
    assert times == sorted(times)


def test_the_recording_carries_clock_sources_and_definitions(recorded: Recorded) -> None:
    recording = open_recording(recorded.warc)
    assert (recording.clock, recording.sources) == (CLOCK, ("port-en",))
    assert recording.definitions == "name = 'port'\n"
    assert recorded.live["stats"][RECORDED] == len(recording.answers)
    assert not spool_path(recorded.warc).exists()


def test_each_visit_gets_its_own_answer(recorded: Recorded, replayed: dict[str, Any]) -> None:
    starts = [recorded.look(replayed, f"counter_{number}")["start"] for number in (1, 2, 3)]
    assert starts == ["visit 1", "visit 2", "visit 3"]


def test_no_secret_is_in_the_recording_in_any_form(recorded: Recorded) -> None:
    directory = recorded.tmp / "grep"
    recording = unpack(recorded.warc, directory)
    plain = recorded.tmp / "grep.warc"
    write_warc(recording, plain)
    for file in (plain, *directory.iterdir()):
        data = file.read_bytes()
        assert b"canary" not in data, file
        assert CODED.encode() not in data, file
        assert b"set-cookie" not in data.lower(), file
    echo = next(answer for answer in recording.answers if "/echo" in answer.url)
    assert echo.url == f"{recorded.site}/echo?key=[secret]"
    assert b"Authorization: Basic [secret]" in echo.body
    live = recorded.look(recorded.live, "echo")
    for canary in ("canary-cookie-0123456789", "canary+key%2F%2B", "canary-header", CODED):
        assert canary in live["start"], "the page must show the secret, or the test shows nothing"


def test_a_directory_and_a_warc_file_packed_from_it_replay_the_same(
    recorded: Recorded, replayed: dict[str, Any]
) -> None:
    directory, again = recorded.tmp / "unpacked", recorded.tmp / "again.warc.gz"
    unpack(recorded.warc, directory)
    pack(directory, again)
    assert open_recording(again) == open_recording(directory) == open_recording(recorded.warc)
    settings = replay_settings(directory, secrets=("canary key/+",)) | {"ROBOTSTXT_OBEY": True}
    outcome = crawl(recorded.tmp, settings, list(recorded.requests.values()))
    assert outcome["seen"] == replayed["seen"]


def test_a_request_that_was_not_recorded_fails_loudly_and_reaches_nothing(recorded: Recorded) -> None:
    with local_site() as (site, log):
        requests: list[dict[str, Any]] = [
            {"url": f"{recorded.site}/plain"},
            {"url": f"{site}/plain"},
            {"url": f"{recorded.site}/plain?page=2"},
            {"url": f"{recorded.site}/moved_again"},
            {"url": f"{recorded.site}/moved_again"},
            {"url": "file:///etc/hostname"},
            {"url": f"{recorded.site}/binary", "meta": {"download_maxsize": 100}},
        ]
        retrying = {"RETRY_ENABLED": True, "REDIRECT_ENABLED": False}
        outcome = crawl(recorded.tmp, replay_settings(recorded.warc) | retrying, requests)
    assert log.asked == []
    assert outcome["seen"][0]["status"] == 200
    assert [outcome["seen"][number]["error"] for number in (1, 2, 4)] == ["NotRecordedError"] * 3
    assert outcome["seen"][5]["error"] == "NotSupported"
    assert outcome["seen"][6]["failure"] == "too_large"  # the limits of the crawl hold in a replay too
    assert outcome["stats"][NOT_RECORDED] == 3  # none was tried twice
    told = outcome["stats"][NOT_RECORDED_URLS]
    assert f"GET {site}/plain was never asked for in {recorded.warc}" in told[0]
    assert "was asked for once, this is visit 2" in told[2]


def test_promise_7_no_socket_can_be_opened_while_the_network_is_forbidden(tmp_path: Path) -> None:
    with local_site() as (site, log):
        requests = [{"url": f"{site}/plain"}, {"url": f"{site.replace('127.0.0.1', 'localhost')}/plain"}]
        outcome = crawl(tmp_path, {}, requests, offline=True)
        assert log.asked == []
        assert all("error" in look for look in outcome["seen"].values())
        assert len(outcome["seen"]) == 2


def test_a_killed_crawl_loses_nothing_that_was_already_recorded(tmp_path: Path) -> None:
    warc = tmp_path / "killed.warc.gz"
    with local_site() as (site, _):
        settings = record_settings(warc, clock=CLOCK, sources=("port-en",), handler=PLAIN)
        requests = [{"url": f"{site}/counter"} for _ in range(5)]
        outcome = crawl(tmp_path, settings, requests, killed_after=3)
    assert outcome["code"] == -9
    assert not warc.exists()
    spool = spool_path(warc)
    with pytest.raises(RecordingError, match="unfinished: its crawl was killed"):
        open_recording(spool)
    with pytest.raises(RecordingError, match=r"\.part exists"):
        record_settings(warc, clock=CLOCK, sources=("port-en",), handler=PLAIN)
    with spool.open("ab") as file:
        file.write(b"WARC/1.1\r\nWARC-Type: resp")  # the kill may come in the middle of a record
    assert salvage(spool, warc) >= 3
    bodies = [answer.body for answer in open_recording(warc).answers]
    assert bodies[:3] == [b"visit 1", b"visit 2", b"visit 3"]


def test_a_recording_that_cannot_be_written_or_read_stops_every_request(tmp_path: Path) -> None:
    with local_site() as (site, log):
        settings = record_settings(tmp_path / "no" / "such" / "x.warc.gz", clock=CLOCK, sources=())
        outcome = crawl(tmp_path, settings, [{"url": f"{site}/plain"}])
        assert log.asked == []
    assert outcome["seen"][0]["error"] == "NotSupported"
    assert "cannot be written" in outcome["stats"][RECORDING_ERROR]


def test_a_disk_that_fills_up_fails_every_later_request_and_is_told(tmp_path: Path) -> None:
    warc = tmp_path / "full.warc.gz"
    with local_site() as (site, _):
        requests = [{"url": f"{site}/{name}"} for name in ("plain", "binary", "plain")]
        settings = record_settings(warc, clock=CLOCK, sources=(), handler=PLAIN)
        outcome = crawl(tmp_path, settings, requests, disk_limit=12_000)
    assert [look.get("error", "") for look in outcome["seen"].values()] == [
        "",
        "RecordingError",
        "RecordingError",
    ]
    assert "cannot be written: File too large" in outcome["stats"][RECORDING_ERROR]
    assert RECORDED not in outcome["stats"]
    assert not warc.exists()
    assert salvage(spool_path(warc), warc) == 1


def test_settings_refuse_what_is_in_the_way_before_a_crawl_starts(tmp_path: Path) -> None:
    taken = tmp_path / "taken.warc.gz"
    taken.write_bytes(b"")
    with pytest.raises(RecordingError, match="exists; name another file"):
        record_settings(taken, clock=CLOCK, sources=())
    with pytest.raises(RecordingError, match="is empty"):
        replay_settings(taken)
    with pytest.raises(RecordingError, match="does not exist"):
        replay_settings(tmp_path / "nowhere")
