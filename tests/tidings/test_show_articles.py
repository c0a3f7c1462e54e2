"""What a person is shown of an article's edits: in silence, going back, and what of it is volatile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from news.article import Sight
from news.dates import Precision, Stamp
from storage.articles import list_articles, revisions, show_article
from storage.engine import reading
from tests.storage.desk import BASE, START, Desk, based, content, entry
from tests.storage.test_edits import NINE, TEN, shows
from tidings.json_output import article_json, edit_json, revisions_json
from tidings.show_articles import article_lines, article_table, revision_lines


def shown(desk: Desk, number: int = 4) -> str:
    with reading(desk.engine) as connection:
        lines = article_lines(show_article(connection, number), [], revisions(connection, number), width=100)
        return "\n".join(map(str, lines))


def test_an_article_says_that_it_was_edited_in_silence_and_back(engine: Engine) -> None:
    desk = based(engine)
    said = Stamp(at=START - timedelta(days=1), precision=Precision.MINUTE, provenance="meta")
    dates = [
        Stamp(at=START - timedelta(days=days), precision=Precision.DAY, provenance="meta") for days in (4, 1)
    ]
    shows(desk, NINE, modified=said, published=dates[0])
    shows(desk, TEN, modified=said, published=dates[0])
    shows(desk, NINE, modified=said, published=dates[1])
    told = [line.strip() for line in shown(desk).splitlines() if "revision " in line]
    silent = "silent (the site's date of change stayed)"
    dated = "dated 1 March 2026, formerly 26 February 2026"
    assert told[-2:] == [
        f"edits       revision 3: back to revision 1, substantive edit, {dated}, {silent}, 2 March 2026, 12:00 UTC",
        f"revision 2: substantive edit, {silent}, 2 March 2026, 11:00 UTC",
    ]
    with reading(engine) as connection:
        captured = revisions(connection, 4)
        lines = list(map(str, revision_lines(show_article(connection, 4), [(each, ()) for each in captured])))
    assert any(silent in line for line in lines)
    assert edit_json(captured[2])["marks"] == ["redated", "silent"]
    assert edit_json(captured[2])["reverts_to"] == 1


def test_an_article_says_what_of_it_is_volatile_and_what_it_read(engine: Engine) -> None:
    desk = based(engine)
    for times in ("1,024", "1,031", "1,040"):
        shows(desk, f"{TEN}\nRead {times} times\nWritten by the harbour master")
    line = next(line for line in shown(desk).splitlines() if "volatile" in line)
    assert line.strip() == (
        "volatile    “Read … times” was 1,024, 1,031, 1,040; not told since 2 March 2026, 12:00 UTC"
    )
    with reading(engine) as connection:
        [part] = article_json(show_article(connection, 4))["volatile"]
    assert (part["kind"], part["before"], part["after"]) == ("passage", "Read", "times")
    assert part["values"] == ["1,024", "1,031", "1,040"]


def test_a_text_that_takes_turns_and_a_date_that_moves_are_volatile(engine: Engine) -> None:
    desk = based(engine)
    for body in (NINE, TEN, NINE, TEN):
        shows(desk, body)
    assert "the text takes turns: revision 2, revision 3" in shown(desk)
    for day in (9, 1, 3, 5, 7):
        desk.later(hours=1)
        dated = Stamp(at=START - timedelta(days=day), precision=Precision.DAY, provenance="meta")
        look = desk.look("o", content=replace(content("o"), published=dated))
        desk.run(entry("o"), entry("n"), *BASE, looks=[look])
    assert "the date of publication moves by itself" in shown(desk, 5)


def test_a_withdrawn_article_is_marked_in_the_list(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = based(engine)
    desk.run(*BASE, looks=[desk.look("b", sight=Sight.GONE)])
    with reading(engine) as connection:
        article_table(list_articles(connection))
    out = capsys.readouterr().out
    assert "withdrawn: Title of b" in out
    assert out.count("withdrawn") == 1


def test_a_withdrawn_article_is_marked_wherever_it_is_shown(engine: Engine) -> None:
    desk = based(engine)
    shown_before = shown(desk, 2)
    desk.run(*BASE, looks=[desk.look("b", sight=Sight.GONE)])
    with reading(engine) as connection:
        article = show_article(connection, 2)
    assert "withdrawn" not in shown_before
    assert f"withdrawn   {article.withdrawn_at:%-d March 2026}" in shown(desk, 2)
    assert "  withdrawn, 2 March 2026" in "\n".join(map(str, revision_lines(article, [])))
    assert article_json(article)["withdrawn_at"] == revisions_json(article, [])["withdrawn_at"] is not None


def test_a_redline_of_right_to_left_text_is_isolated_line_by_line_and_its_marks_are_held(
    engine: Engine,
) -> None:
    desk = based(engine)
    told = "عقد المؤتمر في {} يوم الاثنين.\nوحضره وفد من Rabat أيضا."
    shows(desk, told.format("Fez"))
    shows(desk, told.format("Oujda"))
    with reading(engine) as connection:
        article = replace(show_article(connection, 4), language="ar")
        captured = revisions(connection, 4)
    lines = list(map(str, revision_lines(article, [(each, ()) for each in captured])))
    redline = [line for line in lines if "المؤتمر" in line or "وحضره" in line]
    assert len(redline) == 2
    assert all(line.startswith("  \u2067") and line.endswith("\u2069") for line in redline)
    assert "\u200f[-\u200fFez\u200f-]\u200f \u200f{+\u200fOujda\u200f+}\u200f" in redline[0]
    assert revisions_json(article, [])["dir"] == "rtl"
