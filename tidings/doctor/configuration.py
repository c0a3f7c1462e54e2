"""The configuration: who may read files that hold secrets, whom a site can reach, and variables that sources name."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy.engine import make_url

from crawler.credentials import resolve
from news.errors import ConfigError
from news.source import Source
from storage.settings import Settings, settings_file
from tidings.doctor.findings import Finding, failed, ok, warning


def look(
    settings: Settings,
    sources: Iterable[Source],
    *,
    config: Path | None,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[Finding]:
    """Yield what is found of the settings; that they could be read at all is known already.

    Args:
        settings: the configuration.
        sources: those that are kept.
        config: the file of ``--config``.
        environ: the environment of the process.
    """
    file = settings_file(config)
    yield ok("configuration", "file", str(file) if file else "none; defaults and the environment")
    if file is not None and (finding := exposed(file, _holds_secret(settings))):
        yield finding
    yield from _database_file(settings)
    if not settings.contact and not settings.user_agent:
        yield warning(
            "configuration", "contact", "nobody can be reached by those whose sites are read",
            "set contact to an address of mail or a page of yours",
        )  # fmt: skip
    if (
        settings.serve
        and settings.serve_host not in ("127.0.0.1", "::1", "localhost")
        and not settings.public_url
    ):
        yield warning(
            "configuration", "public_url", f"pages are served at {settings.serve_host}, and links have no address",
            "set public_url to what readers type",
        )  # fmt: skip
    for source in sources:
        try:
            resolve(source, environ)
        except ConfigError as error:
            seen, _, advice = str(error).partition("; ")
            yield failed("configuration", source.name, seen, advice)


def exposed(file: Path, secret: bool) -> Finding | None:
    """Return that others may read a file with secrets in it, or write it at all; None where they may not."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None
    if mode & 0o022:
        return warning(
            "configuration",
            "permissions",
            f"{file} may be written by others ({mode:04o})",
            f"chmod 600 {file}",
        )
    if secret and mode & 0o044:
        return warning(
            "configuration", "permissions", f"{file} holds a password and may be read by others ({mode:04o})",
            f"chmod 600 {file}",
        )  # fmt: skip
    return None


def _holds_secret(settings: Settings) -> bool:
    secrets = (make_url(settings.database_url).password, settings.metrics_token, settings.ping_url)
    return any(secrets) or "@" in settings.mail_server


def _database_file(settings: Settings) -> Iterator[Finding]:
    """The database keeps the secrets of webhooks and the tokens of readers."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and (file := Path(url.database)).is_file():
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o007:
            yield warning(
                "configuration", "permissions", f"{file} keeps secrets of targets and is open to all ({mode:04o})",
                f"chmod 600 {file}*, or chmod o-rwx on its folder",
            )  # fmt: skip
