"""What a run was really answered: kept beside the run, and what the oracle judges its result by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from news.urls import url_key
from tests.simulation.archive.serving import Answer
from tests.simulation.archive.truth import Article, Section, State, World


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One page of a listing as it was answered, with the URL keys that its items stood at."""

    at: datetime
    page: int
    status: int
    numbers: tuple[int, ...]
    keys: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Served:
    """The answers of one run of one section. ``articles`` holds the last answer of each URL key that was asked for.

    ``first_seen`` and ``last_seen`` are what stood on the listing down to the page cap when the run began and ended;
    ``present`` is all that stood there from its beginning to its end, also below the cap.
    """

    section: Section
    present: tuple[int, ...] = ()
    first_seen: tuple[int, ...] = ()
    last_seen: tuple[int, ...] = ()
    pages: list[Shown] = field(default_factory=list)
    articles: dict[str, tuple[Article, int, State | None]] = field(default_factory=dict)
    bodies: dict[str, State] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    blocked: bool = False

    def keep(self, world: World, url: str, answer: Answer, *, walked: bool = True) -> None:
        """Write one answer down; ``walked`` is False for a page that is only asked for to confirm new selectors."""
        self.asked.append(_told(url, answer))
        if answer.section is not None and not walked and answer.page > 1:
            return
        if answer.section is not None:
            self._keep_page(world, answer)
        elif answer.article is not None:
            self.articles[url_key(url)] = (answer.article, answer.status, answer.state)

    def _keep_page(self, world: World, answer: Answer) -> None:
        if answer.status not in (200, 304) or not answer.page:
            self.blocked |= answer.status not in (304, 400)
        states = dict(answer.shown)
        keys = tuple(world.key(self.section, number) for number in states)
        self.bodies |= dict(zip(keys, states.values(), strict=True))
        if answer.page and answer.status in (200, 304):
            self.pages.append(
                Shown(at=world.now, page=answer.page, status=answer.status, numbers=tuple(states), keys=keys)
            )

    @property
    def unchanged(self) -> set[int]:
        """Return what stands on page 1, which came unchanged: it is said to be known."""
        return {number for shown in self.pages if shown.page == 1 for number in shown.numbers}


def _told(url: str, answer: Answer) -> str:
    if answer.section is not None:
        return f"page {answer.page} ({answer.status})"
    return f"a{answer.article.number} ({answer.status})" if answer.article else f"{url} ({answer.status})"
