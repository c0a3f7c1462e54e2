"""Promise 3: an edit makes a revision with a redline and a class; it never makes a second announcement."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from news.redline import EditClass, redline
from storage.changes import changes_after, revision_pair
from storage.engine import open_engine, reading
from storage.tables import Change
from tests.promises.archive import Item, prose, source, whole
from tests.promises.conftest import NewArchive

NEWS = "https://news.example/"
BODY = (
    "The council met in Rabat on Monday. It agreed on a budget of 400 thousand dinars for the libraries of the coast, "
    "and “thanked the readers” who had written to it. The next meeting will be held in Tunis in the spring."
)
EDITS = {
    "quotes": (BODY.replace("“", '"').replace("”", '"'), EditClass.COSMETIC),
    "white space": (BODY.replace(". ", ".  "), None),
    "a spelling": (BODY.replace("thanked", "tanked"), EditClass.MINOR),
    "a figure": (BODY.replace("400", "700"), EditClass.SUBSTANTIVE),
    "a paragraph": (
        BODY + " Three members of the council voted against it and left the room.",
        EditClass.SUBSTANTIVE,
    ),
}


def test_promise_3_an_edit_is_an_edit_of_the_right_class_with_a_redline_and_never_new(
    new_archive: NewArchive,
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()

    def items(bodies: dict[str, str]) -> list[Item]:
        return [
            Item(f"/{name.replace(' ', '-')}", f"About {name}", f"{body} It is {name}.")
            for name, body in bodies.items()
        ]

    archive.listing(NEWS, *items(dict.fromkeys(EDITS, BODY)), *old)
    assert sorted(archive.replay().published) == sorted(f"About {name}" for name in EDITS)
    archive.listing(NEWS, *items({name: body for name, (body, _) in EDITS.items()}), *old)
    changes = archive.replay().runs["news"].changes
    assert {change.title: (change.kind.value, change.edit_class) for change in changes} == {
        f"About {name}": ("edited", grade) for name, (_, grade) in EDITS.items() if grade is not None
    }
    assert {change.revision for change in changes} == {2}
    engine = open_engine(archive.database_url)
    with reading(engine) as connection:
        figure = next(change for change in changes if change.title == "About a figure")
        before, after = revision_pair(connection, figure.article_id, figure.revision)
        assert before is not None
        spans = redline(before.body_text, after.body_text)
        assert [(span.op, span.text.strip()) for span in spans if span.op != "same"] == [
            ("removed", "400"),
            ("added", "700"),
        ]
        assert len(changes_after(connection, 0)) == len(connection.execute(select(Change.seq)).all())
    engine.dispose()
    assert archive.replay().changes == []


@pytest.mark.parametrize("inline", [True, False], ids=["whole on the listing", "read on its page"])
def test_promise_3_an_edit_is_an_edit_also_when_it_comes_and_goes(
    new_archive: NewArchive, inline: bool
) -> None:
    archive = new_archive(source(NEWS, "news"))
    old = whole("old-one", "old-two")
    archive.listing(NEWS, *old)
    archive.replay()

    def publish(title: str, body: str) -> None:
        archive.listing(NEWS, Item("/a", title, body if inline else ""), *old)
        archive.article("https://news.example/a", title, body)

    publish("A title", BODY)
    kinds = [archive.replay(hours=2).changes]
    publish("Another title altogether", BODY)
    kinds.append(archive.replay(hours=2).changes)
    publish("Another title altogether", BODY.replace("400", "700"))
    kinds.append(archive.replay(hours=23).changes)
    publish("A title", BODY)
    kinds.append(archive.replay(days=2).changes)
    assert [kind for step in kinds for kind, _, _ in step].count("published") == 1
    assert [kind for kind, _, _ in kinds[1]] == ["retitled"]
    assert [kind for kind, _, _ in kinds[2]] == ["edited"]
    assert {kind for kind, _, _ in kinds[3]} <= {"edited", "retitled"}
    assert archive.revisions("https://news.example/a") == [1, 2, 3, 4]
    assert len(archive.articles()) == 3


def test_promise_3_an_article_page_that_differs_from_its_teaser_is_no_edit(new_archive: NewArchive) -> None:
    archive = new_archive(source(NEWS, "news"))
    archive.listing(NEWS, Item("/a", "A title", "Only the beginning of it …"), *whole("old-one", "old-two"))
    archive.article("https://news.example/a", "A title", prose("a"))
    archive.replay()
    assert archive.replay(hours=1).changes == []
    assert archive.article_at("https://news.example/a").body_text == prose("a")
