"""Stories in the database: linked as articles are settled, decided anew on an edit, and never in their way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from benchmarks.story_traps import APART, SAME, TRANSLATED
from digest.content import content_hash
from news.dates import Precision, Stamp
from news.entry import Entry
from news.urls import url_key
from storage import story_keys
from storage.checking import find_faults
from storage.correcting import merge, split
from storage.engine import reading, writing
from storage.forgetting import forget
from storage.stories import link_stories
from storage.story_tables import StoryKey, StoryMember, StorySignature, Translation
from storage.tables import Article, Change, Revision, Source
from tests.storage.desk import START, Desk, content, statements, url

CONFERENCE = next(pair for pair in APART if pair.name == "the second and the third conference")
SECOND, THIRD = CONFERENCE.one, CONFERENCE.other
VISIT = next(pair for pair in SAME if pair.name == "a title with a prefix")
DESKS = "early late upper lower inner outer small great".split()
VISIT_PAIR = (VISIT.one, VISIT.other)


def desk_of(engine: Engine, *sources: str) -> Desk:
    desk = Desk(engine, *sources)
    for source in sources:
        desk.run(item("old-" + source, "An old one"), source=source)
    desk.later(hours=1)
    return desk


def item(name: str, title: str, *, hour: int = 0, minute: int = 0) -> Entry:
    at = Stamp(
        at=START + timedelta(hours=hour, minutes=minute), precision=Precision.SECOND, provenance="test"
    )
    return Entry(url=url(name), key=url_key(url(name)), title=title, published=at)


def tell(desk: Desk, source: str, *items: tuple[str, tuple[str, str]], hour: int = 1, **more: Any) -> None:
    """Let ``source`` list these articles above its old one, each with its title and text."""
    # Nor may two of a host bear one title, or one text at one moment: the second would wait until the first address
    # was asked again.
    titled = [(name, f"{title} ({name})", text) for name, (title, text) in items]
    entries = [item(name, title, hour=hour, minute=minute_of(name)) for name, title, _ in titled]
    looks = [
        desk.look(
            name,
            url_=url(name),
            content=replace(content(name, title=title, body=text + signed(name)), **more),
        )
        for name, title, text in titled
    ]
    desk.run(*entries, item("old-" + source, "An old one"), source=source, looks=looks)
    desk.later(minutes=10)


def minute_of(name: str) -> int:
    """Return a minute that is another one for each name of a test."""
    return sum(place * ord(letter) for place, letter in enumerate(name, 1)) % 60


def signed(name: str) -> str:
    """Return a last line that differs: one text under two addresses of a host is one article, not a story."""
    return f" Printed at the {DESKS[sum(map(ord, name)) % len(DESKS)]} desk."


def stories(engine: Engine) -> list[set[str]]:
    """Return the stories by the last parts of their articles' addresses."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(StoryMember.story_id, Article.url).join(Article, Article.id == StoryMember.article_id)
        ).all()
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row.story_id, set()).add(row.url.rpartition("/")[2])
    return sorted(found.values(), key=sorted)


