"""Promise 1: an article is announced as published exactly once, whatever its site does to its address."""

from __future__ import annotations

import pytest

from news.run import Verdict
from tests.promises.archive import Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/en/"
SECTION = "https://news.example/en/section/"
FRENCH = "https://news.example/fr/"

SPELLINGS = {
    "www": "https://www.news.example/en/2026/03/02/{}/",
    "scheme": "http://news.example/en/2026/03/02/{}/",
    "no-trailing-slash": "https://news.example/en/2026/03/02/{}",
    "two-slashes": "https://news.example/en//2026/03/02/{}/",
    "port": "https://news.example:443/en/2026/03/02/{}/",
    "capital-host": "https://News.Example/en/2026/03/02/{}/",
    "dot-segments": "https://news.example/en/2026/../2026/03/02/./{}/",
    "relative": "../en/2026/03/02/{}/",
    "protocol-relative": "//news.example/en/2026/03/02/{}/",
    "fragment": "https://news.example/en/2026/03/02/{}/#more",
    "campaign": "https://news.example/en/2026/03/02/{}/?utm_source=x&utm_medium=mail",
    "click-identifier": "https://news.example/en/2026/03/02/{}/?fbclid=abc",
    "everything-at-once": "http://WWW.news.example/en/2026/03/02/{}?utm_source=x&gclid=7#top",
}
ARABIC = "%D8%A5%D9%8A%D8%B3%D9%8A%D8%B3%D9%83%D9%88-{}"
ESCAPES = {
    "lower-escapes": "https://news.example/en/2026/03/02/" + ARABIC.lower() + "/",
    "mixed-escapes": "https://news.example/en/2026/03/02/%d8%A5%D9%8a%D8%B3%D9%8A%D8%B3%D9%83%D9%88-{}/",
    "no-escapes": "https://news.example/en/2026/03/02/إيسيسكو-{}/",
    "needless-escapes": "https://news.example/en/2026/03/02/" + ARABIC.replace("-", "%2D") + "/",
}


