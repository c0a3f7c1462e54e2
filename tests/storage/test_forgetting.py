"""Forgetting: the words are nowhere in the database, and the article is never new again."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, LargeBinary, select, update

from digest.compose import compose, load
from digest.content import content_hash
from news.article import Sight
from news.errors import StorageError
from news.healing import HealedItem, Healing, ItemState
from news.run import Problem, Trouble
from news.source import Channel, Source
from news.source import Wrapper as Selectors
from storage import rows, tables
from storage.approving import approve
from storage.articles import names, revisions, show_article
from storage.blanking import REMOVED
from storage.changes import changes_after
from storage.checking import find_faults
from storage.correcting import corrections, merge
from storage.engine import reading, sqlite_file, writing
from storage.forgetting import forget
from storage.subscriptions import DigestFilter, subscribe
from tests.storage.desk import BASE, Desk, based, entry, told, url

SECRET = "Zanzibar"
TITLE = f"The affair of {SECRET}"
BODY = (
    f"{SECRET} was named in the first report that the paper printed about the affair of the old harbour wall "
    * 2
)


FEED = Source(name="one", url="https://site.example/feed", channel=Channel.FEED, schedule="30m")


def secret(name: str = "x", **more: Any) -> Any:
    fields = {"summary": f"In short: {SECRET}", "authors": (SECRET,)} | more
    return replace(entry(name, title=TITLE), **fields)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A source that published an article with the secret, edited it, and was told of in a stored digest."""
    desk = based(engine)
    subscribe(engine, "reader", filter=DigestFilter(), now=desk.now)
    desk.run(secret(), *BASE, looks=[desk.look("x", title=TITLE, body=BODY)])
    desk.later(hours=1)
    desk.run(secret(), *BASE, looks=[desk.look("x", title=TITLE, body=BODY + " and more")])
    compose(engine, "reader", now=desk.now)
    desk.later(hours=1)
    return desk


def everything(engine: Engine) -> str:
    """Return all rows of all tables as one text, what is compressed unpacked."""
    told: list[str] = []
    with reading(engine) as connection:
        for table in tables.Host.metadata.sorted_tables:
            packed = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
            packed = [name for name in packed if name != "keys"]  # hashes, as they are
            for row in connection.execute(select(table)):
                told.append(repr(row))
                values = row._asdict()
                told += [
                    # On PostgreSQL an article's words are a text.
                    kept if isinstance(kept, str) else zlib.decompress(kept).decode()
                    for name in packed
                    if (kept := values[name]) is not None
                ]
    return "\n".join(told)


def gone(desk: Desk, reference: int | str = url("x")) -> Any:
    return forget(desk.engine, reference, seal=content_hash, now=desk.now)


def test_the_words_stand_everywhere_before_and_nowhere_after(desk: Desk) -> None:
    assert everything(desk.engine).count(SECRET) > 8
    done = gone(desk)
    assert (done.articles, done.revisions, done.changes, done.digests) == (1, 2, 2, 1)
    assert SECRET not in everything(desk.engine)
    with reading(desk.engine) as connection:
        assert find_faults(connection) == []


def test_the_words_are_gone_from_the_bytes_of_a_file(desk: Desk) -> None:
    file = sqlite_file(desk.engine)
    if file is None:
        return  # a server keeps its pages until it vacuums them
    gone(desk)
    beside = [file, Path(f"{file}-wal")]
    assert [path.name for path in beside if path.exists() and SECRET.encode() in path.read_bytes()] == []


def test_the_stored_digest_can_still_be_read_and_sent(desk: Desk) -> None:
    gone(desk)
    digest = load(desk.engine, "reader")
    assert [(item.change.title, item.excerpt, item.redline) for item in digest.items] == [
        (REMOVED, "", ())
    ] * 2


def test_no_later_digest_tells_of_it(desk: Desk) -> None:
    desk.run(secret(), *BASE, looks=[desk.look("x", title=TITLE, body=BODY + " and even more words")])
    gone(desk)
    assert compose(desk.engine, "reader", now=desk.now) is None
    with reading(desk.engine) as connection:
        assert changes_after(connection, 0) == []


