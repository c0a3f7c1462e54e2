"""Lists of feeds through the command line: what is watched goes out, what is not yet comes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.opml import read_opml
from tests.tidings.conftest import Tidings

LIST = """\
<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0"><head><title>Mine</title></head><body><outline text="Folder">
  <outline text="Market {{{{7*7}}}} &lt;b&gt;day&lt;/b&gt;" type="rss" xmlUrl="https://market.example/feed.xml" htmlUrl="https://market.example/"
    language="fr"/>
  <outline text="Market" type="rss" xmlUrl="https://market.example/atom.xml" htmlUrl="https://market.example/"/>
  <outline text="Bad" xmlUrl="{bad}"/>
</outline><outline text="Page" type="link" url="https://page.example/news/"/></body></opml>
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "work" / "list.opml"
    file.write_text(LIST.format(bad="javascript:alert(1)"), encoding="utf-8")
    return file


def test_each_feed_of_a_list_becomes_a_source(tidings: Tidings, listed: Path) -> None:
    ended = tidings("sources", "import", listed)
    assert ended.code == 0
    assert "market: saved and due now" in ended.out
    assert "`tidings watch https://page.example/news/`" in ended.out
    assert ended.err == (
        "left out: 'javascript:alert(1)' is not a web address (scheme: javascript); give one with http or https.\n"
    )
    shown = json.loads(tidings("sources", "show", "market", "--json").out)
    assert (shown["title"], shown["channel"], shown["language"]) == (
        "Market {{7*7}} <b>day</b>",
        "feed",
        "fr",
    )
    assert (shown["url"], shown["page_url"]) == ("https://market.example/feed.xml", "https://market.example/")
    names = [each["name"] for each in json.loads(tidings("sources", "list", "--json").out)["sources"]]
    assert names == ["market", "market-2"]


def test_what_is_watched_already_stays_as_it_is(tidings: Tidings, listed: Path) -> None:
    tidings("sources", "import", listed)
    tidings("sources", "pause", "market")
    again = tidings("sources", "import", listed)
    assert again.code == 0
    assert again.out.startswith("Market {{7*7}} <b>day</b>: watched already, as market\n")
    assert json.loads(tidings("sources", "show", "market", "--json").out)["paused"] is True
    assert len(json.loads(tidings("sources", "list", "--json").out)["sources"]) == 2


def test_what_is_exported_is_a_list_that_can_be_imported_elsewhere(
    tidings: Tidings, listed: Path, tmp_path: Path
) -> None:
    tidings("sources", "import", listed)
    text = tidings("sources", "export", "--opml").out
    outlines = read_opml(text.encode()).outlines
    assert [outline.feed_url for outline in outlines] == [
        "https://market.example/feed.xml", "https://market.example/atom.xml",
    ]  # fmt: skip
    (tmp_path / "work" / "out.opml").write_text(text, encoding="utf-8")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    tidings("sources", "import", "out.opml", "--database", other)
    assert (
        tidings("sources", "export", "--opml", "--database", other).out.splitlines()[5:]
        == text.splitlines()[5:]
    )


def test_a_source_without_a_feed_is_exported_as_its_page(tidings: Tidings, known: Path) -> None:
    [outline] = read_opml(tidings("sources", "export", "harbour", "--opml").out.encode()).outlines
    assert (outline.title, outline.feed_url, outline.page_url) == (
        "Harbour notices", "", "https://harbour.example/notices/",
    )  # fmt: skip
    tidings("sources", "export", "harbour", "harbour.opml", "--opml")
    assert read_opml(Path("harbour.opml").read_bytes()).outlines == (outline,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html><p>Hello</html>", "an HTML page"),
        ("<opml><body>", "cut off"),
        ("<opml><body/></opml>", "lists no feed"),
        ("<rss/>", "<rss>"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_nothing_is_made(
    tidings: Tidings, text: str, says: str
) -> None:
    Path("list.opml").write_text(text, encoding="utf-8")
    ended = tidings("sources", "import", "list.opml")
    assert ended.code == 1
    assert says in ended.err
    assert not list(Path().glob("*.db"))


def test_export_wants_a_name_unless_it_is_a_list(tidings: Tidings, known: Path) -> None:
    assert tidings("sources", "export").code == 2
