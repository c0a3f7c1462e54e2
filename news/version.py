"""Which version of tidings this is."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""What holds the packages: a source tree, or the place where they are installed."""


def own_version() -> str:
    """Return the version of the installed distribution, or of the source tree that this runs from.

    "0" where there is neither, as in a bare copy of the packages.
    """
    try:
        return version("tidings")
    except PackageNotFoundError:
        return source_version(ROOT) or "0"


def source_version(root: Path) -> str:
    """Return the version that the ``pyproject.toml`` in ``root`` declares, or an empty string without one."""
    try:
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return str(tomllib.loads(text)["project"]["version"])
