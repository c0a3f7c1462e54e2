from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from news.change import ChangeKind
from news.errors import ConfigError, StorageError
from news.redline import EditClass
from storage.engine import reading, writing
from storage.subscriptions import (
    DigestFilter,
    StoredDigest,
    filter_from,
    filter_json,
    list_digests,
    list_subscriptions,
    load,
    load_digest,
    next_number,
    store_digest,
    subscribe,
)
from tests.digest.logs import START, Log

NARROW = DigestFilter(
    sources=("a", "b"), languages=("ar",), kinds=(ChangeKind.EDITED,), min_edit_class=EditClass.SUBSTANTIVE
)


def stored(number: int, after_seq: int, upto_seq: int) -> StoredDigest:
    content = {"schema": 1, "title": "أخبار \u0000 😀"}
    return StoredDigest(
        number=number, after_seq=after_seq, upto_seq=upto_seq, composed_at=START, content=content, hash="h"
    )


def test_a_subscription_is_kept_with_its_filter(engine: Engine) -> None:
    subscribe(engine, "narrow", filter=NARROW, now=START)
    subscribe(engine, "all", filter=DigestFilter(), now=START)
    with reading(engine) as connection:
        assert [row.name for row in list_subscriptions(connection)] == ["all", "narrow"]
        row = load(connection, "narrow")
    assert (row.filter, row.cursor, row.created_at) == (NARROW, 0, START)


def test_a_new_subscription_starts_at_the_current_seq(engine: Engine) -> None:
    log = Log(engine)
    log.source("a")
    log.published("a", "https://news.example/x", "X")
    assert subscribe(engine, "new", filter=DigestFilter(), now=START).cursor == 1
    assert subscribe(engine, "all", filter=DigestFilter(), now=START, from_start=True).cursor == 0


def test_subscribing_again_changes_nothing_and_another_filter_is_refused(engine: Engine) -> None:
    first = subscribe(engine, "all", filter=DigestFilter(), now=START)
    assert subscribe(engine, "all", filter=DigestFilter(), now=START, from_start=True) == first
    with pytest.raises(ConfigError, match="exists with another filter"):
        subscribe(engine, "all", filter=NARROW, now=START)
    with pytest.raises(ConfigError, match="needs a name"):
        subscribe(engine, " ", filter=DigestFilter(), now=START)


def test_a_filter_of_an_older_version_gets_the_defaults() -> None:
    assert filter_from({}) == DigestFilter()
    assert filter_from(filter_json(NARROW)) == NARROW


def test_a_digest_is_stored_once_per_cursor_and_moves_it(engine: Engine) -> None:
    subscribe(engine, "all", filter=DigestFilter(), now=START)
    with writing(engine) as connection:
        row = load(connection, "all", lock=True)
        assert next_number(connection, row) == 1
        store_digest(connection, row, stored(1, 0, 4))
    with reading(engine) as connection:
        moved = load(connection, "all")
        assert (moved.cursor, next_number(connection, moved)) == (4, 2)
        assert load_digest(connection, "all") == load_digest(connection, "all", 1) == stored(1, 0, 4)
        assert [digest.number for digest in list_digests(connection, "all")] == [1]
        with pytest.raises(StorageError, match="no digest 2"):
            load_digest(connection, "all", 2)
    # storage.engine tells a broken constraint either as it is or as a StorageError
    with pytest.raises((IntegrityError, StorageError)), writing(engine) as connection:
        store_digest(connection, row, stored(2, 0, 9))
    with reading(engine) as connection:
        assert load(connection, "all").cursor == 4


def test_an_unknown_subscription_is_named(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises(StorageError, match="no subscription 'nobody'"):
        load(connection, "nobody")
