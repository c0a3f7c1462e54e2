"""The text of HTML as a reader sees it, within bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.markup import MAX_PAGE_CHARS, cut, inner_html, parse_html, text_of
from news.errors import ExtractionError


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<h2>Title</h2>and <em>in</em>line", "Title\nand inline"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d", "a\nb\nc\nd"),
        ("<p>spaces \n\t and&nbsp;more\n</p>", "spaces and more"),
        ("<p>half a w<b>or</b>d</p>", "half a word"),
        ("a <b> b </b> c", "a b c"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<pre>one\n  two</pre>three\nfour", "one\ntwo\nthree four"),
        ("<pre>a<b>b\nc</b></pre>", "ab\nc"),
        ("a<!-- no -->b<?php no ?>c", "abc"),
        ("a<script>no</script>b<style>no</style>c<noscript>no</noscript>d<template>no</template>e", "abcde"),
        ("a<p hidden>no</p><p style='DISPLAY : none'>no</p><p hidden='until-found'>yes</p>", "a\nyes"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;", "<script>alert(1)</script> &amp;"),
        ("<div><div><div>deep</div></div></div>after", "deep\nafter"),
        ("<p>مرحبا<br>بكم</p>", "مرحبا\nبكم"),
        ("", ""),
        ("<!-- only this -->", ""),
        ("a\x00b", "ab"),
    ],
)
def test_text_is_read_block_by_block(html: str, text: str) -> None:
    assert text_of(parse_html(html)) == text


def test_only_the_beginning_is_read_where_only_that_counts() -> None:
    root = parse_html("<p>one <b>two</b></p>" + "<p>three</p>" * 1_000)
    assert text_of(root, most=7) == "one two"
    assert text_of(root, most=5) == "one t"
    assert text_of(root, most=10) == "one two\nthr"


def test_the_text_behind_an_element_is_not_its_text() -> None:
    root = parse_html("<p>one <b>two</b> three</p>")
    assert text_of(next(root.iter("b"))) == "two"


def test_what_is_cut_out_leaves_the_text_behind_it() -> None:
    root = parse_html("<p>one <i>two</i> three<i>four</i></p>")
    cut(list(root.iter("i")))
    assert text_of(root) == "one three"
    assert inner_html(root) == "<body><p>one  three</p></body>"


def test_a_page_of_twenty_megabytes_is_refused() -> None:
    with pytest.raises(ExtractionError, match="not read"):
        parse_html("<p>x</p>" * (MAX_PAGE_CHARS // 8 + 1))


def test_a_page_that_is_nested_too_deeply_is_refused_and_not_read_in_part() -> None:
    with pytest.raises(ExtractionError, match="too deeply"):
        parse_html("<div>" * 10_000 + "deep" + "</div>" * 10_000 + "<p>after</p>")


def test_a_thousand_levels_are_read() -> None:
    root = parse_html("<div>" * 1_000 + "deep" + "</div>" * 1_000 + "<p>after</p>")
    assert text_of(root) == "deep\nafter"
    assert "deep" in inner_html(root)


@given(st.text(alphabet=st.sampled_from("<>/abp ib\n&;!-\"'=é\u0623\x00"), max_size=80))
def test_the_text_of_any_markup_is_read_and_stays_the_same_when_written_down(html: str) -> None:
    root = parse_html(html)
    assert "\x00" not in text_of(root)
    body = root.find("body")
    assert body is not None
    assert text_of(parse_html(f"<div>{inner_html(body)}</div>")) == text_of(body)


@pytest.mark.parametrize(
    "around", ["<script>{}</script>", "<SCRIPT type=a>{}</SCRIPT >", "<style>{}</style>", "<!-- {} -->"]
)
def test_what_a_script_compares_is_no_tag_with_thousands_of_attributes(around: str) -> None:
    code = "for (i = 0; i<n; i++) { a = 'it' + i }\n" + "let x = y + z;\n" * 6_000
    assert text_of(parse_html(f"<p>one</p>{around.format(code)}<p>two</p>")) == "one\ntwo"


@pytest.mark.parametrize(
    "before", ["", "<script>a<b</script>", "<!-- < -->", "<textarea><script></textarea>"]
)
def test_a_tag_with_thousands_of_attributes_is_refused_wherever_it_stands(before: str) -> None:
    crowded = "<a " + " ".join(f"a{number}" for number in range(12_000)) + ">"
    with pytest.raises(ExtractionError, match="attributes"):
        parse_html(f"<p>one</p>{before}{crowded}")
