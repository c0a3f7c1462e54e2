"""Whatever a site writes stays text on every page: no element, no attribute, no address of its making."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from digest.compose import compose
from news.redline import EditClass
from news.run import Problem, Trouble
from storage import rows, tables
from storage.engine import writing
from storage.subscribing import add
from storage.subscriptions import DigestFilter
from tests.pages.conftest import NOW, Page, Site, SiteLog
from tests.storage.desk import Desk, entry
from tests.storage.test_runs import FEWER

MARK = "marked"
TEXTS = {
    "script": f"<script>{MARK}()</script>",
    "image": f'"><img src=x onerror={MARK}()>',
    "entities": f"&lt;script&gt;{MARK}()&lt;/script&gt;",
    "encoded twice": f"&amp;lt;script&amp;gt;{MARK}()",
    "attribute": f'" onmouseover="{MARK}()" x="',
    "single quotes": f"' autofocus onfocus='{MARK}()",
    "template": f"{MARK} {{{{ 7 * 7 }}}} {{% raw %}} ${{7*7}} {{0.__class__}}",
    "bidirectional": f"{MARK} \u202eabc\u2066def\u200f",
    "controls": f"{MARK}\x1b[31m\x00\x07 text\u2028next",
    "style": f"</title></style><style>body{{display:none}}</style>{MARK}",
    "comment": f"<!-- {MARK} --> ]]> -->",
    "newlines": f"{MARK}\r\nSet-Cookie: a=b\r\n\r\n<b>x</b>",
    "long": MARK + "x" * 20_000,
}
LINKS = (
    f"javascript:{MARK}()",
    f"JaVaScRiPt:{MARK}()",
    f"java\tscript:{MARK}()",
    f"data:text/html,<script>{MARK}()</script>",
    f"vbscript:{MARK}",
    f"//evil.example/{MARK}",
    f"https://user:secret@evil.example/{MARK}",
    f"file:///etc/passwd?{MARK}",
    f"https://ok.example/{MARK}?a=%22%3E%3Cscript%3E",
)
ALLOWED = frozenset(
    "html head meta title link body a header div nav ul ol li form label input button main footer p h1 h2 h3 h4 "
    "section article span time bdi details summary select option table caption thead tbody tr th td dl dt dd del ins "
    "blockquote code picture source img figure figcaption strong br fieldset legend".split()
)
ATTRIBUTES = frozenset(
    "lang dir charset name content rel href type class id tabindex aria-label aria-labelledby aria-current action "
    "method value for selected datetime scope role open src srcset media alt width height loading checked maxlength "
    "required colspan title inputmode aria-describedby aria-invalid spellcheck autocomplete placeholder".split()
)


def hostile(site: Site, text: str, link: str) -> list[str]:
    """Write one text and one link everywhere, and return the addresses of the pages that show them."""
    log = SiteLog(site.engine)
    log.source(
        "bad",
        title=text,
        language="en",
        verdict="failed",
        failing_since=log.now,
        reason=text,
        due_reason=text,
    )
    stored = text.replace("\x00", "")  # no database takes it
    article = log.published(
        "bad", "https://news.example/1", stored, f"{stored}\n{stored}", summary=stored, language=text[:16],
        authors=[stored], published_provenance=stored[:64],
    )  # fmt: skip
    log.sighting("bad", article)
    log.edited("bad", article, f"Other. {stored}", EditClass.SUBSTANTIVE, title=f"New {stored}")
    name = " ".join(stored[:200].split())  # a person gave it, in one line
    add(site.engine, name, filter=DigestFilter(), from_start=True, now=NOW)
    log.run("bad")
    trouble = rows.dump(Problem(trouble=Trouble.PAGE_FAILED, detail=text, url=link))
    with writing(site.engine) as connection:
        connection.execute(update(tables.Run).values(problems=[trouble], reason=stored))
        for table in (tables.Article, tables.Change):
            connection.execute(update(table).values(url=link))
    assert compose(site.engine, name, now=NOW) is not None
    return [
        "/", "/?kind=edited", f"/articles/{article}", f"/articles/{article}?from=1&to=2", "/sources", "/sources/bad",
        "/digests", "/subscriptions", "/subscriptions/1", "/subscriptions/1/edit", "/subscriptions/1/next",
        "/subscriptions/new", "/deliveries", "/approvals", "/search?q=other", "/runs/1", *digests(site),
    ]  # fmt: skip


def digests(site: Site) -> Iterator[str]:
    yield from site.get("/digests").all("//tbody//a/@href")


def assert_harmless(page: Page) -> None:
    assert page.status == 200
    assert not page.all("//comment()")
    for element in page.all("//*"):
        assert element.tag in ALLOWED, element.tag
        assert set(element.attrib) <= ATTRIBUTES, dict(element.attrib)
    for link in page.all("//a/@href | //form/@action | //img/@src | //link/@href"):
        parts = urlsplit(link)
        assert parts.scheme in {"", "http", "https"}, link
        assert parts.scheme or not parts.netloc, link
        assert "@" not in parts.netloc, link
    for each in "\u202e\u2066\u200f\x1b\x07\u2028":
        assert each not in page.words(), repr(each)
    assert "49" not in page.words("//h1")


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_stays_text_on_every_page(sqlite_site: Site, name: str) -> None:
    shown = 0
    for address in hostile(sqlite_site, TEXTS[name], f"https://ok.example/{MARK}"):
        page = sqlite_site.get(address)
        assert_harmless(page)
        assert len(page.text) < 400_000
        shown += MARK in page.text
    assert shown >= 8


@pytest.mark.parametrize("link", LINKS)
def test_only_web_addresses_are_links(sqlite_site: Site, link: str) -> None:
    for address in hostile(sqlite_site, "A title", link):
        page = sqlite_site.get(address)
        assert_harmless(page)
        outside = [each for each in page.all("//a/@href") if MARK in each]
        assert bool(outside) <= link.startswith("https://ok.example")


def test_what_a_suspect_run_saw_stays_text(sqlite_site: Site) -> None:
    desk = Desk(sqlite_site.engine)
    desk.run(entry("a", hour=-1), entry("b", hour=-2))
    bad = entry("x", hour=1, title=TEXTS["script"])
    settled = desk.run(bad, entry("a", hour=-1), entry("b", hour=-2), profile=FEWER)
    reason: Any = update(tables.Run).where(tables.Run.id == settled.run_id).values(reason=TEXTS["image"])
    with writing(sqlite_site.engine) as connection:
        connection.execute(reason)
        assert connection.execute(select(tables.Held.state)).scalar_one() == "held"
    for address in (f"/runs/{settled.run_id}", "/approvals"):
        assert_harmless(sqlite_site.get(address))


def test_a_hostile_address_of_ours_is_answered_with_text(sqlite_site: Site) -> None:
    for address in (
        "/sources/%3Cscript%3E",
        "/?source=%3Cscript%3Ealert(1)%3C/script%3E",
        "/digests/%3Cb%3E/1",
    ):
        page = sqlite_site.get(address)
        assert page.status == 404
        assert not page.all("//main//script | //main//b")
