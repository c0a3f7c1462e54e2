"""`tidings doctor` as people type it."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from tests.crawler.site import Answer, LocalSite
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults

SITE = """schema = 1
name = "harbour"
url = "{url}"

[wrapper]
item = "li.item"
link = "a"

[request]
allow_private = true
"""


@pytest.fixture
def contact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_CONTACT", "desk@example.org")


def test_a_sound_installation_ends_with_0_and_says_so(tidings: Tidings, known: Path, contact: None) -> None:
    known.chmod(0o600)
    ended = tidings("doctor", "--offline")
    assert ended.code == 0, ended.out
    assert "failed" not in ended.out
    assert "database · sound" in ended.out
    assert ended.out.rstrip().splitlines()[-1].endswith("not looked at")


def test_its_json_is_as_documented(tidings: Tidings, known: Path) -> None:
    ended = tidings("doctor", "--offline", "--json")
    found = json.loads(ended.out)
    assert faults(found, "doctor") == []
    assert found["state"] == "warning"  # nobody can be reached
    subjects = {each["subject"] for each in found["findings"]}
    assert subjects == {"installation", "configuration", "database", "disk", "dns", "robots", "clock"}


def test_a_site_that_forbids_is_told_and_ends_with_1(
    tidings: Tidings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contact: None
) -> None:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", f"sqlite:///{tmp_path / 'd.db'}")
    file = tmp_path / "harbour.toml"
    with LocalSite() as site:
        file.write_text(SITE.format(url=site.url("/news/")))
        assert tidings("sources", "import", file).code == 0
        site.script("/robots.txt", Answer(body="User-agent: *\nDisallow: /\n"))
        ended = tidings("doctor")
        assert [asked.path for asked in site.log] == ["/robots.txt"]
        assert "tidings/" in site.log[0].headers["user-agent"]
        assert "desk@example.org" in site.log[0].headers["user-agent"]
    assert ended.code == 1
    assert "robots.txt forbids it" in ended.out
    assert "→ ask the site for permission, or `tidings sources pause harbour`" in ended.out


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("databas_url = 'x'", "did you mean database_url?"),
        ("delay_seconds = -1", "delay_seconds"),
        ("= no toml", "not valid TOML"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_a_finding(
    tidings: Tidings, tmp_path: Path, config: str, said: str
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(config)
    ended = tidings("doctor", "--offline", "--config", file)
    assert ended.code == 1
    assert said in ended.out
    assert ended.err == ""


def test_a_file_that_is_no_database_is_a_finding(tidings: Tidings, tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("Dear diary")
    ended = tidings("doctor", "--offline", "--database", f"sqlite:///{file}")
    assert ended.code == 1
    assert "it is not a SQLite database" in ended.out
    assert file.read_text() == "Dear diary"


def test_a_server_that_is_not_there_is_a_finding_within_a_bounded_time(tidings: Tidings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    begin = time.monotonic()
    ended = tidings(
        "doctor", "--offline", "--database", f"postgresql://tidings:canary-1@127.0.0.1:{port}/tidings"
    )
    assert ended.code == 1
    assert "database · reached" in ended.out
    assert "canary-1" not in ended.out + ended.err
    assert time.monotonic() - begin < 60
