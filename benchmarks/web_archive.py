"""A database of many articles for `make bench-web`, written as fast as each kind of database takes rows.

Words are drawn in frequencies like those of a language (Zipf), so that a search meets rare words and such as stand in
a tenth of all articles. The rows are those that settling writes: an article with its address, revision, sighting and
change; the log is as long as its articles and edits are many.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import JSON, Connection, Engine, Table, insert, text, update

from benchmarks.zipf import Words
from storage.engine import writing
from storage.search_table import CREATE_LEXEMES, LEXEMES, erase_traces
from storage.searching import index_articles
from storage.tables import Alias, Article, Change, Counter, Host, Revision, Run, Sighting, Source

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PER_DAY = 1_000
SOURCES = 1_000
RARE = "seldom"
"""A source that lists `OF_RARE` articles, all of them old."""
OF_RARE = 5
TITLE_WORDS, BODY_WORDS = 7, 60
EDITED_EVERY = 20
EDITED_WORDS = 8
LANGUAGES = ("en", "fr", "ar")
AT_ONCE = 5_000
BANDS = {"rare": (100_000, 300_000), "medium": (700, 5_000), "frequent": (5, 45)}
"""Ranks of words that stand in a few articles, in some of a thousand, and in more than a tenth of all."""


def word_of_band(rng: random.Random, words: Words, band: str) -> str:
    """Return a word of one of the `BANDS`."""
    return words.words[rng.randrange(*BANDS[band])]


def fill(engine: Engine, count: int, words: Words, seed: int = 1) -> None:
    """Write ``count`` articles, the oldest first, with their log, into a migrated, empty database."""
    rng = random.Random(seed)
    with writing(engine) as connection:
        connection.execute(insert(Host), [{"name": "news.example"}])
        connection.execute(insert(Source), [_source(number) for number in range(1, SOURCES + 1)])
        connection.execute(insert(Run), [_run(number) for number in range(1, SOURCES + 1)])
    with index_made_at_the_end(engine):
        seq = _add_all(engine, rng, words, count)
    with writing(engine) as connection:
        connection.execute(update(Counter).where(Counter.name == "changes").values(value=seq))


@contextmanager
def index_made_at_the_end(engine: Engine) -> Iterator[None]:
    """Let PostgreSQL sort all words at once, as its migration does; one by one takes many times as long."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with writing(engine) as connection:
        connection.execute(text(f"DROP INDEX {LEXEMES}"))
    yield
    with writing(engine) as connection:
        connection.execute(text(CREATE_LEXEMES))


def _add_all(engine: Engine, rng: random.Random, words: Words, count: int) -> int:
    seq = 0
    for start in range(1, count + 1, AT_ONCE):
        rows: dict[Any, list[dict[str, Any]]] = {
            table: [] for table in (Article, Alias, Revision, Sighting, Change)
        }
        numbers = range(start, min(start + AT_ONCE, count + 1))
        for number in numbers:
            seq = _add(rows, rng, words, number, count, seq)
        with writing(engine) as connection:
            _write(connection, {table.__table__: some for table, some in rows.items()})
            index_articles(connection, numbers)
    return seq


def settle_down(engine: Engine) -> None:
    """Let the database look at what it holds, as one that has run for a while has."""
    with writing(engine) as written:
        erase_traces(written)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        statement = "VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "PRAGMA optimize=0x10002"
        connection.exec_driver_sql(statement)


