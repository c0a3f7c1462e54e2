"""Posts of WordPress's interface, and news sitemaps: what they bring, where they go on, and what refuses."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.http import TextResponse

from crawler.channels.reading import read_page
from crawler.channels.wordpress import posts_url
from news.entry import Page
from news.errors import ChannelError
from news.source import Channel, Source

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ROOT = "https://mill.example/wp-json/"
POSTS = posts_url(ROOT, category=7, per_page=2)


def post(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "link": f"https://mill.example/story-{number}/",
        "date_gmt": f"2026-11-{number:02}T08:30:00",
        "modified_gmt": f"2026-11-{number:02}T09:00:00",
        "title": {"rendered": f"Story {number} &#8211; the mill&#8217;s wheel"},
        "excerpt": {"rendered": "<p>The wheel turns.</p>"},
        "content": {"rendered": f"<p>{'The wheel was lowered today. ' * 20}</p>", "protected": False},
        **fields,
    }


def wordpress(
    posts: object, *, url: str = POSTS, status: int = 200, headers: dict[str, str] | None = None
) -> Page:
    body = posts if isinstance(posts, bytes) else json.dumps(posts).encode()
    source = Source(name="mill", url=POSTS, channel=Channel.WORDPRESS)
    return read_page(TextResponse(url, body=body, status=status, headers=headers or {}), source, now=NOW)


def test_posts_come_whole_with_their_own_ids_and_dates_in_utc() -> None:
    entry = wordpress([post(22), post(21)]).entries[0]
    assert entry.title == "Story 22 – the mill’s wheel"
    assert entry.site_id == "22"
    assert entry.published is not None
    assert entry.published.at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert entry.modified is not None
    assert "lowered today" in entry.body_html


def test_a_post_behind_a_password_is_counted_and_no_entry() -> None:
    page = wordpress([post(22, content={"rendered": "", "protected": True}), post(21)])
    assert [entry.site_id for entry in page.entries] == ["21"]
    assert page.refused == (("behind a password", 1),)


def test_a_post_whose_time_in_gmt_was_never_set_has_that_of_its_sites_clock() -> None:
    never = {"date_gmt": "0000-00-00T00:00:00"}
    first, second = wordpress([post(22, **never, date="2026-11-22T11:30:00"), post(21, **never)]).entries
    assert first.published is not None
    assert first.published.at == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    assert second.published is None


def test_pages_are_frozen_on_the_sites_own_clock_where_it_is_told() -> None:
    """WordPress before 5.3 drops the zone of ``before``, and would lose the posts of some hours."""
    ahead = [post(22, date="2026-11-22T11:30:00"), post(21, date="2026-11-21T11:30:00")]
    assert (wordpress(ahead).next_url or "").endswith("&before=2026-11-22T11:30:01")


def test_categories_are_sections_and_tags_are_none() -> None:
    terms = [
        [{"taxonomy": "category", "name": "Mills &amp; tides"}, {"taxonomy": "category", "name": 7}, "odd"],
        [{"taxonomy": "post_tag", "name": "wood"}],
        "odd",
    ]
    assert wordpress([post(22, _embedded={"wp:term": terms})]).entries[0].sections == ("Mills & tides",)
    assert wordpress([post(22, _embedded={"wp:term": "odd"})]).entries[0].sections == ()


def test_names_and_pictures_that_come_embedded_are_read() -> None:
    embedded = {
        "author": [{"name": "Ines Duarte"}],
        "wp:featuredmedia": [{"source_url": "https://mill.example/w.jpg"}],
    }
    entry = wordpress([post(22, _embedded=embedded)]).entries[0]
    assert entry.authors == ("Ines Duarte",)
    assert entry.image_url == "https://mill.example/w.jpg"


def test_further_pages_are_frozen_at_the_newest_post_of_the_first() -> None:
    first = wordpress([post(22), post(21)], headers={"X-WP-TotalPages": "3"})
    assert first.next_url is not None
    assert "page=2" in first.next_url
    assert "before=2026-11-22T08:30:01Z" in first.next_url
    assert "categories=7" in first.next_url
    second = wordpress([post(20), post(19)], url=first.next_url, headers={"X-WP-TotalPages": "3"})
    assert second.next_url == first.next_url.replace("&page=2", "&page=3")
    third = wordpress([post(18), post(17)], url=second.next_url or "", headers={"X-WP-TotalPages": "3"})
    assert third.next_url is None


@pytest.mark.parametrize(
    "date",
    ["9999-12-31T23:59:59", "0001-01-01T00:00:00", "0000-00-00T00:00:00", None, [1], "2031-01-01T00:00:00"],
)
def test_a_time_that_cannot_be_is_none_and_freezes_nothing(date: object) -> None:
    page = wordpress([post(22, date_gmt=date), post(21)])
    assert page.entries[0].published is None
    assert page.next_url is not None
    assert page.next_url.endswith("&page=2&before=2026-11-21T08:30:01Z")


def test_a_scope_of_several_categories_holds_on_further_pages() -> None:
    scoped = f"{ROOT}wp/v2/posts?categories[]=7&categories[]=9&per_page=2"
    following = wordpress([post(22), post(21)], url=scoped).next_url or ""
    assert following.count("categories%5B%5D=") == 2


@pytest.mark.parametrize("count", ["9" * 5_000, "-3", "many", ""])
def test_a_count_of_pages_that_is_none_is_left_aside(count: str) -> None:
    assert wordpress([post(22), post(21)], headers={"X-WP-TotalPages": count}).next_url is not None
    assert wordpress([post(22)], url=f"{ROOT}wp/v2/posts?page={count}", headers={}).next_url is None


def test_values_of_other_kinds_make_no_address_and_no_id() -> None:
    page = wordpress([post(22, link=3), post(21, id={})])
    assert page.refused == (("no link", 1),)
    assert [entry.site_id for entry in page.entries] == [""]


def test_without_a_count_a_short_page_is_the_last() -> None:
    assert wordpress([post(22), post(21)]).next_url is not None
    assert wordpress([post(22)]).next_url is None


def test_past_the_last_page_is_an_end_and_no_error() -> None:
    answer = {"code": "rest_post_invalid_page_number", "message": "no", "data": {"status": 400}}
    assert wordpress(answer, status=400) == Page(entries=())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"code": "rest_login_required", "message": "log in", "data": {"status": 401}}, "login"),
        ({"code": "rest_forbidden", "message": "no", "data": {"status": 403}}, "forbidden"),
        ({"code": "rest_no_route", "message": "no route", "data": {"status": 404}}, "no-route"),
        ({"code": "rest_invalid_param", "message": "per_page", "data": {"status": 400}}, "bad-request"),
        (b"<!DOCTYPE html><html><body>Access denied</body></html>", "html"),
        (b"not json", "broken"),
        (b"7", "other-kind"),
        (b"[" * 200_000, "too-deep"),
    ],
)
def test_what_refuses_is_told_with_a_reason(answer: object, reason: str) -> None:
    with pytest.raises(ChannelError) as raised:
        wordpress(answer)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (ROOT, "https://mill.example/wp-json/wp/v2/posts?per_page=20"),
        ("https://mill.example/en/wp-json", "https://mill.example/en/wp-json/wp/v2/posts?per_page=20"),
        (
            "https://mill.example/?rest_route=/",
            "https://mill.example/?rest_route=%2Fwp%2Fv2%2Fposts&per_page=20",
        ),
    ],
)
def test_the_address_of_the_posts_is_built_on_the_declared_root(root: str, expected: str) -> None:
    assert posts_url(root).startswith(expected)


# ------------------------------------------------------------------------------------------------ sitemaps

NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
URLSET = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {NEWS} {IMAGE}>'


def url(slug: str, *, title: str = "", date: str = "", more: str = "") -> str:
    said = f"<news:title>{title}</news:title>" if title else ""
    said += f"<news:publication_date>{date}</news:publication_date>" if date else ""
    publication = (
        "<news:publication><news:name>Mill</news:name><news:language>en</news:language></news:publication>"
    )
    news = f"<news:news>{publication}{said}</news:news>" if said else ""
    return f"<url><loc>https://mill.example/{slug}</loc>{news}{more}</url>"


def sitemap(body: str | bytes, *, part: str = "news.xml") -> Page:
    source = Source(name="mill", url="https://mill.example/news.xml", channel=Channel.SITEMAP)
    data = body if isinstance(body, bytes) else body.encode()
    return read_page(TextResponse(f"https://mill.example/{part}", body=data), source, now=NOW)


def test_a_news_sitemap_is_read_newest_first_with_its_titles_and_language() -> None:
    page = sitemap(
        URLSET
        + url("old", title="An old one", date="2026-11-24")
        + url("new", title="A new one", date="2026-11-26T08:00:00+01:00")
        + "</urlset>"
    )
    assert [entry.title for entry in page.entries] == ["A new one", "An old one"]
    assert page.language == "en"
    assert [entry.published.precision.value for entry in page.entries if entry.published] == ["second", "day"]


def test_an_address_without_a_title_is_no_entry_and_its_lastmod_no_date() -> None:
    page = sitemap(
        URLSET + url("a", more="<lastmod>2026-11-26</lastmod>") + url("b", title="B") + "</urlset>"
    )
    assert [entry.title for entry in page.entries] == ["B"]
    assert page.entries[0].published is None
    assert page.refused == (("no title", 1),)


def test_pictures_have_addresses_of_their_own() -> None:
    picture = "<image:image><image:loc>https://mill.example/p.jpg</image:loc></image:image>"
    entry = sitemap(URLSET + url("b", title="B", more=picture) + "</urlset>").entries[0]
    assert (entry.url, entry.image_url) == ("https://mill.example/b", "https://mill.example/p.jpg")


def test_an_index_names_its_parts_the_newest_first() -> None:
    parts = [("1", "2026-01-01"), ("2", "2026-11-01"), ("3", "2026-06-01")]
    body = "".join(
        f"<sitemap><loc>https://mill.example/{n}.xml</loc><lastmod>{at}</lastmod></sitemap>"
        for n, at in parts
    )
    page = sitemap(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')
    assert page.parts == tuple(f"https://mill.example/{n}.xml" for n in "231")
    assert not page.entries


def test_a_packed_sitemap_is_unpacked() -> None:
    packed = gzip.compress((URLSET + url("b", title="B") + "</urlset>").encode())
    assert len(sitemap(packed).entries) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"x" * 60_000_000), "too-large"),
        (gzip.compress((URLSET + "</urlset>").encode())[:-20], "cut-off"),
        (b"\x1f\x8bnonsense" * 10, "broken"),
        (b"<rss version='2.0'/>", "other-kind"),
        (b"https://mill.example/a\nhttps://mill.example/b\n", "other-kind"),
        (b"", "empty"),
    ],
    ids=["a bomb", "a cut stream", "no stream", "a feed", "lines of addresses", "nothing"],
)
def test_what_is_no_sitemap_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ChannelError) as raised:
        sitemap(body)
    assert raised.value.reason == reason


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n  "])
def test_a_sitemap_of_plain_text_has_no_titles_and_so_no_entries(end: str) -> None:
    lines = end.join(f"https://mill.example/{n}" for n in range(3))
    for body in (lines, f"\ufeff{lines}{end}", gzip.compress(lines.encode(), mtime=0)):
        assert sitemap(body, part="all.txt") == Page(entries=(), refused=(("no title", 3),))
        with pytest.raises(ChannelError, match="no titles"):
            sitemap(body)


@pytest.mark.parametrize("line", ["Sorry, come back later", "https://mill.example/b is gone", "/c", "<b>"])
def test_text_that_is_not_addresses_alone_is_no_sitemap(line: str) -> None:
    with pytest.raises(ChannelError) as raised:
        sitemap(f"https://mill.example/a\n{line}", part="all.txt")
    assert raised.value.reason in ("other-kind", "cut-off")


def test_an_empty_news_sitemap_is_empty_and_no_error() -> None:
    assert sitemap(URLSET + "</urlset>") == Page(entries=())


def test_a_list_of_millions_of_lists_is_refused_before_it_is_unfolded() -> None:
    with pytest.raises(ChannelError) as raised:
        wordpress(b"[" + b"[]," * 3_000_000 + b"[]]")
    assert raised.value.reason == "too-large"


def test_the_newest_of_a_long_sitemap_are_read_wherever_they_stand() -> None:
    old = "".join(url(f"o{n}", title=f"Old {n}", date="2026-11-01") for n in range(2_500))
    page = sitemap(f"{URLSET}{old}{url('new', title='A new one', date='2026-11-26')}</urlset>")
    assert page.entries[0].title == "A new one"
    assert len(page.entries) == 1_000


def test_a_title_that_was_escaped_twice_is_read_as_people_read_it() -> None:
    body = URLSET + url("a", title="Mill &amp;amp; wheel&amp;#8217;s day") + "</urlset>"
    assert sitemap(body).entries[0].title == "Mill & wheel’s day"


def test_no_document_leads_the_crawl_to_another_host() -> None:
    parts = "<sitemap><loc>https://elsewhere.example/1.xml</loc></sitemap>"
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>'
    assert sitemap(index).parts == ()
    feed = Source(name="mill", url="https://mill.example/feed", channel=Channel.FEED)
    for body in (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="https://elsewhere.example/2"/></feed>',
        '{"version": "https://jsonfeed.org/version/1", "items": [], "next_url": "https://elsewhere.example/2"}',
    ):
        assert read_page(TextResponse(feed.url, body=body.encode()), feed, now=NOW).next_url is None
