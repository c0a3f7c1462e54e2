"""Retention: what is old goes, who is who stays, and nobody misses anything or is told it twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from digest.compose import compose
from digest.feeds import FeedChoice, feed_id, read_feed
from news import retention as retention_module
from news.errors import SourceError
from news.retention import Retention
from news.search_query import parse_query
from storage import feed_entries, pruned_log, pruned_runs, pruned_texts, tables
from storage.approving import approve
from storage.articles import revisions, show_article
from storage.changes import changes_after, first_told, last_seq, oldest_seq
from storage.checking import find_faults
from storage.engine import reading, writing
from storage.past import WITH_TEXT
from storage.pruning import Pruned, claim_daily, free_bytes, prune, would_prune
from storage.reader_tables import Delivery, Digest
from storage.searching import search_articles
from storage.sources import remove
from storage.subscribing import add
from storage.subscriptions import DigestFilter, subscribe
from storage.targets import TargetPlan
from tests.storage.desk import BASE, SHAPES, WORDS, Desk, based, entry, told, url

FOLDER = TargetPlan(kind="file", options={"folder": "/nowhere", "format": "text"})
GENTLE = Retention(
    revisions=5, revision_days=30, article_days=30, change_days=30, digest_days=30, run_days=30
)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes make a page of a feed, at which the log is cut off, and two pages go at once."""
    for module in (retention_module, pruned_log, feed_entries):
        monkeypatch.setattr(module, "PAGE", 2)
    monkeypatch.setattr(pruned_log, "ROWS", 4)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruned_texts, "ARTICLES", 2)
    monkeypatch.setattr(pruned_runs, "SOURCES", 1)
    monkeypatch.setattr(pruned_runs, "ROWS", 2)
    monkeypatch.setattr(pruned_runs, "DIGESTS", 1)
    monkeypatch.setattr(pruned_runs, "LATEST", 4)
    monkeypatch.setattr(pruned_runs, "PROFILES", 4)


def body(name: str, number: int) -> str:
    return f"{name} as it was told for the time number {number}, since {WORDS} and {'more ' * number}followed"


def edited(desk: Desk, name: str, times: int, *, first: int = 1) -> None:
    """Let an article be read so many times, each time with another text."""
    for number in range(first, first + times):
        desk.later(hours=1)
        desk.run(entry(name, hour=1), *BASE, looks=[desk.look(name, body=body(name, number))])


def sound(engine: Engine) -> None:
    with reading(engine) as connection:
        assert find_faults(connection) == []


def texts(engine: Engine, name: str) -> list[tuple[int, bool, bool]]:
    """Return each revision's number, whether its text is there, and whether it was pruned."""
    with reading(engine) as connection:
        article = show_article(connection, url(name))
        found = revisions(connection, article.id)
    return [(each.number, bool(each.body_text), each.pruned_at is not None) for each in found]


def found(engine: Engine, words: str) -> list[str]:
    with reading(engine) as connection:
        return [each.url.rpartition("/")[2] for each in search_articles(connection, parse_query(words))]


# ------------------------------------------------------------------------------------- texts of revisions


def test_texts_of_earlier_revisions_go_and_the_revisions_stay(desk: Desk, small_pieces: None) -> None:
    edited(desk, "x", 8)
    before = desk.all(tables.Revision, tables.Revision.article_id, tables.Revision.number)
    gone = prune(desk.engine, Retention(revisions=5), now=desk.now)
    assert gone == Pruned(revisions=3)
    assert texts(desk.engine, "x") == [
        *((number, False, True) for number in (1, 2, 3)),
        *((number, True, False) for number in (4, 5, 6, 7, 8)),
    ]
    after = desk.all(tables.Revision, tables.Revision.article_id, tables.Revision.number)
    kept = ("article_id", "number", "title", "fingerprint", "digest", "captured_at", "edit_class")
    assert [[getattr(row, name) for name in kept] for row in after] == [
        [getattr(row, name) for name in kept] for row in before
    ]
    sound(desk.engine)
    assert prune(desk.engine, Retention(revisions=5), now=desk.now) == Pruned()


def test_the_newest_few_stay_since_what_flaps_is_learnt_from_them(desk: Desk) -> None:
    edited(desk, "x", 8)
    prune(desk.engine, Retention(revisions=1), now=desk.now)
    assert sum(there for _, there, _ in texts(desk.engine, "x")) == WITH_TEXT


