"""``tidings recordings salvage``: what a killed crawl left is a recording again."""

from __future__ import annotations

from pathlib import Path

from crawler.recordings.records import Head
from crawler.recordings.spool import Spool, spool_path
from crawler.recordings.warc import read_warc
from tests.recordings.shapes import CLOCK, answer
from tests.tidings.conftest import Tidings


def test_what_a_killed_crawl_left_is_saved(tidings: Tidings, tmp_path: Path) -> None:
    warc = tmp_path / "visit.warc.gz"
    spool = Spool(warc, Head(clock=CLOCK, sources=("port-en",), definitions="", count=None))
    spool.add(spool.next_order(), answer(body=b"<p>read before the end</p>"))
    spool.close()
    refused = tidings("recordings", "show", str(spool_path(warc)))
    assert refused.code == 1
    assert "recordings salvage" in refused.err
    saved = tidings("recordings", "salvage", str(spool_path(warc)), str(warc))
    assert (saved.code, saved.err) == (0, "")
    assert "1 answers" not in saved.out
    assert [each.body for each in read_warc(warc).answers] == [b"<p>read before the end</p>"]
