"""What is kept of edits: revisions with what made them, and changes that say what else holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Connection, Engine, Table, column, insert, inspect, select, table

from digest.compose import preview
from news.article import Validators, Way
from news.change import Change, ChangeKind, EditMark
from news.dates import Precision, Stamp
from news.redline import EditClass
from news.revision import VolatileKind
from news.run import Settled
from news.urls import url_key
from storage import schema, tables
from storage.articles import revisions, show_article
from storage.changes import changes_after
from storage.engine import open_engine, reading, writing
from storage.reader_tables import Subscription
from tests.storage.desk import BASE, HOST, START, WORDS, Desk, based, content, entry, url

NINE, TEN = "The ferry sails at nine.", "The ferry sails at ten, and on Mondays at noon."


def day(number: int) -> Stamp:
    at = datetime(2026, 3, number, tzinfo=START.tzinfo)
    return Stamp(at=at, precision=Precision.DAY, provenance="meta")


def shows(desk: Desk, body: str, *, extractor: str = "1", **more: Any) -> Settled:
    """Let the listing show a new article n, and its page this text."""
    desk.later(hours=1)
    desk.extractor = extractor
    made = replace(content("n", body=body, extractor=extractor), **more)
    seen = desk.saw(entry("n"), *BASE, looks=[desk.look("n", content=made)])
    [settled] = desk.settle(seen, extract_again=lambda *_: made)
    return settled


def told(settled: Settled) -> list[tuple[str, str, list[str], int]]:
    return [
        (str(change.kind), str(change.edit_class), [str(mark) for mark in change.marks], change.reverts_to)
        for change in settled.changes
    ]


def test_a_text_that_goes_back_is_told_and_kept_as_that(engine: Engine) -> None:
    desk = based(engine)
    assert told(shows(desk, NINE)) == [("published", "none", [], 0)]
    assert told(shows(desk, TEN)) == [("edited", "substantive", [], 0)]
    assert told(shows(desk, NINE)) == [("edited", "substantive", [], 1)]
    with reading(engine) as connection:
        kept = [(each.number, each.reverts_to) for each in revisions(connection, 4)]
        logged = [(change.kind, change.reverts_to) for change in changes_after(connection, 1)]
    assert kept == [(1, 0), (2, 0), (3, 1)]
    assert logged == [(ChangeKind.EDITED, 0), (ChangeKind.EDITED, 1)]


def test_dates_that_moved_and_did_not_move_are_kept_with_the_change(engine: Engine) -> None:
    desk = based(engine)
    said = Stamp(at=START, precision=Precision.MINUTE, provenance="meta")
    shows(desk, NINE, published=day(1), modified=said)
    assert told(shows(desk, NINE, published=day(2), modified=said)) == [("redated", "none", ["redated"], 0)]
    settled = shows(desk, TEN, published=day(2), modified=said)
    assert told(settled) == [("edited", "substantive", ["silent"], 0)]
    with reading(engine) as connection:
        redated = changes_after(connection, 1)[0]
        first, second, third = revisions(connection, 4)
    assert (redated.published_at, redated.old_published_at) == (day(2).at, day(1).at)
    assert (redated.published_precision, redated.old_published_precision) == ("day", "day")
    assert [each.published_at for each in (first, second, third)] == [day(1).at, day(2).at, day(2).at]
    assert [each.marks for each in (second, third)] == [(EditMark.REDATED,), (EditMark.SILENT,)]
    assert first.fingerprint == second.fingerprint != third.fingerprint


def test_a_better_extractor_leaves_a_revision_the_edit_that_it_was(engine: Engine) -> None:
    desk = based(engine)
    shows(desk, NINE)
    shows(desk, TEN)
    shows(desk, NINE)
    assert told(shows(desk, f"{NINE} It is blue.", extractor="2")) == []
    with reading(engine) as connection:
        last = revisions(connection, 4)[-1]
    assert (last.number, last.extractor, last.edit_class, last.reverts_to) == (
        3,
        "2",
        EditClass.SUBSTANTIVE,
        1,
    )
    assert told(shows(desk, "The ferry is sold.", extractor="2")) == [("edited", "substantive", [], 0)]


def test_a_counter_is_learnt_shown_and_no_longer_told_but_words_beside_it_are(engine: Engine) -> None:
    desk = based(engine)
    page = f"{TEN} All are invited.\nRead {{}} times\nWritten by the harbour master"
    shows(desk, page.format("1,024"))
    assert told(shows(desk, page.format("1,031"))) == [("edited", "substantive", [], 0)]
    assert told(shows(desk, page.format("1,040"))) == []
    assert told(shows(desk, page.format("1,052"))) == []
    with reading(engine) as connection:
        [part] = show_article(connection, 4).volatile
        assert len(revisions(connection, 4)) == 2
    assert (part.kind, part.before, part.after) == (
        VolatileKind.PASSAGE,
        "Read",
        "times",
    )
    assert part.values == ("1,024", "1,031", "1,040")
    assert told(shows(desk, page.format("1,060").replace("noon", "one"))) == [("edited", "minor", [], 0)]
    told_of = preview(engine, after_seq=2, now=desk.now).items[-1]
    assert [span.text.strip() for span in told_of.redline if span.op != "same"] == ["noon", "one"]
    assert told(shows(desk, page.format("1,060").replace("noon", "one"))) == []


def test_what_may_not_stay_is_asked_for_without_conditions(engine: Engine) -> None:
    desk = based(engine)
    asked = []
    for times in ("10", "20", "30", "30"):
        desk.later(hours=1)
        made = content("n", body=f"{TEN}\nRead {times} times")
        look = replace(desk.look("n", content=made), validators=Validators(etag=times))
        desk.run(entry("n"), *BASE, looks=[look])
        asked.append([each.etag for each in desk.all(tables.Validator) if each.url == look.url])
    assert asked == [["10"], ["20"], [], []]


def test_an_edit_has_its_class_where_only_its_text_says_which_article_it_is(engine: Engine) -> None:
    desk = based(engine)
    shows(desk, f"{WORDS} They call it “Mary”.")
    desk.later(hours=1)
    there = replace(entry("n"), url=url("moved/n"), key=url_key(url("moved/n")))
    look = desk.look("n", url_=there.url, body=f"{WORDS} They call it 'Mary'.")
    assert told(desk.run(there, *BASE, looks=[look])) == [("edited", "cosmetic", [], 0)]


def test_a_page_that_went_back_leaves_the_edit_that_its_listing_showed(engine: Engine) -> None:
    desk = based(engine)
    for way, text in ((Way.LISTING, NINE), (Way.LISTING, TEN), (Way.PAGE, NINE)):
        desk.later(hours=1)
        look = replace(desk.look("n", content=content("n", body=text)), way=way)
        desk.run(replace(entry("n"), body_html=f"<p>{text}</p>"), *BASE, looks=[look])
    with reading(engine) as connection:
        kept = [(each.number, each.body_text, each.edit_class) for each in revisions(connection, 4)]
        logged = [(change.kind, change.edit_class) for change in changes_after(connection, 1)]
    assert kept == [(1, NINE, "none"), (2, TEN, "substantive"), (3, NINE, "none")]
    assert logged == [(ChangeKind.EDITED, EditClass.SUBSTANTIVE)]


WITH_EDITS = "0007"
BEFORE = schema.REVISIONS[schema.REVISIONS.index(WITH_EDITS) - 1]
AT = {"first_seen_at": START}
URLS = {"url": "https://h.example/a"}
OLDER: list[tuple[type[Any], dict[str, Any]]] = [
    (tables.Host, {"name": "h.example"}),
    (
        tables.Source,
        {"id": 1, "name": "s", "host": "h.example", "definition": {}, "created_at": START, "next_due_at": START},
    ),
    (
        tables.Article,
        {"id": 1, "key": "k", "host": "h.example", "fetch_url": "u", "title": "T", "title_key": "t"} | URLS | AT,
    ),
    (
        tables.Revision,
        {
            "article_id": 1, "number": 1, "captured_at": START, "title": "T", "body_text": "B", "fingerprint": "f",
            "digest": "d", "extractor": "e", "way": "page",
        },
    ),
    (
        tables.Change,
        {"seq": 1, "kind": "edited", "at": START, "source_id": 1, "article_id": 1, "run_id": 1, "revision": 1}
        | {"title": "T"} | URLS | AT,
    ),
    (
        Subscription,
        {"id": 1, "name": "r", "filter": {"kinds": ["published", "retitled", "withdrawn"]}, "cursor": 0}
        | {"created_at": START},
    ),
]  # fmt: skip


def _made_by_the_version_before(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        for mapped, values in OLDER:
            _insert_as_it_was(connection, mapped.__table__, values)


def _insert_as_it_was(connection: Connection, declared: Table, values: dict[str, Any]) -> None:
    there = {each["name"] for each in inspect(connection).get_columns(declared.name)}
    columns = [each for each in declared.columns if each.name in there]
    defaults = {each.name: _default(each) for each in columns if each.name not in values}
    row = values | {name: value for name, value in defaults.items() if value is not None}
    connection.execute(insert(table(declared.name, *(column(c.name, c.type) for c in columns))), row)


def _default(declared: Column[Any]) -> Any:
    default: Any = declared.default
    if default is None:
        return None
    return default.arg if default.is_scalar else default.arg(None)


def test_changes_of_older_versions_say_nothing_of_marks(empty_database_url: str) -> None:
    """The schema of the foundation, with an edit and a reader in it, is upgraded and told of new dates from then on."""
    engine = open_engine(empty_database_url)
    _made_by_the_version_before(engine)
    upgrade = schema.check_schema(engine)
    assert upgrade is not None
    with reading(engine) as connection:
        [change] = changes_after(connection, 0)
        [kept] = revisions(connection, 1)
        kinds = connection.execute(select(Subscription.filter)).scalar_one()["kinds"]
        volatile = connection.execute(select(tables.Article.volatile)).scalar_one()
        absent = connection.execute(select(tables.Source.absent)).scalar_one()
    assert isinstance(change, Change)
    assert (change.marks, change.reverts_to, change.old_published_at) == ((), 0, None)
    assert (kept.marks, kept.reverts_to, kept.published_at) == ((), 0, None)
    assert kinds == ["published", "retitled", "redated", "withdrawn"]
    assert (volatile, absent) == ([], [])
    engine.dispose()


def test_promise_3_what_is_recognised_by_the_permalinks_of_the_whole_site_is_compared_with_its_text(
    engine: Engine,
) -> None:
    desk = based(engine)
    names = ("new-maps", "new-books", "new-chairs", "new-lamps")
    desk.run(*(entry(name) for name in names), *BASE)
    desk.later(hours=3)
    new = {name: f"https://{HOST}/texts/0/{name}" for name in names}
    probes = {url_key(new[name]): ((url(name), new[name]),) for name in names[:3]}
    looks = [desk.look(name, url_=new[name]) for name in names[:3]]
    looks.append(
        desk.look("new-lamps", url_=new["new-lamps"], body=f"new-lamps: {WORDS.replace('long', 'harsh')}")
    )
    settled = desk.run(*(entry(name, spelled=new[name]) for name in names), looks=looks, probes=probes)
    assert told(settled) == [("edited", "minor", [], 0)]
