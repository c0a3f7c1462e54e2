"""Searching on both databases: what is found, in which order, and that the index is always in step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text, update

from digest.content import content_hash
from news.article import Sight
from news.errors import QueryError, SourceError
from news.folding import fold, holds
from news.search_query import parse_query
from storage import search_table, searching, tables
from storage.articles import list_articles
from storage.correcting import merge, split
from storage.engine import reading, writing
from storage.forgetting import forget
from storage.schema import ready
from storage.search_table import SearchText, block_letters
from storage.searching import SearchScope, index_articles, search_articles
from tests.storage.desk import BASE, START, Desk, based, entry, url
from tests.storage.earlier import made_as_of


def found(engine: Engine, query: str, **more: Any) -> list[str]:
    with reading(engine) as connection:
        articles = search_articles(connection, parse_query(query), **more)
    return [article.title for article in articles]


def shelf(engine: Engine, *texts: tuple[str, str], first: int = 1) -> None:
    """Put articles of these titles and texts into the database, numbered in this order."""
    numbered = list(enumerate(texts, first))
    with writing(engine) as connection:
        connection.execute(insert(tables.Article), [
            {"id": number, "key": f"k{number}", "host": "h", "url": f"https://h/{number}", "fetch_url": "",
             "title": title, "title_key": "t", "first_seen_at": START, "revision": 1}
            for number, (title, _) in numbered
        ])  # fmt: skip
        connection.execute(insert(tables.Revision), [
            {"article_id": number, "number": 1, "captured_at": START, "title": title, "body_text": body,
             "fingerprint": "", "digest": title, "extractor": "", "way": "page"}
            for number, (title, body) in numbered
        ])  # fmt: skip
        index_articles(connection, [number for number, _ in numbered])


def consistent(engine: Engine) -> None:
    """Hold that the index has exactly what stands, and finds each article by its own title."""
    with reading(engine) as connection:
        standing = {
            each.id
            for each in list_articles(connection, limit=None)
            if each.forgotten_at is None and each.merged_into is None
        }
        assert set(connection.execute(select(SearchText.article_id)).scalars()) == standing
        if connection.dialect.name == "sqlite":
            rows = connection.execute(text("SELECT count(*) FROM search_index WHERE search_index MATCH :all"), {
                "all": '"title" OR "in"'
            })  # fmt: skip
            assert rows.scalar_one() <= len(standing)


TEXTS = (
    ("Water heritage in oases", "The council of young scientists met."),
    ("L’École des métiers", "Œuvre commune à Tunis, jusqu'ici."),
    ("افتتاح المدرسة الأولى", "بمشاركة وزير التربية والثقافة ٢٠٢٦"),
    ("新闻中心", "东京在日本"),
    ("Young people", "The scientists of the council met young water."),
    ("ISO 9001:2015", "Women's rights; 1,250 girls."),
)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("water", [4, 0]),
        ("WATER heritage", [0]),
        ('"young scientists"', [0]),
        ("young scientists", [4, 0]),
        ("water -oases", [4]),
        ('water -"young scientists"', [4]),
        ("ecole", [1]),
        ("l'ecole oeuvre", [1]),
        ("مدرسه", [2]),
        ("والمدرسة ثقافة 2026", [2]),
        ("ثقافه -مدرسه", []),
        ("新闻", [3]),
        ("闻中心", [3]),
        ("日", [3]),
        ("新中", []),
        ("9001 2015", [5]),
        ("women 1,250", [5]),
        ('"oases the"', []),
        ("absent", []),
    ],
)
def test_words_and_phrases_are_found_however_they_are_written(
    engine: Engine, query: str, titles: Sequence[int]
) -> None:
    shelf(engine, *TEXTS)
    assert found(engine, query) == [TEXTS[each][0] for each in titles]


def placed(engine: Engine) -> None:
    """Put four articles of one word into the database: of two sources, three languages, and with dates or without."""
    shelf(engine, *((f"Water {number}", "") for number in range(1, 5)))
    with writing(engine) as connection:
        for number, (language, day) in enumerate([("fr", 3), ("fr-CA", 20), ("ar", None), ("", 21)], 1):
            at = None if day is None else datetime(2026, 2, day, tzinfo=UTC)
            said = {
                "language": language,
                "published_at": at,
                "first_seen_at": datetime(2026, 3, 1, tzinfo=UTC),
            }
            connection.execute(update(tables.Article).where(tables.Article.id == number).values(said))
    Desk(engine, "coast", "hills")
    for source, listed in ((1, (1, 2, 4)), (2, (2, 3))):
        with writing(engine) as connection:
            connection.execute(insert(tables.Sighting), [
                {"source_id": source, "article_id": number, "rank": "above", "first_run_id": 1, "last_run_id": 1,
                 "last_position": 0}
                for number in listed
            ])  # fmt: skip


def day(number: int, month: int = 2) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        (SearchScope(), [4, 3, 2, 1]),
        (SearchScope(sources=("coast",)), [4, 2, 1]),
        (SearchScope(sources=("coast", "hills")), [4, 3, 2, 1]),
        (SearchScope(languages=("fr",)), [4, 2, 1]),  # what has no known language is always found
        (SearchScope(languages=("FR-ca", "ar")), [4, 3, 2]),
        (SearchScope(languages=("f%",)), [4]),
        (SearchScope(since=day(20)), [4, 3, 2]),  # without a date it was first seen in March
        (SearchScope(until=day(20)), [1]),
        (SearchScope(since=day(20), until=day(1, 3)), [4, 2]),
        (SearchScope(sources=("hills",), languages=("fr",), since=day(4)), [2]),
    ],
)
def test_it_can_be_looked_for_in_some_sources_languages_and_times(
    engine: Engine, scope: SearchScope, numbers: Sequence[int]
) -> None:
    placed(engine)
    assert found(engine, "water", scope=scope) == [f"Water {number}" for number in numbers]
    assert found(engine, "water", scope=scope, limit=1) == [f"Water {number}" for number in numbers[:1]]
    assert found(engine, "unicorn", scope=scope) == []


def test_looking_in_a_source_that_is_unknown_says_so(engine: Engine) -> None:
    placed(engine)
    with pytest.raises(SourceError, match="hill"):
        found(engine, "water", scope=SearchScope(sources=("hill",)))


HOSTILE = [
    'water" OR "1"="1', "title:water", "wat*", "NEAR(water heritage, 5)", "water AND", "NOT water", "^water",
    "water & ! | <-> ()", "'water' \\", "{title body}: water", "-- DROP TABLE", "water:*A", '"', '"""', "a\x00b",
    "%", "_", "\\", "'", "\u202ewater", "water\u2028heritage", "💥", "A" * 900, "\ud800 water", "ﷺ", "新" * 15,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_a_hostile_query_is_answered_or_refused_and_never_read_by_the_database(
    engine: Engine, query: str
) -> None:
    shelf(engine, *TEXTS)
    try:
        wanted = parse_query(query)
    except QueryError:
        return
    titles = found(engine, query)
    for number, (title, body) in enumerate(TEXTS):
        parts = (fold(title), fold(body))
        matches = all(any(holds(part, each) for part in parts) for each in wanted.wanted) and not any(
            any(holds(part, each) for part in parts) for each in wanted.unwanted
        )
        assert (TEXTS[number][0] in titles) is matches


