"""What happens to the archive: the eleven kinds of event, each with its weight and what it keeps away from.

What no reader of a site can know is kept out, and said here why. `Known` answers what tidings has seen by now.

- An article's title and its address do not change in one breath: what stands at a new address under a new title is
  another article to everybody who does not ask for the old address (docs/decisions/0017). So `retitle` waits until
  the new address was seen, and `move` until the new title was. Taking an article over under another prefix of the site
  is a new address too.
- A permalink that changes without a redirect is recognised by the text (docs/decisions/0003 and 0017): only what
  tidings has read as it is now, of a title that does not come back, moves so, and is edited again when it was seen
  there.
- What is withdrawn leaves at least some of the listing: a listing of which all is gone is another listing.
- A section without exact dates cannot tell what is taken over from what is new (docs/decisions/0005): `Article.crossed`
  says so to the law of the baseline, nothing is kept out.
- A feed's articles are not taken over by others, and a site's times are true: no article is dated back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from tests.simulation.archive.prose import paragraph_of, title_of
from tests.simulation.archive.truth import LOST, Article, Section, Site, World

WEIGHTS = {
    "publish": 22, "edit": 19, "retitle": 7, "move": 7, "withdraw": 8, "restore": 7, "redesign": 1, "block": 2,
    "outage": 4, "drift": 8, "republish": 12,
}  # fmt: skip
DESIGNS = 4


class Known(Protocol):
    """What tidings has seen of the archive."""

    def has_read(self, article: Article) -> bool:
        """Whether an article's present title and text are what was last read of it."""

    def has_met(self, article: Article) -> bool:
        """Whether an article is known at all."""

    def knows_address(self, section: Section, article: Article) -> bool:
        """Whether an article's present address in a section is known to be its."""

    def knows_title(self, article: Article) -> bool:
        """Whether an article's present title is known."""


