"""The installation: Python, the libraries that matter, and a browser where a source wants one."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from crawler.browser.chromium import find_chromium
from news.errors import ConfigError
from news.source import Source
from storage.settings import Settings
from tidings.doctor.findings import Finding, failed, ok, refused

PYTHON = ((3, 11), (3, 15))
NEEDED: Mapping[str, str] = {
    "alembic": ">=1.20,<2",
    "apscheduler": ">=3.11.3,<4",
    "fastapi": ">=0.165,<0.166",
    "feedparser": ">=6.0.14,<7",
    "lxml": ">=6.1",
    "pydantic": ">=2.14,<3",
    "scrapy": ">=2.19,<2.20",
    "sqlalchemy": ">=2.1,<2.2",
    "twisted": ">=26.10",
    "typer": ">=0.29,<0.30",
    "warcio": ">=1.8.1,<2",
}
"""Libraries whose releases change what tidings does, as pyproject.toml names them."""
POSTGRES = ("psycopg", ">=3.3.9,<4")
_REINSTALL = "install tidings anew from requirements/runtime.txt, in an environment of its own"


def look(
    settings: Settings,
    sources: Iterable[Source],
    *,
    installed: Callable[[str], str] = version,
    python: tuple[int, int] = sys.version_info[:2],
) -> Iterator[Finding]:
    """Yield what is found of Python, the libraries, the database's driver and the browser.

    Args:
        settings: the configuration.
        sources: those that are kept; one whose pages need a browser asks for Chromium.
        installed: gives the version of a distribution.
        python: the version of the interpreter.
    """
    yield _python(python)
    wanted = dict(NEEDED)
    if settings.database_url.startswith("postgres"):
        wanted[POSTGRES[0]] = POSTGRES[1]
    wrong = list(filter(None, (_library(name, allowed, installed) for name, allowed in wanted.items())))
    yield from wrong
    if not wrong:
        yield ok("installation", "libraries", f"{len(wanted)} that matter, each in a version that fits")
    rendered = sorted(source.name for source in sources if source.request.browser)
    if rendered:
        yield _browser(settings, rendered)


def _python(found: tuple[int, int]) -> Finding:
    said = f"{platform.python_implementation()} {'.'.join(map(str, found))}"
    if PYTHON[0] <= found < PYTHON[1]:
        return ok("installation", "python", said)
    return failed("installation", "python", said, "use Python 3.11, 3.12, 3.13 or 3.14")


def _library(name: str, allowed: str, installed: Callable[[str], str]) -> Finding | None:
    try:
        found = installed(name)
    except PackageNotFoundError:
        return failed("installation", name, "it is not installed", _REINSTALL)
    if fits(found, allowed):
        return None
    return failed("installation", name, f"version {found}, where {allowed} is wanted", _REINSTALL)


def fits(found: str, allowed: str) -> bool:
    """Tell whether a version stands in a range of the two forms that pyproject.toml has.

    >>> fits("2.19.1", ">=2.19,<2.20"), fits("2.20.0", ">=2.19,<2.20"), fits("2.9", ">=2.19")
    (True, False, False)
    """
    number = _parts(found)
    for bound in allowed.split(","):
        if bound.startswith(">=") and number < _parts(bound[2:]):
            return False
        if bound.startswith("<") and number >= _parts(bound[1:]):
            return False
    return True


def _parts(text: str) -> tuple[int, ...]:
    numbers = re.match(r"\d+(?:\.\d+)*", text)
    parts = [int(part) for part in numbers[0].split(".")] if numbers else []
    while parts and parts[-1] == 0:
        parts.pop()  # 2.0 is 2
    return tuple(parts)


def _browser(settings: Settings, names: list[str]) -> Finding:
    try:
        path = find_chromium(settings.browser_path, sandbox=settings.browser_sandbox)
    except ConfigError as error:
        first = refused("installation", "browser", error)
        return failed(
            "installation", "browser", f"{', '.join(names[:5])}: {first.seen}", first.advice or str(error)
        )
    return ok("installation", "browser", f"{path}, for {', '.join(names[:5])}")