@given(query=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_text_is_answered_or_refused(engine: Engine, query: str) -> None:
    try:
        found(engine, query)
    except QueryError:
        return


def test_it_is_one_answer_with_the_words_of_a_plain_reading(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over many blocks, page by page, the index finds what reading every text would."""
    for module in (search_table, searching):
        monkeypatch.setattr(module, "BLOCK", 7)
    words = ("tide", "sand", "école", "مدرسة", "old")
    texts = [
        (f"Note {n}", " ".join(words[(n * step) % 5] for step in range(1, 5) if n % (step + 1)))
        for n in range(60)
    ]
    shelf(engine, *texts)
    for query in ("tide", "sand -old", "ecole tide", '"tide sand"', "مدرسه", "note -tide", '"old tide" note'):
        wanted = parse_query(query)
        expected = [
            title
            for title, body in reversed(texts)
            if all(holds(fold(title), each) or holds(fold(body), each) for each in wanted.wanted)
            and not any(holds(fold(title), each) or holds(fold(body), each) for each in wanted.unwanted)
        ]
        assert found(engine, query, limit=100) == expected
        paged: list[str] = []
        before = 100
        while page := found(engine, query, limit=3, before_id=before):
            paged += page
            before = int(page[-1].removeprefix("Note ")) + 1
        assert paged == expected


def test_pages_do_not_move_while_new_articles_arrive(engine: Engine) -> None:
    shelf(engine, *[(f"Tide {n}", "") for n in range(1, 8)])
    first = found(engine, "tide", limit=3)
    shelf(engine, ("Tide 8", ""), first=8)
    second = found(engine, "tide", limit=3, before_id=5)
    assert (first, second) == (["Tide 7", "Tide 6", "Tide 5"], ["Tide 4", "Tide 3", "Tide 2"])
    assert found(engine, "tide", limit=1) == ["Tide 8"]


def test_a_text_of_any_size_is_indexed(engine: Engine) -> None:
    many = " ".join(f"word{n}" for n in range(60_000))
    shelf(
        engine,
        ("Many", many),
        ("One", "again " * 50_000),
        ("Signs", "新闻" * 100_000),
        ("Ligatures", "ﷺ" * 50_000),
    )
    assert found(engine, "word17") == ["Many"]
    assert found(engine, "again") == ["One"]
    assert found(engine, "新闻") == ["Signs"]
    with writing(engine) as connection:
        search_table.take_out(connection, [1, 2, 3, 4])
    assert found(engine, "again") == []


def test_settling_and_edits_keep_it_in_step(engine: Engine) -> None:
    desk = based(engine)
    assert found(engine, "maps") == ["Title of a", "Title of b", "Title of c"][: len(found(engine, "maps"))]
    desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x", body="A lighthouse was painted.")])
    assert found(engine, "lighthouse") == ["Title of x"]
    assert found(engine, '"in short" x') == ["Title of x"]
    desk.later(hours=1)
    desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x", body="A windmill was painted.")])
    assert found(engine, "lighthouse") == []
    assert found(engine, "windmill") == ["Title of x"]
    desk.later(hours=1)
    desk.run(
        entry("x", hour=1, title="Another name"), *BASE,
        looks=[desk.look("x", title="Another name", body="A windmill was painted.")],
    )  # fmt: skip
    assert found(engine, "windmill name") == ["Another name"]
    consistent(engine)


def test_what_only_a_listing_told_is_found_by_its_title(engine: Engine) -> None:
    desk = based(engine)
    desk.run(
        entry("y", hour=1, title="Granary"), *BASE, looks=[desk.look("y", sight=Sight.UNREADABLE)]
    )  # fmt: skip
    for _ in range(8):
        desk.later(hours=9)
        desk.run(entry("y", hour=1, title="Granary"), *BASE, looks=[desk.look("y", sight=Sight.UNREADABLE)])
    assert found(engine, "granary") == ["Granary"]
    consistent(engine)


def test_what_was_withdrawn_is_found(engine: Engine) -> None:
    desk = based(engine)
    desk.run(entry("x", hour=1), *BASE, looks=[desk.look("x", body="A lighthouse.")])
    desk.later(hours=1)
    desk.run(*BASE, looks=[desk.look("x", sight=Sight.GONE)])
    with reading(engine) as connection:
        [article] = search_articles(connection, parse_query("lighthouse"))
    assert article.withdrawn_at is not None


def lit(engine: Engine) -> Desk:
    """A desk whose articles 4 and 5 tell of a lighthouse and of a windmill."""
    desk = based(engine)
    looks = [desk.look("x", body="A Lighthouse was painted."), desk.look("y", body="A windmill was painted.")]
    desk.run(entry("x", hour=1), entry("y", hour=2), *BASE, looks=looks)
    return desk


def test_merged_articles_are_found_as_the_one_that_stays_and_again_after_a_split(engine: Engine) -> None:
    desk = lit(engine)
    with writing(engine) as connection:
        kept, gone = merge(connection, url("x"), url("y"), now=desk.now)
    assert found(engine, "painted") == ["Title of x"]
    assert found(engine, "windmill") == []
    consistent(engine)
    with writing(engine) as connection:
        split(connection, kept, [gone], now=desk.now)
    assert found(engine, "windmill") == ["Title of y"]
    consistent(engine)


def test_what_was_forgotten_is_found_no_more_and_stands_nowhere_in_the_index(
    engine: Engine, tmp_path: Path
) -> None:
    desk = lit(engine)
    assert found(engine, "lighthouse") == ["Title of x"]
    forget(engine, url("x"), seal=content_hash, now=desk.now)
    for query in ("lighthouse", "removed", '"title of x"'):
        assert found(engine, query) == []
    consistent(engine)
    if engine.dialect.name == "sqlite":
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert files
        assert all(b"lighthouse" not in path.read_bytes() for path in files)


def test_what_failed_to_settle_is_not_found(engine: Engine) -> None:
    desk = based(engine)
    made = desk.saw(entry("x", hour=1), *BASE, looks=[desk.look("x", body="A lighthouse.")])
    with pytest.raises(ZeroDivisionError):
        _fail_after_indexing(engine)
    assert found(engine, "lighthouse") == []
    desk.settle(replace(made))
    assert found(engine, "lighthouse") == ["Title of x"]


def _fail_after_indexing(engine: Engine) -> None:
    values = {"id": 99, "key": "k", "host": "h", "url": "u", "fetch_url": "u", "title": "Lighthouse"}
    with writing(engine) as connection:
        connection.execute(insert(tables.Article), values | {"title_key": "t", "first_seen_at": START})
        index_articles(connection, [99])
        raise ZeroDivisionError


def test_an_earlier_database_is_indexed_when_it_is_upgraded_in_parts(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """More articles than the migration takes at once, one of them merged and one forgotten."""
    shelf(engine, *[(f"Tide {number}", "Of the old harbour.") for number in range(1, 2_300)])
    with writing(engine) as connection:
        merge(connection, 7, 8, now=START)
    with writing(engine) as connection:
        gone = update(tables.Article).where(tables.Article.id == 9).values(forgotten_at=START)
        connection.execute(gone)
    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[engine.dialect.name]
    there = str(request.getfixturevalue(fixture))
    made_as_of("0009", there, engine, tmp_path)
    old = ready(there)
    assert len(found(old, "old harbour", limit=None)) == 2_297
    assert found(old, "tide 2299") == ["Tide 2299"]
    assert found(old, "tide 8") == found(old, "tide 9") == []
    consistent(old)
    with writing(old) as connection:  # what is unchanged is left as it is
        before = connection.execute(select(SearchText.mark)).all()
        index_articles(connection, range(1, 2_300))
        assert connection.execute(select(SearchText.mark)).all() == before
    old.dispose()


@pytest.mark.parametrize(("block", "letters"), [(0, "A"), (25, "Z"), (26, "BA"), (26 * 26, "BAA")])
def test_blocks_are_told_apart_by_letters(block: int, letters: str) -> None:
    assert block_letters(block) == letters
