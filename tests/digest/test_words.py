"""Subscriptions that ask for words: what is told, the reason with each item, and the preview that says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from digest import compose as composing
from digest.compose import compose, load, preview, preview_next
from digest.due import DueDigests
from digest.feeds import FeedChoice, read_feed
from digest.formats import render
from digest.model import Digest
from news.change import Change, ChangeKind
from news.redline import EditClass
from news.word_filter import Matched
from storage.changes import changes_after
from storage.engine import reading
from storage.subscribing import add, edit
from storage.subscriptions import DigestFilter
from storage.subscriptions import load as subscription
from storage.targets import TargetPlan
from tests.digest.logs import Log
from tidings.options import Shape

WATER = DigestFilter(include=("title:oasis", "drinking water"), exclude=("sport",))


@pytest.fixture
def log(engine: Engine) -> Log:
    made = Log(engine)
    made.source("a", title="The Gazette")
    return made


def filled(log: Log) -> None:
    log.published("a", "https://n.example/1", "An oasis", "Palms.")
    log.published("a", "https://n.example/2", "A town", "Its drinking WATER is good.")
    log.published("a", "https://n.example/3", "A desert", "An oasis is near; water for drinking.")
    log.published("a", "https://n.example/4", "Oasis sport", "Sport.")
    five = log.published("a", "https://n.example/5", "A well", "Dry.")
    log.edited("a", five, "Full of drinking water.", EditClass.SUBSTANTIVE)


def told(digest: Digest | None) -> list[tuple[str, str, Matched | None]]:
    assert digest is not None
    return [(str(item.change.kind), item.change.title, item.matched) for item in digest.items]


EXPECTED = [
    ("published", "An oasis", Matched(words="title:oasis", part="title")),
    ("published", "A town", Matched(words="drinking water", part="body")),
    ("edited", "A well", Matched(words="drinking water", part="body")),
]


def test_only_what_the_words_let_in_is_told_and_says_why(log: Log) -> None:
    filled(log)
    add(log.engine, "water", filter=WATER, from_start=True, now=log.now)
    looked = preview_next(log.engine, "water", now=log.now)
    since = preview(log.engine, since=log.now - timedelta(days=400), filter=WATER, now=log.now)
    digest = compose(log.engine, "water", now=log.now)
    assert told(digest) == told(looked) == told(since) == EXPECTED
    assert load(log.engine, "water", 1) == digest
    assert digest is not None
    made = json.loads(render(digest, Shape.JSON))
    assert [each["matched"]["part"] for each in made["changes"]] == ["title", "body", "body"]
    for shape in (Shape.TEXT, Shape.HTML, Shape.MARKDOWN):
        assert "because of “drinking water” in its text" in " ".join(render(digest, shape).split())


def test_without_words_nothing_is_said_of_them(log: Log) -> None:
    filled(log)
    add(log.engine, "all", filter=DigestFilter(), from_start=True, now=log.now)
    digest = compose(log.engine, "all", now=log.now)
    assert digest is not None
    assert {item.matched for item in digest.items} == {None}
    assert "because of" not in render(digest, Shape.TEXT)


def test_what_is_let_in_by_nothing_is_passed_over_for_good(log: Log) -> None:
    filled(log)
    add(log.engine, "none", filter=DigestFilter(include=("unicorn",)), from_start=True, now=log.now)
    assert compose(log.engine, "none", now=log.now) is None
    with reading(log.engine) as connection:
        assert subscription(connection, "none").cursor == 6
    log.published("a", "https://n.example/6", "Unicorn", "")
    assert [title for _, title, _ in told(compose(log.engine, "none", now=log.now))] == ["Unicorn"]


def test_other_words_tell_what_comes_and_not_what_came(log: Log) -> None:
    filled(log)
    add(log.engine, "water", filter=WATER, from_start=True, now=log.now)
    compose(log.engine, "water", now=log.now)
    edit(log.engine, "water", filter=replace(WATER, include=("desert",)))
    assert compose(log.engine, "water", now=log.now) is None
    log.published("a", "https://n.example/7", "Desert again", "")
    assert [title for _, title, _ in told(compose(log.engine, "water", now=log.now))] == ["Desert again"]


@pytest.mark.parametrize("window", [1, 2, 4])
def test_a_long_log_is_read_in_parts_and_nothing_is_left_out(
    log: Log, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(composing, "WINDOW", window)
    filled(log)
    add(log.engine, "water", filter=WATER, from_start=True, now=log.now)
    found = []
    while True:
        looked = preview_next(log.engine, "water", now=log.now)
        digest = compose(log.engine, "water", now=log.now)
        if digest is None:
            assert looked.items == ()
            break
        assert (looked.after_seq, looked.upto_seq, looked.items) == (
            digest.after_seq, digest.upto_seq, digest.items,
        )  # fmt: skip
        found += told(digest)
    assert found == EXPECTED


def test_what_is_composed_by_itself_has_them_too(log: Log) -> None:
    filled(log)
    target = TargetPlan(kind="file", options={"folder": "/nowhere", "format": "text"})
    add(log.engine, "water", filter=WATER, target=target, from_start=True, now=log.now)
    due = DueDigests(log.engine)
    [digest] = due.compose(now=log.now)
    assert told(digest) == EXPECTED
    assert due.compose(now=log.now) == []


def test_a_feed_of_a_subscription_holds_what_its_words_let_in(log: Log) -> None:
    filled(log)
    with reading(log.engine) as connection:
        page = read_feed(connection, FeedChoice(name="water", title="Water", wanted=WATER))
    assert page is not None
    assert sorted(entry.title for entry in page.feed.entries) == ["A town", "A well", "An oasis"]


def test_who_was_told_of_an_article_is_told_that_it_went_whatever_its_words_are_then(log: Log) -> None:
    one = log.published("a", "https://n.example/1", "An oasis", "Palms.")
    two = log.published("a", "https://n.example/2", "A town", "Streets.")
    for article in (one, two):
        log.change(ChangeKind.RETITLED, "a", article, title="A correction", old_title="An oasis")
        log.change(ChangeKind.WITHDRAWN, "a", article, title="A correction")
    add(log.engine, "water", filter=WATER, from_start=True, now=log.now)
    assert [(kind, title) for kind, title, _ in told(compose(log.engine, "water", now=log.now))] == [
        ("published", "An oasis"),
        ("withdrawn", "A correction"),
    ]
    with reading(log.engine) as connection:
        page = read_feed(connection, FeedChoice(name="w", title="Water", wanted=WATER))
    assert page is not None
    assert (len(page.feed.entries), len(page.feed.deleted)) == (0, 1)


def test_no_more_of_the_log_is_read_at_once_than_a_window(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "WINDOW", 10)
    read: list[int] = []
    whole = changes_after

    def counted(*given: Any, **more: Any) -> list[Change]:
        found = whole(*given, **more)
        read.append(len(found))
        return found

    monkeypatch.setattr(composing, "changes_after", counted)
    for number in range(60):
        log.published("a", f"https://n.example/{number}", "A town", "Streets.")
    add(log.engine, "water", filter=WATER, from_start=True, now=log.now)
    assert compose(log.engine, "water", now=log.now) is None
    assert len(read) == 6
    assert max(read) == 11
