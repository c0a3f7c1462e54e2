"""What a new reading is worth: evidence for it, doubts about it, and where a person is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.healing.weighing import Check, weigh
from news.dates import Precision, Stamp
from news.entry import Entry, Page
from news.healing import Healing, ItemState, Seed
from news.run import Profile
from news.source import Wrapper
from news.text import title_key
from news.urls import url_key

START = datetime(2026, 3, 2, tzinfo=UTC)
WRAPPER = Wrapper(item=("div.card",), link=("a",))
KNOWN = range(10)
"""Numbers of the stored articles, the newest first; smaller numbers are newer, negative ones not stored yet."""
FURTHER = range(10, 30)


def title(number: int) -> str:
    return f"The council of the harbour decides on pier number {number + 100} this week"


def published(number: int) -> Stamp:
    return Stamp(at=START - timedelta(days=number), precision=Precision.DAY, provenance="test")


def url(number: int) -> str:
    return f"https://site.example/news/pier-{number + 100}"


def entry(number: int, **fields: Any) -> Entry:
    own: dict[str, Any] = {
        "url": url(number),
        "key": url_key(url(number)),
        "title": title(number),
        "published": published(number),
    }
    return Entry(**(own | fields))


SEEDS = tuple(
    Seed(
        article=url_key(url(number)),
        url=url(number),
        title=title(number),
        keys=frozenset({url_key(url(number))}),
        title_keys=frozenset({title_key(title(number))}),
        published=published(number),
    )
    for number in KNOWN
)


def weighed(numbers: Sequence[int], **more: Any) -> Healing | None:
    fields: dict[str, Any] = {
        "seeds": SEEDS,
        "profiles": (Profile(entries=10),),
        "symptom": "no entries on the listing",
    }
    entries = tuple(more.pop("entries", map(entry, numbers)))
    return weigh(Page(entries=entries, next_url="https://site.example/2"), WRAPPER, **(fields | more))


@pytest.mark.parametrize(
    ("numbers", "more", "accepted"),
    [
        ([*range(-3, 7)], {}, True),  # three new ones, seven known
        ([*KNOWN], {}, True),
        ([9, *range(-1, 8)], {}, True),  # an old one pinned above a new one
        ([*range(-2, 18)], {}, True),  # twice as many a page
        ([*range(-1, 4)], {}, True),  # half as many
        ([*range(-3, 7)], {"next_page": Check.PASSED, "articles": Check.PASSED}, True),
        ([*range(-3, 7)], {"articles": Check.FAILED}, False),
        ([3, 9, 5, 8, 4], {}, False),  # what is popular
        ([4, 5, 6, 7, 8, 9], {}, False),  # what is older
        ([0, 1, 2], {}, False),  # a few recent ones beside something else
        ([*range(-8, 2)], {}, False),  # nearly all of it new
        ([-1, 0, 1, 40, 2, 3, 4], {}, True),  # one that was overlooked before
        ([0, 1, 40, 2, 41, 3, 42, 4, 5], {}, False),  # the news of other sections as well
        ([*range(-3, 0), 0], {}, False),  # one alone proves nothing
    ],
)
def test_a_reading_is_accepted_or_left_to_a_person(
    numbers: Sequence[int], more: dict[str, Any], accepted: bool
) -> None:
    healing = weighed(numbers, **more)
    assert healing is not None
    assert healing.accepted is accepted, (healing.confidence, healing.reasons)


def test_a_page_without_anything_stored_is_nothing() -> None:
    assert weighed([*FURTHER]) is None
    assert weighed([]) is None


def test_a_reading_whose_titles_are_others_is_left_to_a_person() -> None:
    entries = [entry(number, title="Read more") for number in KNOWN]
    healing = weighed((), entries=entries)
    assert healing is not None
    assert not healing.accepted


def test_new_items_that_are_older_than_all_that_is_known_speak_against_it() -> None:
    sound = weighed([-1, *KNOWN])
    unsound = weighed((), entries=[entry(-1, published=published(400)), *map(entry, KNOWN)])
    assert sound is not None
    assert unsound is not None
    assert unsound.confidence < sound.confidence


def test_the_table_says_what_became_of_every_item() -> None:
    healing = weighed([9, -1, 0, 2, 3, 12])
    assert healing is not None
    states = [(item.state, item.title) for item in healing.items]
    assert states == [
        (ItemState.RECOGNISED, title(9)),
        (ItemState.NEW, title(-1)),
        (ItemState.RECOGNISED, title(0)),
        (ItemState.RECOGNISED, title(2)),
        (ItemState.RECOGNISED, title(3)),
        (ItemState.OLDER, title(12)),
        *((ItemState.LOST, title(number)) for number in (1, 4, 5, 6, 7, 8)),
    ]
