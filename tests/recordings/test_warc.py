"""WARC files: readable by others, and refused when they are cut, damaged, foreign or swollen."""

import gzip
import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from crawler.recordings.model import MAX_BODY_BYTES
from crawler.recordings.records import Head, answer_records, head_record
from crawler.recordings.warc import read_warc, write_warc
from news.errors import RecordingError
from tests.recordings.shapes import CLOCK, LISTING, answer, small_recording


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    path = tmp_path / "port.warc.gz"
    write_warc(small_recording(), path)
    return path


def members(data: bytes) -> list[bytes]:
    found = []
    while data:
        inflater = zlib.decompressobj(31)
        inflater.decompress(data)
        found.append(data[: len(data) - len(inflater.unused_data)])
        data = inflater.unused_data
    return found


def refusal(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(RecordingError) as caught:
        read_warc(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_other_warc_tools_read_our_files_and_agree_with_the_digests(warc: Path) -> None:
    kinds, ids, concurrent = [], [], []
    with warc.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()
            kinds.append(record.rec_type)
            ids.append(record.rec_headers.get_header("WARC-Record-ID"))
            concurrent.append(record.rec_headers.get_header("WARC-Concurrent-To"))
            if record.rec_headers.get_header("WARC-Target-URI") == LISTING and record.rec_type == "response":
                assert record.http_headers.get_header("Content-Type") or record.http_headers.get_header(
                    "Etag"
                )
    assert kinds == [
        "warcinfo",
        *["response", "request"] * 5,
        "metadata",
        "request",
        *["response", "request"] * 2,
    ]
    assert concurrent[2::2] == ids[1::2]
    assert len(set(ids)) == len(ids)


def test_an_existing_file_is_kept_unless_it_shall_be_overwritten(warc: Path) -> None:
    before = warc.read_bytes()
    with pytest.raises(RecordingError, match="exists; name another file"):
        write_warc(small_recording(), warc)
    write_warc(small_recording(), warc, overwrite=True)
    assert warc.read_bytes() == before
    assert [path.name for path in warc.parent.iterdir()] == [warc.name]


@pytest.mark.parametrize("form", ["gzipped", "plain"])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("port.warc.gz" if form == "gzipped" else "port.warc")
    write_warc(small_recording(), path)
    whole = path.read_bytes()
    for cut in (*range(1, 60), *range(60, len(whole), 37), len(whole) - 1):
        message = refusal(path, whole[:cut])
        assert "at byte" in message or "cut short" in message or "not a WARC file" in message, cut


def test_a_file_cut_between_two_records_is_refused_too(warc: Path) -> None:
    parts = members(warc.read_bytes())
    for kept in range(1, len(parts)):
        assert "short" in refusal(warc, b"".join(parts[:kept])) or kept % 2 == 0


def test_a_file_with_a_record_taken_out_or_moved_is_refused(warc: Path) -> None:
    parts = members(warc.read_bytes())
    assert "answer 1 is missing" in refusal(warc, b"".join(parts[:3] + parts[5:]))
    assert "answer 0 is missing" in refusal(warc, b"".join(parts[:1] + parts[3:5] + parts[1:3] + parts[5:]))
    assert "belongs to another response" in refusal(warc, b"".join(parts[:2] + parts[4:]))
    assert "not followed by its request" in refusal(warc, b"".join(parts[:2] + parts[3:]))


@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_is_refused_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, where: float, flip: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.warc.gz"
    write_warc(small_recording(), path, overwrite=True)
    data = bytearray(path.read_bytes())
    data[int(where * len(data))] ^= flip
    path.write_bytes(data)
    try:
        assert read_warc(path) == small_recording()  # the gzip header has fields that say nothing
    except RecordingError:
        refusal(path, bytes(data))


def test_a_changed_body_in_a_plain_file_is_found_by_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "port.warc"
    write_warc(small_recording(), path)
    data = path.read_bytes().replace(b"first visit", b"fifth visit")
    assert "record 4 at byte" in refusal(path, data)
    assert "does not match its digest" in refusal(path, data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"<html>no archive</html>", "is not a WARC file"),
        (b"PK\x03\x04 a zip file", "is not a WARC file"),
        (gzip.compress(b"some other text", mtime=0), "no WARC record begins here"),
        (gzip.compress(b"", mtime=0), "no WARC record begins here"),
        (b"\x1f\x8b rubbish", "damaged"),
        (b"WARC/1.1\r\nrubbish", "no usable Content-Length"),
        (b"WARC/1.1\r\nContent-Length: -4\r\n\r\n", "no usable Content-Length"),
        (b"WARC/1.1\r\nContent-Length: 99999999999\r\n\r\n", "claims 99999999999 bytes"),
    ],
)
def test_a_file_that_is_no_warc_file_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path / "what.warc.gz", data)


def test_a_foreign_warc_file_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "another crawler"}))
    assert "was not recorded by tidings" in refusal(tmp_path / "foreign.warc.gz", out.getvalue())


def test_a_file_in_one_gzip_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "port.warc"
    write_warc(small_recording(), path)
    message = refusal(tmp_path / "one.warc.gz", gzip.compress(path.read_bytes()))
    assert "more than one record in one gzip member" in message


@pytest.mark.parametrize(
    "about", ['{"schema": 2}', '{"schema": 1}', "[1", "[" * 100_000, '{"schema":1,"clock":7}']
)
def test_an_opening_record_that_cannot_be_read_is_refused(tmp_path: Path, about: str) -> None:
    block = f"tidings-recording: {about}\r\n".encode()
    data = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)
    assert "record 1 at byte 0" in refusal(tmp_path / "odd.warc", data)


def test_bombs_are_refused_without_being_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(b"WARC/1.1\r\nX: " + b"a" * (MAX_BODY_BYTES + 2_000_000))
    assert "once decompressed" in refusal(tmp_path / "bomb.warc.gz", bomb)


def test_the_total_size_is_limited(warc: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="more than 3000 bytes decompressed; raise the limit"):
        read_warc(warc, max_total_bytes=3000)
    write_warc(small_recording(), tmp_path / "plain.warc")
    with pytest.raises(RecordingError, match="more than 3000 bytes decompressed"):
        read_warc(tmp_path / "plain.warc", max_total_bytes=3000)


def test_a_missing_file_and_a_full_path_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        read_warc(tmp_path / "none.warc.gz")
    with pytest.raises(RecordingError, match="cannot be written: No such file"):
        write_warc(small_recording(), tmp_path / "no" / "x.warc.gz")


def test_answers_claimed_but_not_there_are_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    writer.write_record(head_record(Head(clock=CLOCK, sources=(), definitions="", count=2)))
    for record in answer_records(answer(), 0):
        writer.write_record(record)
    assert "holds 1 of 2 answers" in refusal(tmp_path / "short.warc.gz", out.getvalue())
