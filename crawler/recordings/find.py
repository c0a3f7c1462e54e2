"""Recordings on disk: find them, open them whatever their form, and turn one form into the other."""

import os
from collections.abc import Iterable
from pathlib import Path

from crawler.recordings.directory import read_directory, write_directory
from crawler.recordings.manifest import MANIFEST
from crawler.recordings.model import MAX_TOTAL_BYTES, Recording
from crawler.recordings.warc import read_warc, write_warc
from news.errors import RecordingError

_WARC_SUFFIXES = (".warc", ".warc.gz")


def open_recording(path: Path, *, max_total_bytes: int = MAX_TOTAL_BYTES) -> Recording:
    """Read a recording: a WARC file, a directory with a manifest, or the manifest itself.

    Args:
        path: where it lies.
        max_total_bytes: how much it may hold once decompressed.

    Raises:
        RecordingError: there is none, or it is damaged.
    """
    if path.name == MANIFEST and path.is_file():
        path = path.parent
    if not path.is_dir():
        if not path.exists():
            raise RecordingError(f"{path} does not exist")
        return read_warc(path, max_total_bytes=max_total_bytes)
    if not (path / MANIFEST).exists():
        raise RecordingError(f"{path} is no recording: it has no {MANIFEST}")
    return read_directory(path, max_total_bytes=max_total_bytes)


def find_recordings(paths: Iterable[Path]) -> list[Path]:
    """The recordings under some paths: each is one itself, or a directory that holds some at any depth.

    What a directory holds is sorted by path, so that a series named by date replays in time order; the paths
    keep the order in which they were given, and nothing comes twice.

    Raises:
        RecordingError: a path does not exist or holds no recording.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        under = _under(path)
        if not under:
            raise RecordingError(f"{path} holds no recording: neither {MANIFEST} nor a WARC file is in it")
        for recording in under:
            found.setdefault(recording.resolve(), recording)
    return list(found.values())


def pack(directory: Path, warc: Path, *, overwrite: bool = False) -> Recording:
    """Turn a directory into a WARC file that replays the same; gives back what was packed.

    Raises:
        RecordingError: the directory is no recording, or the file is taken or cannot be written.
    """
    if not warc.name.endswith(_WARC_SUFFIXES):
        raise RecordingError(f"{warc}: the name of a WARC file ends in {' or '.join(_WARC_SUFFIXES)}")
    recording = open_recording(directory)
    write_warc(recording, warc, overwrite=overwrite)
    return recording


def unpack(warc: Path, directory: Path) -> Recording:
    """Turn a WARC file into a directory that replays the same; gives back what was unpacked.

    Raises:
        RecordingError: the file is no recording, or the directory is not empty or cannot be written.
    """
    recording = open_recording(warc)
    write_directory(recording, directory)
    return recording


def _under(path: Path) -> list[Path]:
    if not path.exists():
        raise RecordingError(f"{path} does not exist")
    if path.is_file() or (path / MANIFEST).exists():
        return [path]
    found = []
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = Path(folder)
        if MANIFEST in files:
            found.append(here)
        found += [here / name for name in files if name.endswith(_WARC_SUFFIXES) and not name.startswith(".")]
    return sorted(found)
