"""Recordings as directories: a manifest and one file a body, to be written, reviewed and mended by hand."""

import re
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from crawler.recordings.atomic import whole_directory
from crawler.recordings.manifest import MANIFEST, Entry, Manifest, dump_manifest, parse_manifest
from crawler.recordings.model import (
    MAX_BODY_BYTES,
    MAX_TOTAL_BYTES,
    RecordedAnswer,
    Recording,
    right_headers,
)
from news.errors import RecordingError

_DEFINITIONS = "definitions.toml"
_MAX_TEXT_BYTES = 16 * 1024 * 1024
_SUFFIXES = (
    ("html", ".html"),
    ("json", ".json"),
    ("xml", ".xml"),
    ("text/plain", ".txt"),
    ("text/css", ".css"),
    ("javascript", ".js"),
    ("image/jpeg", ".jpg"),
    ("image/png", ".png"),
    ("pdf", ".pdf"),
)


def read_directory(path: Path, *, max_total_bytes: int = MAX_TOTAL_BYTES) -> Recording:
    """Read a recording in directory form.

    Args:
        path: the directory that holds ``recording.toml``.
        max_total_bytes: how much the bodies may have together.

    Raises:
        RecordingError: a file is missing, too large or outside the series' folder, or the manifest is wrong;
            the message names file, key and reason.
    """
    manifest_path = path / MANIFEST
    try:
        manifest = parse_manifest(_read_text(manifest_path))
        definitions = _definitions(path, manifest.definitions)
        answers: list[RecordedAnswer] = []
        left = max_total_bytes
        for number, entry in enumerate(manifest.entries, 1):
            answers.append(_numbered_answer(number, path, entry, left))
            left -= len(answers[-1].body)
        return Recording(
            clock=manifest.clock,
            sources=manifest.sources,
            definitions=definitions,
            answers=tuple(answers),
            discovery=manifest.discovery,
        )
    except RecordingError as error:
        raise RecordingError(f"{manifest_path}: {error}") from error


def write_directory(recording: Recording, path: Path) -> None:
    """Write a recording in directory form; the directory appears whole or not at all.

    Raises:
        RecordingError: the path is taken by something that is not an empty directory, or cannot be written.
    """
    with whole_directory(path) as draft:
        if recording.definitions:
            (draft / _DEFINITIONS).write_bytes(recording.definitions.encode())
        width = len(str(len(recording.answers)))
        entries = []
        for number, answer in enumerate(recording.answers, 1):
            name = f"{number:0{width}}-{readable_name(answer)}" if answer.body else ""
            if name:
                (draft / name).write_bytes(answer.body)
            entries.append(_entry(answer, name))
        manifest = Manifest(
            clock=recording.clock,
            sources=recording.sources,
            definitions=_DEFINITIONS if recording.definitions else "",
            entries=tuple(entries),
            discovery=recording.discovery,
        )
        (draft / MANIFEST).write_bytes(dump_manifest(manifest).encode())


def readable_name(answer: RecordedAnswer) -> str:
    """A file name out of an answer's URL and media type: short, ASCII, and leading nowhere else.

    What does not fit is stood in for by a digest of the URL.
    """
    parts = urlsplit(answer.url)
    wanted = unquote(parts.path).strip("/") + (f"-{parts.query}" if parts.query else "") or "index"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-_")
    if not wanted.isascii() or len(plain) > 80 or not plain:
        plain = f"{plain[:60]}-{sha256(answer.url.encode()).hexdigest()[:8]}".strip("-_")
    kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "").lower()
    suffix = next((suffix for part, suffix in _SUFFIXES if part in kind), ".bin")
    plain = plain.removesuffix(suffix.replace(".", "-"))
    return (plain or "body") + suffix


def _entry(answer: RecordedAnswer, file: str) -> Entry:
    return Entry(
        url=answer.url,
        method=answer.method,
        status=answer.status,
        at=answer.at,
        headers=answer.headers,
        file=file,
        body="",
        error=answer.error,
    )


def _numbered_answer(number: int, directory: Path, entry: Entry, left: int) -> RecordedAnswer:
    try:
        return _answer(directory, entry, left)
    except RecordingError as error:
        raise RecordingError(f"answers[{number}]: {error}") from error


def _answer(directory: Path, entry: Entry, left: int) -> RecordedAnswer:
    limit = min(left, MAX_BODY_BYTES)
    body = _read_file(directory, entry.file, "file", limit) if entry.file else entry.body.encode()
    if len(body) > limit:
        raise RecordingError(f"body: {len(body)} bytes, where the recording may take {limit} more")
    # A body mended by hand has another length than the one that was recorded.
    headers = right_headers(entry.headers, method=entry.method, status=entry.status, body=body)
    return RecordedAnswer(
        url=entry.url,
        method=entry.method,
        at=entry.at,
        status=entry.status,
        headers=headers,
        body=body,
        error=entry.error,
    )


def _definitions(directory: Path, name: str) -> str:
    if not name:
        return ""
    return _decode(_read_file(directory, name, "definitions", _MAX_TEXT_BYTES), name)


def _read_file(directory: Path, name: str, key: str, limit: int) -> bytes:
    """A file that the manifest names: in its directory, or beside it in the folder of the series."""
    written = PurePosixPath(name)
    hidden = any(part.startswith(".") and part != ".." for part in written.parts)
    if written.is_absolute() or hidden or "\0" in name or "\\" in name or ":" in name:
        raise RecordingError(f"{key}: {name!r} must be a plain relative path with forward slashes")
    try:
        target = (directory / name).resolve(strict=True)
        if not target.is_relative_to(directory.resolve().parent):
            raise RecordingError(f"{key}: {name!r} leads outside the folder of the series")
        if not target.is_file():
            raise RecordingError(f"{key}: {name!r} is not a file")
        if target.stat().st_size > limit:
            raise RecordingError(f"{key}: {name!r} has more than the {limit} bytes that are read here")
        return target.read_bytes()
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"{key}: {name!r} cannot be read: {why}") from error


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_TEXT_BYTES:
            raise RecordingError(f"more than {_MAX_TEXT_BYTES} bytes; split the recording")
        return _decode(path.read_bytes(), path.name)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror or error}") from error


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RecordingError(f"{name} is not UTF-8 at byte {error.start}") from error
