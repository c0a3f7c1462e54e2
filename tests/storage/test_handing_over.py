"""An address that its site gave to another article: who is known where afterwards, and that nothing is torn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from digest.compose import compose, load
from digest.content import content_hash
from news.source import Channel, Source
from storage import tables
from storage.articles import names, show_article
from storage.checking import find_faults
from storage.correcting import merge, split
from storage.engine import reading, writing
from storage.forgetting import forget
from storage.subscriptions import DigestFilter, subscribe
from tests.storage.desk import BASE, Desk, entry, told, url

POSTS = Source(
    name="one",
    url="https://site.example/wp-json/wp/v2/posts",
    channel=Channel.WORDPRESS,
    schedule="30m",
)
NINE = (
    "Nine is the number of this issue and all of its words are about what happened in the month before " * 2
)
TEN = (
    "Another text altogether, which tells of ships, of masts and sails, and of the people who mend them daily "
    * 2
)


def post(name: str, number: int, title: str, **more: Any) -> Any:
    return replace(entry(name, title=title, **more), site_id=str(number))


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A source whose issue nine was published at an address at which issue ten stands now."""
    desk = Desk(engine, POSTS)
    desk.run(*BASE)
    desk.later(hours=1)
    nine = post("bulletin", 8, "Issue nine")
    desk.run(nine, *BASE, looks=[desk.look("bulletin", title="Issue nine", body=NINE)])
    desk.later(hours=1)
    subscribe(engine, "reader", filter=DigestFilter(), now=desk.now, from_start=True)
    compose(engine, "reader", now=desk.now)
    ten = post("bulletin", 9, "A special issue", hour=2)
    settled = desk.run(ten, *BASE, looks=[desk.look("bulletin", title="A special issue", body=TEN)])
    assert told(settled) == [("published", "A special issue")]
    desk.later(hours=1)
    return desk


def row(desk: Desk, title: str) -> Any:
    [found] = [each for each in desk.all(tables.Article) if each.title == title]
    return found


def faults(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        return find_faults(connection)


def test_the_address_leads_to_the_new_article_and_the_old_one_keeps_its_id(desk: Desk) -> None:
    nine, ten = row(desk, "Issue nine"), row(desk, "A special issue")
    with reading(desk.engine) as connection:
        assert show_article(connection, url("bulletin")).id == ten.id
        assert [(name.name, name.evidence) for name in names(connection, nine.id)] == [
            (url("bulletin"), "formerly"),
            ("site.example:post:8", "listed"),
        ]
        assert [(name.name, name.evidence) for name in names(connection, ten.id)] == [
            (url("bulletin"), "given"),
            ("site.example:post:9", "listed"),
        ]
    assert faults(desk) == []


def test_the_old_article_is_no_longer_looked_at_where_the_new_one_stands(desk: Desk) -> None:
    assert row(desk, "Issue nine").next_look_at is None
    desk.later(days=5)
    assert [look.url for look in desk.plan().looks].count(url("bulletin")) == 1


def test_what_was_told_of_the_old_article_is_still_told_of_it(desk: Desk) -> None:
    assert [item.change.title for item in load(desk.engine, "reader", 1).items] == ["Issue nine"]
    digest = compose(desk.engine, "reader", now=desk.now)
    assert digest is not None
    assert [item.change.title for item in digest.items] == ["A special issue"]
    one, other = load(desk.engine, "reader", 1).items[0], digest.items[0]
    assert one.article != other.article  # readers of a feed would else take the new one for the old


def test_forgetting_the_old_article_leaves_the_new_one_alone(desk: Desk) -> None:
    nine, ten = row(desk, "Issue nine"), row(desk, "A special issue")
    forget(desk.engine, nine.id, seal=content_hash, now=desk.now)
    desk.later(hours=1)
    listing = (
        post("bulletin", 9, "A special issue", hour=2),
        post("issue-nine", 8, "Issue nine"),
        *BASE,
    )
    looks = [
        desk.look("bulletin", title="A special issue", body=TEN),
        desk.look("issue-nine", title="Issue nine", body=NINE),
    ]
    assert told(desk.run(*listing, looks=looks)) == []
    with reading(desk.engine) as connection:
        assert show_article(connection, url("issue-nine")).id == nine.id
        assert show_article(connection, ten.id).body_text == TEN
    assert faults(desk) == []


def test_both_can_be_merged_and_split_again(desk: Desk) -> None:
    nine, ten = row(desk, "Issue nine"), row(desk, "A special issue")
    with writing(desk.engine) as connection:
        merge(connection, ten.id, nine.id, now=desk.now)
    assert faults(desk) == []
    with writing(desk.engine) as connection:
        split(connection, ten.id, [nine.id], now=desk.now)
    assert faults(desk) == []
    with reading(desk.engine) as connection:
        assert [each.evidence for each in names(connection, nine.id)] == ["formerly", "listed"]
