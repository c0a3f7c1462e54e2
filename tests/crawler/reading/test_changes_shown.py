"""The date of a change is no date of publication, wherever the words that say so stand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.listing import read_listing
from crawler.dating import change_of, date_of
from crawler.extraction.article import extract_article
from crawler.induction.induce import induce
from crawler.induction.model import Draft, Sample
from crawler.markup import parse_html
from news.article import Content
from news.source import Source, Wrapper

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANY = Source(name="a", url="https://a.example/news/", language="en")
ITEM = "<article class='story'><h2><a href='/news/{n}'>The harbour office writes on case {n}</a></h2>{date}</article>"
TEXT = (
    "<p>"
    + "The ferry leaves at seven from the eastern quay, and comes back before the tide turns. " * 4
    + "</p>"
)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Updated: <time id=x datetime='2026-03-03'>3 March 2026</time></p>",
        "<p><b>Last updated</b> <span id=x>3 March 2026</span></p>",
        "<p>Staff · updated <span><span id=x>3 March 2026</span></span></p>",
        "<p><i class=icon></i>Mis à jour le <!-- day --><span id=x>3 March 2026</span></p>",
        "<dl><dt>آخر تحديث</dt><dd id=x>3 March 2026</dd></dl>",
        "<table><tr><th>Modified</th><td id=x>3 March 2026</td></tr></table>",
        "<table><tr><th>A</th><th>Modified</th></tr><tr><td>1</td><td><i id=x>3 March 2026</i></td></tr></table>",
        "<time id=x datetime='2026-03-03'>Updated 3 March 2026</time>",
        "<meta id=x itemprop=dateModified content='2026-03-03'>",
        "<div id=x><span>Updated:</span> <time datetime='2026-03-03'>3 March 2026</time></div>",
    ],
)
def test_a_date_behind_a_word_for_a_change_is_that_of_the_change(html: str) -> None:
    [node] = parse_html(f"<body>{html}</body>").xpath("//*[@id='x']")
    assert date_of(node, ANY, now=NOW) is None
    stamp = change_of(node, ANY, now=NOW)
    assert stamp is not None
    assert str(stamp.at.date()) == "2026-03-03"


@pytest.mark.parametrize(
    "html",
    [
        "<h2>The timetable was updated</h2><time id=x datetime='2026-03-03'>3 March 2026</time>",
        "<a href='/a'>Updated</a> <time id=x datetime='2026-03-03'>3 March 2026</time>",
        "<p>All rules were modified</p><p id=x>3 March 2026</p>",
        "<p>Updated 9 March 2026</p><p id=x>3 March 2026</p>",
        "<p>Posted <time id=x datetime='2026-03-03'>3 March 2026</time>, updated <time>9 March 2026</time></p>",
        "<p id=x>Posted <time>3 March 2026</time>, updated <time datetime='2026-03-09'>9 March</time></p>",
        "<b itemprop=datePublished><a><time id=x itemprop=dateModified datetime=2026-03-03>3 March</time></a></b>",
        "<p>Updated: <time id=x itemprop=datePublished datetime='2026-03-03'>3 March 2026</time></p>",
    ],
)
def test_other_words_before_a_date_leave_it_one_of_publication(html: str) -> None:
    [node] = parse_html(f"<body>{html}</body>").xpath("//*[@id='x']")
    stamp = date_of(node, ANY, now=NOW)
    assert stamp is not None
    assert str(stamp.at.date()) == "2026-03-03"


def test_a_relative_change_is_none_for_it_would_be_another_tomorrow() -> None:
    [node] = parse_html("<body><p id=x>Updated 2 hours ago</p></body>").xpath("//*[@id='x']")
    assert date_of(node, ANY, now=NOW) is None
    assert change_of(node, ANY, now=NOW) is None


def _listing(date: str) -> str:
    items = "".join(ITEM.format(n=n, date=date.format(day=f"{n} November 2026")) for n in range(9, 1, -1))
    return f"<html lang=en><body><main><h1>News</h1>{items}</main></body></html>"


def _first_draft(html: str) -> Draft:
    return induce(Sample(url=ANY.url, html=html), now=NOW).drafts[0]


@pytest.mark.parametrize(
    "date",
    [
        "<p>Last updated {day}</p>",
        "<p>Updated: <time>{day}</time></p>",
        "<p><b>Mis à jour le</b> {day}</p>",
        "<p><span>آخر تحديث</span> <span>{day}</span></p>",
    ],
)
def test_items_that_only_say_when_they_were_changed_are_proposed_without_a_date_of_publication(
    date: str,
) -> None:
    draft = _first_draft(_listing(date))
    assert len(draft.entries) == 8
    assert {entry.published for entry in draft.entries} == {None}
    assert [entry.modified.at.day for entry in draft.entries if entry.modified] == list(range(9, 1, -1))
    assert draft.reasons == ("8 items, with headings, with dates of changes only",)


def test_of_an_items_two_dates_the_publication_is_proposed() -> None:
    date = "<p>Updated <time>20 November 2026</time></p><p>Posted <time>{day}</time></p>"
    draft = _first_draft(_listing(date))
    assert [entry.published.at.day for entry in draft.entries if entry.published] == list(range(9, 1, -1))
    assert draft.reasons == ("8 items, with headings, with dates",)


def test_a_line_above_the_list_that_says_when_the_page_was_changed_dates_no_item() -> None:
    html = _listing("").replace("<h1>News</h1>", "<h1>News</h1><p>Page last updated 20 November 2026</p>")
    assert {entry.published for entry in _first_draft(html).entries} == {None}


def test_a_stored_selector_of_dates_reads_publications_and_changes_apart() -> None:
    wrapper = Wrapper(item=("article",), link=("h2 a",), title=("h2",), date=("p",))
    source = Source(name="a", url=ANY.url, language="en", wrapper=wrapper)
    items = ITEM.format(n=1, date="<p>Posted 3 November 2026, updated 5 November 2026</p>")
    items += ITEM.format(n=2, date="<p>Updated 4 November 2026</p>")
    response = HtmlResponse(ANY.url, body=f"<body>{items}</body>".encode(), encoding="utf-8")
    both, changed = read_listing(response, source, now=NOW).entries
    assert both.published is not None
    assert both.modified is not None
    assert (both.published.at.day, both.modified.at.day) == (3, 5)
    assert changed.published is None
    assert changed.modified is not None
    assert changed.modified.at.day == 4


def _article(date: str) -> Content:
    body = f"<article><h1>A new ferry</h1>{date}{TEXT}</article>"
    html = f"<html lang=en><head><title>A new ferry</title></head><body>{body}</body></html>"
    return extract_article("https://a.example/news/ferry", html, ANY, now=NOW, extractor="x")


@pytest.mark.parametrize(
    "date",
    [
        "<p>Last updated 3 March 2026</p>",
        "<p class='date'>Updated: <time datetime='2026-03-03'>3 March 2026</time></p>",
        "<p><span>Modifié le</span> <span>3 March 2026</span></p>",
    ],
)
def test_promise_8_an_article_that_only_says_when_it_was_changed_has_no_date_of_publication(
    date: str,
) -> None:
    content = _article(date)
    assert content.published is None
    assert content.modified is not None
    assert str(content.modified.at.date()) == "2026-03-03"


def test_an_article_that_says_both_has_both() -> None:
    content = _article("<p>Updated: 3 March 2026</p><p>Published: 1 March 2026</p>")
    assert content.published is not None
    assert content.modified is not None
    assert (content.published.at.day, content.modified.at.day) == (1, 3)
