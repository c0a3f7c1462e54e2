"""Searching: which articles hold what somebody looks for, the newest known first; and keeping the index in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.sql.expression import SQLColumnExpression

from news.dates import OF_DAYS
from news.search_query import Phrase, SearchQuery
from storage import rows
from storage.articles import ArticleRow, articles_of
from storage.changes import may_be_in
from storage.engine import writing
from storage.search_table import (
    BLOCK,
    FULL_TEXT,
    Indexed,
    SearchText,
    block_letters,
    empty,
    erase_traces,
    put,
    take_out,
)
from storage.sources import lock_log, source_ids
from storage.tables import Article, Revision, Sighting

AT_ONCE = 300
"""Articles whose texts are held in memory together."""
REINDEXED_AT_ONCE = 1_000
"""Articles of one transaction while the index is made anew: whoever settles does not wait long for it."""

_ALL_TEXT = table(FULL_TEXT, column("rowid", BigInteger))


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchScope:
    """Where somebody looks.

    Args:
        sources: names; only what one of them lists. None for all.
        languages: BCP 47 tags, ``fr`` covering ``fr-CA`` (RFC 4647, basic filtering); none for all. What has no known
            language is always found, as it is always told.
        since: only what was published at or after this aware moment, or first seen where no date is known.
        until: only what was published, or first seen, before this one.
        first_day: for what was published on a day without a time, which stands in no zone: from this day; None is the
            day of ``since`` in UTC.
        end_day: the same for ``until``: before this day.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    first_day: date | None = None
    end_day: date | None = None


EVERYWHERE = SearchScope()


def search_articles(
    connection: Connection,
    query: SearchQuery,
    *,
    scope: SearchScope = EVERYWHERE,
    limit: int | None = 50,
    before_id: int | None = None,
) -> list[ArticleRow]:
    """Return the articles that hold a query's words in title, summary or text, the newest known first.

    What was withdrawn is found, what was forgotten or merged into another article is not.

    Args:
        connection: a reading transaction.
        query: what is looked for.
        scope: where.
        limit: at most so many; None for all.
        before_id: the page after the article with this number, which was the last of the page before.

    Raises:
        SourceError: the scope names a source that is unknown.
    """
    ids = search_ids(connection, query, scope=scope, limit=limit, before_id=before_id)
    return articles_of(connection, ids)


def search_ids(
    connection: Connection,
    query: SearchQuery,
    *,
    scope: SearchScope = EVERYWHERE,
    limit: int | None,
    before_id: int | None = None,
) -> list[int]:
    """Return the numbers of the articles that `search_articles` finds."""
    newest = connection.execute(select(func.max(Article.id))).scalar_one() or 0
    before = newest + 1 if before_id is None else min(before_id, newest + 1)
    if connection.dialect.name == "postgresql":
        within = _within(connection, scope, SearchText.article_id)
        found = connection.execute(_by_lexemes(query, within, before=before, limit=limit))
        return sorted(found.scalars(), reverse=True)
    number = _ALL_TEXT.c.rowid
    words = text(f"{FULL_TEXT} MATCH :wanted").bindparams(wanted=full_text_query(query))
    wanted = select(number).where(words, number < before, *_within(connection, scope, number))
    return list(connection.execute(wanted.order_by(number.desc()).limit(limit)).scalars())


