"""What a crawl found, for people: sober, grouped by source, each thing once."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from digest.text import shown
from digest.wording import count, edit_facts, formerly, line, link_of, moment, stated, title_of
from news.change import Change, ChangeKind
from news.run import GapNote, Settled, Verdict
from news.text import direction
from tidings.held_advice import remedy
from tidings.show import STYLES, WIDE, styled

if TYPE_CHECKING:
    from rich.text import Text

QUIET_LISTED = 5
"""Up to so many sources without news are named; more are counted."""
LISTING_REASONS = frozenset(
    {
        "no link",
        "bad link",
        "no title",
        "another item's link",
        "beyond the first 1,000",
        "like the others, but the item selectors do not find it",
    }
)
"""Why `crawler.channels.listing` leaves an item out; importing it from there would import the parsers."""
TITLE_CUT = "title cut"
"""What `crawler.pipelines` counts of articles that it keeps."""
_LABELS = {
    ChangeKind.PUBLISHED: ("new", STYLES["new"]),
    ChangeKind.LISTED: ("listed", STYLES["quiet"]),
    ChangeKind.EDITED: ("edited", STYLES["edited"]),
    ChangeKind.RETITLED: ("retitled", STYLES["edited"]),
    ChangeKind.REDATED: ("redated", STYLES["edited"]),
    ChangeKind.WITHDRAWN: ("withdrawn", STYLES["withdrawn"]),
    ChangeKind.RESTORED: ("restored", STYLES["new"]),
}
_INDENT = " " * 13
"""What stands below a title: two columns, the longest label, two columns."""


def work_line(run: Settled) -> str:
    """Return one line about the work that a run was, for stderr."""
    done = [
        count(run.entries, "entry", "entries") + " on " + count(run.pages, "page", "pages")
        if run.pages
        else "",
        count(run.requests, "request", "requests"),
        f"{run.not_modified} not modified" if run.not_modified else "",
    ]
    return f"{run.source}: {spoken(run.verdict)}, {', '.join(filter(None, done))}"


def spoken(verdict: Verdict | str) -> str:
    """Return a verdict in words.

    >>> spoken(Verdict.NOT_MODIFIED)
    'not modified'
    """
    return str(verdict).replace("_", " ")


def resuming(name: str) -> str:
    """Return how a paused source is taken up again."""
    return f"`tidings sources resume {name}` takes it up again"


def result_lines(
    runs: Sequence[Settled], *, width: int = WIDE, paused: Collection[str] = ()
) -> Iterator[str | Text]:
    """Yield what the runs brought, in their order; those without news come last, in one line.

    Args:
        paused: the sources that are paused now, of which nobody asks anything before they are resumed.
    """
    quiet = [run.source for run in runs if _is_quiet(run)]
    for run in runs:
        if not _is_quiet(run):
            yield from _run_lines(run, width, run.source in paused)
    if len(quiet) > QUIET_LISTED:
        yield f"nothing new from {count(len(quiet), 'source', 'sources')}"
    elif quiet:
        yield f"nothing new: {', '.join(quiet)}"


def change_lines(changes: Iterable[Change], *, width: int = WIDE) -> Iterator[str | Text]:
    """Yield changes with their facts and addresses; titles are broken between words where a terminal is narrow."""
    for change in changes:
        label, style = _LABELS[change.kind]
        first, *others = _folded(title_of(change), change.language, width)
        yield styled("  ", (label.ljust(len(_INDENT) - 2), style), first)
        yield from (f"{_INDENT}{other}" for other in others)
        facts = "; ".join(filter(None, (edit_facts(change, kind_said=True), _date(change))))
        former = formerly(change)
        for told in filter(None, (f"formerly: {former}" if former else "", facts)):
            for fact in _folded(told, "", width):
                yield styled(_INDENT, (fact, "dim"))
        if link := link_of(change):
            yield styled(_INDENT, (link, "dim"))


def _is_quiet(run: Settled) -> bool:
    kept = run.changes or run.baseline is not None or run.gap or run.pending
    told = kept or run.stale or run.not_recorded or run.healed
    return not told and run.verdict in (Verdict.OK, Verdict.NOT_MODIFIED)


def _run_lines(run: Settled, width: int, paused: bool) -> Iterator[str | Text]:
    yield _head(run)
    if run.verdict is Verdict.SUSPECT:
        yield from _suspect_hints(run)
    if paused:
        yield f"  it is paused now; {resuming(run.source)}"
    elif run.next_due_at is not None and run.verdict in (Verdict.FAILED, Verdict.SUSPECT):
        yield f"  it is asked again at {moment(run.next_due_at)}"
    if run.healed and run.verdict is Verdict.OK:
        yield f"  {line(run.reason)}"
    yield from change_lines(run.changes, width=width)
    if run.gap is not None:
        yield styled("  ", (_gap(run.gap), STYLES["partial"]))
    yield from _refused_lines(run)
    for url in run.not_recorded:
        yield styled("  ", ("not recorded: ", STYLES["failed"]), line(url))


def _suspect_hints(run: Settled) -> Iterator[str]:
    see = f"  nothing of it is told; see `tidings runs show {run.source}`"
    advice = remedy(entries=run.entries, trouble=run.trouble, reason=run.reason)
    if run.entries and advice:
        yield f"{see}, then {advice}"
        return
    yield see
    if advice:
        yield f"  {advice}"


def _refused_lines(run: Settled) -> Iterator[str]:
    """Yield what could not be used: items of the listing, which are left out, and articles, whose entries wait."""
    unread = [each for each in run.refused if each[0] not in LISTING_REASONS and each[0] != TITLE_CUT]
    number = sum(times for _, times in unread)
    why = line(unread[0][0]) if unread else ""
    if len(unread) > 1:
        why += f" (and {count(len(unread) - 1, 'reason', 'reasons')} more)"
    if run.pending:
        waiting = f"{count(run.pending, 'entry waits', 'entries wait')} for a page that could not be read yet"
        if unread and number != run.pending:
            waiting += f"; {number:,} in this run"
        yield f"  {waiting}: {why}" if unread else f"  {waiting}"
    elif unread:
        yield f"  {count(number, 'article', 'articles')} could not be read: {why}"
    for reason, number in run.refused:
        if reason in LISTING_REASONS:
            yield f"  {count(number, 'item', 'items')} of the listing left out: {line(reason)}"
        elif reason == TITLE_CUT:
            yield f"  {count(number, 'title', 'titles')} cut: too long for a title"


def _head(run: Settled) -> Text:
    if run.stale:
        return styled(
            (run.source, "bold"), ": nothing kept, since its host had passed to somebody else meanwhile"
        )
    if run.verdict in (Verdict.FAILED, Verdict.SUSPECT):
        verdict = str(run.verdict)
        return styled((run.source, "bold"), ": ", (verdict, STYLES[verdict]), f": {line(run.reason)}")
    told = _baseline(run) if run.baseline is not None else _tally(run.changes)
    if run.verdict is Verdict.PARTIAL:
        return styled(
            (run.source, "bold"),
            f": {told}, but only ",
            ("partly", STYLES["partial"]),
            f" read: {line(run.reason)}",
        )
    return styled((run.source, "bold"), f": {told}")


def _baseline(run: Settled) -> str:
    announced = f"{len(run.changes)} announced" if run.changes else "none announced"
    return f"baseline taken: {count(run.baseline or 0, 'item', 'items')} known, {announced}"


def _tally(changes: Sequence[Change]) -> str:
    """Return how many of what.

    >>> _tally([])
    'nothing new'
    """
    numbers: dict[str, int] = {}
    for change in changes:
        label = _LABELS[change.kind][0]
        numbers[label] = numbers.get(label, 0) + 1
    return ", ".join(f"{number} {label}" for label, number in numbers.items()) or "nothing new"


def _gap(gap: GapNote) -> str:
    since = moment(gap.since)
    if gap.state == "closed":
        return f"the stretch of the listing that was not read since {since} is read now"
    if gap.state == "lost":
        return f"a stretch of the listing, not read since {since}, is out of reach: what stood there is lost"
    return f"a stretch of the listing was not read (since {since}); the next run asks for it again"


def _date(change: Change) -> str:
    if change.kind not in (ChangeKind.PUBLISHED, ChangeKind.LISTED):
        return ""
    published = stated(change.published_at, change.published_precision)
    return f"published {published}" if published else ""


def _folded(text: str, language: str, width: int) -> list[str]:
    room = max(width - len(_INDENT), 20)
    broken = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [shown(each, direction(language) if language else None) for each in broken]
