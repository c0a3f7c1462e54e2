"""The feed channel: every well-formed feed gives its items, everything else a typed error, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawler.channels.listing import SUMMARY_CHARS
from crawler.channels.reading import read_page
from crawler.extraction.article import extract_again, extract_inline
from crawler.extraction.inline import inline_page
from news.article import Way
from news.dates import Precision, Stamp
from news.entry import Entry, Page
from news.errors import ChannelError, ExtractionError
from news.skips import Skips
from news.source import Channel, Source
from news.urls import fetchable_url, url_key
from tests.crawler.channels.feeds import (
    ATOM_FEATURES,
    ATOM_FEED,
    BASE,
    JSON_FEATURES,
    LONG,
    NEW,
    PUB,
    RSS_CHANNEL,
    RSS_FEATURES,
    atom,
    json_feed,
    rdf,
    rss,
    well_formed,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALL = dict(well_formed())
MEGABYTE = 1024 * 1024


def read(
    text: str | bytes, *, channel: Channel = Channel.FEED, url: str = f"{BASE}feed", whole: bool = True
) -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    source = Source(name="tide", url=url, channel=channel, whole_bodies=whole)
    return read_page(
        TextResponse(url, body=body, headers={"Content-Type": "application/xml"}), source, now=NOW
    )


def first(text: str | bytes) -> Entry:
    return read(text).entries[0]


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(ALL) >= 60


@pytest.mark.parametrize(
    ("others", "counted"),
    [
        ([("Low water", "b1"), ("Low water", "b1")], 0),  # the same item, said three times
        ([("Low water", ""), ("", "b1")], 0),
        ([("Low water", "b2"), ("High water", "b1")], 2),
        ([("High water", ""), ("", "b2")], 2),
    ],
)
def test_items_of_one_link_are_one_and_what_differs_is_counted(
    others: list[tuple[str, str]], counted: int
) -> None:
    """An article is its address: of two items with one link the second cannot be kept, but is told."""
    said = [("Low water", "b1"), *others]
    items = "".join(
        f"<item><title>{title}</title><link>/berths</link><guid isPermaLink='false'>{guid}</guid></item>"
        for title, guid in said
    )
    objects = ",".join(
        f'{{"url": "{BASE}berths", "title": "{title}", "id": "{guid}"}}' for title, guid in said
    )
    for text in (
        f"<rss version='2.0'><channel>{items}</channel></rss>",
        f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{objects}]}}',
    ):
        page = read(text)
        assert [(entry.title, entry.site_id) for entry in page.entries] == [("Low water", "b1")]
        assert page.refused == ((("another item's link", counted),) if counted else ())


def test_what_is_no_object_in_a_list_of_items_is_counted() -> None:
    page = read(json_feed().replace('"items": [', '"items": [null, "mill", '))
    assert (len(page.entries), page.refused) == (2, (("no link", 2),))


def test_what_is_too_much_is_counted() -> None:
    def item(number: int, link: str) -> str:
        return f"<item><title>Berth {number} is free</title><link>{link}</link><guid>b{number}</guid></item>"

    many = "".join(item(number, f"/berths/{number}") for number in range(1_003))
    page = read(f"<rss version='2.0'><channel>{many}</channel></rss>")
    assert (len(page.entries), page.refused) == (1_000, (("beyond the first 1,000", 3),))


@pytest.mark.parametrize("name", ALL)
def test_a_well_formed_feed_gives_its_two_items_in_order(name: str) -> None:
    page = read(ALL[name])
    assert [entry.url for entry in page.entries] == [f"{BASE}mill", f"{BASE}bench"]
    assert not page.refused
    assert all(entry.title for entry in page.entries)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        (rss(new=PUB), datetime(2026, 11, 22, 7, 30, tzinfo=UTC), Precision.SECOND),
        (
            rss(new=RSS_FEATURES["a dublin core date"]),
            datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
            Precision.SECOND,
        ),
        (rss(new="<dc:date>2026-11-22</dc:date>"), datetime(2026, 11, 22, tzinfo=UTC), Precision.DAY),
        (atom(new=ATOM_FEATURES["both dates"]), datetime(2026, 11, 22, 7, 30, tzinfo=UTC), Precision.SECOND),
        (json_feed(new=JSON_FEATURES["dates"]), datetime(2026, 11, 22, 7, 30, tzinfo=UTC), Precision.SECOND),
    ],
)
def test_dates_are_instants_and_a_day_gets_no_time(text: str, at: datetime, precision: Precision) -> None:
    published = first(text).published
    assert published is not None
    assert (published.at, published.precision, published.provenance) == (at, precision, "feed")


@pytest.mark.parametrize(
    "said", ["22 Nov 26 07:30 GMT", "Sun, 22 Nov 26 08:30:00 +0100", "Sun Nov 22 07:30:00 2026"]
)
def test_a_year_of_two_digits_and_the_clock_of_c_are_dates(said: str) -> None:
    published = first(rss(new=f"<pubDate>{said}</pubDate>")).published
    assert published is not None
    assert published.at == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


TERMS = '<t:modified xmlns:t="http://purl.org/dc/terms/">2026-11-23T00:00:00Z</t:modified>'


@pytest.mark.parametrize("new", [TERMS, RSS_FEATURES["an atom update"]])
@pytest.mark.parametrize("date", ["", RSS_FEATURES["a dublin core date"]])
def test_an_update_of_an_rss_item_is_no_publication_either(new: str, date: str) -> None:
    for order in (new + date, date + new):
        entry = first(rss(new=order))
        assert (entry.published is not None) == bool(date)
        assert entry.modified is not None
        assert entry.modified.at == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "guid",
    ["<guid>a1b2</guid>", '<guid isPermaLink="false">https://tide.example/p</guid>', "<guid>tag:x,1</guid>"],
)
def test_a_guid_that_is_no_permalink_makes_no_address(guid: str) -> None:
    page = read(rss(new=guid).replace(f"<link>{BASE}mill</link>", ""))
    assert [entry.url for entry in page.entries] == [f"{BASE}bench"]
    assert page.refused == (("no link", 1),)


@pytest.mark.parametrize("name", ["mill-7", "/mill", "urn:uuid:7", "tag:tide.example,2026:7"])
def test_an_identity_of_atom_stays_as_it_stands_and_makes_no_address(name: str) -> None:
    """RFC 4287 §4.2.6.1: it is compared letter by letter, and never resolved."""
    text = atom().replace("tag:tide.example,2026:mill", name)
    assert first(text).site_id == name
    page = read(text.replace(f'<link href="{BASE}mill"/>', ""))
    assert [entry.url for entry in page.entries] == [f"{BASE}bench"]
    assert page.refused == (("no link", 1),)


def test_an_identity_of_atom_that_is_an_address_is_one_where_there_is_no_link() -> None:
    text = atom().replace("tag:tide.example,2026:mill", f"{BASE}mill/")
    assert first(text.replace(f'<link href="{BASE}mill"/>', "")).url == f"{BASE}mill/"


def test_plain_text_of_atom_is_no_markup() -> None:
    words = "the tide rises and the tide falls " * 8
    entry = first(atom(new=f"<content type='text'>if a&lt;b and c&gt;d then {words}</content>"))
    assert entry.body_html.startswith("<p>if a&lt;b and c&gt;d then")


def test_authors_of_an_atom_feed_stand_for_entries_without() -> None:
    assert first(atom(feed=ATOM_FEED["an author"])).authors == ("The harbour office",)
    assert first(json_feed(feed=', "authors": [{"name": "Ines Duarte"}]')).authors == ("Ines Duarte",)


def test_links_in_a_body_are_those_of_its_base() -> None:
    said = f"&lt;a href='more'&gt;More&lt;/a&gt;&lt;img src='/w.png'&gt;&lt;a href='#n'&gt;1&lt;/a&gt;{LONG}"
    body = first(atom(new=f"<content type='html' xml:base='{BASE}news/'>{said}</content>")).body_html
    assert f'href="{BASE}news/more"' in body
    assert f'src="{BASE}w.png"' in body
    assert 'href="#n"' in body


def test_one_body_beyond_bounds_hides_no_other_item() -> None:
    deep = "&lt;b&gt;" * 3_000
    page = read(rss(new=f"<description>{deep}</description>", old=RSS_FEATURES["content:encoded"]))
    assert [bool(entry.body_html) for entry in page.entries] == [False, True]


def test_what_no_database_can_store_is_left_out() -> None:
    said = (
        ', "content_html": "<p>\\ud800\\u0000'
        + "The wheel turns again. " * 20
        + '</p>", "summary": "\\udfff"'
    )
    entry = first(json_feed(new=said).replace('"id": "1"', '"id": "\\ud8001\\u0000"'))
    assert entry.site_id == "1"
    assert entry.body_html.startswith("<p>The wheel")
    inline_page(entry).encode()


def test_what_a_feed_says_beside_a_whole_body_reaches_the_article() -> None:
    said = RSS_FEATURES["content:encoded"] + RSS_FEATURES["a creator"] + RSS_FEATURES["media"] + PUB
    source = Source(name="tide", url=f"{BASE}feed", channel=Channel.FEED)
    content = extract_inline(first(rss(new=said)), source, now=NOW, extractor="v")
    assert content.authors == ("Ines Duarte",)
    assert content.image_url == f"{BASE}mill.jpg"
    assert content.title == NEW
    again = extract_again(source, Way.LISTING, f"{BASE}mill", content.raw, now=NOW, extractor="v")
    assert again == content


def test_a_body_cannot_name_its_authors_in_the_feeds_stead() -> None:
    forged = LONG + escape('<meta name="tidings-author" content="Nobody">')
    source = Source(name="tide", url=f"{BASE}feed", channel=Channel.FEED)
    entry = first(rss(new=f"<content:encoded>{forged}</content:encoded>"))
    assert extract_inline(entry, source, now=NOW, extractor="v").authors == ()


@pytest.mark.parametrize("rising", [False, True])
def test_of_a_feed_of_thousands_the_newest_are_read(rising: bool) -> None:
    days = [f"2026-{1 + n // 150:02}-{1 + n // 6 % 25:02}T{n % 6:02}:00:00Z" for n in range(1_500)]
    order = days if rising else days[::-1]
    items = "".join(
        f"<item><title>{at}</title><link>{BASE}{at}</link><dc:date>{at}</dc:date></item>" for at in order
    )
    entries = read(
        rss().replace("</channel>", "").partition("<item>")[0] + items + "</channel></rss>"
    ).entries
    assert [entry.title for entry in entries] == days[:-1_001:-1]


@pytest.mark.parametrize("said", ["tomorrow maybe", "2031-01-01T00:00:00Z", "0000-00-00", ""])
def test_a_date_that_is_none_or_lies_ahead_is_left_out(said: str) -> None:
    assert first(rss(new=f"<dc:date>{said}</dc:date>")).published is None


def test_an_update_is_no_publication() -> None:
    entry = first(atom(new=ATOM_FEATURES["an update only"]))
    assert entry.published is None
    assert entry.modified == Stamp(
        at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC), precision=Precision.SECOND, provenance="feed"
    )


@pytest.mark.parametrize(
    ("place", "day"),
    [("2026/11/20/mill", 20), ("2026-11-20-mill", 20), ("2026/12/20/mill", 0), ("mill-2026", 0)],
)
@pytest.mark.parametrize("make", [rss, atom, json_feed])
def test_an_item_that_states_no_day_has_the_one_that_its_address_names(
    make: Callable[..., str], place: str, day: int
) -> None:
    published = first(make().replace(f"{BASE}mill", BASE + place)).published
    assert published == (
        Stamp(at=datetime(2026, 11, day, tzinfo=UTC), precision=Precision.DAY, provenance="url")
        if day
        else None
    )


def test_a_stated_date_comes_before_the_one_that_an_address_names() -> None:
    published = first(rss(new=PUB).replace(f"{BASE}mill", f"{BASE}2026/11/20/mill")).published
    assert published is not None
    assert (published.at.day, published.provenance) == (22, "feed")


def test_a_feed_whose_updates_rise_is_turned_round_where_nothing_else_is_stated() -> None:
    later = "<updated>2026-11-23T08:30:00Z</updated>"
    entries = read(atom(new=ATOM_FEATURES["an update only"], old=later)).entries
    assert [entry.url for entry in entries] == [f"{BASE}bench", f"{BASE}mill"]


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        (rss(new=RSS_FEATURES["a creator"]), "authors", ("Ines Duarte",)),
        (rss(new=RSS_FEATURES["an author"]), "authors", ("Ines Duarte",)),
        (atom(new=ATOM_FEATURES["authors"]), "authors", ("Ines Duarte", "Omar Ali")),
        (json_feed(new=JSON_FEATURES["authors"]), "authors", ("Ines Duarte",)),
        (json_feed(new=JSON_FEATURES["the author of version 1"]), "authors", ("Ines Duarte",)),
        (
            rss(new="<category> Old  mills </category><category>Tides</category><category>Tides</category>"),
            "sections",
            ("Old mills", "Tides"),
        ),
        (
            atom(new="<category term='m' label='Mills &amp; tides'/><category term='sea'/>"),
            "sections",
            ("Mills & tides", "sea"),
        ),
        (json_feed(new=', "tags": ["Mills", 7, "Tides"]'), "sections", ("Mills", "Tides")),
        (json_feed(new=', "tags": "Mills"'), "sections", ()),
        (rss(new=RSS_FEATURES["a guid"]), "site_id", "mill-7"),
        (atom(), "site_id", "tag:tide.example,2026:mill"),
        (json_feed(), "site_id", "1"),
        (rss(new=RSS_FEATURES["media"]), "image_url", f"{BASE}mill.jpg"),
        (rss(new=RSS_FEATURES["an enclosure"]), "image_url", f"{BASE}mill.jpg"),
        (json_feed(new=JSON_FEATURES["an image"]), "image_url", f"{BASE}m.jpg"),
        (
            rss(new="<description>The &lt;i&gt;wheel&lt;/i&gt; turns.</description>"),
            "summary",
            "The wheel turns.",
        ),
        (atom(title="The &lt;b&gt;tide&lt;/b&gt; mill"), "title", "The <b>tide</b> mill"),
        (atom().replace("<title>The", '<title type="html">&lt;b&gt;The&lt;/b&gt;'), "title", NEW),
        (rss(title=""), "title", ""),
    ],
)
def test_what_an_item_says_is_read(text: str, field: str, expected: object) -> None:
    if field == "title" and not expected:
        page = read(text)
        assert [entry.url for entry in page.entries] == [f"{BASE}bench"]
        assert page.refused == (("no title", 1),)
    else:
        assert getattr(first(text), field) == expected


def test_an_item_without_a_title_bears_the_beginning_of_its_text() -> None:
    assert (
        first(rss(title="", new="<description>The wheel turns again.</description>")).title
        == "The wheel turns again."
    )


@pytest.mark.parametrize(
    "text", [rss(new=RSS_FEATURES["content:encoded"]), atom(new=ATOM_FEATURES["html content"])]
)
def test_a_whole_body_comes_with_its_item_unless_bodies_are_not_whole_here(text: str) -> None:
    assert "lowered into the water" in first(text).body_html
    assert not read(text, whole=False).entries[0].body_html


def test_a_body_that_ends_like_a_teaser_is_none() -> None:
    cut = LONG.replace("&lt;/p&gt;", " […]&lt;/p&gt;")
    assert not first(rss(new=f"<content:encoded>{cut}</content:encoded>")).body_html


def test_links_are_relative_to_the_feed_or_to_what_it_says() -> None:
    plain = atom().replace(f'href="{BASE}', 'href="')
    assert first(plain).url == f"{BASE}mill"
    based = plain.replace("<feed ", '<feed xml:base="https://other.example/x/" ')
    assert first(based).url == "https://other.example/x/mill"


def test_the_same_address_twice_is_one_item() -> None:
    assert len(read(rss().replace(f"{BASE}bench", f"{BASE}mill?utm_source=feed")).entries) == 1


@pytest.mark.parametrize(
    ("link", "reason"),
    [("", "no link"), ("javascript:alert(1)", "bad link"), ("#top", "bad link"), ("http://a b/", "bad link")],
)
def test_an_item_that_leads_nowhere_is_counted(link: str, reason: str) -> None:
    page = read(rss().replace(f"<link>{BASE}mill</link>", f"<link>{link}</link>"))
    assert len(page.entries) == 1
    assert [name for name, _ in page.refused] == [reason]


def test_a_feed_whose_dates_rise_is_turned_round() -> None:
    later = "<pubDate>Mon, 23 Nov 2026 08:30:00 GMT</pubDate>"
    assert [entry.url for entry in read(rss(new=PUB, old=later)).entries] == [f"{BASE}bench", f"{BASE}mill"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (rss(channel=RSS_CHANNEL["a ttl"]), 5_400),
        (rss(channel=RSS_CHANNEL["an update period"]), 1_800),
        (rss(channel="<ttl>soon</ttl>"), 0),
        (rss(), 0),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone(text: str, seconds: int) -> None:
    assert read(text).wait_seconds == seconds


@pytest.mark.parametrize(
    ("said", "skips"),
    [
        (RSS_CHANNEL["hours to skip"], Skips(hours=(3,), days=(6,))),
        ("<skipHours><hour>24</hour><hour> 1 </hour><hour>1</hour></skipHours>", Skips(hours=(0, 1))),
        ("<skipHours><hour>night</hour><hour>-1</hour><day>Monday</day></skipHours>", Skips()),
        ("<skipDays><day>saturday</day><day>Samstag</day></skipDays>", Skips(days=(5,))),
        (f"<skipHours>{'<hour>x</hour>' * 60}<hour>7</hour></skipHours>", Skips()),
        ("", Skips()),
    ],
)
def test_at_which_hours_and_days_a_feed_asks_not_to_be_read(said: str, skips: Skips) -> None:
    assert read(rss(channel=said)).skips == skips
    assert read(rss(new=said)).skips == Skips()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rss(channel=RSS_CHANNEL["a next page"]), f"{BASE}feed?page=2"),
        (atom(feed=f'<link rel="prev-archive" href="{BASE}feed/2025"/>'), f"{BASE}feed/2025"),
        (json_feed(feed=f', "next_url": "{BASE}feed?page=2"'), f"{BASE}feed?page=2"),
        (rss(channel=f'<atom:link rel="next" href="{BASE}feed"/>'), None),
        (rss(), None),
    ],
)
def test_a_feed_that_is_paged_goes_on(text: str, expected: str | None) -> None:
    assert read(text).next_url == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_feed_is_read_in_the_encoding_that_it_is_in(encoding: str) -> None:
    text = rss(title="Le moulin à marée").replace('version="1.0"?', f'version="1.0" encoding="{encoding}"?')
    assert first(text.encode(encoding)).title == "Le moulin à marée"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("<html><head><title>Login</title></head><body>x</body></html>", "html"),
        ("<!DOCTYPE html>\n<html lang=en><p>unclosed", "html"),
        ("just words", "other-kind"),
        ("<opml version='2.0'><body/></opml>", "other-kind"),
        ('{"hello": 1}', "other-kind"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 3}', "other-kind"),
        ('{"version": ', "broken"),
        ("[1, 2]", "other-kind"),
        (rss()[:-60], "cut-off"),
        (rss().replace("</title>", "</titel>", 1), "broken"),
        (rss().replace("<channel>", "<channel>" * 400).replace("</channel>", "</channel>" * 400), "too-deep"),
        ("{" + '"a":{' * 100_000, "too-deep"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ChannelError) as raised:
        read(text)
    assert raised.value.reason == reason
    assert len(str(raised.value)) < 400


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_feed_however_mangled_is_refused_or_gives_entries_that_can_be_kept(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(sorted(ALL.values()))).encode())
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with suppress(ExtractionError):
        page = read(bytes(body))
        assert len({entry.key for entry in page.entries}) == len(page.entries) <= 2
        for entry in page.entries:
            assert url_key(fetchable_url(entry.url)) == entry.key
            assert entry.title.strip()
            assert len(entry.summary) <= SUMMARY_CHARS
            assert entry.published is None or entry.published.at <= NOW + timedelta(days=1)


def test_a_feed_in_rdf_has_its_items_beside_the_channel() -> None:
    assert len(read(rdf()).entries) == 2
