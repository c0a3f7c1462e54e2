"""*Article*: its text and every revision, the difference between any two, its dates, and what stands where it went."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update

from digest.content import content_hash
from news.change import ChangeKind
from news.redline import EditClass
from storage import tables
from storage.correcting import merge
from storage.engine import writing
from storage.forgetting import forget
from tests.digest.logs import Log
from tests.pages.conftest import Site, statements

URL = "https://news.example/forum"


def an_article(log: Log, *edits: str, **more: object) -> int:
    log.source("valley", title="Valley News", language="en")
    article = log.published("valley", URL, "The forum opens", "It opens in Fez today.", **more)
    log.sighting("valley", article)
    for text in edits:
        log.edited("valley", article, text, EditClass.SUBSTANTIVE)
    return article


def test_an_article_shows_its_text_source_and_address(site: Site, log: Log) -> None:
    page = site.get(f"/articles/{an_article(log)}")
    assert page.status == 200
    assert page.words("//h1") == "The forum opens"
    assert page.words("//div[@class='text']") == "It opens in Fez today."
    assert page.all("//main//a[@href='/sources/valley']")
    assert page.all(f"//main//a[@href='{URL}'][@rel='noopener noreferrer']")
    assert not page.all("//form[@aria-label='Compare revisions']")  # there is only one


def test_the_newest_edit_is_shown_without_being_asked_for(site: Site, log: Log) -> None:
    page = site.get(f"/articles/{an_article(log, 'It opens in Rabat today.')}")
    assert page.words("//div[@class='redline']/del") == "Fez"
    assert page.words("//div[@class='redline']/ins") == "Rabat"


def test_any_two_revisions_are_compared_in_either_order(site: Site, log: Log) -> None:
    number = an_article(log, "It opens in Rabat today.", "It opens in Rabat on Tuesday.")
    page = site.get(f"/articles/{number}", **{"from": "1", "to": "3"})
    assert page.words("//div[@class='redline']/del") == "Fez today"
    assert page.words("//div[@class='redline']/ins") == "Rabat on Tuesday"
    back = site.get(f"/articles/{number}", **{"from": "3", "to": "2"})
    assert back.words("//div[@class='redline']/ins") == "today"
    assert "The text is the same" in site.get(f"/articles/{number}", **{"from": "2", "to": "2"}).words()
    chosen = [each.get("value") for each in page.all("//select/option[@selected]")]
    assert chosen == ["1", "3"]


def test_the_link_of_an_edit_compares_with_the_revision_before(site: Site, log: Log) -> None:
    number = an_article(log, "It opens in Rabat today.", "It opens in Rabat on Tuesday.")
    page = site.get(f"/articles/{number}", to="2")
    assert "From revision 1 to 2" in page.words("//h3")


def test_what_is_not_there_is_not_found(site: Site, log: Log) -> None:
    number = an_article(log)
    assert site.get("/articles/99").status == 404
    assert site.get(f"/articles/{number}", to="7").status == 404
    assert site.get(f"/articles/{2**63}").status == 422
    assert site.get("/articles/x").status == 422


def test_each_date_says_how_precise_it_is_and_where_it_stood(site: Site, log: Log) -> None:
    number = an_article(
        log, at=datetime(2026, 11, 19, tzinfo=UTC), precision="day", published_provenance="json-ld"
    )
    page = site.get(f"/articles/{number}")
    row = page.words("//tr[th='Published']/*")
    assert row == "Published 19 November 2026 a day the page’s description for programs (JSON-LD)"
    assert page.all("//tr[th='Published']//time[@datetime='2026-11-19']")
    assert "tidings" in page.words("//tr[th='First seen']")


def test_a_date_that_nobody_stated_is_not_invented(site: Site, log: Log) -> None:
    assert "not stated" in site.get(f"/articles/{an_article(log)}").words("//tr[th='Published']")


def test_a_withdrawn_article_says_so_and_keeps_what_was_captured(site: Site, log: Log) -> None:
    number = an_article(log)
    with writing(site.engine) as connection:
        gone = update(tables.Article).where(tables.Article.id == number)
        connection.execute(gone.values(withdrawn_at=datetime(2026, 11, 21, tzinfo=UTC)))
    page = site.get(f"/articles/{number}")
    assert page.status == 200
    assert "Withdrawn. Its page was gone on 21 November 2026, 00:00" in page.words("//main")
    assert page.words("//div[@class='text']") == "It opens in Fez today."


def test_a_forgotten_article_is_gone_and_shows_nothing_of_it(site: Site, log: Log) -> None:
    number = an_article(log)
    log.change(ChangeKind.WITHDRAWN, "valley", number)
    forget(site.engine, number, seal=content_hash)
    page = site.get(f"/articles/{number}")
    assert page.status == 410
    assert "was forgotten" in page.words("//main")
    assert "forum" not in page.text
    assert "Fez" not in page.text


def test_a_merged_article_leads_to_the_one_that_it_is(site: Site, log: Log) -> None:
    number = an_article(log)
    other = log.published("valley", "https://news.example/other", "The other", "Its text.")
    with writing(site.engine) as connection:
        merge(connection, number, other)
    page = site.get(f"/articles/{other}")
    assert (page.status, page.headers["location"]) == (308, f"/articles/{number}")
    assert "merged" in site.get(f"/articles/{number}").words("//dl")


def test_right_to_left_text_says_so_itself(full_site: Site) -> None:
    page = full_site.get("/articles/3")
    [title] = page.all("//h1")
    assert (title.get("lang"), title.get("dir")) == ("ar", "rtl")
    assert page.all("//div[@class='text'][@dir='rtl']")
    assert page.all("//html[@lang='en'][@dir='ltr']")


def test_other_tellings_and_translations_are_linked_with_what_that_rests_on(full_site: Site) -> None:
    page = full_site.get("/articles/1")
    assert "the same story" in page.words("//main")
    assert "of the phrases in common" in page.words("//main")


def test_an_article_with_many_revisions_asks_no_more_of_the_database(site: Site, log: Log) -> None:
    number = an_article(log)
    with statements(site.engine) as few:
        site.get(f"/articles/{number}")
    for count in range(12):
        log.edited("valley", number, f"It opens in Fez on day {count}.", EditClass.SUBSTANTIVE)
    with statements(site.engine) as many:
        site.get(f"/articles/{number}")
    assert len(few) == len(many) <= 14


def test_what_retention_took_away_is_said_and_compared_with_nothing(site: Site, log: Log) -> None:
    article = an_article(log, "It opens in Fez tomorrow.", "It opens in Rabat tomorrow.")
    gone = update(tables.Revision).where(tables.Revision.number == 1)
    with writing(log.engine) as connection:
        connection.execute(gone.values(body_text="", pruned_at=datetime(2026, 3, 9, tzinfo=UTC)))
    page = site.get(f"/articles/{article}")
    assert page.all("//form[@aria-label='Compare revisions']")  # the latest two are there
    assert "pruned" in page.words("//main//table")
    refused = site.get(f"/articles/{article}?from=1&to=3")
    assert refused.status == 404
    assert f"The text of revision 1 of article {article} was pruned." in refused.words()
    with writing(log.engine) as connection:
        everything = update(tables.Revision).values(body_text="", pruned_at=datetime(2026, 3, 9, tzinfo=UTC))
        connection.execute(everything)
    page = site.get(f"/articles/{article}")
    assert "Its text is kept no longer, since" in page.words("//div[@class='text']")
