"""Synthetic listings that live and are read: what a source's history looks like before an odd day comes.

A `Site` publishes by its own rhythm; a `Memory` reads it run after run with the functions that settling uses, so that
what is known, the frontier and the profiles are such as a database would hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from crawler.profile import profile_of
from news.article import Content, Look, Sight, Way
from news.change import ChangeKind
from news.dates import Precision, Stamp
from news.decide import decide
from news.entry import Entry, Page
from news.frontier import Meeting, cover, meets
from news.horizon import horizon_of
from news.known import Known
from news.measures import measured
from news.run import HostState, Lease, Problem, Rank, Reading, Verdict
from news.urls import url_key
from news.verdict import judge

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
PAGES = 4
NOUNS = {
    "en": "harbour library council ferry museum garden school bridge market theatre archive station".split(),
    "fr": "port musée conseil bateau jardin école pont marché théâtre archives gare bibliothèque".split(),
    "de": "Hafen Museum Rat Fähre Garten Schule Brücke Markt Theater Archiv Bahnhof Bücherei".split(),
    "ar": "الميناء المتحف المجلس العبارة الحديقة المدرسة الجسر السوق المسرح الأرشيف المحطة المكتبة".split(),
}
PHRASES = {
    "en": "the {} of the {} is to open with a new {} for {}",
    "fr": "le {} et la {} de la ville dans un {} pour les {}",
    "de": "der {} und die {} von dem {} mit einem neuen {}",
    "ar": "{} في {} من {} إلى {}",
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article of a site."""

    number: int
    title: str
    at: datetime
    chars: int


@dataclass(kw_only=True)
class Site:
    """A listing with habits of its own: rate, page length, language, whether it shows dates and summaries."""

    rng: Random
    language: str
    page_size: int
    per_day: float
    dated: bool
    summarised: bool
    lag_days: float  # by how much its dates lie before it publishes, at most
    ordered: bool
    items: list[Item] = field(default_factory=list)
    now: datetime = START
    path: str = "news"

    @classmethod
    def of(cls, rng: Random) -> Site:
        """Return a site with an archive."""
        site = cls(
            rng=rng,
            language=rng.choice(sorted(PHRASES)),
            page_size=rng.choice([6, 10, 10, 20]),
            per_day=rng.choice([0.2, 1.0, 3.0, 10.0]),
            dated=rng.random() < 0.7,
            summarised=rng.random() < 0.5,
            lag_days=rng.choice([0.0, 0.0, 1.0, 4.0]),
            ordered=rng.random() < 0.9,
        )
        for number in range(8 * site.page_size):
            site.items.append(site.item(START - timedelta(days=number / site.per_day)))
        return site

    def item(self, at: datetime) -> Item:
        """Return a further article; its number is its address."""
        nouns = [self.rng.choice(NOUNS[self.language]) for _ in range(4)]
        number = len(self.items) + self.rng.randrange(10**9)
        title = f"{PHRASES[self.language].format(*nouns)} {number % 997}"
        return Item(number=number, title=title, at=at, chars=max(120, int(self.rng.lognormvariate(7.5, 0.6))))

    def publish(self, count: int) -> None:
        """Put new articles on top, dated as this site dates them."""
        for _ in range(count):
            self.items.insert(
                0, self.item(self.now - timedelta(days=self.rng.uniform(0, self.lag_days + 0.02)))
            )

    def pass_time(self, hours: float) -> None:
        """Let time go by, and publish what comes in it."""
        self.now += timedelta(hours=hours)
        expected, count = self.per_day * hours / 24, 0
        while (expected := expected - self.rng.expovariate(1)) > 0:
            count += 1
        self.publish(count)

    def pages(self) -> list[list[Entry]]:
        """Return what the listing shows now."""
        entries = [self.entry(item) for item in self.items[: PAGES * self.page_size]]
        if not self.ordered:  # the first of some by how often they are read
            head = entries[: self.page_size]
            self.rng.shuffle(head)
            entries = head + entries[self.page_size :]
        return [entries[start : start + self.page_size] for start in range(0, len(entries), self.page_size)]

    def entry(self, item: Item) -> Entry:
        """Return an article as the listing shows it."""
        url = f"https://site.example/{self.path}/{item.number}"
        at = Stamp(at=item.at, precision=Precision.MINUTE, provenance="listing") if self.dated else None
        summary = f"{item.title}." if self.summarised else ""
        return Entry(url=url, key=url_key(url), title=item.title, published=at, summary=summary)


