"""Plays seeds of the archive, each on a fresh database, and shrinks what fails."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.simulation.archive.drive import QUIET, Play
from tests.simulation.archive.events import WEIGHTS
from tests.simulation.archive.through_server import ServedPlay
from tests.simulation.archive.two_schedulers.play import TwoSchedulersPlay
from tests.simulation.seeds import Fresh
from tests.simulation.shrinking import fewest

EVENTS = 2000
Operation = tuple[str, int]


def schedule(seed: int, events: int = EVENTS) -> list[Operation]:
    """Return a seed's events, with crawls at random moments between them."""
    r = random.Random(seed)
    every = r.choice([14, 22, 36])
    kinds = r.choices(list(WEIGHTS), list(WEIGHTS.values()), k=events)
    operations: list[Operation] = [("crawl", r.randrange(2**32)) for _ in range(3)]
    for kind in kinds:
        operations.append((kind, r.randrange(2**32)))
        if r.random() < 1 / every:
            operations.append(("crawl", r.randrange(2**32)))
    return operations


@dataclass(kw_only=True)
class Tally:
    """What a batch of seeds came to; ``broken`` counts seeds by law."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Take in what another batch came to."""
        self.seeds += other.seeds
        self.counts.update(other.counts)
        self.broken.update(other.broken)
        self.failed |= other.failed

    def __str__(self) -> str:
        names = ("events", "crawls", "runs", "requests", "kills", "changes")
        told = ", ".join(f"{self.counts[name]:,} {name}" for name in names)
        if self.counts["leases"]:
            of_two = ("leases", "shared", "met", "refused")
            leases, shared, met, refused = (f"{self.counts[name]:,}" for name in of_two)
            told += f"; two schedulers took {leases} leases, crawled at once {shared} times, settled so {met} times, "
            told += f"and {refused} late runs were refused"
        laws = ", ".join(f"{law} ({count})" for law, count in sorted(self.broken.items())) or "none"
        return f"{self.seeds} seeds, {told}; violations: {laws}"


PlaySeed = Callable[[int, list[Operation], Fresh], Play]


def play(seed: int, operations: list[Operation], fresh: Fresh) -> Play:
    """Play the given operations of a seed in process."""
    made = Play(seed, fresh())
    made.play(operations)
    return made


def play_served(seed: int, operations: list[Operation], fresh: Fresh) -> Play:
    """Play them through real crawl processes and local servers."""
    with ServedPlay.open(seed, fresh()) as made:
        made.play(operations)
        return made


def play_pair(
    seed: int, operations: list[Operation], fresh: Fresh, *, quiet: Sequence[float] = QUIET
) -> Play:
    """Play them with two real schedulers on one PostgreSQL database, through local servers."""
    with TwoSchedulersPlay.open(seed, fresh()) as made:
        made.quiet = quiet
        made.play(operations)
        return made


PLAYS: dict[str, PlaySeed] = {"sqlite": play, "postgresql": play, "spider": play_served, "pair": play_pair}


def play_all(
    seeds: Iterable[int],
    fresh: Fresh,
    told: Callable[[str], object] = lambda line: None,
    *,
    events: int = EVENTS,
    play: PlaySeed = play,
    whole: bool = False,
) -> Tally:
    """Play each seed; ``told`` gets a line for every seed, and with ``whole`` the story of each that fails."""
    tally = Tally()
    for seed in seeds:
        started = time.monotonic()
        made = play(seed, schedule(seed, events), fresh)
        tally.seeds += 1
        tally.counts.update(made.counts)
        tally.broken.update({law for law, _ in made.violations})
        for law, what in made.violations[:3]:
            told(f"seed {seed}: {law}: {what}")
        if made.violations:
            tally.failed[seed] = made.violations[0][0]
            if whole:
                told(f"seed {seed}, whole\n{story(made)}")
        told(f"seed {seed}: {dict(made.counts)}, {time.monotonic() - started:.1f} s")
    return tally


def shrink(
    seed: int, law: str, fresh: Fresh, *, events: int = EVENTS, seconds: float = 60, play: PlaySeed = play
) -> Play:
    """Return the play of the fewest operations found within ``seconds`` that still break ``law``."""
    return fewest(
        schedule(seed, events),
        lambda operations: play(seed, operations, fresh),
        lambda played: any(broken == law for broken, _ in played.violations),
        seconds=seconds,
    )


def story(made: Play) -> str:
    """Return a play as a person reads it."""
    sections = [
        f"S{each.number} {each.name}: {each.channel}, dates {each.dates}, {each.size} a page, {each.cap} pages, "
        f"{'whole bodies' if each.whole else 'article pages'}, answers known by {each.site.tags}"
        for each in made.world.sections
    ]
    broken = [f"{law}: {what}" for law, what in made.violations]
    return "\n".join([*sections, f"tempo {made.tempo} minutes", *broken, "", *made.trace])
