"""How well stories are found, and what that costs: ``make bench-stories``.

    python -m benchmarks.stories [--originals N] [--sizes 10000 100000] [--rate N] [--seed N]

Quality: generated articles are published again with edits of eight kinds, beside pairs that are different news in one
form, and beside the traps in ``benchmarks.story_traps``. All of it goes through the very code that settling runs, into
a SQLite file, and the links are compared with the truth. Translations are counted apart.

Cost: a database of each size at a constant daily rate, then the time that each of some hundred more articles costs.
What can be met by a new one (two periods of 90 days) was linked article by article; older articles have texts of a
line and keys drawn at random, as many as real ones have: they are only in the way.
"""

from __future__ import annotations

import argparse
import random
import statistics
import struct
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Engine, insert, select

from benchmarks.story_texts import Draft, draft, drafts, edits, forms
from benchmarks.story_traps import APART, SAME, TRANSLATED
from news.story import PERIOD_DAYS, PERIOD_SHIFT
from storage.engine import reading, writing
from storage.schema import ready
from storage.stories import link_stories
from storage.story_tables import StoryKey, StoryMember, StorySignature, Translation
from storage.tables import Article, Revision

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEYS = 30
"""Keys of an older article: sixteen bands and the usual number of marks."""
TIMED = 300
"""Articles whose linking is timed, in runs of five."""
A_RUN = 5
AT_ONCE = 2_000


@dataclass
class Shelf:
    """A database that articles are put into as settling would, and linked."""

    engine: Engine
    count: int = 0

    def add(
        self, texts: Sequence[tuple[Draft, datetime]], *, host: str = "news.example", link: bool = True
    ) -> list[int]:
        """Store articles and return their numbers; each is linked when ``link`` says so."""
        ids = list(range(self.count + 1, self.count + 1 + len(texts)))
        self.count += len(texts)
        with writing(self.engine) as connection:
            connection.execute(
                insert(Article), [_article(i, *told, host) for i, told in zip(ids, texts, strict=True)]
            )
            connection.execute(
                insert(Revision), [_revision(i, *told) for i, told in zip(ids, texts, strict=True)]
            )
            if link:
                link_stories(connection, ids, now=NOW)
        return ids


@dataclass
class Quality:
    """Pairs that should be of one story, or must not be, by kind; and which were linked."""

    same: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    apart: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    linked: set[tuple[int, int]] = field(default_factory=set)

    def recall(self, kind: str) -> float:
        pairs = self.same[kind]
        return sum(pair in self.linked for pair in pairs) / len(pairs)

    def wrong(self, kind: str) -> int:
        return sum(pair in self.linked for pair in self.apart[kind])

    @property
    def true(self) -> set[tuple[int, int]]:
        return {pair for pairs in self.same.values() for pair in pairs}


def measure_quality(engine: Engine, originals: int, seed: int) -> Quality:
    """Fill a database with originals, edits of them and forms, and return what was linked beside the truth."""
    rng, shelf, quality = random.Random(seed), Shelf(engine), Quality()
    published: list[tuple[str, str, Draft, Draft]] = []
    for number, original in enumerate(drafts(rng, originals)):
        ways = [
            *(("same", *each) for each in edits().items()),
            *(("apart", *each) for each in forms().items()),
        ]
        truth, kind, make = ways[number % len(ways)]
        made = make(rng, original)
        one, other = made if isinstance(made, tuple) else (original, made)
        published.append((truth, kind, one, other))
    first = _add_all(shelf, [each[2] for each in published])
    second = _add_all(shelf, [each[3] for each in published])
    for (truth, kind, _, _), *pair in zip(published, first, second, strict=True):
        getattr(quality, truth)[kind].append(tuple(pair))
    for truth, kind, pairs in (("apart", "traps", APART), ("same", "told again", SAME)):
        for each in pairs:
            told = [(Draft(language=each.language, title=t, text=x), NOW) for t, x in (each.one, each.other)]
            # Each pair in a time of its own: they are made of few forms.
            pair = [shelf.add([(text, _long_ago(shelf))])[0] for text, _ in told]
            getattr(quality, truth)[kind].append(tuple(pair))
    quality.linked = _linked(engine)
    return quality


