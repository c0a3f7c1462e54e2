"""Play seeds, each on a fresh database; shrink what fails to the fewest operations that still fail."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, event, text

from storage.engine import open_engine
from storage.schema import ready
from tests.simulation.drive import Operation, Simulation, schedule
from tests.simulation.shrinking import fewest

Fresh = Callable[[], Engine]
"""Returns an engine on an empty, migrated database; it may be the same engine every time."""


@dataclass(kw_only=True)
class Tally:
    """What a batch of seeds came to; ``broken`` counts seeds by law."""

    seeds: int = 0
    operations: int = 0
    changes: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)

    def count(self, seed: int, operations: Sequence[Operation], played: Simulation) -> str:
        """Take in the play of a seed; return what it broke first, empty if nothing."""
        self.seeds += 1
        self.operations += len(operations)
        self.changes += played.changes
        self.broken.update({law for law, _ in played.violations})
        if not played.violations:
            return ""
        law, what = played.violations[0]
        self.failed[seed] = law
        return f"seed {seed}: {law}: {what}"

    def __str__(self) -> str:
        laws = ", ".join(f"{law} {count}" for law, count in sorted(self.broken.items())) or "none"
        return f"{self.seeds} seeds, {self.operations} operations, {self.changes} changes; violations: {laws}"


def sqlite_databases(folder: Path) -> Fresh:
    """Return a maker of SQLite databases: one file, copied anew from a migrated template for each seed.

    Nothing here survives a power cut, so nothing is synced; the engine is kept, and with it its compiled statements.
    """
    template, path = folder / "template.db", folder / "seed.db"
    ready(f"sqlite:///{template}").dispose()
    shutil.copyfile(template, path)
    engine = open_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -20000")

    def fresh() -> Engine:
        engine.dispose()
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(template, path)
        return engine

    return fresh


def postgresql_databases(url: str) -> Fresh:
    """Return a maker of PostgreSQL databases: one, emptied for each seed."""
    engine = ready(url)

    def fresh() -> Engine:
        with engine.begin() as connection:
            tables = connection.execute(
                text("SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = current_schema() "
                     "AND tablename NOT IN ('counters', 'tidings_version')")
            ).scalar_one()  # fmt: skip
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
            connection.execute(text("UPDATE counters SET value = 0"))
        return engine

    return fresh


def play(seed: int, operations: list[Operation], fresh: Fresh) -> Simulation:
    simulation = Simulation(seed, fresh())
    simulation.play(operations)
    return simulation


def play_all(seeds: Iterable[int], fresh: Fresh, told: Callable[[str], object] = lambda line: None) -> Tally:
    """Play each seed; ``told`` gets a line for every seed that fails."""
    tally = Tally()
    for seed in seeds:
        operations = schedule(seed)
        simulation = play(seed, operations, fresh)
        if broken := tally.count(seed, operations, simulation):
            told(broken)
    return tally


def shrink(seed: int, law: str, fresh: Fresh, *, seconds: float = 60) -> Simulation:
    """Return the play of the fewest operations found within ``seconds`` that still break ``law``."""
    return fewest(
        schedule(seed),
        lambda operations: play(seed, operations, fresh),
        lambda played: any(broken == law for broken, _ in played.violations),
        seconds=seconds,
    )


def story(simulation: Simulation) -> str:
    """Return a failing play as a person reads it."""
    world = simulation.world
    sites = [
        f"S{n} {site.name} on {site.host}, dates {site.kind}, {'whole bodies' if site.inline else 'article pages'}"
        f"{'' if site.asks else ', no other hosts'}"
        for n, site in enumerate(world.sites)
    ]
    broken = [f"{law}: {what}" for law, what in simulation.violations]
    return "\n".join([*sites, f"tempo {world.tempo}", *broken, "", *simulation.trace])
