"""What holds of every page, however it is made: one kind of error, bounded work, strings that stand alone."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extraction.article import extract_again, extract_article
from crawler.extraction.clean import clean_html, cleaned
from crawler.extraction.page import MAX_DEPTH, MAX_ELEMENTS
from news.article import Content, Way
from news.errors import ExtractionError
from news.source import ArticleRules, Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://courier.example/news/2026-eastern-quay"
SOURCE = Source(name="courier", url="https://courier.example/news/")
PAGES = [
    path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent / "pages").glob("*/page.html"))
]
TEXT = "The council met in the town hall and spoke of rain, of the quay and of the ferry. "


def extract(html: str, source: Source = SOURCE) -> Content:
    return extract_article(URL, html, source, now=NOW, extractor="x")


PIECES = [*"<>\"'{},é\x00", "</div>", "<p>", "<script>", "</script>", "<!--", "<table>", "&#0;"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(PAGES),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 400), st.sampled_from(["", *PIECES])),
        min_size=1,
        max_size=6,
    ),
)
def test_a_damaged_page_is_read_or_refused_and_then_reads_the_same_again(
    html: str, damages: list[tuple[float, int, str]]
) -> None:
    for where, length, piece in damages:
        at = int(where * len(html))
        html = html[:at] + piece + html[at + length :]
    assert_read_or_refused(html)


def test_a_start_tag_that_ran_into_its_attribute_is_no_fault() -> None:
    assert_read_or_refused("<title>The quay</title><headerclass='top'><a href='/'>Courier</a> Imprint")


def assert_read_or_refused(html: str) -> None:
    try:
        content = extract(html)
    except ExtractionError:
        return
    assert extract_again(SOURCE, Way.PAGE, URL, content.raw, now=NOW, extractor="x") == content
    shown = clean_html(SOURCE, Way.PAGE, URL, content.raw).lower()
    assert "<script" not in shown
    assert "<img" not in shown


@pytest.mark.parametrize(
    "shape",
    [
        "<p>a</p>",
        "<br>a",
        "<span class=date>a</span>",
        "<li><a href=/x>a b</a></li>",
        "<h1>a</h1>",
        "<td>a<td>b",
    ],
)
def test_work_grows_with_the_page_and_no_faster(shape: str) -> None:
    def seconds(count: int) -> float:
        html = f"<title>A title</title><h1>A title</h1><p>{TEXT * 5}</p>" + shape * count
        return min(_took(html) for _ in range(3))  # whoever shares the machine only makes it longer

    seconds(100)  # imports and caches
    small, large = seconds(1_000), seconds(6_000)
    assert large < 15 * max(small, 0.05)  # work that grows with the square takes 36 times as long


def _took(html: str) -> float:
    began = time.thread_time()
    extract(html)
    return time.thread_time() - began


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (f"<h1>T</h1><p>{TEXT}</p>" + "<p>a</p>" * MAX_ELEMENTS, "elements, more than"),
        (f"<h1>T</h1>{'<div>' * MAX_DEPTH}<p>{TEXT}</p>", "nested more than"),
        ("<h1>T</h1>", "no text that reads like an article"),
    ],
)
def test_what_would_take_too_long_is_refused_only_without_selectors(html: str, reason: str) -> None:
    with pytest.raises(ExtractionError, match=reason):
        extract(html)
    aided = Source(name="a", url=SOURCE.url, article=ArticleRules(body=("body",)))
    assert extract(html, aided).title == "T"


@pytest.mark.parametrize("html", PAGES)
def test_no_text_of_a_page_keeps_its_tree_alive(html: str) -> None:
    content = extract(html)
    values = [getattr(content, field.name) for field in dataclasses.fields(content)]
    texts = [value for value in (*values, *content.authors) if isinstance(value, str)]
    assert {type(text) for text in texts} == {str}


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p onclick=x()>a</p>", "<p>a</p>"),
        ("<p>a<script>x()</script><style>p{}</style></p>", "<p>a</p>"),
        ("<a href='javascript:x()'>a</a>", '<a rel="nofollow noopener noreferrer">a</a>'),
        ("<a href='/b' target=_blank style='x'>a</a>", None),
        ("<img src=x onerror=x()><iframe src=//e.example></iframe>a", "a"),
        ("<svg><a xlink:href='javascript:x()'>b</a></svg>a", "a"),
        ("<math><mi>b</mi></math>a", "a"),
        ("<div><h1>a</h1><ul><li>b</ul></div>", "a<ul><li>b</li></ul>"),
    ],
)
def test_html_to_show_holds_nothing_that_runs_loads_or_styles(html: str, shown: str | None) -> None:
    link = '<a href="https://courier.example/b" rel="nofollow noopener noreferrer">a</a>'
    assert cleaned(html, URL) == (link if shown is None else shown)


def test_html_to_show_has_the_links_and_the_emphasis_that_the_text_lacks() -> None:
    html = f"<article><h1>T</h1><p>{TEXT} <a href='/ferry'>The ferry</a> is <b>late</b>.</p></article>"
    shown = clean_html(SOURCE, Way.PAGE, URL, extract(html).raw)
    assert 'href="https://courier.example/ferry"' in shown
    assert "<b>late</b>" in shown
    assert "<h1" not in shown


def test_html_to_show_of_a_declared_body_is_that_body() -> None:
    source = Source(
        name="a", url=SOURCE.url, article=ArticleRules(title=("h1",), body=(".b",), remove=(".share",))
    )
    html = "<h1>T</h1><div class=b><p>One <i>two</i></p><p class=share>No</p></div><p>Three</p>"
    assert clean_html(source, Way.PAGE, URL, extract(html, source).raw) == "<p>One <i>two</i></p>"


def test_nothing_kept_cannot_be_shown() -> None:
    with pytest.raises(ExtractionError, match="nothing was kept"):
        clean_html(SOURCE, Way.PAGE, URL, "")
