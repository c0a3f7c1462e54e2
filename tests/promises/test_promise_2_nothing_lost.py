"""Promise 2: what was missed is read later or told as a gap; what cannot be read now is pending, never forgotten."""

from __future__ import annotations

from datetime import timedelta

from digest.compose import preview
from digest.formats import render
from news.run import Verdict
from storage.engine import open_engine
from tests.promises.archive import Archive, Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/"


def titles(*names: str) -> list[str]:
    return [f"Title of {name}" for name in names]


def numbered(first: int, last: int) -> list[Item]:
    """Return the articles of these numbers, newest first."""
    return whole(*(f"n{number}" for number in range(last, first - 1, -1)))


def digest(archive: Archive) -> str:
    engine = open_engine(archive.database_url)
    try:
        return render(preview(engine, now=archive.clock), "text")
    finally:
        engine.dispose()


def test_promise_2_nothing_lost_in_a_burst_over_several_pages(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.pages(NEWS, *numbered(1, 10))
    archive.replay()
    archive.pages(NEWS, *numbered(1, 45))
    told = archive.replay()
    assert told.published == titles(*(f"n{number}" for number in range(11, 46)))  # the oldest first
    assert told.runs["news"].gap is None


def test_promise_2_nothing_lost_when_a_page_fails_what_lies_below_is_a_gap_that_a_later_run_closes(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.pages(NEWS, *numbered(1, 10))
    archive.replay()
    archive.pages(NEWS, *numbered(1, 32))
    archive.answer(f"{NEWS}?page=3", status=500)
    short = archive.replay()
    assert short.verdicts == {Verdict.PARTIAL}
    gap = short.runs["news"].gap
    assert gap is not None
    assert gap.state == "open"
    assert archive.status("news").gaps == 1
    assert "not read" in digest(archive)
    archive.pages(NEWS, *numbered(1, 33))
    rest = archive.replay()
    assert sorted(short.published + rest.published) == sorted(titles(*(f"n{n}" for n in range(11, 34))))
    assert archive.status("news").gaps == 0
    assert archive.replay().changes == []


def test_promise_2_nothing_lost_unsaid_a_burst_beyond_the_page_cap_is_a_gap_and_then_told_as_lost(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news", max_pages=2))
    archive.pages(NEWS, *numbered(1, 10))
    archive.replay()
    archive.pages(NEWS, *numbered(1, 45))  # 35 new ones; two pages show 20 of them
    burst = archive.replay()
    assert burst.published == titles(*(f"n{number}" for number in range(26, 46)))
    gap = burst.runs["news"].gap
    assert gap is not None
    assert gap.state == "open"
    assert "not read" in digest(archive)
    lost = archive.replay()
    assert lost.changes == []
    gap = lost.runs["news"].gap
    assert gap is not None
    assert gap.state == "lost"
    assert archive.status("news").gaps == 0
    assert "may be missing" in digest(archive) or "lost" in digest(archive) or "not read" in digest(archive)
    archive.pages(NEWS, *numbered(1, 46))
    assert archive.replay().published == titles("n46")


def test_promise_2_nothing_lost_an_article_that_cannot_be_read_is_pending_and_told_as_soon_as_it_can(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()
    archive.listing(NEWS, Item("/a", "Title of a"), *old)
    archive.answer("https://news.example/a", status=500)
    waiting = archive.replay()
    assert (waiting.changes, waiting.runs["news"].pending, waiting.verdicts) == ([], 1, {Verdict.OK})
    archive.listing(NEWS, *old)  # it has even left the listing
    archive.article("https://news.example/a", "Title of a", prose("a"))
    assert archive.replay(hours=1).published == titles("a")
    assert archive.article_at("https://news.example/a").body_text == prose("a")
    assert archive.status("news").pending == 0


def test_promise_2_nothing_lost_an_article_that_stays_unreadable_is_told_from_its_listing(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()
    archive.listing(NEWS, Item("/a", "Title of a"), *old)
    archive.answer("https://news.example/a", status=500)
    told: list[str] = []
    for _ in range(5):
        told += archive.replay(hours=13).published
    assert told == titles("a")
    archive.article("https://news.example/a", "Title of a", prose("a"))
    assert archive.replay(days=1).changes == []  # its body completes the first revision, and is no news
    assert archive.revisions("https://news.example/a") == [1]
    assert archive.article_at("https://news.example/a").body_text == prose("a")


def test_promise_2_nothing_lost_through_a_failed_and_a_suspect_run(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.pages(NEWS, *numbered(1, 10))
    archive.replay()
    archive.answer(NEWS, status=502)
    failed = archive.replay()
    assert (failed.changes, failed.verdicts) == ([], {Verdict.FAILED})
    archive.listing(NEWS)
    suspect = archive.replay()
    assert (suspect.changes, suspect.verdicts) == ([], {Verdict.SUSPECT})
    due = archive.status("news").next_due_at
    assert archive.clock < due < archive.clock + timedelta(days=1)
    archive.pages(NEWS, *numbered(1, 23))
    assert archive.replay(hours=4).published == titles(*(f"n{number}" for number in range(11, 24)))
