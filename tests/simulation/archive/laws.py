"""What must hold when the archive has come to rest (DESIGN §4), read from the database and compared with the truth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from storage import tables
from storage.checking import find_faults
from storage.engine import reading
from tests.simulation.archive.oracle import TOLD

if TYPE_CHECKING:
    from tests.simulation.archive.drive import Play


def check(play: Play) -> None:
    """Report every law that is broken."""
    with reading(play.engine) as connection:
        for fault in find_faults(connection):
            play.violate("the records are sound", fault)
        play.oracle.new_changes(connection)
        _once(play)
        _baseline(play)
        _in_turn(play)
        _true_text(play, connection)
        for number in range(len(play.world.sections)):
            _at_rest(play, number, connection)
            _nothing_lost(play, number, connection)


def _once(play: Play) -> None:
    """An article is announced once, and each section's reader is told of it once."""
    published = Counter(told.article for told in play.oracle.log if told.kind == "published")
    for article, times in published.items():
        if times > 1:
            play.violate("announced once", f"a{article} published {times} times")
    readers = Counter((told.section, told.article) for told in play.oracle.log if told.kind in TOLD)
    for (section, article), times in readers.items():
        if times > 1:
            play.violate("announced once", f"S{section}'s reader got a{article} {times} times")


def _baseline(play: Play) -> None:
    """What stood there before a section's baseline is not news. What another section took over may be."""
    for told in play.oracle.log:
        if told.kind not in TOLD or told.article not in play.oracle.existed[told.section]:
            continue
        if not play.world.articles[told.article].crossed:
            play.violate(
                "a baseline announces nothing", f"a{told.article} stood there before, and was {told.kind}"
            )


def _in_turn(play: Play) -> None:
    """What is withdrawn was announced or known as standing; only what was withdrawn is restored."""
    withdrawn: set[int] = set()
    for told in play.oracle.log:
        if told.kind == "withdrawn":
            if told.article in withdrawn:
                play.violate("restored after withdrawn", f"a{told.article} withdrawn twice")
            withdrawn.add(told.article)
        elif told.kind == "restored":
            if told.article not in withdrawn:
                play.violate("restored after withdrawn", f"a{told.article} restored, and was never withdrawn")
            withdrawn.discard(told.article)


def _true_text(play: Play, connection: Connection) -> None:
    """Every revision is, word for word, a state that its page has shown, and no two that follow are the same."""
    revision, article = tables.Revision, tables.Article
    columns = (revision.article_id, revision.number, revision.title, revision.body_text, revision.captured_at,
               revision.digest, article.url)  # fmt: skip
    query = select(*columns).join(article, article.id == revision.article_id)
    before: dict[int, tuple[str, str]] = {}
    for row in connection.execute(query.order_by(revision.article_id, revision.number)):
        truth = play.world.at(row.url)
        if truth is None or not row.digest:
            continue
        said = (row.title, row.body_text)
        states = [
            (state.title, "\n".join(state.paragraphs))
            for state in truth.states
            if state.at <= row.captured_at
        ]
        if said not in states:
            play.violate("the text is the page's", f"a{truth.number}, revision {row.number}: {row.title!r}")
        if before.get(row.article_id) == said:
            play.violate("an edit is an edit", f"a{truth.number}, revision {row.number} is the one before it")
        before[row.article_id] = said


def _at_rest(play: Play, number: int, connection: Connection) -> None:
    """When all is mended, every section is read, and no gap stays open."""
    source, gap = tables.Source, tables.Gap
    of = play.oracle.ids[number]
    row = connection.execute(
        select(source.verdict, source.reason, source.baseline_run_id).where(source.id == of)
    ).one()
    if row.verdict in ("suspect", "failed") or row.baseline_run_id is None:
        play.violate("all comes to rest", f"S{number} is {row.verdict} at the end: {row.reason}")
    if connection.execute(select(gap.id).where(gap.source_id == of, gap.state == "open")).first():
        play.violate("all comes to rest", f"S{number} has a gap that never closes")


def _nothing_lost(play: Play, number: int, connection: Connection) -> None:
    """What stood on a listing through a good crawl, and was news, was told; or it waits, or a gap says so."""
    oracle, section = play.oracle, play.world.sections[number]
    if number not in oracle.baselines:
        return
    got = {told.article for told in oracle.log if told.section == number and told.kind in TOLD}
    gap, pending = tables.Gap, tables.Pending
    of = oracle.ids[number]
    gaps = connection.execute(
        select(gap.since, gap.until).where(gap.source_id == of, gap.state != "closed")
    ).all()
    waiting = set(connection.execute(select(pending.key).where(pending.source_id == of)).scalars())
    wanted = oracle.owed[number] | {
        each for each in play.world.within_cap(section) if oracle.is_owed(section, each)
    }
    for each in sorted(wanted - got):
        article = play.world.articles[each]
        came_at = section.taken_over.get(each, article.made_at)
        covered = any(row.since <= came_at <= row.until for row in gaps)
        if not covered and waiting.isdisjoint(play.world.keys_of(each)):
            told = [f"{one.kind} by S{one.section}" for one in oracle.log if one.article == each]
            play.violate(
                "nothing that stood there is missing", f"a{each} never told to S{number}'s reader: {told}"
            )
