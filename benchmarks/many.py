"""Many sources out of a few: what crawls have left of the first ones is written again for thousands that are alike.

A baseline costs forty times what an unchanged round does, and is not what is measured. So the first sources are really
crawled, and their rows are copied under other numbers, names, addresses and keys; the server answers for the copies as
for the first (``benchmarks.site --alike``). Left out are the keys of stories and the search index of the copies: a
round asks them of new articles alone. A round that took a copy for anything but what it stands for would make requests
or announce articles that nobody expects, and `benchmarks.scale` ends at the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text

from news.site_id import PREFIX
from news.urls import url_key
from storage.columns import Table
from storage.engine import reading, writing
from storage.tables import Alias, Article, Host, Revision, Run, Sighting, Source, Validator, Wrapper

COPIED: tuple[type[Table], ...] = (Host, Source, Wrapper, Run, Article, Alias, Revision, Sighting, Validator)
"""In an order in which every row finds what it refers to."""
NUMBERS = {
    "source_id": "sources",
    "captured_by": "sources",
    "wrapper_id": "wrappers",
    "article_id": "articles",
    "baseline_run_id": "runs",
    "first_run_id": "runs",
    "last_run_id": "runs",
}
"""Columns that hold the number of a row of another table; ``id`` holds that of its own."""
STEPS_AT_ONCE = 25
_NAMED = re.compile(r"\b(site-?)(\d{5})\b")
_KEY = re.compile(r"\b[0-9a-f]{32}\b")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One copy of all the first sources: how far their numbers are moved, and what their keys become."""

    number: int
    further: int
    strides: Mapping[str, int]
    keys: Mapping[str, str] = field(default_factory=dict)

    def words(self, value: str) -> str:
        """Return a text with the names of the copies."""
        return _NAMED.sub(lambda found: f"{found[1]}{int(found[2]) + self.further:05}", value)

    def keyed(self, value: str) -> str:
        """Return a text with the names and the keys of the copies."""
        return _KEY.sub(lambda found: self.keys.get(found[0], found[0]), self.words(value))


Made = Callable[[Step], Any]


def multiply(engine: Engine, first: int, sources: int) -> None:
    """Copy the ``first`` sources until there are as many as ``sources``, a multiple of them."""
    if sources % first:
        raise SystemExit(f"sources come in multiples of {first}: {sources} is none")
    with reading(engine) as connection:
        plan = _Plan(connection)
    for begin in range(1, sources // first, STEPS_AT_ONCE):
        numbers = range(begin, min(begin + STEPS_AT_ONCE, sources // first))
        steps = [plan.step(number, number * first) for number in numbers]
        with writing(engine) as connection:
            for table, rows in plan.rows:
                connection.execute(insert(table), [made(step) for step in steps for made in rows])
    _count_on(engine)


class _Plan:
    """The rows of the first sources, each with what makes a copy of it."""

    def __init__(self, connection: Connection) -> None:
        self._strides = {
            table.__tablename__: connection.execute(select(func.max(table.id))).scalar_one()
            for table in (Source, Wrapper, Run, Article)
        }
        named = [
            row for table in (Alias, Validator) for row in connection.execute(select(table.key, table.url))
        ]
        self._urls: dict[str, str] = {row.key: row.url for row in named}
        if wrong := [url for key, url in self._urls.items() if _key_of(url) != key]:
            raise SystemExit(f"a key is no longer made of its spelling alone: {wrong[0]}")
        self.rows = [(table, list(self._copied(connection, table))) for table in COPIED]

    def step(self, number: int, further: int) -> Step:
        """Return what one copy of all is made with."""
        bare = Step(number=number, further=further, strides=self._strides)
        keys = {key: _key_of(bare.words(url)) for key, url in self._urls.items()}
        return Step(number=number, further=further, strides=self._strides, keys=keys)

    def _copied(
        self, connection: Connection, table: type[Table]
    ) -> Iterator[Callable[[Step], dict[str, Any]]]:
        for row in connection.execute(select(table.__table__)).mappings():
            yield _row({str(name): value for name, value in row.items()}, table.__tablename__)


def _key_of(spelling: str) -> str:
    """Return the key of an address, or of an id that a site gave its article."""
    if spelling.startswith(PREFIX):
        return blake2b(spelling.encode(), digest_size=16).hexdigest()
    return url_key(spelling)


def _row(values: Mapping[str, Any], table: str) -> Callable[[Step], dict[str, Any]]:
    """Return what makes the copies of a row: most of its columns stay as they are."""
    made = {name: how for name, value in values.items() if (how := _made(name, value, table)) is not None}
    fixed = {name: value for name, value in values.items() if name not in made}
    return lambda step: fixed | {name: how(step) for name, how in made.items()}


def _made(name: str, value: Any, table: str) -> Made | None:
    """Return what makes the copies of a column's value, or None where they are the same."""
    counted = table if name == "id" else NUMBERS.get(name)
    if counted is not None:
        return (lambda step: value + step.number * step.strides[counted]) if value else None
    if isinstance(value, str) and (_NAMED.search(value) or _KEY.fullmatch(value)):
        return lambda step: step.keyed(value)
    if isinstance(value, (dict, list)) and _changes(written := json.dumps(value)):
        return lambda step: json.loads(step.keyed(written))
    return None


def _changes(value: str) -> bool:
    return bool(_NAMED.search(value) or _KEY.search(value))


def _count_on(engine: Engine) -> None:
    """Let PostgreSQL number on where the copies end, and know how much there is; SQLite does so by itself."""
    if engine.dialect.name != "postgresql":
        return
    tables: Sequence[Any] = (Source, Wrapper, Run, Article)
    with writing(engine) as connection:
        for table in tables:
            name = table.__tablename__
            most = connection.execute(select(func.max(table.id))).scalar_one()
            connection.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), most)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
