"""The spool of a running crawl, on a disk that fills up."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.recordings.directory import write_directory
from crawler.recordings.records import Head
from crawler.recordings.spool import Spool, salvage, spool_path
from crawler.recordings.warc import read_warc, write_warc
from news.errors import RecordingError
from tests.recordings.shapes import CLOCK, answer, small_recording

HEAD = Head(clock=CLOCK, sources=("port-en",), definitions="", count=None)
BODIES = [bytes([65 + number]) * 20_000 for number in range(5)]


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let no file grow past some bytes; Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writes_bytecode = not sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Python would leave modules cut at the limit behind, for everybody
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = not writes_bytecode


def test_answers_stand_in_the_order_of_their_requests_not_of_their_coming(tmp_path: Path) -> None:
    warc = tmp_path / "x.warc.gz"
    spool = Spool(warc, HEAD)
    orders = [spool.next_order() for _ in range(4)]
    for order in (orders[2], orders[0], orders[3]):  # the second was never answered
        spool.add(order, answer(body=BODIES[order]))
    assert spool.finish() == 3
    assert [kept.body for kept in read_warc(warc).answers] == [BODIES[0], BODIES[2], BODIES[3]]
    assert [path.name for path in tmp_path.iterdir()] == ["x.warc.gz"]


def test_a_full_disk_stops_the_recording_and_leaves_what_was_whole(tmp_path: Path) -> None:
    warc = tmp_path / "x.warc.gz"
    spool = Spool(warc, HEAD)
    with full_disk(50_000):
        for order in (0, 1):
            spool.add(order, answer(body=BODIES[order]))
        with pytest.raises(RecordingError, match=r"x\.warc\.gz\.part cannot be written: File too large"):
            spool.add(2, answer(body=BODIES[2]))
    with pytest.raises(RecordingError, match="cannot be written"):
        spool.add(3, answer(body=b"small"))  # there is room again, but a recording has no holes
    with pytest.raises(RecordingError, match="cannot be written"):
        spool.finish()
    spool.close()
    assert not warc.exists()
    assert salvage(spool_path(warc), warc) == 2
    assert [kept.body for kept in read_warc(warc).answers] == BODIES[:2]


def test_a_disk_that_is_full_at_the_start_leaves_no_spool(tmp_path: Path) -> None:
    with full_disk(10), pytest.raises(RecordingError, match="cannot be written"):
        Spool(tmp_path / "x.warc.gz", HEAD)
    assert list(tmp_path.iterdir()) == []


def test_finished_forms_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    with full_disk(300):
        with pytest.raises(RecordingError, match="cannot be written: File too large"):
            write_warc(small_recording(), tmp_path / "x.warc.gz")
        with pytest.raises(RecordingError, match="cannot be written: File too large"):
            write_directory(small_recording(), tmp_path / "step")
    assert list(tmp_path.iterdir()) == []


def test_a_recording_or_a_spool_in_the_way_is_refused(tmp_path: Path) -> None:
    first = Spool(tmp_path / "x.warc.gz", HEAD)
    with pytest.raises(RecordingError, match="is an unfinished recording; save it"):
        Spool(tmp_path / "x.warc.gz", HEAD)
    first.finish()
    with pytest.raises(RecordingError, match="exists; name another"):
        Spool(tmp_path / "x.warc.gz", HEAD)
