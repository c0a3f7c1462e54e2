"""Selectors of a site file: what is refused when they are loaded, and what they find."""

from __future__ import annotations

import gc
import re
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.markup import parse_html, text_of
from crawler.selectors import compile_selector, elements_matching, first_matching, first_value
from news.errors import ConfigError

PAGE = "<main><ul><li class=a><a href='/1'>One</a></li><li><a href='/2'><b>Two</b></a></li></ul><h2> </h2></main>"


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("a[", "not valid CSS"),
        ("a >", "not valid CSS"),
        ("a:first", "not valid CSS"),
        ("a::before", "not valid CSS"),
        ("string(.//a)", "not valid CSS"),
        ("//a[", "not valid XPath 1.0"),
        ("//a[substring(.)]", "not valid XPath 1.0"),
        ("(count(//a))", "gives a float"),
        ("(//a = 'x')", "gives a bool"),
        ("//a[unparsed-text('/etc/passwd')]", "calls unparsed-text()"),
        ("//a[json-doc('http://x')]", "calls json-doc()"),
        ("(doc('file:///etc/passwd'))", "calls doc()"),
        ("(document('file:///etc/passwd')//x)", "calls document()"),
        (".//a[re:test(., '(a+)+$')]", "calls re:test()"),
        (".//a[ re:test (., 'x')]", "calls re:test()"),
        ("./a[set:distinct(b)]", "calls set:distinct()"),
        ("./a[has-class('x')]", "calls has-class()"),
        ("//a[matches(., 'x')]", "calls matches()"),
        ("//svg:path", "the namespace 'svg'"),
        ("//a[$x]", "uses a variable"),
        ("a" * 1_001, "1001 characters"),
        ("a:not(" * 200 + ")" * 200, "1400 characters"),
    ],
)
def test_a_selector_that_is_wrong_or_dangerous_is_refused_when_it_is_loaded(
    selector: str, reason: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(reason)):
        compile_selector(selector)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("li > a", ["One", "Two"]),
        ("li a::text", ["One"]),
        ("li b::text", ["Two"]),
        ("a::attr(href)", ["/1", "/2"]),
        ("li:not(.a) a, h2", ["Two"]),
        ("li:has(b)", ["Two"]),
        ("//a[contains(., 're:test(')] | //b", ["Two"]),
        ("(//a)[1]/@href", ["/1"]),
        ("./body//li[position() = 2 and (true())]", ["Two"]),
        ("(string(//a))", ["One"]),
        ("//comment()", []),
        ("//p", []),
    ],
)
def test_css_and_xpath_find_elements_and_values(selector: str, found: list[str]) -> None:
    matches = compile_selector(selector).find(parse_html(PAGE))
    texts = [match if isinstance(match, str) else text_of(match) for match in matches]
    assert [text for text in texts if text] == found


def test_a_rule_knows_whether_it_is_bound_to_the_page_and_whether_it_gives_text() -> None:
    kinds = {
        text: compile_selector(text)
        for text in ("a", "//a", "(//a)[1]", "./a", "(.//a)[1]", "./@href", "a::text")
    }
    assert [text for text, rule in kinds.items() if rule.absolute] == ["//a", "(//a)[1]"]
    assert [text for text, rule in kinds.items() if rule.values] == ["./@href", "a::text"]


def test_the_first_alternative_with_a_match_wins() -> None:
    root = parse_html(PAGE)
    assert first_matching(root, ("h3", "li.a a::attr(href)", "a::attr(href)")) == ["/1"]
    assert first_matching(root, ("h3",)) == []


def test_a_match_without_a_value_lets_the_next_one_have_its_turn() -> None:
    value = first_value(
        parse_html(PAGE), ("h2", "b"), lambda match: text_of(match) if not isinstance(match, str) else None
    )
    assert value == "Two"


def test_an_element_found_twice_is_one_element() -> None:
    assert len(elements_matching(parse_html(PAGE), ("li", ".a"))) == 2


def test_a_kept_value_does_not_keep_its_page_alive() -> None:
    root = parse_html(PAGE)
    value = compile_selector("a::attr(href)").find(root)[0]
    assert type(value) is str
    gone = weakref.ref(root)
    del root
    gc.collect()
    assert gone() is None


@given(st.text(max_size=60))
def test_no_text_makes_the_compiler_raise_anything_but_its_own_error(text: str) -> None:
    try:
        compile_selector(text)
    except ConfigError as error:
        assert str(error)  # noqa: PT017 - most texts are refused, some are selectors