def test_by_age_earlier_texts_go_and_never_the_newest(desk: Desk) -> None:
    edited(desk, "x", 6)
    desk.later(days=40)
    assert prune(desk.engine, Retention(revision_days=50), now=desk.now).revisions == 0
    assert prune(desk.engine, Retention(revision_days=30), now=desk.now).revisions == 2
    assert texts(desk.engine, "a") == [(1, True, False)]


def test_an_edit_back_to_a_pruned_text_is_still_known_as_one(desk: Desk) -> None:
    edited(desk, "x", 8)
    prune(desk.engine, Retention(revisions=4), now=desk.now)
    desk.later(hours=1)
    run = desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x", body=body("x", 2))])
    [change] = run.changes
    assert change.reverts_to == 2


def test_what_somebody_still_has_to_be_told_of_keeps_its_texts(desk: Desk) -> None:
    edited(desk, "x", 3)
    subscribe(desk.engine, "reader", filter=DigestFilter(), now=desk.now)
    edited(desk, "x", 6, first=4)
    assert prune(desk.engine, Retention(revisions=4), now=desk.now).revisions == 2  # not 3, which 4 replaced
    digest = compose(desk.engine, "reader", now=desk.now)
    assert digest is not None
    assert all(item.redline for item in digest.items)
    assert prune(desk.engine, Retention(revisions=4), now=desk.now).revisions == 3
    sound(desk.engine)


def test_a_digest_of_what_was_pruned_draws_no_redline_of_it(desk: Desk) -> None:
    from digest.compose import preview

    edited(desk, "x", 8)
    prune(desk.engine, Retention(revisions=4), now=desk.now)
    items = {item.change.revision: item for item in preview(desk.engine, now=desk.now).items}
    assert [number for number, item in sorted(items.items()) if item.redline] == [6, 7, 8]


# ------------------------------------------------------------------------------------- texts of articles


def fallen_off(desk: Desk) -> None:
    """Publish x, which falls off the listing, and let a month and more pass with other news."""
    desk.run(entry("x", hour=1), *BASE)
    for day in range(1, 9):
        desk.later(days=5)
        desk.run(
            entry(f"n{day}", hour=24 * day),
            *(entry(f"n{day - n}", hour=24 * (day - n)) for n in (1, 2) if day > n),
        )
    with writing(desk.engine) as connection:  # their looks are over
        connection.execute(update(tables.Article).values(next_look_at=None))


def names_of(engine: Engine) -> dict[str, list[Any]]:
    """Return all by which anything is recognised."""
    articles = [column for name, column in tables.Article.__table__.columns.items() if name != "digest"]
    with reading(engine) as connection:
        return {
            "articles": list(connection.execute(select(*articles).order_by(tables.Article.id))),
            "aliases": list(connection.execute(select(tables.Alias.__table__).order_by(tables.Alias.key))),
            "sightings": list(
                connection.execute(
                    select(*(c for c in tables.Sighting.__table__.columns if c.name != "told_seq")).order_by(
                        tables.Sighting.source_id, tables.Sighting.article_id
                    )
                )
            ),
        }


def test_promise_4_our_own_pruning_makes_nothing_new_again(desk: Desk, small_pieces: None) -> None:
    fallen_off(desk)
    before = names_of(desk.engine)
    gone = prune(desk.engine, Retention(article_days=10), now=desk.now)
    assert gone.articles >= 4
    assert texts(desk.engine, "x") == [(1, False, True)]
    assert names_of(desk.engine) == before
    assert found(desk.engine, "title x") == ["x"]
    assert found(desk.engine, '"x the reading room"') == []
    sound(desk.engine)
    desk.later(hours=1)
    listing = [entry("n8", hour=24 * 8), entry("n7", hour=24 * 7), entry("x", hour=1), *BASE]
    assert told(desk.run(*listing, looks=[])) == []
    desk.later(hours=1)
    assert told(desk.run(*listing)) == []
    sound(desk.engine)


