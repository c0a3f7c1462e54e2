"""Cases of withdrawals and returns, each a sentence: absence is not withdrawal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.news.listing_cases import ListingCase, Run, listing_case, shows, told_of, unchanged

ALL = shows("a b c d e f")

FALLING_OFF = [
    listing_case(
        "What falls off the end of the listing is not withdrawn.",
        [ALL, shows("new a b c d e"), shows("newer new a b c d")],
        "published new", "published newer",
    ),
    listing_case(
        "Nothing is said of what fell off, even where its page is gone later.",
        [ALL, shows("new a b c d e", hours=100), shows("new a b c d e", hours=100, f=404)],
        "published new", "nothing",
    ),
    listing_case(
        "A listing that shows fewer items has withdrawn nothing.",
        [ALL, shows("a b c"), shows("a b c", hours=30), shows("a b c", hours=30)],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "What was pinned to the top and is no more is not withdrawn.",
        [shows("f a b c d e"), shows("a b c d e"), shows("a b c d e", hours=100)],
        "nothing", "nothing",
    ),
    listing_case(
        "Items that change their places are not withdrawn.",
        [ALL, shows("a c b e d f"), shows("b a c d f e")],
        "nothing", "nothing",
    ),
    listing_case(
        "A read that stopped short says nothing of what it did not reach.",
        [ALL, shows("a b c", whole=False), shows("a b c d e f")],
        "nothing", "nothing",
    ),
    listing_case(
        "Nothing at all of what was known says nothing.",
        [shows("d e f"), shows("a b c"), shows("a b c", hours=30)],
        "published c; published b; published a", "nothing",
    ),
]  # fmt: skip

VANISHED = [
    listing_case(
        "What vanished from between neighbours and still has its page is not withdrawn.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f"), shows("a b d e f"), shows("a b d e f", hours=50)],
        "nothing", "nothing", "nothing", "nothing",
    ),
    listing_case(
        "What vanished on two runs is withdrawn by the first 404 of its page.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f", hours=0.5, c=404)],
        "nothing", "withdrawn c",
    ),
    listing_case(
        "A listing that is unchanged since still lacks it.",
        [ALL, shows("a b d e f", hours=100), unchanged(hours=0.5, c=404)],
        "nothing", "withdrawn c",
    ),
    listing_case(
        "It is withdrawn by a page that says that there is nothing.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f", hours=0.5, c="lost")],
        "nothing", "withdrawn c",
    ),
    listing_case(
        "One run without it is not enough, even where its page answers 404.",
        [ALL, shows("a b d e f", hours=0.3, c=404), shows("a b c d e f", hours=0.3, c=404)],
        "nothing", "nothing",
    ),
    listing_case(
        "A server in trouble confirms nothing.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f", c=500), shows("a b d e f", c=500)],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "It confirms nothing, and so is asked again.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f", c=500), shows("a b d e f", c=404)],
        "nothing", "nothing", "withdrawn c",
    ),
    listing_case(
        "A page that outlives its listing in a cache is asked again whenever the runs without it have doubled.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f"), shows("a b d e f"), shows("a b d e f"),
         shows("a b d e f", c=404)],
        "nothing", "nothing", "nothing", "nothing", "withdrawn c",
    ),
    listing_case(
        "What is listed again was never withdrawn.",
        [ALL, shows("a b d e f", hours=100), shows("a b c d e f"), shows("a b c d e f", hours=50)],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "What vanishes, is listed again and vanishes again was missing once.",
        [ALL, shows("a b d e f", hours=100), shows("a b c d e f"), shows("a b d e f", hours=0.3),
         shows("a b d e f", hours=0.3, c=404)],
        "nothing", "nothing", "nothing", "withdrawn c",
    ),
    listing_case(
        "Where its neighbour falls off as well nothing more can be said by its absence.",
        [ALL, shows("a b c d f", hours=100), shows("new newer a b c", hours=0.3, e=404)],
        "nothing", "published newer; published new",
    ),
    listing_case(
        "Between neighbours that changed places nothing is missing.",
        [ALL, shows("a d b e f", hours=100), shows("a d b e f", hours=0.5, c=404)],
        "nothing", "nothing",
    ),
    listing_case(
        "Two neighbours that vanish together are withdrawn together.",
        [ALL, shows("a d e f", hours=100), shows("a d e f", hours=0.5, b=404, c=410)],
        "nothing", "withdrawn c; withdrawn b",
    ),
    listing_case(
        "New items above change nothing of that.",
        [ALL, shows("new a b d e f", hours=100), shows("newer new a b d e f", hours=0.5, c=404)],
        "published new", "withdrawn c; published newer",
    ),
    listing_case(
        "A withdrawn article that its listing still lacks is withdrawn once.",
        [ALL, shows("a b d e f", hours=100, c=410), shows("a b d e f", c=410), shows("a b d e f", c=410, hours=30)],
        "withdrawn c", "nothing", "nothing",
    ),
]  # fmt: skip

ANSWERS = [
    listing_case("One 410 is a withdrawal.", [ALL, shows("a b c d e f", c=410, hours=0.3)], "withdrawn c"),
    listing_case(
        "One 404 is none.", [ALL, shows("a b c d e f", c=404, hours=0.3)],
        "nothing",
    ),
    listing_case(
        "Two within an hour are none.",
        [ALL, shows("a b c d e f", c=404, hours=0.3), shows("a b c d e f", c=404, hours=0.7)],
        "nothing", "nothing",
    ),
    listing_case(
        "Two an hour apart are one.",
        [ALL, shows("a b c d e f", c=404, hours=0.3), shows("a b c d e f", c=404, hours=1)],
        "nothing", "withdrawn c",
    ),
    listing_case(
        "A good answer in between begins anew.",
        [ALL, shows("a b c d e f", c=404, hours=0.3), shows("a b c d e f", hours=1.1),
         shows("a b c d e f", c=404, hours=2)],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "A server in trouble in between does not.",
        [ALL, shows("a b c d e f", c=404, hours=0.3), shows("a b c d e f", c=500, hours=1.1),
         shows("a b c d e f", c=404, hours=30)],
        "nothing", "nothing", "withdrawn c",
    ),
    listing_case(
        "A 404 of what has fallen off the listing counts as any other.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e=404), shows("new a b c d", hours=1, e=404)],
        "published new", "withdrawn e",
    ),
    listing_case(
        "A page that only says that there is nothing must say so for a day.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e="lost"), shows("new a b c d", hours=23, e="lost"),
         shows("new a b c d", hours=2, e="lost")],
        "published new", "nothing", "withdrawn e",
    ),
    listing_case(
        "A good answer in between makes it nothing.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e="lost"), shows("new a b c d", hours=24),
         shows("new a b c d", hours=30, e="lost")],
        "published new", "nothing", "nothing",
    ),
    listing_case(
        "A 404 behind it needs no more than its hour.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e="lost"), shows("new a b c d", hours=24, e=404)],
        "published new", "withdrawn e",
    ),
    listing_case(
        "It does not while the listing shows it.",
        [ALL, shows("a b c d e f", hours=0.3, c="lost"), shows("a b c d e f", hours=1, c="lost"),
         shows("a b c d e f", hours=30, c="lost")],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "A listing that is unchanged shows it still.",
        [ALL, unchanged(hours=0.3, c="lost"), unchanged(hours=1, c="lost"), unchanged(hours=30, c="lost")],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "It does not where most pages say so: that is the site's trouble.",
        [ALL, shows("new", hours=0.3, a="lost", b="lost", c="lost", d="lost", e="lost", f="lost"),
         shows("new", hours=25, a="lost", b="lost", c="lost", d="lost", e="lost", f="lost")],
        "published new", "nothing",
    ),
    listing_case(
        "Two pages that show the same, under a title of neither, show nothing of either.",
        [shows("a b c d e f"), shows("new a b c d", hours=0.3, e="Sorry.", f="Sorry."),
         shows("new a b c d", hours=25, e="Sorry.", f="Sorry.")],
        "published new", "withdrawn f; withdrawn e",
    ),
    listing_case(
        "A page under the listing's own title is not the article.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e="Our news.", title="Welcome"),
         shows("new a b c d", hours=25, e="Our news.", title="Welcome")],
        "published new", "withdrawn e",
    ),
    listing_case(
        "An address that leads to another article shows nothing of its own.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e="to a"), shows("new a b c d", hours=25, e="to a")],
        "published new", "withdrawn e",
    ),
    listing_case(
        "It is not withdrawn by that while the listing shows it.",
        [ALL, shows("a b c d e f", hours=0.3, c="to a"), shows("a b c d e f", hours=30, c="to a")],
        "nothing", "nothing",
    ),
    listing_case(
        "An address that leads up to its section shows nothing of its own, either.",
        [shows("a b c d e/x"), Run(listing="new a b c d", hours=0.3, pages={"e/x": "to e"}),
         Run(listing="new a b c d", hours=25, pages={"e/x": "to e"})],
        "published new", "withdrawn e/x",
    ),
    listing_case(
        "404 from most of what the listing shows is the site's trouble.",
        [ALL, shows("a b c d e f", hours=0.3, a=404, b=404, c=404, d=404),
         shows("a b c d e f", hours=2, a=404, b=404, c=404, d=404), shows("a b c d e f", hours=20)],
        "nothing", "nothing", "nothing",
    ),
    listing_case(
        "So it is while the listing is unchanged.",
        [ALL, unchanged(hours=0.3, a=404, b=404, c=404, d=404), unchanged(hours=2, a=404, b=404, c=404, d=404)],
        "nothing", "nothing",
    ),
    listing_case(
        "It is not where the listing no longer shows them.",
        [shows("a b c d e f g"), shows("a b c d", hours=0.3, e=404, f=404, g=404),
         shows("a b c d", hours=1.5, e=404, f=404, g=404)],
        "nothing", "withdrawn g; withdrawn f; withdrawn e",
    ),
    listing_case(
        "Nor where they answer 410: that is said of each of them.",
        [ALL, shows("a b c d e f", hours=0.3, a=410, b=410, c=410, d=410)],
        "withdrawn d; withdrawn c; withdrawn b; withdrawn a",
    ),
    listing_case(
        "One page under a new title with a new text is an edit, and no withdrawal.",
        [shows("a b c d e"), shows("new a b c d", hours=0.3, e="It was all otherwise, we are told.")],
        "edited e; published new",
    ),
]  # fmt: skip

COMING_BACK = [
    listing_case(
        "An article that answers again is restored.",
        [ALL, shows("a b c d e f", c=410, hours=0.3), shows("a b c d e f", hours=1)],
        "withdrawn c", "restored c",
    ),
    listing_case(
        "A page that is unchanged since is back as well.",
        [ALL, shows("a b c d e f", c=410, hours=0.3), shows("a b c d e f", c=304, hours=1)],
        "withdrawn c", "restored c",
    ),
    listing_case(
        "One that is back with another text is restored and edited.",
        [ALL, shows("a b d e f", c=410, hours=0.3), shows("a b d e f", c="It was all otherwise.", hours=1)],
        "withdrawn c", "restored c; edited c",
    ),
    listing_case(
        "One that is listed again while its page is still gone is not restored.",
        [ALL, shows("a b d e f", c=410, hours=0.3), shows("a b c d e f", c=410, hours=1)],
        "withdrawn c", "nothing",
    ),
    listing_case(
        "It is looked after for a week, wherever its listing stands by then.",
        [ALL, shows("a b d e f", hours=100), shows("a b d e f", c=404), shows("new a b d", c=404, hours=25),
         shows("new a b d", hours=60)],
        "nothing", "withdrawn c", "published new", "restored c",
    ),
    listing_case(
        "What goes, comes back and goes again is told each time.",
        [ALL, shows("a b c d e f", c=410, hours=0.3), shows("a b c d e f", hours=1),
         shows("a b c d e f", c=410, hours=30)],
        "withdrawn c", "restored c", "withdrawn c",
    ),
    listing_case(
        "A restored article is never published anew.",
        [ALL, shows("a b d e f", c=410, hours=0.3), shows("new a b c d", hours=1), shows("newer new a b c", hours=30)],
        "withdrawn c", "restored c; published new", "published newer",
    ),
]  # fmt: skip

EVERY_CASE = [*FALLING_OFF, *VANISHED, *ANSWERS, *COMING_BACK]


@pytest.mark.parametrize("each", EVERY_CASE, ids=lambda each: each.name)
def test_promise_4(each: ListingCase) -> None:
    assert told_of(each) == list(each.told)


def test_no_two_cases_bear_the_same_name() -> None:
    assert len({each.name for each in EVERY_CASE}) == len(EVERY_CASE)


LISTINGS = st.lists(
    st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=8).map(" ".join),
    min_size=1,
    max_size=8,
)
ANSWERING = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([304, 500, "lost"]), max_size=8)


@settings(deadline=None)
@given(LISTINGS, st.lists(ANSWERING, min_size=8, max_size=8), st.sampled_from([0.5, 2, 30]))
def test_promise_4_whatever_a_listing_shows_what_answers_is_never_withdrawn(
    listings: list[str], answers: list[dict[str, int | str]], hours: float
) -> None:
    runs = [shows("a b c d e f g h")]
    for listing, pages in zip(listings, answers, strict=False):
        # Some pages answer with trouble, and what is listed may even say that there is nothing.
        listed = {
            name: status for name, status in pages.items() if status != "lost" or name in listing.split()
        }
        runs.append(Run(listing=listing, pages=listed, hours=hours))
    told = told_of(ListingCase(name="", runs=tuple(runs), told=()))
    assert set(told) <= {"nothing"}
