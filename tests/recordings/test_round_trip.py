"""The law of both forms: nothing is lost on the way from one to the other, and the bytes are always the same."""

import tempfile
from pathlib import Path

from hypothesis import given, settings

from crawler.recordings.directory import read_directory, write_directory
from crawler.recordings.find import open_recording, pack, unpack
from crawler.recordings.model import Recording
from crawler.recordings.warc import read_warc, write_warc
from tests.recordings.shapes import recordings, small_recording


@given(recording=recordings)
@settings(max_examples=100, deadline=None)
def test_any_recording_survives_both_forms_and_packs_to_equal_bytes(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tmp = Path(folder)
        write_warc(recording, tmp / "a.warc.gz")
        assert read_warc(tmp / "a.warc.gz") == recording
        unpack(tmp / "a.warc.gz", tmp / "directory")
        assert read_directory(tmp / "directory") == recording
        pack(tmp / "directory", tmp / "b.warc.gz")
        assert (tmp / "a.warc.gz").read_bytes() == (tmp / "b.warc.gz").read_bytes()
        pack(tmp / "directory", tmp / "c.warc")
        assert read_warc(tmp / "c.warc") == recording


def test_unpacking_twice_gives_equal_directories(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_directory(small_recording(), tmp_path / name)
    files = [sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("one", "two")]
    assert files[0] == files[1]
    assert files[0] == [
        "1-robots-txt.html",
        "2-en-category-news.html",
        "3-en-category-news.html",
        "7-ar-173d88d3.html",
        "definitions.toml",
        "recording.toml",
    ]
    for name in files[0]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_manifest_is_easy_to_review(tmp_path: Path) -> None:
    write_directory(small_recording(), tmp_path / "made")
    manifest = (tmp_path / "made" / "recording.toml").read_text(encoding="utf-8")
    assert manifest.startswith(
        "schema = 1\n"
        "clock = 2023-11-22T08:00:00Z\n"
        'sources = ["port-en", "port-ar"]\n'
        'definitions = "definitions.toml"\n'
        "\n"
        "[[answers]]\n"
        'url = "https://port.example/robots.txt"\n'
        "status = 200\n"
    )
    assert '[[answers]]\nurl = "https://port.example/gone"\nerror = "timeout"\n' in manifest
    assert open_recording(tmp_path / "made" / "recording.toml") == small_recording()
