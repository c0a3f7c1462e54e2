"""*Digests*: numbered, under addresses that stay, just as they were composed, and as files."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from digest.compose import compose
from digest.formats import Format
from storage.engine import writing
from storage.reader_tables import Digest
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from tests.digest.logs import Log
from tests.pages.conftest import NOW, Site, statements

NAME = "desk & co./1"
ADDRESS = "/digests/desk%20%26%20co.%2F1"


@pytest.fixture
def told(full_site: Site, log: Log) -> Site:
    add(full_site.engine, NAME, filter=DigestFilter(), from_start=True, now=NOW)
    assert compose(full_site.engine, NAME, now=NOW) is not None
    log.published("valley-en", "https://news.example/late", "A late one", "Text.", language="en")
    assert compose(full_site.engine, NAME, now=NOW) is not None
    return full_site


def test_digests_are_listed_the_newest_first_under_addresses_that_stay(told: Site) -> None:
    page = told.get("/digests")
    assert page.all("//tbody//a/@href") == [f"{ADDRESS}/2", f"{ADDRESS}/1"]
    for number in (1, 2):
        assert told.get(f"{ADDRESS}/{number}").words("//h1") == f"{NAME}: digest {number}"
    assert told.get("/digests", subscription="nobody").all("//div[contains(@class, 'note')]")


def test_a_digest_shows_all_that_it_told_and_leads_to_its_neighbours(told: Site) -> None:
    page = told.get(f"{ADDRESS}/1")
    assert [each.text_content().strip() for each in page.all("//section[@class='day']/h2")] == [
        "New", "Edited", "Withdrawn", "Restored",
    ]  # fmt: skip
    assert "Hilltop Gazette" in page.words("//section[contains(@class, 'warn')]")
    assert page.all("//blockquote/ins")
    assert "Not shown: 2 cosmetic" in page.words() or "Not shown: 1 cosmetic" in page.words()
    assert page.all(f"//a[@rel='prev'][@href='{ADDRESS}/2']")
    assert not page.all("//nav[@aria-label='Digests']/a[@rel='next']")
    assert told.get(f"{ADDRESS}/2").all(f"//a[@rel='next'][@href='{ADDRESS}/1']")


@pytest.mark.parametrize("form", list(Format))
def test_a_digest_is_a_file_in_each_format(told: Site, form: Format) -> None:
    answer = told.client.get(f"{ADDRESS}/2/{form}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="digest-2.')
    assert "A late one" in answer.text
    if form is Format.JSON:
        assert json.loads(answer.text)["number"] == 2


def test_what_was_never_composed_is_not_found(told: Site) -> None:
    for address in (f"{ADDRESS}/3", "/digests/nobody/1", f"{ADDRESS}/3/json"):
        assert told.get(address).status == 404
    assert told.get(f"{ADDRESS}/1/yaml").status == 422


def test_a_digest_that_was_altered_is_not_shown(told: Site) -> None:
    with writing(told.engine) as connection:
        connection.execute(update(Digest).where(Digest.number == 1).values(hash="0" * 64))
    page = told.get(f"{ADDRESS}/1")
    assert page.status == 500
    assert "altered" in page.words("//main")


def test_the_list_reads_no_digest(told: Site) -> None:
    with statements(told.engine) as asked:
        told.get("/digests")
    assert not any("content" in each for each in asked)
    assert len(asked) <= 5


def test_a_long_list_is_paged(site: Site, log: Log) -> None:
    log.source("a")
    add(site.engine, "desk", filter=DigestFilter(), from_start=True, now=NOW)
    for number in range(52):
        log.published("a", f"https://news.example/{number}", f"T {number}")
        compose(site.engine, "desk", now=NOW)
    page = site.get("/digests")
    [older] = page.all("//a[@rel='next']/@href")
    assert site.get(older).all("//tbody//a/@href") == ["/digests/desk/2", "/digests/desk/1"]
