"""Feeds of the log: one entry an article, moved only by what matters; archives that stay; nothing lost between them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from lxml import etree
from sqlalchemy import update

from digest import edits, feeds
from digest.atom import atom_of
from digest.content import content_hash
from digest.feed_model import Feed
from digest.feeds import FeedChoice, FeedPage, in_place, read_feed
from digest.jsonfeed import jsonfeed_of
from digest.let_in import let_in as let_in_
from digest.rss import rss_of
from news.change import ChangeKind
from news.errors import SourceError
from news.redline import EditClass
from news.text import normalise_text
from storage import feed_entries, tables
from storage.changes import changes_after
from storage.engine import reading, writing
from storage.forgetting import forget
from storage.subscriptions import DigestFilter
from tests import feedcheck
from tests.digest.logs import Log
from tests.digest.test_hostile import PAYLOADS

ALL = FeedChoice(name="all", title="All news")
TEXT = "The old mill opens its doors.\nBread is baked on the first Sunday of each month."
WRITERS: tuple[tuple[Callable[[Feed], str], Callable[..., list[str]]], ...] = (
    (atom_of, feedcheck.atom_faults), (rss_of, feedcheck.rss_faults), (jsonfeed_of, feedcheck.jsonfeed_faults),
)  # fmt: skip


def address(number: int | None) -> str:
    return f"https://reader.example/all{'' if number is None else f'/{number}'}.feed"


def page_of(log: Log, choice: FeedChoice = ALL, number: int | None = None) -> FeedPage:
    with reading(log.engine) as connection:
        page = read_feed(connection, choice, number)
    assert page is not None
    feed = in_place(page, address, home="https://reader.example/")
    for write, check in WRITERS:
        assert check(write(feed), placed=True) == []
    return page


def feed_of(log: Log, choice: FeedChoice = ALL, number: int | None = None) -> Feed:
    return in_place(page_of(log, choice, number), address, home="https://reader.example/")


def of_source(*names: str, **more: Any) -> FeedChoice:
    return FeedChoice(
        name=f"sources/{'+'.join(names)}", title="Some", wanted=DigestFilter(sources=names, **more)
    )


@pytest.fixture
def mill(log: Log) -> int:
    log.source("mill", title="The Old Mill", language="en")
    return log.published(
        "mill", "https://news.example/mill", "The mill opens", TEXT, language="en", authors=["Ada Miller"],
        at=datetime(2026, 11, 20, tzinfo=UTC), precision="day",
    )  # fmt: skip


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(feed_entries, "PAGE", 5)
    return 5


# --------------------------------------------------------------------------------------------- one entry an article


def test_an_article_is_one_entry_with_its_text_authors_and_dates(log: Log, mill: int) -> None:
    [entry] = feed_of(log).entries
    assert (entry.title, entry.url, entry.language) == ("The mill opens", "https://news.example/mill", "en")
    assert entry.authors == ("Ada Miller",)
    assert (entry.published, entry.issued, entry.updated) == (None, "2026-11-20", log.now)
    assert feedcheck.html_words(entry.content).split("\n")[1:4] == [
        "published 20 November 2026",
        *TEXT.split("\n"),
    ]
    assert entry.categories == (("published", "published"), ("mill", "The Old Mill"))


@pytest.mark.parametrize("grade", [EditClass.COSMETIC, EditClass.MINOR, EditClass.NONE])
def test_a_small_edit_is_in_the_content_and_moves_nothing(log: Log, mill: int, grade: EditClass) -> None:
    before = feed_of(log)
    log.edited("mill", mill, TEXT.replace("Sunday", "sunday"), grade)
    after = feed_of(log)
    assert "first sunday" in after.entries[0].content
    assert (after.updated, after.entries[0].updated) == (before.updated, before.entries[0].updated)
    assert after.entries[0].summary == before.entries[0].summary.replace("Sunday", "sunday")


def test_a_new_date_moves_nothing(log: Log, mill: int) -> None:
    before = feed_of(log)
    log.change(ChangeKind.REDATED, "mill", mill, marks=["redated"])
    assert feed_of(log).updated == before.updated


@pytest.mark.parametrize("title", ["", "The mill reopens"])
def test_a_substantive_edit_and_a_new_title_move_the_same_entry(log: Log, mill: int, title: str) -> None:
    [before] = feed_of(log).entries
    grade = EditClass.NONE if title else EditClass.SUBSTANTIVE
    log.edited("mill", mill, TEXT.replace("Sunday", "Monday"), grade, title=title)
    [after] = feed_of(log).entries
    assert after.id == before.id
    assert after.updated == log.now > before.updated
    assert ("Formerly:" in after.content) is bool(title)
    assert "first <del>Sunday</del> <ins>Monday</ins> of each month" in after.content


def test_a_withdrawn_article_is_a_tombstone_until_it_is_back(log: Log, mill: int) -> None:
    [entry] = feed_of(log).entries
    log.change(ChangeKind.WITHDRAWN, "mill", mill)
    gone = feed_of(log)
    assert gone.entries == ()
    assert [(each.id, each.at) for each in gone.deleted] == [(entry.id, log.now)]
    [node] = feedcheck.parse(atom_of(gone)).findall(f"{feedcheck.AT}deleted-entry")
    assert node.get("ref") == entry.id
    [item] = feedparser.parse(rss_of(gone).encode()).entries
    assert (item.id, item.title) == (entry.id, entry.title)
    assert "gone, seen" in item.summary
    assert TEXT[:20] not in rss_of(gone) + jsonfeed_of(gone)
    log.change(ChangeKind.RESTORED, "mill", mill)
    back = feed_of(log)
    assert [(each.id, each.updated) for each in back.entries] == [(entry.id, log.now)]
    assert back.deleted == ()


def test_a_forgotten_article_leaves_a_tombstone_and_no_word_anywhere(
    log: Log, mill: int, short_pages: int
) -> None:
    for number in range(7):
        log.published("mill", f"https://news.example/{number}", f"Loaf {number}", "Bread.")
    [first] = [entry for entry in feed_of(log, number=1).entries if entry.title == "The mill opens"]
    forget(log.engine, mill, seal=content_hash, now=log.now)
    for page in (None, 1):
        feed = feed_of(log, number=page)
        assert [each.id for each in feed.deleted] == [first.id]
        for write, _ in WRITERS:
            assert not any(word in write(feed) for word in ("mill opens", "old mill", "Ada", "[removed]"))


def test_an_article_that_moves_to_another_host_keeps_its_id(log: Log, mill: int) -> None:
    [entry] = feed_of(log).entries
    with writing(log.engine) as connection:
        moved = update(tables.Article).values(host="elsewhere.example", url="https://elsewhere.example/mill")
        connection.execute(moved)
    assert feed_of(log).entries[0].id == entry.id


# --------------------------------------------------------------------------------------------------------- archives


def write_days(log: Log, changes: int, *, seed: int = 7) -> None:
    """Write a log of everything that happens to articles, in a random order."""
    log.source("mill", title="The Old Mill", language="en")
    log.source("bakery", title="La boulangerie", language="fr")
    log.run("mill")
    chance = random.Random(seed)
    gone: set[int] = set()
    known = 0
    for number in range(changes):
        what = chance.choice(("new", "new", "edit", "minor", "title", "gone", "listed"))
        article = chance.randint(1, known) if known else 0
        source = chance.choice(("mill", "bakery"))
        if what == "new" or not article:
            known = log.published(source, f"https://news.example/{number}", f"News {number}", f"Text {number}.",
                                  language="fr" if source == "bakery" else "en")  # fmt: skip
            log.sighting(source, known)
        elif article in gone or what == "gone":
            log.change(ChangeKind.RESTORED if article in gone else ChangeKind.WITHDRAWN, source, article)
            gone ^= {article}
        elif what == "listed":
            log.change(ChangeKind.LISTED, source, article)
        else:
            grade = EditClass.MINOR if what == "minor" else EditClass.SUBSTANTIVE
            title = f"Title {number}" if what == "title" else ""
            log.edited(source, article, f"Text {number}.", grade, title=title)


def walked(log: Log, choice: FeedChoice = ALL) -> list[Feed]:
    """Return the documents of a feed as a reader meets them who follows ``prev-archive``, and nothing else."""
    feeds: list[Feed] = []
    number: int | None = None
    while True:
        page = page_of(log, choice, number)
        feeds.append(in_place(page, address))
        if page.older is None:
            return feeds
        number = page.older


def put_together(feeds: list[Feed]) -> dict[str, tuple[str, str]]:
    """Return what a reader makes of all documents of a feed: for each id what the newest of them says of it."""
    state: dict[str, tuple[str, str]] = {}
    for feed in reversed(feeds):
        state |= {entry.id: (entry.title, entry.content) for entry in feed.entries}
        state |= {each.id: ("gone", "") for each in feed.deleted}
    return state


@pytest.mark.parametrize(
    "choice", [ALL, of_source("mill"), of_source("mill", "bakery"), of_source("bakery", languages=("fr",))],
    ids=["all", "one source", "two sources", "a language"],
)  # fmt: skip
def test_whoever_walks_the_archives_has_everything_as_if_there_were_none(
    log: Log, choice: FeedChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(log, 90)
    whole = put_together(walked(log, choice))
    monkeypatch.setattr(feed_entries, "PAGE", 7)
    monkeypatch.setattr("digest.feeds.LOOK_BACK", 1)
    feeds = walked(log, choice)
    assert len(feeds) > 3
    parts = put_together(feeds)
    # A small edit of what stands in an archive alone moves nothing, so it stays unsaid until something does.
    assert {key: value[0] for key, value in parts.items()} == {key: value[0] for key, value in whole.items()}
    assert [feed.is_archive for feed in feeds] == [False, *[True] * (len(feeds) - 1)]


def test_an_archive_stays_as_it_is_but_for_the_address_of_the_next(log: Log, short_pages: int) -> None:
    write_days(log, 23)
    with reading(log.engine) as connection:
        assert read_feed(connection, ALL, 5) is None
        assert read_feed(connection, ALL, 0) is None
    before = [feed_of(log, number=number) for number in range(1, 5)]
    log.edited("mill", 1, "Another text.", EditClass.SUBSTANTIVE, title="Another title")
    log.change(ChangeKind.WITHDRAWN, "mill", 2)
    log.published("bakery", "https://news.example/later", "Later", "Later.")
    after = [feed_of(log, number=number) for number in range(1, 5)]
    for write, _ in WRITERS:
        assert [write(feed) for feed in after[:3]] == [write(feed) for feed in before[:3]]
    assert after[3].entries == before[3].entries
    assert (before[3].links.newer, after[3].links.newer) == ("", address(5))
    assert (after[1].links.older, after[1].links.newer, after[1].links.current) == (
        address(1), address(3), address(None),
    )  # fmt: skip


def test_the_feed_and_its_archives_say_where_the_others_stand(log: Log, short_pages: int) -> None:
    write_days(log, 12)
    atom = feedcheck.parse(atom_of(feed_of(log, number=2)))
    assert atom.find(f"{feedcheck.FH}archive") is not None
    assert links_of(atom) == {
        "self": address(2), "current": address(None), "prev-archive": address(1),
        "alternate": "https://reader.example/",
    }  # fmt: skip
    rss = feedcheck.parse(rss_of(feed_of(log)))[0]
    assert links_of(rss) == {"self": address(None), "prev-archive": address(2)}
    assert f'"next_url": "{address(2)}"' in jsonfeed_of(feed_of(log))
    assert '"next_url"' not in jsonfeed_of(feed_of(log, number=1))


def links_of(node: etree._Element) -> dict[str | None, str | None]:
    return {link.get("rel"): link.get("href") for link in node.findall(f"{feedcheck.ATOM}link")}


def test_a_narrow_filter_finds_older_news_than_the_last_page(log: Log, short_pages: int) -> None:
    log.source("mill", language="en")
    log.published("mill", "https://news.example/0", "Ancien", "Texte.", language="fr")
    for number in range(1, 30):
        log.published("mill", f"https://news.example/{number}", f"New {number}", "Text.", language="en")
    french = FeedChoice(name="french", title="French", wanted=DigestFilter(languages=("fr",)))
    assert [entry.title for entry in feed_of(log, french).entries] == ["Ancien"]
    assert feed_of(log, french, number=3).entries == ()


# ---------------------------------------------------------------------------------------------------------- sources


def test_a_source_is_told_what_it_lists_whoever_saw_it_and_by_the_date_of_the_article(
    log: Log, mill: int
) -> None:
    published = log.now
    log.source("bakery", title="Bakery")
    log.run("bakery")
    log.sighting("bakery", mill)
    log.change(ChangeKind.LISTED, "bakery", mill)
    bakery = of_source("bakery")
    [entry] = feed_of(log, bakery).entries
    assert (entry.updated, entry.categories[1]) == (published, ("bakery", "Bakery"))
    assert entry.id == feed_of(log).entries[0].id
    assert len(feed_of(log).entries) == 1
    log.edited("mill", mill, "Other words.", EditClass.SUBSTANTIVE)
    assert feed_of(log, bakery).entries[0].updated == log.now
    log.change(ChangeKind.WITHDRAWN, "mill", mill)
    assert [each.id for each in feed_of(log, bakery).deleted] == [entry.id]


def test_few_and_many_listed_articles_are_read_alike(log: Log) -> None:
    write_days(log, 60)
    with reading(log.engine) as connection:
        for source in ("mill", "bakery"):
            for start, end in (
                (0, 60),
                (10, 50),
                (57, 60),
                (30, 31),
                (60, 60),
            ):  # from more rows to more articles
                wanted = changes_after(connection, start, upto=end, sources=[source])
                assert feed_entries.changes_between(connection, start, end, [source]) == wanted


def test_what_happened_before_a_source_listed_an_article_is_not_its_news(log: Log, mill: int) -> None:
    log.source("bakery")
    log.run("mill")
    log.edited("mill", mill, "Other words.", EditClass.SUBSTANTIVE)
    log.sighting("bakery", mill)
    with writing(log.engine) as connection:
        connection.execute(update(tables.Sighting).values(first_run_id=2))
    assert feed_of(log, of_source("bakery")).entries == ()


def test_each_archive_of_a_source_holds_as_many_rows_as_it_wrote_and_is_there_once_it_is_full(
    log: Log, short_pages: int
) -> None:
    log.source("mill", language="en")
    log.source("bakery", language="en")
    for number in range(20):
        log.published("bakery" if number % 2 else "mill", f"https://news.example/{number}", f"Loaf {number}")
    with reading(log.engine) as connection:
        assert feed_entries.full_pages(connection, ["mill"]) == 2
        ends = [feed_entries.page_end(connection, number, ["mill"]) for number in range(4)]
    assert ends == [0, 9, 19, None]
    loaves = [[entry.title for entry in feed_of(log, of_source("mill"), page).entries] for page in (1, 2)]
    assert loaves == [[f"Loaf {number}" for number in range(start + 8, start - 1, -2)] for start in (0, 10)]


def test_an_unknown_source_is_named(log: Log) -> None:
    log.source("mill")
    with pytest.raises(SourceError, match="did you mean mill"), reading(log.engine) as connection:
        read_feed(connection, of_source("mil"))


def test_an_empty_log_is_an_empty_feed(log: Log) -> None:
    feed = feed_of(log)
    assert (feed.entries, feed.deleted, feed.is_archive) == ((), (), False)


def test_feeds_of_two_databases_have_ids_of_their_own(log: Log, mill: int) -> None:
    one = feed_of(log).id
    assert one == feed_of(log).id != feed_of(log, of_source("mill")).id
    with writing(log.engine) as connection:
        connection.execute(update(tables.Change).values(at=datetime(2026, 11, 1, tzinfo=UTC)))
    assert feed_of(log).id != one


def test_promise_10_no_payload_in_the_log_makes_a_feed_invalid_or_is_lost(log: Log) -> None:
    for number, (name, text) in enumerate(PAYLOADS.items(), start=1):
        stored, url = normalise_text(text), f"https://news.example/{number}"
        log.source(
            f"s{number}", title=stored, language="en", failing_since=log.now, reason=stored, verdict="failed"
        )
        article = log.published(
            f"s{number}", url, stored, stored, language="en", summary=stored, authors=[stored, ""]
        )
        log.edited(
            f"s{number}", article, f"{stored}\n{stored}", EditClass.SUBSTANTIVE, title=f"{stored} again"
        )
        if number % 2:
            log.change(ChangeKind.WITHDRAWN, f"s{number}", article)
        source = feed_of(log, of_source(f"s{number}"))
        assert len(source.entries) + len(source.deleted) == 1, name
    everything = feed_of(log)
    assert len(everything.entries) + len(everything.deleted) == len(PAYLOADS)


def test_the_feed_says_which_sources_are_not_being_read_and_its_archives_do_not(
    log: Log, mill: int, short_pages: int
) -> None:
    log.source("asleep", title="The Sleeper", paused=True, last_ok_at=log.now)
    for number in range(5):
        log.published("mill", f"https://news.example/{number}", f"Loaf {number}", "Bread.")
    assert "Not being read: The Sleeper, not read since" in feed_of(log).description
    assert "The Sleeper" not in feed_of(log, of_source("mill")).description
    assert "The Sleeper" not in feed_of(log, number=1).description


def test_a_title_is_said_to_be_in_its_own_language(log: Log, mill: int) -> None:
    log.source("bakery", title="La boulangerie", language="fr")
    french = FeedChoice(
        name="sources/bakery", title="La boulangerie", wanted=DigestFilter(sources=("bakery",)), language="fr"
    )
    title = feedcheck.parse(atom_of(feed_of(log, french))).find(f"{feedcheck.ATOM}title")
    assert title is not None
    assert title.get(feedcheck.LANG) == "fr"


@pytest.mark.parametrize("kinds", [(ChangeKind.PUBLISHED,), (ChangeKind.EDITED,)])
def test_a_filter_of_kinds_leaves_out_what_it_does_not_name_but_never_that_an_article_is_gone(
    log: Log, mill: int, kinds: tuple[ChangeKind, ...]
) -> None:
    choice = FeedChoice(name="some", title="Some", wanted=DigestFilter(kinds=kinds))
    shown = {entry.categories[0][0] for entry in feed_of(log, choice).entries}
    assert shown == {"published"} & set(map(str, kinds))
    log.change(ChangeKind.WITHDRAWN, "mill", mill)
    gone = feed_of(log, choice)
    assert (gone.entries, len(gone.deleted)) == ((), 1)
    assert ("The mill opens" in rss_of(gone)) is bool(shown)  # who was not told of it is told no word of it


# ------------------------------------------------------------------------------------------------------------- words

UNICORNS = FeedChoice(name="choices/x", title="unicorn", wanted=DigestFilter(include=("unicorn",)))


def test_an_article_that_words_let_in_stands_as_it_is_now(log: Log) -> None:
    log.source("mill")
    article = log.published("mill", "https://news.example/a", "A", "A unicorn was seen. Wrong figure.")
    assert "Wrong figure" in feed_of(log, UNICORNS).entries[0].content
    log.edited("mill", article, "A horse was seen. Right figure.", EditClass.SUBSTANTIVE)
    [entry] = feed_of(log, UNICORNS).entries
    assert "Right figure" in entry.content
    assert "Wrong figure" not in entry.content.split("<blockquote>")[0]


def test_a_small_edit_that_brings_the_words_brings_the_article_once(log: Log) -> None:
    log.source("mill")
    article = log.published("mill", "https://news.example/a", "A", "A horse was seen there at noon.")
    assert feed_of(log, UNICORNS).entries == ()
    log.edited("mill", article, "A unicorn was seen there at noon.", EditClass.MINOR)
    [brought] = feed_of(log, UNICORNS).entries
    assert brought.updated == log.now
    log.edited("mill", article, "A unicorn was seen here at noon.", EditClass.MINOR)
    [after] = feed_of(log, UNICORNS).entries
    assert after.updated == brought.updated < log.now
    assert "here at noon" in after.content


def test_each_text_is_judged_once_however_far_back_the_feed_looks(
    log: Log, short_pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.source("mill")
    for number in range(40):
        log.published("mill", f"https://news.example/{number}", f"{number}", "A horse.")
    asked: list[int] = []

    def let_in(connection: Any, changes: Any, wanted: Any) -> Any:
        asked.extend(change.seq for change in changes)
        return let_in_(connection, changes, wanted)

    monkeypatch.setattr(feeds, "let_in", let_in)
    assert feed_of(log, UNICORNS).entries == ()
    assert sorted(asked) == list(range(1, 41))


def test_a_redline_is_drawn_once_however_often_it_is_asked_for(
    log: Log, mill: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.edited("mill", mill, TEXT.replace("Sunday", "Wednesday"), EditClass.SUBSTANTIVE)
    before = feed_of(log)
    monkeypatch.setattr(edits, "changed_words", None)
    assert feed_of(log) == before
    assert "<ins>Wednesday</ins>" in before.entries[0].content
