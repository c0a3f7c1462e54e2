"""The site's own ids: which of them say something, how they are spelled, and what they need beside them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.entry import Entry
from news.site_id import EVIDENCE, PREFIX, SHOWN_CHARS, Common, IdKind, keys_of, site_id_of
from news.source import Channel
from news.urls import url_key

FEED = "https://www.site.example/section/feed"
POSTS = "https://site.example/en/wp-json/wp/v2/posts?categories=3"


def spelled(said: str, *, channel: Channel = Channel.FEED, listing: str = FEED) -> str:
    url = "https://site.example/news/harbour"
    found = site_id_of(Entry(url=url, key=url_key(url), title="Harbour", site_id=said), channel, listing)
    return found.text if found else ""


@pytest.mark.parametrize(
    ("said", "spelling"),
    [
        ("", ""),
        ("  ", ""),
        ("a7", "id:site.example:guid:a7"),
        ("tag:site.example,2026:a7", "id:site.example:guid:tag:site.example,2026:a7"),
        ("urn:uuid:2f4c", "id:site.example:guid:urn:uuid:2f4c"),
        # an address that is the item's own, however it is spelled, or the feed's, says nothing
        ("http://www.site.example/news/harbour/", ""),
        ("https://site.example/news/harbour#0", ""),
        ("https://site.example/section/feed/", ""),
        # any other address is one id in every spelling
        ("http://www.site.example/old/", "id:site.example:guid:https://site.example/old"),
        ("https://site.example/old?utm_source=x", "id:site.example:guid:https://site.example/old"),
        # the number that WordPress's feeds give
        ("http://site.example/?p=7", "id:site.example:post:7"),
        ("https://www.site.example/en/?p=7", "id:site.example/en:post:7"),
        ("https://site.example/index.php?p=7", "id:site.example:post:7"),
        ("https://site.example/?post_type=event&p=7", "id:site.example:post:7"),
        ("https://site.example/?p=seven", "id:site.example:guid:https://site.example/?p=seven"),
        ("https://site.example/?p=7&page=2", "id:site.example:guid:https://site.example/?p=7&page=2"),
        ("https://other.example/?p=7", "id:site.example:guid:https://other.example/?p=7"),
    ],
)
def test_an_id_of_a_feed_has_one_spelling(said: str, spelling: str) -> None:
    assert spelled(said).replace("example?", "example/?") == spelling


@pytest.mark.parametrize(
    ("listing", "said", "spelling"),
    [
        (POSTS, "7", "id:site.example/en:post:7"),
        ("https://site.example/wp-json/wp/v2/posts", "7", "id:site.example:post:7"),
        ("https://site.example/api/wp/v2/posts", "7", "id:site.example:post:7"),
        ("http://www.site.example/?rest_route=/wp/v2/posts", "7", "id:site.example:post:7"),
        ("https://site.example/fr/index.php?rest_route=/wp/v2/posts", "7", "id:site.example/fr:post:7"),
        (POSTS, "0", ""),
        (POSTS, "-7", ""),
        (POSTS, "seven", ""),
        (POSTS, "7" * 40, ""),
    ],
)
def test_posts_are_numbered_by_the_site_below_which_the_interface_lies(
    listing: str, said: str, spelling: str
) -> None:
    assert spelled(said, channel=Channel.WORDPRESS, listing=listing) == spelling


@given(st.text(max_size=2000), st.sampled_from(list(Channel)))
def test_any_id_is_bounded_and_none_raises(said: str, channel: Channel) -> None:
    url = "https://site.example/news/harbour"
    found = site_id_of(Entry(url=url, key=url_key(url), title="Harbour", site_id=said), channel, FEED)
    if found is not None:
        assert len(found.key) == 32
        assert len(found.text) <= len(f"{PREFIX}site.example:guid:") + SHOWN_CHARS
        assert found.key != url_key(url)


def test_ids_that_begin_alike_are_still_two() -> None:
    long = "x" * SHOWN_CHARS
    url = "https://site.example/a"
    one, two = (
        site_id_of(Entry(url=url, key=url_key(url), title="A", site_id=long + end), Channel.FEED, FEED)
        for end in "ab"
    )
    assert one is not None
    assert two is not None
    assert (one.text, one.key == two.key) == (two.text, False)


OPEN, BOTH = (True, False, None), (True, False)
EVERYTHING = [
    Common(title=title, day=day, text=text, moment=moment, slug=slug, translated=translated)
    for title, day, text in product(OPEN, OPEN, OPEN)
    for moment, slug, translated in product(BOTH, BOTH, BOTH)
    if day is True or not moment
]


def test_what_holds_for_a_guid_holds_for_the_number_of_a_post() -> None:
    assert [
        common for common in EVERYTHING if common.holds_for(IdKind.GUID) > common.holds_for(IdKind.POST)
    ] == []


def test_nothing_holds_where_title_day_and_text_are_others() -> None:
    other = [common for common in EVERYTHING if common.title is not True and common.day is False]
    told = [common for common in other if common.text is False]
    assert not any(common.holds_for(kind) for common in told for kind in IdKind)


def test_evidence_fits_its_column() -> None:
    longest = max(len(common.grounds) for common in EVERYTHING)
    assert max(map(len, EVIDENCE.values())) + len(": ") + longest <= 32


@pytest.mark.parametrize(
    ("said", "channel", "now", "before"),
    [
        (
            "7",
            Channel.WORDPRESS,
            "https://b.example/wp-json/wp/v2/posts",
            "https://a.example/wp-json/wp/v2/posts",
        ),
        (
            "7",
            Channel.WORDPRESS,
            "https://b.example/wp-json/wp/v2/posts",
            "https://a.example/en/wp-json/wp/v2/posts",
        ),
        ("7", Channel.LISTING, "https://b.example/news", "https://a.example/news"),
        ("tag:7", Channel.FEED, "https://b.example/feed", "https://a.example/feed"),
        ("https://a.example/?p=7", Channel.FEED, "https://b.example/feed", "https://a.example/feed"),
        ("https://c.example/old", Channel.FEED, "https://b.example/feed", "https://a.example/feed"),
    ],
)
def test_an_id_that_was_kept_under_a_former_address_of_the_listing_is_still_found(
    said: str, channel: Channel, now: str, before: str
) -> None:
    old = Entry(url="https://a.example/x", key=url_key("https://a.example/x"), title="X", site_id=said)
    new = Entry(url="https://b.example/y", key=url_key("https://b.example/y"), title="X", site_id=said)
    kept = site_id_of(old, channel, before)
    found = site_id_of(new, channel, now, [before])
    assert kept is not None
    assert kept.key in keys_of(found)


def test_a_number_in_the_database_that_moved_with_its_site_is_the_same_number() -> None:
    said = Entry(url="https://b.example/y", key="k", title="X", site_id="https://b.example/?p=7")
    before = Entry(url="https://a.example/x", key="k", title="X", site_id="https://a.example/?p=7")
    kept = site_id_of(before, Channel.FEED, "https://a.example/feed")
    found = site_id_of(said, Channel.FEED, "https://b.example/feed", ["https://a.example/feed"])
    assert kept is not None
    assert kept.key in keys_of(found)
