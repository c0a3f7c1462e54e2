"""Saying by hand which article is which, and forgetting one: from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tests.tidings.small_site import CRANE

ADDRESS = f"https://harbour.example/{CRANE[0]}"


def number(tidings: Tidings, reference: object) -> int:
    return int(json.loads(tidings("articles", "show", reference, "--json").out)["id"])


def test_two_articles_are_merged_and_split_again(tidings: Tidings, known: Path) -> None:
    crane, other = number(tidings, ADDRESS), 1
    assert crane != other
    ended = tidings("articles", "merge", ADDRESS, other)
    assert (ended.code, ended.out) == (
        0,
        f"article {other} is article {crane} now; `tidings articles split {crane} {other}` undoes it\n",
    )
    assert len(json.loads(tidings("articles", "list", "--json").out)["articles"]) == 3
    out = tidings("articles", "show", ADDRESS).out
    assert f"by hand     article {other} was merged into it" in out
    assert f"merged into article {crane}" in tidings("articles", "show", other).out
    ended = tidings("articles", "split", crane, other)
    assert ended.out.startswith(f"article {other} is one of its own now")
    assert len(json.loads(tidings("articles", "list", "--json").out)["articles"]) == 4
    assert "undone" in tidings("articles", "show", ADDRESS).out


def test_what_merging_splitting_and_forgetting_print_for_programs(tidings: Tidings, known: Path) -> None:
    merged = json.loads(tidings("articles", "merge", ADDRESS, 1, "--json").out)
    assert faults(merged, "corrected") == []
    assert merged["other"]["merged_into"] == merged["article"]["id"]
    shown = json.loads(tidings("articles", "show", ADDRESS, "--json").out)
    assert [faults(each, "correction") for each in shown["corrections"]] == [[]]
    assert faults(json.loads(tidings("articles", "split", ADDRESS, 1, "--json").out), "corrected") == []
    forgotten = json.loads(tidings("articles", "forget", ADDRESS, "--yes", "--json").out)
    assert faults(forgotten, "forgotten") == []
    assert forgotten["articles"] == 1


def test_forgetting_asks_and_does_nothing_unasked(tidings: Tidings, known: Path) -> None:
    ended = tidings("articles", "forget", ADDRESS)
    assert (ended.code, ended.out) == (1, "")
    assert "add --yes if that is meant" in ended.err
    assert CRANE[1] in tidings("articles", "show", ADDRESS).out


def test_a_forgotten_article_is_shown_as_one(tidings: Tidings, known: Path) -> None:
    ended = tidings("articles", "forget", ADDRESS, "--yes")
    assert ended.code == 0
    assert "its words are gone from 2 revisions, 1 change of the log, 0 digests" in ended.out
    out = tidings("articles", "show", ADDRESS).out
    assert CRANE[1] not in out
    assert out.startswith("[removed]\n")
    assert "(forgotten)" in out
    assert tidings("db", "check").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("merge", ADDRESS, ADDRESS), "one article already"),
        (("merge", ADDRESS, "99"), "No article has the number 99"),
        (("split", ADDRESS, ADDRESS), "known for good"),
        (("split", ADDRESS, "1"), "was not merged into"),
        (("split", ADDRESS, "https://harbour.example/none"), "does not lead to it"),
        (("split", ADDRESS, "none"), "web address"),
        (("forget", "https://harbour.example/none", "--yes"), "No article is known"),
    ],
)
def test_what_cannot_be_done_is_said(
    tidings: Tidings, known: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = tidings("articles", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err


@pytest.mark.parametrize("command", ["merge", "split", "forget"])
def test_each_command_has_help_with_an_example(tidings: Tidings, command: str) -> None:
    assert f"tidings articles {command} 7" in tidings("articles", command, "--help").out
