"""The archive as it is: three sites, five sections that are watched, and every article in all its states.

Nothing here knows tidings. What a site answers is in `serving`, what happens to it in `events`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from news.urls import url_key
from tests.simulation.archive.prose import RECURRING, paragraph_of, title_of

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
LOST = frozenset({404, 410})
PREFIXES = ("/en", "/int", "/fr", "")
"""Under each of them a site shows every one of its articles; a section links to one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What an article's page says from ``at`` on. ``grade`` is how the edit that led to it must be classed."""

    at: datetime
    title: str
    paragraphs: tuple[str, ...]
    modified: datetime | None = None
    grade: str = "none"


@dataclass(kw_only=True, slots=True)
class Article:
    """One article. ``path`` is its address below a section's prefix, ``left`` what its earlier ones answer: 301 or 404.

    ``back`` says that it was put among older ones, ``crossed`` that it was taken over by another section.
    """

    number: int
    site: Site
    path: str
    date: datetime
    made_at: datetime
    states: list[State]
    status: int = 200
    left: dict[str, int] = field(default_factory=dict)
    recurring: bool = False
    back: bool = False
    crossed: bool = False
    moved_at: datetime | None = None

    @property
    def now(self) -> State:
        return self.states[-1]


@dataclass(kw_only=True, slots=True)
class Site:
    """One host. ``design`` is its present markup; ``shut`` what stands in place of every page until ``shut_until``."""

    name: str
    base: str
    language: str
    design: int
    tags: str  # what answers are recognised by: etag, date, none
    shut: str = ""
    shut_until: datetime = START
    broken: dict[int, datetime] = field(default_factory=dict)  # articles whose pages fail, until when
    redesigned_at: datetime | None = None


@dataclass(kw_only=True, slots=True)
class Section:
    """One listing, which is one source. ``dates`` is how it dates entries: exact, day, none; top first.

    ``shut`` and ``shut_until`` are as a site's, for this listing alone; ``drifts`` what happens to the listing between
    the requests of the next crawl; ``taken_over`` when it took over an article of another section.
    """

    number: int
    name: str
    site: Site
    channel: str
    path: str
    prefix: str
    size: int
    cap: int
    dates: str
    whole: bool
    listing: list[int] = field(default_factory=list)
    pin: int | None = None
    shut: str = ""
    shut_until: datetime = START
    drifts: list[str] = field(default_factory=list)
    taken_over: dict[int, datetime] = field(default_factory=dict)
    moved_in: int = 0  # what was put at the top though it is old, since this section was last read well

    @property
    def url(self) -> str:
        return f"{self.site.base}{self.path}"


