"""Each way in which a run may depart from its source's own history, with the reason that people read.

`test_suspicion_rates.py` counts how often these rules are right.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from news.dates import Precision, Stamp
from news.entry import Entry
from news.known import Known
from news.measures import measured
from news.run import HostState, Lease, Profile, Rank, Reading, Verdict
from news.source import Channel
from news.text import title_key
from news.verdict import judge
from tests.news.histories import look

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
USUAL = Profile(
    entries=8, dated=1.0, shapes=("site.example/{slug}",), familiar=0.9, body_chars=2000, language="en"
)
UNDATED = replace(USUAL, dated=0.0)
OLD = "abcdefgh"
"""The articles of the last read, the newest first; k0, k1 … in the tables are those, x and y are new."""


def entry(key: str, days: float | None = 0.0) -> Entry:
    """Return an entry; ``days`` is how long before the last complete read it was published, None for no date."""
    at = None if days is None else NOW - timedelta(days=days)
    published = at and Stamp(at=at, precision=Precision.MINUTE, provenance="test")
    return Entry(
        url=f"https://site.example/{key}", key=key, title=f"A title of {key}", published=published or None
    )


def known(*profiles: Profile, **more: Any) -> Known:
    fields: dict[str, Any] = {
        "host": "site.example",
        "has_baseline": True,
        "horizon": entry("horizon", 60).published,
        "complete_at": NOW,
        "frontier": tuple(OLD),
        "profiles": profiles or (USUAL,) * 5,
        "aliases": {key: key for key in OLD},
        "sighted": dict.fromkeys(OLD, Rank.BASELINE),
    }
    return Known(**(fields | more))


def reading(*entries: Entry, profile: Profile | None = None, bodies: dict[str, str], **more: Any) -> Reading:
    fields: dict[str, Any] = {
        "source": "one",
        "source_id": 1,
        "host": HostState(name="site.example"),
        "lease": Lease(host="site.example", token=1, owner="test", leased_at=NOW, until=NOW),
        "extractor": "1",
        "started_at": NOW + timedelta(hours=1),
        "finished_at": NOW + timedelta(hours=1),
        "entries": entries,
        "looks": tuple(look(each, bodies[each.key], NOW) for each in entries if each.key in bodies),
        "joined": True,
        "profile": replace(profile or USUAL, entries=len(entries)),
    }
    return Reading(**(fields | more))


def standing(order: str = OLD, days: float | None = 1.0) -> list[Entry]:
    return [entry(key, days) for key in order]


def new(keys: str, days: float | None = 0.0) -> list[Entry]:
    return [entry(key, days) for key in keys]


LONG = {key: f"{key} ".ljust(2000, "x") for key in "uvwxyz"}
BRIEF = {key: f"{key} ".ljust(150, "x") for key in "uvwxyz"}
WALL = dict.fromkeys("uvwxyz", "Please agree before you read on.")

CASES = [
    # what it is, what was known, what was read, the bodies, the reason
    ("news", known(), [*new("xyz"), *standing()], LONG, ""),
    ("a busy day", known(), [*new("uvwxyz"), *standing("ab")], LONG, ""),
    # the number of entries
    (
        "a menu is read with the listing",
        known(),
        [*(entry(f"about/n{number}", None) for number in range(40)), *standing()],
        {},
        "48 entries where 8 are usual, and the addresses of 40 have another shape than before",
    ),
    (
        "all at once, down to what is known",
        known(*[UNDATED] * 5),
        [*(entry(f"n{number}", None) for number in range(40)), *standing(OLD, None)],
        {},
        "",
    ),
    ("a longer page", known(), [*standing(), *(entry(f"n{number}", 90) for number in range(10))], {}, ""),
    (
        "a much longer page of what is known",
        known(replace(USUAL, entries=1), replace(USUAL, entries=1)),
        standing(),
        {},
        "",
    ),
    # bodies
    (
        "one wall behind each address",
        known(),
        [*new("xyz"), *standing()],
        WALL,
        "3 of 3 articles have the very same text",
    ),
    ("one wall behind two addresses", known(), [*new("xy"), *standing()], WALL, ""),
    (
        "teasers",
        known(),
        [*new("xyz"), *standing()],
        BRIEF,
        "the texts of 3 articles have 150 characters, where 2000 are usual",
    ),
    ("two notices", known(), [*new("xy"), *standing()], BRIEF, ""),
    ("teasers as ever", known(*[replace(USUAL, body_chars=160)] * 5), [*new("xyz"), *standing()], BRIEF, ""),
    ("teasers, with nothing to compare", known(USUAL), [*new("xyz"), *standing()], BRIEF, ""),
    # dates
    (
        "the archive on top",
        known(),
        [*new("xyz", 20), *standing()],
        LONG,
        "3 of 3 new entries are older than the last complete read, which did not show them: up to 20 days",
    ),
    ("two are backdated", known(), [*new("xy", 20), *standing()], LONG, ""),
    (
        "some are backdated on a busy day",
        known(),
        [*new("xyz", 20), *new("tuvw"), *standing()],
        LONG | {"t": "t" * 2000},
        "",
    ),
    (
        "it always lists late",
        known(*[replace(USUAL, lag_days=15.0)] * 5),
        [*new("xyz", 20), *standing()],
        LONG,
        "",
    ),
    ("filled in arrears, newer than all before", known(), [*new("xyz", 20), *standing(days=30.0)], LONG, ""),
    ("older than the horizon, so nobody is told", known(), [*new("xyz", 90), *standing()], LONG, ""),
    ("it was never read whole", known(complete_at=None), [*new("xyz", 20), *standing()], LONG, ""),
    (
        "new addresses of known titles: each is asked whether it moved",
        known(by_title={title_key(f"A title of {key}"): ("a",) for key in "uvwxyz"}),
        [*new("uvwxyz", 20), *standing()],
        LONG,
        "",
    ),
    # order
    (
        "sorted otherwise, with something undated",
        known(*[UNDATED] * 5),
        [*new("x", None), *standing("hgfedcba", None)],
        LONG,
        "7 of 7 known entries stand in another order, with 1 new ones among them",
    ),
    (
        "sorted otherwise, with news of today",
        known(),
        [*new("xy"), *standing("hgfedcba")],
        LONG,
        "",
    ),
    ("sorted otherwise, with nothing new", known(*[UNDATED] * 5), standing("hgfedcba", None), {}, ""),
    (
        "never in order",
        known(*[replace(UNDATED, ordered=0.4)] * 5),
        [*new("x", None), *standing("hgfedcba", None)],
        LONG,
        "",
    ),
    (
        "strangers among the known",
        known(*[UNDATED] * 5),
        [*standing("ab", None), *new("xyz", None), *standing("cdefgh", None)],
        LONG,
        "3 entries without newer dates are new and stand among those that are known",
    ),
    (
        "strangers below all that is known, of which nobody would be told",
        known(*[UNDATED] * 5),
        [*standing(OLD, None), *new("wxyz", None)],
        LONG,
        "",
    ),
    (
        "news below what is pinned",
        known(*[UNDATED] * 5),
        [*standing("g", None), *new("xyz", None), *standing("abcdef", None)],
        LONG,
        "",
    ),
]


@pytest.mark.parametrize(
    ("before", "entries", "bodies", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_departs_from_the_history_of_its_source(
    before: Known, entries: list[Entry], bodies: dict[str, str], reason: str
) -> None:
    profile = replace(USUAL, dated=before.profiles[0].dated)
    expected = (Verdict.SUSPECT if reason else Verdict.OK, reason)
    assert judge(before, reading(*entries, profile=profile, bodies=bodies)) == expected


@pytest.mark.parametrize(
    ("usual", "now", "is_suspect"),
    [
        (["en"] * 5, "fr", True),
        (["en"] * 5, "en", False),
        (["en"] * 5, "", False),
        (["en", "fr", "en", "fr", "en"], "fr", False),
        (["en", "fr", "en", "fr", "en"], "de", False),
        (["en", "en"], "fr", False),
        (["", "", "en"], "fr", False),
        (["cyrillic"] * 3, "en", True),
    ],
)
def test_a_listing_that_speaks_another_language(usual: list[str], now: str, is_suspect: bool) -> None:
    before = known(*(replace(USUAL, language=each) for each in usual))
    verdict, reason = judge(before, reading(*standing(), profile=replace(USUAL, language=now), bodies={}))
    assert (verdict is Verdict.SUSPECT) == is_suspect
    assert not is_suspect or reason == f"its language is {now!r}, where {usual[0]!r} is usual"


@pytest.mark.parametrize(
    ("familiar", "hours", "is_suspect"),
    [(0.9, 1, True), (0.5, 1, False), (0.9, 24 * 9, False)],
    ids=["out of the blue", "as busy as ever", "after a long time"],
)
def test_undated_strangers_that_do_not_continue_what_is_known(
    familiar: float, hours: int, is_suspect: bool
) -> None:
    before = known(*[replace(UNDATED, familiar=familiar)] * 5, horizon=None)
    read = reading(
        *new("tuvwxyz", None),
        *standing("d", None),
        profile=UNDATED,
        bodies=LONG | {"t": "t" * 2000},
        joined=False,
        started_at=NOW + timedelta(hours=hours),
    )
    verdict, reason = judge(before, read)
    assert (verdict is Verdict.SUSPECT) == is_suspect
    assert not is_suspect or reason == "7 of 8 entries are new and have no date, where 10% are usual at most"


TOO_MANY = "41 entries where 8 are usual"


@pytest.mark.parametrize(
    ("path", "joined", "failing", "hours", "reason"),
    [
        # it neither met what was known, nor is there a reason why much should be new
        ("", False, False, 1, TOO_MANY),
        ("about/", False, False, 1, TOO_MANY),
        # nothing was left out
        ("", True, False, 1, ""),
        # nobody could read it meanwhile
        ("", False, True, 1, ""),
        ("", False, False, 24 * 9, ""),
        # whatever the reason: these are not the addresses of articles
        ("about/", True, False, 1, f"{TOO_MANY}, and the addresses of 40 have another shape than before"),
        ("about/", True, True, 1, f"{TOO_MANY}, and the addresses of 40 have another shape than before"),
        ("about/", False, True, 1, f"{TOO_MANY}, and the addresses of 40 have another shape than before"),
        (
            "about/",
            False,
            False,
            24 * 9,
            f"{TOO_MANY}, and the addresses of 40 have another shape than before",
        ),
    ],
)
def test_many_at_once_are_news_after_an_outage_and_where_the_read_met_what_was_known(
    path: str, joined: bool, failing: bool, hours: int, reason: str
) -> None:
    profile = replace(UNDATED, familiar=0.0)
    many = [*(entry(f"{path}n{number}", None) for number in range(40)), entry("d", None)]
    moment = NOW + timedelta(hours=hours)
    read = reading(*many, profile=profile, bodies={}, joined=joined, started_at=moment)
    expected = (Verdict.SUSPECT if reason else Verdict.OK, reason)
    assert judge(known(*[profile] * 5, failing=failing), read) == expected


def test_a_feed_may_grow_as_it_likes() -> None:
    many = [*(entry(f"n{number}", 0) for number in range(40)), *standing()]
    before = known(channel=Channel.FEED)
    assert judge(before, reading(*many, bodies={}))[0] is Verdict.OK


def test_what_a_run_measures_is_what_the_next_is_compared_with() -> None:
    page = [*new("xy", 2), *standing("bacd")]
    found = measured(known(), reading(*page, bodies=LONG))
    assert (found.entries, round(found.familiar, 2), round(found.ordered, 2)) == (6, 0.67, 0.67)
    assert (found.body_chars, round(found.lag_days or 0, 1)) == (2000, 2.0)


def test_a_baseline_says_nothing_of_how_much_is_new() -> None:
    found = measured(Known(host="site.example"), reading(*new("xyz", 400), profile=Profile(), bodies=LONG))
    assert (found.familiar, found.ordered, found.lag_days, found.body_chars) == (1.0, 1.0, None, 2000)
