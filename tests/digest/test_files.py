"""Digests as files: whole or not there, under names that lead nowhere else."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.formats import Format, render
from digest.model import Digest
from digest.targets.files import FileTarget, file_name
from digest.targets.target import Parcel
from news.errors import ConfigError, DeliveryError

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DIGEST = Digest(number=12, subscription="desk", after_seq=0, upto_seq=3, upto_run_id=1, composed_at=AT)


def sent(folder: Path, digest: Digest = DIGEST, format: Format = Format.TEXT) -> None:  # noqa: A002
    FileTarget(folder, format).send(Parcel(digest=digest, key="k", at=AT))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("shape", list(Format))
def test_a_digest_is_written_whole_in_its_format_under_its_name_and_number(
    tmp_path: Path, shape: Format
) -> None:
    sent(tmp_path, format=shape)
    [path] = tmp_path.iterdir()
    assert path.stem == "desk-000012"
    assert path.read_bytes() == render(DIGEST, shape).encode()
    assert path.stat().st_mode & 0o077 == ~current_umask() & 0o066


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_brought_twice_it_is_the_same_file_and_what_a_killed_sender_left_is_gone(tmp_path: Path) -> None:
    sent(tmp_path)
    before = next(tmp_path.iterdir()).read_bytes()
    (tmp_path / ".desk-000012.txt.0123.partial").write_bytes(b"half")
    (tmp_path / ".desk-000013.txt.0123.partial").write_bytes(b"of another")
    sent(tmp_path)
    assert names(tmp_path) == [".desk-000013.txt.0123.partial", "desk-000012.txt"]
    assert (tmp_path / "desk-000012.txt").read_bytes() == before


def test_a_folder_that_is_missing_or_full_is_tried_again_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeliveryError, match="check that its folder exists") as raised:
        sent(tmp_path / "missing")
    assert not raised.value.permanent

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DeliveryError, match="No space left"):
        sent(tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "a/b", "..", ".", "a\0b", "CON", "\u202etxt.exe", "x" * 255,
        "أخبار", "a\nb", ".hidden", "~", "-rf", "%00", "…",
    ],
)  # fmt: skip
def test_threat_12_no_name_of_a_subscription_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    sent(inside, replace(DIGEST, subscription=name))
    [path] = inside.iterdir()
    assert names(tmp_path) == ["inside"]
    assert path.name.endswith("-000012.txt")
    assert not path.name.startswith((".", "-"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(one=st.text(min_size=1, max_size=255), other=st.text(min_size=1, max_size=255))
def test_no_two_subscriptions_share_a_file(one: str, other: str) -> None:
    first, second = (file_name(replace(DIGEST, subscription=name), Format.TEXT) for name in (one, other))
    assert (first == second) == (one == other)
    assert all(each.isalnum() or each in "-_." for each in first)
    assert len(first.encode()) <= 255


@pytest.mark.parametrize(
    "options",
    [{}, {"folder": "relative"}, {"folder": "/tmp", "format": "pdf"}],
    ids=["none", "relative", "pdf"],
)
def test_what_is_no_target_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        FileTarget.from_options(options)
