"""The benchmark of discovery judges a page's list by its items, and a feed by what the list goes on with, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.discovery.__main__ import main
from tests.crawler.discovery.entries import NOW
from tests.crawler.discovery.memory import TOPICS, article, date_of, feed, listing, url_of

BASE = "https://harbour.example"


def item(number: int) -> dict[str, object]:
    return {
        "title": TOPICS[number],
        "url": BASE + url_of(number),
        "date": f"{date_of(number):%Y-%m-%d}",
        "date_on_page": True,
    }


def save(root: Path, path: str, text: str) -> None:
    file = root / "site" / (path.strip("/") + ("/index.html" if path.endswith("/") else ""))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "harbour"
    head = '<link rel="alternate" type="application/rss+xml" href="/news/feed.xml">'
    save(root, "/news/", listing(range(10), head=head, next_path="/news/page/2/").body)
    save(root, "/news/page/2/", listing(range(10, 20)).body)
    save(root, "/news/feed.xml", feed(range(15), bodies="whole", site=BASE).body)
    for number in range(20):
        save(root, url_of(number), article(number).body)
    pages = [
        {"url": f"{BASE}{path}", "kind": "section", "page": page, "items": [item(n) for n in numbers]}
        for path, page, numbers in (("/news/", 1, range(10)), ("/news/page/2/", 2, range(10, 20)))
    ]
    truth = {
        "base_url": BASE,
        "captured_at": NOW.isoformat(),
        "listing_pages": pages,
        "next_page": {
            f"{BASE}/news/": {"url": f"{BASE}/news/page/2/", "linked": True},
            f"{BASE}/news/page/2/": None,
        },
        "articles": [item(number) for number in range(20)],
    }
    (root / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return tmp_path


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, channel: str) -> int:
    monkeypatch.setattr("sys.argv", ["bench", str(folder), "--channel", channel, "--pages", "first", "-v"])
    return main()


@pytest.mark.parametrize("channel", ["listing", "all"])
def test_a_page_and_its_feed_are_judged_by_their_truth(
    folder: Path, channel: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, monkeypatch, channel) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    names = head.replace("s all", "s_all").split()
    *cells, chosen, _number = lines[-1].removeprefix("= all, 3 items or more").split()
    row = dict(zip(names, [*cells, chosen], strict=True))
    assert row["channels"] == ("listing" if channel == "listing" else "feed")
    assert [row[name] for name in ("pages", "exact", "title", "date", "auto", "wrong")] == [
        "1", "1.000", "1.000", "1.000", "1", "0",
    ]  # fmt: skip
    assert row["prec"] == ("1.000" if channel == "listing" else "0.667")  # the feed brings five older items


def test_a_feed_that_brings_what_the_list_never_shows_is_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = json.loads((folder / "harbour" / "truth.json").read_text(encoding="utf-8"))
    truth["next_page"][f"{BASE}/news/"] = None
    (folder / "harbour" / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    assert run(folder, monkeypatch, "all") == 1
    assert "WRONG auto https://harbour.example/news/" in capsys.readouterr().out
