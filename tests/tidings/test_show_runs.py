"""The words for what a run brought: pure functions of settled runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler import blocking
from crawler.channels.listing import BAD_LINK, BEYOND, NO_LINK, NO_TITLE, SAME_LINK
from crawler.channels.passed_over import PASSED_OVER
from news.change import Change, ChangeKind
from news.redline import EditClass
from news.run import GapNote, Settled, Trouble, Verdict
from tidings import held_advice
from tidings.commands.crawl import crawl_code
from tidings.show_runs import LISTING_REASONS, change_lines, result_lines

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
OK = Settled(source="harbour", run_id=1, verdict=Verdict.OK, reason="", entries=3, pages=1, requests=2)
CHANGE = Change(
    seq=1,
    kind=ChangeKind.PUBLISHED,
    at=AT,
    source="harbour",
    article_id=1,
    url="https://harbour.example/a",
    title="Fog horn is tested",
    revision=1,
    language="en",
)
ARABIC = "الميناء يفتح أبوابه للزوار"


def shown(*runs: Settled, width: int = 80) -> list[str]:
    return [str(line) for line in result_lines(runs, width=width)]


@pytest.mark.parametrize(
    ("run", "lines"),
    [
        (OK, ["nothing new: harbour"]),
        (replace(OK, verdict=Verdict.NOT_MODIFIED), ["nothing new: harbour"]),
        (
            replace(OK, healed=True, reason="no entries on the listing: other selectors are in use"),
            ["harbour: nothing new", "  no entries on the listing: other selectors are in use"],
        ),
        (replace(OK, baseline=1), ["harbour: baseline taken: 1 item known, none announced"]),
        (
            replace(OK, pending=2),
            ["harbour: nothing new", "  2 entries wait for a page that could not be read yet"],
        ),
        (
            replace(OK, pending=2, refused=(("no body: of a", 1), ("no body: of b", 1))),
            [
                "harbour: nothing new",
                "  2 entries wait for a page that could not be read yet: no body: of a (and 1 reason more)",
            ],
        ),
        (
            replace(OK, pending=5, refused=(("no body: of a", 1), ("no link", 2), ("title cut", 1))),
            [
                "harbour: nothing new",
                "  5 entries wait for a page that could not be read yet; 1 in this run: no body: of a",
                "  2 items of the listing left out: no link",
                "  1 title cut: too long for a title",
            ],
        ),
        (
            replace(OK, changes=(CHANGE,), refused=(("no body: of a", 1),)),
            [
                "harbour: 1 new",
                "  new        Fog horn is tested",
                "             https://harbour.example/a",
                "  1 article could not be read: no body: of a",
            ],
        ),
        (
            replace(OK, verdict=Verdict.SUSPECT, reason="all entries are new"),
            [
                "harbour: suspect: all entries are new",
                "  nothing of it is told; see `tidings runs show harbour`, then approve or reject it",
            ],
        ),
        (
            replace(OK, baseline=2, refused=(("no link", 1),)),
            [
                "harbour: baseline taken: 2 items known, none announced",
                "  1 item of the listing left out: no link",
            ],
        ),
        (
            replace(OK, stale=True),
            ["harbour: nothing kept, since its host had passed to somebody else meanwhile"],
        ),
        (
            replace(OK, verdict=Verdict.FAILED, reason="no answer", next_due_at=AT),
            ["harbour: failed: no answer", "  it is asked again at 2 March 2026, 08:00 UTC"],
        ),
        (
            replace(OK, verdict=Verdict.PARTIAL, reason="503 on page 2", gap=GapNote(state="open", since=AT)),
            [
                "harbour: nothing new, but only partly read: 503 on page 2",
                (
                    "  a stretch of the listing was not read (since 2 March 2026, 08:00 UTC); "
                    "the next run asks for it again"
                ),
            ],
        ),
        (
            replace(OK, gap=GapNote(state="closed", since=AT)),
            [
                "harbour: nothing new",
                "  the stretch of the listing that was not read since 2 March 2026, 08:00 UTC is read now",
            ],
        ),
        (
            replace(OK, gap=GapNote(state="lost", since=AT)),
            [
                "harbour: nothing new",
                (
                    "  a stretch of the listing, not read since 2 March 2026, 08:00 UTC, is out of reach: "
                    "what stood there is lost"
                ),
            ],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_each_outcome_is_said_in_words(run: Settled, lines: list[str]) -> None:
    assert shown(run) == lines


def test_a_failed_source_that_is_paused_now_is_not_asked_again_by_itself() -> None:
    gone = replace(OK, verdict=Verdict.FAILED, reason="gone", next_due_at=AT)
    assert [str(each) for each in result_lines([gone], paused={"harbour"})] == [
        "harbour: failed: gone",
        "  it is paused now; `tidings sources resume harbour` takes it up again",
    ]


def test_the_reasons_of_a_listing_are_known_by_the_words_that_it_uses() -> None:
    assert {NO_LINK, BAD_LINK, NO_TITLE, SAME_LINK, BEYOND, PASSED_OVER} == LISTING_REASONS


def test_many_sources_without_news_are_counted_and_not_listed() -> None:
    quiet = [replace(OK, source=f"s{number}") for number in range(6)]
    assert shown(*quiet, replace(OK, changes=(CHANGE,)))[-1] == "nothing new from 6 sources"
    assert shown(*quiet[:5]) == ["nothing new: s0, s1, s2, s3, s4"]


def test_a_change_is_told_with_its_facts_and_its_address() -> None:
    change = replace(
        CHANGE,
        kind=ChangeKind.RETITLED,
        old_title="Horn",
        revision=2,
        edit_class=EditClass.MINOR,
        title="Fog horn is tested\x1b[2J at noon, when every ship in the harbour answers it",
    )
    assert [str(line) for line in change_lines([change], width=50)] == [
        "  retitled   Fog horn is tested[2J at noon, when",
        "             every ship in the harbour answers it",
        "             formerly: Horn",
        "             minor edit, revision 2",
        "             https://harbour.example/a",
    ]


def test_every_line_of_a_right_to_left_title_is_isolated() -> None:
    change = replace(CHANGE, language="ar", title=ARABIC, kind=ChangeKind.RETITLED, old_title=ARABIC)
    lines = [str(line) for line in change_lines([change], width=34)]
    assert len(lines) > 4
    for line in lines:
        opened = sum(line.count(mark) for mark in "\u2066\u2067\u2068")
        assert (
            opened == line.count("\u2069") == (1 if any("\u0600" < each < "\u0700" for each in line) else 0)
        )


@pytest.mark.parametrize(
    ("verdicts", "plain", "asked"),
    [
        ([], 0, 0),
        ([Verdict.OK], 0, 10),
        ([Verdict.FAILED], 1, 30),
        ([Verdict.OK, Verdict.FAILED], 1, 30),
        ([Verdict.OK, Verdict.SUSPECT], 0, 20),
        ([Verdict.SUSPECT], 0, 20),
    ],
)
def test_the_exit_status_of_a_crawl(verdicts: list[Verdict], plain: int, asked: int) -> None:
    runs = [
        replace(OK, verdict=verdict, changes=(CHANGE,) if verdict is Verdict.OK else ())
        for verdict in verdicts
    ]
    assert crawl_code(runs, exit_code=False) == plain
    assert crawl_code(runs, exit_code=True) == asked


@pytest.mark.parametrize(
    ("trouble", "reason", "advice"),
    [
        (None, "no entries on the listing", "mend the selectors"),
        (
            Trouble.BLOCKED,
            "a login page instead of the listing",
            "the login or the cookie that the site asks for",
        ),
        (Trouble.BLOCKED, "a parked domain instead of the listing", "check the source's url"),
        (Trouble.NOT_A_PAGE, "not a page but a PDF", "check the source's url"),
    ],
)
def test_a_suspect_listing_without_entries_is_told_with_what_helps(
    trouble: Trouble | None, reason: str, advice: str
) -> None:
    run = replace(OK, verdict=Verdict.SUSPECT, entries=0, reason=reason, trouble=trouble)
    hints = shown(run)[1:]
    assert any(advice in hint for hint in hints)
    assert any("mend the selectors" in hint for hint in hints) is (trouble is None)
    assert any("the login" in hint for hint in hints) is reason.startswith("a login page")


def test_what_a_page_asks_for_is_known_by_the_words_that_say_so() -> None:
    assert held_advice.ASKING == blocking.ASKING