def _add(
    rows: dict[Any, list[dict[str, Any]]],
    rng: random.Random,
    words: Words,
    number: int,
    count: int,
    seq: int,
) -> int:
    """Add the rows of one article and return the last ``seq``."""
    at = NOW - timedelta(days=(count - number) / PER_DAY)
    source = SOURCES if number <= OF_RARE else 1 + number % (SOURCES - 1)
    title = " ".join(words.some(rng, TITLE_WORDS)).capitalize()
    body = " ".join(words.some(rng, BODY_WORDS))
    address, key = f"https://news.example/{number}", f"{number:032x}"
    language = LANGUAGES[source % 3]
    edited = number % EDITED_EVERY == 0
    rows[Article].append(
        {"id": number, "key": key, "host": "news.example", "url": address, "fetch_url": address, "title": title,
         "title_key": key, "language": language, "published_at": at, "published_precision": "second",
         "published_provenance": "meta", "first_seen_at": at, "announced": True, "revision": 1 + edited, "way": "page",
         "summary": body[:120], "looks": 3, "captured_by": source}
    )  # fmt: skip
    rows[Alias].append(
        {"key": key, "url": address, "article_id": number, "evidence": "itself", "created_at": at}
    )
    rows[Sighting].append(
        {"source_id": source, "article_id": number, "rank": f"{number:016d}", "first_run_id": source,
         "last_run_id": source, "last_position": 1, "title_key": key}
    )  # fmt: skip
    texts = [body, *([f"{' '.join(words.some(rng, EDITED_WORDS))} {body}"] if edited else [])]
    for revision, text_of_it in enumerate(texts, 1):
        rows[Revision].append(
            {"article_id": number, "number": revision, "captured_at": at, "title": title,
             "body_text": f"{title}\n{text_of_it}", "fingerprint": key, "digest": key, "extractor": "1", "way": "page",
             "edit_class": "none" if revision == 1 else "substantive"}
        )  # fmt: skip
        seq += 1
        rows[Change].append(
            {"seq": seq, "kind": "published" if revision == 1 else "edited", "at": at, "source_id": source,
             "article_id": number, "run_id": source, "revision": revision, "url": address, "title": title,
             "edit_class": "none" if revision == 1 else "substantive", "summary": body[:120], "language": language,
             "published_at": at, "published_precision": "second", "first_seen_at": at}
        )  # fmt: skip
    return seq


def _source(number: int) -> dict[str, Any]:
    name = RARE if number == SOURCES else f"source-{number:04d}"
    listing = f"https://news.example/{name}"
    return {
        "id": number, "name": name, "host": "news.example", "created_at": NOW, "next_due_at": NOW + timedelta(days=1),
        "definition": {"name": name, "url": listing, "channel": "feed", "title": f"Source {number}",
                       "language": LANGUAGES[number % 3]},
        "baseline_run_id": number, "verdict": "ok", "last_run_at": NOW, "last_ok_at": NOW, "runs_total": 1,
        "last_new_at": NOW - timedelta(days=2 * (number % 10 == 0)),
        "news_days": [f"{NOW - timedelta(days=day):%Y-%m-%d}" for day in range(60, 2, -2)],
    }  # fmt: skip


def _run(number: int) -> dict[str, Any]:
    times = {"started_at": NOW, "finished_at": NOW, "settled_at": NOW}
    return {"id": number, "source_id": number, "token": 1, "verdict": "ok", "entries": 10, **times}


def _write(connection: Connection, rows: dict[Table, list[dict[str, Any]]]) -> None:
    """Write rows of some tables: by COPY where the database has it, else many at once."""
    for table, some in rows.items():
        if connection.dialect.name != "postgresql":
            connection.execute(insert(table), some)
            continue
        columns = list(table.columns)
        names = ", ".join(f'"{column.name}"' for column in columns)
        cursor = connection.connection.cursor()
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for values in _values(columns, some):
                copy.write_row(values)


def _values(columns: Sequence[Any], rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Yield the values of each row with what the columns have by default."""
    plain = [
        (
            column.name,
            _default(column),
            isinstance(column.type, JSON) or column.type.__class__.__name__ == "JSONB",
        )
        for column in columns
    ]
    for row in rows:
        yield [
            Jsonb(row.get(name, default)) if is_json else row.get(name, default)
            for name, default, is_json in plain
        ]


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    return column.default.arg(None) if column.default.is_callable else column.default.arg
