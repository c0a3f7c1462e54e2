"""Articles of one title, as columns have them: which address is asked first, and what any answer says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from news.known import PendingEntry
from news.run import Rank
from tests.news.test_decide import (
    NOW,
    article,
    entry,
    key,
    known,
    listed,
    look,
    reading,
    settle,
    told,
    url,
    waiting,
)

WEEKLY = "Notes of the week"


def pending(name: str, *, day: int, seen: int = 0) -> PendingEntry:
    """Return an entry of the column that waits; of ``seen``, the higher was met later."""
    waits = waiting(name, rank=Rank.ABOVE)
    return replace(
        waits,
        entry=entry(name, title=WEEKLY, day=day),
        first_seen_at=NOW - timedelta(days=9) + timedelta(hours=seen),
    )


def test_where_an_old_address_leads_is_so_whatever_it_was_asked_for() -> None:
    """Asked for one entry of the column, the old address led to the other one: that is the article, moved."""
    state = known(article("a", title=WEEKLY), article("b"), article("c"))
    seen = reading(
        entry("x", title=WEEKLY),
        entry("y", title=WEEKLY),
        *listed("b", "c")[0],
        looks=(look("x", title=WEEKLY), look("y", title=WEEKLY, body="Other words stand in this one")),
        probes={key("y"): ((url("a"), url("x")),)},
    )
    outcome = settle(state, seen)
    assert (key("x"), key("a"), "moved") in [(a.key, a.article, a.evidence) for a in outcome.aliases]
    assert ("published", "x") not in told(outcome)


def test_an_old_address_that_leads_nowhere_says_nothing_of_where_all_that_is_lost_leads() -> None:
    state = known(article("a", title=WEEKLY), article("b"), article("c"))
    seen = reading(
        entry("x", title=WEEKLY),
        entry("y", title=WEEKLY),
        *listed("b", "c")[0],
        looks=(look("x", title=WEEKLY), look("y", title=WEEKLY)),
        probes={key("y"): ((url("a"), url("x")),)},
        gone=(url("a"),),
    )
    assert (key("x"), key("a"), "moved") not in [
        (a.key, a.article, a.evidence) for a in settle(state, seen).aliases
    ]


def test_what_was_published_at_its_moment_is_asked_first() -> None:
    """Of entries of one title that wait, the one of the same minute is it, moved; later ones are other weeks."""
    others = [pending(f"w{number}", day=number, seen=number) for number in range(2, 9)]
    twin = pending("old", day=1)
    at = twin.entry.published
    assert at is not None
    of_the_day = pending("same-day", day=1, seen=50)
    later = replace(of_the_day.entry, published=replace(at, at=at.at + timedelta(hours=2)))
    of_the_day = replace(of_the_day, entry=later)
    waits = {each.key: each for each in (*others, of_the_day, twin)}
    state = known(article("b"), article("c"), pending=waits)
    seen = reading(
        entry("new", title=WEEKLY, day=1), *listed("b", "c")[0], looks=(look("new", title=WEEKLY),)
    )
    [asked] = [each.moved for each in settle(state, seen).pending if each.key == key("new")]
    assert asked == (url("old"), url("same-day"))


def test_where_several_articles_of_a_column_lead_is_none_of_them() -> None:
    """A site that gave up a column sends all of it to one page, which may be listed under any title."""
    state = known(article("a", title=WEEKLY), article("d", title=WEEKLY), article("b"), article("c"))
    for title in (WEEKLY, "Our new website"):
        seen = reading(
            entry("x", title=title),
            entry("y", title=WEEKLY),
            *listed("b", "c")[0],
            looks=(look("x", title=title), look("y", title=WEEKLY)),
            probes={key("y"): ((url("a"), url("x")), (url("d"), url("x")))},
        )
        assert key("x") not in [
            alias.key for alias in settle(state, seen).aliases if alias.evidence == "moved"
        ]


def test_an_answer_says_nothing_of_an_entry_of_another_title() -> None:
    state = known(article("a", title=WEEKLY), article("b"), article("c"))
    seen = reading(
        entry("x", title="Our new website"),
        entry("y", title=WEEKLY),
        *listed("b", "c")[0],
        looks=(look("x", title="Our new website"), look("y", title=WEEKLY)),
        probes={key("y"): ((url("a"), url("x")),)},
    )
    assert ("published", "x") in told(settle(state, seen))
