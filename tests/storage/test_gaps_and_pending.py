"""What could not be read yet: gaps in a listing, and entries whose articles wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine

from news.article import Content, Sight, Validators, Way
from news.run import Verdict
from news.source import Source
from storage import tables
from storage.recognising import recognise
from storage.sources import load_source, save_sources
from tests.storage.desk import (
    BASE,
    HOST,
    START,
    WORDS,
    Desk,
    based,
    content,
    entry,
    short,
    told,
    url,
)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return based(engine)


# --------------------------------------------------------------------------------------------- gaps


def gaps(desk: Desk) -> list[tuple[str, datetime, datetime]]:
    return [(gap.state, gap.since, gap.until) for gap in desk.all(tables.Gap, tables.Gap.id)]


def test_a_gap_opens_stretches_and_closes(desk: Desk) -> None:
    new = [entry(f"n{number}", hour=number) for number in range(9)]
    [opened] = desk.settle(short(desk, new[3], new[2]))
    first_at = desk.now
    assert (opened.verdict, opened.gap and opened.gap.state) == (Verdict.PARTIAL, "open")
    assert told(opened) == [("published", "n2"), ("published", "n3")]
    desk.later(hours=1)
    plan = desk.plan()
    assert (plan.gap_ids, plan.validators) == ((1,), Validators())
    assert plan.stop_keys == tuple(each.key for each in BASE)
    desk.settle(desk.saw(new[5], new[4], new[3], new[2], plan=plan, joined=False))
    assert gaps(desk) == [("open", START, desk.now)]
    desk.later(hours=1)
    closed = desk.run(*new[5::-1], *BASE)
    assert told(closed) == [("published", "n0"), ("published", "n1")]
    assert closed.gap is not None
    assert (closed.gap.state, gaps(desk)[0][0]) == ("closed", "closed")
    assert first_at > START


def test_a_gap_begins_when_the_last_whole_read_began(desk: Desk) -> None:
    """What was published while that run waited to be settled was not read either."""
    began_at = desk.now
    waiting = desk.saw(*BASE)
    desk.later(minutes=5)
    desk.settle(waiting)
    desk.later(hours=1)
    desk.settle(short(desk, entry("n2"), entry("n1")))
    assert gaps(desk) == [("open", began_at, desk.now)]


def test_a_source_is_not_sent_where_it_may_not_ask(engine: Engine) -> None:
    """An article on a foreign host is kept as its listing tells it, and not looked at a quarter of an hour later."""
    desk = Desk(engine)
    abroad = entry("x", spelled="https://foreign.example/x")
    teaser = replace(desk.look("x", url_=abroad.url, body="In short: x"), way=Way.LISTING)
    desk.run(abroad, *BASE, looks=[teaser, *(desk.look(name) for name in "abc")])
    desk.later(hours=1)
    assert sorted(look.url for look in desk.plan().looks) == [each.url for each in BASE]
    [said] = [row for row in desk.all(tables.Article) if row.url == abroad.url]
    assert (said.title, said.summary, said.digest) == ("Title of x", "In short: x", "")


def test_a_gap_whose_lower_end_is_never_met_is_lost_and_told(desk: Desk) -> None:
    new = [entry(f"n{number}", hour=number) for number in range(9)]
    desk.settle(short(desk, new[3], new[2]))
    desk.later(hours=1)
    lost = desk.run(*new[8:3:-1], joined=False, ended=True)
    assert lost.gap is not None
    assert lost.gap.state == "lost"
    assert gaps(desk)[0][0] == "lost"
    desk.later(hours=1)
    assert desk.run(*new[8:3:-1]).gap is None


def test_a_gap_that_this_run_did_not_know_of_is_left_open(desk: Desk) -> None:
    new = [entry(f"n{number}", hour=number) for number in range(4)]
    desk.settle(short(desk, new[3], new[2]))
    desk.later(hours=1)
    desk.run(new[3], new[2], *BASE, gap_ids=())
    assert [gap[0] for gap in gaps(desk)] == ["open"]


# ------------------------------------------------------------------------------------------- pending


def pending(desk: Desk) -> list[tuple[str, str, int]]:
    return [
        (row.entry["title"], row.rank, row.attempts) for row in desk.all(tables.Pending, tables.Pending.key)
    ]


def test_a_pending_entry_is_published_when_its_article_can_be_read(desk: Desk) -> None:
    unread = desk.look("x", sight=Sight.UNREADABLE)
    settled = desk.run(entry("x"), *BASE, looks=[unread])
    assert (told(settled), settled.pending) == ([], 1)
    assert pending(desk) == [("Title of x", "above", 1)]
    desk.later(hours=2)
    plan = desk.plan()
    assert [(look.url, look.pending) for look in plan.looks][:1] == [(url("x"), True)]
    read = desk.saw(plan=plan, looks=[desk.look("x")], not_modified=True, joined=False)
    [settled] = desk.settle(read)
    assert (settled.verdict, told(settled), pending(desk)) == (Verdict.NOT_MODIFIED, [("published", "x")], [])


def test_a_pending_entry_keeps_asking_its_namesake_when_it_is_not_listed(desk: Desk) -> None:
    """An unchanged listing shows no entries; the old address must still be asked before anything is said."""
    renamed = entry("moved-a", title="Title of a")
    unread = desk.look("a", url_=renamed.url, sight=Sight.UNREADABLE)
    desk.run(renamed, *BASE, looks=[unread])
    for _ in range(2):
        desk.later(hours=4)
        plan = desk.plan()
        assert [look.probes for look in plan.looks if look.pending] == [(url("a"),)]
        unread = desk.look("a", url_=renamed.url, sight=Sight.UNREADABLE)
        desk.settle(desk.saw(plan=plan, looks=[unread], not_modified=True, joined=False))
    desk.later(hours=13)
    read = desk.look("a", url_=renamed.url, body=f"Other words: {WORDS}")
    probes = {renamed.key: ((url("a"), renamed.url),)}
    [settled] = desk.settle(desk.saw(looks=[read], probes=probes, not_modified=True, joined=False))
    assert [change.kind.value for change in settled.changes] == ["edited"]
    assert desk.count(tables.Article) == 3
    assert desk.row().frontier == [each.key for each in BASE], (
        "a stop key that nothing answers to is never met"
    )


def test_a_baseline_recognises_what_moved_since_another_section_took_it(engine: Engine) -> None:
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    renamed = entry("moved-a", title="Title of a", hour=-1)
    [found] = [recognise(engine, desk.plan("two"), [renamed])]
    assert found.moved == {renamed.key: (url("a"),)}
    desk.later(hours=1)
    look = desk.look("a", url_=renamed.url, body=f"Other words: {WORDS}")
    desk.run(renamed, *BASE[1:], source="two", looks=[look, desk.look("b"), desk.look("c")])
    assert pending(desk) == [("Title of a", "baseline", 1)]
    assert desk.count(tables.Article) == 3


# ---------------------------------------------------------------------------------- addresses, articles


def test_a_moved_listing_is_learnt_after_three_good_runs(desk: Desk) -> None:
    new = "https://other.example/news"
    for count in (1, 2):
        desk.run(*BASE, moved_url=new)
        assert (desk.row().moved_count, load_source(desk.engine, "one").url) == (count, f"https://{HOST}/one")
        desk.later(hours=1)
    desk.run(*BASE, moved_url=new)
    assert (load_source(desk.engine, "one").url, desk.row().host) == (new, "other.example")
    desk.later(hours=1)
    assert desk.run(*BASE).verdict is Verdict.OK


def test_a_source_that_opted_in_to_private_addresses_learns_no_other_host(desk: Desk) -> None:
    of = load_source(desk.engine, "one")
    of = replace(of, request=replace(of.request, allow_private=True))
    save_sources(desk.engine, [of], origin="file", now=desk.now)
    desk.later(hours=1)
    for moved, learnt in (("https://other.example/news", of.url), (f"https://{HOST}/", f"https://{HOST}/")):
        for _ in range(4):
            desk.run(*BASE, moved_url=moved)
            desk.later(hours=1)
        assert load_source(desk.engine, "one").url == learnt


def test_a_redirect_that_changes_its_mind_is_not_learnt(desk: Desk) -> None:
    for moved in (
        "https://other.example/news",
        "https://other.example/news",
        "",
        "https://other.example/news",
    ):
        desk.run(*BASE, moved_url=moved)
        desk.later(hours=1)
    assert (desk.row().moved_count, load_source(desk.engine, "one").url) == (1, f"https://{HOST}/one")


def test_a_better_extractor_replaces_the_content_without_a_change(desk: Desk) -> None:
    desk.extractor = "2"
    better = content("a", body=f"By line. a: {WORDS}", extractor="2")
    asked: list[tuple[Way, str, str]] = []

    def extract_again(source: Source, way: Way, raw_url: str, raw: str) -> Content:
        asked.append((way, raw_url, raw))
        return better

    settled = desk.settle(
        desk.saw(looks=[desk.look("a", content=better)], not_modified=True, joined=False),
        extract_again=extract_again,
    )
    assert settled[0].changes == ()
    assert asked == [(Way.PAGE, url("a"), f"<p>a: {WORDS}</p>")]
    [revision] = [row for row in desk.all(tables.Revision) if row.extractor == "2"]
    assert (revision.number, revision.body_text) == (1, better.body_text)


def test_only_the_newest_revision_keeps_its_raw_page(desk: Desk) -> None:
    settled = desk.run(*BASE, looks=[desk.look("a", body=f"Now otherwise: {WORDS}")])
    assert told(settled) == [("edited", "a")]
    kept = {
        (row.article_id, row.number): row.raw is not None
        for row in desk.all(tables.Revision)
        if row.article_id == settled.changes[0].article_id
    }
    assert list(kept.values()) == [False, True]
