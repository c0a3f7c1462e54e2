"""The digest: told once, stored, looked at without moving anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.formats import Format
from tests.tidings.conftest import Tidings, use_copy
from tests.tidings.documented import faults
from tidings.options import Shape


def test_the_first_digest_tells_everything_from_the_start_and_the_second_nothing(
    tidings: Tidings, known: Path
) -> None:
    first = tidings("digest", "--exit-code")
    assert first.code == 10
    assert first.out.startswith("default: digest 1\n")
    assert "Fog horn is tested" in first.out
    second = tidings("digest", "--exit-code")
    assert (second.code, second.out) == (0, "Nothing new for default.\n")
    again = tidings("digest", "--number", 1)
    assert again.out == first.out


@pytest.mark.parametrize("shape", list(Shape))
def test_a_stored_digest_is_shown_byte_equal_in_every_format(
    tidings: Tidings, known: Path, tmp_path: Path, shape: Shape
) -> None:
    composed = tidings("digest", "--format", shape).out
    assert tidings("digest", "--format", shape, "--number", 1).out == composed
    tidings("digest", "--format", shape, "--number", 1, "--output", "shown")
    assert (tmp_path / "work" / "shown").read_bytes() == composed.encode()


def test_the_formats_that_can_be_asked_for_are_those_that_exist() -> None:
    assert [str(shape) for shape in Shape] == [str(each) for each in Format]


def test_looking_moves_no_cursor_and_makes_no_subscription(tidings: Tidings, known: Path) -> None:
    looks = [
        ("--peek",),
        ("--since", "2026-03-02"),
        ("--since", "0"),
        ("--since", "9999d"),
        ("--since", "20260302"),
    ]
    for look in looks:
        shown = json.loads(tidings("digest", "--json", *look).out)
        assert faults(shown, "digest") == []
        assert (shown["number"], len(shown["changes"])) == (None, 2)
    assert json.loads(tidings("digest", "--json", "--since", "1").out)["after_seq"] == 1
    assert json.loads(tidings("digest", "--json").out)["number"] == 1
    assert len(json.loads(tidings("digest", "--json", "--since", "0").out)["changes"]) == 2


def test_another_subscription_is_made_on_purpose_and_told_what_comes_then(
    tidings: Tidings, known: Path
) -> None:
    unknown = tidings("digest", "--subscription", "mayor")
    assert unknown.code == 1
    assert "--create" in unknown.err
    made = tidings("digest", "--subscription", "mayor", "--create", "--language", "fr")
    assert (made.code, made.out) == (0, "Nothing new for mayor.\n")
    other = tidings("digest", "--subscription", "mayor", "--language", "en")
    assert other.code == 1
    assert "name of its own" in other.err
    assert tidings("digest", "--subscription", "mayor", "--create").code == 1


def test_a_filter_with_an_unknown_source_is_refused(tidings: Tidings, known: Path) -> None:
    ended = tidings("digest", "--source", "harbor")
    assert ended.code == 1
    assert "did you mean harbour" in ended.err


def test_a_digest_that_cannot_be_written_is_stored_all_the_same(
    tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = tidings("digest", "--output", "nowhere/digest.txt")
    assert refused.code == 1  # before anything was composed

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    failed = tidings("digest", "--output", "digest.txt")
    assert failed.code == 1
    assert "--number 1" in failed.err
    assert tidings("digest", "--number", 1).out.startswith("default: digest 1\n")


def test_who_is_not_being_read_is_said_also_when_nothing_is_new(
    tidings: Tidings, known: Path, series: Path
) -> None:
    tidings("digest")
    tidings("replay", series / "3-empty")
    ended = tidings("digest", "--exit-code")
    assert ended.code == 20
    assert ended.out.startswith("Nothing new for default.\n! Harbour notices: not read since ")
    assert json.loads(tidings("digest", "--json").out)["unread"][0]["verdict"] == "suspect"


def test_an_empty_digest_replaces_the_file_of_the_last_one(
    tidings: Tidings, known: Path, tmp_path: Path
) -> None:
    tidings("digest", "--output", "digest.txt")
    tidings("digest", "--output", "digest.txt")
    assert "Nothing new" in (tmp_path / "work" / "digest.txt").read_text()


def test_two_databases_with_the_same_log_tell_the_same(
    tidings: Tidings, two_days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for name in ("one.db", "two.db"):
        use_copy(two_days, tmp_path / name, monkeypatch)
        told.append(json.loads(tidings("digest", "--json").out)["changes"])
    assert told[0] == told[1] != []
