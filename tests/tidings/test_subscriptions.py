"""Subscriptions and their deliveries as people type them: a folder, a webhook, what fails, and what is never shown."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.targets.webhooks import new_secret
from news.change import ChangeKind
from news.redline import EditClass
from storage import reader_tables, tables
from storage.engine import open_engine, writing
from tests.digest.mail_server import MailServer
from tests.digest.receiver import Does, Receiver
from tests.tidings.conftest import Tidings, shown
from tests.tidings.documented import faults
from tidings.filter_options import Edits, Kind


def hook(tidings: Tidings, receiver: Receiver, *more: object, name: str = "team") -> str:
    arguments = ("add", name, "--webhook", receiver.url("/T0/token"), "--allow-private", "--from-start")
    ended = tidings("subscriptions", *arguments, *more)
    assert ended.code == 0, ended.err
    return ended.out.rpartition("shown again: ")[2].strip()


def test_a_digest_is_brought_to_a_folder_and_only_once(tidings: Tidings, folder: Path) -> None:
    added = tidings("subscriptions", "add", "desk", "--folder", folder, "--from-start")
    assert added.out == f"desk: added; as soon as there is something, brought to {folder} (text)\n"
    assert tidings("deliveries", "run").out == "desk: digest 1 sent\n"
    [file] = folder.iterdir()
    assert file.read_text() == tidings("digest", "--subscription", "desk", "--number", 1).out
    assert tidings("deliveries", "run").out == "Nothing is due.\n"


def test_a_digest_is_mailed(tidings: Tidings, known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added = tidings("subscriptions", "add", "mayor", "--mail", "Mayor <mayor@town.example>", "--from-start")
    assert added.out == "mayor: added; as soon as there is something, brought to mayor@town.example\n"
    assert "mail_server and mail_from" in added.err
    assert "setting mail_server: there is none" in tidings("deliveries", "run").out
    leave = ("--unsubscribe", "https://news.example/leave")
    with MailServer() as server:
        monkeypatch.setenv("TIDINGS_MAIL_SERVER", f"smtp+plain://127.0.0.1:{server.port}")
        monkeypatch.setenv("TIDINGS_MAIL_FROM", "news@town.example")
        edited = tidings("subscriptions", "edit", "mayor", *leave)
        assert (edited.code, edited.err) == (0, "")
        tidings("deliveries", "retry", 1)
        assert tidings("deliveries", "run").out == "mayor: digest 1 sent\n"
    [letter] = server.letters
    assert letter.to == ("mayor@town.example",)
    assert letter.message["List-Unsubscribe"] == "<https://news.example/leave>"


@pytest.mark.parametrize("shape", ["text", "markdown"])
def test_a_digest_goes_through_any_service_that_apprise_knows(
    tidings: Tidings, known: Path, tmp_path: Path, shape: str
) -> None:
    file = tmp_path / "service"
    with Receiver(Does(status=500), then=Does(status=200)) as receiver:
        file.write_text(f"json://user:hunter2@127.0.0.1:{receiver.port}/T0/token\n")
        added = tidings(
            "subscriptions", "add", "chat", "--apprise-file", file, "--format", shape, "--from-start"
        )
        assert added.out == "chat: added; as soon as there is something, brought to JSON\n"
        failed = tidings("deliveries", "run")
        assert (failed.code, "JSON did not take it" in failed.out) == (1, True)
        tidings("deliveries", "retry", 1)
        assert tidings("deliveries", "run").out == "chat: digest 1 sent\n"
    told = json.loads(receiver.came[-1].body)
    assert told["title"].startswith("chat 1: ")
    assert "Fog horn is tested" in told["message"]
    for ended in (
        failed,
        tidings("subscriptions", "show", "chat", "--json"),
        tidings("deliveries", "show", 1),
    ):
        assert "hunter2" not in ended.out + ended.err
        assert "token" not in ended.out + ended.err
    file.write_text("nosuch://x")
    unknown = tidings("subscriptions", "edit", "chat", "--apprise-file", file)
    assert (unknown.code, "knows no service" in unknown.err) == (1, True)


def test_a_digest_composed_by_hand_is_brought_too(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--from-start")
    assert tidings("digest", "--subscription", "desk").code == 0
    assert tidings("deliveries", "run").out == "desk: digest 1 sent\n"


def test_the_reader_of_the_digest_command_can_be_given_a_target(tidings: Tidings, folder: Path) -> None:
    tidings("digest", "--peek")
    assert (
        tidings("subscriptions", "edit", "default", "--folder", folder).code == 1
    )  # there is none of this name yet
    tidings("digest")
    assert tidings("subscriptions", "edit", "default", "--folder", folder, "--format", "html").code == 0
    assert tidings("deliveries", "run").out == "Nothing is due.\n"


def test_what_is_shown_has_the_documented_shape(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--from-start", "--schedule", "1h")
    tidings("subscriptions", "add", "by hand", "--source", "harbour", "--language", "en")
    with Receiver(then=Does(status=503)) as receiver:
        hook(tidings, receiver)
        ran = tidings("deliveries", "run", "--json")
    assert ran.code == 1
    assert faults(json.loads(ran.out), "delivery list") == []
    listed = shown(tidings, "subscriptions", "list")
    assert faults(listed, "subscription list") == []
    assert {each["name"]: each["state"] for each in listed["subscriptions"]} == {
        "by hand": "by_hand",
        "desk": "ok",
        "team": "failing",
    }
    assert faults(shown(tidings, "subscriptions", "show", "team"), "subscription") == []
    deliveries = shown(tidings, "deliveries", "list")
    assert faults(deliveries, "delivery list") == []
    assert faults(shown(tidings, "deliveries", "show", deliveries["deliveries"][0]["id"]), "delivery") == []


def test_a_secret_is_shown_once_and_never_again(tidings: Tidings, known: Path) -> None:
    with Receiver(Does(status=500)) as receiver:
        secret = hook(tidings, receiver)
        assert secret.startswith("whsec_")
        said = [
            tidings("deliveries", "run"),
            tidings("subscriptions", "list"),
            tidings("subscriptions", "show", "team"),
            tidings("subscriptions", "show", "team", "--json"),
            tidings("subscriptions", "edit", "team", "--no-private"),
            tidings("subscriptions", "edit", "team", "--schedule", "2h"),
            tidings("deliveries", "list", "--json"),
            tidings("deliveries", "show", 1),
        ]
    for ended in said:
        assert secret not in ended.out + ended.err
        assert "token" not in ended.out + ended.err


@pytest.mark.parametrize("by", ["file", "stdin"])
def test_a_secret_of_one_s_own_is_read_from_a_file(
    tidings: Tidings, known: Path, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = new_secret()
    file = tmp_path / "secret"
    file.write_text(secret + "\n")
    with file.open() as stream, Receiver() as receiver:
        monkeypatch.setattr("sys.stdin", stream)
        assert secret not in hook(tidings, receiver, "--secret-file", file if by == "file" else "-")
        assert tidings("deliveries", "run").out == "team: digest 1 sent\n"
    assert receiver.came[0].headers["webhook-signature"].startswith("v1,")


def test_what_failed_is_tried_again_by_hand_with_the_same_key(tidings: Tidings, known: Path) -> None:
    with Receiver(Does(status=410), then=Does(status=204)) as receiver:
        hook(tidings, receiver)
        failed = tidings("deliveries", "run")
        assert failed.code == 1
        assert "given up" in failed.out
        assert "tidings deliveries retry 1" in failed.out
        shown_disabled = tidings("subscriptions", "show", "team").out
        assert "team: disabled" in shown_disabled
        assert "`tidings subscriptions resume team` uses it again" in shown_disabled
        assert tidings("deliveries", "run").out == "Nothing is due.\n"
        assert (
            tidings("deliveries", "retry", "--all-dead").out
            == "delivery 1: digest 1 of team is tried again\n"
        )
        assert tidings("deliveries", "run").out == "team: digest 1 sent\n"
        assert tidings("deliveries", "retry", "--all-dead").out == "There is nothing to try again.\n"
    assert len({came.headers["webhook-id"] for came in receiver.came}) == 1
    again = tidings("deliveries", "retry", 1)
    assert (again.code, "it was accepted" in again.err) == (1, True)
    assert "accepted" in tidings("deliveries", "show", 1).out


def test_a_paused_subscription_is_left_alone_until_it_is_resumed(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--from-start")
    assert "paused" in tidings("subscriptions", "pause", "desk").out
    assert tidings("deliveries", "run").out == "Nothing is due.\n"
    assert "paused" in tidings("subscriptions", "list").out
    tidings("subscriptions", "resume", "desk")
    assert tidings("deliveries", "run").out == "desk: digest 1 sent\n"


def test_a_subscription_is_changed_where_it_is_said_and_nowhere_else(tidings: Tidings, folder: Path) -> None:
    tidings(
        "subscriptions", "add", "desk", "--folder", folder, "--source", "harbour", "--schedule", "0 7 * * mon"
    )
    tidings("subscriptions", "edit", "desk", "--time-zone", "Africa/Tunis", "--language", "fr")
    tidings("subscriptions", "edit", "desk", "--format", "json")
    one = shown(tidings, "subscriptions", "show", "desk")
    assert (one["rhythm"], one["time_zone"]) == ("0 7 * * mon", "Africa/Tunis")
    assert (one["sources"], one["languages"]) == (["harbour"], ["fr"])
    assert one["target"]["place"] == f"{folder} (json)"
    tidings("subscriptions", "edit", "desk", "--everything", "--schedule", "now")
    one = shown(tidings, "subscriptions", "show", "desk")
    assert (one["rhythm"], one["due_at"], one["sources"], one["languages"]) == (None, None, [], [])


def test_removing_says_what_would_be_gone(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--from-start")
    tidings("deliveries", "run")
    refused = tidings("subscriptions", "remove", "desk")
    assert (refused.code, "--with-digests" in refused.err) == (1, True)
    assert (
        tidings("subscriptions", "remove", "desk", "--with-digests").out
        == "desk: removed, and 1 digest with it\n"
    )
    assert tidings("subscriptions", "list").out.startswith("There are no subscriptions yet")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "desk", "--folder", "missing"), 1, "make it first"),
        (("add", "desk", "--folder", ".", "--webhook", "https://a.example/"), 2, "one target"),
        (("add", "desk", "--format", "json"), 2, "say where digests are brought"),
        (("add", "desk", "--webhook", "https://a.example/", "--format", "json"), 2, "of the kind file or"),
        (("add", "desk", "--mail", "nobody"), 1, "no mail address"),
        (("add", "desk", "--folder", ".", "--unsubscribe", "https://a.example/"), 2, "of the kind mail"),
        (("add", "desk", "--webhook", "https://u:p@a.example/"), 1, "user info"),
        (("add", "desk", "--webhook", "https://a.example/", "--secret-file", "missing"), 1, "--secret-file"),
        (("add", "desk", "--folder", ".", "--schedule", "daily"), 1, "schedule 'daily'"),
        (("add", "desk", "--folder", ".", "--time-zone", "Mars/Base"), 1, "time zone 'Mars/Base'"),
        (("add", "desk", "--source", "harbor"), 1, "did you mean harbour"),
        (("add", " "), 1, "needs a name"),
        (("edit", "nobody", "--schedule", "1h"), 1, "no subscription 'nobody'"),
        (("show", "nobody"), 1, "no subscription 'nobody'"),
        (("pause", "nobody"), 1, "no subscription 'nobody'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_to_do(
    tidings: Tidings, known: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = tidings("subscriptions", *arguments)
    assert (ended.code, said in ended.err) == (code, True), ended.err
    assert "nobody" in arguments or tidings("subscriptions", "list").out.startswith("There are no")


def test_a_name_that_is_taken_and_an_edit_of_nothing_are_refused(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk")
    taken = tidings("subscriptions", "add", "desk", "--folder", folder)
    assert (taken.code, "`tidings subscriptions edit desk`" in taken.err) == (1, True)
    assert tidings("subscriptions", "edit", "desk").code == 2
    assert tidings("deliveries", "retry").code == 2
    assert tidings("deliveries", "retry", 9).code == 1
    assert tidings("deliveries", "list", "--subscription", "nobody").code == 1


def test_a_name_that_a_terminal_would_obey_is_shown_as_text(tidings: Tidings, folder: Path) -> None:
    name = "a\x1b[2Jb\u202e"
    tidings("subscriptions", "add", name, "--folder", folder, "--from-start")
    said = [
        tidings("deliveries", "run"),
        tidings("subscriptions", "list"),
        tidings("subscriptions", "show", name),
        tidings("deliveries", "list"),
        tidings("deliveries", "show", 1),
        tidings("subscriptions", "list", "--json"),
    ]
    for ended in said:
        assert not {"\x1b", "\u202e"} & set(ended.out + ended.err)


def test_a_folder_that_is_gone_is_told(tidings: Tidings, folder: Path) -> None:
    tidings("subscriptions", "add", "desk", "--folder", folder, "--from-start")
    os.rmdir(folder)  # noqa: PTH106
    ended = tidings("deliveries", "run")
    assert ended.code == 1
    assert "check that its folder exists" in ended.out


def test_words_are_added_shown_previewed_changed_and_taken_away(tidings: Tidings, known: Path) -> None:
    everything = shown(tidings, "digest", "--since", "0")["changes"]
    word = max(everything[0]["title"].split(), key=len)
    added = tidings(
        "subscriptions", "add", "words", "--include", f"title:{word}", "--exclude", "unicorn", "--from-start"
    )
    assert added.code == 0, added.err
    one = shown(tidings, "subscriptions", "show", "words")
    assert faults(one, "subscription") == []
    assert (one["include"], one["exclude"]) == ([f"title:{word}"], ["unicorn"])
    looked = shown(tidings, "subscriptions", "preview", "words", "--since", "2000-01-01")
    assert faults(looked, "digest") == []
    assert (
        f"title:{word} in title" in tidings("subscriptions", "preview", "words", "--since", "2000-01-01").out
    )
    other = tidings("subscriptions", "preview", "words", "--since", "2000-01-01", "--include", "unicorn")
    assert other.out == "words: nothing of what is stored since 2000-01-01 would have been told\n"
    digest = shown(tidings, "digest", "--subscription", "words")
    assert [each["id"] for each in digest["changes"]] == [each["id"] for each in looked["changes"]]
    assert {each["matched"]["part"] for each in digest["changes"]} == {"title"}
    assert f"words            title:{word}" in tidings("subscriptions", "show", "words").out
    assert tidings("subscriptions", "edit", "words", "--include", "harbour").code == 0
    changed = shown(tidings, "subscriptions", "show", "words")
    assert (changed["include"], changed["exclude"]) == (["harbour"], ["unicorn"])
    assert tidings("subscriptions", "edit", "words", "--any-words").code == 0
    assert shown(tidings, "subscriptions", "show", "words")["include"] == []


def test_words_that_are_none_are_refused(tidings: Tidings, known: Path) -> None:
    refused = tidings("subscriptions", "add", "words", "--include", "?!")
    assert (refused.code, refused.err) == (
        1, "error: words: '?!' has no word; write one with letters or digits\n",
    )  # fmt: skip
    tidings("subscriptions", "add", "words", "--include", "harbour")
    both = tidings("subscriptions", "edit", "words", "--any-words", "--include", "x")
    assert both.code == 2


def test_a_filter_says_what_must_have_happened(tidings: Tidings, known: Path) -> None:
    made = tidings(
        "subscriptions", "add", "desk", "--kind", "withdrawn", "--kind", "edited", "--edits", "substantive"
    )
    assert made.code == 0
    said = shown(tidings, "subscriptions", "show", "desk")
    assert (said["kinds"], said["edits"]) == (["withdrawn", "edited"], "substantive")
    assert "only substantive ones are told" in tidings("subscriptions", "show", "desk").out
    every = shown(tidings, "subscriptions", "preview", "desk", "--since", "2000-01-01", "--kind", "published")
    assert every["changes"]
    assert {each["kind"] for each in every["changes"]} == {"published"}
    own = shown(tidings, "subscriptions", "preview", "desk", "--since", "2000-01-01")["changes"]
    assert {each["kind"] for each in own} <= {"withdrawn", "edited"}
    tidings("subscriptions", "edit", "desk", "--edits", "cosmetic")
    said = shown(tidings, "subscriptions", "show", "desk")
    assert (said["kinds"], said["edits"]) == (["withdrawn", "edited"], "cosmetic")
    tidings("subscriptions", "edit", "desk", "--everything")
    assert "published" in shown(tidings, "subscriptions", "show", "desk")["kinds"]
    assert tidings("subscriptions", "edit", "desk", "--everything", "--kind", "edited").code == 2
    assert tidings("subscriptions", "add", "duty", "--alerts", "--edits", "minor").code == 2
    assert "none of this name" in tidings("subscriptions", "preview", "desk", "--source", "moon").err


def test_a_section_is_what_the_site_files_an_article_under(tidings: Tidings, known: Path) -> None:
    first, *_ = shown(tidings, "articles", "list")["articles"]
    engine = open_engine(f"sqlite:///{known}", create=False)
    with writing(engine) as connection:
        filed = update(tables.Article).where(tables.Article.id == first["id"])
        connection.execute(filed.values(sections=["L’Écologie", "Science & Arts"]))
    engine.dispose()
    for name, told in (("ecologie", True), ("science arts", True), ("science", False)):
        assert tidings("subscriptions", "add", name, "--section", name.upper(), "--from-start").code == 0
        found = shown(tidings, "subscriptions", "preview", name, "--since", "2000-01-01")["changes"]
        assert {each["url"] for each in found} == ({first["url"]} if told else set())
        assert shown(tidings, "subscriptions", "show", name)["sections"] == [name.upper()]
    assert "sections         SCIENCE" in tidings("subscriptions", "show", "science").out
    assert "L’Écologie, Science & Arts" in tidings("articles", "show", first["id"]).out
    assert shown(tidings, "articles", "show", first["id"])["sections"] == ["L’Écologie", "Science & Arts"]
    assert "write its name" in tidings("subscriptions", "add", "none", "--section", "?!").err
    assert tidings("subscriptions", "add", "duty", "--alerts", "--section", "Culture").code == 2


def test_a_schedule_without_a_target_composes_what_is_read_here(tidings: Tidings, known: Path) -> None:
    made = tidings("subscriptions", "add", "desk", "--schedule", "1h", "--from-start")
    assert made.out == "desk: added; by schedule: 1h (UTC), brought nowhere\n"
    engine = open_engine(f"sqlite:///{known}", create=False)
    with writing(engine) as connection:
        connection.execute(update(reader_tables.Subscription).values(due_at=datetime(2026, 1, 1, tzinfo=UTC)))
    engine.dispose()
    tidings("deliveries", "run")
    said = shown(tidings, "subscriptions", "show", "desk")
    assert (said["state"], said["digests"], said["target"]) == ("ok", 1, None)
    assert said["due_at"] is not None
    told = tidings("subscriptions", "show", "desk").out
    assert "none: its digests are read" in told
    tidings("subscriptions", "add", "hand", "--from-start")
    tidings("deliveries", "run")
    assert shown(tidings, "subscriptions", "show", "hand")["digests"] == 0


def test_the_options_name_every_kind_and_class() -> None:
    assert set(map(str, Kind)) == set(map(str, ChangeKind))
    assert {*map(str, Edits), "none"} == set(map(str, EditClass))
