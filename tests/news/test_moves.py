"""Articles at new addresses that no redirect names: what proves it, and what is a coincidence of titles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from news.article import Content, Look, Sight, Way
from news.dates import Precision, Stamp
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.known import ArticleState, Known
from news.moves import Shifts, is_left, moved_without_redirect, shifts_of, to_be_asked
from news.run import HostState, Lease, Reading
from news.text import title_key
from news.url_shape import url_shape
from news.urls import url_key

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OLD_URL, NEW_URL = "https://site.example/news/annual-report", "https://site.example/2026/03/annual-report"
TEXT = "the ferry to the outer islands sails again after the storm and carries the mail of three long weeks with it"
MENDED = TEXT.replace("storm", "gale")
OTHER = "the council voted on Thursday for a second library near the old harbour and hopes to open its doors in spring"
PATTERN = Shifts(pairs={(url_shape(OLD_URL), url_shape(NEW_URL)): 3})
LED_ELSEWHERE = replace(
    PATTERN, leads={url_key(OLD_URL): frozenset({"https://site.example/2026/03/annual-report-2"})}
)
LED_TO_A_PREFIX = replace(PATTERN, leads={url_key(OLD_URL): frozenset({NEW_URL.replace("2026", "2027")})})


def stamp(at: datetime | None, precision: Precision = Precision.DAY) -> Stamp | None:
    return None if at is None else Stamp(at=at, precision=precision, provenance="test")


def known(published: Stamp | None, text: str) -> ArticleState:
    return ArticleState(
        key=url_key(OLD_URL),
        url=OLD_URL,
        fetch_url=OLD_URL,
        title="Annual report",
        title_key=title_key("Annual report"),
        first_seen_at=DAY,
        published=published,
        body_text=text,
    )


def listed(published: Stamp | None) -> Entry:
    return Entry(url=NEW_URL, key=url_key(NEW_URL), title="Annual report", published=published)


def read(text: str, published: Stamp | None = None) -> Look | None:
    if not text:
        return None
    content = Content(
        title="Annual report",
        body_text=text,
        fingerprint=content_fingerprint("Annual report", text),
        digest=exact_digest("Annual report", text),
        extractor="1",
        published=published,
    )
    return Look(
        url=NEW_URL, final_url=NEW_URL, sight=Sight.READ, way=Way.PAGE, captured_at=NOW, content=content
    )


NONE = None
TODAY = stamp(DAY)
NEXT_YEAR = stamp(DAY + timedelta(days=364))
TOMORROW = stamp(DAY + timedelta(days=1))
EVENING_BEFORE = stamp(DAY - timedelta(hours=2), Precision.SECOND)
MORNING_BEFORE = stamp(DAY - timedelta(hours=16), Precision.SECOND)
MONTH = stamp(DAY.replace(day=1), Precision.MONTH)


@pytest.mark.parametrize(
    ("shifts", "old", "new", "old_text", "new_text", "evidence"),
    [
        # nothing but this one: a coincidence, however much agrees
        (Shifts(), TODAY, TODAY, TEXT, TEXT, ""),
        (Shifts(), NONE, NONE, TEXT, TEXT, ""),
        (replace(PATTERN, pairs=dict.fromkeys(PATTERN.pairs, 2)), TODAY, TODAY, TEXT, TEXT, ""),
        (replace(PATTERN, standing=frozenset(PATTERN.pairs)), TODAY, TODAY, TEXT, TEXT, ""),
        # the whole site moved in the same way
        (PATTERN, NONE, NONE, "", "", "permalinks changed"),
        (PATTERN, NONE, TODAY, "", TEXT, "permalinks changed"),
        (PATTERN, TODAY, TODAY, TEXT, MENDED, "permalinks changed"),
        (PATTERN, TODAY, EVENING_BEFORE, TEXT, "", "permalinks changed"),
        (PATTERN, MONTH, TODAY, TEXT, TEXT, "permalinks changed"),
        # under another prefix as well
        (LED_TO_A_PREFIX, TODAY, TODAY, TEXT, MENDED, "permalinks changed"),
        # but the old address leads to another one: this is the article's namesake of that day
        (LED_ELSEWHERE, TODAY, TODAY, TEXT, MENDED, ""),
        # but this is of another day, or tells something else
        (PATTERN, TODAY, NEXT_YEAR, "", "", ""),
        (PATTERN, TODAY, TOMORROW, TEXT, TEXT, ""),
        (PATTERN, TODAY, MORNING_BEFORE, TEXT, TEXT, ""),
        (PATTERN, NONE, NONE, TEXT, OTHER, ""),
        (PATTERN, TODAY, TODAY, TEXT, OTHER, ""),
    ],
)
def test_a_title_alone_moves_nothing(
    shifts: Shifts, old: Stamp | None, new: Stamp | None, old_text: str, new_text: str, evidence: str
) -> None:
    assert moved_without_redirect(known(old, old_text), listed(new), read(new_text), shifts) == evidence


def probed(*names: str, lost: bool = True, title: str = "") -> Shifts:
    """Return what asking for old addresses of some entries says; ``lost``: they are gone, else they answer."""
    entries = [
        Entry(
            url=f"https://site.example/2026/{name}",
            key=url_key(f"https://site.example/2026/{name}"),
            title=title or name,
        )
        for name in names
    ]
    old = {entry.key: f"https://site.example/news/{name}" for name, entry in zip(names, entries, strict=True)}
    read = reading(
        entries=tuple(entries),
        probes={key: ((url, url),) for key, url in old.items()},
        gone=tuple(old.values()) if lost else (),
    )
    return shifts_of(Known(host="site.example"), read)


def reading(**fields: Any) -> Reading:
    host = "site.example"
    return Reading(
        source="one",
        source_id=1,
        host=HostState(name=host),
        lease=Lease(host=host, token=1, owner="test", leased_at=NOW, until=NOW),
        extractor="1",
        started_at=NOW,
        finished_at=NOW,
        **fields,
    )


def test_an_old_address_leads_elsewhere_where_another_page_answers() -> None:
    old, new, home = OLD_URL, f"{NEW_URL}-2", "https://site.example/"
    entry = Entry(url=new, key=url_key(new), title="Annual report")

    def says(final: str, *, gone: tuple[str, ...] = ()) -> bool:
        seen = reading(entries=(entry,), probes={entry.key: ((old, final),)}, gone=gone)
        return shifts_of(Known(host="site.example"), seen).leads_elsewhere(old, new)

    assert says(NEW_URL)
    assert not any((says(new), says(old), says(""), says(home, gone=(old,))))


@pytest.mark.parametrize(
    ("shifts", "left"),
    [
        (probed("old-maps-mended", "bee-census-begun", "night-trains-back"), True),
        (probed("old-maps-mended", "bee-census-begun"), False),
        (probed("old-maps-mended", "bee-census-begun", "night-trains-back", title="In brief"), False),
        (probed("old-maps-mended", "bee-census-begun", "night-trains-back", lost=False), False),
    ],
    ids=["three", "two", "three of one title", "they still answer"],
)
def test_three_titles_make_a_change_of_permalinks(shifts: Shifts, left: bool) -> None:
    assert shifts.is_left("https://site.example/news/another-one-of-them") is left
    assert not shifts.is_left("https://site.example/other/another-one-of-them")


@pytest.mark.parametrize(
    ("listed", "frontier", "left"),
    [
        ("/news/night-trains-back", "", False),
        ("/2026/night-trains-back", "/news/night-trains-back", True),
        ("", "/news/night-trains-back", False),
        ("", "/2026/night-trains-back", True),
        ("", "", True),
    ],
    ids=[
        "the listing shows it",
        "no more",
        "nothing new, and it did",
        "nothing new, and it did not",
        "who knows",
    ],
)
def test_addresses_that_some_articles_left_are_left_where_the_listing_shows_none_like_them(
    listed: str, frontier: str, left: bool
) -> None:
    site = "https://site.example"
    entries = (Entry(url=site + listed, key=url_key(site + listed), title="Trains"),) if listed else ()
    state = ArticleState(
        key="k", url=site, fetch_url=site + frontier, title="Trains", title_key="t", first_seen_at=NOW
    )
    known = Known(
        host="site.example",
        articles={"k": state} if frontier else {},
        aliases={"k": "k"} if frontier else {},
        frontier=("k",) if frontier else (),
        left_shapes=frozenset({url_shape(f"{site}/news/old-maps-mended")}),
    )
    url = f"{site}/news/bee-census-begun"
    assert is_left(url, Shifts(), known, reading(entries=entries)) is left


def test_of_a_title_that_comes_back_every_week_the_latest_namesakes_are_asked() -> None:
    """All of them would be more than a run may ask, so that none was, and the entry waited for ever."""
    known = [f"https://site.example/{number}" for number in range(30, 0, -1)]
    waiting = [f"https://site.example/new-{number}" for number in range(9)]
    assert to_be_asked(known, ()) == tuple(known[:5])
    assert to_be_asked(known, waiting) == (*waiting[:2], *known[:3])
    assert to_be_asked((), waiting) == tuple(waiting[:2])