class Events:
    """Lets things happen. Each kind of event is a method of its name; it says in a few words what it did."""

    def __init__(self, world: World, known: Known) -> None:
        self.world, self.known = world, known
        self.random = random.Random(0)
        self._by_name: dict[str, Callable[[], str]] = {name: getattr(self, name) for name in WEIGHTS}

    def happen(self, kind: str, chance: int) -> str:
        """Let one event happen; ``chance`` decides where and how."""
        self.random = self.world.random = random.Random(chance)
        return self._by_name[kind]()

    # ------------------------------------------------------------------------------------------ choosing

    def _section(self) -> Section:
        return self.random.choice(self.world.sections)

    def _listed(self, *, depth: int = 14) -> tuple[Section, Article] | None:
        """Return a section, and an article not far from its top."""
        section = self._section()
        shown = self.world.visible(section)[:depth]
        return (section, self.world.articles[self.random.choice(shown)]) if shown else None

    def _is_settled(self, article: Article) -> bool:
        """Whether every section that shows an article was seen to show it at its present address, if it is known."""
        if not self.known.has_met(article):
            return True
        shown = [each for each in self.world.sections_of(article) if self._is_near(each, article)]
        return all(self.known.knows_address(section, article) for section in shown)

    def _is_near(self, section: Section, article: Article) -> bool:
        return article.number in self.world.within_cap(section)

    # ------------------------------------------------------------------------------------------- articles

    def publish(self) -> str:
        """One article, or some at once; a site's feed shows what its listing does, and sections share some."""
        section = self._section()
        count = self.random.choice([1, 1, 1, 1, 1, 1, 1, 2, 4])
        for _ in range(count):
            self._publish(section)
            self.world.now += timedelta(seconds=self.random.randrange(1, 90))
        return f"{count} in {section.name}"

    def _publish(self, section: Section) -> Article:
        world = self.world
        article = world.add(section.site)
        together = {"beta": (2, 3), "alpha": (0, 1) if self.random.random() < 0.3 else ()}
        for number in {section.number, *together.get(section.site.name, ())}:
            world.sections[number].listing.insert(0, article.number)
        return article

    def edit(self) -> str:
        """Words of a body change: a name, a whole sentence, or only typography; now and then back again."""
        chosen = self._listed()
        if chosen is None or (chosen[1].moved_at and not self._is_settled(chosen[1])):
            return "nothing to edit"
        article, r = chosen[1], self.random
        text, how = (
            list(article.now.paragraphs),
            r.choice(["typography", "sentence", "sentence", "word", "back"]),
        )
        grade, place = "substantive", r.randrange(len(text))
        if how == "back" and len(article.states) > 1:
            text, grade = list(article.states[-2].paragraphs), ""
        elif how == "typography" and "'" in "".join(text):
            text, grade = [each.replace("'", "’") for each in text], "cosmetic"
        elif how == "word" and " and " in text[place]:
            text[place], grade = text[place].replace(" and ", " or ", 1), "minor"
        else:
            text[place] = f"{paragraph_of(r, article.site.language)} ({r.randrange(10_000)})"
        if tuple(text) == article.now.paragraphs:
            return "nothing to edit"
        self.world.change(article, paragraphs=tuple(text), grade=grade, silent=r.random() < 0.3)
        return f"a{article.number} {how}"

    def retitle(self) -> str:
        chosen = self._listed()
        if chosen is None or chosen[1].recurring or not self._is_settled(chosen[1]):
            return "nothing to retitle"
        article = chosen[1]
        title = title_of(self.random, article.site.language, article.number)
        self.world.change(article, title=title, grade="retitled")
        return f"a{article.number}"

    def move(self) -> str:
        """A permalink changes, with a redirect or without; sometimes those of a whole site do, with redirects."""
        chosen = self._listed()
        if chosen is None:
            return "nothing to move"
        section, article = chosen
        how = self.random.choice(["redirect"] * 6 + ["lost"] * 3 + ["site"])
        if how == "site":
            return self._move_all(section.site)
        if how == "lost" and self._may_be_lost(section, article):
            self._move(article, 404)
            return f"a{article.number} without a redirect"
        if not self.known.knows_title(article) or not self._is_settled(article):
            return "nothing to move"
        self._move(article, 301)
        return f"a{article.number}"

    def _may_be_lost(self, section: Section, article: Article) -> bool:
        shown = self.world.visible(section)[: section.size]
        is_read = self.known.has_read(article) and self._is_settled(article)
        return article.number in shown and is_read and not article.recurring

    def _move(self, article: Article, status: int) -> None:
        stem, _, _ = article.path.rpartition(".")
        self.world.move(article, f"{stem}-{len(article.left) + 1}.html", status)

    def _move_all(self, site: Site) -> str:
        """A new scheme of permalinks for all articles of a site; the old ones redirect."""
        articles = [each for each in self.world.articles if each.site is site]
        if not all(
            self.known.knows_title(each) and self._is_settled(each) for each in articles if each.status == 200
        ):
            return "nothing to move"
        for article in articles:
            name = article.path.rpartition("/")[2]
            self.world.move(article, f"/texts/{len(article.left)}/{name}", 301)
        return f"all of {site.name}"

    def withdraw(self) -> str:
        """An article is taken down (410, 404), or only taken off a listing, which says nothing."""
        chosen = self._listed()
        if chosen is None or self._lost_in(chosen[0]) > 3:
            return "nothing to withdraw"
        section, article = chosen
        how = self.random.choice(["410", "404", "off the listing"])
        if how == "off the listing":
            section.listing.remove(article.number)
        else:
            article.status = int(how)
        return f"a{article.number} {how}"

    def _lost_in(self, section: Section) -> int:
        recent = section.listing[:20]
        return sum(self.world.articles[number].status in LOST for number in recent)

    def restore(self) -> str:
        lost = [each for each in self.world.articles if each.status in LOST]
        if not lost:
            return "nothing to restore"
        article = self.random.choice(lost)
        article.status, article.back = 200, True
        return f"a{article.number}"

    def republish(self) -> str:
        """An article shows up at the top of another section of its site."""
        r, sections = self.random, self.world.sections
        here, there = r.choice([(0, 1), (1, 0)])
        shown = self.world.visible(sections[here])[:14]
        article = self.world.articles[r.choice(shown)] if shown else None
        if article is None or article.number in sections[there].listing:
            return "nothing to take over"
        is_foreign = sections[0].prefix != sections[1].prefix
        if is_foreign and not (self.known.knows_title(article) and self._is_settled(article)):
            return "nothing to take over"
        article.crossed = True
        sections[there].listing.insert(0, article.number)
        sections[there].taken_over[article.number] = self.world.now
        return f"a{article.number} in {sections[there].name}"

    # --------------------------------------------------------------------------------------------- sites

    def redesign(self) -> str:
        """Other markup for all pages of a site."""
        site = self.random.choice(self.world.sites)
        site.design = (site.design + self.random.randrange(1, DESIGNS)) % DESIGNS
        site.redesigned_at = self.world.now
        return f"{site.name} to design {site.design}"

    def block(self) -> str:
        """Something stands in the place of the pages of a site, or of one listing, for a while."""
        return self._shut(["challenge", "login", "consent"], hours=8)

    def outage(self) -> str:
        """Errors, no answer, or a plea for patience; or only some articles' pages fail."""
        if self.random.random() < 0.3:
            chosen = self._listed(depth=5)
            if chosen is not None:
                until = self.world.now + timedelta(minutes=self.random.randrange(10, 400))
                chosen[0].site.broken[chosen[1].number] = until
                return f"the page of a{chosen[1].number}"
        return self._shut(["500", "502", "503", "429", "timeout"], hours=4)

    def _shut(self, kinds: list[str], *, hours: int) -> str:
        section = self._section()
        where: Site | Section = section.site if self.random.random() < 0.5 else section
        where.shut = self.random.choice(kinds)
        where.shut_until = self.world.now + timedelta(minutes=self.random.randrange(10, hours * 60))
        return f"{where.name}: {where.shut} until {where.shut_until:%d %H:%M}"

    def drift(self) -> str:
        """What will happen to a listing between the requests of the next crawl."""
        section, r = self._section(), self.random
        section.drifts = [r.choice(["", "publish", "drop", "publish"]) for _ in range(r.randrange(1, 5))]
        return f"{section.name}: {section.drifts}"

    def drift_now(self, section: Section) -> str:
        """Let the next of a listing's drifts happen."""
        how = section.drifts.pop(0)
        if how == "publish":
            return f"published a{self._publish(section).number}"
        shown = self.world.visible(section)
        if how == "drop" and len(shown) > 8:
            number = shown[self.random.randrange(min(12, len(shown)))]
            section.listing.remove(number)
            return f"dropped a{number}"
        return ""
