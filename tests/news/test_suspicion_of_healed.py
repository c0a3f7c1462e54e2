"""What a run may look like that reads its source in another way than before: healed selectors, or found elsewhere.

The redesign may change everything but what is listed, and in which language. Without a healing the very same runs are
held.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from news.entry import Entry
from news.healing import HealedItem, Healing, ItemState, Means
from news.run import Profile, Rank, Verdict
from news.source import Channel, Wrapper
from news.verdict import judge
from news.whereabouts import Whereabouts
from tests.news.test_suspicion import BRIEF, LONG, NOW, OLD, USUAL, entry, known, new, reading, standing

FOUND_AGAIN = Whereabouts(url="https://site.example/rss.xml", channel=Channel.FEED)
BARE = replace(USUAL, dated=0.0, summarised=0.0, shapes=("site.example/news/{slug}",))


def at_new_addresses(keys: str) -> list[Entry]:
    return [entry(f"news/{key}", None) for key in keys]


def healing(*, moved: str = "", accepted: bool = True, whereabouts: Whereabouts | None = None) -> Healing:
    """Return a healing that recognised articles at other addresses."""
    return Healing(
        wrapper=Wrapper(item=("li",), link=("a",)),
        confidence=0.9,
        accepted=accepted,
        symptom="no entries on the listing",
        recognised=len(OLD),
        sought=len(OLD),
        items=tuple(
            HealedItem(
                key=f"news/{key}",
                url=f"https://site.example/news/{key}",
                title=f"A title of {key}",
                state=ItemState.RECOGNISED,
                by=Means.TITLE,
                article=key,
                old_url=f"https://site.example/{key}",
            )
            for key in moved
        ),
        whereabouts=whereabouts,
    )


CASES = [
    # what it is, what was read, its profile, the articles' texts, the healing, the reason, and without the healing
    (
        "all is at new addresses, without dates",
        at_new_addresses(OLD),
        BARE,
        LONG,
        healing(moved=OLD),
        "",
        "the dates are gone: 100% of entries had them, now 0%",
    ),
    (
        "a list of three instead of eight, and news",
        [*new("x"), *standing("ab")],
        BARE,
        LONG,
        healing(),
        "",
        "3 entries where 8 are usual",
    ),
    (
        "old articles that the old selectors never showed, among those that they did",
        [*new("xyz", 20), *standing()],
        USUAL,
        LONG,
        healing(),
        "",
        "3 of 3 new entries are older than the last complete read, which did not show them: up to 20 days",
    ),
    (
        "the articles' pages look otherwise, too",
        [*new("xyz"), *standing()],
        USUAL,
        BRIEF,
        healing(),
        "",
        "the texts of 3 articles have 150 characters, where 2000 are usual",
    ),
    (
        "found elsewhere, as a shorter feed without dates",
        [*new("x", None), *standing("ab", None)],
        BARE,
        LONG,
        healing(whereabouts=FOUND_AGAIN),
        "",
        "3 entries where 8 are usual",
    ),
    (
        "found elsewhere, where hardly anything is known",
        [*new("uvwxyz"), *standing("a")],
        USUAL,
        LONG,
        healing(whereabouts=FOUND_AGAIN),
        "read by healed selectors, but only 1 of 7 entries are known",
        "",
    ),
    (
        "another list was taken for it",
        [*new("uvwxyz", 20), *standing("a")],
        USUAL,
        LONG,
        healing(),
        "read by healed selectors, but only 1 of 7 entries are known",
        "6 of 6 new entries are older than the last complete read, which did not show them: up to 20 days",
    ),
    (
        "the other language's edition was taken for it",
        at_new_addresses(OLD),
        replace(USUAL, language="fr"),
        LONG,
        healing(moved=OLD),
        "its language is 'fr', where 'en' is usual",
        "its language is 'fr', where 'en' is usual",
    ),
]


@pytest.mark.parametrize(
    ("entries", "profile", "bodies", "found", "reason", "without"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_healed_run_is_held_for_what_no_redesign_does(
    entries: list[Entry], profile: Profile, bodies: dict[str, str], found: Healing, reason: str, without: str
) -> None:
    read = reading(*entries, profile=profile, bodies=bodies, healing=found)
    assert judge(known(), read) == expected(reason)
    for nothing_healed in (None, replace(found, accepted=False)):
        assert judge(known(), replace(read, healing=nothing_healed)) == expected(without)


def test_what_was_read_with_the_healed_selectors_is_what_the_next_run_is_compared_with() -> None:
    after = known(replace(BARE, entries=3), complete_at=NOW, frontier=tuple("xab"))
    after = replace(after, aliases={**after.aliases, "x": "x"}, sighted={**after.sighted, "x": Rank.ABOVE})
    page = [*new("yx", None), *standing("a", None)]
    assert judge(after, reading(*page, profile=BARE, bodies={})) == expected("")
    assert judge(known(), reading(*page, profile=BARE, bodies={}))[0] is Verdict.SUSPECT


def expected(reason: str) -> tuple[Verdict, str]:
    return (Verdict.SUSPECT if reason else Verdict.OK, reason)
