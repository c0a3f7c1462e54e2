"""Promise 1 by what the site itself calls an article: whole crawls of sites that rename what they have published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from html import escape

from crawler.edits import edits_url
from news.source import Channel, Source
from tests.promises.archive import START, Archive, Item, article_page, source
from tests.promises.conftest import NewArchive
from tests.promises.test_promise_1_in_every_channel import ATOM, FEED, NEWS, POSTS, of_channel

Post = tuple[int, str, str]
"""A post: its number, its slug and its title. Its text is its number's own."""
OLD: tuple[Post, ...] = ((13, "old-three", "Third"), (12, "old-two", "Second"), (11, "old-one", "First"))
JSON = "application/json; charset=UTF-8"


def at(post: Post, folder: str = "") -> str:
    return f"{NEWS}{folder}{post[1]}/"


def text(number: int) -> str:
    """Return a text that shares no word with that of another number."""
    return " ".join(f"word{number}x{place}" for place in range(60))


def posts_source() -> Source:
    return of_channel(Channel.WORDPRESS, POSTS, "posts")


def write_posts(archive: Archive, posts: Sequence[Post], *, folder: str = "", matter: int = 0) -> None:
    """Let WordPress show posts, also to whoever asks what was edited; what left its address is missing there."""
    said = json.dumps([
        {
            "id": number,
            "date_gmt": f"{START - timedelta(days=9 - matter * (number > 13), hours=-number):%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{START - timedelta(days=9 - matter * (number > 13), hours=-number):%Y-%m-%dT%H:%M:%S}",
            "link": at((number, slug, title), folder),
            "title": {"rendered": title},
            "excerpt": {"rendered": ""},
            "content": {"rendered": f"<p>{text(number + matter * (number > 13))}</p>"},
        }
        for number, slug, title in posts
    ])  # fmt: skip
    archive.answer(POSTS, said, Content_Type=JSON)
    for days in range(3):
        archive.answer(edits_url(posts_source(), START + timedelta(days=days - 1)), said, Content_Type=JSON)


def leave(archive: Archive, *addresses: str) -> None:
    for address in addresses:
        archive.answer(address, "<html><title>Not found</title></html>", status=404)


def write_feed(archive: Archive, posts: Sequence[Post], *, folder: str = "", bodies: bool = True) -> None:
    entries = "".join(
        f'<entry><id>tag:news.example,2026:{post[0]}</id><title>{post[2]}</title><link href="{at(post, folder)}"/>'
        f"<published>{(START + timedelta(hours=post[0])).isoformat()}</published>"
        f"<updated>{(START + timedelta(hours=post[0])).isoformat()}</updated>"
        + (f'<content type="html">{escape(text(post[0]))}</content>' if bodies else "")
        + "</entry>"
        for post in posts
    )
    text = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>All</title>{entries}</feed>'
    archive.answer(FEED, text, Content_Type=ATOM)


def write_articles(archive: Archive, posts: Sequence[Post], *, folder: str = "") -> None:
    for post in posts:
        archive.answer(at(post, folder), article_page(post[2], text(post[0])))


def test_promise_1_once_a_post_with_another_slug_and_title_is_retitled(new_archive: NewArchive) -> None:
    archive = new_archive(posts_source())
    write_posts(archive, OLD)
    archive.replay()
    new: Post = (14, "the-harbour-reopens", "The harbour reopens")
    write_posts(archive, (new, *OLD))
    assert archive.replay().published == ["The harbour reopens"]
    renamed: Post = (14, "the-port-is-open-again", "The port is open again")
    write_posts(archive, (renamed, *OLD))
    leave(archive, at(new))
    assert archive.replay().changes == [("retitled", "posts", "The port is open again")]
    assert len(archive.articles()) == 4
    assert archive.article_at(at(new)).id == archive.article_at(at(renamed)).id
    for _ in range(3):
        assert archive.replay(hours=3).changes == []


def test_promise_1_once_a_number_that_is_given_again_is_news(new_archive: NewArchive) -> None:
    archive = new_archive(posts_source())
    write_posts(archive, OLD)
    archive.replay()
    write_posts(archive, ((14, "harbour", "The harbour reopens"), *OLD))
    archive.replay()
    write_posts(archive, ((14, "school", "A school for the valley"), *OLD), matter=5)
    leave(archive, f"{NEWS}harbour/")
    assert archive.replay().published == ["A school for the valley"]