def test_a_tombstone_is_left(desk: Desk) -> None:
    done = gone(desk)
    with reading(desk.engine) as connection:
        row = show_article(connection, url("x"))
        assert (row.id, row.title, row.body_text, row.forgotten_at) == (
            done.article_id,
            REMOVED,
            "",
            desk.now,
        )
        assert [each.body_text for each in revisions(connection, row.id)] == ["", ""]
        assert [each.name for each in names(connection, row.id)] == [url("x")]
        assert [each.kind for each in corrections(connection, row.id)] == ["forgotten"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x", BODY + " and more"),
        ("x", BODY + " with words of today"),
        ("again", BODY + " and more"),  # another address, the same title and text
    ],
)
def test_it_is_never_new_again_and_nothing_is_kept(desk: Desk, name: str, body: str) -> None:
    gone(desk)
    seen = secret(name)
    for _ in range(2):
        assert told(desk.run(seen, *BASE, looks=[desk.look(name, title=TITLE, body=body)])) == []
        desk.later(hours=3)
    assert SECRET not in everything(desk.engine)


def test_its_id_leads_to_the_tombstone(engine: Engine) -> None:
    desk = based(engine)
    named = secret(site_id="7")
    desk.run(named, *BASE, looks=[desk.look("x", title=TITLE, body=BODY)])
    gone(desk)
    desk.later(hours=1)
    moved = secret("y", site_id="7")
    assert told(desk.run(moved, *BASE, looks=[desk.look("y", title=TITLE, body=BODY + " anew")])) == []
    with reading(desk.engine) as connection:
        assert show_article(connection, url("y")).forgotten_at is not None
    assert SECRET not in everything(engine)


def test_forgetting_twice_is_written_down_once(desk: Desk) -> None:
    gone(desk)
    with reading(desk.engine) as connection:
        before = show_article(connection, url("x")).forgotten_at
    desk.later(hours=1)
    gone(desk)
    with reading(desk.engine) as connection:
        row = show_article(connection, url("x"))
        assert row.forgotten_at == before
        assert [each.kind for each in corrections(connection, row.id)] == ["forgotten"]


def test_it_is_neither_withdrawn_nor_looked_for(desk: Desk) -> None:
    desk.run(entry("new"), secret(), *BASE, looks=[desk.look("new")])
    gone(desk)
    desk.later(hours=1)
    assert told(desk.run(entry("new"), *BASE, looks=())) == []  # it vanished from between two that stand
    desk.later(hours=1)
    assert url("x") not in [look.url for look in desk.plan().looks]


def test_another_source_that_lists_it_says_nothing(engine: Engine) -> None:
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.run(entry("p", hour=-4), source="two")
    desk.later(hours=1)
    desk.run(secret(), *BASE, looks=[desk.look("x", title=TITLE, body=BODY)])
    gone(desk)
    desk.later(hours=1)
    assert told(desk.run(secret(), entry("p", hour=-4), source="two", looks=())) == []


def test_what_a_suspect_run_holds_of_it_is_gone_too(desk: Desk) -> None:
    blocked = Problem(trouble=Trouble.BLOCKED, detail="a challenge", fatal=True)
    other = entry("other")
    looks = [desk.look("x", title=TITLE, body=BODY), desk.look("other")]
    desk.run(secret(), other, *BASE, looks=looks, problems=(blocked,))
    done = gone(desk)
    assert done.held == 1
    assert SECRET not in everything(desk.engine)
    assert [change.title for change in approve(desk.engine, "one", now=desk.now)] == ["Title of other"]


@pytest.mark.parametrize(
    "held",
    [
        secret("elsewhere", site_id="7"),  # its id, at an address that nobody knew
        secret("elsewhere"),  # its title
        entry("elsewhere"),  # its text
    ],
    ids=["by its id", "by its title", "by its text"],
)
def test_what_a_suspect_run_holds_of_it_at_another_address_is_gone_too(engine: Engine, held: Any) -> None:
    desk = Desk(engine, FEED)
    desk.run(*BASE)
    desk.later(hours=1)
    desk.run(secret(site_id="7"), *BASE, looks=[desk.look("x", title=TITLE, body=BODY)])
    desk.later(hours=1)
    blocked = Problem(trouble=Trouble.BLOCKED, detail="a challenge", fatal=True)
    look = desk.look("elsewhere", title=TITLE, body=BODY)
    desk.run(held, entry("other"), *BASE, looks=[look, desk.look("other")], problems=(blocked,))
    assert gone(desk).held == 1
    assert SECRET not in everything(desk.engine)
    assert "Title of other" in [change.title for change in approve(desk.engine, "one", now=desk.now)]


