"""*Latest*: what stands there, in which order, how it is chosen, and how much is asked of the database for it."""

from __future__ import annotations

from digest.content import content_hash
from news.change import ChangeKind
from news.redline import EditClass
from storage.forgetting import forget
from tests.digest.logs import Log
from tests.pages.conftest import Site, statements


def titles(page: object) -> list[str]:
    return [" ".join(each.text_content().split()) for each in page.all("//article//*[@class='name']")]  # type: ignore[attr-defined]


def test_what_is_new_stands_by_day_and_source_the_newest_first(full_site: Site) -> None:
    page = full_site.get("/")
    assert page.status == 200
    days = [each.text_content().strip() for each in page.all("//section[@class='day']/h2")]
    assert days == ["Friday, 20 November 2026"]
    groups = [" ".join(each.text_content().split()) for each in page.all("//section[@class='day']/h3")]
    assert groups[0] == "أخبار مكتبات الوادي"  # it wrote the last row of the log
    assert len(groups) == len(set(groups))
    found = titles(page)
    assert found.index("1 250 livres en route vers les écoles") < found.index(
        "À la bibliothèque, l’été dure jusqu’en novembre : « on lit dehors »"
    )


def test_a_story_is_shown_once_and_says_where_else_it_stands(full_site: Site, log: Log) -> None:
    page = full_site.get("/", kind="new")
    assert "possible translation at" in page.words("//ul[@class='also']")
    stories = [title for title in titles(page) if "orum on mountain" in title]
    assert len(stories) == 1


def test_an_empty_database_says_what_to_do(site: Site) -> None:
    page = site.get("/")
    assert "Nothing is watched yet" in page.words()
    assert page.all("//a[@href='/add-source']")


def test_a_source_without_news_says_what_a_baseline_is(site: Site, log: Log) -> None:
    log.source("a")
    assert "baseline" in site.get("/").words()


def test_sources_that_are_not_being_read_are_said_at_the_top(full_site: Site) -> None:
    page = full_site.get("/")
    note = page.words("//section[contains(@class, 'warn')]")
    assert "3 sources are not being read" in note
    assert "Hilltop Gazette" in note
    assert "none of the 12 entries continues what was listed before" in note
    assert "Nouvelles de la vallée: a stretch of its listing" in note


def test_filters_choose_by_source_language_and_kind(full_site: Site) -> None:
    assert all("مكتبات" in title or "كتاب" in title for title in titles(full_site.get("/", language="ar")))
    edits = full_site.get("/", kind="edited")
    assert titles(edits)
    assert {each.get("class").split()[1] for each in edits.all("//article")} <= {
        "edited",
        "retitled",
        "redated",
    }
    culture = titles(full_site.get("/", source="valley-culture"))
    assert "Known long ago" in culture  # announced by another source, new to this one
    assert not any("été" in title for title in culture)


def test_a_choice_leads_to_a_subscription_of_the_same(full_site: Site) -> None:
    page = full_site.get("/", source="valley-fr", language="fr", kind="new")
    assert page.all("//a[@href='/subscriptions/new?source=valley-fr&language=fr&kind=new']")


def test_an_unknown_source_in_the_address_is_not_found_and_a_wrong_kind_is_refused(full_site: Site) -> None:
    missing = full_site.get("/", source="nobody")
    assert missing.status == 404
    assert "nobody" in missing.words("//main")
    assert full_site.get("/", kind="nonsense").status == 422
    assert full_site.get("/", before="0").status == 422
    assert full_site.get("/", before=str(2**63)).status == 422


def test_paging_shows_each_change_once_and_ends(site: Site, log: Log) -> None:
    log.source("a", title="A")
    log.source("b", title="B")
    for number in range(95):
        name = "a" if number % 3 else "b"
        log.published(name, f"https://news.example/{number}", f"Title {number}", "Text.")
    wanted = [f"Title {number}" for number in range(95)]
    for query in ({}, {"source": "a"}):
        found: list[str] = []
        page = site.get("/", **query)
        for _ in range(5):
            found += titles(page)
            older = page.all("//a[@rel='next']/@href")
            if not older:
                break
            page = site.get(older[0])
        assert not page.all("//a[@rel='next']")
        assert sorted(found) == sorted(t for n, t in enumerate(wanted) if not query or n % 3)
        assert len(found) == len(set(found))


def test_a_page_asks_as_much_of_the_database_for_many_items_as_for_few(site: Site, log: Log) -> None:
    for name in ("a", "b", "c"):
        log.source(name, title=name)
    counts = []
    for upto in (4, 40):
        for number in range(upto):
            article = log.published(
                "abc"[number % 3], f"https://news.example/{upto}-{number}", f"T {number}", "x"
            )
            if number % 4 == 0:
                log.edited("abc"[number % 3], article, "y", EditClass.SUBSTANTIVE)
        with statements(site.engine) as asked:
            assert site.get("/").status == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_what_was_forgotten_is_not_shown(site: Site, log: Log) -> None:
    log.source("a", title="A")
    article = log.published("a", "https://news.example/1", "To be forgotten", "Text.")
    log.change(ChangeKind.WITHDRAWN, "a", article)
    forget(site.engine, article, seal=content_hash)
    assert "To be forgotten" not in site.get("/").text


def test_a_name_that_nothing_can_have_is_refused(site: Site) -> None:
    for address in ("/?source=%00", "/feeds/choice.atom?source=a%00b", "/?language=%1b"):
        assert site.client.get(address).status_code == 422
