"""The versions of a source's selectors as operators meet them: list, compare, approve, reject, go back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from news.healing import HealedItem, Healing, ItemState, Means
from news.source import Wrapper
from storage.engine import open_engine, writing
from storage.source_status import HeldNote
from storage.sources import load_source
from storage.tables import Source
from storage.wrappers import add_healed
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults
from tidings.held_advice import no_proposal

NOW = datetime(2026, 3, 4, 8, tzinfo=UTC)
CARD = Wrapper(item=("section.card",), link=("a",))


def healing(*, accepted: bool) -> Healing:
    return Healing(
        wrapper=CARD,
        confidence=0.95 if accepted else 0.71,
        accepted=accepted,
        symptom="no entries on the listing",
        recognised=1,
        sought=3,
        reasons=("1 of 2 items are stored articles (1 by path)",),
        items=(
            HealedItem(state=ItemState.NEW, url="https://harbour.example/pier", title="A pier\x1b[2J"),
            HealedItem(
                state=ItemState.RECOGNISED,
                url="https://harbour.example/2026/crane",
                title="A crane",
                by=Means.PATH,
                old_url="https://harbour.example/crane",
            ),
        ),
    )


def write(file: Path, *, accepted: bool) -> None:
    """Let a run have found other selectors."""
    engine = open_engine(f"sqlite:///{file}")
    source = load_source(engine, "harbour")
    with writing(engine) as connection:
        source_id = connection.execute(select(Source.id).where(Source.name == "harbour")).scalar_one()
        add_healed(connection, source_id, source, healing(accepted=accepted), NOW)
    engine.dispose()


@pytest.fixture
def proposed(known: Path) -> Path:
    """A database in which a proposal waits for the source ``harbour``."""
    write(known, accepted=False)
    return known


def states(tidings: Tidings) -> list[tuple[int, str]]:
    shown: dict[str, Any] = json.loads(tidings("sources", "wrappers", "harbour", "--json").out)
    assert faults(shown, "version list") == []
    return [(each["version"], each["state"]) for each in shown["wrappers"]]


def test_the_versions_are_listed_with_where_they_come_from(tidings: Tidings, proposed: Path) -> None:
    assert states(tidings) == [(2, "proposed"), (1, "in use")]
    out = tidings("sources", "wrappers", "harbour").out
    assert out.splitlines()[1].split()[:3] == ["2", "proposed", "healing"]
    assert "UTC" in out.splitlines()[2], "a version that is in use says since when"
    assert "0.71" in out
    assert "no entries on the listing" in out


def test_a_proposal_is_compared_with_what_is_in_use(tidings: Tidings, proposed: Path) -> None:
    out = tidings("sources", "diff", "harbour").out
    assert "version 2 (healing, proposed) against version 1" in out
    assert "    + section.card" in out
    assert "confidence 0.71: 1 of 2 items are stored articles (1 by path)" in out
    assert "version 2; `tidings sources diff harbour 2`" in tidings("sources", "show", "harbour").out
    assert "A crane (by path)" in out
    assert "was https://harbour.example/crane" in out
    assert "2 items: 1 recognised, 1 new" in out
    assert "tidings sources approve harbour --wrapper 2" in out
    assert "\x1b" not in out
    shown = json.loads(tidings("sources", "diff", "harbour", "2", "--json").out)
    assert faults(shown, "difference") == []
    assert (shown["old"]["version"], shown["new"]["version"]) == (1, 2)


@pytest.mark.parametrize("option", [(), ("--wrapper", "2")])
def test_a_proposal_is_approved_and_then_left_again(
    tidings: Tidings, proposed: Path, option: tuple[str, ...]
) -> None:
    assert tidings("sources", "approve", "harbour", *option).out == (
        "harbour: version 2 of its selectors approved; it is due now\n"
    )
    assert states(tidings) == [(2, "in use"), (1, "earlier")]
    assert "version 1" in tidings("sources", "rollback", "harbour").out
    assert states(tidings) == [(2, "rolled back"), (1, "in use")]
    assert tidings("sources", "rollback", "harbour", "2").code == 0
    assert states(tidings) == [(2, "in use"), (1, "rolled back")]


def test_a_file_that_was_imported_already_says_how_its_selectors_come_back(
    tidings: Tidings, proposed: Path, tmp_path: Path
) -> None:
    file = tmp_path / "harbour.toml"
    assert tidings("sources", "export", "harbour", str(file)).code == 0
    tidings("sources", "import", str(file))
    [declared] = [version for version, state in states(tidings) if state == "in use"]
    assert tidings("sources", "import", str(file)).out == (
        "harbour: nothing to do, it is declared just so already\n"
    )
    tidings("sources", "approve", "harbour", "--wrapper", "2")
    said = tidings("sources", "import", str(file)).out
    assert said == (
        "harbour: nothing to do, it is declared just so already. Version 2 (healing) of its selectors is in use; "
        f"`tidings sources rollback harbour {declared}` puts the declared ones back\n"
    )
    assert tidings("sources", "rollback", "harbour", str(declared)).code == 0
    assert (declared, "in use") in states(tidings)


def test_an_approval_tells_programs_which_version_it_took(tidings: Tidings, proposed: Path) -> None:
    shown = json.loads(tidings("sources", "approve", "harbour", "--json").out)
    assert faults(shown, "approval") == []
    assert (shown["wrapper"], shown["changes"]) == (2, [])


def test_a_proposal_is_rejected_for_good(tidings: Tidings, proposed: Path) -> None:
    ended = tidings("sources", "reject", "harbour")
    assert (ended.code, ended.out) == (0, "harbour: version 2 of its selectors rejected\n")
    assert states(tidings) == [(2, "rejected"), (1, "in use")]
    assert tidings("sources", "reject", "harbour").code == 1


@pytest.mark.parametrize("word", ["approve", "reject"])
def test_where_no_selectors_are_proposed_the_command_that_may_be_meant_is_named(
    tidings: Tidings, known: Path, series: Path, word: str
) -> None:
    ended = tidings("sources", word, "harbour")
    assert ended.code == 1
    assert "no selectors are proposed, and no run is held" in ended.err
    tidings("replay", series / "3-empty")
    empty = tidings("sources", word, "harbour").err
    assert (
        "no selectors are proposed; `tidings runs show harbour` says what a suspect run met instead" in empty
    )
    held = HeldNote(entries=3, reason="the dates are gone", trouble=None)
    assert f"`tidings runs {word} harbour` is for what a suspect run saw" in str(
        no_proposal("harbour", held, word)
    )


def test_what_was_held_may_be_taken_in_spite_of_a_proposal(tidings: Tidings, proposed: Path) -> None:
    ended = tidings("runs", "approve", "harbour")
    assert ended.code == 1
    assert "nothing is held" in ended.err
    assert states(tidings) == [(2, "proposed"), (1, "in use")]


def test_a_version_that_healed_by_itself_is_compared_with_the_one_before(
    tidings: Tidings, known: Path
) -> None:
    write(known, accepted=True)
    assert "version 2 (healing, in use) against version 1" in tidings("sources", "diff", "harbour").out
    assert "2 (healing)" in tidings("sources", "show", "harbour").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("diff", "harbour"), "is the only one"),
        (("diff", "harbour", "7"), "no version 7"),
        (("rollback", "harbour"), "no earlier version"),
        (("approve", "harbour", "--wrapper", "7"), "no version 7"),
        (("reject", "harbour", "--wrapper", "1"), "is no proposal"),
        (("wrappers", "harbor"), "did you mean harbour"),
    ],
)
def test_what_cannot_be_done_says_why(
    tidings: Tidings, known: Path, command: tuple[str, ...], said: str
) -> None:
    ended = tidings("sources", *command)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
