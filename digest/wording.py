"""The words and times that every rendering shares, in English and UTC; and scraped text made safe to print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from shlex import quote

from digest.model import Digest, DigestItem, Place
from news.change import EDITS, Change, ChangeKind, EditMark
from news.dates import Precision
from news.errors import UrlError
from news.redline import EditClass, Op, Span
from news.text import normalise_text, normalise_title, title_key, truncate
from news.urls import link_url
from storage.quiet import QuietSource
from storage.unread import UnreadSource, UnreadStretch

MAX_TITLE = 300
"""Characters of a title, a name or a reason in what people read; JSON has all of it."""

MONTHS = ("January February March April May June July August September October November December").split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
UNTITLED = "(no title)"

_HIDDEN = {
    "none": ("edit without a class", "edits without a class"),
    "cosmetic": ("cosmetic edit", "cosmetic edits"),
    "minor": ("minor edit", "minor edits"),
    "substantive": ("substantive edit", "substantive edits"),
    "listed": ("known article listed by another source", "known articles listed by another source"),
    "published": ("new article", "new articles"),
    "retitled": ("new title", "new titles"),
    "redated": ("new date", "new dates"),
    "withdrawn": ("withdrawal", "withdrawals"),
    "restored": ("restored article", "restored articles"),
}


def line(text: str) -> str:
    r"""Return scraped text fit for one line of output: no control, invisible or bidi characters, not endless.

    >>> line("A\x1b[31m title\u202e\n")
    'A[31m title'
    """
    return truncate(normalise_title(text), MAX_TITLE)


def title_of(change: Change) -> str:
    """Return a change's title for people; a title of nothing is named so."""
    return line(change.title) or UNTITLED


def link_of(change: Change) -> str:
    """Return a percent-encoded http or https address, or nothing where the stored one is not fit to be followed."""
    return link_to(change.url)


def link_to(url: str) -> str:
    """Return a stored address as `link_of` does."""
    try:
        return link_url(url)
    except UrlError:
        return ""


def pieces(spans: Iterable[Span]) -> list[tuple[Op, str]]:
    """Return a redline for people: safe text, with the white space around a change outside of it.

    Paragraphs end with one line feed.

    >>> pieces([Span("removed", "Fez "), Span("added", "Rabat "), Span("same", "now")])
    [('removed', 'Fez'), ('same', ' '), ('added', 'Rabat'), ('same', ' now')]
    """
    shown: list[tuple[Op, str]] = []
    for span in spans:
        text = _kept_space(span.text)
        if span.op == "same":
            _join(shown, text)
            continue
        core = text.strip()
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        if not core:
            _join(shown, lead)
            continue
        _join(shown, lead)
        shown.append((span.op, core))
        _join(shown, tail)
    return shown


def _join(shown: list[tuple[Op, str]], text: str) -> None:
    """Add unchanged text to what is shown, without a space after a space."""
    if not text:
        return
    if shown and shown[-1][0] == "same":
        before = shown[-1][1]
        shown[-1] = ("same", before + (text.lstrip() if before[-1].isspace() else text))
    else:
        shown.append(("same", text))


def _kept_space(text: str) -> str:
    """Return normalised text that keeps the white space at its ends, as one character."""
    core = normalise_text(text)
    if not core:
        return "\n" if "\n" in text else " " if text else ""
    stripped = text.strip()
    lead, tail = text[: text.find(stripped)], text[text.find(stripped) + len(stripped) :]
    return _one(lead) + core + _one(tail)


def _one(space: str) -> str:
    return "\n" if "\n" in space else " " if space else ""


