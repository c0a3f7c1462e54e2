"""One odd day in a source's life: real news of unusual kinds, and what only looks like news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from news.entry import Entry
from news.run import Problem, Reading, Trouble
from news.urls import url_key
from tests.news.histories import NOUNS, PHRASES, Memory, Site, own_body

Scene = Callable[[Site, Memory], Reading]


@dataclass(frozen=True, kw_only=True)
class Scenes:
    """Scenes by what they are called."""

    good: dict[str, Scene]
    bad: dict[str, Scene]


SCENES = Scenes(good={}, bad={})


def good(scene: Scene) -> Scene:
    SCENES.good[scene.__name__.replace("_", " ")] = scene
    return scene


def bad(scene: Scene) -> Scene:
    SCENES.bad[scene.__name__.replace("_", " ")] = scene
    return scene


def as_it_is(site: Site, memory: Memory) -> Reading:
    return memory.reading(site.pages(), site.now, body=own_body(site))


def with_pages(site: Site, memory: Memory, *pages: list[Entry]) -> Reading:
    return memory.reading(pages, site.now, body=own_body(site))


def top(site: Site) -> list[Entry]:
    return site.pages()[0]


def stranger(site: Site, number: int, *, path: str = "news", words: str = "") -> Entry:
    """Return an entry that stands in no archive of this site, without a date."""
    url = f"https://site.example/{path}/{number}"
    return Entry(url=url, key=url_key(url), title=words or f"Read more {number}")


# ------------------------------------------------------------------------------------------------ what is news


@good
def an_ordinary_day(site: Site, memory: Memory) -> Reading:
    site.pass_time(24)
    return as_it_is(site, memory)


@good
def a_quiet_week(site: Site, memory: Memory) -> Reading:
    site.now += timedelta(days=7)
    return as_it_is(site, memory)


@good
def a_burst_of_half_a_page(site: Site, memory: Memory) -> Reading:
    site.now += timedelta(hours=3)
    site.publish(site.page_size // 2 + 1)
    return as_it_is(site, memory)


@good
def a_burst_of_more_than_a_page(site: Site, memory: Memory) -> Reading:
    site.now += timedelta(hours=3)
    site.publish(site.rng.randrange(site.page_size, 2 * site.page_size))
    return as_it_is(site, memory)


@good
def after_a_month_in_which_nobody_read(site: Site, memory: Memory) -> Reading:
    site.pass_time(24 * 30)
    return as_it_is(site, memory)


@good
def after_an_outage_all_is_on_one_long_page(site: Site, memory: Memory) -> Reading:
    """No run could be settled for hours or days; the listing keeps what nobody has read."""
    memory.known = replace(memory.known, failing=True)
    return all_at_once(site, memory, hours=site.rng.choice([1, 12, 48]))


@good
def a_mass_at_once_on_one_long_page(site: Site, memory: Memory) -> Reading:
    return all_at_once(site, memory, hours=3)


def all_at_once(site: Site, memory: Memory, *, hours: float) -> Reading:
    site.now += timedelta(hours=hours)
    site.publish(5 * site.page_size)
    site.page_size *= 6
    return as_it_is(site, memory)


@good
def some_articles_are_withdrawn(site: Site, memory: Memory) -> Reading:
    site.pass_time(12)
    for _ in range(3):
        site.items.pop(site.rng.randrange(site.page_size))
    return as_it_is(site, memory)


@good
def an_old_article_is_pinned(site: Site, memory: Memory) -> Reading:
    site.pass_time(12)
    site.items.insert(0, site.items.pop(site.rng.randrange(20, 40)))
    return as_it_is(site, memory)


@good
def the_page_is_twice_as_long(site: Site, memory: Memory) -> Reading:
    site.pass_time(12)
    site.page_size *= 2
    return as_it_is(site, memory)


@good
def a_few_dates_are_missing(site: Site, memory: Memory) -> Reading:
    site.pass_time(12)
    first, *others = site.pages()
    return with_pages(
        site, memory, [replace(e, published=None if site.rng.random() < 0.2 else e.published) for e in first],
        *others,
    )  # fmt: skip


@good
def two_articles_are_backdated(site: Site, memory: Memory) -> Reading:
    site.pass_time(24)
    for _ in range(2):
        site.items.insert(0, replace(site.item(site.now), at=site.now - timedelta(days=10)))
    return as_it_is(site, memory)


@good
def short_notices(site: Site, memory: Memory) -> Reading:
    site.now += timedelta(hours=3)
    site.publish(3)
    site.items[:3] = [replace(item, chars=max(150, item.chars // 3)) for item in site.items[:3]]
    return as_it_is(site, memory)


# ---------------------------------------------------------------------------------------------- what is noise


@bad
def a_challenge(site: Site, memory: Memory) -> Reading:
    blocked = Problem(trouble=Trouble.BLOCKED, detail="a challenge page", fatal=True)
    return memory.reading((), site.now, body=own_body(site), problems=(blocked,))


@bad
def a_section_that_is_emptied(site: Site, memory: Memory) -> Reading:
    return with_pages(site, memory, [])


@bad
def a_list_cut_to_its_head(site: Site, memory: Memory) -> Reading:
    site.pass_time(6)
    return with_pages(site, memory, top(site)[:2])


@bad
def a_redesign_whose_menu_is_read(site: Site, memory: Memory) -> Reading:
    return with_pages(site, memory, [stranger(site, n, path="about/our/work") for n in range(12)])


@bad
def a_redesign_whose_menu_is_read_too(site: Site, memory: Memory) -> Reading:
    menu = [stranger(site, n, path="about") for n in range(5 * site.page_size)]
    return with_pages(site, memory, menu + top(site))


@bad
def a_menu_is_read_too_after_an_outage(site: Site, memory: Memory) -> Reading:
    memory.known = replace(memory.known, failing=True)
    return a_redesign_whose_menu_is_read_too(site, memory)


@bad
def a_menu_of_addresses_like_those_of_articles(site: Site, memory: Memory) -> Reading:
    menu = [stranger(site, n, path=site.path) for n in range(5 * site.page_size)]
    return with_pages(site, memory, menu + top(site))


@bad
def every_link_says_read_more(site: Site, memory: Memory) -> Reading:
    site.pass_time(24)
    return with_pages(site, memory, [replace(entry, title="Read more") for entry in top(site)])


@bad
def the_dates_are_gone(site: Site, memory: Memory) -> Reading:
    site.dated = False
    return as_it_is(site, memory)


@bad
def another_section(site: Site, memory: Memory) -> Reading:
    """The address shows what another part of the site published in the last weeks."""
    other = [site.item(site.now - timedelta(days=day * 1.5)) for day in range(3 * site.page_size)]
    site.items = other
    return as_it_is(site, memory)


@bad
def the_archive_on_top(site: Site, memory: Memory) -> Reading:
    """Half of the page are articles of the past months that never stood here."""
    late = [site.item(site.now - timedelta(days=site.rng.uniform(9, 25))) for _ in range(site.page_size // 2)]
    site.items[:0] = late
    return as_it_is(site, memory)


@bad
def most_read_instead_of_newest(site: Site, memory: Memory) -> Reading:
    """Any article of the whole site, in any order."""
    old = [site.item(site.now - timedelta(days=site.rng.uniform(5, 400))) for _ in range(2 * site.page_size)]
    mixed = site.items[: 2 * site.page_size] + old
    site.rng.shuffle(mixed)
    site.items = mixed
    return as_it_is(site, memory)


@bad
def another_language_at_the_same_addresses(site: Site, memory: Memory) -> Reading:
    site.pass_time(6)
    language = site.rng.choice(sorted(PHRASES.keys() - {site.language}))
    words = [PHRASES[language].format(*site.rng.sample(NOUNS[language], 4)) for _ in range(site.page_size)]
    return with_pages(
        site, memory, [replace(e, title=w, summary=w) for e, w in zip(top(site), words, strict=True)]
    )


@bad
def another_language_edition(site: Site, memory: Memory) -> Reading:
    site.language = site.rng.choice(sorted(PHRASES.keys() - {site.language}))
    site.items = [site.item(site.now - timedelta(hours=number)) for number in range(3 * site.page_size)]
    return as_it_is(site, memory)


@bad
def a_wall_before_every_article(site: Site, memory: Memory) -> Reading:
    site.now += timedelta(hours=6)
    site.publish(3)
    return memory.reading(site.pages(), site.now, body=lambda _: "Please agree before you read on. " * 4)


@bad
def teasers_instead_of_articles(site: Site, memory: Memory) -> Reading:
    site.now += timedelta(hours=6)
    site.publish(4)
    return memory.reading(site.pages(), site.now, body=lambda entry: f"{entry.title}. Subscribe to read on.")
