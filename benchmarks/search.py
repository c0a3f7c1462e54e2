"""What searching costs with many articles, on either database: ``make bench-search``.

    python -m benchmarks.search [--articles N] [--words N] [--queries N] [--database URL]

Articles have words drawn by Zipf's law from a vocabulary that grows with the archive, as texts have. They are written
to ``articles`` and ``revisions`` and then indexed as the migration does it. Then first pages are asked for: 60 % of
the queries look for rare words (in fewer than a hundred articles), 30 % for medium ones, 10 % for words in more than a
tenth of all. Without ``--database`` a SQLite file is made; a PostgreSQL database given by URL must be empty.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine, insert, text

from benchmarks.zipf import made_words
from news.errors import QueryError
from news.search_query import SearchQuery, parse_query
from storage.engine import reading, writing
from storage.schema import ready
from storage.search_table import CREATE_LEXEMES, LEXEMES, settle_down
from storage.searching import index_articles, search_articles, search_ids
from storage.tables import Article, Revision

START = datetime(2020, 1, 1, tzinfo=UTC)
AT_ONCE = 2_000
PAGE = 21


def fill(engine: Engine, random_: random.Random, articles: int, length: int) -> dict[str, int]:
    """Write articles and index them; return in how many each word stands."""
    words, frequency = made_words(), dict[str, int]()
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(text(f"DROP INDEX {LEXEMES}"))
    for first in range(1, articles + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, articles + 1))
        texts = {number: words.some(random_, length) for number in numbers}
        for drawn in texts.values():
            for word in set(drawn):
                frequency[word] = frequency.get(word, 0) + 1
        with writing(engine) as connection:
            connection.execute(insert(Article), [_article(number, texts[number]) for number in numbers])
            connection.execute(insert(Revision), [_revision(number, texts[number]) for number in numbers])
            index_articles(connection, numbers)
    with writing(engine) as connection:
        if connection.dialect.name == "sqlite":
            settle_down(connection)
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(text(CREATE_LEXEMES))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return frequency


def _article(number: int, drawn: Sequence[str]) -> dict[str, object]:
    url = f"https://news.example/{number}"
    return {
        "id": number, "key": f"{number:032x}", "host": "news.example", "url": url, "fetch_url": url,
        "title": " ".join(drawn[:8]), "title_key": f"{number:032x}", "first_seen_at": START + timedelta(minutes=number),
        "revision": 1, "way": "page", "language": "en", "announced": True,
    }  # fmt: skip


def _revision(number: int, drawn: Sequence[str]) -> dict[str, object]:
    return {
        "article_id": number, "number": 1, "captured_at": START, "title": " ".join(drawn[:8]),
        "body_text": " ".join(drawn[8:]), "fingerprint": f"{number:x}", "digest": f"{number:x}", "extractor": "1",
        "way": "page",
    }  # fmt: skip


def queries(
    frequency: dict[str, int], articles: int, count: int, random_: random.Random
) -> list[tuple[str, str]]:
    """Return queries with their classes: words by how many articles they stand in."""
    rare = [word for word, many in frequency.items() if many < 100]
    medium = [word for word, many in frequency.items() if 100 <= many <= articles // 10]
    frequent = [word for word, many in frequency.items() if many > articles // 10]
    chosen = []
    for number in range(count):
        tenth = number % 10
        name, words = (
            ("rare", rare) if tenth < 6 else ("medium", medium) if tenth < 9 else ("frequent", frequent)
        )
        if words:
            chosen.append((name, random_.choice(words)))
    random_.shuffle(chosen)
    return chosen


def measure(engine: Engine, asked: Sequence[tuple[str, str]]) -> None:
    """Ask for the first pages twice and tell how long the second, warm time took."""
    for what, search in (("numbers", _numbers), ("articles", _articles)):
        for timed in (False, True):
            seconds: dict[str, list[float]] = {}
            for name, words in asked:
                with suppress(QueryError):
                    query = parse_query(words)
                    began = perf_counter()
                    search(engine, query)
                    seconds.setdefault(name, []).append(perf_counter() - began)
            if timed:
                report(what, seconds)


def _numbers(engine: Engine, query: SearchQuery) -> None:
    with reading(engine) as connection:
        search_ids(connection, query, limit=PAGE)


def _articles(engine: Engine, query: SearchQuery) -> None:
    with reading(engine) as connection:
        search_articles(connection, query, limit=PAGE)


def report(what: str, seconds: dict[str, list[float]]) -> None:
    """Print the median and the 95th percentile, in milliseconds."""
    everything = [each for some in seconds.values() for each in some]
    for name, some in [("all", everything), *sorted(seconds.items())]:
        ranked = sorted(some)
        p95 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
        print(
            f"{what:<9} {name:<9} {len(some):>5} queries: median {statistics.median(some) * 1e3:6.1f} ms, "
            f"p95 {p95 * 1e3:6.1f} ms, most {ranked[-1] * 1e3:6.1f} ms"
        )


def timed(what: str, do: Callable[[], dict[str, int]]) -> dict[str, int]:
    """Do something and print how long it took."""
    began = perf_counter()
    done = do()
    print(f"{what}: {perf_counter() - began:.0f} s")
    return done


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=120, help="words of one article")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--database", default="", help="URL of an empty database; a SQLite file by default")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random_ = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        engine = ready(given.database or f"sqlite:///{Path(folder) / 'search.db'}")
        what = (
            f"{engine.dialect.name}, {given.articles:,} articles of {given.words} words written and indexed"
        )
        frequency = timed(what, lambda: fill(engine, random_, given.articles, given.words))
        measure(engine, queries(frequency, given.articles, given.queries, random_))
        engine.dispose()


if __name__ == "__main__":
    main()
