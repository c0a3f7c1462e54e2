from __future__ import annotations

import csv
import io
import json
import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from digest.compose import compose, load, preview, preview_next
from digest.formats import Format, render
from digest.model import Digest
from news.change import ChangeKind
from news.errors import StorageError
from news.redline import EditClass
from storage import tables
from storage.engine import reading, writing
from storage.reader_tables import Digest as StoredRow
from storage.reader_tables import Subscription
from storage.subscriptions import DigestFilter, list_digests, subscribe
from storage.subscriptions import load as load_subscription
from tests.digest.logs import Log

URL = "https://news.example/en/{}"


@pytest.fixture
def daily(log: Log) -> Log:
    """A log with three sources and a subscription, "daily", to everything."""
    for name in ("a", "b", "c"):
        log.source(name, title=f"Source {name.upper()}", language="en")
    subscribe(log.engine, "daily", filter=DigestFilter(), now=log.now)
    return log


def made(log: Log, name: str = "daily") -> Digest:
    digest = compose(log.engine, name, now=log.now)
    assert digest is not None
    return digest


def cursor(log: Log, name: str = "daily") -> int:
    with reading(log.engine) as connection:
        return load_subscription(connection, name).cursor


def test_promise_1_each_change_is_in_exactly_one_digest(daily: Log) -> None:
    seen = []
    for step in range(4):
        for item in range(step + 1):
            daily.published("a", URL.format(f"{step}-{item}"), f"Title {step} {item}")
        digest = made(daily)
        assert digest.number == step + 1
        seen += [item.change.seq for item in digest.items]
        assert compose(daily.engine, "daily", now=daily.now) is None
    assert seen == list(range(1, 11))


def test_a_new_subscription_starts_at_the_current_seq_or_at_the_start_when_told(daily: Log) -> None:
    daily.published("a", URL.format("old"), "Old")
    subscribe(daily.engine, "later", filter=DigestFilter(), now=daily.now)
    subscribe(daily.engine, "all", filter=DigestFilter(), now=daily.now, from_start=True)
    assert compose(daily.engine, "later", now=daily.now) is None
    assert [item.change.title for item in made(daily, "all").items] == ["Old"]


def test_looking_never_moves_a_cursor_and_shows_what_composing_will_tell(daily: Log) -> None:
    daily.published("a", URL.format("x"), "X")
    looks = [preview_next(daily.engine, "daily", now=daily.now) for _ in range(2)]
    preview(daily.engine, now=daily.now)
    assert cursor(daily) == 0
    assert looks[0] == looks[1]
    assert looks[0].number is None
    assert made(daily).items == looks[0].items


def test_a_look_may_start_at_a_moment(daily: Log) -> None:
    daily.published("a", URL.format("early"), "Early")
    moment = daily.now + timedelta(seconds=30)
    daily.published("a", URL.format("late"), "Late")
    assert [item.change.title for item in preview(daily.engine, since=moment, now=daily.now).items] == [
        "Late"
    ]
    assert preview(daily.engine, since=daily.now + timedelta(days=1), now=daily.now).items == ()
    assert len(preview(daily.engine, after_seq=0, now=daily.now).items) == 2


def test_what_was_stored_is_returned_when_the_cursor_is_set_back(daily: Log) -> None:
    daily.published("a", URL.format("x"), "X")
    first = made(daily)
    daily.published("a", URL.format("y"), "Y")
    with writing(daily.engine) as connection:
        connection.execute(update(Subscription).values(cursor=first.after_seq))
    assert compose(daily.engine, "daily", now=daily.now + timedelta(hours=1)) == first
    assert [item.change.title for item in made(daily).items] == ["Y"]


