"""Replaying: what is printed, what programs read, and what a missing answer does."""

from __future__ import annotations

import json
from pathlib import Path

from crawler.recordings.directory import write_directory
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tests.tidings.small_site import LISTING, recording


def test_a_series_is_replayed_in_order_and_each_step_says_what_was_new(
    tidings: Tidings, series: Path
) -> None:
    ended = tidings("replay", series)
    assert ended.code == 0
    assert ended.out == (
        "1-baseline (1 March 2026, 08:00 UTC)\n"
        "harbour: baseline taken: 3 items known, none announced\n"
        "\n"
        "2-news (2 March 2026, 08:00 UTC)\n"
        "harbour: 1 edited, 1 new\n"
        "  edited     Crane is under repair\n"
        "             substantive edit, revision 2\n"
        "             https://harbour.example/2026/02/27/crane/\n"
        "  new        Fog horn is tested\n"
        "             published 2 March 2026\n"
        "             https://harbour.example/2026/03/02/fog/\n"
        "\n"
        "3-empty (3 March 2026, 08:00 UTC)\n"
        "harbour: suspect: no entries on the listing\n"
        "  nothing of it is told; see `tidings runs show harbour`\n"
        "  after a redesign mend the selectors (docs/adding-a-source.md); else wait, or, where a feed is empty "
        "for good, approve it\n"
        f"  it is asked again at {next_due(ended.out)}\n"
        "\n"
    )
    assert ended.err.count("replaying ") == 3


def next_due(out: str) -> str:
    """The time is spread by the source's name; it is shown, and that is all that this test wants."""
    return out.partition("asked again at ")[2].partition("\n")[0]


def test_programs_get_one_object_with_all_runs_and_changes(tidings: Tidings, series: Path) -> None:
    ended = tidings("replay", series, "--json")
    shown = json.loads(ended.out)
    assert faults(shown, "crawl") == []
    assert [run["verdict"] for run in shown["runs"]] == ["ok", "ok", "suspect"]
    assert [run["baseline"] for run in shown["runs"]] == [3, None, None]
    assert [(change["seq"], change["kind"]) for change in shown["changes"]] == [
        (1, "edited"),
        (2, "published"),
    ]
    assert shown["changes"][1]["url"] == "https://harbour.example/2026/03/02/fog/"


def test_the_exit_status_tells_of_news_and_of_suspicion_when_it_is_asked_to(
    tidings: Tidings, series: Path
) -> None:
    codes = [
        tidings("replay", series / step, "--exit-code").code for step in ("1-baseline", "2-news", "3-empty")
    ]
    assert codes == [0, 10, 20]


def test_a_replayed_baseline_announces_the_newest_items_if_it_is_told_to(
    tidings: Tidings, series: Path
) -> None:
    ended = tidings("replay", series / "1-baseline", "--announce-latest", 1)
    assert ended.out.startswith("harbour: baseline taken: 3 items known, 1 announced\n  new        Ferry")


def test_a_request_that_was_not_recorded_fails_loudly(tidings: Tidings, tmp_path: Path) -> None:
    write_directory(recording("1-baseline", leave_out=LISTING), tmp_path / "torn")
    ended = tidings("replay", tmp_path / "torn", "--exit-code")
    assert ended.code == 1
    assert f"not recorded: {LISTING}" in ended.out
    assert "not in the recordings" in ended.err


def test_a_replay_fills_postgresql_as_well(tidings: Tidings, series: Path, postgres_url: str) -> None:
    ended = tidings("replay", series / "1-baseline", series / "2-news", "--json", "--database", postgres_url)
    assert ended.code == 0
    assert [change["kind"] for change in json.loads(ended.out)["changes"]] == ["edited", "published"]
    status = tidings("status", "--json", "--database", postgres_url)
    assert faults(json.loads(status.out), "status") == []
    told = json.loads(tidings("digest", "--json", "--database", postgres_url).out)
    assert faults(told, "digest") == []
    assert (told["number"], told["upto_seq"]) == (1, 2)
    assert tidings("db", "check", "--database", postgres_url).out == "sound\n"
    refused = tidings("db", "backup", "copy.dump", "--database", postgres_url)
    assert refused.code == 1
    assert "pg_dump" in refused.err
