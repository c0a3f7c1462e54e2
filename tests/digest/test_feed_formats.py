"""A digest as CSV, Atom, RSS and JSON Feed: valid whatever is in it, and read back as it was written."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import wording
from digest.atom import atom_of
from digest.csv import COLUMNS, cell, render_csv
from digest.digest_feed import feed_of
from digest.feed_model import FeedLinks
from digest.formats import Format, render
from digest.jsonfeed import jsonfeed_of
from digest.model import Digest
from digest.rss import rss_of
from tests import feedcheck
from tests.digest.test_golden import GOLDEN
from tests.digest.test_hostile import PAYLOADS, URLS, hostile

CHECKS = {
    Format.ATOM: feedcheck.atom_faults, Format.RSS: feedcheck.rss_faults, Format.JSONFEED: feedcheck.jsonfeed_faults,
}  # fmt: skip
WRITERS = {Format.ATOM: atom_of, Format.RSS: rss_of, Format.JSONFEED: jsonfeed_of}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", '=HYPERLINK("https://evil.example";"x")',
            "=cmd|' /C calc'!A0", "'=1+1", "\t=1", "\r=1", " =1"]  # fmt: skip
PIECES = [
    "<", ">", "&", "]]>", "<![CDATA[", "&lt;", "&#0;", "\x00", "\x0b", "\x1f", "\x85", "\r\n", "\ud800", "\udc00",
    "\ufffe", "\ufffd", "\u202e", "\u2066", "=", "{{7*7}}", "{% x %}", "'", '"', "javascript:", "<b>", "</b>", "أ", " ",
]  # fmt: skip
HOSTILE_TEXT = st.one_of(
    st.text(max_size=80),
    st.sampled_from([*(text for text in PAYLOADS.values() if len(text) < 1_000), *FORMULAS]),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
UNHURRIED = settings(deadline=None)


def faults(digest: Digest) -> dict[str, list[str]]:
    """Return what is wrong with a digest as a feed, alone and where its place is known."""
    links = FeedLinks(own="https://reader.example/digests/1.feed", home="https://reader.example/digests/1")
    found = {str(kind): check(render(digest, kind), placed=False) for kind, check in CHECKS.items()}
    found |= {
        f"{kind} in its place": CHECKS[kind](write(feed_of(digest, links)), placed=True)
        for kind, write in WRITERS.items()
    }
    return {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize("kind", CHECKS)
def test_a_digest_with_everything_in_it_is_a_valid_feed(kind: Format) -> None:
    suffix = "feed.json" if kind is Format.JSONFEED else str(kind)
    text = (GOLDEN / f"everything.{suffix}").read_text(encoding="utf-8")
    assert CHECKS[kind](text, placed=False) == []


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_promise_10_no_payload_makes_a_feed_invalid_or_becomes_markup(text: str) -> None:
    assert faults(hostile(text)) == {}


@pytest.mark.parametrize("url", URLS)
def test_promise_10_only_web_addresses_become_links_in_a_feed(url: str) -> None:
    assert faults(hostile("Title", url)) == {}


@UNHURRIED
@given(HOSTILE_TEXT, st.sampled_from([*URLS, "https://news.example/a"]))
def test_any_text_and_address_make_valid_feeds(text: str, url: str) -> None:
    assert faults(hostile(text, url)) == {}


@UNHURRIED
@given(HOSTILE_TEXT)
def test_a_title_is_read_back_from_atom_and_json_feed_as_it_is_shown(text: str) -> None:
    digest = hostile(text)
    shown = wording.title_of(digest.items[0].change)
    atom = feedparser.parse(io.BytesIO(render(digest, Format.ATOM).encode()), sanitize_html=False)
    assert not atom.bozo, atom.get("bozo_exception")
    assert len(atom.entries) == len(digest.items)
    assert {seen_title(entry) for entry in atom.entries} <= {shown, mended(shown)}
    root = feedcheck.parse(render(digest, Format.ATOM))
    titles = root.findall(f"{feedcheck.ATOM}entry/{feedcheck.ATOM}title")
    read = {feedcheck.html_words(each.text or "") if each.get("type") else each.text for each in titles}
    assert read == {shown}
    items = json.loads(render(digest, Format.JSONFEED))["items"]
    assert {item["title"] for item in items} == {shown}
    rss = feedparser.parse(io.BytesIO(render(digest, Format.RSS).encode()))
    assert not rss.bozo
    assert len(rss.entries) == len(digest.items)


def mended(text: str) -> str:
    """Return text as feedparser mends it, which takes some letters for UTF-8 that somebody has read as Latin-1."""
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def seen_title(entry: Any) -> str:
    """Return the title that a reader shows: HTML is read as such, text is text."""
    if entry.title_detail.type == "text/html":
        return feedcheck.html_words(entry.title)
    return str(entry.title)


@UNHURRIED
@given(HOSTILE_TEXT)
def test_what_a_reader_sees_of_an_entry_is_the_text_and_nothing_of_it_is_gone(text: str) -> None:
    digest = hostile(text)
    [*_, first] = json.loads(render(digest, Format.JSONFEED))["items"]
    excerpt = wording.line(digest.items[0].excerpt)
    assert excerpt in feedcheck.html_words(first["content_html"])


@UNHURRIED
@given(HOSTILE_TEXT)
def test_no_cell_of_the_table_is_a_formula_and_each_reads_back(text: str) -> None:
    digest = hostile(text)
    rows = list(csv.reader(io.StringIO(render_csv(digest), newline=""), strict=True))
    assert tuple(rows[0]) == COLUMNS
    of_sources = len(digest.unread) + len(digest.stretches) + len(digest.quiet)
    assert len(rows) == 1 + len(digest.items) + of_sources
    assert [row[COLUMNS.index("kind")] for row in rows[-of_sources:]] == [
        "unread",
        "unread",
        "unread",
        "quiet",
    ]
    assert {len(row) for row in rows} == {len(COLUMNS)}
    for value in (value for row in rows for value in row):
        assert not re.match("[=+@\t\r\n＝＋－＠-]", value)
    title = rows[1][COLUMNS.index("title")]
    assert title == cell(wording.title_of(digest.items[0].change))


def test_a_table_ends_its_lines_as_rfc_4180_says() -> None:
    text = render_csv(hostile("one\ntwo"))
    assert text.count("\r\n") == 1 + 6 + 4
    assert text.endswith("\r\n")


def test_promise_8_a_day_never_becomes_a_time_in_a_feed() -> None:
    atom = feedcheck.parse((GOLDEN / "everything.atom").read_text(encoding="utf-8"))
    dates = {
        (entry.findtext(f"{feedcheck.ATOM}published"), entry.findtext(f"{feedcheck.TERMS}issued"))
        for entry in atom.findall(f"{feedcheck.ATOM}entry")
    }
    assert (None, "2026-11-20") in dates
    assert (None, "2026-11") in dates
    assert ("2026-11-20T08:30:00Z", "2026-11-20T08:30:00Z") in dates


def test_the_checks_notice_what_is_wrong() -> None:
    atom = (GOLDEN / "everything.atom").read_text(encoding="utf-8")
    slips = [
        ("<id>tag:", "<id>"), ("T06:01:00Z", "T06:01:00"), ("https://news.example/en/known", "javascript:x"),
        ('<title xml:lang="en">', '<title xml:lang="en" type="xhtml">'), ("<name>", "<name/><name>"),
        ("&lt;blockquote&gt;", "&lt;script&gt;"), ("</author>", "</author><published>2026</published>"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"), (' type="html">A', ">A"), ("</feed>", "<title/></feed>"),
        ("/edited/2<", "/published<"), ("<updated>2026-11-22", "<updated>2026-11-19"),
    ]  # fmt: skip
    for right, wrong in slips:
        assert right in atom
        assert feedcheck.atom_faults(atom.replace(right, wrong), placed=False), wrong
    assert feedcheck.atom_faults(atom, placed=True) == ["the document does not say where it stands"]
    rss = (GOLDEN / "everything.rss").read_text(encoding="utf-8")
    slips = [
        ("</title>", " &lt;b&gt;</title>"),
        ('isPermaLink="false"', ""),
        (" GMT", ""),
        ("Sun, ", "Mon, "),
    ]
    for right, wrong in slips:
        assert right in rss
        assert feedcheck.rss_faults(rss.replace(right, wrong), placed=False), wrong
    feed = (GOLDEN / "everything.feed.json").read_text(encoding="utf-8")
    slips = [("https://news", "data:news"), ("version/1.1", "version/1"), ("<div ", "<p "), ("06:01:00Z", "")]
    for right, wrong in slips:
        assert right in feed
        assert feedcheck.jsonfeed_faults(feed.replace(right, wrong), placed=False), wrong