def count(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def headline(digest: Digest) -> str:
    """Return what a digest is called.

    A stored one is called by its subscription and number, anything else is a look.
    """
    name = line(digest.subscription) or "tidings"
    return f"{name}: a look" if digest.number is None else f"{name}: digest {digest.number}"


def summary_of(digest: Digest) -> str:
    """Return how much of what a digest tells."""
    kinds = [item.change.kind for item in digest.items]
    new = sum(kind in (ChangeKind.PUBLISHED, ChangeKind.LISTED) for kind in kinds)
    edited = sum(kind in EDITS for kind in kinds)
    withdrawn, restored = kinds.count(ChangeKind.WITHDRAWN), kinds.count(ChangeKind.RESTORED)
    parts = [
        f"{number:,} {word}"
        for number, word in (
            (new, "new"),
            (edited, "edited"),
            (withdrawn, "withdrawn"),
            (restored, "restored"),
        )
        if number
    ]
    return ", ".join(parts) or "Nothing new"


def range_of(digest: Digest) -> str:
    """Return which part of the log a digest covers."""
    if digest.upto_seq <= digest.after_seq:
        return f"no changes after {digest.after_seq}"
    if digest.upto_seq == digest.after_seq + 1:
        return f"change {digest.upto_seq}"
    return f"changes {digest.after_seq + 1} to {digest.upto_seq}"


def hidden_of(digest: Digest) -> str:
    """Return what the filter left out, or nothing."""
    parts = [
        count(number, *_HIDDEN.get(label, (line(label), line(label)))) for label, number in digest.hidden
    ]
    return f"Not shown: {', '.join(parts)}." if parts else ""


def more_of(digest: Digest) -> str:
    """Return how many items a message leaves out, and what shows them, or nothing."""
    more = 0 if digest.shown is None else len(digest.items) - digest.shown
    if more <= 0:
        return ""
    told = f"and {more:,} more"
    if digest.number is None:
        return told
    name = quote(line(digest.subscription))
    return f"{told}: `tidings digest --subscription {name} --number {digest.number}` shows all {len(digest.items):,}"


def remaining_of(digest: Digest) -> str:
    """Return how much waits for the next digest, or nothing."""
    if not digest.remaining:
        return ""
    more = count(digest.remaining, "more change waits", "more changes wait")
    return f"This digest is full: {more} for the next one."


def moment(at: datetime) -> str:
    """Return a time in UTC, to the minute.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 2, 9, 5, tzinfo=UTC))
    '2 November 2026, 09:05 UTC'
    """
    return f"{day(at)}, {at:%H:%M} UTC"


def long_moment(at: datetime) -> str:
    """Return a time in UTC with its weekday."""
    return f"{DAYS[at.weekday()]}, {moment(at)}"


def stated(at: datetime | None, precision: str) -> str:
    """Return a date as precisely as its source stated it, and never more.

    >>> from datetime import UTC
    >>> day = datetime(2026, 11, 2, tzinfo=UTC)
    >>> stated(day, "day"), stated(day, "month"), stated(day, "year"), stated(None, "")
    ('2 November 2026', 'November 2026', '2026', '')
    """
    if at is None:
        return ""
    if precision in (Precision.SECOND, Precision.MINUTE):
        return moment(at)
    if precision == Precision.YEAR:
        return str(at.year)
    if precision == Precision.MONTH:
        return f"{MONTHS[at.month - 1]} {at.year}"
    return f"about {day(at)}" if precision == Precision.RELATIVE else day(at)


def machine_date(at: datetime | None, precision: str) -> str | None:
    """Return the same in ISO 8601: a whole RFC 3339 time, or only as much of it as was stated.

    >>> from datetime import UTC
    >>> day = datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    >>> machine_date(day, "minute"), machine_date(day, "day"), machine_date(day, "month")
    ('2026-11-02T09:05:00Z', '2026-11-02', '2026-11')
    """
    if at is None:
        return None
    shapes = {Precision.YEAR: "%Y", Precision.MONTH: "%Y-%m", Precision.DAY: "%Y-%m-%d"}
    shape = shapes.get(Precision(precision)) if precision else None
    return at.strftime(shape) if shape else machine_time(at)


def machine_time(at: datetime) -> str:
    """Return a UTC time by RFC 3339, with fractions of a second only where there are any."""
    return at.replace(tzinfo=None).isoformat() + "Z"


def when(item: DigestItem) -> tuple[str, str, str]:
    """Return when it happened: a word before it, the time for people, and the time in ISO 8601.

    What is new was published or, where its source does not say when, first seen; everything else was seen by us.
    """
    change = item.change
    if change.kind not in (ChangeKind.PUBLISHED, ChangeKind.LISTED):
        verb = {ChangeKind.WITHDRAWN: "gone, seen", ChangeKind.RESTORED: "back, seen"}.get(
            change.kind, "seen"
        )
        return verb, moment(change.at), machine_time(change.at)
    machine = machine_date(change.published_at, change.published_precision)
    if machine is not None:
        return "published", stated(change.published_at, change.published_precision), machine
    seen_at = change.first_seen_at or change.at
    return "first seen", moment(seen_at), machine_time(seen_at)


def facts(item: DigestItem) -> str:
    """Return what kind of edit it was and when it happened, in one line."""
    verb, at, _ = when(item)
    parts = (edit_of(item), f"{verb} {at}", gone_since(item), matched_of(item))
    return "; ".join(filter(None, parts))


def matched_of(item: DigestItem) -> str:
    """Return which of the reader's words let it in, or nothing."""
    if item.matched is None:
        return ""
    where = "title" if item.matched.part == "title" else "text"
    return f"because of “{line(item.matched.words)}” in its {where}"


def gone_since(item: DigestItem) -> str:
    """Return that an article was withdrawn after what is told of it, or nothing."""
    return f"withdrawn on {moment(item.withdrawn_at)}" if item.withdrawn_at else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AlsoAt:
    """Where else an item's story stands: words before it, the place, the title where it differs, and the address."""

    what: str
    place: str
    title: str = ""
    link: str = ""
    language: str = ""


def also_at(item: DigestItem) -> list[AlsoAt]:
    """Return where else an item's story stands: articles that tell the same, then possible translations."""
    own = title_key(item.change.title)
    places: list[AlsoAt] = []
    for other in item.retold:
        change = other.change
        names = [name_of(other.place), *(name_of(place) for place in other.also)]
        title = title_of(change) if title_key(change.title) != own else ""
        gone = f" ({gone_since(other)})" if other.withdrawn_at else ""
        places.append(
            AlsoAt(
                what="also at",
                place=", ".join(names) + gone,
                title=title,
                link=link_of(change),
                language=change.language,
            )
        )
    for reference in item.elsewhere:
        is_same = reference.relation == "same_story"
        named = not is_same or title_key(reference.title) != own
        places.append(
            AlsoAt(
                what="also at" if is_same else "possible translation at",
                place=name_of(reference.place),
                title=(line(reference.title) or UNTITLED) if named else "",
                link=link_to(reference.url),
                language=reference.language,
            )
        )
    return places


def name_of(place: Place) -> str:
    """Return a source's name for people."""
    return line(place.title) or line(place.source)


def edit_of(item: DigestItem) -> str:
    """Return what kind of edit it was and which revision it made, or nothing."""
    return edit_facts(item.change, in_text=bool(item.redline))


def edit_facts(change: Change, *, in_text: bool = True, kind_said: bool = False) -> str:
    """Return the same of a row of the log.

    Args:
        change: the row.
        in_text: whether the text differs, and not the title alone.
        kind_said: whether the reader is told its kind anyway.
    """
    if change.kind not in EDITS:
        return ""
    retitled = change.kind is ChangeKind.RETITLED or EditMark.RETITLED in change.marks
    graded = change.edit_class is not EditClass.NONE and (in_text or change.kind is not ChangeKind.RETITLED)
    facts = [
        f"back to revision {change.reverts_to}" if change.reverts_to else "",
        "new title" if retitled and not (kind_said and change.kind is ChangeKind.RETITLED) else "",
        f"{change.edit_class} edit" if graded else "",
        _new_date(change),
        "silent (the site's date of change stayed)" if EditMark.SILENT in change.marks else "",
    ]
    return ", ".join([*filter(None, facts)] or ["edit"]) + f", revision {change.revision}"


def _new_date(change: Change) -> str:
    if EditMark.REDATED not in change.marks:
        return ""
    now = stated(change.published_at, change.published_precision)
    before = stated(change.old_published_at, change.old_published_precision)
    return f"dated {now}, formerly {before}"


def formerly(change: Change) -> str:
    """Return the title that an article bore before it got another one, or nothing."""
    retitled = change.kind is ChangeKind.RETITLED or EditMark.RETITLED in change.marks
    return line(change.old_title) if retitled else ""


def unread_of(unread: UnreadSource) -> str:
    """Return why a source is not being read and since when, to follow its title."""
    since = f"not read since {moment(unread.since)}" if unread.since else "never read so far"
    verdict, reason = line(unread.verdict), line(unread.reason)
    return f"{since} ({verdict}: {reason})" if reason else f"{since} ({verdict})"


def quiet_of(quiet: QuietSource) -> str:
    """Return that a source has stopped publishing, for the end of a digest."""
    name = line(quiet.title) or line(quiet.source)
    silent = f"{count(quiet.days, 'day', 'days')} of which about {quiet.expected:.0f} would have had news"
    return f"{name} is quiet: nothing new since {day(quiet.since)}, {silent}."


def stretch_of(stretch: UnreadStretch) -> str:
    """Return which stretch of a listing is missing, to follow its source's title."""
    told = (
        f"a stretch of its listing between {moment(stretch.since)} and {moment(stretch.until)} was not read"
    )
    if stretch.state == "lost":
        return f"{told}; it is out of reach now, and what stood there is lost"
    return f"{told}; it is asked for again"


def day(at: date) -> str:
    """Return a day.

    >>> day(date(2026, 11, 2))
    '2 November 2026'
    """
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"
