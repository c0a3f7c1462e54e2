"""A story is shown once in a digest, with where else it stands; every change of it is still there."""

from __future__ import annotations

import json
from datetime import timedelta

from benchmarks.story_traps import APART, SAME
from digest.compose import compose, load, preview
from digest.formats import Format, render
from digest.model import Digest
from news.change import ChangeKind
from news.redline import EditClass
from storage.subscriptions import DigestFilter, subscribe
from tests.digest.logs import START, Log

FORUM = SAME[-1]
NOW = START + timedelta(hours=2)


def write(log: Log) -> tuple[int, int, int]:
    for name in ("one", "two", "three"):
        log.source(name, title=f"Source {name}", language="en")
    made = []
    for number, name in enumerate(("one", "two", "three")):
        url = f"https://news.example/{name}/forum"
        made.append(
            log.published(name, url, FORUM.one[0], FORUM.one[1] + " Welcome." * number, language="en")
        )
        log.sighting(name, made[-1])
    log.link()
    return made[0], made[1], made[2]


def seqs(digest: Digest) -> list[int]:
    """Return every change that a digest holds, wherever it is shown."""
    return sorted(
        change.seq for item in digest.items for change in (item.change, *(o.change for o in item.retold))
    )


def test_a_story_is_shown_once_with_all_its_changes(log: Log) -> None:
    write(log)
    digest = preview(log.engine, now=NOW)
    assert [item.change.source for item in digest.items] == ["one"]
    assert [other.change.source for other in digest.items[0].retold] == ["two", "three"]
    assert seqs(digest) == [1, 2, 3]
    assert digest.hidden == ()


def test_every_format_says_where_else_it_stands(log: Log) -> None:
    write(log)
    digest = preview(log.engine, now=NOW)
    assert "also at Source two\n    https://news.example/two/forum" in render(digest, Format.TEXT)
    assert "[Source two](https://news.example/two/forum), [Source three]" in render(digest, Format.MARKDOWN)
    html = render(digest, Format.HTML)
    assert (
        '<li>also at <a href="https://news.example/two/forum" rel="noopener noreferrer"><bdi>Source two</bdi>'
        in html
    )
    assert html.count(FORUM.one[0]) == 1
    [change] = json.loads(render(digest, Format.JSON))["changes"]
    assert [(other["seq"], other["source"], other["kind"]) for other in change["retold"]] == [
        (2, "two", "published"),
        (3, "three", "published"),
    ]


def test_what_comes_in_a_later_digest_is_told_with_where_it_stood_before(log: Log) -> None:
    write(log)
    subscribe(log.engine, "daily", filter=DigestFilter(), now=START, from_start=True)
    first = compose(log.engine, "daily", now=NOW, limit=1)
    second = compose(log.engine, "daily", now=NOW)
    assert first is not None
    assert second is not None
    assert (seqs(first), seqs(second)) == ([1], [2, 3])
    assert [each.place.source for each in second.items[0].elsewhere] == ["one"]
    assert "also at Source one" in render(second, Format.TEXT)
    assert load(log.engine, "daily") == second


def test_a_reader_is_not_sent_where_he_does_not_read(log: Log) -> None:
    write(log)
    digest = preview(log.engine, filter=DigestFilter(sources=("two",)), now=NOW)
    assert [(item.change.source, item.retold, item.elsewhere) for item in digest.items] == [("two", (), ())]


def test_an_edit_is_told_by_itself(log: Log) -> None:
    _, second, _ = write(log)
    log.edited("two", second, FORUM.one[1] + " Postponed by a day.", EditClass.SUBSTANTIVE)
    digest = preview(log.engine, now=NOW)
    assert [(item.change.kind, item.change.source) for item in digest.items] == [
        (ChangeKind.PUBLISHED, "one"),
        (ChangeKind.EDITED, "two"),
    ]
    assert seqs(digest) == [1, 2, 3, 4]


def test_what_only_looks_alike_is_told_twice(log: Log) -> None:
    log.source("one", language="en")
    pair = next(pair for pair in APART if pair.name == "ambassadors")
    for name, (title, text) in (("a", pair.one), ("b", pair.other)):
        log.published("one", f"https://news.example/{name}", title, text, language="en")
    log.link()
    assert [(item.retold, item.elsewhere) for item in preview(log.engine, now=NOW).items] == [
        ((), ()),
        ((), ()),
    ]


def test_hostile_titles_of_a_story_stay_text(log: Log) -> None:
    log.source("one", title="<b>One</b>", language="en")
    for name, title in (
        ("a", "Forum on mountain libraries opens"),
        ("b", "<script>alert(x)</script> forum opens [x](y)"),
    ):
        log.published(
            "one",
            f"https://news.example/{name}",
            title,
            FORUM.one[1] + " More." * (name == "b"),
            language="en",
        )
    log.link()
    digest = preview(log.engine, now=NOW)
    assert len(digest.items) == 1
    assert "<script" not in render(digest, Format.HTML)
    assert "<script" not in render(digest, Format.MARKDOWN).replace("\\<", "")
