"""The questions of settling, each as a case: what is known, what was seen, what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from news.article import Content, Look, Sight, Way
from news.change import ChangeKind
from news.dates import Precision, Stamp
from news.decide import MAYBE_MOVED, decide
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.known import ArticleState, Known, Outcome, PendingEntry
from news.run import HostState, Lease, Rank, Reading, Verdict
from news.text import title_key
from news.urls import canonical_url, url_key

NOW = datetime(2023, 11, 22, 8, tzinfo=UTC)
HOST = "site.example"
LONG = "The programme opened with a session on the care of manuscripts in the libraries of three old cities"


def url(name: str) -> str:
    return f"https://{HOST}/{name}"


def key(name: str) -> str:
    return url_key(url(name))


def stamp(day: int, *, precision: Precision = Precision.MINUTE) -> Stamp:
    return Stamp(at=datetime(2023, 11, day, tzinfo=UTC), precision=precision, provenance="test")


def entry(name: str, *, title: str = "", day: int | None = None) -> Entry:
    return Entry(
        url=url(name),
        key=key(name),
        title=title or f"Title of {name}",
        published=stamp(day) if day else None,
    )


def content(title: str, body: str, *, extractor: str = "1") -> Content:
    return Content(
        title=title,
        body_text=body,
        fingerprint=content_fingerprint(title, body),
        digest=exact_digest(title, body),
        extractor=extractor,
    )


def look(
    name: str,
    *,
    body: str = "",
    title: str = "",
    sight: Sight = Sight.READ,
    way: Way = Way.PAGE,
    final: str = "",
    at: datetime = NOW,
    extractor: str = "1",
) -> Look:
    made = content(title or f"Title of {name}", body or f"{LONG} {name}", extractor=extractor)
    return Look(
        url=url(name),
        final_url=url(final or name),
        sight=sight,
        way=way,
        captured_at=at,
        content=made if sight is Sight.READ else None,
        reason="" if sight is Sight.READ else "500",
    )


def reading(*entries: Entry, looks: tuple[Look, ...] = (), joined: bool = True, **more: object) -> Reading:
    fields = {
        "source": "s",
        "source_id": 1,
        "host": HostState(name=HOST),
        "lease": Lease(host=HOST, token=1, owner="test", leased_at=NOW, until=NOW),
        "extractor": "1",
        "started_at": NOW,
        "finished_at": NOW,
        "entries": entries,
        "looks": looks,
        "joined": joined,
    }
    return Reading(**(fields | more))  # type: ignore[arg-type]


def article(
    name: str, *, announced: bool = True, body: str = "", title: str = "", **more: object
) -> ArticleState:
    title = title or f"Title of {name}"
    made = content(title, body or f"{LONG} {name}")
    fields = {
        "id": sum(name.encode()),
        "key": key(name),
        "url": canonical_url(url(name)),
        "fetch_url": url(name),
        "title": title,
        "title_key": title_key(title),
        "first_seen_at": NOW - timedelta(days=1),
        "announced": announced,
        "revision": 1,
        "way": Way.PAGE,
        "fingerprint": made.fingerprint,
        "digest": made.digest,
        "extractor": "1",
        "body_text": made.body_text,
        "looked_at": NOW - timedelta(hours=2),
    }
    return ArticleState(**(fields | more))  # type: ignore[arg-type]


def known(*articles: ArticleState, sighted: str | None = None, **more: object) -> Known:
    """A source with a baseline that has sighted every article given, or only those named in ``sighted``."""
    names = None if sighted is None else {key(name) for name in sighted.split()}
    fields = {
        "host": HOST,
        "has_baseline": True,
        "articles": {state.key: state for state in articles},
        "aliases": {state.key: state.key for state in articles},
        "sighted": {s.key: Rank.BASELINE for s in articles if names is None or s.key in names},
        "frontier": tuple(s.key for s in articles if names is None or s.key in names),
        "by_title": {s.title_key: (s.key,) for s in articles},
        "by_fingerprint": {s.fingerprint: s.key for s in articles},
    }
    return Known(**(fields | more))  # type: ignore[arg-type]


def settle(state: Known, seen: Reading, verdict: Verdict = Verdict.OK, *, now: datetime = NOW) -> Outcome:
    return decide(state, seen, verdict, now=now)


def told(outcome: Outcome) -> list[tuple[str, str]]:
    names = {key(name): name for name in "a b c d e f g old new x y z".split()}
    return [(change.kind.value, names.get(change.article, change.article)) for change in outcome.changes]


def listed(*names: str) -> tuple[tuple[Entry, ...], tuple[Look, ...]]:
    return tuple(entry(name) for name in names), tuple(look(name) for name in names)


def test_a_baseline_announces_nothing_and_says_what_it_took() -> None:
    entries, looks = listed("a", "b", "c")
    outcome = settle(Known(host=HOST), reading(*entries, looks=looks))
    assert (told(outcome), outcome.is_baseline, outcome.taken) == ([], True, 3)
    assert [s.rank for s in outcome.sightings] == [Rank.BASELINE] * 3


def test_a_baseline_may_announce_its_latest_when_asked() -> None:
    entries, looks = listed("a", "b", "c")
    outcome = settle(Known(host=HOST), reading(*entries, looks=looks, announce_latest=2))
    assert told(outcome) == [("published", "b"), ("published", "a")]


def test_a_partial_run_is_never_the_baseline() -> None:
    entries, looks = listed("a", "b")
    assert settle(Known(host=HOST), reading(*entries, looks=looks), Verdict.PARTIAL) == Outcome()


def test_new_entries_are_published_oldest_first() -> None:
    entries, looks = listed("new", "x", "a", "b")
    outcome = settle(known(article("a"), article("b")), reading(*entries, looks=looks))
    assert told(outcome) == [("published", "x"), ("published", "new")]


def test_an_article_that_another_baseline_took_in_silence_is_published_by_the_source_that_brings_it() -> None:
    state = known(article("a", announced=False), article("b"), article("c"), sighted="b c")
    entries, _ = listed("a", "b", "c")
    assert told(settle(state, reading(*entries))) == [("published", "a")]


def test_an_announced_article_new_to_this_source_is_listed() -> None:
    state = known(article("a"), article("b"), article("c"), sighted="b c")
    entries, _ = listed("a", "b", "c")
    assert told(settle(state, reading(*entries))) == [("listed", "a")]


def test_a_second_sighting_says_nothing() -> None:
    entries, looks = listed("a", "b")
    assert told(settle(known(article("a"), article("b")), reading(*entries, looks=looks))) == []


def test_what_turns_up_from_below_the_horizon_is_stored_and_not_announced() -> None:
    state = known(article("a"), article("b"), horizon=stamp(10))
    entries = (entry("a", day=12), entry("b", day=11), entry("old", day=3))
    outcome = settle(state, reading(*entries, looks=(look("old"),)))
    assert told(outcome) == []
    assert {s.article: s.rank for s in outcome.sightings}[key("old")] is Rank.BELOW


def test_an_undated_entry_under_two_known_ones_is_backfill() -> None:
    state = known(article("a"), article("b"))
    entries, _ = listed("a", "b", "x")
    assert told(settle(state, reading(*entries, looks=(look("x"),)))) == []


def test_a_read_that_stopped_short_decides_nothing_by_position() -> None:
    state = known(article("a"), article("b"))
    entries, _ = listed("a", "b", "x")
    outcome = settle(state, reading(*entries, looks=(look("x"),), joined=False), Verdict.PARTIAL)
    assert told(outcome) == []
    assert key("x") not in {a.key for a in outcome.articles}


def test_an_unreadable_article_is_pending_and_keeps_its_rank() -> None:
    state = known(article("a"), article("b"))
    entries, _ = listed("x", "a", "b")
    outcome = settle(state, reading(*entries, looks=(look("x", sight=Sight.UNREADABLE),)))
    assert told(outcome) == []
    assert [(p.key, p.rank, p.attempts) for p in outcome.pending] == [(key("x"), Rank.ABOVE, 1)]


def waiting(name: str, **more: object) -> PendingEntry:
    fields = {
        "key": key(name),
        "entry": entry(name),
        "rank": Rank.ABOVE,
        "reason": "500",
        "first_seen_at": NOW - timedelta(hours=3),
        "next_look_at": NOW,
        "attempts": 1,
    }
    return PendingEntry(**(fields | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attempts", "age_hours", "expected"),
    [(3, 3, []), (4, 3, [("published", "x")]), (1, 48, [("published", "x")]), (1, 47, [])],
)
def test_a_pending_entry_is_told_from_the_listing_after_five_attempts_or_two_days(
    attempts: int, age_hours: int, expected: list[tuple[str, str]]
) -> None:
    pending = waiting("x", attempts=attempts, first_seen_at=NOW - timedelta(hours=age_hours))
    state = known(article("a"), pending={key("x"): pending})
    outcome = settle(state, reading(looks=(look("x", sight=Sight.UNREADABLE),)))
    assert told(outcome) == expected
    assert outcome.settled_pending == ((key("x"),) if expected else ())


def test_a_pending_entry_listed_again_but_not_due_is_left_alone() -> None:
    state = known(article("a"), article("b"), pending={key("x"): waiting("x")})
    entries, _ = listed("x", "a", "b")
    outcome = settle(state, reading(*entries))
    assert (told(outcome), outcome.pending, outcome.settled_pending) == ([], (), ())


def test_a_pending_baseline_entry_stays_quiet() -> None:
    state = known(article("a"), pending={key("x"): waiting("x", rank=Rank.BASELINE)})
    outcome = settle(state, reading(looks=(look("x"),)))
    assert told(outcome) == []
    assert outcome.settled_pending == (key("x"),)


def test_the_first_body_of_an_article_told_from_its_listing_is_no_change() -> None:
    state = known(article("a", digest="", fingerprint="", body_text=""))
    outcome = settle(state, reading(looks=(look("a"),)))
    assert told(outcome) == []
    assert [(r.number, r.replaces) for r in outcome.revisions] == [(1, True)]


# The same title under another address.


def test_an_unknown_address_with_a_known_title_waits_until_the_old_one_was_asked() -> None:
    state = known(article("a", title="Forum"), article("b"), article("c"))
    outcome = settle(
        state, reading(entry("x", title="Forum"), *listed("b", "c")[0], looks=(look("x", title="Forum"),))
    )
    assert told(outcome) == []
    assert [(p.reason, p.moved) for p in outcome.pending] == [(MAYBE_MOVED, (url("a"),))]


def test_where_the_old_address_leads_to_the_new_one_it_is_an_alias() -> None:
    state = known(article("a", title="Forum"), article("b"), article("c"))
    seen = reading(
        entry("x", title="Forum"),
        *listed("b", "c")[0],
        looks=(look("x", title="Forum", body="Other words now"),),
        probes={key("x"): ((url("a"), url("x")),)},
    )
    outcome = settle(state, seen)
    assert told(outcome) == [("edited", "a")]
    assert [(a.key, a.article, a.evidence) for a in outcome.aliases] == [(key("x"), key("a"), "moved")]


@pytest.mark.parametrize(
    ("canonical", "leads_to", "gone", "expected"),
    [
        # the page under another prefix of the site names the address to which the old one redirects
        ("en/x", "en/x", False, "edited"),
        ("en/x", "en/y", False, "published"),
        ("", "en/x", False, "published"),
        # every page names the home page, which is also where the site leads what it lost
        ("", "", True, "published"),
    ],
)
def test_where_the_old_address_leads_to_what_the_new_page_names_as_canonical_it_is_an_alias(
    canonical: str, leads_to: str, gone: bool, expected: str
) -> None:
    state = known(article("a", title="Forum"), article("b"), article("c"))
    seen = look("int/x", title="Forum", body="Other words now")
    assert seen.content is not None
    named = url(canonical) if canonical or gone else ""
    outcome = settle(
        state,
        reading(
            entry("int/x", title="Forum"),
            *listed("b", "c")[0],
            looks=(replace(seen, content=replace(seen.content, canonical_url=named)),),
            probes={key("int/x"): ((url("a"), url(leads_to)),)},
            gone=(url("a"),) if gone else (),
        ),
    )
    assert [kind for kind, _ in told(outcome)] == [expected]


@pytest.mark.parametrize("way", [Way.PAGE, Way.LISTING])
@pytest.mark.parametrize(("still_listed", "asked_next"), [(False, "x"), (True, "a")])
def test_an_article_that_was_recognised_at_a_new_address_is_looked_at_there(
    way: Way, still_listed: bool, asked_next: str
) -> None:
    """Also where the listing carried the text: at the old address it is missing, and would pass for withdrawn."""
    text = f"{LONG}, and closed with one on their maps"
    state = known(article("a", way=way, body=text), article("b"), article("c"))
    beside = ("a", "b", "c") if still_listed else ("b", "c")
    carried = replace(entry("x", title="Title of a"), body_html="<p>The text</p>")
    seen = look("x", title="Title of a", body=text, way=Way.LISTING)
    asked = {key("x"): ((url("a"), url("a")),)}
    outcome = settle(state, reading(carried, *listed(*beside)[0], looks=(seen,), probes=asked))
    assert told(outcome) == []
    [fetch_url] = {each.fetch_url for each in outcome.articles if each.key == key("a")} or {url("a")}
    assert fetch_url == url(asked_next)


@pytest.mark.parametrize(
    ("leads_to", "expected"), [("int/y", "edited"), ("int/z", "published"), ("fr/y", "published")]
)
def test_where_the_old_address_moved_beside_the_new_one_under_another_prefix_it_is_an_alias(
    leads_to: str, expected: str
) -> None:
    state = known(article("int/x", title="Forum"), article("b"), article("c"))
    state = replace(state, aliases={**state.aliases, key("en/x"): key("int/x")})
    seen = reading(
        entry("en/y", title="Forum"),
        *listed("b", "c")[0],
        looks=(look("en/y", title="Forum", body="Other words now"),),
        probes={key("en/y"): ((url("int/x"), url(leads_to)),)},
    )
    assert [kind for kind, _ in told(settle(state, seen))] == [expected]


def test_where_the_old_address_still_stands_the_new_one_is_another_article() -> None:
    state = known(article("a", title="Forum"), article("b"), article("c"))
    seen = reading(
        entry("x", title="Forum"),
        *listed("b", "c")[0],
        looks=(look("x", title="Forum", body="Other words now"),),
        probes={key("x"): ((url("a"), url("a")),)},
    )
    assert told(settle(state, seen)) == [("published", "x")]


def test_a_pending_entry_under_a_new_address_hands_on_its_rank() -> None:
    state = known(article("b"), article("c"), pending={key("x"): waiting("x", rank=Rank.BASELINE)})
    seen = reading(
        entry("y", title="Title of x"),
        *listed("b", "c")[0],
        looks=(look("y", title="Title of x"),),
        probes={key("y"): ((url("x"), url("y")),)},
    )
    outcome = settle(state, seen)
    assert told(outcome) == []
    assert key("x") in outcome.settled_pending


def test_a_redirect_to_a_known_article_of_the_same_title_is_an_alias() -> None:
    state = known(article("a"), article("b"))
    seen = reading(
        entry("x", title="Title of a"),
        *listed("b")[0],
        looks=(look("x", title="Title of a", body=f"{LONG} a", final="a"),),
    )
    outcome = settle(state, seen)
    assert told(outcome) == []
    assert [(a.key, a.article) for a in outcome.aliases] == [(key("x"), key("a"))]


def test_a_login_page_does_not_turn_all_articles_into_one() -> None:
    state = known(article("a"), article("b"))
    pages = tuple(look(name, title="Sign in", body=LONG, final="login") for name in ("x", "y"))
    outcome = settle(state, reading(*listed("x", "y", "a", "b")[0], looks=pages))
    assert told(outcome) == [("published", "y")]
    assert [(p.key, p.reason) for p in outcome.pending] == [
        (key("x"), "leads to the page of another article")
    ]


def test_the_same_long_text_under_another_prefix_is_the_same_article() -> None:
    state = known(article("a"), article("b"), article("c"))
    seen = reading(
        entry("fr/a", title="Title of a"),
        *listed("b", "c")[0],
        looks=(replace(look("a"), url=url("fr/a"), final_url=url("fr/a")),),
    )
    assert told(settle(state, seen)) == []


# Edits, withdrawals, returns.


@pytest.mark.parametrize(
    ("body", "title", "kind", "grade"),
    [
        ("It opened with 30 guests", "Title of a", "edited", "substantive"),
        ("It opened with 20 guests", "Another title", "retitled", "substantive"),
    ],
)
def test_an_edit_is_an_edit(body: str, title: str, kind: str, grade: str) -> None:
    state = known(article("a", body="It opened with 20 guests"))
    outcome = settle(state, reading(looks=(look("a", body=body, title=title),)))
    assert told(outcome) == [(kind, "a")]
    assert outcome.changes[0].edit_class == grade
    assert outcome.revisions[0].number == 2


def test_curled_quotes_are_a_cosmetic_edit() -> None:
    state = known(article("a", body='The "forum" opened'))
    outcome = settle(state, reading(looks=(look("a", body="The “forum” opened"),)))
    assert [(c.kind, c.edit_class) for c in outcome.changes] == [(ChangeKind.EDITED, "cosmetic")]


def test_a_look_older_than_the_latest_settled_one_says_nothing() -> None:
    state = known(article("a", looked_at=NOW))
    outcome = settle(state, reading(looks=(look("a", body="older", at=NOW - timedelta(minutes=1)),)))
    assert outcome == Outcome()


def test_another_way_of_capture_replaces_without_a_change_only_when_it_is_stronger() -> None:
    from_listing = settle(
        known(article("a", way=Way.LISTING)), reading(looks=(look("a", body="Whole text of the page"),))
    )
    assert (told(from_listing), from_listing.revisions[0].replaces) == ([], True)
    from_page = settle(known(article("a")), reading(looks=(look("a", body="Teaser", way=Way.LISTING),)))
    assert (told(from_page), from_page.revisions) == ([], ())


def test_another_listings_form_of_an_article_is_no_edit() -> None:
    state = known(article("a", way=Way.LISTING, captured_by=2))
    outcome = settle(state, reading(looks=(look("a", body="A shorter form of it", way=Way.LISTING),)))
    assert (told(outcome), outcome.revisions) == ([], ())
    own = known(article("a", way=Way.LISTING, captured_by=1))
    assert told(settle(own, reading(looks=(look("a", body="It drew 90", way=Way.LISTING),)))) == [
        ("edited", "a")
    ]


def test_a_better_extractor_announces_nothing() -> None:
    again = content("Title of a", "Text as the new extractor reads it", extractor="2")
    state = known(article("a", again=again))
    seen = reading(looks=(look("a", body="Text as the new extractor reads it", extractor="2"),))
    outcome = settle(state, seen)
    assert (told(outcome), [r.replaces for r in outcome.revisions]) == ([], [True])


def test_an_edit_behind_a_better_extractor_is_still_an_edit() -> None:
    again = content("Title of a", "It drew 20 guests", extractor="2")
    state = known(article("a", again=again))
    outcome = settle(state, reading(looks=(look("a", body="It drew 90 guests", extractor="2"),)))
    assert told(outcome) == [("edited", "a")]


def test_gone_withdraws_at_once_and_missing_when_confirmed_an_hour_later() -> None:
    assert told(settle(known(article("a")), reading(looks=(look("a", sight=Sight.GONE),)))) == [
        ("withdrawn", "a")
    ]
    first = settle(known(article("a")), reading(looks=(look("a", sight=Sight.MISSING),)))
    assert told(first) == []
    (state,) = first.articles
    for minutes, expected in ((59, []), (60, [("withdrawn", "a")])):
        later = NOW + timedelta(minutes=minutes)
        seen = reading(looks=(look("a", sight=Sight.MISSING, at=later),))
        assert told(settle(known(state), seen, now=later)) == expected


def test_a_withdrawn_article_that_answers_again_is_restored() -> None:
    state = known(article("a", withdrawn_at=NOW - timedelta(hours=1)))
    assert told(settle(state, reading(looks=(look("a"),)))) == [("restored", "a")]


def test_falling_off_the_listing_says_nothing() -> None:
    state = known(article("a"), article("b"), article("c"))
    entries, looks = listed("x", "a", "b")
    assert told(settle(state, reading(*entries, looks=looks))) == [("published", "x")]


def test_what_vanished_between_listed_neighbours_is_asked_at_once() -> None:
    state = known(article("a"), article("b"), article("c"))
    entries, _ = listed("a", "c")
    outcome = settle(state, reading(*entries))
    assert told(outcome) == []
    assert [(s.key, s.next_look_at) for s in outcome.articles] == [(key("b"), NOW)]


def test_approving_may_announce_and_never_edits() -> None:
    state = known(article("a"), article("b"))
    seen = reading(*listed("x", "a", "b")[0], looks=(look("x"), look("a", body="It drew 90 guests")))
    assert told(decide(state, seen, Verdict.OK, now=NOW, approving=True)) == [("published", "x")]


def test_approving_before_the_baseline_settles_nothing() -> None:
    entries, looks = listed("a")
    assert (
        decide(Known(host=HOST), reading(*entries, looks=looks), Verdict.OK, now=NOW, approving=True)
        == Outcome()
    )


# What a listing says of an article elsewhere, which this source may not ask for.


def test_a_teaser_of_an_article_that_was_read_elsewhere_is_no_edit_of_it() -> None:
    state = known(article("a", way=Way.LISTING), article("b"), article("c"), sighted="b c")
    teaser = look("a", body="In short", way=Way.LISTING)
    outcome = settle(state, reading(*listed("a", "b", "c")[0], looks=(teaser,)))
    assert (told(outcome), outcome.revisions) == ([("listed", "a")], ())


def test_an_article_told_by_a_teaser_still_takes_its_first_body_without_a_change() -> None:
    state = known(article("b"), article("c"))
    teaser = look("x", body="In short", way=Way.LISTING)
    outcome = settle(state, reading(*listed("x", "b", "c")[0], looks=(teaser,)))
    assert told(outcome) == [("published", "x")]
    [made] = outcome.articles
    assert (made.digest, [r.content for r in outcome.revisions]) == ("", [None])
    whole = (replace(entry("x"), body_html="<p>All of it</p>"), *listed("b", "c")[0])
    read = look("x", body="All of it", way=Way.LISTING)
    later = known(replace(made, id=9), article("b"), article("c"))
    outcome = settle(later, reading(*whole, looks=(read,)))
    assert (told(outcome), [r.replaces for r in outcome.revisions]) == ([], [True])


def test_a_baseline_does_not_take_a_moved_article_for_a_second_one() -> None:
    """Another section took it under its old address: as a new article it would be announced by that section."""
    state = known(article("a", title="Forum"), has_baseline=False, sighted="")
    seen = reading(entry("x", title="Forum"), looks=(look("x", title="Forum", body="Other words now"),))
    outcome = settle(state, seen)
    assert (outcome.is_baseline, outcome.articles) == (True, ())
    assert [(p.rank, p.moved) for p in outcome.pending] == [(Rank.BASELINE, (url("a"),))]
