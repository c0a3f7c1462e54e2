"""`tidings sources show`: how politely a source is read, for people and for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults


def test_a_source_shows_its_score_and_why_it_lacks_points(
    tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tidings("sources", "show", "harbour").out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.split()[:1] == ["politeness"])
    assert lines[start].split()[1:] == ["75", "of", "100"]
    assert lines[start + 1].strip() == "-15: 0 s between requests, where a second is the least"
    assert lines[start + 2].strip().startswith("-10: nobody can be reached")
    assert re.fullmatch(
        r"\d+% of \d+ requests were answered by 304; .* came, as they were packed", lines[start + 4].strip()
    )
    monkeypatch.setenv("TIDINGS_CONTACT", "desk@example.org")
    shown = json.loads(tidings("sources", "show", "harbour", "--json").out)["politeness"]
    assert faults(shown, "politeness") == []
    assert (shown["score"], [each["rule"] for each in shown["deductions"]]) == (85, ["delay"])
    assert (shown["runs"], shown["robots"]) == (2, "allows")
    assert shown["received_bytes"] > 0
