"""What sites do while nobody looks: publish, edit, move, pin, break, block. Each takes (source, article, number)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from storage import tables
from storage.engine import reading
from tests.simulation.run import SimulatedRun
from tests.simulation.world import World, WorldArticle


@dataclass(kw_only=True)
class Watched:
    """What the simulation remembers of one source: its runs, and what it owes its readers."""

    number: int
    run: SimulatedRun | None = None
    finished: list[SimulatedRun] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    based: bool = False
    existed: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    baseline_at: datetime | None = None
    horizon_date: datetime | None = None
    owed: set[int] = field(default_factory=set)


class Mischief:
    """The operations that change the world; `tests.simulation.drive.Simulation` adds those of tidings."""

    world: World
    engine: Engine
    ids: list[int]
    watched: list[Watched]
    exempt: set[tuple[int, int]]

    def publish(self, watched: Watched, article: WorldArticle, x: int) -> None:
        site = self.world.sites[watched.number]
        where = "third.example" if x % 4 == 3 else site.articles_host
        site.listing.insert(0, self.world.add(where).number)

    def burst(self, watched: Watched, article: WorldArticle, x: int) -> None:
        for _ in range(2 + x % 6):
            self.publish(watched, article, 0)
            self.world.now += timedelta(seconds=1)

    def backdate(self, watched: Watched, article: WorldArticle, x: int) -> None:
        site, world = self.world.sites[watched.number], self.world
        new = world.add(site.articles_host, date=world.now - world.tempo * (1 + x % 25))
        new.made_at, new.back = world.now, True
        older = (i for i, each in enumerate(site.listing) if world.articles[each].date < new.date)
        site.listing.insert(next(older, len(site.listing)), new.number)

    def cross(self, watched: Watched, article: WorldArticle, x: int) -> None:
        """An article of any site moves to the top of this listing."""
        site = self.world.sites[watched.number]
        if article.status in (404, 410) or (site.moves and article.number in site.listing):
            return
        if article.number in site.listing:
            self._to_the_top(watched, article.number)
            return
        article.crossed = True
        site.listing.insert(0, article.number)
        self._exempt(watched, article.number)

    def resurface(self, watched: Watched, article: WorldArticle, x: int) -> None:
        site = self.world.sites[watched.number]
        if site.listing and not site.moves:
            self._to_the_top(watched, site.listing[x % len(site.listing)])

    def _to_the_top(self, watched: Watched, number: int) -> None:
        site = self.world.sites[watched.number]
        site.listing.remove(number)
        site.listing.insert(0, number)
        self._moved(watched)
        self._exempt(watched, number)

    def _moved(self, watched: Watched) -> None:
        listing = self.world.sites[watched.number].listing
        for site in self.world.sites:
            site.moves += site.listing is listing

    def _exempt(self, watched: Watched, number: int) -> None:
        """Without exact dates nobody can tell what resurfaced from what is new: DESIGN §2, horizon."""
        if self.world.sites[watched.number].kind != "exact":
            self.exempt |= {(each.number, number) for each in self.watched}

    def edit(self, watched: Watched, article: WorldArticle, x: int) -> None:
        article.newest += 1
        self.world.edit(article, article.newest)

    def retitle(self, watched: Watched, article: WorldArticle, x: int) -> None:
        if "-b" not in article.url:
            article.retitled = True
            article.title = f"Headline number {article.number}, version {x % 5}"

    def revert(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.edit(article, max(0, article.version - 1))

    def unlist(self, watched: Watched, article: WorldArticle, x: int) -> None:
        """Absence says nothing, as long as enough of the frontier is left to meet it."""
        site = self.world.sites[watched.number]
        shown = self.world.visible(site)
        if shown and self._left(watched) > 3:
            site.listing.remove(shown[x % len(shown)])

    def gone(self, watched: Watched, article: WorldArticle, x: int) -> None:
        if self._left(watched) > 3:
            article.status = 410

    def lose(self, watched: Watched, article: WorldArticle, x: int) -> None:
        if self._left(watched) > 3:
            article.status = 404

    def return_(self, watched: Watched, article: WorldArticle, x: int) -> None:
        if article.status in (404, 410):
            article.status, article.back = 200, True

    def pin(self, watched: Watched, article: WorldArticle, x: int) -> None:
        site = self.world.sites[watched.number]
        shown = self.world.visible(site)
        if shown and not site.moves:
            site.pin = shown[x % len(shown)]
            self._moved(watched)
            self._exempt(watched, site.pin)

    def unpin(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.sites[watched.number].pin = None

    def limit(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.sites[watched.number].limit = (6, 9, 99)[x % 3] if self._left(watched) > 6 else 99

    def move(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.move(article)

    def break_pages(self, watched: Watched, article: WorldArticle, x: int) -> None:
        site = self.world.sites[watched.number]
        site.broken_from = 0 if site.broken_from else 2 + x % 2

    def break_article(self, watched: Watched, article: WorldArticle, x: int) -> None:
        if article.status == 200:
            article.status = 500

    def mend_article(self, watched: Watched, article: WorldArticle, x: int) -> None:
        if article.status == 500:
            article.status = 200

    def block(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.sites[watched.number].blocked = 1 + x % 2

    def unblock(self, watched: Watched, article: WorldArticle, x: int) -> None:
        self.world.sites[watched.number].blocked = 0

    def alarm(self, watched: Watched, article: WorldArticle, x: int) -> None:
        """The next run finds a field gone that all entries had: suspect, and yet the real listing."""
        self.world.sites[watched.number].alarm = True

    def _left(self, watched: Watched) -> int:
        """Return how many entries of the frontier still stand on the listing, down to the cap."""
        with reading(self.engine) as connection:
            of = tables.Source.id == self.ids[watched.number]
            frontier = connection.execute(select(tables.Source.frontier).where(of)).scalar_one()
            query = select(tables.Article.fetch_url).where(tables.Article.key.in_(frontier))
            known = {self.world.at(url).number for url in connection.execute(query).scalars()}
        known |= {self.world.by_key[key] for key in frontier if key in self.world.by_key}
        return sum(number in known for number in self.world.within_cap(self.world.sites[watched.number]))
