"""Each pitfall of listings on a site of its own, with the expected proposal; and the laws of induction."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.proposal import Candidate, decision_for
from crawler.induction.confirm import confirm
from crawler.induction.induce import induce
from crawler.induction.model import Sample
from news.urls import url_key
from tests.crawler.induction.newsroom import ENGLISH, PAGER, card, page, site
from tests.crawler.induction.pitfalls import Pitfall, pitfalls

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALL = {pitfall.name: pitfall for pitfall in pitfalls()}


def proposed(pages: dict[str, str], url: str) -> Candidate | None:
    """Return what induction makes of a page, confirmed by what else the site has."""

    def sample(address: str) -> Sample | None:
        return Sample(url=address, html=pages[address]) if address in pages else None

    first = Sample(url=url, html=pages[url])
    induction = induce(first, now=NOW)
    if not induction.drafts:
        return None
    draft = induction.drafts[0]
    return confirm(
        draft,
        first=first,
        induction=induction,
        pages={address: sample(address) for address in draft.next_urls[:3]},
        articles={address: sample(address) for address in draft.article_urls},
        now=NOW,
    )


@pytest.mark.parametrize("name", ALL)
def test_a_pitfall_is_proposed_as_expected(name: str) -> None:
    pitfall = ALL[name]
    candidate = proposed(pitfall.pages, pitfall.url)
    decision = decision_for(candidate.confidence).value if candidate else "refuse"
    assert decision in pitfall.decisions, candidate and candidate.reasons
    if pitfall.items:
        assert candidate is not None
        _as_expected(candidate, pitfall)


def _as_expected(candidate: Candidate, pitfall: Pitfall) -> None:
    assert [entry.key for entry in candidate.entries] == [url_key(story.url) for story in pitfall.items]
    titles = {story.title for story in pitfall.items}
    assert {entry.title for entry in candidate.entries} <= titles
    assert candidate.next_url == pitfall.next_url
    if pitfall.dated:
        days = [entry.published.at.date() if entry.published else None for entry in candidate.entries]
        assert days == [story.day for story in pitfall.items]


def test_the_selectors_name_no_hashed_or_utility_class() -> None:
    candidate = proposed(ALL["hashed and utility classes"].pages, ALL["hashed and utility classes"].url)
    assert candidate is not None
    wrapper = candidate.wrapper
    said = " ".join((*wrapper.item, *wrapper.link, *wrapper.title, *wrapper.date, *wrapper.next_page))
    assert not re.search(r"css-|sc-4|mt-4|flex|a1B2c", said)


def test_a_list_has_alternatives_with_other_evidence() -> None:
    candidate = proposed(ALL["a sidebar with real stories"].pages, ALL["a sidebar with real stories"].url)
    assert candidate is not None
    assert len(candidate.wrapper.item) >= 2
    assert len(set(candidate.wrapper.item)) == len(candidate.wrapper.item)


@settings(max_examples=10, deadline=None)
@given(st.text("bcdfghjkmnpqrstvwxz0123456789", min_size=5, max_size=9), st.integers(3, 12))
def test_the_items_do_not_depend_on_what_classes_are_called(name: str, count: int) -> None:
    stories = ENGLISH[:count]
    plain = page("".join(card(story) for story in stories) + PAGER)
    renamed = plain.replace('class="card"', f'class="css-{name}"')
    found = [proposed(site(html), "https://harbour.example/") for html in (plain, renamed)]
    keys = [[entry.key for entry in candidate.entries] if candidate else [] for candidate in found]
    assert keys[0] == keys[1] == [url_key(story.url) for story in stories]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_no_page_however_mangled_raises_anything(data: st.DataObject) -> None:
    html = data.draw(st.sampled_from([pitfall.pages[pitfall.url] for pitfall in ALL.values()]))
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(html)))
        html = (
            html[:start]
            + data.draw(st.text('<>/"= adiv', max_size=5))
            + html[start + data.draw(st.integers(0, 30)) :]
        )
    induce(Sample(url="https://harbour.example/", html=html), now=NOW)
