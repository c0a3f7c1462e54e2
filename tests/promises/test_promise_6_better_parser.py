"""Promise 6: a baseline announces nothing, and neither does a better parser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from news.run import Verdict
from tests.promises.archive import RULES, WRAPPER, Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/"
NAMES = ("c", "b", "a")
PLAIN = replace(WRAPPER, body=("div.text p:first-child",))
PLAIN_RULES = replace(RULES, body=("div.body p:first-child",))


def test_promise_6_a_baseline_announces_nothing_and_says_what_it_took(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news", baseline_pages=2))
    archive.pages(NEWS, *whole(*(f"n{number}" for number in range(25))))
    first = archive.replay()
    assert (first.changes, first.runs["news"].baseline, first.verdicts) == ([], 20, {Verdict.OK})
    assert archive.replay().changes == []


@pytest.mark.parametrize("status", [500, 503])
def test_promise_6_a_partial_first_run_is_no_baseline_and_announces_nothing(
    new_archive: NewArchive, status: int
) -> None:
    archive = new_archive(source(NEWS, "news", baseline_pages=2))
    archive.pages(NEWS, *whole(*(f"n{number}" for number in range(25))))
    archive.answer(f"{NEWS}?page=2", status=status)
    first = archive.replay()
    assert (first.changes, first.runs["news"].baseline, first.verdicts) == ([], None, {Verdict.PARTIAL})
    archive.pages(NEWS, *whole(*(f"n{number}" for number in range(25))))
    second = archive.replay(hours=1)
    assert (second.changes, second.runs["news"].baseline) == ([], 20)


@pytest.mark.parametrize(
    "inline",
    [pytest.param(True, id="whole on the listing"), pytest.param(False, id="read on their pages")],
)
def test_promise_6_a_better_parser_announces_nothing_and_replaces_what_the_old_one_read(
    new_archive: NewArchive, inline: bool
) -> None:
    old_rules = source(NEWS, "news", wrapper=PLAIN, article=PLAIN_RULES)
    archive = new_archive(old_rules)

    def publish(*edited: str) -> None:
        items = []
        for name in NAMES:
            first = prose(name) + (" The ministry denied all of it on Tuesday." if name in edited else "")
            body = f"{first}</p><p>What the old selectors never read of {name}."
            archive.article(f"{NEWS}{name}", f"Title of {name}", body)
            items.append(Item(f"/{name}", f"Title of {name}", body if inline else ""))
        archive.listing(NEWS, *items, etag='"listing"')

    publish()
    archive.replay()
    assert archive.article_at(f"{NEWS}a").body_text == prose("a")
    archive.declare(replace(old_rules, wrapper=WRAPPER, article=RULES))
    better = archive.replay(hours=1)
    assert (better.changes, better.verdicts) == ([], {Verdict.OK})
    whole_text = f"{prose('a')}\nWhat the old selectors never read of a."
    assert archive.article_at(f"{NEWS}a").body_text.replace("\n\n", "\n") == whole_text
    assert archive.revisions(f"{NEWS}a") == [1]
    publish("b")  # a true edit after it is told, and only that
    assert archive.replay(hours=4).changes == [("edited", "news", "Title of b")]


def test_promise_6_a_true_edit_is_told_also_when_it_comes_with_a_better_parser(
    new_archive: NewArchive,
) -> None:
    old_rules = source(NEWS, "news", wrapper=PLAIN, article=PLAIN_RULES)
    archive = new_archive(old_rules)

    def publish(added: str) -> None:
        rest = "</p><p>What the old selectors never read."
        archive.listing(
            NEWS, *(Item(f"/{n}", f"Title of {n}", prose(n) + added * (n == "b") + rest) for n in NAMES)
        )

    publish("")
    archive.replay()
    archive.declare(replace(old_rules, wrapper=WRAPPER))
    publish(" The ministry denied all of it on Tuesday, and named three witnesses.")
    assert archive.replay(hours=1).changes == [("edited", "news", "Title of b")]


def test_promise_6_saved_validators_are_void_when_the_selectors_change(new_archive: NewArchive) -> None:
    of = source(NEWS, "news", wrapper=replace(PLAIN, title=("b.nothing",)))
    archive = new_archive(of)
    archive.listing(NEWS, *whole(*NAMES), etag='"one"')
    archive.replay()
    archive.answer(NEWS, status=304)  # the recording has only this answer, for who asks with validators
    assert archive.replay().verdicts == {Verdict.NOT_MODIFIED}
    archive.declare(replace(of, wrapper=WRAPPER))
    refused = archive.replay()
    assert "without validators" in refused.reason