def test_a_pruned_article_that_reads_otherwise_now_keeps_that_and_is_no_edit(desk: Desk) -> None:
    fallen_off(desk)
    prune(desk.engine, Retention(article_days=10), now=desk.now)
    desk.later(hours=1)
    listing = [entry(f"n{each}", hour=24 * each) for each in (8, 7, 6)]
    assert told(desk.run(*listing, looks=[desk.look("x", body=body("x", 3))])) == []
    assert texts(desk.engine, "x") == [(1, True, False)]
    desk.later(hours=1)
    assert told(desk.run(*listing, looks=[desk.look("x", body=body("x", 4))])) == [("edited", "x")]
    sound(desk.engine)


def test_what_still_stands_on_a_listing_keeps_its_text_however_old(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        connection.execute(update(tables.Article).values(next_look_at=None))
    desk.later(days=400)  # nothing but answers 304 since
    assert prune(desk.engine, Retention(article_days=10), now=desk.now) == Pruned()


def test_what_is_looked_at_again_keeps_its_text(desk: Desk) -> None:
    fallen_off(desk)
    with writing(desk.engine) as connection:
        connection.execute(update(tables.Article).values(next_look_at=desk.now))
    assert prune(desk.engine, Retention(article_days=10), now=desk.now) == Pruned()


# ------------------------------------------------------------------------------------------------ the log


def news(desk: Desk, count: int, *, first: int = 1, source: str = "one") -> None:
    """Publish so many articles, one a day."""
    for number in range(first, first + count):
        desk.later(days=1)
        listed = [entry(f"n{each}", hour=24 * each) for each in range(number, max(number - 3, 0), -1)]
        run = desk.run(*listed, *BASE[: 3 - len(listed)], source=source)
        assert told(run) == [("published", f"n{number}")]


def log(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return [change.seq for change in changes_after(connection, 0)]


def test_the_log_is_cut_off_at_whole_pages_and_its_newest_stays(desk: Desk, small_pages: None) -> None:
    news(desk, 11)
    desk.later(days=60)
    gone = prune(desk.engine, Retention(change_days=30), now=desk.now)
    assert (gone.changes, gone.upto_seq, gone.kept_by) == (8, 8, "")
    assert log(desk.engine) == [9, 10, 11]
    sound(desk.engine)
    with reading(desk.engine) as connection:
        assert (oldest_seq(connection), last_seq(connection)) == (9, 11)
    news(desk, 1, first=12)
    assert log(desk.engine) == [9, 10, 11, 12]


def test_only_what_is_old_goes(desk: Desk, small_pages: None) -> None:
    news(desk, 11)
    assert prune(desk.engine, Retention(change_days=4), now=desk.now).upto_seq == 6
    assert prune(desk.engine, Retention(change_days=30), now=desk.now).changes == 0


def test_no_change_goes_that_a_subscription_was_not_told_of(desk: Desk, small_pages: None) -> None:
    news(desk, 3)
    subscribe(desk.engine, "slow", filter=DigestFilter(), now=desk.now)
    news(desk, 8, first=4)
    desk.later(days=60)
    gone = prune(desk.engine, Retention(change_days=30), now=desk.now)
    assert (gone.upto_seq, gone.kept_by) == (2, "slow")
    digest = compose(desk.engine, "slow", now=desk.now)
    assert digest is not None
    assert [item.change.seq for item in digest.items] == [4, 5, 6, 7, 8, 9, 10, 11]
    assert prune(desk.engine, Retention(change_days=30), now=desk.now).upto_seq == 8


def test_no_change_goes_of_a_digest_that_is_not_delivered(desk: Desk, small_pages: None) -> None:
    add(desk.engine, "desk", filter=DigestFilter(), target=FOLDER, now=desk.now)
    news(desk, 11)
    assert compose(desk.engine, "desk", now=desk.now) is not None
    desk.later(days=60)
    assert prune(desk.engine, Retention(change_days=30), now=desk.now).kept_by == "desk"
    with writing(desk.engine) as connection:
        connection.execute(update(Delivery).values(state="sent", sent_at=desk.now))
    assert prune(desk.engine, Retention(change_days=30), now=desk.now).upto_seq == 8


def test_a_subscription_of_alerts_counts_by_its_own_numbers(desk: Desk, small_pages: None) -> None:
    add(desk.engine, "duty", filter=DigestFilter(), alert_after_seconds=60, now=desk.now)
    news(desk, 11)
    desk.later(days=60)
    assert prune(desk.engine, Retention(change_days=30), now=desk.now).upto_seq == 8


def test_promise_1_what_was_told_before_the_log_begins_is_not_told_by_a_later_listing(
    engine: Engine, small_pages: None
) -> None:
    """Of two sources that one reader follows the second lists, after the pruning, what the first had published."""
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.run(*BASE, source="two")
    subscribe(engine, "both", filter=DigestFilter(sources=("one", "two")), now=desk.now)
    desk.later(hours=1)
    news(desk, 11)
    assert compose(engine, "both", now=desk.now) is not None
    desk.later(days=60)
    assert prune(engine, Retention(change_days=30), now=desk.now).upto_seq == 8
    assert told(desk.run(entry("n1", hour=24), *BASE, source="two")) == [("listed", "n1")]
    with reading(engine) as connection:
        [change] = changes_after(connection, 11)
        assert first_told(connection, [change.article_id], sources=["one", "two"]) == {change.article_id: 1}
        assert first_told(connection, [change.article_id], sources=["two"]) == {change.article_id: 12}
    assert compose(engine, "both", now=desk.now) is None


def test_feeds_keep_their_ids_and_the_numbers_of_their_archives(desk: Desk, small_pages: None) -> None:
    save = Desk(desk.engine, "one", "two")
    save.now = desk.now
    news(desk, 11)
    choices = [
        FeedChoice(name="all", title="All"),
        FeedChoice(name="sources/one", title="One", wanted=DigestFilter(sources=("one",))),
    ]
    with reading(desk.engine) as connection:
        before = {
            (choice.name, number): read_feed(connection, choice, number)
            for choice in choices
            for number in range(1, 6)
        }
        ids = [feed_id(connection, choice.name) for choice in choices]
    desk.later(days=60)
    assert prune(desk.engine, Retention(change_days=30), now=desk.now).upto_seq == 8
    with reading(desk.engine) as connection:
        assert [feed_id(connection, choice.name) for choice in choices] == ids
        for choice in choices:
            assert [read_feed(connection, choice, number) for number in range(1, 5)] == [None] * 4
            was, page = before[choice.name, 5], read_feed(connection, choice, 5)
            assert was is not None
            assert page is not None
            assert page == replace(was, older=None)
            newest = read_feed(connection, choice)
            assert newest is not None
            assert newest.older == 5
            assert len(newest.feed.entries) == 3
    news(desk, 1, first=12)
    with reading(desk.engine) as connection:
        for choice in choices:
            assert (sixth := read_feed(connection, choice, 6)) is not None
            assert sixth.older == 5


def test_a_source_that_announced_something_cannot_be_removed_after_that_was_pruned_either(
    engine: Engine, small_pages: None
) -> None:
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.run(*BASE, source="two")
    news(desk, 4)
    for number in range(5, 12):
        desk.later(days=1)
        desk.run(entry(f"n{number}", hour=24 * number), *BASE, source="two")
    desk.later(days=60)
    assert prune(engine, Retention(change_days=30), now=desk.now).upto_seq == 8
    assert {row.source_id for row in desk.all(tables.Change)} == {desk.row("two").id}
    with pytest.raises(SourceError, match="the log is for good"):
        remove(engine, "one", now=desk.now)


# ------------------------------------------------------------------------------------- runs, held, digests


def test_old_runs_go_and_those_that_are_needed_stay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, small_pieces: None
) -> None:
    for module, name in ((pruned_runs, "LATEST"), (pruned_runs, "PROFILES")):
        monkeypatch.setattr(module, name, 3)
    news(desk, 10)
    desk.later(days=60)
    runs = [row.id for row in desk.all(tables.Run, tables.Run.id)]
    gone = prune(desk.engine, Retention(run_days=30), now=desk.now)
    assert gone.runs == len(runs) - 4
    assert [row.id for row in desk.all(tables.Run, tables.Run.id)] == [
        runs[0],
        *runs[-3:],
    ]  # and the baseline
    sound(desk.engine)
    news(desk, 1, first=11)
    assert desk.all(tables.Run, tables.Run.id)[-1].id > runs[-1]


def test_what_waits_for_a_person_stays_and_what_was_decided_on_goes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruned_runs, "LATEST", 1)
    desk.run(looks=())  # suspect: no entries
    desk.later(hours=1)
    desk.run(entry("x", hour=1), *BASE)
    desk.later(days=60)
    assert [row.state for row in desk.all(tables.Held)] == ["passed"]
    assert desk.run(looks=()).verdict == "suspect"
    desk.later(days=60)
    gone = prune(desk.engine, Retention(run_days=30), now=desk.now)
    assert (gone.runs, gone.held) == (1, 1)
    assert [row.state for row in desk.all(tables.Held)] == ["held"]
    sound(desk.engine)