def test_promise_2_a_crash_before_the_commit_leaves_neither_digest_nor_moved_cursor(
    daily: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily.published("a", URL.format("x"), "X")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("storage.subscriptions.move_cursor", die)
        with pytest.raises(KeyboardInterrupt):
            compose(daily.engine, "daily", now=daily.now)
    with reading(daily.engine) as connection:
        assert list_digests(connection, "daily") == []
    assert cursor(daily) == 0
    assert made(daily).number == 1


def test_two_composers_at_once_make_one_digest(daily: Log) -> None:
    daily.published("a", URL.format("x"), "X")
    results: list[Digest | None] = []
    threads = [
        threading.Thread(target=lambda: results.append(compose(daily.engine, "daily", now=daily.now)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(result is None for result in results) == [False, True, True, True]


def test_a_stored_digest_does_not_change_with_its_articles(daily: Log) -> None:
    daily.published("a", URL.format("x"), "X", "Body of x.")
    composed = made(daily)
    before = {each: render(composed, each) for each in Format}
    with writing(daily.engine) as connection:
        connection.execute(update(tables.Article).values(title="Other", language="ar"))
        connection.execute(update(tables.Revision).values(body_text="Other."))
    assert {each: render(load(daily.engine, "daily", 1), each) for each in Format} == before


def test_an_altered_digest_is_refused(daily: Log) -> None:
    daily.published("a", URL.format("x"), "X")
    made(daily)
    with writing(daily.engine) as connection:
        content = connection.execute(select(StoredRow.content)).scalar_one()
        connection.execute(update(StoredRow).values(content={**content, "upto_seq": 9}))
    with pytest.raises(StorageError, match="altered"):
        load(daily.engine, "daily", 1)


def test_an_unknown_subscription_or_digest_is_named(daily: Log) -> None:
    with pytest.raises(StorageError, match="no subscription 'nobody'"):
        compose(daily.engine, "nobody", now=daily.now)
    with pytest.raises(StorageError, match="no digest 7"):
        load(daily.engine, "daily", 7)


def test_an_article_listed_by_others_is_told_once_with_where_else_it_stands(daily: Log) -> None:
    article = daily.published("a", URL.format("x"), "X")
    daily.change(ChangeKind.LISTED, "b", article)
    daily.change(ChangeKind.LISTED, "c", article)
    daily.edited("a", article, "Body.", EditClass.SUBSTANTIVE)
    digest = made(daily)
    assert [item.change.kind for item in digest.items] == ["published", "edited"]
    assert [[place.title for place in item.also] for item in digest.items] == [["Source B", "Source C"], []]
    assert digest.hidden == ()


def test_a_listing_alone_is_quiet_but_counted(daily: Log) -> None:
    article = daily.published("a", URL.format("x"), "X")
    made(daily)
    daily.change(ChangeKind.LISTED, "b", article)
    assert compose(daily.engine, "daily", now=daily.now) is None
    daily.published("a", URL.format("y"), "Y")
    assert made(daily).hidden == (("listed", 1),)


def test_who_reads_one_source_is_told_what_another_announced_first_and_only_once(daily: Log) -> None:
    subscribe(daily.engine, "only b and c", filter=DigestFilter(sources=("b", "c")), now=daily.now)
    article = daily.published("a", URL.format("x"), "X")
    daily.change(ChangeKind.LISTED, "b", article)
    assert [item.change.source for item in made(daily, "only b and c").items] == ["b"]
    daily.change(ChangeKind.LISTED, "c", article)
    assert compose(daily.engine, "only b and c", now=daily.now) is None


def test_cosmetic_edits_are_hidden_until_they_are_asked_for(daily: Log) -> None:
    every = DigestFilter(min_edit_class=EditClass.COSMETIC)
    subscribe(daily.engine, "every edit", filter=every, now=daily.now)
    article = daily.published("a", URL.format("x"), "X", "“Quoted”.")
    daily.edited("a", article, '"Quoted".', EditClass.COSMETIC)
    assert [item.change.kind for item in made(daily).items] == ["published"]
    assert [item.change.kind for item in made(daily, "every edit").items] == ["published", "edited"]


def test_a_filter_chooses_sources_languages_and_kinds(daily: Log) -> None:
    wanted = DigestFilter(sources=("a",), languages=("fr",), kinds=(ChangeKind.PUBLISHED,))
    subscribe(daily.engine, "french", filter=wanted, now=daily.now)
    swiss = daily.published("a", URL.format("1"), "Suisse", language="fr-CH")
    daily.published("a", URL.format("2"), "English", language="en")
    daily.published("b", URL.format("3"), "Français", language="fr")
    daily.published("a", URL.format("4"), "Unknown")
    daily.change(ChangeKind.WITHDRAWN, "a", swiss)
    digest = made(daily, "french")
    assert [item.change.title for item in digest.items] == ["Suisse", "Unknown"]
    assert digest.hidden == (("withdrawn", 1),)
    assert [item.withdrawn_at is not None for item in digest.items] == [True, False]


def test_who_asks_for_new_titles_and_dates_is_told_of_them_whatever_else_the_edit_was(daily: Log) -> None:
    for name, wanted in (
        ("titles", DigestFilter(kinds=(ChangeKind.RETITLED,))),
        ("dates", DigestFilter(kinds=(ChangeKind.REDATED,))),
        ("great edits", DigestFilter(kinds=(ChangeKind.EDITED,), min_edit_class=EditClass.SUBSTANTIVE)),
    ):
        subscribe(daily.engine, name, filter=wanted, now=daily.now)
    for number, marks in enumerate((["retitled"], ["redated", "silent"], ["silent"])):
        article = daily.published("a", URL.format(number), f"Title {number}", "One.")
        daily.edited("a", article, "Two.", EditClass.MINOR, marks=marks)
    assert [item.change.title for item in made(daily, "titles").items] == ["Title 0"]
    assert [item.change.title for item in made(daily, "dates").items] == ["Title 1"]
    assert compose(daily.engine, "great edits", now=daily.now) is None


def test_promise_4_what_is_told_as_new_is_marked_as_gone_whoever_saw_that(daily: Log) -> None:
    subscribe(daily.engine, "only a", filter=DigestFilter(sources=("a",)), now=daily.now)
    gone = daily.published("a", URL.format("1"), "Gone")
    back = daily.published("a", URL.format("2"), "Back")
    for kind, article in (
        (ChangeKind.WITHDRAWN, back),
        (ChangeKind.WITHDRAWN, gone),
        (ChangeKind.RESTORED, back),
    ):
        daily.change(kind, "b", article)
    assert {item.change.title: item.withdrawn_at is not None for item in made(daily, "only a").items} == {
        "Gone": True,
        "Back": False,
    }


def test_a_reader_of_a_source_is_told_what_happened_to_its_articles_whichever_source_saw_it(
    daily: Log,
) -> None:
    subscribe(daily.engine, "only a", filter=DigestFilter(sources=("a",)), now=daily.now)
    listed = daily.article(URL.format("1"), "Listed by a", "One.")
    other = daily.article(URL.format("2"), "Listed by b alone", "One.")
    daily.run("a")
    daily.sighting("a", listed)
    daily.sighting("b", other)
    for article in (listed, other):
        daily.edited("b", article, "Two and more.", EditClass.SUBSTANTIVE)
        daily.change(ChangeKind.WITHDRAWN, "b", article)
        daily.change(ChangeKind.LISTED, "b", article)
    told = [(str(item.change.kind), item.change.title) for item in made(daily, "only a").items]
    assert told == [("edited", "Listed by a"), ("withdrawn", "Listed by a")]


def test_promise_4_a_withdrawal_that_waits_for_the_next_digest_is_not_told_before(daily: Log) -> None:
    article = daily.published("a", URL.format("1"), "Gone")
    daily.change(ChangeKind.WITHDRAWN, "a", article)
    digest = compose(daily.engine, "daily", now=daily.now, limit=1)
    assert digest is not None
    assert [item.withdrawn_at for item in digest.items] == [None]


def test_a_full_digest_leaves_the_rest_to_the_next(daily: Log) -> None:
    for number in range(5):
        daily.published("a", URL.format(number), f"Title {number}")
    first = compose(daily.engine, "daily", now=daily.now, limit=3)
    assert first is not None
    assert (len(first.items), first.upto_seq, first.remaining) == (3, 3, 2)
    assert [item.change.seq for item in made(daily).items] == [4, 5]


def test_promise_5_what_is_not_being_read_is_told_also_when_nothing_is_new(full_log: Log) -> None:
    subscribe(full_log.engine, "later", filter=DigestFilter(), now=full_log.now)
    assert compose(full_log.engine, "later", now=full_log.now) is None
    digest = compose(full_log.engine, "later", now=full_log.now, empty=True)
    assert digest is not None
    assert digest.number is None
    assert [(unread.source, unread.verdict) for unread in digest.unread] == [
        ("asleep", "paused"), ("closed", "failed"), ("hilltop", "suspect"),
    ]  # fmt: skip
    full_log.published("valley-en", URL.format("next"), "Next")
    assert [item.change.title for item in made(full_log, "later").items] == ["Next"]


def test_a_lost_stretch_is_told_once_and_an_open_one_until_it_is_closed(daily: Log) -> None:
    told = []
    for step in range(3):
        daily.published("a", URL.format(step), f"Title {step}")
        if step == 1:
            daily.gap("a", "open")
            daily.gap("b", "lost")
        told.append([stretch.state for stretch in made(daily).stretches])
    assert told == [[], ["open", "lost"], ["open"]]


def test_ids_are_tag_uris_that_do_not_depend_on_the_subscription(daily: Log) -> None:
    article = daily.published("a", URL.format("x"), "X", "One.")
    daily.edited("a", article, "Two.", EditClass.SUBSTANTIVE)
    daily.change(ChangeKind.WITHDRAWN, "a", article)
    ids = [item.id for item in made(daily).items]
    assert ids == [item.id for item in preview(daily.engine, now=daily.now).items]
    assert [each.partition(":")[0] for each in ids] == ["tag"] * 3
    assert [each.split("/", 1)[1] for each in ids] == ["published", "edited/2", "withdrawn/3"]
    assert ids[0].startswith("tag:news.example,2026-11-20:")


def test_news_does_not_wait_for_a_text_that_is_kept_no_longer(daily: Log) -> None:
    article = daily.published("a", URL.format("x"), "X", "One.", summary="In short.")
    daily.change(ChangeKind.EDITED, "a", article, revision=7, edit_class=EditClass.SUBSTANTIVE)
    items = made(daily).items
    assert items[0].excerpt == "In short."
    assert items[1].redline == ()


@pytest.mark.parametrize("kind", Format)
def test_promise_4_a_withdrawal_stands_in_every_format_and_beside_what_was_told_before_it(
    log: Log, kind: Format
) -> None:
    log.source("daily", title="The Daily")
    log.published("daily", "https://news.example/gone", "A ferry is sold", "It is sold.")
    log.published("daily", "https://news.example/back", "A ferry is kept", "It is kept.")
    log.change(ChangeKind.WITHDRAWN, "daily", 2)
    log.change(ChangeKind.RESTORED, "daily", 2)
    log.change(ChangeKind.WITHDRAWN, "daily", 1)
    digest = preview(log.engine, now=log.now)
    assert [item.withdrawn_at for item in digest.items] == [log.now, None, None, None, None]
    text = render(digest, kind)
    if kind is Format.JSON:
        told = json.loads(text)["changes"]
        assert [change["kind"] for change in told][2:] == ["withdrawn", "restored", "withdrawn"]
        assert [change["withdrawn_at"] is not None for change in told] == [True, False, False, False, False]
        return
    if kind is Format.CSV:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [row["kind"] for row in rows][2:] == ["withdrawn", "restored", "withdrawn"]
        assert [bool(row["withdrawn_at"]) for row in rows] == [True, False, False, False, False]
        return
    lines = " ".join(text.lower().split())
    assert "2 withdrawn" in lines or "withdrawn</" in lines
    if kind in (Format.ATOM, Format.RSS, Format.JSONFEED):
        # A feed says it of each entry twice, in short and at length.
        lines = re.sub(r"<(summary|description)>[^<]*</\1>|\"summary\": \"[^\"]*\"", "", lines)
    assert lines.count("a ferry is sold") == 2
    assert lines.count("a ferry is kept") == 3
    assert lines.count("withdrawn on 20 november 2026, 06:05 utc") == 1
    assert lines.count("gone, seen") == 2
    assert lines.count("back, seen") == 1
