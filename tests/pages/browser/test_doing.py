"""What people do with the pages, with scripts switched off and by the keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from digest.compose import compose
from scheduler.crawling import crawl_now
from storage import tables
from storage.engine import open_engine, reading
from storage.runs import list_runs
from storage.settings import Settings
from storage.source_status import list_sources
from storage.subscriptions import list_subscriptions
from storage.users import add_user
from tests.crawler.discovery.memory import TOPICS
from tests.crawler.site import LocalSite
from tests.pages.browser.conftest import NOW, Open, keep, served, violations
from tests.tidings.news_site import show
from tidings.serving.secrets import hash_password

pytestmark = pytest.mark.timeout(600)


def test_a_suspect_run_is_approved_without_scripts(opened: Open) -> None:
    [run] = [each for each in list_runs(opened.engine, held=True) if each.source == "harbour"]
    with opened.page("/", scripts=False) as page:
        page.get_by_role("link", name="Approvals").click()
        page.get_by_role("link", name=str(run.id), exact=True).click()
        page.get_by_role("button", name="Approve: announce 2").click()
        expect(page.get_by_text("approved by a person")).to_be_visible()
        page.get_by_role("link", name="Latest").click()
        expect(page.get_by_role("link", name="late report").first).to_be_visible()
    with reading(opened.engine) as connection:
        told = select(tables.Change.kind).where(tables.Change.run_id == run.id)
        assert connection.execute(told).scalars().all() == ["published", "published"]


def test_a_subscription_is_added_with_a_mistake_on_the_way(opened: Open) -> None:
    with opened.page("/", scripts=False) as page:
        page.get_by_label("Language").select_option("fr")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="Subscribe to this choice").click()
        page.get_by_label("Name").fill("Lettre du matin")
        page.get_by_label("When", exact=True).select_option("daily")
        page.get_by_label("Time zone").fill("Mars/Base")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("alert")).to_contain_text("1 field needs another look")
        expect(page.locator("#time_zone-wrong")).to_be_visible()
        expect(page.get_by_label("Name")).to_have_value("Lettre du matin")
        keep(page, "subscription-form-mistake")
        page.get_by_label("Time zone").fill("Africa/Tunis")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Lettre du matin")
    with reading(opened.engine) as connection:
        [row] = [each for each in list_subscriptions(connection) if each.name == "Lettre du matin"]
    assert (row.filter.languages, row.schedule, row.time_zone) == (("fr",), "0 7 * * *", "Africa/Tunis")


def test_a_redline_is_read_and_any_two_revisions_are_compared(opened: Open) -> None:
    with opened.page("/?kind=edited&language=en", scripts=False) as page:
        page.get_by_role("link", name="radio presenters").first.click()
        redline = page.locator(".redline")
        expect(redline.locator("del").first).to_have_text("28")
        expect(redline.locator("ins").first).to_have_text("34")
        keep(page, "article-redline")
        page.get_by_label("Compare", exact=True).select_option("2")
        page.get_by_label("with", exact=True).select_option("1")
        page.get_by_role("button", name="Compare").click()
        expect(page.locator(".redline ins").first).to_have_text("28")


def test_filters_and_older_pages_are_links_and_forms(opened: Open) -> None:
    with opened.page("/", scripts=False) as page:
        first = page.locator(".story .name").all_inner_texts()
        page.get_by_role("link", name="Older").click()
        then = page.locator(".story .name").all_inner_texts()
        assert first
        assert then
        page.get_by_role("link", name="Newest").click()
        page.get_by_label("Source", exact=True).select_option("icesco-fr")
        page.get_by_label("What happened").select_option("new")
        page.get_by_role("button", name="Show").click()
        assert {each.get_attribute("lang") for each in page.locator(".story").all()} == {"fr"}


def test_every_control_is_reached_by_the_keyboard_with_the_focus_in_sight(opened: Open) -> None:
    for address in ("/", "/sources/icesco-en", "/subscriptions/new"):
        with opened.page(address) as page:
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            expect(page.locator(".skip")).to_be_in_viewport()
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "main"
            reached = walk(page)
            wanted = page.evaluate(
                "[...document.querySelectorAll('main a[href], main button, main input, main select, main summary')]"
                ".filter(e => e.type !== 'hidden' && e.checkVisibility() && e.type !== 'radio').length"
            )
            assert reached >= wanted


def walk(page: Page) -> int:
    """Press Tab through the rest of a page, and return how many different controls of its content had the focus."""
    seen: set[str] = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => {
              const here = document.activeElement;
              if (!here || here === document.body || !document.querySelector('main').contains(here)) return '';
              const style = getComputedStyle(here);
              if (here.matches(':focus-visible') && (style.outlineStyle === 'none' || style.outlineWidth === '0px'))
                throw new Error('no sign of the focus on ' + here.outerHTML.slice(0, 200));
              const all = [...document.querySelectorAll('*')];
              return String(all.indexOf(here));
            }"""
        )
        if not where:
            break
        seen.add(where)
    return len(seen)


