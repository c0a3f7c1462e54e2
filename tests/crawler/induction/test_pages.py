"""What goes wrong with listings, one directory each: `pages/<pitfall>/expected.json` says what has to come of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.listing import read_listing
from crawler.discovery.proposal import Decision, decision_for
from crawler.induction.durable import is_durable
from crawler.induction.induce import induce
from crawler.induction.model import Sample
from news.urls import url_key
from tests.crawler.induction.fixtures import NAMES, NOW, PAGES, pitfall, proposed, source_of

WITH_ITEMS = [name for name in NAMES if "items" in pitfall(name).expected]
CONTROLS = [name for name in NAMES if "items" not in pitfall(name).expected]


def test_the_table_of_pitfalls_names_every_page_once() -> None:
    named = re.findall(r"`([a-z-]+)`(?=[^|\n]*\|$)", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == NAMES


@pytest.mark.parametrize("name", WITH_ITEMS)
def test_the_items_of_a_page_are_found_with_titles_dates_and_the_next_page(name: str) -> None:
    case = pitfall(name)
    _, candidate = proposed(case)
    assert candidate is not None
    wanted = case.expected["items"]
    assert [entry.title for entry in candidate.entries] == [item["title"] for item in wanted]
    assert [entry.key for entry in candidate.entries] == [url_key(item["url"]) for item in wanted]
    days = [str(entry.published.at.date()) if entry.published else None for entry in candidate.entries]
    assert days == [item.get("published") for item in wanted]
    assert candidate.next_url == case.expected["next_url"]
    assert decision_for(candidate.confidence) == case.expected["decision"], candidate.reasons


def test_the_reasons_count_an_item_that_is_set_apart_above_the_list() -> None:
    item = "<h2><a href='/news/case-{n}'>The harbour office writes on case {n}</a></h2><time>{n} November 2026</time>"
    listed = "".join(f"<li>{item.format(n=n)}</li>" for n in range(18, 9, -1))
    lead = f"<div class=lead><div>{item.format(n=19)}<p>A longer teaser that says much.</p></div></div>"
    html = f"<html lang=en><main><h1>News</h1>{lead}<ul class=list>{listed}</ul></main></html>"
    draft = induce(Sample(url="https://a.example/news/", html=html), now=NOW).drafts[0]
    assert len(draft.entries) == 10
    assert draft.reasons == ("10 items, with headings, with dates",)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_page_that_is_no_listing_is_never_taken_without_a_person(name: str) -> None:
    _, candidate = proposed(pitfall(name))
    assert candidate is None or decision_for(candidate.confidence) is not Decision.AUTO, candidate.reasons


@pytest.mark.parametrize("name", WITH_ITEMS)
def test_every_alternative_for_the_items_finds_the_same_ones(name: str) -> None:
    case = pitfall(name)
    induction, candidate = proposed(case)
    assert candidate is not None
    for selector in candidate.wrapper.item:
        source = source_of(candidate, induction.language)
        alone = replace(source, wrapper=replace(source.wrapper, item=(selector,)))
        page = read_listing(
            HtmlResponse(case.first.url, body=case.first.html.encode(), encoding="utf-8"), alone, now=NOW
        )
        assert [entry.key for entry in page.entries] == [entry.key for entry in candidate.entries], selector


@pytest.mark.parametrize("name", WITH_ITEMS)
def test_a_stored_selector_names_no_class_that_a_build_will_change(name: str) -> None:
    _, candidate = proposed(pitfall(name))
    assert candidate is not None
    wrapper = candidate.wrapper
    selectors = (*wrapper.item, *wrapper.link, *wrapper.title, *wrapper.date, *wrapper.next_page)
    named = {
        part.split(" ")[0].split("'")[0].split(":")[0] for text in selectors for part in text.split(".")[1:]
    }
    plain = {name for name in named if name.replace("-", "").replace("_", "").isalnum()}
    assert all(is_durable(name) or len(name) < 2 or name in _TAGS for name in plain), plain


def test_a_list_is_found_by_more_than_one_kind_of_evidence() -> None:
    _, candidate = proposed(pitfall("sidebar-of-recent-posts"))
    assert candidate is not None
    assert len(set(candidate.wrapper.item)) == len(candidate.wrapper.item) >= 2


_TAGS = {"//a", "a", "h2"}


def test_a_stored_selector_reads_a_last_page_with_one_item() -> None:
    case = pitfall("last-page-with-one-item")
    induction, candidate = proposed(case)
    assert candidate is not None
    [(url, name)] = case.expected["pages"].items()
    response = HtmlResponse(url, body=case.text(name).encode(), encoding="utf-8")
    page = read_listing(response, source_of(candidate, induction.language), now=NOW)
    assert [entry.url for entry in page.entries] == case.expected["second_page"]
    assert page.next_url is None


def test_whole_bodies_are_read_from_the_listing() -> None:
    _, candidate = proposed(pitfall("whole-bodies-inline"))
    assert candidate is not None
    assert candidate.whole_bodies
    assert "fence" in candidate.entries[0].body_html
    assert "Filed in" not in candidate.entries[0].body_html


def test_a_relative_date_says_that_it_is_one() -> None:
    _, candidate = proposed(pitfall("relative-dates"))
    assert candidate is not None
    assert {entry.published.precision for entry in candidate.entries if entry.published} == {"relative"}
