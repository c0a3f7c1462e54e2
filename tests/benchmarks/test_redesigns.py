"""The benchmark of redesigns reads saved sites as their README says, and judges what is told by their truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.folder_site import FolderSite
from benchmarks.redesigns import main
from tests.crawler.healing.redesigns import REDESIGNS, Redesign, new_article
from tests.crawler.healing.stories import Story, stories

BASE = "https://gazette.example"


def write(root: Path, path: str, html: str) -> None:
    file = root / "site" / path.strip("/") / "index.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(html, encoding="utf-8")


def save(folder: Path, shown: Sequence[Story], design: Redesign, *, redesigned: bool) -> None:
    markup = design.after if redesigned else design.before
    pages = [shown[start : start + 8] for start in range(0, len(shown), 8)]
    for number, page in enumerate(pages, 1):
        write(folder, "news" if number == 1 else f"news/page/{number}", markup(page, design))
    for story in shown:
        write(folder, design.old_address(story), new_article(story))


def test_what_is_told_after_a_redesign_is_compared_with_the_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    design = REDESIGNS[0]
    everything = stories(design.language)
    folder = tmp_path / "redesign" / "1"
    save(folder / "before", everything[3:], design, redesigned=False)
    save(folder / "after", everything, design, redesigned=True)
    new = [{"title": story.title, "url": BASE + design.new_address(story)} for story in everything[:3]]
    sides = {side: {"base_url": BASE} for side in ("before", "after")}
    truth = {"base_url": BASE, "listing_url": f"{BASE}/news/", "new_items": new, **sides}
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    status = main([str(tmp_path)])
    told = capsys.readouterr().out
    assert (status, told.splitlines()[-1]) == (
        0,
        "1 of 1 redesigns read right, 1 of them without a person",
    ), told
    assert told.splitlines()[1].split()[:4] == ["1", "3", "0", "0"]


def test_a_saved_site_answers_as_its_files_and_its_map_say(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text("home https://old.example/a/", encoding="utf-8")
    (tmp_path / "_map.json").write_text(json.dumps({"/?p=4": {"file": "a/index.html", "type": "text/html"}}))
    site = FolderSite(tmp_path, "https://old.example")
    try:
        assert site.find("/a/") == (tmp_path / "a" / "index.html", "")
        assert site.find("/a") == (None, "/a/")
        assert site.find("/?p=4") == (tmp_path / "a" / "index.html", "text/html")
        assert site.find("/../a/") == site.find("/_map.json") == site.find("/b") == (None, "")
        assert site.here("https://old.example/a/") == f"{site.address}/a/"
    finally:
        site.shutdown()
        site.server_close()
