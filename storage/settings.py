"""One typed configuration: a TOML file, then the environment (``TIDINGS_*``), then options; the later wins.

The file is the one that is named (``--config`` or ``TIDINGS_CONFIG``), else ``tidings.toml`` in the working directory,
else ``tidings/config.toml`` in ``$XDG_CONFIG_HOME`` (``~/.config``). A key that nobody knows is refused wherever it
stands: a setting with a slip of the pen in its name would otherwise be silently without effect.

``Settings(...)`` itself reads nothing; ``load_settings`` does. Everything below is passed down as plain values.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ByteSize, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from news.errors import ConfigError
from news.retention import Retention

PREFIX = "TIDINGS_"
NOT_SETTINGS = ("TIDINGS_CONFIG", "TIDINGS_TEST_")
"""Variables (or their beginnings) that share the prefix and are no settings."""
LEASE_MARGIN_SECONDS = 120.0

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Lasting = Annotated[float, Field(ge=0, le=31 * 86_400, allow_inf_nan=False)]


def _lease_seconds(known: dict[str, Any]) -> float:
    wall: float = known.get("wall_seconds", 300.0)
    return wall + LEASE_MARGIN_SECONDS


class Settings(BaseSettings):
    """Every setting, with its default.

    ``database_url`` is relative to the working directory; ``sites`` and ``watched_disks`` in a file are relative to
    that file.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, str_strip_whitespace=True
    )

    database_url: str = Field("sqlite:///tidings.db", min_length=1, repr=False)  # may hold a password
    # What sites are told: who asks (empty: tidings and its version), and where a person can be reached.
    user_agent: str = Field("", pattern=r"^[\x20-\x7e]*$", max_length=256)
    contact: str = Field("", pattern=r"^[\x20-\x7e]*$", max_length=256)
    sites: Annotated[tuple[Path, ...], NoDecode] = ()  # more directories of site files, beside our own
    # One crawl.
    delay_seconds: float = Field(1.0, ge=0, le=3_600, allow_inf_nan=False)
    timeout_seconds: Seconds = 30.0
    environment_proxies: bool = False  # http_proxy and its kin
    browser_path: str = ""  # for sources whose pages need a browser; empty: Chromium on PATH
    browser_sandbox: bool = True  # Chromium's own; it has none for root
    max_body_bytes: ByteSize = Field(ByteSize(10 * 1024**2), ge=1024)
    looks_per_run: int = Field(10, ge=0)
    # Adaptive schedules: reads a day of a source, on average over all of them, and requests a day of a host.
    reads_per_day: float = Field(48.0, ge=0.1, le=1_440, allow_inf_nan=False)
    host_requests_per_day: int = Field(2_000, ge=1, le=1_000_000)
    # One batch: its crawl process is ended after `wall_seconds`, and its leases outlive it.
    wall_seconds: Seconds = 300.0
    lease_seconds: Seconds = Field(default_factory=_lease_seconds)
    batch_hosts: int = Field(250, ge=1)
    batch_sources: int = Field(500, ge=1)
    workers: int = Field(2, ge=1, le=256)
    senders: int = Field(4, ge=1, le=64)  # targets that digests are brought to at the same time
    mail_server: str = Field("", max_length=2_000, repr=False)  # may hold a password
    mail_from: str = Field("", max_length=500)
    tick_seconds: Seconds = 5.0
    # Past one machine: `tidings run` puts hosts into a queue in PostgreSQL, and each `tidings worker` takes from it.
    dispatcher: Literal["local", "cluster"] = "local"
    stalled_seconds: Seconds = 30.0  # a worker without a sign of life for so long is taken for dead
    # The web server: where it listens, and how others reach it.
    serve: bool = False  # whether `tidings run` serves too
    serve_host: str = Field("127.0.0.1", min_length=1, max_length=255)
    serve_port: int = Field(8000, ge=0, le=65_535)
    public_url: str = Field("", pattern=r"^(https?://[A-Za-z0-9.:\[\]_-]+/?)?$", max_length=500)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()  # further names that the server goes by
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()  # addresses whose X-Forwarded-* are believed
    time_zone: str = "UTC"  # in which the web pages tell times
    # Retention: how long what is kept, in days, and how many of an article's revisions keep their texts. 0: for good.
    keep_revisions: int = Field(0, ge=0, le=1_000_000)
    keep_revision_days: int = Field(0, ge=0, le=36_500)
    keep_article_days: int = Field(0, ge=0, le=36_500)
    keep_change_days: int = Field(0, ge=0, le=36_500)
    keep_digest_days: int = Field(0, ge=0, le=36_500)
    keep_run_days: int = Field(0, ge=0, le=36_500)
    # From when on `tidings status` and /health complain; 0: of that never.
    overdue_seconds: Lasting = 900.0  # a source is due
    unread_seconds: Lasting = 900.0  # a source fails
    waiting_seconds: Lasting = 3_600.0  # a delivery is on its way
    heartbeat_seconds: Lasting = 120.0  # the scheduler is silent
    disk_free_bytes: ByteSize | None = Field(None, ge=0)  # none: a gibibyte, or a tenth of a small disk
    watched_disks: Annotated[tuple[Path, ...], NoDecode] = ()  # further folders, such as that of recordings
    ailing_share: float = Field(0.0, ge=0, le=1, allow_inf_nan=False)  # of the sources, without a complaint
    metrics_token: str = Field(
        "", pattern=r"^[\x21-\x7e]*$", max_length=500, repr=False
    )  # opens /metrics alone
    metrics_sources: int = Field(200, ge=0, le=10_000)  # up to so many have metrics of their own
    # The dead man's switch: who is called while there is nothing to complain of.
    ping_url: str = Field("", max_length=2_000, repr=False)  # a secret by itself
    ping_seconds: Seconds = 60.0
    ping_private: bool = False  # whether it may stand in a private network
    ping_suffixes: bool = False  # whether /start and /fail are called, too
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @classmethod
    def settings_customise_sources(
        cls, *_class: Any, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        init: PydanticBaseSettingsSource = sources["init_settings"]
        return (init,)

    @property
    def has_contact(self) -> bool:
        """Whether the user agent names somebody who can be reached, as far as we can say."""
        return bool(self.contact or self.user_agent)

    @property
    def retention(self) -> Retention:
        """How long what is kept."""
        return Retention(
            revisions=self.keep_revisions,
            revision_days=self.keep_revision_days,
            article_days=self.keep_article_days,
            change_days=self.keep_change_days,
            digest_days=self.keep_digest_days,
            run_days=self.keep_run_days,
        )

    @field_validator("sites", "watched_disks", mode="before")
    @classmethod
    def _split_paths(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part for part in value.split(os.pathsep) if part]
        return value

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split_words(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _know_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # unknown, no name of one, or a folder of them
            raise ValueError(
                f"there is no time zone {value!r}; write one such as Africa/Casablanca"
            ) from None
        return value

    @field_validator("dispatcher", "log_level", "log_format", mode="before")
    @classmethod
    def _fold_case(cls, value: Any) -> Any:
        folded = value.lower() if isinstance(value, str) else value
        return "console" if folded == "text" else folded  # what it was called at first

    @model_validator(mode="after")
    def _lease_outlives_the_crawl(self) -> Settings:
        if self.lease_seconds <= self.wall_seconds:
            raise ValueError(
                f"lease_seconds ({self.lease_seconds:g}) must be longer than wall_seconds ({self.wall_seconds:g}), "
                "or two processes may crawl one host"
            )
        return self


def load_settings(config: Path | None = None, **options: Any) -> Settings:
    """Read the configuration.

    Args:
        config: the file to read; it must exist. None looks in the usual places, where it may be absent.
        options: settings by name that override all else; None stands for an option that was not given.

    Raises:
        ConfigError: for a file that cannot be read, an unknown key or variable, and a bad value: with its place.
    """
    path = settings_file(config)
    in_file = _read_file(path) if path is not None else {}
    in_environment = _read_environment(os.environ)
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**(in_file | in_environment | given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        place = _place(key, path, in_environment, given)
        raise ConfigError(f"{place}{_reason(first['msg'])}") from None


def settings_file(config: Path | None = None) -> Path | None:
    """Return the file that `load_settings` reads, None where there is none."""
    named = config or (Path(text) if (text := os.environ.get(f"{PREFIX}CONFIG")) else None)
    if named is not None:
        return named.expanduser()
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    usual = (Path("tidings.toml"), Path(home).expanduser() / "tidings" / "config.toml")
    return next((path for path in usual if path.is_file()), None)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; check --config and TIDINGS_CONFIG") from None
    except OSError as error:
        raise ConfigError(f"{path}: it cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: it is not valid TOML: {error}") from error
    for key in found:
        if key not in Settings.model_fields:
            raise ConfigError(f"{path}: {key}: there is no such setting{_similar(key)}")
    for key in ("sites", "watched_disks"):
        if isinstance(found.get(key), list):
            found[key] = [path.parent / Path(each).expanduser() for each in found[key]]
    return found


def _read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    for name in environment:
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper.startswith(NOT_SETTINGS):
            continue
        key = upper.removeprefix(PREFIX).lower()
        if key not in Settings.model_fields:
            raise ConfigError(
                f"environment variable {name}: there is no such setting{_similar(key)}; unset it, or give a "
                f"variable of your own another beginning than {PREFIX}"
            )
    return dict(EnvSettingsSource(Settings)())


def _place(key: str, path: Path | None, in_environment: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    if not key:
        return f"{path}: " if path is not None else "settings: "
    if key in given:
        return f"option --{key.replace('_', '-')}: "
    if key in in_environment:
        return f"environment variable {PREFIX}{key.upper()}: "
    return f"{path}: {key}: "


def _reason(message: str) -> str:
    said = message.removeprefix("Value error, ")
    if "pattern" in said:
        return "only printable ASCII characters can be sent"
    return said[:1].lower() + said[1:]


def _similar(key: str) -> str:
    close = difflib.get_close_matches(key, Settings.model_fields, n=1)
    return f"; did you mean {close[0]}?" if close else ""
