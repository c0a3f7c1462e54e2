"""What `benchmarks.scale` has measured, as tables, ratios and bars that are met or not."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OURS, BARE, URLWATCH = "tidings", "bare Scrapy", "urlwatch"
UNCHANGED, NEW = "unchanged", "10 % new"
AGAINST_URLWATCH = {1_000: 1.0, 10_000: 0.7}
"""How many times urlwatch's CPU seconds an unchanged round inside a running service may take, by sources."""
MEMORY_MEGABYTES = 400.0
LINEAR = 1.25
"""How many times as much one source may take among the most as among the fewest."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """Who made a round: tidings with a database and so many crawl processes, or somebody else."""

    name: str
    database: str = ""
    workers: int = 0

    def __str__(self) -> str:
        processes = f"{self.workers} crawl process{'es' if self.workers > 1 else ''}"
        return f"{self.name}, {self.database}, {processes}" if self.database else self.name


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One round of one side over ``sources`` sources; seconds are of processor time unless they say otherwise.

    ``inside`` is the round without start-up: within a running service, or less a run that asks for nothing. ``server``
    is what the database's server took. ``listings`` are requests for listings of sources that had nothing new, each.
    """

    side: Side
    kind: str
    sources: int
    whole: float
    inside: float
    server: float = 0.0
    megabytes: float
    wall_seconds: float
    requests: int
    listings: float
    found: int
    grown: int = 0

    @property
    def service(self) -> float:
        """What a round takes inside a running service, the database's server included."""
        return self.inside + self.server


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Something that must hold: ``met`` is None where it could not be measured."""

    what: str
    met: bool | None

    def __str__(self) -> str:
        return f"{'not measured' if self.met is None else 'met' if self.met else 'NOT MET':<12} {self.what}"


class Results:
    """All rounds, by size, kind and side."""

    def __init__(self) -> None:
        self.rounds: list[Measured] = []
        self.sizes: dict[tuple[str, int], int] = {}  # bytes of a database before its first round

    def add(self, measured: Measured) -> None:
        """Take one round."""
        self.rounds.append(measured)

    def of(self, sources: int, kind: str, side: Side | str) -> list[Measured]:
        """Return the rounds of a side, or of whoever has that name."""
        found = [each for each in self.rounds if (each.sources, each.kind) == (sources, kind)]
        return [each for each in found if side in (each.side, each.side.name)]

    def middle(self, sources: int, kind: str, side: Side | str, what: str) -> float | None:
        """Return the median of a figure, or None where it was not measured."""
        values = [float(getattr(each, what)) for each in self.of(sources, kind, side)]
        return statistics.median(values) if values else None

    def counts(self) -> list[int]:
        """Return how many sources were watched, the fewest first."""
        return sorted({each.sources for each in self.rounds})

    def sides(self) -> list[Side]:
        """Return who made rounds, in the order of their first ones."""
        return list(dict.fromkeys(each.side for each in self.rounds))


HEAD = (
    f"{'':<36}{'CPU s':>9}{'in service':>11}{'db server':>10}{'ms/source':>10}{'of urlwatch':>12}{'of bare':>9}"
    f"{'MB':>6}{'wall s':>8}{'requests':>9}{'found':>7}{'grown MB':>9}"
)


def table(results: Results) -> Iterator[str]:
    """Yield a block for each size and kind of round: medians, and ratios to the others of the same run."""
    for sources in results.counts():
        for kind in (UNCHANGED, NEW):
            lines = [line for side in results.sides() for line in _line(results, sources, kind, side)]
            if lines:
                yield f"{sources:,} sources, {kind}"
                yield HEAD
                yield from lines
        for database in sorted(name for name, count in results.sizes if count == sources):
            each = results.sizes[database, sources] / sources / 1e3
            yield f"  {database} holds {each:.1f} KB a source after the baseline"
        yield ""


def _line(results: Results, sources: int, kind: str, side: Side) -> Iterator[str]:
    made = results.of(sources, kind, side)
    if not made:
        return

    def middle(what: str) -> float:
        return statistics.median(float(getattr(each, what)) for each in made)

    service = middle("service")
    ratios = []
    for peer in (URLWATCH, BARE):
        own = results.middle(sources, kind, peer, "whole" if peer == URLWATCH else "inside")
        ratios.append("-" if own is None else f"{service / max(own, 1e-9):.2f}")
    yield (
        f"  {side!s:<34}{middle('whole'):>9.2f}{middle('inside'):>11.2f}{middle('server'):>10.2f}"
        f"{1e3 * service / sources:>10.2f}{ratios[0]:>12}{ratios[1]:>9}{max(each.megabytes for each in made):>6.0f}"
        f"{middle('wall_seconds'):>8.1f}{middle('requests') / sources:>9.2f}{middle('found'):>7.0f}"
        f"{middle('grown') / 1e6:>9.2f}"
    )


def bars(results: Results) -> list[Bar]:
    """Return what must hold of what was measured."""
    ours = [each for each in results.rounds if each.side.name == OURS]
    most_asked = max((each.listings for each in ours), default=0.0)
    most_held = max((each.megabytes for each in ours), default=0.0)
    return [
        Bar(what=f"listing requests of an unchanged source: {most_asked:.2f} (1.00)", met=most_asked == 1.0),
        *_against_urlwatch(results),
        Bar(
            what=f"memory of all our processes together: {most_held:.0f} MB at most ({MEMORY_MEGABYTES:.0f} MB)",
            met=most_held < MEMORY_MEGABYTES,
        ),
        *_linear(results),
    ]


def _against_urlwatch(results: Results) -> Iterator[Bar]:
    for sources, limit in AGAINST_URLWATCH.items():
        if sources not in results.counts():
            continue
        theirs = results.middle(sources, UNCHANGED, URLWATCH, "whole")
        for side in (each for each in results.sides() if each.name == OURS):
            own = results.middle(sources, UNCHANGED, side, "service")
            if own is None:
                continue
            ratio = None if theirs is None else own / theirs
            told = "urlwatch is absent" if ratio is None else f"{ratio:.2f}"
            yield Bar(
                what=f"an unchanged round of {sources:,} in a running service against urlwatch's: {told} "
                f"({limit:.2f}; {side})",
                met=None if ratio is None else ratio <= limit,
            )


def _linear(results: Results) -> Iterator[Bar]:
    counts = results.counts()
    if len(counts) < 2:
        yield Bar(what="growth is linear: needs two sizes", met=None)
        return
    fewest, most = counts[0], counts[-1]
    for side in (each for each in results.sides() if each.name == OURS):
        pairs = {
            "CPU of an unchanged source": [
                results.middle(n, UNCHANGED, side, "service") for n in (fewest, most)
            ],
            "CPU of a round with news": [results.middle(n, NEW, side, "service") for n in (fewest, most)],
            "bytes of a round with news": [results.middle(n, NEW, side, "grown") for n in (fewest, most)],
        }
        for what, (small, large) in pairs.items():
            if small and large:
                ratio = large / most / (small / fewest)
                told = f"{what}, one of {most:,} against one of {fewest:,}: {ratio:.2f} ({LINEAR}; {side})"
                yield Bar(what=told, met=ratio <= LINEAR)


def last_line(results: Results, judged: Sequence[Bar]) -> str:
    """Return the figures in one line."""
    sides = [side for side in results.sides() if side.name == OURS]
    told = []
    for sources in results.counts():
        for side in sides:
            own = results.middle(sources, UNCHANGED, side, "service")
            if own is None:
                continue
            ratios = []
            for name, what in ((URLWATCH, "whole"), (BARE, "inside")):
                other = results.middle(sources, UNCHANGED, name, what)
                if other:
                    ratios.append(f"{own / other:.2f} of {name}")
            told.append(
                f"{sources:,} on {side.database} by {side.workers}: {1e3 * own / sources:.2f} ms a source"
                + "".join(f", {ratio}" for ratio in ratios)
            )
    met = sum(bar.met is True for bar in judged)
    missed = sum(bar.met is False for bar in judged)
    return f"scale, unchanged: {'; '.join(told)}; {met} of {len(judged)} bars met, {missed} not met"