def _add_all(shelf: Shelf, texts: Sequence[Draft]) -> list[int]:
    ids: list[int] = []
    for start in range(0, len(texts), A_RUN):
        ids += shelf.add([(text, NOW) for text in texts[start : start + A_RUN]])
    return ids


def _long_ago(shelf: Shelf) -> datetime:
    return NOW - timedelta(days=200 * (1 + shelf.count // 2 % 60))


def _linked(engine: Engine) -> set[tuple[int, int]]:
    stories: dict[int, list[int]] = defaultdict(list)
    with reading(engine) as connection:
        for row in connection.execute(select(StoryMember.story_id, StoryMember.article_id)):
            stories[row.story_id].append(row.article_id)
    return {pair for members in stories.values() for pair in combinations(sorted(members), 2)}


def measure_translations(engine: Engine, seed: int) -> tuple[int, int, int]:
    """Return how many translations were proposed rightly, wrongly, and how many there are, among news of one day."""
    rng, shelf = random.Random(seed), Shelf(engine)
    of: dict[int, str] = {}
    for news in TRANSLATED:
        for language, title, text in news.tellings:
            [number] = shelf.add([(Draft(language=language, title=title, text=text), NOW)])
            of[number] = news.name
    for each in drafts(rng, 90):
        shelf.add([(each, NOW)])
    with reading(engine) as connection:
        pairs = list(connection.execute(select(Translation.article_id, Translation.other_id)))
    right = sum(of.get(a) is not None and of.get(a) == of.get(b) for a, b in pairs)
    there = sum(count * (count - 1) // 2 for count in Counter(of.values()).values())
    return right, len(pairs) - right, there


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds that linking an article takes, of a processor and by the clock: one of each for every timed run."""

    processor: list[float]
    clock: list[float]


def measure_cost(engine: Engine, size: int, rate: int, seed: int) -> Cost:
    """Fill a database to ``size`` articles at ``rate`` a day; return what each of some more ones costs."""
    rng, shelf = random.Random(seed), Shelf(engine)
    met = min(size, 2 * PERIOD_DAYS * rate)
    for batch in _batches(size - met):
        _fill(shelf, rng, [_day(size - number, rate) for number in batch])
    for batch in _batches(met):
        texts = [(draft(rng, "en"), _day(met - number, rate)) for number in batch]
        shelf.add(texts)
    cost = Cost(processor=[], clock=[])
    recent = [draft(rng, "en") for _ in range(TIMED // 50)]
    for start in range(0, TIMED, A_RUN):
        texts = [(draft(rng, "en"), NOW) for _ in range(A_RUN)]
        if start % 50 == 0:  # one of fifty is told twice
            texts[0] = (recent[start // 50], NOW)
            texts[1] = (_reworded_once(rng, recent[start // 50]), NOW)
        ids = shelf.add(texts, link=False)
        with writing(engine) as connection:
            began, worked = perf_counter(), process_time()
            link_stories(connection, ids, now=NOW)
            cost.processor.append((process_time() - worked) / A_RUN)
            cost.clock.append((perf_counter() - began) / A_RUN)
    return cost


def _reworded_once(rng: random.Random, old: Draft) -> Draft:
    return edits()["2 % of the words"](rng, old)


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, AT_ONCE):
        yield range(start, min(start + AT_ONCE, count))


def _day(back: int, rate: int) -> datetime:
    return NOW - timedelta(days=back / rate)


def _fill(shelf: Shelf, rng: random.Random, days: Sequence[datetime]) -> None:
    """Store articles that are too old to be met, with keys that nobody shares."""
    text = Draft(language="en", title="An old one", text="Told long ago.")
    ids = shelf.add([(text, at) for at in days], link=False)
    keys: list[dict[str, Any]] = []
    signatures: list[dict[str, Any]] = []
    for article_id, at in zip(ids, days, strict=True):
        period = at.toordinal() // PERIOD_DAYS
        own = [(period << PERIOD_SHIFT) | rng.getrandbits(44) for _ in range(KEYS)]
        keys += [{"key": key, "article_id": article_id} for key in own]
        signatures.append({"article_id": article_id, "keys": struct.pack(f">{KEYS}q", *own)})
    keys.sort(key=lambda row: row["key"])
    with writing(shelf.engine) as connection:
        connection.execute(insert(StoryKey), keys)
        connection.execute(insert(StorySignature), signatures)


def _article(number: int, told: Draft, at: datetime, host: str) -> dict[str, Any]:
    address = f"https://{host}/{number}"
    return {
        "id": number, "key": f"{number:032x}", "host": host, "url": address, "fetch_url": address,
        "title": told.title, "title_key": f"{number:032x}", "language": told.language, "published_at": at,
        "published_precision": "second", "first_seen_at": at, "revision": 1,
    }  # fmt: skip


def _revision(number: int, told: Draft, at: datetime) -> dict[str, Any]:
    return {
        "article_id": number, "number": 1, "captured_at": at, "title": told.title, "body_text": told.text,
        "fingerprint": "", "digest": "", "extractor": "", "way": "page",
    }  # fmt: skip


def show_quality(quality: Quality) -> tuple[float, float, int, int]:
    """Print the quality by kind; return precision, recall, and how many of how many traps were fallen into."""
    print(f"{'told again':<32}{'pairs':>7}{'linked':>9}")
    for kind, pairs in quality.same.items():
        print(f"  {kind:<30}{len(pairs):>7}{quality.recall(kind):>9.1%}")
    print(f"{'different, in one form':<32}{'pairs':>7}{'linked':>9}")
    for kind, pairs in quality.apart.items():
        print(f"  {kind:<30}{len(pairs):>7}{quality.wrong(kind):>9}")
    right = len(quality.linked & quality.true)
    precision = right / len(quality.linked) if quality.linked else 0.0
    traps = len(quality.apart["traps"])
    return precision, right / len(quality.true), quality.wrong("traps"), traps


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the last line gives the figures. Returns 1 if a trap was fallen into or the curve is steep."""
    parser = argparse.ArgumentParser(prog="benchmarks.stories")
    parser.add_argument(
        "--originals", type=int, default=1_300, help="articles that are published a second time"
    )
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="stored articles"
    )
    parser.add_argument("--rate", type=int, default=100, help="articles a day")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tidings-stories-") as folder:
        quality = measure_quality(_database(folder, "quality"), options.originals, options.seed)
        precision, recall, wrong, traps = show_quality(quality)
        right, wrongly, there = measure_translations(_database(folder, "translations"), options.seed)
        print(f"translations: {right} of {there} proposed, {wrongly} wrongly")
        costs: dict[int, float] = {}
        for size in options.sizes:
            cost = measure_cost(_database(folder, str(size)), size, options.rate, options.seed)
            costs[size] = statistics.median(cost.processor)
            clock = f"{statistics.median(cost.clock) * 1e3:.2f} by the clock"
            print(
                f"{size:>9,} articles: {costs[size] * 1e3:.2f} ms of a processor an article, {clock}",
                flush=True,
            )
            (Path(folder) / f"{size}.db").unlink()
    steepness = max(costs.values()) / min(costs.values()) if costs else 1.0
    curve = ", ".join(f"{cost * 1e3:.1f} ms at {size:,}" for size, cost in costs.items())
    print(
        f"stories: precision {precision:.3f}, recall {recall:.3f}, {traps - wrong} of {traps} traps stay apart, "
        f"{right} of {there} translations; {curve or 'no cost measured'} (factor {steepness:.2f})"
    )
    return int(wrong > 0 or steepness > 2)


def _database(folder: str, name: str) -> Engine:
    return ready(f"sqlite:///{folder}/{name}.db")


if __name__ == "__main__":
    raise SystemExit(main())
