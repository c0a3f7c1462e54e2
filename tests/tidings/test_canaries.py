"""Secrets that stand where secrets stand, a real crawl and a real delivery, and a search through all that is left."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crawler.site import Answer, LocalSite
from tests.digest.receiver import Does, Receiver
from tests.scheduler.world import listing
from tests.tidings.conftest import ROOT, Tidings

HEADER, PASSWORD, QUERY, USER = "canary-header-11", "canary-pass-22", "canary-query-33", "canary-user-44"
METRICS, MAIL, PING, HOOK_PATH = (
    "canary-metrics-55",
    "canary-mail-66",
    "canary-ping-path-77",
    "canary-hook-path-88",
)
SECRET = "whsec_" + "Y2FuYXJ5LXNlY3JldC05OS1jYW5hcnktc2VjcmV0LTk5"
ENVIRONMENT = {
    "NEWS_KEY": HEADER,
    "NEWS_USER": USER,
    "NEWS_PASSWORD": PASSWORD,
    "TIDINGS_METRICS_TOKEN": METRICS,
    "TIDINGS_MAIL_SERVER": f"smtp://me:{MAIL}@127.0.0.1:9",
    "TIDINGS_PING_URL": f"http://127.0.0.1:9/{PING}",
    "TIDINGS_LOG_LEVEL": "debug",
}
ALWAYS = (HEADER, PASSWORD, USER, METRICS, MAIL, PING, HOOK_PATH, SECRET, SECRET.removeprefix("whsec_"))
"""What must be nowhere at all. What stands in an address must be in no log; a recording needs it to be replayed."""
TITLE = "A title\u202e with \x1b[31mcolours"
SITE = """
schema = 1
name = "harbour"
title = "The harbour"
url = "{url}"

[wrapper]
item = "li.item"
link = "a"
title = "a"
body = "p"

[request]
delay_seconds = 0
allow_private = true
headers = {{ "X-Key" = "env:NEWS_KEY" }}
user = "env:NEWS_USER"
password = "env:NEWS_PASSWORD"
"""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a crawl leaves behind."""

    stderr: str
    recording: bytes
    database: Path


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as made:
        yield made


def crawled(
    tidings: Tidings, site: LocalSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> Left:
    """Crawl, with a record, in processes of their own: a baseline, news with a hostile title, and a page that fails."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    database, record = tmp_path / "canaries.db", tmp_path / "it.warc.gz"
    monkeypatch.setenv("TIDINGS_DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("TIDINGS_LOG_FORMAT", form)
    path = f"/news/?key={QUERY}"
    site.page(path, listing(2, 1))
    file = tmp_path / "harbour.toml"
    file.write_text(SITE.format(url=site.url(path)))
    assert tidings("sources", "import", file).code == 0
    stderr = ""
    for step in ([], ["--record", str(record)]):
        done = subprocess.run(
            [sys.executable, "-m", "tidings", "crawl", "harbour", "--json", *step],
            env={**os.environ, "PYTHONPATH": ROOT}, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        stderr += done.stderr
        site.page(path, listing(3, 2, 1).replace("Item 3", TITLE))
        site.script("/item/3", Answer(status=500))
    return Left(stderr=stderr, recording=gzip.decompress(record.read_bytes()), database=database)


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_secret_is_left_in_anything_that_a_crawl_and_a_delivery_write(
    tidings: Tidings, site: LocalSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    left = crawled(tidings, site, tmp_path, monkeypatch, form)
    assert any(asked.headers.get("x-key") == HEADER for asked in site.log), "the canary flew"
    with Receiver(then=Does(status=500, body=b"no")) as receiver:
        hook = receiver.url(f"/{HOOK_PATH}?token={QUERY}")
        secret = tmp_path / "secret"
        secret.write_text(SECRET)
        added = tidings(
            "subscriptions",
            "add",
            "team",
            "--webhook",
            hook,
            "--allow-private",
            "--secret-file",
            secret,
            "--from-start",
        )
        assert added.code == 0, added.err
        brought = tidings("deliveries", "run")
    assert receiver.came, "the delivery was tried"
    shown = {
        " ".join(command): tidings(*command).out
        for command in (
            ["status", "--json"],
            ["status", "--metrics"],
            ["sources", "show", "harbour", "--json"],
            ["subscriptions", "show", "team", "--json"],
            ["deliveries", "list", "--json"],
            ["digest", "--subscription", "team", "--number", "1", "--json"],
            ["digest", "--subscription", "team", "--number", "1", "--format", "html"],
            ["runs", "list", "--json"],
        )
    }
    artefacts = {
        "stderr of the crawl": left.stderr,
        "stderr of the delivery": brought.err,
        "the recording": left.recording.decode("latin-1"),
        **shown,
    }
    for name, text in artefacts.items():
        assert text or name == "stderr of the delivery", name
        assert [canary for canary in ALWAYS if canary in text] == [], name
    for name in ("stderr of the crawl", "stderr of the delivery", "status --metrics"):
        assert QUERY not in artefacts[name], name
    _is_of_one_form(left.stderr, form)


def _is_of_one_form(stderr: str, form: str) -> None:
    lines = [line for line in stderr.splitlines() if "crawling" not in line]
    assert any("scrapy" in line or "Crawled" in line for line in lines), stderr
    assert "\x1b" not in stderr
    assert "\u202e" not in stderr
    if form == "json":
        logged = [json.loads(line) for line in lines if line.startswith("{")]
        assert {"at", "level", "logger", "message"} <= set(logged[0])
        asked = [
            each for each in logged if each["logger"] == "scrapy.core.engine" and "GET" in each["message"]
        ]
        assert asked, "the child's own records"
        assert {each.get("source") for each in asked if "robots" not in each["message"]} == {"harbour"}
        assert all("?key=***" in each["message"] for each in asked if "/news/" in each["message"])
