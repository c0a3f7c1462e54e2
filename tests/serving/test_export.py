"""A digest of 10,000 changes leaves in bounded memory, is what was stored, and is cut when it is not."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select, update

from digest.content import altered, content_of, sealed, stored_form
from digest.json import digest_json
from digest.model import Digest as Told
from digest.model import DigestItem, Place
from digest.pieces import members, open_digest
from news.change import Change, ChangeKind
from news.errors import DigestError
from news.redline import EditClass, Span
from storage import digest_texts
from storage.digest_texts import find_digest
from storage.engine import reading, writing
from storage.reader_tables import Digest
from storage.subscriptions import DigestFilter, load, store_digest, subscribe
from tests.serving.serving import Site, serving
from tidings.api.digests import _gathered, _object

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MANY = 10_000
BOUND = 8 * 1024 * 1024
"""Bytes; the digest itself has more, and many times more as objects."""


def item(seq: int, *, words: int = 60) -> DigestItem:
    change = Change(
        seq=seq,
        kind=ChangeKind.EDITED,
        at=NOW,
        source="one",
        article_id=seq,
        url=f"https://site.example/news/{seq}",
        title=f'خبر رقم {seq}, "quoted" \\ and more',
        revision=2,
        edit_class=EditClass.SUBSTANTIVE,
        published_at=NOW,
        published_precision="second",
        first_seen_at=NOW,
        language="ar",
        summary="ملخص " * words,
        old_title="",
    )
    return DigestItem(
        id=f"tag:site.example,2026-03-02:{seq}",
        article=f"tag:site.example,2026-03-02:a{seq}",
        change=change,
        place=Place(source="one", title="One"),
        direction="rtl",
        excerpt="نص طويل جدا " * words,
        redline=(Span("same", "قبل "), Span("added", "بعد ")) * 5,
        also=(),
        withdrawn_at=None,
        retold=(),
        elsewhere=(),
    )


def stored(engine: Engine, items: int, *, words: int = 60) -> Told:
    subscribe(engine, "desk", filter=DigestFilter(), now=NOW, from_start=True)
    made = sealed(
        Told(
            number=1,
            subscription="desk",
            after_seq=0,
            upto_seq=items,
            upto_run_id=1,
            composed_at=NOW,
            items=tuple(item(number, words=words) for number in range(1, items + 1)),
            unread=(),
            stretches=(),
            quiet=(),
            hidden=(("cosmetic", 3),),
            remaining=0,
            hash="",
        )
    )
    with writing(engine) as connection:
        store_digest(connection, load(connection, "desk", lock=True), stored_form(made))
    return made


def ask(site: Site, path: str = "") -> bytes:
    answer = site.ask(f"/api/v1/subscriptions/desk/digests/1{path}", timeout=110)
    assert answer.status == 200, answer.body
    return answer.body


@pytest.mark.timeout(400)
def test_ten_thousand_changes_are_read_in_bounded_memory(engine: Engine) -> None:
    stored(engine, MANY, words=30)
    with reading(engine) as connection:
        key = find_digest(connection, "desk", 1)
    tracemalloc.start()
    try:
        written = sum(map(len, _gathered(_object(open_digest(engine, key)))))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert written > 2 * BOUND
    assert most < BOUND


@pytest.mark.parametrize("items", [0, 1, 700])
def test_what_is_streamed_is_the_digest(engine: Engine, items: int) -> None:
    made = stored(engine, items)
    with serving(engine) as site:
        assert json.loads(ask(site)) == digest_json(made)
        lines = ask(site, "/changes").decode().splitlines()
    assert [json.loads(line) for line in lines] == digest_json(made)["changes"]


def test_a_digest_that_the_reader_has_is_not_read_again(engine: Engine) -> None:
    made = stored(engine, 3)
    with serving(engine) as site:
        path = "/api/v1/subscriptions/desk/digests/1"
        tag = site.ask(path).headers["etag"]
        assert made.hash in tag
        assert site.ask(path, headers={"If-None-Match": tag}).status == 304
        assert site.ask(f"{path}/changes", method="HEAD").body == b""


def test_a_digest_that_was_altered_is_not_told(engine: Engine) -> None:
    made = stored(engine, 3)
    content = content_of(made)
    content["items"][1]["excerpt"] = "something else"
    with writing(engine) as connection:
        connection.execute(update(Digest).values(content=content))
    with serving(engine) as site:
        for path in ("", "/changes"):
            answer = site.ask(f"/api/v1/subscriptions/desk/digests/1{path}")
            assert (answer.status, answer.problem) == (503, "unavailable")


def test_what_is_forgotten_while_it_is_read_cuts_it_off(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_texts, "PIECE", 1_000)
    stored(engine, 50)
    with reading(engine) as connection:
        key = find_digest(connection, "desk", 1)
    parts = open_digest(engine, key).items()
    next(parts)
    with writing(engine) as connection:
        connection.execute(update(Digest).values(hash="0" * 64))
    with pytest.raises(DigestError, match="forgotten while it was read"):
        list(parts)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_text_is_read_alike_however_it_is_cut(size: int) -> None:
    content = {
        "a": 12,
        "items": [{"b": 'é"]}', "c": [1, -2.5e3]}, 7, []],
        "z": None,
    }
    for separators in ((",", ":"), (", ", ": "), (" ,\n", " : ")):
        text = json.dumps(content, ensure_ascii=False, separators=separators)
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        found = list(members(iter(pieces)))
        assert found == [("a", 12), *(("items", each) for each in content["items"]), ("z", None)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "[]", '{"a"', '{"a": }', '{"items": 3}', '{"items": [1', '{"a": tru'])
def test_a_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DigestError):
        list(members(iter([text])))


def test_the_stored_text_is_as_long_as_it_is_said(engine: Engine) -> None:
    stored(engine, 20)
    with reading(engine) as connection:
        key = find_digest(connection, "desk", 1)
        content = connection.execute(select(Digest.content)).scalar_one()
        assert connection.execute(select(func.count()).select_from(Digest)).scalar_one() == 1
    assert json.loads("".join(digest_texts.digest_text(engine, key))) == content
    assert "restore" in str(altered(content, 1))
