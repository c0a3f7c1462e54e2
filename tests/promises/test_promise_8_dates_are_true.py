"""Promise 8: four kinds of date are four things, each says where it came from, and nothing is invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.promises.archive import START, Archive, Item, prose, source
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/news/"
OLD = [Item(f"/{name}", f"Title of {name}") for name in ("old-one", "old-two", "old-three", "old-four")]
JSON_LD = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Title of linked", '
    '"datePublished": "2026-03-01T09:30:00+02:00", "dateModified": "2026-03-02T06:00:00Z"}</script>'
)
FIELDS = {
    # Where the date stands: published, its precision and its provenance.
    "nowhere": (None, "", ""),
    "2026/03/01/in-its-address": (datetime(2026, 3, 1, tzinfo=UTC), "day", "url"),
    "on-the-listing": (datetime(2026, 2, 27, tzinfo=UTC), "day", "text"),
    "in-its-text": (None, "", ""),
    "linked": (datetime(2026, 3, 1, 7, 30, tzinfo=UTC), "second", "json-ld"),
    "ahead-of-time": (None, "", ""),
    "impossible": (None, "", ""),
}


def filled(new_archive: NewArchive) -> Archive:
    archive = new_archive(source(NEWS, "news"))
    for item in OLD:
        archive.article(f"https://news.example{item.href}", item.title)
    archive.listing(NEWS, *OLD)
    archive.replay()
    shown = {
        "on-the-listing": "27 February 2026",
        "ahead-of-time": "1 May 2031",
        "impossible": "31 February 2026",
    }
    text = " The conference is on 14-15 November 2025, and was announced yesterday, 1 March 2026."
    items = []
    for path in FIELDS:
        name = path.rpartition("/")[2]
        title, body = f"Title of {name}", prose(name) + text * (name == "in-its-text")
        archive.article(
            f"https://news.example/{path}/", title, body, head=JSON_LD if name == "linked" else ""
        )
        items.append(Item(f"/{path}/", title, "", shown.get(name, "")))
    archive.listing(NEWS, *items, *OLD)
    assert len(archive.replay(hours=1).published) == len(FIELDS)
    return archive


def test_promise_8_dates_are_true_or_absent_and_say_where_they_stood(new_archive: NewArchive) -> None:
    archive = filled(new_archive)
    found = {path: archive.article_at(f"https://news.example/{path}/") for path in FIELDS}
    assert {
        path: (row.published_at, row.published_precision, row.published_provenance)
        for path, row in found.items()
    } == FIELDS
    assert {row.first_seen_at for row in found.values()} == {archive.clock}
    assert found["linked"].modified_at == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert {row.modified_at for path, row in found.items() if path != "linked"} == {None}
    for row in found.values():
        for at in (row.published_at, row.modified_at, row.first_seen_at, row.captured_at):
            assert at is None or at.utcoffset() == timedelta(0)


def test_promise_8_dates_stay_true_through_edits_moves_and_later_looks(new_archive: NewArchive) -> None:
    archive = filled(new_archive)
    seen = archive.clock
    url = "https://news.example/nowhere/"
    archive.article(url, "Title of nowhere", prose("nowhere") + " It was corrected on 3 March 2026 at noon.")
    assert [kind for kind, _, _ in archive.replay(hours=5).changes] == ["edited"]
    row = archive.article_at(url)
    assert (row.published_at, row.modified_at, row.first_seen_at) == (None, None, seen)


def test_promise_8_dates_of_changes_are_those_of_the_crawl_and_never_of_this_machine(
    new_archive: NewArchive,
) -> None:
    archive = filled(new_archive)
    archive.article("https://news.example/late", "Title of late")
    archive.listing(NEWS, Item("/late", "Title of late"), *OLD)
    [change] = archive.replay(hours=2).runs["news"].changes
    assert change.at == change.first_seen_at == archive.clock
    assert change.published_at is None
    assert START < archive.clock < START + timedelta(days=1)
