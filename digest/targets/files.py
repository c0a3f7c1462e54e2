"""Digests as files of a folder: each is whole or not there, and brought twice it is the same file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.formats import ENDINGS, Format, render
from digest.model import Digest
from digest.targets.target import Parcel
from digest.whole_file import write_whole
from news.errors import ConfigError, DeliveryError
from news.text import truncate

MAX_NAME = 80
"""Characters of a subscription's name that stand in a file's name."""


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
            write_whole(path, data)
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
    return f"{'-'.join(parts)}.{ENDINGS[format]}"
