"""Sources: what is declared is kept without loss, in versions, and used with the newest approved selectors."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update

from news.errors import LeaseError, SourceError, StorageError, UrlError
from news.source import ArticleRules, RequestRules, Source, Wrapper
from storage import tables
from storage.definitions import source_from_dict, source_to_dict, stored_source
from storage.engine import reading, writing
from storage.leases import lease_named
from storage.source_status import list_sources
from storage.sources import learn_url, load_source, load_sources, pause, remove, resume, save_sources

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def a_source(name: str = "one", **changes: object) -> Source:
    plain = Source(
        name=name,
        url=f"https://{name}.example/news",
        wrapper=Wrapper(item=("li",), link=("a", "b")),
        schedule="1d",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def save(
    engine: Engine, *sources: Source, origin: str = "catalogue", now: datetime = NOW, approved: bool = True
) -> list[str]:
    return save_sources(engine, sources, origin=origin, now=now, approved=approved)


def versions(engine: Engine) -> list[tuple[int, str, bool]]:
    query = select(tables.Wrapper.version, tables.Wrapper.origin, tables.Wrapper.approved_at).order_by(
        "version"
    )
    with reading(engine) as connection:
        return [(version, origin, at is not None) for version, origin, at in connection.execute(query)]


TEXT = st.text(max_size=8)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
SOURCES = st.builds(
    Source,
    name=TEXT,
    url=TEXT,
    wrapper=st.builds(Wrapper, **{field.name: TEXTS for field in fields(Wrapper)}),
    article=st.builds(ArticleRules, **{field.name: TEXTS for field in fields(ArticleRules)}),
    request=st.builds(
        RequestRules,
        delay_seconds=st.floats(0, 100),
        headers=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
        user=TEXT,
    ),
    hosts=TEXTS,
    max_pages=st.integers(1, 99),
    title=TEXT,
)


@given(SOURCES)
def test_a_source_survives_its_json(source: Source) -> None:
    assert source_from_dict(source_to_dict(source)) == source


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "source 'one': colour should not stand there"),
        ({"max_pages": "3"}, "source 'one', max_pages: '3' is not of type int"),
        ({"max_pages": True}, "max_pages: True is not of type int"),
        ({"wrapper": []}, "wrapper: a table was expected"),
        ({"hosts": "a"}, "hosts: a list was expected"),
        ({"channel": "telepathy"}, "'telepathy' is no channel"),
        (
            {"request": {"delay_seconds": 1, "colour": "red"}},
            "request: colour should not stand there, or is missing",
        ),
    ],
)
def test_a_row_that_no_version_wrote_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(StorageError, match=said):
        source_from_dict(source_to_dict(a_source()) | change)


def test_a_new_source_is_due_at_once_and_loaded_as_declared(engine: Engine) -> None:
    assert save(engine, a_source(), a_source("two", title="Zwei")) == ["one", "two"]
    assert load_source(engine, "two") == a_source("two", title="Zwei")
    assert [source.name for source in load_sources(engine)] == ["one", "two"]
    assert [(row.next_due_at, row.wrapper) for row in list_sources(engine)] == [(NOW, "1 (catalogue)")] * 2


def test_saving_the_same_again_changes_nothing_and_waits_for_nobody(engine: Engine) -> None:
    save(engine, a_source())
    with writing(engine) as connection:
        connection.execute(select(tables.Counter.value).with_for_update())
        assert save(engine, a_source(), now=LATER) == []
    assert versions(engine) == [(1, "catalogue", True)]


def test_other_selectors_are_another_version_in_use_at_once(engine: Engine) -> None:
    save(engine, a_source())
    mended = a_source(wrapper=Wrapper(item=("article",), link=("a",)))
    assert save(engine, mended, now=LATER) == ["one"]
    assert load_source(engine, "one") == mended
    assert save(engine, a_source(), now=LATER) == ["one"]  # and back again
    assert load_source(engine, "one") == a_source()
    assert versions(engine) == [(1, "catalogue", True), (2, "catalogue", True), (3, "catalogue", True)]


def test_a_catalogue_that_did_not_change_does_not_undo_a_healing(engine: Engine) -> None:
    save(engine, a_source())
    healed = a_source(wrapper=Wrapper(item=("article",), link=("a",)))
    save(engine, healed, origin="healing")
    assert save(engine, a_source(), now=LATER) == []
    assert load_source(engine, "one") == healed


def test_a_proposal_is_kept_but_not_used(engine: Engine) -> None:
    save(engine, a_source())
    save(engine, a_source(wrapper=Wrapper(item=("p",), link=("a",))), origin="healing", approved=False)
    assert load_source(engine, "one") == a_source()
    assert versions(engine) == [(1, "catalogue", True), (2, "healing", False)]


def test_a_changed_declaration_is_due_at_once_on_its_new_host(engine: Engine) -> None:
    save(engine, a_source())
    with writing(engine) as connection:
        connection.execute(update(tables.Source).values(next_due_at=NOW + timedelta(days=1), moved_count=2))
    moved = a_source(url="https://www.new.example/press")
    assert save(engine, moved, now=LATER) == ["one"]
    [status] = list_sources(engine)
    assert (status.host, status.url, status.next_due_at) == ("new.example", moved.url, LATER)
    with reading(engine) as connection:
        assert connection.execute(select(tables.Host.name)).scalars().all() == ["new.example"]
        assert connection.execute(select(tables.Source.moved_count)).scalar_one() == 0


def test_a_learnt_address_stands_until_another_is_declared(engine: Engine) -> None:
    save(engine, a_source())
    with writing(engine) as connection:
        learn_url(connection, 1, "https://moved.example/news")
    assert load_source(engine, "one").url == "https://moved.example/news"
    assert save(engine, a_source(), now=LATER) == []
    assert save(engine, a_source(title="Retitled"), now=LATER) == ["one"]
    source, [status] = load_source(engine, "one"), list_sources(engine)
    assert (source.url, source.title, status.host) == (
        "https://moved.example/news",
        "Retitled",
        "moved.example",
    )
    save(engine, a_source(url="https://third.example/"), now=LATER)
    assert load_source(engine, "one").url == "https://third.example/"


def test_nothing_is_saved_when_one_of_them_is_wrong(engine: Engine) -> None:
    with pytest.raises(UrlError):
        save(engine, a_source(), a_source("two", url="file:///etc/passwd"))
    with pytest.raises(SourceError, match="one declared more than once"):
        save(engine, a_source(), a_source())
    assert list_sources(engine) == []


def test_an_unknown_name_is_told_with_those_like_it(engine: Engine) -> None:
    save(engine, a_source("icesco-en"), a_source("icesco-fr"), a_source("other"))
    with pytest.raises(SourceError, match="did you mean icesco-en or icesco-fr"):
        load_source(engine, "iceso-en")
    for ask in (pause, resume, remove):
        with pytest.raises(
            SourceError, match="source zzz: there is none of this name; `tidings sources list`"
        ):
            ask(engine, "zzz")
    with pytest.raises(SourceError, match="source zzz"):
        list_sources(engine, ["other", "zzz"])
    assert [row.name for row in list_sources(engine, ["other", "icesco-en"])] == ["other", "icesco-en"]


def test_a_paused_source_that_is_resumed_is_due_at_once(engine: Engine) -> None:
    save(engine, a_source())
    pause(engine, "one")
    assert list_sources(engine)[0].paused
    resume(engine, "one", now=LATER)
    [status] = list_sources(engine)
    assert (status.paused, status.next_due_at) == (False, LATER)


def test_a_source_with_changes_is_paused_and_never_removed(engine: Engine) -> None:
    save(engine, a_source(), a_source("two"))
    with writing(engine) as connection:
        connection.execute(insert(tables.Article), {
            "key": "k", "host": "h", "url": "u", "fetch_url": "u", "title": "T", "title_key": "t", "first_seen_at": NOW,
        })  # fmt: skip
        connection.execute(insert(tables.Change), {
            "seq": 1, "kind": "published", "at": NOW, "source_id": 1, "article_id": 1, "run_id": 1, "revision": 1,
            "url": "u", "title": "T", "first_seen_at": NOW,
        })  # fmt: skip
    with pytest.raises(SourceError, match="pause it instead: tidings sources pause one"):
        remove(engine, "one")
    [(lease, _)] = lease_named(engine, ["two"], owner="me", seconds=60, now=NOW)
    with pytest.raises(LeaseError, match="source two: me is crawling it"):
        remove(engine, "two", now=NOW)
    remove(engine, "two", now=lease.until)
    assert [row.name for row in list_sources(engine)] == ["one"]
    assert versions(engine) == [(1, "catalogue", True)]


def test_the_list_counts_what_is_open(engine: Engine) -> None:
    save(engine, a_source(), a_source("two"))
    gap = {"source_id": 1, "opened_run_id": 1, "upper": [], "lower": [], "since": NOW, "until": NOW}
    entry = {
        "source_id": 1,
        "entry": {},
        "title_key": "t",
        "rank": "above",
        "reason": "500",
        "first_seen_at": NOW,
    }
    run = {
        "source_id": 1,
        "token": 1,
        "started_at": NOW,
        "finished_at": NOW,
        "settled_at": NOW,
        "verdict": "suspect",
    }
    with writing(engine) as connection:
        connection.execute(insert(tables.Gap), [gap | {"state": "open"}, gap | {"state": "closed"}])
        connection.execute(
            insert(tables.Pending), [entry | {"key": key, "next_look_at": NOW} for key in "abc"]
        )
        connection.execute(insert(tables.Run), [run, run])
        held = [{"run_id": n, "source_id": 1, "reading": b"", "held_at": NOW} for n in (1, 2)]
        connection.execute(
            insert(tables.Held), [held[0] | {"state": "held"}, held[1] | {"state": "approved"}]
        )
    one, two = list_sources(engine)
    assert (one.gaps, one.pending, one.held) == (1, 3, 1)
    assert (two.gaps, two.pending, two.held) == (0, 0, 0)


def test_the_selectors_of_a_damaged_version_are_refused() -> None:
    with pytest.raises(StorageError, match="in place of wrapper and article"):
        stored_source(source_to_dict(a_source()), {"item": ["li"]})


def test_a_row_of_an_older_version_lacks_the_younger_fields_and_is_read_with_their_defaults() -> None:
    row = source_to_dict(
        Source(name="old", url="https://news.example.org/", wrapper=Wrapper(item=("li",), link=("a",)))
    )
    for young in ("page_url", "whole_bodies"):
        del row[young]
    for young in ("allow_private", "browser"):
        del row["request"][young]
    read = source_from_dict(row)
    assert not read.request.allow_private
    assert read.whole_bodies
    assert source_from_dict(source_to_dict(read)) == read
