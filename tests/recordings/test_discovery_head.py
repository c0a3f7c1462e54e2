"""A recording of a discovery says so, in both forms, and one of a crawl stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.recordings.directory import read_directory, write_directory
from crawler.recordings.find import open_recording
from crawler.recordings.manifest import MANIFEST
from crawler.recordings.model import Discovered, Recording
from crawler.recordings.warc import write_warc
from news.errors import RecordingError

ASKED = Discovered(
    url="https://harbour.example/notices/", channels=("listing", "feed"), language="ar", browser=True
)
RECORDING = Recording(clock=datetime(2026, 3, 1, tzinfo=UTC), sources=(), discovery=ASKED)


@pytest.mark.parametrize("asked", [ASKED, Discovered(url=ASKED.url), None])
def test_what_was_to_be_discovered_survives_both_forms(asked: Discovered | None, tmp_path: Path) -> None:
    recording = replace(RECORDING, discovery=asked)
    write_warc(recording, tmp_path / "one.warc.gz")
    write_directory(recording, tmp_path / "two")
    assert open_recording(tmp_path / "one.warc.gz") == open_recording(tmp_path / "two") == recording


@pytest.mark.parametrize(
    "table",
    [
        'discovery = "https://harbour.example/"',
        '[discovery]\nchannels = ["feed"]',
        '[discovery]\nurl = "https://harbour.example/"\npage = 2',
        '[discovery]\nurl = "ftp://harbour.example/"',
        '[discovery]\nurl = "https://harbour.example/"\nchannels = [1]',
        '[discovery]\nurl = "https://harbour.example/"\nbrowser = 1',
    ],
)
def test_a_discovery_is_read_strictly(table: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(f"schema = 1\nclock = 2026-03-01T00:00:00Z\nsources = []\n{table}\n")
    with pytest.raises(RecordingError):
        read_directory(tmp_path)


def test_a_recording_is_of_sources_or_of_a_discovery() -> None:
    with pytest.raises(RecordingError, match="not of both"):
        replace(RECORDING, sources=("harbour",))