def test_what_two_sections_tell_is_one_story_with_its_evidence(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    assert stories(engine) == [{"a", "b"}]
    first, second = desk.all(StoryMember, StoryMember.article_id)
    assert (first.story_id, first.beside_id, first.evidence) == (first.article_id, None, None)
    assert (second.story_id, second.beside_id) == (first.article_id, first.article_id)
    assert second.evidence is not None
    assert (second.evidence["similarity"] > 0.9, second.evidence["days"]) == (True, 0.0)


def test_stories_leave_no_trace_in_the_log(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    log = desk.all(Change, Change.seq)
    assert [row.kind for row in log] == ["published", "published"]
    with writing(engine) as connection:
        for table in (StoryKey, StorySignature, StoryMember):
            connection.execute(delete(table))
        link_stories(connection, [row.article_id for row in log], now=desk.now)
    assert stories(engine) == [{"a", "b"}]
    assert desk.all(Change, Change.seq) == log


def test_articles_of_one_run_find_each_other(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    tell(desk, "one", ("c", SECOND), ("b", THIRD), ("a", SECOND))
    assert stories(engine) == [{"a", "c"}]


def test_what_is_decided_together_makes_no_difference(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    told = [
        (f"{number}{index}", each)
        for number in "ab"
        for index, each in zip("cdef", (*VISIT_PAIR, THIRD, SECOND), strict=True)
    ]
    for each in told:
        tell(desk, "one", each)
    apart = stories(engine)
    with writing(engine) as connection:
        for table in (StoryKey, StorySignature, StoryMember):
            connection.execute(delete(table))
        ids = connection.execute(select(Article.id)).scalars().all()
        link_stories(connection, ids, now=desk.now)
    assert stories(engine) == apart
    assert len(apart) == 3


def test_an_edit_that_tells_another_thing_ends_the_story(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    tell(desk, "two", ("b", THIRD))
    assert stories(engine) == []
    assert desk.count(StoryMember) == 0
    tell(desk, "two", ("b", SECOND))
    assert stories(engine) == [{"a", "b"}]


def test_when_the_first_article_leaves_the_others_stay_together(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    tell(desk, "two", ("c", SECOND))
    tell(desk, "one", ("a", THIRD))
    assert stories(engine) == [{"b", "c"}]
    rows = desk.all(StoryMember, StoryMember.article_id)
    assert {row.story_id for row in rows} == {rows[0].article_id}
    tell(desk, "one", ("a", SECOND))
    assert stories(engine) == [{"a", "b", "c"}]
    rows = desk.all(StoryMember, StoryMember.article_id)
    assert {row.story_id for row in rows} == {rows[0].article_id}


def test_an_edit_takes_its_old_keys_away(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "one", ("a", VISIT.one))
    [signature] = desk.all(StorySignature)
    rows = desk.all(StoryKey)
    assert sorted(row.key for row in rows) == sorted(story_keys.unpacked(signature.keys))
    assert {row.article_id for row in rows} == {signature.article_id}


def test_a_key_that_everybody_has_is_not_written_for_ever(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    notice = next(pair for pair in APART if pair.name == "one notice under many titles").one[1]
    for batch in range(3):
        tell(
            desk,
            "one",
            *(
                (f"{chr(97 + batch)}{chr(97 + each)}", (f"{chr(97 + batch)}{chr(97 + each)}notice", notice))
                for each in range(20)
            ),
            hour=1 + batch,
        )
    rows = [row.key for row in desk.all(StoryKey)]
    assert max(rows.count(key) for key in set(rows)) == story_keys.CROWD
    assert stories(engine) == []


def test_an_article_whose_keys_were_all_crowded_is_edited_like_any_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story_keys, "CROWD", 1)
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    assert stories(engine) == [{"a", "b"}]
    tell(desk, "two", ("b", (SECOND[0], SECOND[1] + " And a last word.")))
    assert stories(engine) == [{"a", "b"}]


def test_what_is_merged_leaves_its_story_and_a_split_brings_it_back(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two", "three")
    for source, name in zip(("one", "two", "three"), "abc", strict=True):
        tell(desk, source, (name, SECOND))
    before = desk.all(StoryMember, StoryMember.article_id), desk.all(StoryKey, StoryKey.key)
    with writing(engine) as connection:
        kept, gone = merge(connection, url("b"), url("a"), now=desk.now)
    assert stories(engine) == [{"b", "c"}]
    assert gone not in {row.article_id for row in desk.all(StoryKey)}
    with reading(engine) as connection:
        assert find_faults(connection) == []
    with writing(engine) as connection:
        split(connection, kept, [gone], now=desk.now)
    assert stories(engine) == [{"a", "b", "c"}]
    assert [row.article_id for row in before[0]] == [row.article_id for row in desk.all(StoryMember)]
    assert before[1] == desk.all(StoryKey, StoryKey.key)


def test_what_is_forgotten_leaves_its_story_and_no_key(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    gone = forget(engine, url("a"), seal=content_hash, now=desk.now).article_id
    assert stories(engine) == []
    assert gone not in {row.article_id for row in desk.all(StoryKey)}
    tell(desk, "one", ("c", SECOND))
    assert stories(engine) == [{"b", "c"}]


def test_a_translation_is_proposed_and_makes_no_story(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    for source, name, told in zip(("one", "two", "two"), "efa", TRANSLATED[0].tellings, strict=True):
        language, title, text = told
        made = content(name, title=title, body=text)
        look = desk.look(name, url_=url(name), content=replace(made, language=language))
        desk.run(item(name, title, hour=1), item("old-" + source, "An old one"), source=source, looks=[look])
    english, french, arabic = (row.id for row in desk.all(Article, Article.id)[-3:])
    pairs = desk.all(Translation, Translation.article_id, Translation.other_id)
    assert [(row.article_id, row.other_id) for row in pairs] == [
        (french, english),
        (arabic, english),
        (arabic, french),
    ]
    assert pairs[0].evidence["days"] == ["2023-11-14/2023-11-15"]
    assert pairs[0].evidence["numbers"] == ["250", "37"]
    assert stories(engine) == []


def test_a_host_of_one_language_has_no_translations(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    tell(desk, "one", ("a", SECOND), language="en")
    several = desk.count(StoryKey)
    with writing(engine) as connection:
        definition = desk.row().definition | {"language": "en-GB"}
        connection.execute(update(Source).values(definition=definition))
    tell(desk, "one", ("a", VISIT.one), language="en")
    assert desk.count(StoryKey) == 16 < several


def test_an_article_whose_text_is_taken_away_leaves_its_story_and_no_key(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    with writing(engine) as connection:
        [second] = connection.execute(select(Article.id).where(Article.url.like("%/b"))).scalars()
        connection.execute(delete(Revision).where(Revision.article_id == second))
        link_stories(connection, [second], now=desk.now)
    assert stories(engine) == []
    assert second not in {row.article_id for row in desk.all(StoryKey)}


def test_a_damaged_story_is_found(engine: Engine) -> None:
    desk = desk_of(engine, "one", "two")
    tell(desk, "one", ("a", SECOND))
    tell(desk, "two", ("b", SECOND))
    with writing(engine) as connection:
        before = [fault for fault in find_faults(connection) if fault.startswith("stories")]
        connection.execute(delete(StoryMember).where(StoryMember.evidence.is_(None)))
        [fault] = [fault for fault in find_faults(connection) if fault.startswith("stories")]
    assert before == []
    assert "lacks the one that it is named after" in fault


def test_a_run_without_news_asks_nothing_of_stories(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    tell(desk, "one", ("a", SECOND))
    with statements(engine) as seen:
        tell(desk, "one", ("a", SECOND))
    assert not [statement for statement in seen if "story_" in statement or "translations" in statement]


def test_a_run_with_news_costs_a_bounded_number_of_statements(engine: Engine) -> None:
    desk = desk_of(engine, "one")
    tell(
        desk,
        "one",
        *((f"a{each}", (f"Title {each}", SECOND[1].replace("maps", f"maps{each}"))) for each in range(3)),
    )
    with statements(engine) as seen:
        tell(
            desk,
            "one",
            *((f"b{each}", (f"Title {each}", SECOND[1].replace("maps", f"maps{each}"))) for each in range(9)),
        )
    assert (
        len([statement for statement in seen if "story_" in statement or "translations" in statement]) <= 16
    )