def test_what_a_person_approved_stays_where_the_history_begins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LATEST", "PROFILES"):
        monkeypatch.setattr(pruned_runs, name, 1)
    listing = (entry("y", hour=2), entry("x", hour=1), *BASE)
    held = desk.run(*listing, profile=replace(SHAPES, dated=0.0))
    assert held.verdict == "suspect"
    approve(desk.engine, "one", now=desk.now)
    desk.later(hours=1)
    desk.run(*listing)
    desk.later(days=60)
    prune(desk.engine, Retention(run_days=30), now=desk.now)
    assert held.run_id in [row.id for row in desk.all(tables.Run)]
    assert [row.state for row in desk.all(tables.Held)] == ["approved"]


def test_digests_that_arrived_go_and_the_next_one_is_numbered_on(desk: Desk, small_pieces: None) -> None:
    add(desk.engine, "desk", filter=DigestFilter(), target=FOLDER, now=desk.now)
    subscribe(desk.engine, "by hand", filter=DigestFilter(), now=desk.now)
    for number in range(1, 5):
        news(desk, 1, first=number)
        for name in ("desk", "by hand"):
            assert compose(desk.engine, name, now=desk.now) is not None
    with writing(desk.engine) as connection:
        second = select(Digest.id).where(Digest.number == 2)
        connection.execute(update(Delivery).values(state="sent", sent_at=desk.now))
        connection.execute(update(Delivery).where(Delivery.digest_id.in_(second)).values(state="dead"))
    desk.later(days=60)
    gone = prune(desk.engine, Retention(digest_days=30), now=desk.now)
    assert gone.digests == 2 + 3
    kept = {(row.subscription_id, row.number) for row in desk.all(Digest)}
    assert kept == {(1, 2), (1, 4), (2, 4)}
    sound(desk.engine)
    news(desk, 1, first=5)
    digest = compose(desk.engine, "desk", now=desk.now)
    assert digest is not None
    assert digest.number == 5


