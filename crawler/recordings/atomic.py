"""Files and directories that appear whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from news.errors import RecordingError


@contextmanager
def whole_file(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A file to write, put under ``path`` only when the block ends without an error.

    Raises:
        RecordingError: the path is taken, or cannot be written.
    """
    if not overwrite:
        refuse_existing(path)
    draft = _draft(path)
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """A directory to fill, put under ``path`` only when the block ends without an error.

    Raises:
        RecordingError: the path is a file or a directory with something in it, or cannot be written.
    """
    draft = _draft(path)
    try:
        if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
            raise RecordingError(f"{path} exists and is not an empty directory; name another or remove it")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
        yield draft
        if path.exists():
            path.rmdir()  # Windows does not rename over an empty directory
        draft.rename(path)
        _sync_directory(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def refuse_existing(path: Path) -> None:
    """Refuse to write over something.

    Raises:
        RecordingError: there is something under ``path``.
    """
    if os.path.lexists(path):
        raise RecordingError(f"{path} exists; name another file or remove it first")


def unwritable(path: Path, error: OSError) -> RecordingError:
    """The error to raise when ``path`` cannot be written."""
    why = error.strerror or str(error)
    return RecordingError(f"{path} cannot be written: {why}. Check rights and free space there")


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.draft")


def _sync_directory(path: Path) -> None:
    with suppress(OSError):  # some file systems, and Windows, cannot open a directory
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
