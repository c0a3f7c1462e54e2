"""The spool: where a running crawl puts its answers, so that memory stays small and a kill loses none."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from warcio.warcwriter import WARCWriter

from crawler.recordings.atomic import refuse_existing, unwritable
from crawler.recordings.members import read_record
from crawler.recordings.model import RecordedAnswer
from crawler.recordings.records import Head, answer_from, answer_records, head_record
from crawler.recordings.warc import open_answers, write_answers
from news.errors import RecordingError

_NO_LIMIT = 1 << 62


def spool_path(warc: Path) -> Path:
    """Where the spool of a recording stands while its crawl runs."""
    return warc.with_name(f"{warc.name}.part")


class Spool:
    """An unfinished recording on disk: a plain WARC file, to which each answer is added as soon as it came.

    Args:
        warc: where the finished recording shall stand; the spool is beside it.
        head: clock, sources and definitions of the crawl.

    Raises:
        RecordingError: a recording or another spool is in the way, or the place cannot be written.
    """

    def __init__(self, warc: Path, head: Head) -> None:
        self._warc = warc
        self._head = replace(head, count=None)
        self._path = spool_path(warc)
        self._offsets: dict[int, int] = {}
        self._asked = 0
        self.failure: RecordingError | None = None
        refuse_existing(warc)
        try:
            self._file = self._path.open("x+b")
        except FileExistsError as error:
            raise RecordingError(
                f"{self._path} is an unfinished recording; save it with `tidings recordings salvage`, or remove it "
                "if no crawl is writing it"
            ) from error
        except OSError as error:
            raise unwritable(self._path, error) from error
        # The writer flushes after each record, so that it is with the operating system when the process is killed.
        self._writer = WARCWriter(self._file, gzip=False, warc_version="WARC/1.1")
        try:
            self._write(head_record(self._head))
        except RecordingError:
            self.close()
            self._path.unlink(missing_ok=True)
            raise

    def next_order(self) -> int:
        """The place of a request that is about to be sent."""
        self._asked += 1
        return self._asked - 1

    def add(self, order: int, answer: RecordedAnswer) -> None:
        """Add the answer to the request with this place.

        Raises:
            RecordingError: it cannot be written, or one before could not: a recording has no holes.
        """
        if self.failure:
            raise self.failure
        offset = self._file.seek(0, os.SEEK_END)
        try:
            for record in answer_records(answer, order):
                self._write(record)
        except RecordingError as error:
            self.failure = error
            with suppress(OSError):
                self._file.truncate(offset)
            raise
        self._offsets[order] = offset

    def finish(self) -> int:
        """Turn the spool into the finished recording; gives the number of its answers.

        Raises:
            RecordingError: the recording cannot be written, or an answer could not; the spool stays.
        """
        if self.failure:
            raise self.failure
        head = replace(self._head, count=len(self._offsets))
        write_answers(head, (self._read(order) for order in sorted(self._offsets)), self._warc)
        self._file.close()
        self._path.unlink(missing_ok=True)
        return len(self._offsets)

    def close(self) -> None:
        """Leave the spool as it is."""
        with suppress(OSError):
            self._file.close()

    def _read(self, order: int) -> RecordedAnswer:
        self._file.seek(self._offsets[order])
        return answer_from(read_record(self._file), read_record(self._file))[1]

    def _write(self, record: object) -> None:
        try:
            self._writer.write_record(record)
        except OSError as error:
            raise unwritable(self._path, error) from error


def salvage(spool: Path, warc: Path) -> int:
    """Make a recording of what a killed crawl left; gives the number of its answers. The spool stays.

    Args:
        spool: the ``.part`` file.
        warc: the recording to write.

    Raises:
        RecordingError: the spool holds no opening record, or the recording cannot be written.
    """
    head, ordered = open_answers(spool, max_total_bytes=_NO_LIMIT)
    answers: dict[int, RecordedAnswer] = {}
    with suppress(RecordingError):  # the kill cut the last pair; everything before it is whole
        answers.update(ordered)
    write_answers(replace(head, count=len(answers)), (answers[order] for order in sorted(answers)), warc)
    return len(answers)
