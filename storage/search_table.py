"""The search index: what each database keeps to find articles by their words, and the two ways to write it.

SQLite has a full-text table without content (FTS5) under the articles' numbers. Taking an article out of it needs the
very words that were put in, so these are kept, compressed, in ``search_texts``. PostgreSQL has a column of lexemes
there with an inverted index (GIN), which answers with all articles of a word at once: so each lexeme bears the block of
articles that it stands in, and blocks are asked one by one, the newest first.

The index says nothing that could not be worked out again from articles and revisions.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, ForeignKey, LargeBinary, String, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from news.folding import fold
from storage import rows
from storage.columns import Identity, Table
from storage.tables import Article

BLOCK = 16_384
"""Articles whose lexemes are together in PostgreSQL's index: what one step of a search reads at most of a word."""
TEXT_AT_MOST = 300_000
"""Characters of a text that are indexed."""
BYTES_AT_MOST = 700_000
"""Bytes of an article's lexemes; PostgreSQL takes a mebibyte with their places."""
LAST_PLACE = 16_383
"""The last place that PostgreSQL tells apart: behind it words are found, phrases are not."""
PLACES = 255
FULL_TEXT = "search_index"
LEXEMES = "ix_search_texts_words"
CREATE_FULL_TEXT = (
    f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5("
    "title, summary, body, characters, content='', columnsize=0, tokenize='ascii')"
)
"""Words come folded; this tokenizer takes them apart at spaces only, since they hold nothing else that is ASCII."""

CREATE_LEXEMES = f"CREATE INDEX {LEXEMES} ON search_texts USING gin (words) WITH (fastupdate = off)"
"""Without its list of what is not sorted in yet, which every step of a search would read through."""


class SearchText(Table):
    """What the index holds of one article: its words as this database needs them, and a hash of what they were made of.

    There are no rows of articles that were merged into another one or forgotten.
    """

    __tablename__ = "search_texts"

    article_id: Mapped[int] = mapped_column(
        Identity, ForeignKey(Article.id), primary_key=True, autoincrement=False
    )
    mark: Mapped[str] = mapped_column(String(32))
    words: Mapped[Any] = mapped_column(LargeBinary().with_variant(TSVECTOR(), "postgresql"))


def is_declared(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether Alembic is to compare a table or an index with what is declared, as its ``include_name`` asks.

    What is for one database alone is made by its migration.
    """
    made_there = kind in ("table", "index") and (name or "").startswith((FULL_TEXT, LEXEMES))
    return not made_there


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """What is to be found of one article. ``mark`` says what it was made of."""

    article_id: int
    title: str
    summary: str
    body: str
    mark: str


def put(connection: Connection, articles: Sequence[Indexed]) -> None:
    """Write articles into the index that are not in it. In the order of their numbers it is fastest."""
    if not articles:
        return
    ordered = sorted(articles, key=lambda each: each.article_id)
    if connection.dialect.name == "postgresql":
        _put_lexemes(connection, ordered)
    else:
        _put_full_text(connection, ordered)


def take_out(connection: Connection, article_ids: Iterable[int]) -> None:
    """Take articles out of the index, those that are not in it too."""
    for some in rows.chunks(sorted(set(article_ids))):
        if connection.dialect.name == "sqlite":
            query = select(SearchText.article_id, SearchText.words).where(SearchText.article_id.in_(some))
            gone = [{"id": row.article_id, **_unpacked(row.words)} for row in connection.execute(query)]
            if gone:
                connection.execute(_TAKE_FULL_TEXT, gone)
        connection.execute(delete(SearchText).where(SearchText.article_id.in_(some)))


def empty(connection: Connection) -> None:
    """Take everything out of the index, whatever state it is in."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TABLE IF EXISTS {FULL_TEXT}"))
        connection.execute(text(CREATE_FULL_TEXT))
    connection.execute(delete(SearchText))


def erase_traces(connection: Connection) -> None:
    """Let nothing stand in the index's file any more of what was taken out: SQLite only marks it as gone.

    The index is written anew for that, which takes a minute for a million articles.
    """
    if connection.dialect.name == "sqlite":
        settle_down(connection)