def test_promise_1_once_when_all_permalinks_and_some_titles_change_only_what_is_new_is_told(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(posts_source())
    write_posts(archive, OLD)
    archive.replay()
    renamed: tuple[Post, ...] = (
        (13, "three-anew", "Third, anew"),
        (12, "two-anew", "Second, anew"),
        (11, "old-one", "First"),
    )
    new: Post = (14, "new", "The new one")
    write_posts(archive, (new, *renamed), folder="archive/2026/")
    leave(archive, *(at(post) for post in OLD))
    assert archive.replay().changes == [
        ("retitled", "posts", "Second, anew"),
        ("retitled", "posts", "Third, anew"),
        ("published", "posts", "The new one"),
    ]
    assert len(archive.articles()) == 4
    assert archive.replay().changes == []


def test_promise_1_once_a_feed_of_teasers_whose_item_moves_within_its_title(new_archive: NewArchive) -> None:
    archive = new_archive(of_channel(Channel.FEED, FEED, "feed", hosts=("news.example",)))
    write_feed(archive, OLD, bodies=False)
    write_articles(archive, OLD)
    archive.replay()
    new: Post = (14, "harbour", "The harbour reopens")
    write_feed(archive, (new, *OLD), bodies=False)
    write_articles(archive, (new,))
    assert archive.replay().published == ["The harbour reopens"]
    moved: Post = (14, "port", "The harbour reopens")
    write_feed(archive, (moved, *OLD), bodies=False)
    leave(archive, at(new))
    write_articles(archive, (moved,))
    for _ in range(3):
        assert archive.replay(hours=3).changes == []
    assert len(archive.articles()) == 4


def test_promise_1_once_by_wordpress_and_by_its_listing_under_other_addresses(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(posts_source(), source(NEWS, "page"))
    write_posts(archive, OLD)
    archive.listing(NEWS, *(Item(at(post), post[2]) for post in OLD))
    write_articles(archive, OLD)
    archive.replay()
    new: Post = (14, "harbour", "The harbour reopens")
    moved: Post = (14, "port", "The port reopens")
    write_posts(archive, (new, *OLD))
    assert archive.replay("posts").published == ["The harbour reopens"]
    write_posts(archive, (moved, *OLD))
    archive.listing(NEWS, *(Item(at(post), post[2]) for post in (moved, *OLD)))
    write_articles(archive, (moved,))
    leave(archive, at(new))
    assert archive.replay("posts").changes == [("retitled", "posts", "The port reopens")]
    assert archive.replay("page").changes == [("listed", "page", "The port reopens")]


def test_promise_1_once_an_address_that_is_given_to_another_post_is_news(new_archive: NewArchive) -> None:
    archive = new_archive(posts_source())
    write_posts(archive, OLD)
    archive.replay()
    nine: Post = (14, "bulletin", "Issue nine")
    write_posts(archive, (nine, *OLD))
    assert archive.replay().published == ["Issue nine"]
    ten: Post = (15, "bulletin", "The spring issue")
    write_posts(archive, (ten, (14, "issue-nine", "Issue nine"), *OLD))
    assert archive.replay().published == ["The spring issue"]
    for _ in range(3):
        assert archive.replay(hours=3).changes == []
    assert len(archive.articles()) == 5
    assert archive.article_at(f"{NEWS}issue-nine/").title == "Issue nine"
    assert archive.article_at(at(nine)).title == "The spring issue"


def test_promise_1_once_a_feed_that_gives_an_address_to_another_item(new_archive: NewArchive) -> None:
    archive = new_archive(of_channel(Channel.FEED, FEED, "feed", hosts=("news.example",)))
    write_feed(archive, OLD, bodies=False)
    write_articles(archive, OLD)
    archive.replay()
    nine: Post = (14, "bulletin", "Issue nine")
    write_feed(archive, (nine, *OLD), bodies=False)
    write_articles(archive, (nine,))
    assert archive.replay().published == ["Issue nine"]
    ten: Post = (94, "bulletin", "The spring issue")
    write_feed(archive, (ten, *OLD), bodies=False)
    archive.answer(at(ten), "Not now", status=500)
    assert archive.replay(days=4).changes == []
    write_articles(archive, (ten,))
    assert archive.replay(hours=1).published == ["The spring issue"]
    assert archive.replay(hours=3).changes == []


def test_promise_1_once_a_post_that_is_renamed_after_its_site_moved_to_another_host(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(posts_source())
    write_posts(archive, OLD)
    archive.replay()
    new: Post = (14, "harbour", "The harbour reopens")
    write_posts(archive, (new, *OLD))
    assert archive.replay().published == ["The harbour reopens"]
    move_posts(archive, (new, *OLD))
    for _ in range(4):
        assert archive.replay(hours=1).changes == []
    assert archive.status("posts").url == elsewhere(POSTS)
    renamed: Post = (14, "port", "The port reopens")
    later: Post = (15, "ferry", "The ferry sails")
    move_posts(archive, (later, renamed, (13, "three-anew", "Third"), *OLD[1:]))
    assert archive.replay(hours=1).changes == [
        ("retitled", "posts", "The port reopens"),
        ("published", "posts", "The ferry sails"),
    ]
    assert archive.replay(hours=1).changes == []
    assert len(archive.articles()) == 5


def test_promise_1_once_when_a_page_without_ids_moves_to_another_host(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "page"))
    archive.listing(NEWS, *(Item(at(post), post[2]) for post in OLD))
    write_articles(archive, OLD)
    archive.replay()
    new: Post = (14, "harbour", "The harbour reopens")
    shown = (new, *OLD)
    archive.redirect(NEWS, elsewhere(NEWS))
    archive.listing(elsewhere(NEWS), *(Item(elsewhere(at(post)), post[2]) for post in shown))
    for post in shown:
        archive.redirect(at(post), elsewhere(at(post)))
        archive.answer(elsewhere(at(post)), article_page(post[2], text(post[0])))
    told = [change for _ in range(6) for change in archive.replay(hours=1).changes]
    assert told == [("published", "page", "The harbour reopens")]
    assert len(archive.articles()) == 4


def elsewhere(url: str) -> str:
    return url.replace("news.example", "moved.example")


def move_posts(archive: Archive, posts: Sequence[Post]) -> None:
    """Let the whole site stand on another host, to which it redirects for good."""
    write_posts(archive, posts)
    for url in (POSTS, *(edits_url(posts_source(), START + timedelta(days=days - 1)) for days in range(3))):
        said = archive.said(url).replace("news.example", "moved.example")
        archive.answer(elsewhere(url), said, Content_Type=JSON)
        archive.redirect(url, elsewhere(url))
    for post in posts:
        archive.redirect(at(post), elsewhere(at(post)))
        archive.answer(elsewhere(at(post)), article_page(post[2], text(post[0])))
