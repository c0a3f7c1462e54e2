"""What is said of a document that is no XML: words for people, and the line, where that helps."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.channels.xml_tree import parse_xml
from news.errors import ChannelError


def refusal(text: str) -> str:
    with pytest.raises(ChannelError) as refused:
        parse_xml(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<rss><channel><item></channel></rss>", "not well-formed (<item> is closed by </channel>)"),
        ("<rss>\n<channel>\n<item></channel></rss>", "(<item> is closed by </channel> in line 3)"),
        (
            "<?xml version='1.0'?>\n<!DOCTYPE rss [\n<!ENTITY a 'b'>\n]>\n<rss>\n<a></b>\n</rss>",
            "(<a> is closed by </b> in line 6)",
        ),
        ("<rss><item a=b/></rss>", "(an attribute's value has no quotation marks)"),
        ("<rss><item a='1' a='2'/></rss>", "(an element has the same attribute twice)"),
        ("<rss><x></x><</rss>", "(a “<” begins no tag)"),
        ("<rss>\n<item>\n", "the feed is cut off in line 3: nothing of it is read"),
        ("<rss><item>", "the feed is cut off: nothing of it is read"),
        ("<rss><![CDATA[and so on</rss>", "the feed is cut off: nothing of it is read"),
    ],
)
def test_a_fault_is_told_in_words_with_its_line(text: str, said: str) -> None:
    assert said in refusal(text)


@given(st.text(alphabet="<>/!?[]-&;='\" \nabr:\x01", max_size=60))
def test_no_parser_s_jargon_is_told_of_any_document(text: str) -> None:
    try:
        parse_xml(f"<rss>{text}")
    except ChannelError as refused:
        told = str(refused)
        assert "\n" not in told
        assert not re.search(r"column|<string>|StartTag|AttValue|CData|xmlParse|PI:", told)
