"""Every page in a real browser: accessible in both colour schemes, nothing from elsewhere, whole on a phone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.pages.browser.conftest import Open, keep, violations

pytestmark = pytest.mark.timeout(600)

PAGES = {
    "latest": "/",
    "latest-arabic": "/?language=ar",
    "latest-edits": "/?kind=edited",
    "search": "/search?q=libraries",
    "search-arabic": "/search?q=%D9%85%D9%83%D8%AA%D8%A8%D8%A9",
    "article": "/articles/3",
    "article-arabic": "/articles/LAST?to=2#edit",
    "article-withdrawn": "/articles/WITHDRAWN",
    "add-source": "/add-source",
    "sources": "/sources",
    "source": "/sources/icesco-en",
    "run": "/runs/1",
    "run-suspect": "/runs/HELD",
    "digests": "/digests",
    "digest": "/digests/News%20desk/1",
    "digest-arabic": "/digests/%D9%86%D8%B4%D8%B1%D8%A9/1",
    "subscriptions": "/subscriptions",
    "subscription": "/subscriptions/1",
    "subscription-next": "/subscriptions/1/next",
    "subscription-form": "/subscriptions/new",
    "deliveries": "/deliveries",
    "delivery": "/deliveries/1",
    "approvals": "/approvals",
    "selectors": "/approvals/valley/2",
    "sign-in": "/sign-in",
    "not-found": "/nowhere",
}

WIDE = """
[...document.querySelectorAll('main *')]
  .filter(each => each.getBoundingClientRect().right > 391 && !each.closest('.scroll'))
  .map(each => each.outerHTML.slice(0, 120))
"""


def address_of(opened: Open, name: str) -> str:
    numbers = {
        "LAST": "select max(id) from articles where revision > 1 and language = 'ar'",
        "WITHDRAWN": "select max(id) from articles where withdrawn_at is not null",
        "HELD": "select min(run_id) from held where state = 'held'",
    }
    address = PAGES[name]
    for word, query in numbers.items():
        if word in address:
            with opened.engine.connect() as connection:
                address = address.replace(word, str(connection.execute(text(query)).scalar_one()))
    return address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_asks_for_nothing_elsewhere(opened: Open, name: str, scheme: str) -> None:
    with opened.page(address_of(opened, name), scheme=scheme) as page:
        assert violations(page) == []
        keep(page, f"{name}-{scheme}")
    assert opened.foreign == []
    wanted = [] if name != "not-found" else [each for each in opened.complaints if "404" in each]
    assert opened.complaints == wanted


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_needs_no_scripts(opened: Open, name: str) -> None:
    with opened.page(address_of(opened, name), width=390) as page:
        wide = page.evaluate("document.documentElement.scrollWidth")
        keep(page, f"{name}-phone")
        assert wide <= 390, page.evaluate(WIDE)
    with opened.page(address_of(opened, name), scripts=False) as page:
        assert page.locator("h1").count() == 1
        assert page.locator("main").inner_text().strip()


def test_pictures_are_drawn_in_both_schemes(opened: Open) -> None:
    for scheme in ("light", "dark"):
        with opened.page("/sources/icesco-en", scheme=scheme) as page:
            plots = page.locator("img.plot").all()
            assert len(plots) == 2
            for plot in plots:
                plot.scroll_into_view_if_needed()
                assert plot.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        drawn = [url for url in opened.asked if ".svg?" in url or url.endswith(".svg")]
        assert any("scheme=dark" in url for url in drawn) == (scheme == "dark")
