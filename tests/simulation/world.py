"""A small world of news sites that misbehave as real ones do: what they show at any moment, and what is true."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from news.article import Content, Validators
from news.dates import Precision, Stamp
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.source import Source, Wrapper
from news.urls import url_key

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
PAGE = 3
CAP = 4
WORDS = (
    "the library opened its doors again and many readers came to see the old maps that were mended this year"
)
SPELLINGS = ("https://{}", "https://www.{}", "http://{}/", "https://{}/?utm_source=feed", "https://{}#top")


@dataclass(kw_only=True, slots=True)
class WorldArticle:
    """One article as its site has it. ``states`` are the versions that its page has shown, each with its first moment.

    ``status`` is what its page answers. ``back`` says that it was backdated or came back: nobody is owed it as news.
    """

    number: int
    url: str
    title: str
    date: datetime
    made_at: datetime
    host: str
    status: int = 200
    version: int = 0
    newest: int = 0
    back: bool = False
    retitled: bool = False
    crossed: bool = False
    states: list[tuple[datetime, int]] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Site:
    """One listing. ``kind`` is how it dates entries (exact, day, none), ``inline`` that it carries whole bodies.
    ``broken_from`` is the first page that answers with an error, if any does.

    ``moves`` counts what was pinned or moved to the top since the last good read: two at once may look like the
    frontier's own end, which no reader could tell apart.
    """

    name: str
    host: str
    listing: list[int]
    kind: str
    inline: bool
    spelling: str
    asks: bool = True
    articles_host: str = ""
    pin: int | None = None
    limit: int = 99
    blocked: int = 0
    broken_from: int = 0
    alarm: bool = False
    moves: int = 0
    path: str = "news"

    @property
    def url(self) -> str:
        return f"https://{self.host}/{self.path}"

    def source(self) -> Source:
        return Source(
            name=self.name,
            url=self.url,
            wrapper=Wrapper(item=(f"li.{self.name}",), link=("a",)),
            baseline_pages=2,
            max_pages=CAP,
            hosts=("alpha.example", "beta.example", "third.example") if self.asks else (),
        )


class World:
    """The sites, their articles and the clock."""

    def __init__(self, seed: int) -> None:
        choose = random.Random(seed).choice
        self.now = START
        self.tempo = timedelta(minutes=choose([5, 5, 47, 180]))
        self.articles: list[WorldArticle] = []
        self.by_key: dict[str, int] = {}
        self.parser = 1
        hosts = ["alpha.example", choose(["alpha.example", "beta.example", "beta.example"])]
        self.sites = [
            Site(
                name=f"source-{number}",
                host=hosts[number],
                path=f"news-{number}",
                listing=[],
                kind=choose(["exact", "exact", "day", "none"]),
                inline=choose([False, False, True]),
                spelling=choose(SPELLINGS),
                asks=choose([True, True, True, False]),
            )
            for number in range(2)
        ]
        for number, site in enumerate(self.sites):
            site.articles_host = choose([site.host, site.host, "third.example"])
            for place in range(choose([6, 10, 16])):
                age = self.tempo * (5 + 2 * place + number)
                site.listing.append(self.add(site.articles_host, date=self.now - age).number)
            if choose([True, False, False, False]):
                site.pin = site.listing[-1]
        if choose([True, False, False]):  # the same listing read by another wrapper, as another source
            one = self.sites[0]
            twin = Site(
                name="source-2", host=one.host, path=one.path, listing=one.listing, kind=one.kind, inline=one.inline,
                spelling=one.spelling, pin=one.pin, articles_host=one.articles_host,
            )  # fmt: skip
            self.sites.append(twin)

    def add(self, host: str, *, date: datetime | None = None) -> WorldArticle:
        """Publish an article; every fifth bears the same title as others do."""
        number = len(self.articles)
        article = WorldArticle(
            number=number,
            url=f"{host}/articles/{number}",
            title="In brief" if number % 5 == 4 else f"Headline number {number}",
            date=date or self.now,
            made_at=START - timedelta(days=1) if date is not None and self.now == START else self.now,
            host=host,
            states=[(START - timedelta(days=30), 0)],
        )
        self.articles.append(article)
        self.by_key[url_key(f"https://{article.url}")] = number
        return article

    def move(self, article: WorldArticle) -> None:
        """Change an article's permalink; its old ones redirect. A new title at once would make it unrecognisable."""
        if article.retitled:
            return
        article.url += "-b"
        self.by_key[url_key(f"https://{article.url}")] = article.number

    def edit(self, article: WorldArticle, version: int) -> None:
        article.version = version
        article.states.append((self.now, version))

    def at(self, url: str) -> WorldArticle:
        return self.articles[self.by_key[url_key(url)]]

    def visible(self, site: Site) -> list[int]:
        """Return the articles that a listing shows, top first."""
        shown = [number for number in site.listing if self.articles[number].status not in (404, 410)]
        if site.pin in shown:
            shown.remove(site.pin)
            shown.insert(0, site.pin)
        return shown[: site.limit]

    def within_cap(self, site: Site) -> list[int]:
        return self.visible(site)[: CAP * PAGE]

    def page(self, site: Site, number: int) -> tuple[list[Entry], str | None]:
        """Return one page of a listing and the address of the next."""
        shown = self.visible(site)
        entries = [
            self._entry(site, self.articles[each]) for each in shown[(number - 1) * PAGE : number * PAGE]
        ]
        return entries, f"{site.url}?page={number + 1}" if len(shown) > number * PAGE else None

    def _entry(self, site: Site, article: WorldArticle) -> Entry:
        url = site.spelling.format(article.url)
        return Entry(
            url=url,
            key=url_key(url),
            title=article.title,
            published=self._stamp(site, article),
            summary="" if site.alarm else f"Summary of {article.number}",
            body_html=json.dumps([article.number, article.version, "listing", article.title])
            if site.inline
            else "",
        )

    def _stamp(self, site: Site, article: WorldArticle) -> Stamp | None:
        if site.kind == "none":
            return None
        if site.kind == "exact":
            return Stamp(at=article.date, precision=Precision.SECOND, provenance="time[datetime]")
        day = article.date.replace(hour=0, minute=0, second=0, microsecond=0)
        return Stamp(at=day, precision=Precision.DAY, provenance="text")

    def listing_validators(self, site: Site) -> Validators:
        """Return what page 1 is recognised by: it moves with everything that the page shows."""
        entries, more = self.page(site, 1)
        shown = repr([(e.url, e.title, e.published, e.body_html) for e in entries] + [more])
        return Validators(etag=hashlib.blake2b(shown.encode(), digest_size=8).hexdigest())

    def content(self, raw: str, parser: int, source: str) -> Content:
        """Read a raw fragment as version ``parser`` of the extraction does: each reads a little more than the last."""
        number, version, way, title = json.loads(raw)
        body = f"Article {number} version {version} on its {way}, read by {parser}: {WORDS}"
        return Content(
            title=title,
            body_text=body,
            fingerprint=content_fingerprint(title, body),
            digest=exact_digest(title, body),
            extractor=f"{parser}:{source}",
            raw=raw,
        )

    def told(self, entry: Entry, parser: int, source: str) -> Content:
        """Return what a listing says of an article whose page may not be asked."""
        body = entry.summary or entry.title
        return Content(
            title=entry.title,
            body_text=body,
            fingerprint=content_fingerprint(entry.title, body),
            digest=exact_digest(entry.title, body),
            extractor=f"{parser}:{source}",
        )
