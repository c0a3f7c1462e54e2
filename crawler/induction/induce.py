"""From one page to drafts of a listing: its items, the selectors that find them, and what may be its next page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crawler.channels.listing import read_tree
from crawler.induction.choosing import ranked
from crawler.induction.dates import DateReader
from crawler.induction.groups import candidate_groups
from crawler.induction.heroes import heroes_above
from crawler.induction.items import Item, Reader
from crawler.induction.language import page_language
from crawler.induction.model import NO_HINTS, Draft, Hints, Induction, Sample
from crawler.induction.next_selectors import next_selectors
from crawler.induction.obstacles import obstacles_of
from crawler.induction.pager import next_links, pager_places
from crawler.induction.patterns import Finder
from crawler.induction.runs import at_links, run_selectors, run_wrapper, runs_of
from crawler.induction.score import Scored, score_group, without_listings
from crawler.induction.sections import are_several_lists
from crawler.induction.view import View
from crawler.induction.wrapping import selectors_for, wrapper_for
from crawler.links import same_site
from crawler.selectors import compile_selector
from news.entry import Page
from news.source import Source, Wrapper

ARTICLES_ASKED = 2


def induce(sample: Sample, *, now: datetime, hints: Hints = NO_HINTS) -> Induction:
    """Return what a page gives as a listing: drafts with different items, the best first.

    Pure: nothing is asked for. The entries of a draft are what the listing channel reads with its wrapper.

    Args:
        sample: the page, with the address where it stands.
        now: aware clock, for relative dates and against dates in the future.
        hints: what is known of the source already.

    Raises:
        ExtractionError: the page is too large or too deeply nested to be read whole.
    """
    view = View(sample.html, sample.url)
    language = hints.language or page_language(view)
    view.mark_dates(language)
    source = Source(name="induced", url=sample.url, language=language, time_zone=hints.time_zone)
    reader = Reader(view)
    pagers = pager_places(view)
    scored = _scored(view, reader, hints, pagers)
    finder, dates = Finder(view), DateReader(view, source, now)
    order = ranked(view, scored, pagers, several=lambda one: are_several_lists(view, one.items, dates))
    drafts: list[Draft] = []
    heroes = heroes_above(view, reader, order[0], dates) if order and not order[0].group.runs else []
    obstacles = obstacles_of(view, sample.html, (*heroes, *order[0].items) if order else ())
    for place, one in enumerate(order):
        draft = _draft(finder, one, () if place else heroes, dates, source, now)
        if draft is not None:
            drafts.append(draft)
        elif place == 0:
            obstacles = (*obstacles, "its likeliest list cannot be told apart by selectors")
    title = next((" ".join((node.text or "").split()) for node in view.root.iter("title")), "")
    return Induction(drafts=tuple(drafts), obstacles=obstacles, language=language, title=title)


def _scored(view: View, reader: Reader, hints: Hints, pagers: Sequence[int]) -> list[Scored]:
    """Return the page's groups of items with their scores, those that cannot be a listing left out."""
    scored: list[Scored] = []
    groups = candidate_groups(view)
    known = {group.members for group in groups}
    for group in groups:
        one = score_group(view, group, reader.items(group), hints, pagers)
        if one is not None:
            scored.append(one)
            bare = without_listings(one)
            if bare is not None and bare.members not in known:
                known.add(bare.members)
                groups.append(bare)
    for group, items in runs_of(view):
        one = score_group(view, group, items, hints, pagers)
        if one is not None:
            scored.append(one)
    return scored


def _draft(
    finder: Finder, scored: Scored, heroes: Sequence[Item], dates: DateReader, source: Source, now: datetime
) -> Draft | None:
    view, runs = finder.view, scored.group.runs
    items = at_links(view, scored.items) if runs else (*heroes, *scored.items)
    texts = run_selectors(finder, items) if runs else selectors_for(finder, heroes, scored.items)
    selectors = tuple(text for text in texts if _is_exact(view, text, items))
    if not selectors:
        return None
    make = run_wrapper if runs else wrapper_for
    wrapper = make(finder, items, dates, selectors)
    keys = frozenset(item.key for item in items)
    links = next_links(view, keys, source.language)
    if links:
        wrapper = replace(wrapper, next_page=next_selectors(finder, links[0]))
    page = read(view, source, wrapper, now)
    if {entry.key for entry in page.entries} != keys:
        return None
    return Draft(
        wrapper=wrapper,
        entries=page.entries,
        score=scored.score,
        next_urls=tuple(link.url for link in links),
        article_urls=_to_confirm(page, source.url),
        several=scored.several,
        reasons=_reasons(page, items),
    )


def read(view: View, source: Source, wrapper: Wrapper, now: datetime) -> Page:
    """Return what the listing channel reads from the page with a wrapper."""
    return read_tree(view.root, view.url, replace(source, wrapper=wrapper), now=now)


def _is_exact(view: View, text: str, items: Sequence[Item]) -> bool:
    """Tell whether a selector finds the items on the raw page, and nothing else that leads anywhere."""
    wanted = [view.nodes[item.place] for item in items]
    found = compile_selector(text).elements(view.root)
    places = [(node, view.index.get(node)) for node in found]
    return [node for node, place in places if place is not None and view.anchors_in(place)] == wanted


def _to_confirm(page: Page, url: str) -> tuple[str, ...]:
    """Return the addresses of two items of the site itself: the first, and one from the middle."""
    own = [entry.url for entry in page.entries if same_site(entry.url, url)]
    return tuple(dict.fromkeys([*own[:1], *own[len(own) // 2 :][:1]]))[:ARTICLES_ASKED]


def _reasons(page: Page, items: Sequence[Item]) -> tuple[str, ...]:
    """Say what the list is, of all entries that its wrapper reads."""
    entries = page.entries
    said = [f"{len(entries)} items" if len(entries) != 1 else "1 item"]
    if sum(item.heading for item in items) > 0.5 * len(items):
        said.append("with headings")
    if sum(entry.published is not None for entry in entries) > 0.5 * len(entries):
        said.append("with dates")
    elif sum(entry.modified is not None for entry in entries) > 0.5 * len(entries):
        said.append("with dates of changes only")
    return (", ".join(said),)
