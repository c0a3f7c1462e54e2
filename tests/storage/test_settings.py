"""One configuration, whose every mistake is named with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from news.errors import ConfigError
from storage.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment and a working directory that configure nothing."""
    for name in list(os.environ):
        if name.upper().startswith("TIDINGS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_without_any_configuration_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings == Settings()
    assert settings.database_url == "sqlite:///tidings.db"
    assert settings.lease_seconds > settings.wall_seconds


def test_options_win_over_the_environment_and_that_over_the_file(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / "tidings.toml").write_text("workers = 3\ntick_seconds = 7\nlog_level = 'debug'\n")
    monkeypatch.setenv("TIDINGS_WORKERS", "4")
    monkeypatch.setenv("TIDINGS_TICK_SECONDS", "8")
    settings = load_settings(None, workers=5, log_format=None)
    assert (settings.workers, settings.tick_seconds, settings.log_level) == (5, 8, "debug")
    assert settings.log_format == "console"


def test_the_file_is_looked_for_in_order(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = tmp_path / "xdg" / "tidings" / "config.toml"
    usual.parent.mkdir(parents=True)
    places = [usual, bare / "tidings.toml", tmp_path / "named.toml", tmp_path / "given.toml"]
    for number, path in enumerate(places, start=10):
        path.write_text(f"workers = {number}")
        if path.name == "named.toml":
            monkeypatch.setenv("TIDINGS_CONFIG", str(path))
        assert load_settings(path if path.name == "given.toml" else None).workers == number


def test_sites_of_a_file_are_relative_to_it_and_those_of_the_environment_are_a_search_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("sites = ['mine', '/srv/sites']")
    assert load_settings(file).sites == (tmp_path / "mine", Path("/srv/sites"))
    monkeypatch.setenv("TIDINGS_SITES", f"a{os.pathsep}/b")
    assert load_settings().sites == (Path("a"), Path("/b"))


def test_a_longer_crawl_has_a_longer_lease_and_sizes_may_be_words() -> None:
    settings = load_settings(wall_seconds=900, max_body_bytes="2 MiB")
    assert settings.lease_seconds == 1020
    assert settings.max_body_bytes == 2 * 1024**2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("worker = 2", r"tidings\.toml: worker: there is no such setting; did you mean workers\?"),
        ("[crawler]\ndelay_seconds = 1", r"tidings\.toml: crawler: there is no such setting"),
        ("workers = 'many'", r"tidings\.toml: workers: input should be a valid integer"),
        ("workers = 0", r"tidings\.toml: workers: input should be greater than or equal to 1"),
        ("delay_seconds = nan", r"tidings\.toml: delay_seconds: input should be a finite number"),
        ("timeout_seconds = 0", r"tidings\.toml: timeout_seconds: input should be greater than 0"),
        ("log_level = 'loud'", r"tidings\.toml: log_level: input should be 'debug', 'info'"),
        ("database_url = ''", r"tidings\.toml: database_url: string should have at least 1"),
        ('user_agent = "a\\r\\nX-Evil: b"', r"tidings\.toml: user_agent: only printable ASCII"),
        ("wall_seconds = 60\nlease_seconds = 50", r"tidings\.toml: lease_seconds \(50\) must be longer"),
        ("workers = x", r"tidings\.toml: it is not valid TOML: .*line 1"),
    ],
)
def test_a_mistake_in_the_file_is_refused_with_file_and_key(bare: Path, text: str, said: str) -> None:
    (bare / "tidings.toml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "TIDINGS_WORKER",
            "2",
            "environment variable TIDINGS_WORKER: there is no such setting; did you mean workers",
        ),
        ("tidings_colour", "x", "environment variable tidings_colour: there is no such setting"),
        ("TIDINGS_WORKERS", "x", "environment variable TIDINGS_WORKERS: input should be a valid integer"),
        ("TIDINGS_CONFIG", "/nowhere/x.toml", r"/nowhere/x\.toml: there is no such file; check --config"),
    ],
)
def test_a_mistake_in_the_environment_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=said):
        load_settings()


def test_the_tests_own_variables_and_empty_ones_are_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_TEST_POSTGRES_URL", "postgresql://x")
    monkeypatch.setenv("TIDINGS_WORKERS", "")
    assert load_settings().workers == 2


def test_a_mistaken_option_is_named_as_it_is_typed() -> None:
    with pytest.raises(ConfigError, match="option --batch-hosts: input should be greater"):
        load_settings(None, batch_hosts=0)


def test_a_file_that_cannot_be_read_as_text_is_refused(bare: Path) -> None:
    (bare / "tidings.toml").write_bytes(b"contact = '\xff'")
    with pytest.raises(ConfigError, match=r"tidings\.toml: it is not UTF-8 text \(byte 11\)"):
        load_settings()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(bare)


def test_a_password_is_not_shown_with_the_settings() -> None:
    settings = load_settings(database_url="postgresql://u:secret@h/d")
    assert "secret" not in repr(settings)
    with pytest.raises(ConfigError) as caught:
        load_settings(database_url=["secret"])
    assert "secret" not in str(caught.value)
