"""Marks of dates and authors are read where the article is, and the article is told from what stands around it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction.languages import article_language
from crawler.extraction.scope import own_article
from crawler.extraction.shown import shown_authors, shown_dates
from crawler.markup import parse_html
from news.source import Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Source(name="a", url="https://a.example/news/", language="en")
MARKS = "<time datetime='2026-11-19T08:30:00Z'></time><p class=byline>By Omar Benali</p><a rel=author>Inès Haddad</a>"
LONG = f"<p>{'The council met and spoke of rain. ' * 30}</p>"


@pytest.mark.parametrize(
    ("around", "read"),
    [
        ("<div>{}</div>", True),
        ("<main class='with-sidebar'>{}</main>", True),
        ("<aside>{}</aside>", False),
        ("<nav>{}</nav>", False),
        ("<footer>{}</footer>", False),
        ("<div id=comments><div>{}</div></div>", False),
        ("<ul class='related-articles'><li>{}</li></ul>", False),
    ],
)
def test_marks_that_stand_elsewhere_are_passed_over(around: str, read: bool) -> None:
    root = parse_html(f"<h1>T</h1>{around.format(MARKS)}<p>text</p>")
    assert bool(list(shown_dates(root, SOURCE, now=NOW, title="T"))) == read
    assert shown_authors(root) == (("Inès Haddad",) if read else ())


@pytest.mark.parametrize(
    ("html", "own"),
    [
        (f"<article id=a><h1>T</h1>{LONG}</article><article id=b><h1>Other</h1>{LONG}</article>", "a"),
        (f"<article id=a><article id=b><h1>T</h1></article>{LONG}</article>", "a"),
        (f"<article id=a><h1>T</h1></article>{LONG}", None),
        (f"<article id=a><h1>T</h1>{LONG}</article><article id=b><h1>T</h1>{LONG}</article>", None),
        (f"<h1>T</h1><article id=a>{LONG}</article>", None),
        (f"<article id=a><h1>Another wording</h1>{LONG}</article>", "a"),
    ],
)
def test_the_article_is_the_one_around_the_title_that_holds_the_text(html: str, own: str | None) -> None:
    assert own_article(parse_html(html), "T").get("id") == own


@pytest.mark.parametrize(
    ("declared", "claims", "text", "language"),
    [
        ("", ("en",), "Le conseil du port a décidé de la reconstruction du quai et des pontons. " * 5, "fr"),
        ("en", (), "Le conseil du port a décidé de la reconstruction du quai et des pontons. " * 5, "en"),
        ("", ("en",), "Abantu base bayaphuma ekuseni beya emsebenzini wabo edolobheni elikhulu. " * 6, ""),
        ("", ("zu",), "Abantu base bayaphuma ekuseni beya emsebenzini wabo edolobheni elikhulu. " * 6, "zu"),
        ("", (), "Der Hafenrat hat in der Sitzung den Neubau des Kais und der Stege beschlossen. " * 5, "de"),
        ("", ("en-US",), "The council of the town has met in the hall and it was late. " * 5, "en-US"),
        ("", (), "Short.", ""),
    ],
)
def test_a_claimed_language_is_checked_by_the_commonest_words(
    declared: str, claims: tuple[str, ...], text: str, language: str
) -> None:
    assert article_language(declared, claims, text) == language
