"""The benchmark of the web server, in its short form: a sound database, real answers, and figures in the last line."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine

from benchmarks import web
from benchmarks.web_archive import OF_RARE, RARE, fill
from benchmarks.zipf import Words, made_words
from storage.changes import changes_after, last_seq
from storage.checking import find_faults
from storage.engine import reading


@pytest.fixture(scope="module")
def words() -> Words:
    return made_words()


def test_what_is_filled_is_what_settling_would_leave(engine: Engine, words: Words) -> None:
    fill(engine, 200, words)
    with reading(engine) as connection:
        assert find_faults(connection) == []
        assert last_seq(connection) == 210
        assert len(changes_after(connection, 0, sources=[RARE])) == OF_RARE


def test_the_last_line_gives_the_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: Words
) -> None:
    monkeypatch.setattr(web, "made_words", lambda: words)
    monkeypatch.setattr(web, "WARM_UP", 1)
    web.main(["--articles", "300", "--requests", "3", "--database", "sqlite"])
    told = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"web: 300 articles, 95th percentile on sqlite: alive \d+ ms, Latest \d+ ms, search \d+ ms, article \d+ ms, "
        r"changes \d+ ms \(limit 50\); export of 3\d\d changes: server grows by \d+ MB \(limit 32\)",
        told,
    ), told