def test_what_waits_to_be_read_under_its_address_or_title_is_gone_too(engine: Engine) -> None:
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.run(entry("p", hour=-4), source="two")
    desk.later(hours=1)
    unread = desk.look("x", sight=Sight.UNREADABLE)
    desk.run(secret(), entry("p", hour=-4), source="two", looks=[unread])
    desk.run(secret(), *BASE, looks=[desk.look("x", title=TITLE, body=BODY)])
    moved = desk.look("y", title=TITLE, body=f"The same {SECRET} in wholly other words")
    desk.run(secret("y"), secret(), *BASE, looks=[moved])
    assert desk.count(tables.Pending) == 2
    gone(desk)
    assert SECRET not in everything(engine)
    assert desk.count(tables.Pending) == 0


def test_a_table_by_which_a_healing_was_judged_does_not_name_it(desk: Desk) -> None:
    items = tuple(
        HealedItem(state=ItemState.RECOGNISED, url=each.url, title=each.title, key=each.key, article=each.key)
        for each in (secret(), *BASE)
    )
    found = Healing(
        wrapper=Selectors(item=("li.new",), link=("a",)),
        confidence=0.9,
        accepted=False,
        symptom="no items",
        recognised=4,
        sought=4,
        items=items,
    )
    with writing(desk.engine) as connection:
        wrapper = update(tables.Wrapper).values(evidence=rows.dump(found))
        connection.execute(wrapper)
    gone(desk)
    assert SECRET not in everything(desk.engine)
    [kept] = {row.evidence["items"][1]["title"] for row in desk.all(tables.Wrapper)}
    assert kept == "Title of a"


def test_a_digest_that_sends_its_readers_there_does_not_name_it(engine: Engine) -> None:
    desk = Desk(engine, "one", "two")
    desk.run(*BASE)
    desk.run(entry("p", hour=-4), source="two")
    desk.later(hours=1)
    text = " ".join(f"{SECRET} word{number}" for number in range(80))
    subscribe(engine, "early", filter=DigestFilter(), now=desk.now)
    desk.run(secret(), *BASE, looks=[desk.look("x", title=TITLE, body=text)])
    subscribe(engine, "late", filter=DigestFilter(), now=desk.now)
    desk.later(hours=1)
    retold = replace(entry("z", hour=1), title="The affair of Muscat")
    desk.run(retold, entry("p", hour=-4), source="two", looks=[desk.look("z", title=retold.title, body=text)])
    compose(engine, "early", now=desk.now)
    compose(engine, "late", now=desk.now)
    [item] = load(engine, "late").items
    assert [reference.title for reference in item.elsewhere] == [TITLE]
    assert gone(desk).digests == 2
    [item] = load(engine, "late").items
    assert [reference.title for reference in item.elsewhere] == [REMOVED]
    assert TITLE not in everything(engine)


def test_all_that_was_merged_into_it_is_forgotten_with_it(desk: Desk) -> None:
    desk.run(
        secret("y"), *BASE, looks=[desk.look("y", title=TITLE, body=f"{SECRET} in other words entirely")]
    )
    with writing(desk.engine) as connection:
        kept, other = merge(connection, url("a"), url("x"), now=desk.now)
    with pytest.raises(StorageError, match=f"merged into article {kept}"):
        gone(desk, other)
    assert gone(desk, kept).articles == 2


def test_forgetting_twice_is_forgetting_once(desk: Desk) -> None:
    gone(desk)
    before = everything(desk.engine).replace("\n", "")
    gone(desk)
    assert SECRET not in before
    assert gone(desk).digests == 0
