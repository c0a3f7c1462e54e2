"""What a run is worth: failure is not silence, and an unusual day is not failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from news.article import Content, Look, Sight, Way
from news.dates import Precision, Stamp
from news.entry import Entry
from news.fingerprint import content_fingerprint
from news.known import Known, PendingEntry
from news.run import HostState, Lease, Problem, Profile, Rank, Reading, Trouble, Verdict
from news.source import Channel
from news.verdict import EXPECTATIONS, judge

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
USUAL = Profile(entries=10, dated=1.0, bodied=0.0, summarised=1.0, shapes=("/news/*",))
TEXT = "Ten halls were opened to readers"


def stamp(day: int) -> Stamp:
    return Stamp(at=NOW + timedelta(days=day), precision=Precision.SECOND, provenance="test")


def entry(key: str, day: int | None = 1) -> Entry:
    published = None if day is None else stamp(day)
    return Entry(url=f"https://a.example/news/{key}", key=key, title=key, published=published)


def known(**more: Any) -> Known:
    fields: dict[str, Any] = {
        "host": "a.example",
        "has_baseline": True,
        "horizon": stamp(0),
        "profiles": (USUAL,) * 5,
        "aliases": {key: key for key in "abc"},
        "sighted": dict.fromkeys("abc", Rank.BASELINE),
    }
    return Known(**(fields | more))


def reading(keys: str = "xab", **more: Any) -> Reading:
    fields: dict[str, Any] = {
        "source": "one",
        "source_id": 1,
        "host": HostState(name="a.example"),
        "lease": Lease(host="a.example", token=1, owner="test", leased_at=NOW, until=NOW),
        "extractor": "1",
        "started_at": NOW,
        "finished_at": NOW,
        "entries": tuple(entry(key) for key in keys),
        "profile": USUAL,
        "joined": bool(set(keys) & set("abc")),
    }
    return Reading(**(fields | more))


def problem(trouble: Trouble, *, fatal: bool = False) -> dict[str, Any]:
    return {"problems": (Problem(trouble=trouble, detail="what happened", fatal=fatal),)}


@pytest.mark.parametrize(
    ("read", "verdict", "reason"),
    [
        pytest.param(reading(), Verdict.OK, "", id="news"),
        pytest.param(reading("abc"), Verdict.OK, "", id="no news"),
        pytest.param(reading("", not_modified=True), Verdict.NOT_MODIFIED, "", id="unchanged"),
        pytest.param(reading(""), Verdict.SUSPECT, "no entries on the listing", id="no entries"),
        pytest.param(
            reading("", refused=(("no link", 9),)),
            Verdict.SUSPECT,
            "no entries on the listing (refused: 9 no link)",
            id="all entries refused",
        ),
        pytest.param(
            reading(profile=replace(USUAL, entries=5, titled=0.2)),
            Verdict.SUSPECT,
            "all 5 entries bear the same title",
            id="the selector of titles finds something else",
        ),
        pytest.param(reading(profile=replace(USUAL, titled=0.4)), Verdict.OK, "", id="some titles twice"),
        pytest.param(
            reading("", **problem(Trouble.BLOCKED, fatal=True)),
            Verdict.SUSPECT,
            "what happened",
            id="a challenge",
        ),
        pytest.param(
            reading("", **problem(Trouble.NOT_A_PAGE, fatal=True)),
            Verdict.SUSPECT,
            "what happened",
            id="no page",
        ),
        pytest.param(
            reading("", **problem(Trouble.NETWORK, fatal=True)),
            Verdict.FAILED,
            "what happened",
            id="no answer",
        ),
        pytest.param(
            reading("", **problem(Trouble.GONE, fatal=True)),
            Verdict.FAILED,
            "what happened",
            id="gone for good",
        ),
        pytest.param(
            reading(**problem(Trouble.NOT_RECORDED)),
            Verdict.FAILED,
            "what happened",
            id="not in the recording",
        ),
        pytest.param(
            reading(**problem(Trouble.PAGE_FAILED)), Verdict.PARTIAL, "what happened", id="page 2 failed"
        ),
        pytest.param(reading(**problem(Trouble.MOVING)), Verdict.PARTIAL, "what happened", id="it moves"),
        pytest.param(reading(**problem(Trouble.DIED)), Verdict.PARTIAL, "what happened", id="out of time"),
        pytest.param(
            reading(**problem(Trouble.NETWORK)),
            Verdict.OK,
            "",
            id="an article's own trouble is not the listing's",
        ),
        pytest.param(
            reading(profile=replace(USUAL, entries=3)),
            Verdict.SUSPECT,
            "3 entries where 10 are usual",
            id="far fewer than usual",
        ),
        pytest.param(reading(profile=replace(USUAL, entries=4)), Verdict.OK, "", id="fewer, but enough"),
        pytest.param(
            reading(profile=replace(USUAL, dated=0.2)),
            Verdict.SUSPECT,
            "the dates are gone: 100% of entries had them, now 20%",
            id="dates gone",
        ),
        pytest.param(
            reading(profile=replace(USUAL, dated=0.5)), Verdict.OK, "", id="half of the dates are left"
        ),
        pytest.param(
            reading(profile=replace(USUAL, summarised=0.0)),
            Verdict.SUSPECT,
            "the summaries are gone: 100% of entries had them, now 0%",
            id="summaries gone",
        ),
    ],
)
def test_what_a_run_is_worth(read: Reading, verdict: Verdict, reason: str) -> None:
    assert judge(known(), read) == (verdict, reason)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        pytest.param({}, Verdict.OK, id="all new, and it continues what was"),
        pytest.param({"profile": replace(USUAL, shapes=("/shop/*",))}, Verdict.SUSPECT, id="other addresses"),
        pytest.param({"entries": (entry("x", -5), entry("y", -6))}, Verdict.SUSPECT, id="all are old"),
        pytest.param({"entries": (entry("x", -5), entry("y", 2))}, Verdict.OK, id="one is new"),
        pytest.param(
            {"entries": (entry("x", None),), "profile": replace(USUAL, dated=0.9)},
            Verdict.SUSPECT,
            id="undated",
        ),
        pytest.param(
            {"profile": replace(USUAL, shapes=("/shop/*",)), "joined": True},
            Verdict.OK,
            id="it met the frontier",
        ),
    ],
)
def test_a_listing_that_is_all_new(more: dict[str, Any], verdict: Verdict) -> None:
    assert judge(known(), reading("xyz", **more))[0] is verdict


def test_one_known_entry_under_any_address_vouches_for_the_rest() -> None:
    moved = replace(USUAL, shapes=("/other/*",))
    assert judge(known(), reading("xyz", profile=moved))[0] is Verdict.SUSPECT
    waiting = PendingEntry(
        key="y", entry=entry("y"), rank=Rank.ABOVE, reason="500", first_seen_at=NOW, next_look_at=NOW
    )
    assert judge(known(pending={"y": waiting}), reading("xyz", profile=moved))[0] is Verdict.OK
    assert judge(known(aliases={"z": "a"}), reading("xyz", profile=moved))[0] is Verdict.OK


def test_known_texts_under_new_addresses_vouch_for_the_rest() -> None:
    print_ = content_fingerprint("x", TEXT)
    made = Content(title="x", body_text=TEXT, fingerprint=print_, digest="d", extractor="1")
    look = Look(
        url="https://a.example/other/x",
        final_url="https://a.example/other/x",
        sight=Sight.READ,
        way=Way.PAGE,
        captured_at=NOW,
        content=made,
    )
    read = reading("xyz", profile=replace(USUAL, shapes=("/other/*",)), looks=(look,))
    assert judge(known(by_fingerprint={print_: "a"}), read)[0] is Verdict.OK
    assert judge(known(by_fingerprint={print_: "of another source"}), read)[0] is Verdict.SUSPECT


def test_before_the_baseline_nothing_is_unusual() -> None:
    fresh = Known(host="a.example")
    assert judge(fresh, reading("x", profile=replace(USUAL, entries=1)))[0] is Verdict.OK
    assert judge(fresh, reading(""))[0] is Verdict.SUSPECT


def test_one_odd_run_does_not_change_what_is_usual() -> None:
    odd = known(profiles=(replace(USUAL, entries=100), USUAL, USUAL))
    assert judge(odd, reading())[0] is Verdict.OK


# -------------------------------------------------------------------------------------------- other channels

NOTHING = Profile()
FIELDLESS = replace(USUAL, entries=1, dated=0.0)


@pytest.mark.parametrize(
    ("channel", "profiles", "read", "verdict"),
    [
        # A feed and the posts of a category may be empty where they always were, a sitemap whenever it likes.
        pytest.param(Channel.LISTING, (), reading(""), Verdict.SUSPECT, id="an empty listing at first"),
        pytest.param(Channel.FEED, (), reading(""), Verdict.OK, id="an empty feed at first"),
        pytest.param(Channel.FEED, (NOTHING,) * 3, reading(""), Verdict.OK, id="a feed that is always empty"),
        pytest.param(
            Channel.FEED, (USUAL,) * 3, reading(""), Verdict.SUSPECT, id="a feed that lost its entries"
        ),
        pytest.param(Channel.WORDPRESS, (USUAL,) * 3, reading(""), Verdict.SUSPECT, id="posts that are gone"),
        pytest.param(Channel.WORDPRESS, (), reading(""), Verdict.OK, id="a category without posts"),
        pytest.param(
            Channel.SITEMAP, (USUAL,) * 3, reading(""), Verdict.OK, id="a sitemap after the weekend"
        ),
        pytest.param(
            Channel.SITEMAP,
            (USUAL,),
            reading("", refused=(("no title", 900),)),
            Verdict.OK,
            id="a sitemap whose pages are no news",
        ),
        pytest.param(
            Channel.SITEMAP,
            (USUAL,),
            reading("", refused=(("bad link", 2),)),
            Verdict.SUSPECT,
            id="a sitemap of which nothing can be used",
        ),
        pytest.param(
            Channel.SITEMAP,
            (USUAL,),
            reading("", **problem(Trouble.PAGE_FAILED)),
            Verdict.SUSPECT,
            id="an index whose parts cannot be read",
        ),
        # Short is another matter than empty.
        pytest.param(
            Channel.LISTING,
            (USUAL,) * 3,
            reading("ab", profile=replace(USUAL, entries=2)),
            Verdict.SUSPECT,
            id="a short listing",
        ),
        pytest.param(
            Channel.FEED,
            (USUAL,) * 3,
            reading("ab", profile=replace(USUAL, entries=2)),
            Verdict.OK,
            id="a short feed that continues",
        ),
        pytest.param(
            Channel.FEED,
            (USUAL,) * 3,
            reading("xy", joined=False, profile=replace(USUAL, entries=2)),
            Verdict.SUSPECT,
            id="a short feed of strangers",
        ),
        pytest.param(
            Channel.SITEMAP,
            (USUAL,) * 3,
            reading("x", profile=replace(USUAL, entries=1)),
            Verdict.OK,
            id="a sitemap on a quiet day",
        ),
        # Runs that were empty say nothing of what entries have.
        pytest.param(
            Channel.SITEMAP,
            (NOTHING, NOTHING, USUAL),
            reading("xa", profile=FIELDLESS),
            Verdict.SUSPECT,
            id="dates gone, although most runs were empty",
        ),
        pytest.param(
            Channel.SITEMAP,
            (NOTHING,) * 3,
            reading("xa", profile=FIELDLESS),
            Verdict.OK,
            id="nothing to go by",
        ),
    ],
)
def test_what_is_usual_depends_on_the_channel(
    channel: Channel, profiles: tuple[Profile, ...], read: Reading, verdict: Verdict
) -> None:
    before = known(channel=channel, profiles=profiles, has_baseline=bool(profiles))
    assert judge(before, read)[0] is verdict


def test_every_channel_has_its_expectations() -> None:
    assert EXPECTATIONS.keys() == set(Channel)
