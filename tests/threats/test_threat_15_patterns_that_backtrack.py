"""Threat 15: no text makes a pattern of ours try for ever, and nobody outside writes patterns at all."""

from __future__ import annotations

import re
import time

import pytest

from crawler.extraction.jsonld import parse_linked_data
from crawler.induction.durable import grouping_classes
from crawler.selectors import compile_selector
from news.errors import ConfigError
from news.redline import edit_class, redline
from news.word_filter import word_filter
from tests.threats.patterns import NEVER, Asked, all_asked, pumps

LONG = 6_000
"""Characters at which a quadratic pattern takes a tenth of a second and more, and a linear one a few thousandths."""
SECONDS = 0.08
BOUNDED = {
    "crawler.blocking": 2_048,  # `_not_a_page` looks at the start of an answer
    "crawler.channels.xml_faults._PARSER_STATE": 100,
    "crawler.extraction.naming._BETWEEN": 1_000,  # `entry_title` cuts, and makes one space of several
    "crawler.extraction.naming._AND": 1_000,
    "crawler.extraction.naming._IN_BRACKETS": 1_000,
    "crawler.extraction.naming._NO_PERSON": 1_000,
    "crawler.extraction.naming._TAIL": 1_000,
    "crawler.extraction.naming._CUT_OFF": 1_000,
    "crawler.wording._MORE_LINE": 200,  # `_TAIL_CHARS`
    "crawler.wording._CUT_OFF_END": 200,
    "digest.targets.letters._ADDRESS": 254,  # RFC 5321, measured before the pattern is asked
    "news.date_labels._STARTS": 400,  # `MAX_CHARS`
    "news.event_dates._STATED_AFTER": 30,
    "news.redline._SENTENCE_END": 100,  # what stands between two words of a text whose white space is normalised
}
"""Patterns that are asked only about texts of bounded length, with the bound; every other one must be linear."""


def slowest(one: Asked, length: int) -> tuple[float, str]:
    return max(
        (one.seconds(piece * (length // len(piece) + 1) + NEVER), piece) for piece in pumps(one.pattern)
    )


@pytest.mark.timeout(1200)
def test_threat_15_redos_every_pattern_takes_time_that_grows_with_the_text_alone_or_sees_short_texts() -> (
    None
):
    asked = all_asked()
    assert len(asked) > 250  # the house has some hundred; an empty list would prove nothing
    assert set(BOUNDED) <= {one.where for one in asked}, "a bound for a pattern that is gone"
    slow = []
    for one in asked:
        # A short text first: what is exponential shows there, and would never end on a long one.
        for length in (30, LONG):
            seconds, piece = slowest(one, min(length, BOUNDED.get(one.where, length)))
            if seconds > SECONDS:
                slow.append(f"{one.where}: {seconds:.2f} s for {piece!r} {length} characters long")
                break
    assert not slow


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", r"\s+x", r'"(?:[^"\\]|\\.)*"'])
def test_threat_15_redos_the_search_for_slow_patterns_finds_the_known_ones(pattern: str) -> None:
    one = Asked(where="here", pattern=re.compile(pattern), anchored=False)
    length = 22 if pattern.startswith("(") else LONG
    assert slowest(one, length)[0] > 0.02


def test_threat_15_redos_scripts_and_class_names_of_a_page_are_read_in_time() -> None:
    """Both took minutes once: a string that never ends was looked for from each of its quotation marks."""
    begin = time.process_time()
    assert parse_linked_data("{" + '"\\' * 450_000) is None
    assert parse_linked_data("[" + ", " * 450_000) is None
    assert parse_linked_data('{"a": [1, 2,], "b": "c,]",}') == {"a": ["1", "2"], "b": "c,]"}
    endless = "item-" + "1" * 200_000 + "x"
    assert grouping_classes((endless, "tile-17", "tile17")) == (endless, "tile", "tile")
    assert time.process_time() - begin < 3


def test_threat_15_redos_a_selector_as_long_as_may_be_is_judged_in_time() -> None:
    begin = time.process_time()
    for selector in ("//" + "a" * 990, "//a[" + "a" * 900 + " ]", "//a[" + "a:" * 450 + "]", "." + "a" * 990):
        try:
            compile_selector(selector)
        except ConfigError:
            continue
    assert time.process_time() - begin < 2


def test_threat_15_redos_what_a_reader_asks_for_is_words_and_no_pattern() -> None:
    words = word_filter(include=["(a+)+$"], exclude=["(.*)*x"])
    begin = time.process_time()
    assert words.judge("a" * 40 + "!", "a" * 10_000) == (False, None)
    assert time.process_time() - begin < 1


def test_threat_15_redos_two_texts_without_words_are_compared_in_time() -> None:
    begin = time.process_time()
    old, new = "\n \t" * 50_000 + ".", ". " * 50_000 + "A"
    edit_class("", old, "", new)
    redline(old, new)
    assert time.process_time() - begin < 10