class World:
    """The sites, the sections, the articles and the clock. ``bases`` are the addresses of the three hosts."""

    def __init__(self, seed: int, bases: tuple[str, str, str]) -> None:
        self.random = random.Random(seed)
        choose = self.random.choice
        self.now = START
        self.articles: list[Article] = []
        self.by_key: dict[str, int] = {}
        names = (("alpha", "en"), ("beta", "fr"), ("gamma", "en"))
        self.sites = [
            Site(name=name, base=base, language=language, design=choose([0, 1, 2, 3]),
                 tags=choose(["etag", "etag", "etag", "date", "date", "none"]))
            for (name, language), base in zip(names, bases, strict=True)
        ]  # fmt: skip
        alpha, beta, gamma = self.sites
        kinds = ["exact", "exact", "day", "none"]
        self.sections = [
            self._section(0, "alpha-news", alpha, "listing", "/en/news/", choose(kinds)),
            self._section(1, "alpha-culture", alpha, "listing", "/int/culture/", choose(kinds)),
            self._section(2, "beta-actualites", beta, "listing", "/fr/actualites/", choose(kinds)),
            self._section(3, "beta-feed", beta, "feed", "/fr/feed/", "exact"),
            self._section(4, "gamma-posts", gamma, "wordpress", "/wp-json/wp/v2/posts?per_page=8", "exact"),
        ]
        if choose([True, True, False]):
            self.sections[1].prefix = "/en"
        for section in self.sections:
            self._fill(section, choose([7, 14, 22]))
        if choose([True, False, False]):
            self.sections[0].pin = self.sections[0].listing[-1]

    def _section(self, number: int, name: str, site: Site, channel: str, path: str, dates: str) -> Section:
        choose = self.random.choice
        prefix = {"alpha": path[:3] if path.startswith("/en") else "/int", "beta": "/fr", "gamma": ""}[
            site.name
        ]
        whole = {"listing": False, "feed": choose([True, False]), "wordpress": choose([True, True, False])}
        size = {"listing": choose([5, 8, 10]), "feed": 12, "wordpress": 8}
        return Section(
            number=number, name=name, site=site, channel=channel, path=path, prefix=prefix, dates=dates,
            size=size[channel], cap=choose([2, 3, 4]), whole=whole[channel],
        )  # fmt: skip

    def _fill(self, section: Section, count: int) -> None:
        """Give a section its archive. The feed shows what its site's listing shows."""
        if section.channel == "feed":
            section.listing = list(self.sections[2].listing)
            return
        for place in range(count):
            age = timedelta(hours=5 * (place + 1), minutes=section.number)
            section.listing.append(self.add(section.site, date=START - age).number)

    # ------------------------------------------------------------------------------------------- articles

    def add(self, site: Site, *, date: datetime | None = None) -> Article:
        """Write an article; where it is listed is for others to say. Every fifteenth bears a title that comes back."""
        r, number, language = self.random, len(self.articles), site.language
        recurring = number % 15 == 14
        title = RECURRING[language] if recurring else title_of(r, language, number)
        text = tuple(paragraph_of(r, language) for _ in range(r.choice([2, 3, 4])))
        text = (*text[:-1], f"{text[-1]} ({'Page' if language == 'fr' else 'Leaf'} {number})")
        article = Article(
            number=number,
            site=site,
            path=f"/{'n' if site.name == 'beta' else 'news'}/{number}-{title.split(' ')[0].lower()}.html",
            date=date or self.now,
            made_at=date - timedelta(minutes=1) if date and date < START else self.now,
            states=[State(at=date or self.now, title=title, paragraphs=text)],
            recurring=recurring,
        )
        self.articles.append(article)
        self._stands_at(article)
        return article

    def change(self, article: Article, *, title: str = "", paragraphs: tuple[str, ...] = (), grade: str,
               silent: bool = False) -> None:  # fmt: skip
        """Let an article say something else from now on; ``silent``: without saying that it was modified."""
        last = article.now
        article.states.append(
            State(
                at=self.now,
                title=title or last.title,
                paragraphs=paragraphs or last.paragraphs,
                modified=last.modified if silent else self.now,
                grade=grade,
            )
        )

    def move(self, article: Article, path: str, status: int) -> None:
        """Give an article another permalink; the old one answers ``status``, and so do all before it."""
        article.left = dict.fromkeys([*article.left, article.path], status)
        article.path, article.moved_at = path, self.now
        self._stands_at(article)

    def _stands_at(self, article: Article) -> None:
        for prefix in PREFIXES:
            self.by_key[url_key(f"{article.site.base}{prefix}{article.path}")] = article.number

    # ----------------------------------------------------------------------------------------- what shows

    def visible(self, section: Section) -> list[int]:
        """Return the articles that a section lists, top first."""
        shown = [number for number in section.listing if self.articles[number].status not in LOST]
        if section.pin in shown:
            shown.remove(section.pin)
            shown.insert(0, section.pin)
        return shown[: section.size] if section.channel == "feed" else shown

    def within_cap(self, section: Section) -> list[int]:
        return self.visible(section)[: section.cap * section.size]

    def url(self, section: Section, article: Article) -> str:
        return f"{article.site.base}{section.prefix}{article.path}"

    def key(self, section: Section, number: int) -> str:
        return url_key(self.url(section, self.articles[number]))

    def keys_of(self, number: int) -> list[str]:
        """Return the URL keys of all addresses that an article ever stood at."""
        article = self.articles[number]
        paths = (article.path, *article.left)
        return [url_key(f"{article.site.base}{prefix}{path}") for prefix in PREFIXES for path in paths]

    def at(self, url: str) -> Article | None:
        """Return the article that a permalink, of any prefix and however old, was made for."""
        number = self.by_key.get(url_key(url))
        return None if number is None else self.articles[number]

    def is_shut(self, section: Section) -> str:
        """Return what stands in the place of a section's listing now, if anything does."""
        for where in (section.site, section):
            if where.shut and where.shut_until > self.now:
                return where.shut
        return ""

    def sections_of(self, article: Article) -> list[Section]:
        return [section for section in self.sections if article.number in section.listing]
