"""What holds for any page: hashes and attributes do not choose the items, and time is bounded."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.induction.induce import induce
from crawler.induction.model import Hints, Induction, KnownItem, Sample
from news.errors import ExtractionError
from news.urls import fetchable_url, url_key
from tests.crawler.induction.fixtures import NAMES, NOW, pitfall

MAY_BE_MIXED = sorted(
    set(NAMES)
    & {
        "two-links-a-card",
        "table-rows",
        "sidebar-of-recent-posts",
        "no-element-around-an-item",
        "definition-list",
    }
)
_START_TAG = re.compile(r"<([a-z][a-z0-9-]*)((?:\s+[a-z-]+=\"[^\"]*\")+)>")
_ATTRIBUTE = re.compile(r"\s+[a-z-]+=\"[^\"]*\"")
_CLASS = re.compile(r'class="([^"]*)"')


def keys_of(html: str, url: str) -> list[str]:
    drafts = induce(Sample(url=url, html=html), now=NOW).drafts
    return [entry.key for entry in drafts[0].entries] if drafts else []


@pytest.mark.parametrize("name", MAY_BE_MIXED)
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_the_order_of_attributes_chooses_nothing(name: str, data: st.DataObject) -> None:
    first = pitfall(name).first

    def mixed(match: re.Match[str]) -> str:
        attributes = data.draw(st.permutations(_ATTRIBUTE.findall(match[2])))
        return f"<{match[1]}{''.join(attributes)}>"

    assert keys_of(_START_TAG.sub(mixed, first.html), first.url) == keys_of(first.html, first.url)


@pytest.mark.parametrize("name", MAY_BE_MIXED)
@given(salt=st.integers(min_value=0, max_value=10**9))
@settings(max_examples=8, deadline=None)
def test_hashed_class_names_lose_no_item(name: str, salt: int) -> None:
    first = pitfall(name).first

    def hashed(match: re.Match[str]) -> str:
        return 'class="' + " ".join(f"c{abs(hash((salt, part))):x}" for part in match[1].split()) + '"'

    assert set(keys_of(_CLASS.sub(hashed, first.html), first.url)) >= set(keys_of(first.html, first.url))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1_500 + "<a href='/a-page-of-news/'>A page of news</a>",
        "<ul>"
        + "".join(f"<li><a href='/n/{i}-a-story/'>A story of number {i}</a></li>" for i in range(4_000))
        + "</ul>",
        "<p>" + "<a href='/x/'>x</a> " * 20_000,
        "".join(
            f"<div class='c{i} d{i} e{i}'><a href='/n/{i}/'>Item of number {i}</a></div>"
            for i in range(2_000)
        ),
        "<table>" + "<tr>" * 3_000 + "<td><a href='/y/'>y</a>",
        "".join(f"<div><span>{i}.11.2026</span>" for i in range(900)),
    ],
    ids=["deep", "wide", "one address", "many classes", "rows", "dates"],
)
def test_time_is_bounded_on_hostile_pages(html: str) -> None:
    start = time.process_time()
    with suppress(ExtractionError):
        induce(Sample(url="https://a.example/news/", html=html), now=NOW)
    assert time.process_time() - start < 15


def are_sound(induction: Induction) -> bool:
    """Say whether each list holds what can be asked for, each address once."""
    return all(
        draft.entries
        and len({entry.key for entry in draft.entries}) == len(draft.entries)
        and all(url_key(fetchable_url(entry.url)) == entry.key for entry in draft.entries)
        and all(entry.title.strip() for entry in draft.entries)
        for draft in induction.drafts
    )


@given(html=st.text(alphabet="<>/=\"' abdhilprtu0123456789", max_size=400))
@settings(max_examples=60, deadline=None)
def test_whatever_markup_comes_its_lists_are_sound(html: str) -> None:
    assert are_sound(induce(Sample(url="https://a.example/", html=html), now=NOW))


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_page_however_mangled_gives_sound_lists(data: st.DataObject) -> None:
    first = pitfall(data.draw(st.sampled_from(NAMES))).first
    html = first.html
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(html)))
        put, cut = data.draw(st.text('<>/"= adiv', max_size=5)), data.draw(st.integers(0, 30))
        html = html[:start] + put + html[start + cut :]
    assert are_sound(induce(Sample(url=first.url, html=html), now=NOW))


def test_known_articles_choose_among_lists() -> None:
    first = pitfall("sidebar-of-recent-posts").first
    sidebar = re.findall(r'<li><a href="(/news/[^"]+)">([^<]+)</a></li>', first.html)
    known = tuple(KnownItem(url=f"https://gazette.example{path}", title=title) for path, title in sidebar)
    plain = induce(first, now=NOW)
    hinted = induce(first, now=NOW, hints=Hints(known=known))
    shares = [
        sum(entry.url in {item.url for item in known} for entry in found.drafts[0].entries)
        / len(found.drafts[0].entries)
        for found in (plain, hinted)
    ]
    assert shares[1] >= shares[0]
    assert hinted.drafts[0].score > plain.drafts[0].score