Body = Callable[[Entry], str]


@dataclass(kw_only=True)
class Memory:
    """All that is known of one site, as its runs left it."""

    known: Known = field(default_factory=lambda: Known(host="site.example"))

    def reading(
        self, pages: Sequence[Sequence[Entry]], now: datetime, *, body: Body, problems: Sequence[Problem] = ()
    ) -> Reading:
        """Return the run that walks these pages down to what is known, and reads every unknown article."""
        known, entries, joined = self.known, dict[str, Entry](), not self.known.frontier
        depth = 0
        for page in pages:
            depth += 1
            entries |= {entry.key: entry for entry in page if entry.key not in entries}
            keys = [known.resolve(entry.key) for entry in page]
            if joined or meets(keys, list(entries), known.frontier) is not Meeting.NO:
                joined = True
                break
        seen = tuple(entries.values())
        return Reading(
            source="site",
            source_id=1,
            host=HostState(name="site.example"),
            lease=Lease(host="site.example", token=1, owner="test", leased_at=now, until=now),
            extractor="1",
            started_at=now,
            finished_at=now,
            entries=seen,
            looks=tuple(look(entry, body(entry), now) for entry in seen if entry.key not in known.sighted),
            joined=joined and bool(pages),
            ended=depth == len(pages),
            pages=depth,
            profile=profile_of(Page(entries=tuple(pages[0]) if pages else ())),
            problems=tuple(problems),
        )

    def settle(self, reading: Reading) -> tuple[Verdict, str, list[str]]:
        """Return the verdict, its reason and the keys of what is announced; keep what a good run makes known."""
        known = self.known
        verdict, reason = judge(known, reading)
        if verdict not in (Verdict.OK, Verdict.PARTIAL):
            return verdict, reason, []
        outcome = decide(known, reading, verdict, now=reading.started_at)
        told = [change.article for change in outcome.changes if change.kind is ChangeKind.PUBLISHED]
        horizon = horizon_of(reading.entries)
        sighted: dict[str, Rank] = {sighting.article: sighting.rank for sighting in outcome.sightings}
        self.known = replace(
            known,
            has_baseline=True,
            horizon=known.horizon if known.has_baseline or horizon is None else horizon.published,
            frontier=cover(known, reading, verdict).frontier,
            complete_at=reading.started_at if reading.joined else known.complete_at,
            profiles=(measured(known, reading), *known.profiles)[:20],
            aliases={**known.aliases, **{alias.key: alias.article for alias in outcome.aliases}},
            articles={**known.articles, **{state.key: state for state in outcome.articles}},
            sighted={**known.sighted, **sighted},
        )
        return verdict, reason, told


def look(entry: Entry, text: str, now: datetime) -> Look:
    """Return a look at an article's page that found this text."""
    made = Content(title=entry.title, body_text=text, fingerprint=entry.key, digest=entry.key, extractor="1")
    return Look(
        url=entry.url,
        final_url=entry.url,
        sight=Sight.READ,
        way=Way.PAGE,
        captured_at=now,
        content=made,
    )


def own_body(site: Site) -> Body:
    """Return what a site's article pages hold: texts of very different lengths."""
    chars = {str(item.number): item.chars for item in site.items}

    def body(entry: Entry) -> str:
        number = entry.url.rsplit("/", 1)[-1]
        return f"{number} ".ljust(chars.get(number, 900), "x")

    return body


def lived_in(rng: Random, runs: int = 25) -> tuple[Site, Memory]:
    """Return a site that has been read for some time, a few times a day."""
    site, memory = Site.of(rng), Memory()
    for _ in range(runs):
        memory.settle(memory.reading(site.pages(), site.now, body=own_body(site)))
        site.pass_time(rng.choice([1, 6, 24, 48]))
    # The last of them is read to the end: what was said of a run in between is not what is asked here.
    memory.settle(memory.reading(site.pages(), site.now, body=own_body(site)))
    return site, memory
