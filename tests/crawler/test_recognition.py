"""What a run knows of entries: strangers are asked about once, and coincidences are no moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crawler.recognition import MANY_MODIFIED, Recognition
from news.dates import Precision, Stamp
from news.entry import Entry
from news.moves import A_PATTERN
from news.urls import url_key
from storage.recognising import Recognised
from tests.crawler.crawling import NOW, plan, source

PLAN = plan(source("https://a.example/news/"))


def entry(number: int, **more: Any) -> Entry:
    url = f"https://a.example/{number}"
    return Entry(url=url, key=url_key(url), title=f"Title {number}", **more)


def modified(number: int, hours: int) -> Entry:
    return entry(
        number, modified=Stamp(at=NOW + timedelta(hours=hours), precision=Precision.SECOND, provenance="feed")
    )


def test_a_stranger_is_asked_about_once_whether_it_is_known_or_not() -> None:
    recognition = Recognition(PLAN)
    known, unknown = entry(1), entry(2)
    strangers = recognition.strangers((known, unknown))
    assert strangers == (known, unknown)
    recognition.take_in(strangers, Recognised(aliases={known.key: "article"}, sighted=frozenset({"article"})))
    assert recognition.strangers((known, unknown)) == ()
    assert (recognition.article(known.key), recognition.article(unknown.key)) == ("article", unknown.key)
    assert (recognition.is_sighted(known), recognition.is_sighted(unknown)) == (True, False)


@pytest.mark.parametrize("number", [A_PATTERN - 1, A_PATTERN])
def test_few_equal_titles_are_a_coincidence_and_many_are_a_move(number: int) -> None:
    recognition = Recognition(PLAN)
    entries = [entry(each) for each in range(number)]
    moved: dict[str, tuple[str, ...]] = {
        each.key: (f"https://a.example/old/{each.title[-1]}",) for each in entries
    }
    recognition.take_in(entries, Recognised(moved=moved))
    assert len(recognition.as_moved(entries)) == (number if number >= A_PATTERN else 0)


def test_one_id_that_is_known_is_enough_to_know_where_paging_ends() -> None:
    recognition = Recognition(PLAN)
    recognition.take_in([entry(1), entry(2)], Recognised(named={entry(1).key: "article"}))
    assert recognition.as_moved([entry(1), entry(2)]) == {entry(1).key: "article"}
    assert recognition.article(entry(1).key) == entry(1).key  # what its page shows is still to be read


@pytest.mark.parametrize(
    ("later", "standing", "believed"),
    [(1, 0, True), (MANY_MODIFIED, 0, True), (MANY_MODIFIED + 1, MANY_MODIFIED + 1, True), (9, 8, False)],
)
def test_a_channel_that_dates_half_of_its_entries_anew_is_not_believed(
    later: int, standing: int, believed: bool
) -> None:
    recognition = Recognition(PLAN)
    entries = [modified(number, 1 if number < later else 0) for number in range(later + standing)]
    recognition.take_in(entries, Recognised(modified={each.key: NOW for each in entries}))
    assert recognition.modified_since(entries) == (entries[:later] if believed else [])
    assert recognition.modified_since([modified(99, 1)]) == []  # unknown: news, and no edit
