"""Digests as files of a folder: each is whole or not there, and brought twice it is the same file."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from digest.formats import Format, render
from digest.model import Digest
from digest.targets.target import Parcel
from news.errors import ConfigError, DeliveryError
from news.text import truncate

MAX_NAME = 80
"""Characters of a subscription's name that stand in a file's name."""
EXTENSIONS = {
    Format.TEXT: "txt",
    Format.MARKDOWN: "md",
    Format.HTML: "html",
    Format.JSON: "json",
    Format.CSV: "csv",
    Format.ATOM: "atom",
    Format.RSS: "rss",
    Format.JSONFEED: "json",
}


class FileTarget:
    """Writes each digest to a file of its own, named by its subscription and number.

    Args:
        folder: an absolute path of a folder that exists.
        format: what the digests are rendered as.
    """

    def __init__(self, folder: Path, format: Format) -> None:  # noqa: A002
        self._folder = folder
        self._format = format

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> FileTarget:
        """Return the target that stored options describe.

        Raises:
            ConfigError: they describe none.
        """
        folder = Path(str(options.get("folder", "")))
        if not folder.is_absolute():
            raise ConfigError(f"folder {folder}: write an absolute path")
        try:
            return cls(folder, Format(options.get("format", Format.TEXT)))
        except ValueError as error:
            raise ConfigError(f"format {options['format']!r}: there is no such format") from error

    @property
    def place(self) -> str:
        return f"{self._folder} ({self._format})"

    def send(self, parcel: Parcel) -> None:
        path = self._folder / file_name(parcel.digest, self._format)
        data = render(parcel.digest, self._format).encode("utf-8", errors="backslashreplace")
        try:
            _write(path, data)
        except OSError as error:
            raise DeliveryError(
                f"{path} cannot be written ({error.strerror or type(error).__name__}); "
                "check that its folder exists and may be written"
            ) from error


def file_name(digest: Digest, format: Format) -> str:  # noqa: A002
    """Return the name of a digest's file, which holds nothing but letters, digits, ``-`` and ``_``.

    A name that had to be changed for that, or cut, bears a hash of the whole one, so that no two share a file.
    """
    name = digest.subscription
    plain = "".join(each if each.isalnum() or each in "-_" else "-" for each in name).strip("-")
    kept = truncate(plain, MAX_NAME).rstrip("…")
    changed = hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()[:8] if kept != name else ""
    parts = filter(None, (kept, changed, f"{digest.number or 0:06}"))
    return f"{'-'.join(parts)}.{EXTENSIONS[format]}"


def _write(path: Path, data: bytes) -> None:
    """Write a file that is whole or not there, also after a power cut."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    for left in path.parent.glob(f".{path.name}.*.partial"):  # of a sender that was killed
        with suppress(OSError):
            left.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