def _by_lexemes(
    query: SearchQuery, within: Sequence[ColumnElement[bool]], *, before: int, limit: int | None
) -> Select[Any]:
    """Return PostgreSQL's query: each block of articles is asked when those above it did not fill the page.

    The sum keeps the planner from walking all articles by number, which it takes for cheap: it cannot know how rare a
    word is.
    """
    blocks = [lexeme_query(query, block) for block in range((before - 1) // BLOCK, -1, -1)]
    block = func.unnest(cast(blocks, ARRAY(Text))).table_valued("wanted", name="block").render_derived()
    number = SearchText.article_id + 0
    words = SearchText.words.op("@@")(cast(block.c.wanted, TSQUERY))
    inside = select(SearchText.article_id).where(words, number < before, *within)
    found = inside.order_by(number.desc()).limit(limit).lateral("found")
    return select(found.c.article_id).select_from(block.join(found, true())).limit(limit)


def _within(
    connection: Connection, scope: SearchScope, number: SQLColumnExpression[int]
) -> list[ColumnElement[bool]]:
    """Return what holds an article with this number to a scope: looked up for each that has the words, in order."""
    if scope == EVERYWHERE:
        return []
    wanted: list[ColumnElement[bool]] = [Article.id == number]
    if scope.sources:
        ids = source_ids(connection, scope.sources)
        wanted.append(exists().where(Sighting.article_id == Article.id, Sighting.source_id.in_(ids)))
    if scope.languages:
        wanted.append(may_be_in(Article.language, scope.languages))
    dated = func.coalesce(Article.published_at, Article.first_seen_at)
    if scope.since is not None:
        wanted.append(dated >= _bound(scope.since, scope.first_day))
    if scope.until is not None:
        wanted.append(dated < _bound(scope.until, scope.end_day))
    # A value and not EXISTS, which PostgreSQL would turn into a join that reads all articles for each block.
    return [select(Article.id).where(*wanted).scalar_subquery().is_not(None)]


def _bound(moment: datetime, day: date | None) -> ColumnElement[datetime]:
    """Return what an article's date is compared with: a moment, or a day where no more is known of it."""
    begins = datetime.combine(day or moment.astimezone(UTC).date(), time(), UTC)
    is_day = Article.published_precision.in_([each.value for each in OF_DAYS])
    kind = Article.first_seen_at.type
    return case((is_day, bindparam(None, begins, kind)), else_=bindparam(None, moment, kind))


def full_text_query(query: SearchQuery) -> str:
    """Return a query in the language of SQLite's FTS5; nothing that somebody typed stands outside of its strings.

    >>> full_text_query(SearchQuery(wanted=(("water",), ("old", "maps")), unwanted=(("sport",),)))
    '("water" AND "old maps") NOT ("sport")'
    """
    wanted = " AND ".join(f'"{" ".join(phrase)}"' for phrase in query.wanted)
    unwanted = " OR ".join(f'"{" ".join(phrase)}"' for phrase in query.unwanted)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def lexeme_query(query: SearchQuery, block: int) -> str:
    """Return a query for one block of articles as PostgreSQL reads a tsquery; words stand in its quotes only.

    >>> lexeme_query(SearchQuery(wanted=(("water",), ("old", "maps")), unwanted=(("sport",),)), 1)
    "'Bwater' & ('Bold' <-> 'Bmaps') & !'Bsport'"
    """
    prefix = block_letters(block)

    def written(phrase: Phrase) -> str:
        quoted = " <-> ".join(f"'{prefix}{word}'" for word in phrase)
        return quoted if len(phrase) == 1 else f"({quoted})"

    return " & ".join([*map(written, query.wanted), *(f"!{written(each)}" for each in query.unwanted)])


def index_articles(connection: Connection, article_ids: Iterable[int]) -> None:
    """Bring the index in step with what articles say now: they are new, were edited, merged, split or forgotten.

    What says the same as before is left as it is.
    """
    for some in rows.chunks(sorted(set(article_ids)), AT_ONCE):
        found = connection.execute(_known().where(Article.id.in_(some))).all()
        standing = {row.id: _indexed(row) for row in found if row.stands}
        changed = [row for row in found if row.id not in standing or standing[row.id].mark != row.mark]
        take_out(connection, [row.id for row in changed if row.mark is not None])
        put(connection, [standing[row.id] for row in changed if row.id in standing])


def _known() -> Any:
    """Return the query of articles with their newest text and what the index has of them."""
    newest = and_(Revision.article_id == Article.id, Revision.number == Article.revision)
    return (
        select(
            Article.id,
            Article.title,
            Article.summary,
            Article.revision,
            and_(Article.merged_into.is_(None), Article.forgotten_at.is_(None)).label("stands"),
            Revision.digest,
            Revision.body_text.label("body"),
            SearchText.mark,
        )
        .outerjoin(Revision, newest)
        .outerjoin(SearchText, SearchText.article_id == Article.id)
    )


def _indexed(row: Row[Any]) -> Indexed:
    told = "\0".join((row.title, row.summary, str(row.revision), row.digest or ""))
    if row.digest and not row.body:
        told += "\0"  # its text was pruned
    return Indexed(
        article_id=row.id,
        title=row.title,
        summary=row.summary,
        body=row.body or "",
        mark=blake2b(told.encode(), digest_size=16).hexdigest(),
    )


def reindex(engine: Engine, told: Callable[[int], object] | None = None) -> int:
    """Make the index anew of what every article says now, and return how many articles are in it.

    It is emptied first; then some articles at a time are put in, in a transaction of their own, so that settling goes
    on meanwhile: what it puts in is the same. Until the end not all is found that is searched for; where it was stopped
    before, `find_faults` says what is missing, and it begins anew.

    Args:
        engine: the database.
        told: gets the number of articles that are in it by now.
    """
    last = done = 0
    while True:
        with writing(engine) as connection:
            lock_log(connection)  # or settling could put the same article in at the same moment
            if not last:
                empty(connection)
            found = select(Article.id).where(Article.id > last, Article.merged_into.is_(None))
            found = found.where(Article.forgotten_at.is_(None)).order_by(Article.id).limit(REINDEXED_AT_ONCE)
            ids = list(connection.execute(found).scalars())
            index_articles(connection, ids)
            ends = len(ids) < REINDEXED_AT_ONCE
            if ends:
                erase_traces(connection)
        last, done = ids[-1] if ids else last, done + len(ids)
        if told is not None:
            told(done)
        if ends:
            return done
