"""The catalogue: sites as data, one small TOML file each, checked strictly and all at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawler.site_file import SiteTable
from news.errors import ConfigError
from news.source import Source

MAX_FILE_BYTES = 256 * 1024
_REASONS = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "list_type": "must be a text or a list of texts",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "too_short": "needs at least one selector",
}


def load_site_text(text: str, where: str) -> tuple[Source, ...]:
    """Return the sources of one site file: the site's own listing first, then its sections.

    Args:
        text: the TOML.
        where: what to call it in messages, usually the file's path.

    Raises:
        ConfigError: with every fault of the file, a line each: file, key, reason.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{where}: not valid TOML: {error}") from None
    try:
        return SiteTable.model_validate(table).sources()
    except ValidationError as error:
        faults = [
            f"{where}: {_key(fault['loc'])}: {_reason(fault)}" for fault in error.errors(include_url=False)
        ]
        raise ConfigError("\n".join(faults)) from None


def load_site_file(path: Path) -> tuple[Source, ...]:
    """Return the sources of one site file.

    Raises:
        ConfigError: it cannot be read, or see `load_site_text`.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ConfigError(f"{path}: {size} bytes are no site file (at most {MAX_FILE_BYTES})")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start}): save it as UTF-8") from None
    return load_site_text(text, str(path))


def load_catalogue(*directories: Path) -> dict[str, Source]:
    """Return every source by name: those of the package, then those of further directories (``*.toml``, not below).

    Raises:
        ConfigError: with the faults of every file at once; a name that two files declare is a fault of both.
    """
    with as_file(files("crawler") / "sites") as packaged:
        paths = [path for directory in (packaged, *directories) for path in _site_files(directory)]
        return _united(dict.fromkeys(path.resolve() for path in paths))


def _site_files(directory: Path) -> list[Path]:
    try:
        return sorted(
            path for path in directory.iterdir() if path.suffix == ".toml" and not path.name.startswith(".")
        )
    except OSError as error:
        raise ConfigError(
            f"{directory}: no directory of site files: {error.strerror}. Create it, or take it out of the settings."
        ) from None


def _united(paths: Iterable[Path]) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    declared_in: dict[str, Path] = {}
    faults: list[str] = []
    for path in paths:
        try:
            found = load_site_file(path)
        except ConfigError as error:
            faults.append(str(error))
            continue
        for source in found:
            if source.name in declared_in:
                faults.append(
                    f"{path}: name: {source.name!r} is declared in {declared_in[source.name]} too: rename one"
                )
            declared_in.setdefault(source.name, path)
            sources.setdefault(source.name, source)
    if faults:
        raise ConfigError("\n".join(faults))
    return sources


def _key(location: tuple[int | str, ...]) -> str:
    """Return a key as one would say it: ``wrapper.item``, ``sections[2].url``."""
    key = ""
    for part in location:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else part
    return key or "the file"


def _reason(fault: Any) -> str:
    reason = _REASONS.get(fault["type"])
    if fault["type"] == "site_file" or reason is None:
        return str(fault["msg"])
    return reason
