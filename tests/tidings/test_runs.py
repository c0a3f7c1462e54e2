"""``tidings runs``: what crawls did, as operators and programs see it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults


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
    assert "`tidings runs approve 3` announces 0 of them; `tidings runs reject 3` does not" in out
    assert "tidings runs show harbour" in tidings("sources", "show", "harbour").out
    shown = json.loads(tidings("runs", "show", "harbour", "--json").out)
    assert faults({k: v for k, v in shown.items() if k != "seen"}, "stored run") == []
    assert tidings("runs", "reject", "3").out == "harbour: 1 held run dropped; it is due now\n"
    assert tidings("runs", "reject", "3").code == 1
    assert "there is no such run" in tidings("runs", "show", "99").err
