"""Promise 5: a listing that is not what it was announces nothing, and is named until it is read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.compose import preview
from digest.formats import RENDERERS, render
from news.run import Verdict
from storage.engine import open_engine
from tests.promises.archive import RULES, Archive, Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/news/"
NAMES = tuple(f"n{number}" for number in range(10))
DATED = [replace(item, shown="2 March 2026") for item in whole(*NAMES)]


def empty(archive: Archive) -> None:
    archive.listing(NEWS)


def fewer(archive: Archive) -> None:
    archive.listing(NEWS, *DATED[:3])


def all_elsewhere(archive: Archive) -> None:
    items = whole(*(f"casino-{number}" for number in range(10)), base="/win/big/now/")
    archive.listing(NEWS, *(replace(item, shown="2 March 2026") for item in items))


def challenge(archive: Archive) -> None:
    archive.answer(
        NEWS,
        "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>",
    )


def login(archive: Archive) -> None:
    form = '<form><input type="password" name="p"><button>Sign in</button></form>'
    archive.answer(
        NEWS, f"<html><head><title>Sign in</title></head><body><h1>Please log in</h1>{form}</body></html>"
    )


def maintenance(archive: Archive) -> None:
    archive.answer(
        NEWS, "<html><head><title>Site under maintenance</title></head><body>Be right back.</body></html>"
    )


def dates_gone(archive: Archive) -> None:
    archive.listing(NEWS, *whole("fresh", *NAMES[:9]))


def bodies_gone(archive: Archive) -> None:
    archive.listing(NEWS, *(replace(item, body="") for item in DATED))


def classes_renamed(archive: Archive, *new: Item, head: str = "") -> None:
    items = head + "".join(item.html for item in (*new, *DATED))
    archive.answer(NEWS, items.replace('"item"', '"card"').replace('"title"', '"name"'))


SUSPECT: dict[Callable[[Archive], None], str] = {
    empty: "no entries",
    fewer: "3 entries where 10 are usual",
    all_elsewhere: "all 10 entries are new",
    challenge: "challenge",
    login: "login",
    maintenance: "maintenance",
    dates_gone: "dates are gone",
    bodies_gone: "bodies are gone",
}


def told(archive: Archive, form: str) -> str:
    engine = open_engine(archive.database_url)
    try:
        return render(preview(engine, now=archive.clock), form)
    finally:
        engine.dispose()


@pytest.mark.parametrize("broken", SUSPECT, ids=lambda function: function.__name__.replace("_", " "))
def test_promise_5_failure_is_not_silence_but_a_suspect_run_that_announces_nothing(
    new_archive: NewArchive, broken: Callable[[Archive], None]
) -> None:
    archive = new_archive(source(NEWS, "news", title="The News"))
    archive.listing(NEWS, *DATED)
    archive.replay()
    broken(archive)
    suspect = archive.replay()
    assert (suspect.changes, suspect.verdicts) == ([], {Verdict.SUSPECT}), suspect.reason
    assert SUSPECT[broken] in suspect.reason
    status = archive.status("news")
    assert (status.failing_since, status.reason, status.held) == (archive.clock, suspect.reason, 1)
    for form in RENDERERS:
        assert "The News" in told(archive, form)
    archive.listing(NEWS, Item("/mended", "Title of mended", prose("mended"), "2 March 2026"), *DATED)
    assert archive.replay(hours=1).published == ["Title of mended"]
    assert archive.status("news").failing_since is None
    assert "The News" not in told(archive, "json").partition('"unread"')[2].partition("]")[0]


def test_promise_5_failure_is_not_silence_a_redesign_is_healed_and_what_is_new_is_told(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news", title="The News"))
    archive.listing(NEWS, *DATED)
    archive.replay()
    classes_renamed(archive, Item("/fresh", "Title of fresh", prose("fresh"), "2 March 2026"))
    archive.article("https://news.example/fresh", "Title of fresh")
    healed = archive.replay()
    assert (healed.published, healed.verdicts) == (["Title of fresh"], {Verdict.OK}), healed.reason
    assert archive.status("news").wrapper == "2 (healing)"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Page not found", "a missing page"),
        ("Down for maintenance", "maintenance"),
        ("Just a moment...", "a challenge page"),
    ],
)
def test_promise_5_failure_is_not_silence_what_stands_for_the_listing_is_no_redesign_of_it(
    new_archive: NewArchive, title: str, said: str
) -> None:
    archive = new_archive(source(NEWS, "news", title="The News"))
    archive.listing(NEWS, *DATED)
    archive.replay()
    head = f"<title>{title}</title><h1>{title}</h1>"
    classes_renamed(archive, Item("/fresh", "Title of fresh", prose("fresh"), "2 March 2026"), head=head)
    archive.article("https://news.example/fresh", "Title of fresh")
    instead = archive.replay()
    assert (instead.changes, instead.verdicts) == ([], {Verdict.SUSPECT}), instead.reason
    assert said in instead.reason
    assert archive.status("news").wrapper == "1 (catalogue)"
    assert "tidings sources diff" not in instead.reason  # nor are other selectors proposed


@pytest.mark.parametrize("status", [401, 403, 404, 418, 500, 502, 503, 429])
def test_promise_5_failure_is_not_silence_whatever_the_server_answers(
    new_archive: NewArchive, status: int
) -> None:
    archive = new_archive(source(NEWS, "news", title="The News"))
    archive.listing(NEWS, *DATED)
    archive.replay()
    archive.answer(NEWS, "<html><body>no</body></html>", status=status)
    failed = archive.replay()
    assert failed.changes == []
    assert failed.verdicts == {Verdict.FAILED}
    assert str(status) in failed.reason
    assert str(status) in told(archive, "text")


def test_promise_5_failure_is_not_silence_a_listing_that_is_gone_pauses_its_source_and_is_told(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news", title="The News"))
    archive.listing(NEWS, *DATED)
    archive.replay()
    archive.answer(NEWS, status=410)
    gone = archive.replay()
    assert (gone.changes, gone.verdicts) == ([], {Verdict.FAILED})
    assert archive.status("news").paused
    assert "410" in told(archive, "text")


def test_promise_5_failure_is_not_silence_a_first_run_that_reads_nothing_is_no_baseline(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news", title="The News"))
    archive.listing(NEWS)
    first = archive.replay()
    assert (first.verdicts, first.runs["news"].baseline) == ({Verdict.SUSPECT}, None)
    assert not archive.status("news").has_baseline
    assert "The News" in told(archive, "text")
    archive.listing(NEWS, *DATED)
    taken = archive.replay(hours=1)
    assert (taken.changes, taken.runs["news"].baseline) == ([], 10)


@pytest.mark.parametrize(("left", "verdict"), [(4, Verdict.OK), (3, Verdict.SUSPECT)])
def test_promise_5_failure_is_not_silence_a_listing_may_shrink_to_forty_per_cent_and_no_further(
    new_archive: NewArchive, left: int, verdict: Verdict
) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.listing(NEWS, *DATED)
    archive.replay()
    archive.listing(NEWS, *DATED[:left])
    shrunk = archive.replay()
    assert (shrunk.changes, shrunk.verdicts) == ([], {verdict})


def test_promise_5_failure_is_not_silence_article_pages_that_all_turn_into_a_login_edit_nothing(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news", article=RULES))
    items = [Item(f"/{name}", f"Title of {name}") for name in NAMES[:3]]
    archive.listing(NEWS, *items)
    for name in NAMES[:3]:
        archive.article(f"https://news.example/{name}", f"Title of {name}", prose(name))
    archive.replay()
    wall = "<h1>Members only</h1><div class=body><p>Please log in to read on. Password forgotten?</p></div>"
    for name in NAMES[:3]:
        page = f'<html><head><title>Log in</title></head><body>{wall}<input type="password"></body></html>'
        archive.answer(f"https://news.example/{name}", page)
    assert archive.replay(hours=1).changes == []
    assert archive.article_at("https://news.example/n0").body_text == prose("n0")
