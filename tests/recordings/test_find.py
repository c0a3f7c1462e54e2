"""Finding and opening recordings, and turning one form into the other."""

import socket
from pathlib import Path

import pytest

from crawler.recordings.directory import write_directory
from crawler.recordings.find import find_recordings, open_recording, pack, unpack
from crawler.recordings.offline import forbid_sockets
from crawler.recordings.warc import write_warc
from news.errors import NotRecordedError, RecordingError
from tests.recordings.shapes import small_recording


@pytest.fixture
def series(tmp_path: Path) -> Path:
    for name in ("port/02-news", "port/01-baseline", "harbour/deep/er/01"):
        write_directory(small_recording(), tmp_path / name)
    write_warc(small_recording(), tmp_path / "port" / "03-quiet.warc.gz")
    write_warc(small_recording(), tmp_path / "port" / "04-plain.warc")
    (tmp_path / "port" / "05-killed.warc.gz.part").write_bytes(b"WARC/1.1\r\n")
    (tmp_path / "port" / "notes.txt").write_text("no recording")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_a_directory_gives_its_recordings_sorted_at_any_depth(series: Path) -> None:
    found = [path.relative_to(series).as_posix() for path in find_recordings([series])]
    assert found == [
        "harbour/deep/er/01",
        "port/01-baseline",
        "port/02-news",
        "port/03-quiet.warc.gz",
        "port/04-plain.warc",
    ]


def test_paths_keep_their_order_and_nothing_comes_twice(series: Path) -> None:
    paths = [series / "port" / "03-quiet.warc.gz", series / "port" / "01-baseline", series / "port"]
    names = [path.name for path in find_recordings(paths)]
    assert names == ["03-quiet.warc.gz", "01-baseline", "02-news", "04-plain.warc"]


@pytest.mark.parametrize(("name", "reason"), [("empty", "holds no recording"), ("nowhere", "does not exist")])
def test_a_path_without_recordings_is_an_error(series: Path, name: str, reason: str) -> None:
    with pytest.raises(RecordingError, match=reason):
        find_recordings([series / "port", series / name])


def test_every_form_opens(series: Path) -> None:
    for path in [*find_recordings([series]), series / "port" / "01-baseline" / "recording.toml"]:
        assert open_recording(path) == small_recording()
    with pytest.raises(RecordingError, match=r"is no recording: it has no recording\.toml"):
        open_recording(series / "empty")
    with pytest.raises(RecordingError, match="is not a WARC file"):
        open_recording(series / "port" / "notes.txt")


def test_packing_needs_a_name_for_a_warc_file_and_a_free_place(series: Path) -> None:
    baseline = series / "port" / "01-baseline"
    with pytest.raises(RecordingError, match=r"ends in \.warc or \.warc\.gz"):
        pack(baseline, series / "packed.zip")
    with pytest.raises(RecordingError, match="exists"):
        pack(baseline, series / "port" / "04-plain.warc")
    with pytest.raises(RecordingError, match="not an empty directory"):
        unpack(series / "port" / "04-plain.warc", baseline)


def test_the_network_is_forbidden_only_inside_the_block() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with forbid_sockets(allowed_hosts=["localhost"]):
            with pytest.raises(NotRecordedError, match="no connection to"), socket.socket() as client:
                client.connect(address)
            with pytest.raises(NotRecordedError, match=r"no address is looked up for 'port\.example'"):
                socket.getaddrinfo("port.example", 80)
            with pytest.raises(NotRecordedError), socket.socket(type=socket.SOCK_DGRAM) as client:
                client.sendto(b"x", address)
            socket.getaddrinfo("localhost", 80)
            one, other = socket.socketpair()
            with one, other:
                one.sendall(b"x")
        with socket.create_connection(address):
            pass
