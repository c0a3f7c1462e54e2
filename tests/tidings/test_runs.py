"""``tidings runs``: what crawls did, as operators and programs see it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from storage.source_status import HeldNote
from tests.tidings.conftest import ROOT, Tidings
from tests.tidings.documented import faults
from tidings.held_advice import held_lines


def test_runs_are_listed_for_people_and_programs(tidings: Tidings, known: Path) -> None:
    lines = tidings("runs", "list", "harbour").out.splitlines()
    assert lines[0].split()[:3] == ["RUN", "SOURCE", "VERDICT"]
    assert [line.split()[:3] for line in lines[1:]] == [["2", "harbour", "ok"], ["1", "harbour", "ok"]]
    assert all("complete" in line for line in lines[1:])
    shown = json.loads(tidings("runs", "list", "--json").out)
    assert faults(shown, "run list") == []
    assert [run["baseline"] for run in shown["runs"]] == [False, True]
    assert tidings("runs", "list", "--held").out == "No run is held.\n"


def test_a_run_says_from_where_to_where_it_is_complete(tidings: Tidings, known: Path) -> None:
    out = tidings("runs", "show", "2").out
    assert out.startswith("run 2 of harbour: ok\n")
    assert "  complete from    " in out
    assert "(down to what was known)" in out
    shown = json.loads(tidings("runs", "show", "2", "--json").out)
    assert shown.pop("seen") == []
    assert faults(shown, "stored run") == []
    assert shown["top"]["url"].startswith("https://harbour.example/")


def test_what_a_suspect_run_saw_is_shown_before_a_person_decides(
    tidings: Tidings, known: Path, series: Path
) -> None:
    tidings("replay", series / "3-empty")
    out = tidings("runs", "show", "harbour").out
    assert out.startswith("run 3 of harbour: suspect: no entries")
    assert out.endswith(
        "mend the selectors (docs/adding-a-source.md); else wait, or, where a feed is empty for good, "
        "approve it\n"
    )
    assert "tidings runs show harbour" in tidings("sources", "show", "harbour").out
    shown = json.loads(tidings("runs", "show", "harbour", "--json").out)
    assert faults({k: v for k, v in shown.items() if k != "seen"}, "stored run") == []
    assert tidings("runs", "reject", "3").out == "harbour: 1 held run dropped; it is due now\n"
    assert tidings("runs", "reject", "3").code == 1
    assert "there is no such run" in tidings("runs", "show", "99").err


def test_nobody_is_told_to_approve_a_challenge_and_it_cannot_be_approved(tidings: Tidings) -> None:
    fixtures = Path(ROOT) / "fixtures" / "icesco" / "en"
    replayed = tidings("replay", fixtures / "01-baseline", fixtures / "10-challenge").out
    helps = "neither selectors nor an approval help: wait, or give it the login or the cookie that the site asks for"
    number = json.loads(tidings("runs", "list", "--held", "--json").out)["runs"][0]["id"]
    for told in (
        replayed,
        tidings("status").out,
        tidings("sources", "show", "icesco-en").out,
        tidings("runs", "show", "icesco-en").out,
    ):
        assert helps in told
        assert "tidings runs approve" not in told
    assert "waits for the next good run" in tidings("runs", "show", "icesco-en").out
    refused = tidings("runs", "approve", "icesco-en")
    assert refused.code == 1
    assert f"run {number} of 'icesco-en' read nothing that could be approved" in refused.err
    assert tidings("runs", "reject", "icesco-en").out == "icesco-en: 1 held run dropped; it is due now\n"


def test_what_a_suspect_run_read_is_offered_for_a_decision() -> None:
    held = HeldNote(entries=3, reason="the dates are gone", trouble=None)
    [line] = held_lines("harbour", held)
    assert line.startswith(
        "`tidings runs show harbour`, then approve or reject it: `tidings runs approve harbour`"
    )
    proposed = replace(
        held, reason="no entries on the listing; look at `tidings sources diff harbour`", entries=0
    )
    assert held_lines("harbour", proposed) == ("`tidings runs show harbour`",)
