"""Promise 4, the part of 410 and 404: only an article's own answer says that it is withdrawn."""

from __future__ import annotations

from tests.promises.archive import Archive, Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/"
URL = "https://news.example/a"


def known(new_archive: NewArchive) -> Archive:
    archive = new_archive(source(NEWS, "news"))
    archive.listing(NEWS, *whole("old-one", "old-two"))
    archive.replay()
    archive.listing(NEWS, Item("/a", "Title of a"), *whole("old-one", "old-two"))
    archive.article(URL, "Title of a", prose("a"))
    for name in ("old-one", "old-two"):
        archive.article(f"{NEWS}{name}", f"Title of {name}", prose(name))
    assert archive.replay().published == ["Title of a"]
    return archive


def test_promise_4_falling_off_the_listing_says_nothing(new_archive: NewArchive) -> None:
    archive = known(new_archive)
    archive.listing(NEWS, *whole("new-one", "old-one", "old-two"))
    assert archive.replay(hours=1).published == ["Title of new-one"]
    assert archive.replay(hours=5).changes == []
    assert archive.article_at(URL).withdrawn_at is None


def test_promise_4_one_410_is_a_withdrawal_and_coming_back_a_restoration(new_archive: NewArchive) -> None:
    archive = known(new_archive)
    archive.answer(URL, status=410)
    assert archive.replay(hours=1).changes == [("withdrawn", "news", "Title of a")]
    assert archive.replay(hours=3).changes == []
    archive.article(URL, "Title of a", prose("a"))
    archive.listing(NEWS, Item("/a", "Title of a", prose("a")), *whole("old-one", "old-two"))
    assert archive.replay(hours=1).changes == [("restored", "news", "Title of a")]
    assert archive.replay(hours=1).changes == []


def test_promise_4_a_404_is_a_withdrawal_on_the_second_look_an_hour_later_and_not_before(
    new_archive: NewArchive,
) -> None:
    archive = known(new_archive)
    archive.answer(URL, status=404)
    assert archive.replay(hours=1).changes == []
    assert archive.replay(minutes=40).changes == []
    assert archive.replay(minutes=30).changes == [("withdrawn", "news", "Title of a")]


def test_promise_4_a_404_that_was_a_slip_and_a_broken_server_say_nothing(new_archive: NewArchive) -> None:
    archive = known(new_archive)
    archive.answer(URL, status=404)
    assert archive.replay(hours=1).changes == []
    archive.answer(URL, status=500)
    assert archive.replay(hours=2).changes == []
    archive.article(URL, "Title of a", prose("a"))
    assert archive.replay(hours=2).changes == []
    assert archive.article_at(URL).withdrawn_at is None
