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


SORRY = (
    "<html><head><title>Page not found</title></head><body><h1>Page not found</h1><p>Sorry.</p></body></html>"
)


def test_promise_4_a_page_that_says_that_there_is_nothing_for_a_day_is_one_that_answers_404(
    new_archive: NewArchive,
) -> None:
    archive = known(new_archive)
    archive.listing(NEWS, *whole("new-one", "old-one", "old-two"))
    archive.answer(URL, SORRY)
    assert archive.replay(hours=1).published == ["Title of new-one"]
    assert archive.replay(hours=20).changes == []
    assert archive.replay(hours=5).changes == [("withdrawn", "news", "Title of a")]


def test_promise_4_an_article_that_leads_to_the_home_page_is_missing(new_archive: NewArchive) -> None:
    archive = new_archive(source("https://news.example/en/news", "news"))
    listing, url = "https://news.example/en/news", "https://news.example/en/2026/a"
    archive.listing(listing, Item("/en/2026/a", "Title of a"), *whole("old-one", "old-two", base="/en/2026/"))
    archive.article(url, "Title of a", prose("a"))
    archive.replay()
    archive.listing(listing, *whole("new-one", "old-one", "old-two", base="/en/2026/"))
    archive.redirect(url, "https://news.example/en/")
    archive.answer(
        "https://news.example/en/", "<html><title>Home</title><h1>Welcome</h1><p>Our news.</p></html>"
    )
    assert archive.replay(hours=1).published == ["Title of new-one"]
    assert archive.replay(hours=25).changes == [("withdrawn", "news", "Title of a")]
    archive.article(url, "Title of a", prose("a"))
    assert archive.replay(days=1).changes == [("restored", "news", "Title of a")]


def test_promise_4_an_address_that_leads_to_another_article_shows_nothing_of_its_own(
    new_archive: NewArchive,
) -> None:
    """What WordPress does with the address of a post that is gone: it guesses which other one was meant."""
    archive = known(new_archive)
    archive.listing(NEWS, Item("/ab", "Title of ab"), *whole("old-one", "old-two"))
    archive.article(f"{NEWS}ab", "Title of ab", prose("ab"))
    assert archive.replay(hours=1).published == ["Title of ab"]
    archive.redirect(URL, f"{NEWS}ab")
    assert archive.replay(hours=2).changes == []
    assert archive.replay(hours=12).changes == []
    assert archive.replay(hours=13).changes == [("withdrawn", "news", "Title of a")]
    assert archive.article_at(f"{NEWS}ab").title == "Title of ab"


def test_promise_4_absence_between_neighbours_on_two_runs_and_one_404_is_a_withdrawal(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    around = whole("newer"), whole("old-one", "old-two")
    archive.listing(NEWS, *around[0], Item("/a", "Title of a"), *around[1])
    archive.article(URL, "Title of a", prose("a"))
    archive.replay()
    archive.listing(NEWS, *around[0], *around[1])
    assert archive.replay(days=5).changes == []
    archive.answer(URL, status=404)
    assert archive.replay(minutes=30).changes == [("withdrawn", "news", "Title of a")]
    assert archive.replay(hours=1).changes == []


def test_promise_4_absence_between_neighbours_says_nothing_while_the_page_is_there(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    around = whole("newer"), whole("old-one", "old-two")
    archive.listing(NEWS, *around[0], Item("/a", "Title of a"), *around[1])
    archive.article(URL, "Title of a", prose("a"))
    archive.replay()
    archive.listing(NEWS, *around[0], *around[1])
    for _ in range(4):
        assert archive.replay(days=2).changes == []
    assert archive.article_at(URL).withdrawn_at is None
