"""What must hold when a world has come to rest (DESIGN §4), read from the database and compared with the truth."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import Connection, select

from storage import tables
from storage.engine import reading
from tests.simulation.drive import Simulation
from tests.simulation.mischief import Watched

BODY = re.compile(r"Article (\d+) version (\d+) on its (\w+)")


def check(simulation: Simulation) -> None:
    """Report every law that is broken."""
    with reading(simulation.engine) as connection:
        told = _told(simulation, connection)
        _once(simulation, told)
        _edits(simulation, connection)
        for watched in simulation.watched:
            _at_rest(simulation, watched, connection)
            _nothing_lost(simulation, watched, connection, told)


Told = list[tuple[str, int, int]]
"""(kind, article, source), in the order of the log."""


def _told(simulation: Simulation, connection: Connection) -> Told:
    change = tables.Change
    query = select(change.seq, change.kind, change.url, change.source_id).order_by(change.seq)
    rows = connection.execute(query).all()
    if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
        simulation.violate("seq", "the log has holes")
    return [
        (row.kind, simulation.world.at(row.url).number, simulation.ids.index(row.source_id)) for row in rows
    ]


def _once(simulation: Simulation, told: Told) -> None:
    published = Counter(article for kind, article, _ in told if kind == "published")
    for article, times in published.items():
        if times > 1:
            simulation.violate("once", f"a{article} published {times} times")
    readers = Counter((of, article) for kind, article, of in told if kind in ("published", "listed"))
    for (of, article), times in readers.items():
        if times > 1:
            simulation.violate("once a reader", f"S{of}'s reader got a{article} {times} times")
    for kind, article, of in told:
        before = article in simulation.watched[of].existed
        if kind not in ("published", "listed") or not before:
            continue
        # What another site's article does on this listing is news to it, and what resurfaces without an exact date
        # cannot be told from news.
        if not simulation.world.articles[article].crossed and (of, article) not in simulation.exempt:
            simulation.violate("baseline", f"a{article} stood there before S{of}'s baseline, and was {kind}")


def _edits(simulation: Simulation, connection: Connection) -> None:
    """Each revision is a state that the page really showed when it was captured, and not the one before it."""
    revision = tables.Revision
    query = select(
        revision.article_id,
        revision.number,
        revision.captured_at,
        revision.body_text,
        revision.title,
        tables.Article.url,
    ).join(tables.Article, tables.Article.id == revision.article_id)
    before: dict[int, tuple[datetime, tuple[str, ...]]] = {}
    for row in connection.execute(query.order_by(revision.article_id, revision.number)):
        found = BODY.match(row.body_text)
        if found is None:
            continue
        article = simulation.world.articles[int(found[1])]
        if simulation.world.at(row.url).number != article.number:
            simulation.violate("mixed", f"{row.url} holds the text of a{article.number}")
        state = (found[1], found[2], row.title)
        if row.article_id in before:
            earlier, last = before[row.article_id]
            if state == last:
                simulation.violate("edit", f"a{article.number} edited without an edit")
            if row.captured_at < earlier:
                simulation.violate("order", f"a{article.number} edited to an older state")
        before[row.article_id] = row.captured_at, state
        shown = [version for at, version in article.states if at <= row.captured_at]
        if row.number > 1 and shown[-1] != int(found[2]):
            simulation.violate(
                "order", f"a{article.number} edited to version {found[2]}, which was not shown"
            )


def _at_rest(simulation: Simulation, watched: Watched, connection: Connection) -> None:
    of = simulation.ids[watched.number]
    row = connection.execute(
        select(tables.Source.verdict, tables.Source.reason, tables.Source.baseline_run_id).where(
            tables.Source.id == of
        )
    ).one()
    name = f"S{watched.number}"
    site = simulation.world.sites[watched.number]
    if row.verdict in ("suspect", "failed"):
        simulation.violate("rest", f"{name} still {row.verdict}: {row.reason}")
    if row.baseline_run_id is None and simulation.world.visible(site):
        simulation.violate("rest", f"{name} never gets a baseline")
    gap = select(tables.Gap.id).where(tables.Gap.source_id == of, tables.Gap.state == "open")
    if connection.execute(gap).first():
        simulation.violate("rest", f"{name} has a gap that never closes")


def _nothing_lost(simulation: Simulation, watched: Watched, connection: Connection, told: Told) -> None:
    if not watched.based:
        return
    world, site = simulation.world, simulation.world.sites[watched.number]
    of = simulation.ids[watched.number]
    got = {a for kind, a, source in told if source == watched.number and kind in ("published", "listed")}
    gap, pending = tables.Gap, tables.Pending
    gaps = connection.execute(
        select(gap.since, gap.until).where(gap.source_id == of, gap.state != "closed")
    ).all()
    waiting = {
        world.by_key.get(key)
        for key in connection.execute(select(pending.key).where(pending.source_id == of)).scalars()
    }
    published = defaultdict(list)
    for kind, article, source in told:
        published[article].append(f"{kind} by S{source}")
    wanted = watched.owed | {n for n in world.within_cap(site) if simulation.is_owed(watched, n)}
    for number in sorted(wanted - got):
        made_at = world.articles[number].made_at
        covered = any(row.since <= made_at <= row.until for row in gaps)
        if not covered and number not in waiting:
            simulation.violate(
                "lost", f"a{number} lost for S{watched.number} ({published[number] or 'never told'})"
            )