def test_promise_1_once_however_its_address_is_spelled(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    canonical = {name: f"https://news.example/en/2026/03/02/{name}/" for name in SPELLINGS}
    canonical |= {name: f"https://news.example/en/2026/03/02/{ARABIC.format(name)}/" for name in ESCAPES}
    respelled = {name: form.format(name) for name, form in (SPELLINGS | ESCAPES).items()}
    old = whole("old-one", "old-two", "old-three")

    def items(urls: dict[str, str]) -> list[Item]:
        return [Item(url, f"Title of {name}", prose(name)) for name, url in urls.items()] + old

    archive.listing(NEWS, *old)
    archive.replay()
    archive.listing(NEWS, *items(canonical))
    assert sorted(archive.replay().published) == sorted(f"Title of {name}" for name in canonical)
    archive.listing(NEWS, *items(respelled))
    assert archive.replay().changes == []
    archive.listing(NEWS, *items(dict(reversed(canonical.items()))))
    assert archive.replay().changes == []
    assert len(archive.articles()) == len(canonical) + 3


def test_promise_1_once_with_two_spellings_on_one_page_whose_bodies_must_be_fetched(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()
    first, second = "https://www.news.example/en/a/?utm_source=x", "http://news.example/en/a"
    archive.listing(NEWS, Item(first, "Title of a"), Item(second, "Title of a"), *old)
    archive.article("https://www.news.example/en/a/?utm_source=x", "Title of a")
    assert archive.replay().published == ["Title of a"]


def test_promise_1_a_query_that_chooses_the_article_makes_another_article(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()
    two = [
        Item(f"/en/topic/?t_id={number}", f"Topic {number}", prose(f"topic {number}")) for number in (7, 8)
    ]
    archive.listing(NEWS, *two, *old)
    assert archive.replay().published == ["Topic 8", "Topic 7"]


def test_promise_1_once_in_two_sections_that_bring_it_in_the_same_run(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"), source(SECTION, "section"))
    archive.listing(NEWS, *whole("old-one", "old-two"))
    archive.listing(SECTION, *whole("other-one", "other-two"))
    archive.replay()
    archive.listing(NEWS, *whole("new", "old-one", "old-two"))
    archive.listing(SECTION, *whole("new", "other-one", "other-two", base="http://www.news.example/"))
    assert archive.replay().changes == [
        ("published", "news", "Title of new"),
        ("listed", "section", "Title of new"),
    ]


def test_promise_1_once_when_it_is_retitled_and_edited_and_then_shown_in_another_section(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"), source(SECTION, "section"))
    archive.listing(NEWS, *whole("old-one", "old-two"))
    archive.listing(SECTION, *whole("other-one", "other-two"))
    archive.replay()
    archive.listing(NEWS, *whole("new", "old-one", "old-two"))
    assert archive.replay().published == ["Title of new"]
    retitled = Item("/new", "A better title", prose("new") + " Three ministers signed it on Monday evening.")
    archive.listing(SECTION, retitled, *whole("other-one", "other-two"))
    archive.listing(NEWS, retitled, *whole("old-one", "old-two"))
    kinds = [(kind, where) for kind, where, _ in archive.replay().changes]
    assert ("listed", "section") in kinds
    assert not [each for each in kinds if each[0] == "published"]
    assert archive.replay().changes == []


@pytest.mark.parametrize("inline", [True, False], ids=["whole on the listing", "read on its page"])
def test_promise_1_an_article_that_moved_and_was_edited_is_the_same_article(
    new_archive: NewArchive, inline: bool
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()

    def item(url: str, body: str) -> Item:
        archive.article(f"https://news.example{url}", "A title", body)
        return Item(url, "A title", body if inline else "")

    archive.listing(NEWS, item("/2026/a/", prose("a")), *old)
    assert archive.replay().published == ["A title"]
    # The old address leads to the new one, and is listed no more; the text has changed, so only that tells.
    archive.listing(NEWS, item("/moved/a/", prose("a") + " A paragraph was added when it moved house."), *old)
    archive.redirect("https://news.example/2026/a/", "https://news.example/moved/a/")
    kinds = {kind for kind, _, _ in archive.replay(hours=1).changes}
    kinds |= {kind for kind, _, _ in archive.replay(hours=1).changes}
    assert kinds <= {"edited"}
    assert len(archive.articles()) == 3
    moved, was = (archive.article_at(f"https://news.example/{path}/a/") for path in ("moved", "2026"))
    assert moved.id == was.id


@pytest.mark.parametrize(
    "edited", ["", " A paragraph was added when it moved house."], ids=["as it was", "edited"]
)
@pytest.mark.parametrize("left", ["leads on", "is gone"])
def test_promise_1_an_article_that_got_another_title_and_address_after_its_last_look_is_the_same_article(
    new_archive: NewArchive, left: str, edited: str
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()
    moment = "2026-03-02T09:30:00Z"
    posted = f'<meta property="article:published_time" content="{moment}">'
    was, now = "https://news.example/a-first-title/", "https://news.example/a-better-title/"
    archive.article(was, "A first title", prose("a"), head=posted)
    archive.listing(NEWS, Item("/a-first-title/", "A first title"), *old)
    assert archive.replay().published == ["A first title"]
    for days in (2, 5, 5, 8):
        archive.replay(days=days)
    archive.article(now, "A better title", prose("a") + edited, head=posted)
    archive.listing(NEWS, Item("/a-better-title/", "A better title"), *old)
    if left == "leads on":
        archive.redirect(was, now)
    else:
        archive.answer(was, status=404)
    kinds = [kind for _ in range(3) for kind, _, _ in archive.replay(hours=1).changes]
    assert kinds == ["edited" if edited else "retitled"]
    assert archive.article_at(was).id == archive.article_at(now).id
    # What is new beside it on the same day is told at once, however much of it is alike.
    other = (
        prose("a")
        + " None of this was known in the morning, when the second ship left the harbour for the north."
    )
    archive.article("https://news.example/second/", "Another title", other)
    archive.listing(NEWS, Item("/second/", "Another title"), Item("/a-better-title/", "A better title"), *old)
    assert archive.replay(hours=1).published == ["Another title"]


def test_promise_1_an_address_that_redirects_to_a_known_article_is_that_article(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.listing(NEWS, Item("/a/", "A title"), *whole("old-one", "old-two"))
    archive.article("https://news.example/a/", "A title")
    archive.replay()
    archive.listing(NEWS, Item("/765l", "A title"), Item("/a/", "A title"), *whole("old-one", "old-two"))
    archive.redirect("https://news.example/765l", "https://news.example/a/", 302)
    assert archive.replay(hours=1).changes == []
    assert (
        archive.article_at("https://news.example/765l").id == archive.article_at("https://news.example/a/").id
    )


@pytest.mark.parametrize("inline", [True, False], ids=["whole on the listing", "read on their pages"])
@pytest.mark.parametrize("redirected", [True, False], ids=["old addresses lead on", "old addresses are gone"])
def test_promise_1_a_permalink_change_of_all_items_at_once_announces_nothing(
    new_archive: NewArchive, inline: bool, redirected: bool
) -> None:
    archive = new_archive(source(NEWS, "news"))
    names = [f"item-{number}" for number in range(5)]

    def items(base: str, *more: str) -> list[Item]:
        for name in (*more, *names):
            archive.article(f"https://news.example{base}{name}/", f"Title of {name}", prose(name))
        return [
            Item(f"{base}{name}/", f"Title of {name}", prose(name) if inline else "")
            for name in (*more, *names)
        ]

    archive.listing(NEWS, *items("/2026/03/02/"))
    archive.replay()
    archive.listing(NEWS, *items("/stories/"))
    for name in names:
        if redirected:
            archive.redirect(
                f"https://news.example/2026/03/02/{name}/", f"https://news.example/stories/{name}/"
            )
        else:
            archive.answer(f"https://news.example/2026/03/02/{name}/", status=404)
    moved = archive.replay(hours=1)
    assert moved.changes == []
    archive.listing(NEWS, *items("/stories/", "fresh"))
    assert archive.replay(hours=1).published == ["Title of fresh"]
    assert len(archive.articles()) == 6


def test_promise_1_another_article_under_the_same_title_is_announced_too(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, Item("/week-1/", "News in brief", prose("week 1")), *old)
    archive.article("https://news.example/week-1/", "News in brief", prose("week 1"))
    archive.replay()
    archive.listing(
        NEWS,
        Item("/week-2/", "News in brief", prose("week 2")),
        Item("/week-1/", "News in brief", prose("week 1")),
        *old,
    )
    archive.article("https://news.example/week-2/", "News in brief", prose("week 2"))
    told = archive.replay(hours=1).published + archive.replay(hours=1).published
    assert told == ["News in brief"]
    assert len(archive.articles()) == 4


def test_promise_1_the_same_text_under_another_languages_prefix_is_once_but_a_translation_is_another(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"), source(FRENCH, "nouvelles", language="fr"))
    archive.listing(NEWS, *whole("old-one", "old-two"))
    archive.listing(FRENCH, *whole("vieux-un", "vieux-deux"))
    archive.replay()
    text = "The museum of travelling science opened its doors on Monday in Rabat, and pupils came to see it."
    texte = "Le musée des sciences itinérantes a ouvert ses portes lundi à Rabat, et des élèves sont venus."
    archive.listing(NEWS, Item("/en/museum/", "A museum opens", text * 3), *whole("old-one", "old-two"))
    untranslated = Item("/fr/museum/", "A museum opens", text * 3)
    archive.listing(FRENCH, untranslated, *whole("vieux-un", "vieux-deux"))
    assert archive.replay().changes == [
        ("published", "news", "A museum opens"),
        ("listed", "nouvelles", "A museum opens"),
    ]
    translated = Item("/fr/musee/", "Un musée ouvre ses portes", texte * 3)
    archive.listing(FRENCH, translated, untranslated, *whole("vieux-un", "vieux-deux"))
    assert archive.replay().changes == [("published", "nouvelles", "Un musée ouvre ses portes")]


def test_promise_1_what_another_sources_baseline_took_in_silence_is_announced_by_the_source_that_brings_it(
    new_archive: NewArchive,
) -> None:
    news, section = source(NEWS, "news"), source(SECTION, "section")
    archive = new_archive(news, section)
    archive.listing(NEWS, *whole("old-one", "old-two"))
    archive.listing(SECTION, *whole("fresh", "other-one", "other-two"))
    archive.replay("news")
    first_of_section = archive.replay("section")
    assert (first_of_section.changes, first_of_section.runs["section"].baseline) == ([], 3)
    archive.listing(NEWS, *whole("fresh", "old-one", "old-two"))
    assert archive.replay("news").changes == [("published", "news", "Title of fresh")]
    assert archive.replay().changes == []


def test_promise_1_once_through_falling_off_page_one_and_coming_back(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole(*(f"old-{number}" for number in range(6)))
    archive.listing(NEWS, *old)
    archive.replay()
    archive.listing(NEWS, *whole("new"), *old)
    assert archive.replay().published == ["Title of new"]
    archive.listing(NEWS, *old)
    assert archive.replay().changes == []
    archive.listing(NEWS, *whole("new"), *old)
    again = archive.replay()
    assert (again.changes, again.verdicts) == ([], {Verdict.OK})
