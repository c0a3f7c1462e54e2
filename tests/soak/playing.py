"""Playing one month: living through it, judging it, and counting what there was."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from sqlalchemy import func, select

from storage.engine import reading
from storage.reader_tables import Delivery, Digest
from storage.tables import Source
from tests.soak.databases import database
from tests.soak.laws import violated
from tests.soak.month import ROOMS, Month, Plan, first_and_last


@dataclass(kw_only=True)
class Tally:
    """What happened, and what was wrong with it."""

    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    weights: str = ""

    def line(self) -> str:
        """Say it in one line."""
        counted = ", ".join(f"{number:,} {what}" for what, number in self.counts.items())
        found = f"{len(self.violations)} VIOLATIONS" if self.violations else "violations: none"
        return f"{counted}; {self.weights}; {found}"


def play(kind: str, seed: int, plan: Plan, *, aloud: bool = False) -> Tally:
    """Live through a month on one kind of database, and judge it."""
    tally = Tally()
    with database(kind) as (made, engine, folder):
        say = say_at_once if aloud else tally.lines.append
        with Month(
            kind=kind, database=made, engine=engine, folder=folder, seed=seed, plan=plan, say=say
        ) as month:
            month.live()
            tally.violations = violated(month)
            tally.counts = counts_of(month)
            tally.weights = weights_of(month)
            tally.lines += [f"{kind}: {number} times {name}" for name, number in sorted(month.struck.items())]
    return tally


def counts_of(month: Month) -> dict[str, int]:
    """Return how much of what there was."""
    with reading(month.engine) as connection:
        runs = connection.execute(select(func.sum(Source.runs_total))).scalar_one()
        digests = connection.execute(select(func.count()).select_from(Digest)).scalar_one()
        deliveries = connection.execute(select(func.count()).select_from(Delivery)).scalar_one()
    return {
        "rounds": month.round,
        "sources": len(ROOMS),
        "items": sum(len(room.items) for room in month.rooms),
        "crawls": int(runs),
        "pages read": month.pages,
        "requests": sum(room.site.requests for room in month.rooms),
        "faults": sum(month.struck.values()),
        **{f"kills of a {kind}": number for kind, number in sorted(month.kills.items())},
        "orderly ends": month.stops,
        "database restarts or locks": month.restarts,
        "full disks": month.full_disks,
        "changes": len(month.reader.seqs),
        "digests": int(digests),
        "deliveries": int(deliveries),
        "attempts": month.targets.attempts,
        "repeats": month.targets.repeats,
    }


def weights_of(month: Month) -> str:
    """Say what the long-living processes weighed at first and at last."""
    said = []
    for kind, sizes in month.weights.items():
        first, last = first_and_last(sizes)
        said.append(f"{kind} {first:.1f} MB first, {last:.1f} MB last")
    return ", ".join(said)


def say_at_once(line: str) -> None:
    """Write a line that is read while the rest is still going on."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
