"""A small language for cases of withdrawal: what a listing showed run after run, what pages answered, what was told.

A run is written as the names on the listing, top first, and what pages answer that do not answer as usual. Each run
looks at the articles that are due, as the spider does, and what it makes of them is kept for the next one. Everything
runs through `news.decide.decide` and `news.frontier.cover`, pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from news.article import Content, Look, Sight, Way
from news.dates import Precision, Stamp
from news.decide import decide
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.frontier import cover
from news.known import Known, Outcome
from news.run import HostState, Lease, Reading, Verdict
from news.urls import url_key

HOST = "harbour.example"
START = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAYS = {name: 30 - number for number, name in enumerate("abcdefghijklm")} | {
    "new": 31,
    "newer": 32,
    "e/x": 25,
}
PROSE = "the ferry, the fair, the school and the council, of which there is always something to be told in a small town"
ANSWERS = {
    404: Sight.MISSING,
    410: Sight.GONE,
    500: Sight.UNREADABLE,
    304: Sight.NOT_MODIFIED,
    "lost": Sight.LOST,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run: the names on the listing, and what pages answer; ``hours`` after the one before."""

    listing: str
    pages: dict[str, int | str] = field(default_factory=dict)
    hours: float = 2
    whole: bool = True
    title: str = "News"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingCase:
    """One case; ``told`` has one line a run after the baseline."""

    name: str
    runs: tuple[Run, ...]
    told: tuple[str, ...]


def listing_case(name: str, runs: Sequence[Run], *told: str) -> ListingCase:
    assert len(told) == len(runs) - 1, name
    return ListingCase(name=name, runs=tuple(runs), told=told)


def unchanged(*, hours: float = 2, **pages: int | str) -> Run:
    """The listing is as it was (304)."""
    return Run(listing="", pages=pages, hours=hours)


def shows(
    listing: str, *, hours: float = 2, whole: bool = True, title: str = "News", **pages: int | str
) -> Run:
    """The listing shows these names; pages answer a status, "lost" (nothing there), "to b" (lead there), or a text."""
    return Run(listing=listing, pages=pages, hours=hours, whole=whole, title=title)


def told_of(case: ListingCase) -> list[str]:
    """Return what each run after the first tells."""
    known, now, lines = Known(host=HOST), START, []
    for number, run in enumerate(case.runs):
        now += timedelta(hours=run.hours if number else 0)
        seen = _seen(known, run, now)
        outcome = decide(known, seen, Verdict.OK if run.listing else Verdict.NOT_MODIFIED, now=now)
        if number:
            lines.append(_line(outcome))
        known = _kept(known, seen, outcome)
    return lines


def _url(name: str) -> str:
    return f"https://{HOST}/{name}"


def _name(key: str) -> str:
    return next(name for name in DAYS if url_key(_url(name)) == key)


def _line(outcome: Outcome) -> str:
    return "; ".join(f"{change.kind} {_name(change.article)}" for change in outcome.changes) or "nothing"


def _seen(known: Known, run: Run, now: datetime) -> Reading:
    names = run.listing.split()
    entries = tuple(_entry(name) for name in names)
    fresh = [name for name in names if url_key(_url(name)) not in known.aliases]
    due = [
        _name(key)
        for key, state in known.articles.items()
        if state.next_look_at is not None and state.next_look_at <= now
    ]
    back = [
        name
        for name in names
        if (state := known.articles.get(url_key(_url(name)))) is not None and state.withdrawn_at is not None
    ]
    asked = dict.fromkeys([*fresh, *due, *back])
    return Reading(
        source="s",
        source_id=1,
        host=HostState(name=HOST),
        lease=Lease(host=HOST, token=1, owner="test", leased_at=now, until=now),
        extractor="1",
        started_at=now,
        finished_at=now,
        entries=entries,
        looks=tuple(_look(name, run.pages.get(name, 200), now) for name in asked),
        joined=run.whole and bool(run.listing),
        ended=run.whole and bool(run.listing),
        not_modified=not run.listing,
        page_title=run.title,
    )


def _entry(name: str) -> Entry:
    at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=DAYS[name])
    published = Stamp(at=at, precision=Precision.MINUTE, provenance="list")
    return Entry(url=_url(name), key=url_key(_url(name)), title=f"About {name}", published=published)


def _look(name: str, answer: int | str, now: datetime) -> Look:
    sight = ANSWERS.get(answer, Sight.READ)
    look = Look(url=_url(name), final_url=_url(name), sight=sight, way=Way.PAGE, captured_at=now, reason="")
    if sight is not Sight.READ:
        return look
    if isinstance(answer, str) and answer.startswith("to "):
        name = answer.removeprefix("to ")
        look, answer = replace(look, final_url=_url(name)), 200
    title, body = (f"About {name}", f"{name}: {PROSE}") if answer == 200 else ("Welcome", str(answer))
    content = Content(
        title=title,
        body_text=body,
        fingerprint=content_fingerprint(title, body),
        digest=exact_digest(title, body),
        extractor="1",
    )
    return replace(look, content=content)


def _kept(known: Known, seen: Reading, outcome: Outcome) -> Known:
    """Return what is known after a run: what settling writes, and reads again for the next one."""
    aliases = {**known.aliases, **{alias.key: alias.article for alias in outcome.aliases}}
    articles = {**known.articles, **{state.key: replace(state, id=1) for state in outcome.articles}}
    settled = set(outcome.settled_pending)
    pending = {key: each for key, each in known.pending.items() if key not in settled}
    coverage = cover(replace(known, aliases=aliases), seen, Verdict.OK)
    return replace(
        known,
        has_baseline=True,
        aliases=aliases,
        articles=articles,
        sighted={**known.sighted, **{each.article: each.rank for each in outcome.sightings}},
        pending={**pending, **{each.key: each for each in outcome.pending}},
        frontier=tuple(aliases.get(key, key) for key in coverage.frontier),
        first_page=len(seen.entries) or known.first_page,
        absent=known.absent if outcome.absent is None else outcome.absent,
        by_title={state.title_key: (state.key,) for state in articles.values()},
    )