def settle_down(connection: Connection) -> None:
    """Merge all pieces of SQLite's index into one, which is read fastest."""
    connection.execute(text(f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}) VALUES ('optimize')"))  # noqa: S608


def block_letters(block: int) -> str:
    """Return what lexemes of a block begin with: capitals, which no folded word has.

    >>> block_letters(0), block_letters(25), block_letters(26)
    ('A', 'Z', 'BA')
    """
    letters = ""
    while block >= 0 and (block or not letters):
        block, letter = divmod(block, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


_COLUMNS = ("title", "summary", "body", "characters")
_NAMES = ", ".join(_COLUMNS)
_VALUES = ", ".join(f":{name}" for name in _COLUMNS)
_PUT_FULL_TEXT = text(f"INSERT INTO {FULL_TEXT} (rowid, {_NAMES}) VALUES (:id, {_VALUES})")  # noqa: S608
_TAKE_FULL_TEXT = text(
    f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}, rowid, {_NAMES}) VALUES ('delete', :id, {_VALUES})"  # noqa: S608
)
_PUT_PACKED = text(
    "INSERT INTO search_texts (article_id, mark, words) VALUES (:article_id, :mark, :words)"
).bindparams(bindparam("words", type_=LargeBinary))
_PUT_LEXEMES = text(
    "INSERT INTO search_texts (article_id, mark, words) VALUES (:article_id, :mark, CAST(:words AS tsvector))"
)


def _put_full_text(connection: Connection, articles: Sequence[Indexed]) -> None:
    told: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for each in articles:
        words = _full_text(each)
        told.append({"id": each.article_id, **words})
        packed = zlib.compress(json.dumps(words, ensure_ascii=False).encode(), 3)
        kept.append({"article_id": each.article_id, "mark": each.mark, "words": packed})
    connection.execute(_PUT_PACKED, kept)
    connection.execute(_PUT_FULL_TEXT, told)


def _full_text(article: Indexed) -> dict[str, str]:
    parts = {
        name: fold(words[:TEXT_AT_MOST])
        for name, words in (("title", article.title), ("summary", article.summary), ("body", article.body))
    }
    characters = sorted(frozenset().union(*(part.characters for part in parts.values())))
    return {name: " ".join(part.words) for name, part in parts.items()} | {"characters": " ".join(characters)}


def _unpacked(words: bytes) -> dict[str, str]:
    kept: dict[str, str] = json.loads(zlib.decompress(words))
    return kept


def _put_lexemes(connection: Connection, articles: Sequence[Indexed]) -> None:
    values = [{"article_id": each.article_id, "mark": each.mark, "words": lexemes(each)} for each in articles]
    connection.execute(_PUT_LEXEMES, values)


def lexemes(article: Indexed) -> str:
    """Return an article's words as PostgreSQL reads a tsvector: each with its block and the places where it stands.

    Between title, summary and body a place is left out, so that no phrase reaches over.
    """
    prefix = block_letters(article.article_id // BLOCK)
    places: dict[str, list[int]] = {}
    characters: set[str] = set()
    place = 0
    for part in (article.title, article.summary, article.body):
        folded = fold(part[:TEXT_AT_MOST])
        characters |= folded.characters
        for word in folded.words:
            place += 1
            stands = places.setdefault(word, [])
            if len(stands) < PLACES and place <= LAST_PLACE:
                stands.append(place)
        place += 1
    for character in sorted(characters):
        places.setdefault(character, [])
    return " ".join(_within_size(prefix, places))


def _within_size(prefix: str, places: dict[str, list[int]]) -> Iterator[str]:
    """Yield the words of a tsvector until they are more than it takes."""
    size = 0
    for word, stands in places.items():
        size += len(prefix) + len(word.encode()) + 2 * len(stands) + 8
        if size > BYTES_AT_MOST:
            return
        yield f"'{prefix}{word}'{':' if stands else ''}{','.join(map(str, stands))}"