# ------------------------------------------------------------------------------------------ signing in


@pytest.fixture
def guarded(icesco: Path, tmp_path: Path, browser: Browser) -> Iterator[Open]:
    """The same for those who sign in."""
    engine = open_engine(f"sqlite:///{shutil.copyfile(icesco, tmp_path / 'guarded.db')}")
    add_user(engine, "amina", password_hash=hash_password("correct horse battery"))
    with served(engine, browser) as site:
        yield site
    engine.dispose()


def test_a_person_signs_in_is_led_on_and_signs_out(guarded: Open) -> None:
    with guarded.page("/sources?after=x", scripts=False) as page:
        assert page.locator("nav").count() == 0
        page.get_by_label("Name").fill("amina")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        expect(page.get_by_label("Name")).to_have_value("amina")
        keep(page, "sign-in-mistake")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
        page.goto("/sources/icesco-en")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("button", name="Resume")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


# ---------------------------------------------------------------------------------------- add a source


def test_a_source_is_added_by_its_address_and_read_to_its_first_digest(
    tmp_path: Path, sqlite_url: str, browser: Browser
) -> None:
    engine = open_engine(sqlite_url)
    settings: dict[str, Any] = {"database_url": sqlite_url, "delay_seconds": 0.0, "log_level": "error"}
    with LocalSite() as site, served(engine, browser, **settings) as opened:
        show(site, range(1, 11))
        with opened.page("/", scripts=False) as page:
            page.get_by_role("link", name="Add a source").click()
            page.get_by_label("Address").fill("not an address at all")
            page.get_by_role("button", name="Look at it").click()
            expect(page.locator("#url-wrong")).to_be_visible()
            page.get_by_label("Address").fill(site.url("/notices/"))
            page.get_by_label("It stands in a private network").check()
            page.get_by_role("button", name="Look at it").click()
            keep(page, "add-source-looking")
            expect(page.get_by_role("button", name="Watch it")).to_be_visible(timeout=120_000)  # by itself
            expect(page.get_by_text(TOPICS[1])).to_be_visible()
            keep(page, "add-source-found", whole=True)
            with opened.page(urlsplit(page.url).path) as again:
                assert violations(again) == []
            page.get_by_label("Name").fill("Not A Name")
            page.get_by_role("button", name="Watch it").click()
            expect(page.locator("#name-wrong")).to_be_visible()
            page.get_by_label("Name").fill("harbour")
            page.get_by_role("button", name="Watch it").click()
            expect(page.get_by_text("never read").first).to_be_visible()
        [status] = list_sources(engine)
        assert (status.name, status.schedule) == ("harbour", "adaptive")
        first_digest(settings, site, opened)
        assert opened.foreign == []
    engine.dispose()


def first_digest(settings: dict[str, Any], site: LocalSite, opened: Open) -> None:
    made = Settings(**settings)
    crawl_now(made, ["harbour"])
    with opened.page("/subscriptions/new", scripts=False) as page:
        page.get_by_label("Name").fill("desk")
        page.get_by_role("button", name="Add it").click()
        show(site, range(10))
        crawl_now(made, ["harbour"])
        assert compose(opened.engine, "desk", now=NOW) is not None
        page.get_by_role("link", name="Digests").click()
        page.get_by_role("link", name="desk 1").click()
        expect(page.get_by_role("link", name=TOPICS[0]).first).to_be_visible()
        keep(page, "add-source-first-digest")
