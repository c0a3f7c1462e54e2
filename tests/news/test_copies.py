"""The very text of an article at another address: a copy in another section, or where the article went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from news.article import Sight
from news.known import ArticleState
from news.run import Rank
from tests.news.test_decide import (
    LONG,
    NOW,
    article,
    entry,
    key,
    known,
    look,
    reading,
    settle,
    stamp,
    url,
    waiting,
)

TEXT = f"{LONG}, and closed with one on their maps"
TOLD = replace(article("a", body=TEXT), published=stamp(3), next_look_at=None)


def seen(state: ArticleState, *, probe: str, sighted: str, gone: bool = False) -> tuple[list[str], str]:
    """Return what is told of an article whose text stands at x, a day later, and where it is asked for after that."""
    made = look("x", title="Title of a", body=TEXT)
    assert made.content is not None
    made = replace(made, content=replace(made.content, published=stamp(4)))
    before = known(state, article("b"), article("c"), sighted=f"b c {sighted}")
    outcome = settle(
        before,
        reading(
            entry("x", title="Title of a"),
            entry("b"),
            entry("c"),
            looks=(made,),
            probes={key("x"): ((url("a"), url(probe)),)},
            gone=(url("a"),) if gone else (),
        ),
    )
    [after] = [each for each in outcome.articles if each.key == key("a")] or [state]
    return [str(change.kind) for change in outcome.changes], after.fetch_url


def test_a_copy_in_another_section_is_listed_there_and_its_date_is_no_edit() -> None:
    assert seen(TOLD, probe="a", sighted="") == (["listed"], url("a"))


@pytest.mark.parametrize(
    ("probe", "sighted", "gone"),
    [("x", "", False), ("elsewhere", "", True), ("a", "a", False)],
    ids=["its address leads there", "its address leads nowhere", "it left this very listing"],
)
def test_an_article_that_went_there_is_asked_for_there(probe: str, sighted: str, gone: bool) -> None:
    assert seen(TOLD, probe=probe, sighted=sighted, gone=gone)[1] == url("x")


def test_one_that_was_withdrawn_is_restored_there() -> None:
    withdrawn = replace(TOLD, withdrawn_at=NOW)
    told, asked = seen(withdrawn, probe="a", sighted="")
    assert ("restored" in told, asked) == (True, url("x"))


@pytest.mark.parametrize("hours", [2, 30])
def test_one_whose_old_address_leads_nowhere_for_long_is_not_withdrawn_where_it_is_read(hours: int) -> None:
    """The old address was missing before, and is asked after the new one was read: the last look at the article."""
    missed = replace(TOLD, missing_at=NOW - timedelta(hours=hours), looked_at=NOW - timedelta(hours=hours))
    moved = look("x", title="Title of a", body=TEXT)
    gone = look("a", sight=Sight.MISSING, at=moved.captured_at + timedelta(seconds=9))
    before = known(missed, article("b"), article("c"), sighted="a b c")
    seen = (entry("x", title="Title of a"), entry("b"), entry("c"))
    outcome = settle(before, reading(*seen, looks=(moved, gone)))
    [after] = outcome.articles
    assert (outcome.changes, after.fetch_url, after.missing_at) == ((), url("x"), None)


@pytest.mark.parametrize("sight", [Sight.MISSING, Sight.GONE])
def test_one_that_was_taken_for_a_copy_is_asked_for_there_once_its_own_address_leads_nowhere(
    sight: Sight,
) -> None:
    """It is listed at x, which nobody took for its new address, as the old one was not asked in that run."""
    missed = replace(TOLD, missing_at=NOW - timedelta(hours=9), looked_at=NOW - timedelta(hours=9))
    gone = look("a", sight=sight)
    before = known(missed, article("b"), article("c"), sighted="a b c")
    before = replace(before, aliases={**before.aliases, key("x"): key("a")})
    listed = reading(entry("x", title="Title of a"), entry("b"), entry("c"), looks=(gone,))
    outcome = settle(before, listed)
    [after] = outcome.articles
    assert (outcome.changes, after.fetch_url, after.next_look_at) == ((), url("x"), NOW)
    at_both = reading(entry("x", title="Title of a"), entry("a"), entry("b"), entry("c"), looks=(gone,))
    assert [str(change.kind) for change in settle(before, at_both).changes] == ["withdrawn"]


@pytest.mark.parametrize("sight", [Sight.MISSING, Sight.GONE])
def test_promise_4_one_that_was_taken_for_a_copy_long_ago_is_asked_for_there_before_it_is_withdrawn(
    sight: Sight,
) -> None:
    """It fell off the listing at x before its old address, long off it, was asked again."""
    missed = replace(TOLD, missing_at=NOW - timedelta(hours=9), looked_at=NOW - timedelta(hours=9))
    before = known(missed, article("b"), article("c"), sighted="a b c")
    before = replace(before, aliases={**before.aliases, key("x"): key("a")}, copies={key("a"): (url("x"),)})
    listed = reading(entry("b"), entry("c"), looks=(look("a", sight=sight),))
    [after] = settle(before, listed).articles
    assert (settle(before, listed).changes, after.fetch_url, after.next_look_at) == ((), url("x"), NOW)
    there = replace(before, articles={**before.articles, key("a"): after}, copies={})
    missing_there = reading(entry("b"), entry("c"), looks=(look("x", sight=sight),))
    assert [str(change.kind) for change in settle(there, missing_there).changes] == ["withdrawn"]


def test_promise_1_of_a_weekly_column_the_one_of_the_same_day_is_asked_though_many_came_since() -> None:
    """Its page was edited a little, so its text does not tell; its listing shows no dates, only its page does."""
    column = "Notes of the week"
    weeks = [
        replace(article(f"week-{n}", title=column, body=f"{TEXT} {n}"), published=stamp(n), id=n)
        for n in range(1, 10)
    ]
    made = look("x", title=column, body=f"{TEXT}, once more")
    assert made.content is not None
    made = replace(made, content=replace(made.content, published=stamp(2)))
    before = known(*weeks, by_title={weeks[0].title_key: tuple(each.key for each in weeks)})
    stands = tuple((url(f"week-{n}"), url(f"week-{n}")) for n in (9, 8, 7, 6, 5))
    listed = entry("x", title=column)
    outcome = settle(before, reading(listed, looks=(made,), probes={key("x"): stands}))
    assert outcome.changes == ()
    [waiting] = outcome.pending
    assert waiting.moved[0] == url("week-2")
    leads = ((url("week-2"), url("x")),)
    again = replace(before, pending={waiting.key: waiting})
    outcome = settle(again, reading(listed, looks=(made,), probes={key("x"): leads}))
    assert [(str(change.kind), change.article) for change in outcome.changes] == [("edited", key("week-2"))]


@pytest.mark.parametrize(("sight", "told"), [(Sight.GONE, ["withdrawn"]), (Sight.MISSING, [])])
def test_an_old_address_that_leads_to_its_own_says_what_became_of_it(sight: Sight, told: list[str]) -> None:
    """Another source waits for it at the old address, and is the one that asks."""
    before = known(TOLD, article("b"), article("c"))
    before = replace(before, aliases={**before.aliases, key("old"): key("a")})
    outcome = settle(before, reading(entry("b"), entry("c"), looks=(look("old", final="a", sight=sight),)))
    [after] = outcome.articles
    assert [str(change.kind) for change in outcome.changes] == told
    assert (after.missing_at, after.fetch_url) == (NOW, url("a"))


@pytest.mark.parametrize("title", ["Title of a", "Another title"])
def test_an_unknown_address_that_leads_to_a_known_one_is_known_though_nothing_is_left_there(
    title: str,
) -> None:
    """Two sources waited for one article under its old and its new address, and it was taken down unread."""
    waits = replace(
        waiting("old", rank=Rank.ABOVE),
        entry=entry("old", title=title),
        attempts=9,
        first_seen_at=NOW - timedelta(days=3),
    )
    before = known(TOLD, article("b"), article("c"), sighted="b c", pending={waits.key: waits})
    outcome = settle(
        before, reading(entry("b"), entry("c"), looks=(look("old", final="a", sight=Sight.MISSING),))
    )
    kinds = [(str(change.kind), change.article) for change in outcome.changes]
    is_same = title == "Title of a"
    assert kinds == [("listed", key("a")) if is_same else ("published", key("old"))]
