"""Recordings as WARC files."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from warcio.warcwriter import WARCWriter

from crawler.recordings.atomic import whole_file
from crawler.recordings.members import read_records
from crawler.recordings.model import MAX_TOTAL_BYTES, RecordedAnswer, Recording
from crawler.recordings.records import Head, Record, answer_from, answer_records, head_from, head_record
from news.errors import RecordingError

_NOTHING = Record(fields={}, block=b"")


def write_warc(recording: Recording, path: Path, *, overwrite: bool = False) -> None:
    """Write a recording as one WARC file, gzipped record by record if the name ends in ``.gz``.

    The same recording always gives the same bytes.

    Raises:
        RecordingError: the path is taken (and not to be overwritten), or cannot be written.
    """
    head = Head(
        clock=recording.clock,
        sources=recording.sources,
        definitions=recording.definitions,
        count=len(recording.answers),
        discovery=recording.discovery,
    )
    write_answers(head, recording.answers, path, overwrite=overwrite)


def write_answers(
    head: Head, answers: Iterable[RecordedAnswer], path: Path, *, overwrite: bool = False
) -> None:
    """Write a recording whose answers come one by one, so that only one is in memory.

    Raises:
        RecordingError: the path is taken (and not to be overwritten), or cannot be written.
    """
    with whole_file(path, overwrite=overwrite) as file:
        writer = WARCWriter(file, gzip=path.name.endswith(".gz"), warc_version="WARC/1.1")
        writer.write_record(head_record(head))
        for order, answer in enumerate(answers):
            for record in answer_records(answer, order):
                writer.write_record(record)


def read_warc(path: Path, *, max_total_bytes: int = MAX_TOTAL_BYTES) -> Recording:
    """Read a WARC file that tidings wrote.

    Args:
        path: the file.
        max_total_bytes: how much it may hold once decompressed.

    Raises:
        RecordingError: the file is missing, cut short, damaged, not ours, unfinished, or larger than allowed.
    """
    head, ordered = open_answers(path, max_total_bytes=max_total_bytes)
    if head.count is None:
        raise RecordingError(
            f"{path} is unfinished: its crawl was killed; `tidings recordings salvage` makes a recording of it"
        )
    answers = []
    for expected, (order, answer) in enumerate(ordered):
        if order != expected:
            raise RecordingError(f"{path}: answer {expected} is missing; take a whole copy of the file")
        answers.append(answer)
    if len(answers) != head.count:
        raise RecordingError(
            f"{path} is cut short: it holds {len(answers)} of {head.count} answers; take a whole copy"
        )
    return Recording(
        clock=head.clock,
        sources=head.sources,
        definitions=head.definitions,
        answers=tuple(answers),
        discovery=head.discovery,
    )


def open_answers(path: Path, *, max_total_bytes: int) -> tuple[Head, Iterator[tuple[int, RecordedAnswer]]]:
    """The head of a WARC file, and its answers with their places as they come.

    Raises:
        RecordingError: at once for the head, while iterating for the rest.
    """
    records = read_records(path, max_total_bytes=max_total_bytes)
    where, first = next(records)
    try:
        head = head_from(first)
    except RecordingError as error:
        raise RecordingError(f"{where}: {error}") from error

    def answers() -> Iterator[tuple[int, RecordedAnswer]]:
        for where, first in records:
            try:
                _, request = next(records, (where, _NOTHING))
                yield answer_from(first, request)
            except RecordingError as error:
                place = "" if str(error).startswith(str(path)) else f"{where}: "
                raise RecordingError(f"{place}{error}") from error

    return head, answers()