# ----------------------------------------------------------------------------------------- all of it


def lived(desk: Desk) -> None:
    """Let everything happen that can be pruned."""
    subscribe(desk.engine, "reader", filter=DigestFilter(), now=desk.now)
    edited(desk, "x", 8)
    news(desk, 6)
    compose(desk.engine, "reader", now=desk.now)
    news(desk, 1, first=7)
    compose(desk.engine, "reader", now=desk.now)
    desk.later(hours=1)
    desk.run(looks=())  # suspect: no entries
    desk.later(days=60)
    news(desk, 3, first=8)
    with writing(desk.engine) as connection:
        connection.execute(update(tables.Article).values(next_look_at=None))


def test_a_dry_run_says_what_would_go_and_changes_nothing(
    desk: Desk, small_pages: None, small_pieces: None
) -> None:
    lived(desk)
    before = {table.name: desk.all(_of(table)) for table in tables.Host.metadata.sorted_tables}
    would = would_prune(desk.engine, GENTLE, now=desk.now)
    assert all(asdict(would)[name] for name in ("revisions", "articles", "changes", "digests", "runs"))
    assert {table.name: desk.all(_of(table)) for table in tables.Host.metadata.sorted_tables} == before
    assert prune(desk.engine, GENTLE, now=desk.now) == would
    sound(desk.engine)
    assert prune(desk.engine, GENTLE, now=desk.now) == Pruned(upto_seq=would.upto_seq, kept_by=would.kept_by)


def _of(table: Any) -> Any:
    class Named:
        __table__ = table

    return Named


def test_nothing_goes_where_everything_is_kept(desk: Desk) -> None:
    lived(desk)
    assert Retention().keeps_all
    assert prune(desk.engine, Retention(), now=desk.now) == Pruned()


