"""Promise 1 across channels: what a feed, WordPress and a page tell of one article is one article, announced once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from html import escape

import pytest

from news.source import Channel, Source
from tests.promises.archive import START, Archive, Item, article_page, prose, source
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/en/"
FEED = "https://feeds.news.example/all.xml"
POSTS = "https://news.example/wp-json/wp/v2/posts?per_page=10"
ATOM = "application/atom+xml; charset=utf-8"


def of_channel(channel: Channel, url: str, name: str, **fields: object) -> Source:
    made = source(url, name, page_url=NEWS)
    return replace(made, channel=channel, wrapper=type(made.wrapper)(), **fields)  # type: ignore[arg-type]


def listing_source() -> Source:
    return source(NEWS, "page")


def feed_source(**fields: object) -> Source:
    return of_channel(Channel.FEED, FEED, "feed", **fields)


def address(name: str) -> str:
    return f"{NEWS}2026/03/02/{name}/"


def title(name: str) -> str:
    return f"Title of {name}"


def body(name: str, form: str) -> str:
    """The same article in the form of one channel: captions and links differ, as they do on real sites."""
    return f"{prose(name)} {form}"


def write_feed(
    archive: Archive, *names: str, edited: str = "", query: str = "", form: str = "As the feed has it."
) -> None:
    entries = "".join(
        f'<entry><id>urn:{name}</id><title>{title(name)}</title><link href="{address(name)}{query}"/>'
        f"<updated>{(START + timedelta(hours=len(names) - place)).isoformat()}</updated>"
        f'<content type="html">{escape("<p>" + body(name, form) + (" Edited." if name == edited else "") + "</p>")}'
        "</content></entry>"
        for place, name in enumerate(names)
    )
    archive.answer(
        FEED,
        f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>All</title>{entries}</feed>',
        Content_Type=ATOM,
    )


def write_posts(archive: Archive, *names: str, edited: str = "") -> None:
    posts = [
        {
            "id": 100 + len(names) - place,
            "date_gmt": f"{START + timedelta(hours=len(names) - place):%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{START + timedelta(hours=len(names) - place):%Y-%m-%dT%H:%M:%S}",
            "link": address(name),
            "title": {"rendered": title(name)},
            "excerpt": {"rendered": ""},
            "content": {
                "rendered": f"<p>{body(name, 'As WordPress has it.')}{' Edited.' * (name == edited)}</p>"
            },
        }
        for place, name in enumerate(names)
    ]
    archive.answer(POSTS, json.dumps(posts), Content_Type="application/json; charset=UTF-8")


def write_page(archive: Archive, *names: str, edited: str = "") -> None:
    archive.listing(NEWS, *(Item(address(name), title(name)) for name in names))
    for name in names:
        text = body(name, "As the page has it.") + " Edited." * (name == edited)
        archive.answer(address(name), article_page(title(name), text))


OLD = ("old-one", "old-two", "old-three")


@pytest.mark.parametrize("first", ["feed", "page"])
def test_promise_1_once_by_feed_and_by_listing_whichever_comes_first_and_the_page_is_the_reference(
    new_archive: NewArchive, first: str
) -> None:
    archive = new_archive(feed_source(), listing_source())
    write_feed(archive, *OLD)
    write_page(archive, *OLD)
    archive.replay()
    second = "page" if first == "feed" else "feed"
    write_feed(archive, "new", *OLD)
    write_page(archive, "new", *OLD)
    assert archive.replay(first).changes == [("published", first, "Title of new")]
    assert archive.replay(second).changes == [("listed", second, "Title of new")]
    assert len(archive.articles()) == 4
    kept = archive.article_at(address("new"))
    assert (kept.way, kept.sources, kept.revision) == ("page", ("feed", "page"), 1)
    assert kept.body_text.endswith("As the page has it.")
    # The feed's form of it is no edit, and neither is an edit of that form: the page says what is so.
    write_feed(archive, "new", *OLD, edited="new")
    assert archive.replay().changes == []
    write_page(archive, "new", *OLD, edited="new")
    [(kind, _, title_)] = archive.replay(hours=3).changes
    assert (kind, title_) == ("edited", "Title of new")


def test_promise_1_once_by_feed_and_by_wordpress_and_each_form_is_no_edit_of_the_other(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(feed_source(), of_channel(Channel.WORDPRESS, POSTS, "posts"))
    write_feed(archive, *OLD)
    write_posts(archive, *OLD)
    archive.replay()
    write_feed(archive, "new", *OLD)
    write_posts(archive, "new", *OLD)
    assert archive.replay().changes == [
        ("published", "feed", "Title of new"),
        ("listed", "posts", "Title of new"),
    ]
    for _ in range(2):
        assert archive.replay().changes == []
    write_posts(archive, "new", *OLD, edited="new")
    assert archive.replay("posts").changes == []  # the feed told it first: its form is the reference
    write_feed(archive, "new", *OLD, edited="new")
    assert archive.replay("feed").changes == [("edited", "feed", "Title of new")]


def test_promise_1_once_however_a_feed_spells_an_address(new_archive: NewArchive) -> None:
    archive = new_archive(feed_source())
    write_feed(archive, *OLD)
    archive.replay()
    write_feed(archive, "new", *OLD, query="?utm_source=feed&amp;utm_medium=rss#comments")
    assert archive.replay().published == ["Title of new"]
    write_feed(archive, "new", *OLD)
    assert archive.replay().changes == []


def test_promise_1_once_when_a_source_changes_its_channel(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    write_page(archive, *OLD)
    archive.replay()
    archive.declare(replace(feed_source(), name="news", site="news"))
    write_feed(archive, "new", *OLD)
    assert archive.replay().published == ["Title of new"]
    assert archive.replay().changes == []
