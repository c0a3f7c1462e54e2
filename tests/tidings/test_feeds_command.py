"""``tidings feeds write``: a folder of feeds that is whole at any moment and written no more than it must be."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from crawler.opml import read_opml
from storage import feed_entries
from tests import feedcheck
from tests.tidings.conftest import Tidings
from tests.tidings.documented import faults

BASE = "https://reader.example/feeds/"
CHECKS = {"atom": feedcheck.atom_faults, "rss": feedcheck.rss_faults, "json": feedcheck.jsonfeed_faults}
WRITE = ("feeds", "write", "www", "--base-url", BASE)


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_entries, "PAGE", 1)


def state(folder: str = "www") -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def check(folder: str = "www") -> None:
    """Every file is valid, and every address in one of them leads to another."""
    for path in Path(folder).rglob("*.*"):
        if path.suffix[1:] in CHECKS:
            text = path.read_text(encoding="utf-8")
            assert CHECKS[path.suffix[1:]](text, placed=True) == [], path
            if path.suffix == ".atom":
                root = feedcheck.parse(text)
                links = {
                    link.get("rel"): link.get("href", "") for link in root.findall(f"{feedcheck.ATOM}link")
                }
                assert links["self"] == BASE + path.relative_to(folder).as_posix()
                for rel in ("current", "prev-archive", "next-archive"):
                    if rel in links:
                        assert (Path(folder) / links[rel].removeprefix(BASE)).is_file(), (path, rel)


def test_a_folder_has_a_feed_of_everything_and_of_each_source_in_three_formats(
    tidings: Tidings, known: Path
) -> None:
    ended = tidings(*WRITE)
    assert (ended.code, ended.out) == (0, "www: 2 feeds in 6 files, 6 of them written\n")
    assert set(state()) == {
        "all.atom", "all.rss", "all.json", "sources/harbour.atom", "sources/harbour.rss", "sources/harbour.json",
        "feeds.opml",
    }  # fmt: skip
    check()
    titles = [item["title"] for item in json.loads(Path("www/all.json").read_text(encoding="utf-8"))["items"]]
    assert "Fog horn is tested" in titles
    listed = read_opml(Path("www/feeds.opml").read_bytes()).outlines
    assert [(each.title, each.feed_url) for each in listed] == [
        ("All sources", f"{BASE}all.atom"), ("Harbour notices", f"{BASE}sources/harbour.atom"),
    ]  # fmt: skip


def test_what_has_not_changed_is_not_written_again(tidings: Tidings, known: Path, short_pages: None) -> None:
    tidings(*WRITE)
    check()
    before = state()
    assert "all/1.atom" in before
    assert tidings(*WRITE).out.endswith("0 of them written\n")
    assert state() == before
    assert tidings(*WRITE, "--anew").out.endswith("0 of them written\n")


def test_a_folder_is_mended_whichever_file_is_gone(tidings: Tidings, known: Path, short_pages: None) -> None:
    tidings(*WRITE)
    before = {name: data for name, (_, data) in state().items()}
    for name in before:
        (Path("www") / name).unlink()
        tidings(*WRITE)
        assert {name: data for name, (_, data) in state().items()} == before


def test_the_newest_archive_gets_to_know_the_next_one(
    tidings: Tidings, known: Path, short_pages: None, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_entries, "PAGE", 2)
    tidings(*WRITE)
    old = Path("www/all/1.atom").read_text(encoding="utf-8")
    assert "next-archive" not in old
    monkeypatch.setattr(feed_entries, "PAGE", 1)  # as if more had come
    shutil.rmtree("www/sources")
    tidings(*WRITE)
    check()
    assert "next-archive" in Path("www/all/1.atom").read_text(encoding="utf-8")


def test_a_forgotten_article_leaves_the_archives_that_are_there(
    tidings: Tidings, known: Path, short_pages: None
) -> None:
    tidings(*WRITE)
    assert any(b"Fog horn" in data for _, data in state().values())
    [fog] = [
        each["id"]
        for each in json.loads(tidings("articles", "list", "--json").out)["articles"]
        if each["title"] == "Fog horn is tested"
    ]
    assert tidings("articles", "forget", fog, "--yes").code == 0
    tidings(*WRITE)
    check()
    assert not any(b"Fog horn" in data or b"[removed]" in data for _, data in state().values())
    assert b"deleted-entry" in Path("www/all.atom").read_bytes()


def test_another_address_or_another_database_writes_everything_anew(
    tidings: Tidings, known: Path, short_pages: None
) -> None:
    tidings(*WRITE)
    for base in ("https://other.example", "https://other.example/deeper", "https://other.example/"):
        tidings("feeds", "write", "www", "--base-url", base)
        for name, (_, data) in state().items():
            assert b"reader.example" not in data, name
            assert f"{base.rstrip('/')}/{name}".encode() in data or name == "feeds.opml", name


def test_a_subscription_has_a_feed_of_what_its_filter_lets_through(tidings: Tidings, known: Path) -> None:
    tidings("digest", "--subscription", "../Ünder", "--create", "--language", "fr")
    ended = tidings(*WRITE, "--subscription", "../Ünder", "--json")
    told = json.loads(ended.out)
    assert faults(told, "feeds written") == []
    [name] = [each["name"] for each in told["feeds"] if each["name"].startswith("subscriptions/")]
    assert name.startswith("subscriptions/under-")
    assert json.loads(Path(f"www/{name}.json").read_text(encoding="utf-8"))["items"] == []
    check()
    assert tidings(*WRITE, "--subscription", "nobody").code == 1


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://a.example/?x=1", "https://a.example/#x", "feeds"]
)
def test_feeds_must_be_told_where_they_stand(tidings: Tidings, known: Path, url: str) -> None:
    assert tidings("feeds", "write", "www", "--base-url", url).code == 2
    assert not Path("www").exists()


def test_a_folder_that_cannot_be_written_is_named_and_no_half_file_is_left(
    tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidings(*WRITE)
    Path("file").write_text("", encoding="utf-8")
    refused = tidings("feeds", "write", "file", "--base-url", BASE)
    assert (refused.code, "it is a file" in refused.err) == (1, True)
    before = state()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    tidings("feeds", "write", "www", "--base-url", "https://other.example/")
    failed = tidings("feeds", "write", "www", "--base-url", "https://other.example/")
    assert failed.code == 1
    assert "No space left" in failed.err
    assert state() == before
