"""How often noise is told as news, and news held as noise: both counted over seeded histories.

``python -m tests.news.test_suspicion_rates 400`` prints the figures of decision 0010, for which every day of every seed
comes to a source of its own. The test lets all the days of a seed come to the same source, each as if there were no
other: what takes time is to live up to that day.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random

from news.run import Verdict
from tests.news.histories import Memory, Site, lived_in
from tests.news.scenes import SCENES, Scene

SEEDS = range(20)
MOST_NEWS_HELD = 0.02
MOST_NOISE_TOLD = 0.05


@dataclass
class Rate:
    """How many runs of one kind there were, how many were judged wrongly, and how many articles that concerned."""

    runs: int = 0
    wrong: int = 0
    articles: int = 0
    reasons: set[str] = field(default_factory=set)

    @property
    def share(self) -> float:
        return self.wrong / self.runs


def before(seed: int, name: str, *, shared: bool) -> tuple[Site, Memory]:
    """Return a source before an odd day, for this day alone to change."""
    if not shared:
        return lived_in(Random(f"{seed} {name}"))
    site, memory = lived_once(seed)
    return replace(site, rng=Random(f"{seed} {name}"), items=list(site.items)), Memory(known=memory.known)


@lru_cache(maxsize=64)
def lived_once(seed: int) -> tuple[Site, Memory]:
    return lived_in(Random(seed))


def rate(seeds: Iterable[int], name: str, scene: Scene, *, is_good: bool, shared: bool) -> Rate:
    """Count a scene's wrong verdicts. A bad run that announces nothing did no harm, whatever it is called."""
    found = Rate()
    for seed in seeds:
        site, memory = before(seed, name, shared=shared)
        verdict, reason, told = memory.settle(scene(site, memory))
        found.runs += 1
        if is_good:
            found.wrong += verdict not in (Verdict.OK, Verdict.PARTIAL)
            found.reasons |= {reason} if verdict is Verdict.SUSPECT else set()
        else:
            found.wrong += bool(told)
            found.articles += len(told)
            found.reasons |= set() if verdict is Verdict.SUSPECT else {f"{site.dated=} {site.ordered=}"}
    return found


def rates(seeds: Iterable[int], *, shared: bool = False) -> tuple[dict[str, Rate], dict[str, Rate]]:
    """Return the rates of news held as noise, and of noise told as news, by scene."""
    held = {
        name: rate(seeds, name, scene, is_good=True, shared=shared) for name, scene in SCENES.good.items()
    }
    told = {
        name: rate(seeds, name, scene, is_good=False, shared=shared) for name, scene in SCENES.bad.items()
    }
    return held, told


def total(found: dict[str, Rate]) -> Rate:
    every = found.values()
    return Rate(runs=sum(each.runs for each in every), wrong=sum(each.wrong for each in every))


def report(held: dict[str, Rate], told: dict[str, Rate]) -> str:
    """Return both rates, and those of each scene."""
    lines = []
    for title, found in (("news held as noise", held), ("noise told as news", told)):
        every = total(found)
        lines.append(f"{title}: {every.wrong} of {every.runs} runs ({every.share:.2%})")
        lines += [
            f"  {name:<42} {each.wrong:>4} of {each.runs}  {', '.join(sorted(each.reasons)[:3])}"
            for name, each in found.items()
        ]
    return "\n".join(lines) + "\n"


def test_noise_is_rarely_told_as_news_and_news_rarely_held_as_noise() -> None:
    held, told = rates(SEEDS, shared=True)
    sys.stdout.write(f"\n{report(held, told)}")
    assert total(held).share <= MOST_NEWS_HELD, {name: each for name, each in held.items() if each.wrong}
    assert total(told).share <= MOST_NOISE_TOLD, {name: each for name, each in told.items() if each.wrong}


if __name__ == "__main__":
    sys.stdout.write(report(*rates(range(int(sys.argv[1])))))