def test_it_leaves_off_between_two_pieces_and_goes_on_the_next_time(
    desk: Desk, small_pages: None, small_pieces: None
) -> None:
    lived(desk)
    would = would_prune(desk.engine, GENTLE, now=desk.now)
    asked: list[bool] = []

    def soon() -> bool:
        asked.append(True)
        return len(asked) > 3

    first = prune(desk.engine, GENTLE, now=desk.now, stopped=soon)
    sound(desk.engine)
    assert first != would
    rest = prune(desk.engine, GENTLE, now=desk.now)
    for name in ("revisions", "articles", "changes", "digests", "runs", "held"):
        assert asdict(first)[name] + asdict(rest)[name] == asdict(would)[name], name


@pytest.fixture
def twins(engine: Engine, request: pytest.FixtureRequest) -> Iterator[tuple[Desk, Desk]]:
    """Two desks on databases of their own: what happens to one happens to the other, but for the pruning."""
    from storage.schema import ready

    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[engine.dialect.name]
    other = ready(str(request.getfixturevalue(fixture)))
    yield Desk(engine, "one", "two"), Desk(other, "one", "two")
    other.dispose()


@pytest.mark.parametrize("seed", range(2))
def test_pruning_between_crawls_changes_nothing_of_what_anybody_is_told(
    twins: tuple[Desk, Desk], seed: int, small_pages: None
) -> None:
    import random

    chance = random.Random(seed)
    strict = Retention(revisions=4, revision_days=2, change_days=3, digest_days=3, run_days=3)
    for desk in twins:
        subscribe(desk.engine, "all", filter=DigestFilter(), now=desk.now)
        subscribe(desk.engine, "both", filter=DigestFilter(sources=("one", "two")), now=desk.now)
    versions: dict[str, int] = {}
    for turn in range(28):
        hours, source = chance.choice((1, 8, 30)), chance.choice(("one", "two"))
        top = turn // 6 + 4
        listing = [f"n{number}" for number in range(top, top - 4, -1)]
        versions[chance.choice(listing)] = turn
        told_: list[Any] = []
        for desk in twins:
            desk.later(hours=hours)
            looks = [desk.look(name, body=body(name, versions.get(name, 0) % 5)) for name in listing]
            run = desk.run(*(entry(n, hour=int(n[1:])) for n in listing), source=source, looks=looks)
            told_.append([(c.seq, c.kind, c.title, c.revision, c.edit_class, c.marks) for c in run.changes])
        assert told_[0] == told_[1]
        if chance.random() < 0.5:
            reader = chance.choice(("all", "both"))
            digests = [compose(desk.engine, reader, now=desk.now) for desk in twins]
            assert digests[0] == digests[1]
        prune(twins[0].engine, strict, now=twins[0].now)
    sound(twins[0].engine)
    assert log(twins[0].engine)[0] > 1
    assert any(row.pruned_at is not None for row in twins[0].all(tables.Revision))
    assert twins[0].count(Digest) < twins[1].count(Digest)


# ------------------------------------------------------------------------------------------- by itself


def test_of_several_services_one_prunes_and_only_once_a_day(desk: Desk) -> None:
    assert claim_daily(desk.engine, now=desk.now)
    assert not claim_daily(desk.engine, now=desk.now)
    assert not claim_daily(desk.engine, now=desk.now + timedelta(hours=23))
    assert claim_daily(desk.engine, now=desk.now + timedelta(hours=24))
    assert claim_daily(desk.engine, now=desk.now)  # the clock was ahead, and is right again
    sound(desk.engine)


def test_sqlite_says_how_much_is_free_inside_the_file(desk: Desk) -> None:
    lived(desk)
    before = free_bytes(desk.engine)
    prune(desk.engine, replace(GENTLE, run_days=1), now=desk.now)
    after = free_bytes(desk.engine)
    if desk.engine.dialect.name == "postgresql":
        assert (before, after) == (None, None)
    else:
        assert before is not None
        assert after is not None
        assert after >= before


def test_plots_begin_where_the_log_does(desk: Desk, small_pages: None) -> None:
    from storage.news_counts import news_by_day

    news(desk, 11)
    prune(desk.engine, Retention(change_days=4), now=desk.now)
    with reading(desk.engine) as connection:
        counts = news_by_day(connection, until=desk.now, days=30)
    assert counts.of("one") == (1, 1, 1, 1)  # the day of the first that is kept may not be whole
