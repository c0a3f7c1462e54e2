"""The benchmark of searching, with few articles: its words are found, in as many as it counted."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Engine

from benchmarks.search import fill, measure, queries
from news.search_query import parse_query
from storage.engine import reading
from storage.searching import search_ids


def test_every_word_is_found_as_often_as_it_was_written(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    random_ = random.Random(3)
    frequency = fill(engine, random_, 250, 40)
    asked = queries(frequency, 250, 40, random_)
    assert {name for name, _ in asked} == {"rare", "frequent"}  # so few have no medium ones
    with reading(engine) as connection:
        for _, words in asked:
            found = search_ids(connection, parse_query(words), limit=None)
            assert len(found) == frequency[words]
            assert found == sorted(found, reverse=True)
    measure(engine, asked)
    assert "articles  frequent" in capsys.readouterr().out
