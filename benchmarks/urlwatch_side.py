"""The other yardstick: urlwatch, from an environment of its own under ``build``, asking for the same listings.

It is no dependency of tidings and is imported nowhere. Each job reads the headlines of one listing, asks with the
entity tag that it keeps, and tells the lines that are new. It follows no links, obeys no robots.txt and waits for
nobody. Its store of the first sources is copied for those that are alike, as ours is (`benchmarks.many`).
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from benchmarks.names import host_name
from benchmarks.processes import ROOT, Cost, run_command

VERSION = "2.29"
ENVIRONMENT = ROOT / "build" / f"urlwatch-{VERSION}"
INSTALL_SECONDS = 900
JOB = """\
url: {url}
filter:
  - css: article.hentry .entry-title
  - html2text: re
"""
CONFIG = """\
display: {empty-diff: false, error: true, new: false, unchanged: false}
report: {text: {details: true, footer: true, line_length: 0}, stdout: {enabled: true, color: false}}
"""
_TOLD = re.compile(r"^\+(?![+ ]*@)\s*(\S.*)$", re.MULTILINE)


class UrlwatchAbsentError(Exception):
    """urlwatch cannot be had here; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Urlwatch:
    """One installation with the files of one benchmark.

    :param python: the interpreter of its environment.
    """

    python: Path
    folder: Path
    port: int

    def url(self, number: int) -> str:
        """Return the address of a listing."""
        return f"http://{host_name(number)}:{self.port}/news/"

    def watch(self, sources: int) -> None:
        """Write the jobs for so many sources."""
        (self.folder / "config.yaml").write_text(CONFIG)
        jobs = "---\n".join(JOB.format(url=self.url(number)) for number in range(sources))
        (self.folder / "urls.yaml").write_text(jobs)

    def round(self) -> Cost:
        """Ask for everything once, and return what it took and told."""
        names = {
            "--urls": "urls.yaml",
            "--config": "config.yaml",
            "--cache": "cache.db",
            "--hooks": "hooks.py",
        }
        options = [part for option, name in names.items() for part in (option, str(self.folder / name))]
        home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        command = [str(self.python), "-m", "benchmarks.urlwatch_main", *options]
        return run_command(command, environment={**os.environ, **home})

    def multiply(self, first: int, sources: int) -> None:
        """Copy what is kept of the first sources until there are as many as ``sources``."""
        with closing(sqlite3.connect(self.folder / "cache.db")) as cache, cache:
            rows = cache.execute("SELECT guid, timestamp, data, tries, etag FROM CacheEntry").fetchall()
            kept = {guid: rest for guid, *rest in rows}
            if set(kept) != {_guid(self.url(number)) for number in range(first)}:
                raise SystemExit(
                    "urlwatch names what it keeps otherwise than it did: the copies would not be found"
                )
            copies = (
                (_guid(self.url(number)), *kept[_guid(self.url(number % first))])
                for number in range(first, sources)
            )
            insert = "INSERT INTO CacheEntry (guid, timestamp, data, tries, etag) VALUES (?, ?, ?, ?, ?)"
            cache.executemany(insert, copies)


def headlines(told: str) -> Iterator[str]:
    r"""Yield the lines that urlwatch tells as new, without the heads of its differences.

    >>> list(headlines("--- @\tthen\n+++ @\tnow\n@@ -1 +1 @@\n+A bridge 7.11\n-Old\n"))
    ['A bridge 7.11']
    """
    for found in _TOLD.finditer(told):
        yield found[1]


def installed() -> Path:
    """Return the interpreter of urlwatch's environment, which is made when it is not there.

    :raises UrlwatchAbsentError: when it cannot be installed.
    """
    python = ENVIRONMENT / "bin" / "python"
    if (ENVIRONMENT / "whole").exists():
        return python
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)],
        [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            f"urlwatch=={VERSION}",
        ],
    ):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UrlwatchAbsentError(str(error)) from error
        if done.returncode:
            raise UrlwatchAbsentError((done.stderr or done.stdout).strip().splitlines()[-1])
    (ENVIRONMENT / "whole").touch()
    return python


def _guid(location: str) -> str:
    return sha1(location.encode(), usedforsecurity=False).hexdigest()
