"""What stands around every page: forms need their token, problems are pages, files are kept, policies hold."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from tests.digest.logs import Log
from tests.pages.conftest import Site, page_of

PAGES = ("/", "/sources", "/digests", "/subscriptions", "/subscriptions/new", "/deliveries", "/approvals")


@pytest.fixture
def somewhere(sqlite_site: Site) -> Site:
    Log(sqlite_site.engine)
    return sqlite_site


def test_a_form_without_its_token_changes_nothing(site: Site, log: Log) -> None:
    log.source("one")
    for data in ({}, {"form_token": "guessed"}):
        answer = page_of(site.client.post("/sources/one/pause", data=data))
        assert answer.status == 403
    assert site.get("/sources/one").all("//form[@action='/sources/one/pause']")


def test_a_form_from_another_site_is_refused_even_with_its_token(site: Site, log: Log) -> None:
    log.source("one")
    [token] = site.get("/sources/one").all("//main//input[@name='form_token']/@value")
    answer = site.client.post(
        "/sources/one/pause", data={"form_token": token}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_a_problem_is_a_page_that_says_what_happened(somewhere: Site) -> None:
    page = somewhere.get("/nowhere")
    assert page.status == 404
    assert page.words("//h1") == "There is no such thing"
    assert page.all("//nav//a[@href='/sources']")


def test_the_sheet_of_styles_is_kept_for_a_year_under_a_name_with_its_hash(somewhere: Site) -> None:
    [address] = somewhere.get("/").all("//link[@rel='stylesheet']/@href")
    assert re.fullmatch(r"/static/pages\.[0-9a-f]{12}\.css", address)
    answer = somewhere.client.get(address)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "url(" not in answer.text
    assert "@import" not in answer.text
    for wrong in ("/static/pages.css", "/static/../router.py", "/static/%2e%2e%2frouter.py", "/static/"):
        assert somewhere.client.get(wrong).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(somewhere: Site, address: str) -> None:
    page = somewhere.get(address)
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert not page.all("//script | //style | //*[@style] | //iframe | //base")
    assert not [name for each in page.all("//*") for name in each.attrib if name.startswith("on")]
    taken = page.all("//link/@href | //img/@src | //source/@srcset | //form/@action")
    assert taken
    assert all(each.startswith("/") and not each.startswith("//") for each in taken)


@pytest.mark.parametrize("address", PAGES)
def test_each_page_has_its_landmarks_one_title_and_headings_in_order(somewhere: Site, address: str) -> None:
    page = somewhere.get(address)
    assert len(page.all("//main")) == len(page.all("//h1")) == len(page.all("//header")) == 1
    assert page.all("//body/*[1][self::a][@href='#main']")
    assert page.all("//html[@lang='en']")
    levels = [int(each.tag[1]) for each in page.all("//h1 | //h2 | //h3 | //h4")]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(page.all("//nav[@aria-label='Main']//*[@aria-current]")) == 1
    fields: list[Any] = page.all("//main//input[not(@type='hidden')] | //main//select | //main//textarea")
    for field in fields:
        labelled = page.all(f"//label[@for='{field.get('id')}']") or field.xpath("ancestor::label")
        assert labelled, field.get("name")


def test_titles_name_the_page(somewhere: Site) -> None:
    titles = [somewhere.get(address).words("//title") for address in PAGES]
    assert len(set(titles)) == len(PAGES)
    assert all(title.endswith("– tidings") for title in titles)
