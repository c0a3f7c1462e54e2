"""Feeds as answers: valid, conditional, by choice, and open to readers of feeds that only know a password."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from sqlalchemy import update

from digest.content import content_hash
from storage import feed_entries, tables
from storage.engine import open_engine, reading, writing
from storage.forgetting import forget
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from storage.tokens import add_token
from storage.users import add_user, begin_session, load_user
from tests import feedcheck
from tests.digest.logs import Log
from tests.pages.conftest import NOW, Site, statements
from tests.serving.serving import serving
from tidings.pages.router import pages
from tidings.serving.doors import Doors
from tidings.serving.secrets import TOKEN_PREFIX, hash_password, new_secret, secret_hash

CHECKS = {"atom": feedcheck.atom_faults, "rss": feedcheck.rss_faults, "json": feedcheck.jsonfeed_faults}
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


def asked(site: Site, address: str, **headers: str) -> Any:
    return site.client.get(address, headers={name.replace("_", "-"): each for name, each in headers.items()})


@pytest.mark.parametrize("ending", CHECKS)
def test_every_feed_is_valid_and_says_where_it_stands(full_site: Site, ending: str) -> None:
    add(full_site.engine, "Été à Québec", filter=DigestFilter(languages=("fr",)), now=NOW)
    listed = asked(full_site, "/feeds.opml").text
    addresses = [urlsplit(str(each)).path for each in feedcheck.parse(listed).xpath("//outline/@xmlUrl")] + [
        "/feeds/choice.atom?language=fr&language=ar&kind=new"
    ]
    assert "/feeds/all.atom" in addresses
    assert any(each.startswith("/feeds/subscriptions/ete-a-quebec-") for each in addresses)
    assert len(addresses) > 6
    for address in addresses:
        answer = asked(full_site, address.replace(".atom", f".{ending}"))
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith(TYPES[ending])
        assert CHECKS[ending](answer.text, placed=True) == [], address
        assert f"http://127.0.0.1{address.replace('.atom', f'.{ending}')}" in answer.text.replace(
            "&amp;", "&"
        )


def test_a_choice_is_the_same_feed_in_whichever_order_it_was_made(full_site: Site) -> None:
    one = feedparser.parse(asked(full_site, "/feeds/choice.atom?language=fr&language=ar&kind=new").text)
    other = feedparser.parse(asked(full_site, "/feeds/choice.atom?kind=new&language=ar&language=fr").text)
    whole = feedparser.parse(asked(full_site, "/feeds/choice.atom?language=fr&kind=new").text)
    assert one.feed.id == other.feed.id != whole.feed.id
    assert [each.id for each in one.entries] == [each.id for each in other.entries]
    assert {each.content[0].language for each in whole.entries} == {"fr"}
    assert whole.feed.title == "fr, New articles"


def test_the_page_leads_to_the_feed_of_what_it_shows(full_site: Site) -> None:
    for address in ("/", "/?source=hilltop&kind=edited", "/sources/hilltop"):
        page = full_site.get(address)
        [told] = page.all("//head/link[@rel='alternate']/@href")
        assert told in page.all("//main//a/@href")
        assert asked(full_site, told).status_code == 200


def test_archives_lead_back_to_the_first_change(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_entries, "PAGE", 5)
    log.source("mill", title="The Old Mill", language="en")
    for number in range(113):
        log.published(
            "mill", f"https://news.example/{number}", f"Title {number}", "Some words.", language="en"
        )
    for first in ("/feeds/all.atom", "/feeds/choice.atom?source=mill"):
        found, address, kept = [], first, []
        while address:
            answer = asked(site, address)
            assert feedcheck.atom_faults(answer.text, placed=True) == []
            read = feedparser.parse(answer.text)
            found += [each.title for each in read.entries]
            kept.append(answer.headers["cache-control"])
            back = [link.href for link in read.feed.links if link.rel == "prev-archive"]
            address = back[0].removeprefix("http://127.0.0.1") if back else ""
        assert set(found) == {f"Title {number}" for number in range(113)}
        assert kept[0] == kept[1] == "private, no-cache"  # the newest archive gets to know its successor
        assert set(kept[2:]) == {"private, max-age=86400"}


def test_what_the_reader_has_is_not_sent_again(full_site: Site) -> None:
    first = asked(full_site, "/feeds/all.atom", Accept_Encoding="gzip")
    assert first.headers["content-encoding"] == "gzip"
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    by_tag = asked(full_site, "/feeds/all.atom", If_None_Match=tag)
    assert (by_tag.status_code, by_tag.content, by_tag.headers["etag"]) == (304, b"", tag)
    by_time = asked(full_site, "/feeds/all.atom", If_Modified_Since=changed)
    assert (by_time.status_code, by_time.content, by_time.headers["last-modified"]) == (304, b"", changed)
    # The tag outweighs the time (RFC 9110, section 13.1.3), and a time before brings everything.
    for headers in (
        {"If_None_Match": '"other"', "If_Modified_Since": changed},
        {"If_Modified_Since": "Sun, 01 Nov 2026 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert asked(full_site, "/feeds/all.atom", **headers).status_code == 200


def test_within_the_second_of_a_change_no_time_is_named(site: Site, log: Log) -> None:
    log.source("mill", title="The Old Mill", language="en")
    log.published("mill", "https://news.example/1", "One", "Some words.", language="en")
    with writing(site.engine) as connection:
        connection.execute(update(tables.Source).values(last_run_at=NOW))
    assert "last-modified" not in asked(site, "/feeds/all.atom").headers


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/all.html",
        "/feeds/all/1.atom",
        "/feeds/sources/nobody.atom",
        "/feeds/subscriptions/nobody.atom",
        "/feeds/sources/a/b.atom",
    ],
)
def test_what_is_no_feed_is_said_to_be_none(site: Site, address: str) -> None:
    assert asked(site, address).status_code in (404, 422)


def test_a_feed_costs_a_bounded_number_of_statements(full_site: Site) -> None:
    with statements(full_site.engine) as few:
        asked(full_site, "/feeds/all.atom")
    assert len(few) < 30


def test_a_reader_of_feeds_sends_its_token_as_a_password(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    secret = f"{TOKEN_PREFIX}{new_secret()}"
    add_token(engine, "reader", hash=secret_hash(secret), may_write=True)
    basic = {"Authorization": "Basic " + base64.b64encode(f"anybody:{secret}".encode()).decode()}
    bearer = {"Authorization": f"Bearer {secret}"}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"anybody:tdt_wrong").decode()}
    beyond = Doors(host="127.0.0.1", port=0, names=None, exposed=True)
    with serving(engine, doors=beyond, routers=[pages()]) as served:
        for headers in ({}, wrong, {"Authorization": "Basic ???"}, {"Accept": "text/html"}):
            answer = served.ask("/feeds/all.atom", headers=headers)
            assert (answer.status, answer.headers["www-authenticate"]) == (
                401,
                'Basic realm="tidings", charset="UTF-8"',
            )
        for headers in (basic, bearer):
            assert served.ask("/feeds/all.atom", headers=headers).status == 200
            assert served.ask("/feeds.opml", headers=headers).status == 200
        # Browsers send such a password by themselves: it opens nothing else, and changes nothing.
        assert served.ask("/api/v1/changes", headers=basic).status == 401
        assert served.ask("/", headers=basic).status == 401
        assert served.ask("/feeds/all.atom", method="POST", headers=basic).status == 403
    engine.dispose()


def test_a_public_address_stands_in_every_document(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    secret = f"{TOKEN_PREFIX}{new_secret()}"
    add_token(engine, "reader", hash=secret_hash(secret), may_write=False)
    headers = {"Authorization": f"Bearer {secret}", "Host": "news.example.org", "Accept-Encoding": "gzip"}
    with serving(engine, routers=[pages()], public_url="https://news.example.org") as served:
        answer = served.ask("/feeds/all.json", headers=headers)
    body = gzip.decompress(answer.body) if "content-encoding" in answer.headers else answer.body
    assert json.loads(body)["feed_url"] == "https://news.example.org/feeds/all.json"
    engine.dispose()


def test_what_a_person_said_changes_when_a_document_last_changed(site: Site, log: Log) -> None:
    log.source("mill", title="The Old Mill", language="en")
    log.published("mill", "https://news.example/1", "One", "Some words.", language="en")
    before = asked(site, "/feeds/all.atom").headers["last-modified"]
    forget(site.engine, "https://news.example/1", seal=content_hash, now=log.now + timedelta(hours=1))
    again = asked(site, "/feeds/all.atom", If_Modified_Since=before)
    assert (again.status_code, again.headers["last-modified"] != before) == (200, True)
    # A subscription's filter may change at any time: only the content says whether it did.
    add(site.engine, "desk", filter=DigestFilter(), now=NOW)
    headers = asked(site, "/feeds/subscriptions/desk.atom").headers
    assert ("last-modified" in headers, headers["cache-control"]) == (False, "private, no-cache")


def test_a_browser_that_sends_its_password_everywhere_still_gets_in(sqlite_url: str) -> None:
    """Once asked for a password at /feeds.opml, browsers send it with every page (RFC 7617, section 2.2)."""
    engine = open_engine(sqlite_url)
    add_user(engine, "amal", password_hash=hash_password("correct horse battery"))
    secret = new_secret()
    with reading(engine) as connection:
        kept = load_user(connection, "amal").password_hash
    begin_session(engine, "amal", hash=secret_hash(secret), verified_hash=kept, password_hash=kept)
    basic = {"Authorization": "Basic " + base64.b64encode(b"anybody:tdt_x").decode(), "Accept": "text/html"}
    with serving(engine, routers=[pages()]) as served:
        away = served.ask("/", headers=basic)
        assert (away.status, away.headers["location"]) == (303, "/sign-in?next=%2F")
        assert served.ask("/", headers={**basic, "Cookie": f"tidings={secret}"}).status == 200
        assert served.ask("/feeds/all.atom", headers={**basic, "Cookie": f"tidings={secret}"}).status == 401
    engine.dispose()


def test_searches_that_mean_the_same_are_one_feed_and_others_are_not(full_site: Site) -> None:
    def name(words: str) -> str:
        return str(feedparser.parse(full_site.get("/feeds/choice.atom", q=words).text).feed.id)

    assert name("harbour plan") == name("Plan HARBOUR") == name("harbour plan plan")
    different = [
        "harbour plan",
        "harbour",
        '"harbour plan"',
        "harbour -plan",
        'harbour -"a b"',
        "harbour -a -b",
    ]
    assert len({name(words) for words in different}) == len(different)
