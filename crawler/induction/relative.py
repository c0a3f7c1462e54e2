"""Selectors for a field inside the items: by class, by meaning and by structure, tried on every item of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crawler.induction.locating import indexed
from crawler.induction.patterns import Finder, Pattern, attribute_steps, class_steps, tag_step
from crawler.induction.view import View

MAX_ALTERNATIVES = 3
ABSENT = -1


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a field stands in one item: the item's range of the table, and the field's element (`ABSENT`: nowhere)."""

    start: int
    end: int
    target: int


@dataclass(frozen=True, slots=True)
class _Tried:
    text: str
    kind: int
    hits: frozenset[int]
    exact: int
    misses: int


def field_selectors(
    finder: Finder, spots: Sequence[Spot], same: Callable[[Spot, int], bool] | None = None
) -> tuple[str, ...]:
    """Return alternatives that lead to the field in as many items as can be, the surest first.

    Args:
        finder: of the page.
        spots: where the field stands in each item.
        same: tells whether another element than the target gives the same value; by default none does.
    """
    wanted = {i for i, spot in enumerate(spots) if spot.target != ABSENT}
    if not wanted:
        return ()
    tried = [
        _try(finder, text, kind, pattern, spots, same) for kind, text, pattern in _candidates(finder, spots)
    ]
    tried = [one for one in tried if one.hits]
    chosen: list[_Tried] = []
    covered: set[int] = set()
    while tried and covered != wanted and len(chosen) < MAX_ALTERNATIVES:
        best = max(
            tried,
            key=lambda one: (len(one.hits - covered) - 2 * one.misses, one.exact, -one.kind, -len(one.text)),
        )
        if not best.hits - covered or len(best.hits - covered) <= 2 * best.misses:
            break
        chosen.append(best)
        covered |= best.hits
        tried.remove(best)
    for kind in (0, 1, 2):  # other evidence for the same, for the day when the first one is gone
        rest = [
            one
            for one in tried
            if one.kind == kind and one.misses == 0 and len(one.hits) >= 0.9 * len(wanted)
        ]
        if rest and len(chosen) < MAX_ALTERNATIVES and all(one.kind != kind for one in chosen):
            chosen.append(min(rest, key=lambda one: len(one.text)))
    return tuple(dict.fromkeys(one.text for one in chosen))


def _try(
    finder: Finder,
    text: str,
    kind: int,
    pattern: Pattern | tuple[str, ...],
    spots: Sequence[Spot],
    same: Callable[[Spot, int], bool] | None,
) -> _Tried:
    hits, exact, misses = set(), 0, 0
    for i, spot in enumerate(spots):
        first = _first(finder, pattern, spot)
        if first is None:
            continue
        if first == spot.target or (same is not None and same(spot, first)):
            hits.add(i)
            exact += first == spot.target
        else:
            misses += 1
    return _Tried(text, kind, frozenset(hits), exact, misses)


def _first(finder: Finder, pattern: Pattern | tuple[str, ...], spot: Spot) -> int | None:
    if isinstance(pattern, Pattern):
        found = finder.find(pattern, spot.start, spot.end)
        return found[0] if found else None
    place = spot.start
    for step in pattern:
        for child in finder.view.children(place):
            if indexed(finder.view, child) == step or (finder.view.tags[child] == step and "[" not in step):
                place = child
                break
        else:
            return None
    return place


def _candidates(
    finder: Finder, spots: Sequence[Spot]
) -> Iterator[tuple[int, str, Pattern | tuple[str, ...]]]:
    """Yield selectors as (kind, text, how to try it); a kind is 0 for class, 1 for meaning, 2 for structure."""
    view = finder.view
    by_shape: dict[tuple[str, tuple[str, ...]], list[Spot]] = {}
    for spot in spots:
        if spot.target != ABSENT:
            by_shape.setdefault((view.tags[spot.target], view.classes[spot.target]), []).append(spot)
    everywhere = [spot for spot in spots if spot.target != ABSENT]
    shapes = sorted(by_shape.values(), key=len, reverse=True)[:3]
    seen: set[str] = set()
    for alike in [everywhere, *(shape for shape in shapes if len(shape) < len(everywhere))]:
        for kind, pattern in _patterns(view, alike):
            text = pattern.css()
            if text not in seen:
                seen.add(text)
                yield kind, text, pattern
    yield from _paths(view, everywhere)


def _patterns(view: View, spots: list[Spot]) -> Iterator[tuple[int, Pattern]]:
    targets = [spot.target for spot in spots]
    plain = tag_step(view, targets)
    own = class_steps(view, targets)[:6]
    for step in own:
        yield 0, Pattern((step,))
    meaning = attribute_steps(view, targets)
    for step in meaning:
        yield 1, Pattern((step,))
    ends = [step for step in (plain, *meaning[:1]) if step is not None]
    above = targets
    for _ in range(3):
        above = [view.parents[place] for place in above]
        if any(place < spot.start for place, spot in zip(above, spots, strict=True)):
            break
        for step in ends:
            for named in class_steps(view, above)[:4]:
                yield 0, Pattern((named, step), (False,))
                yield 0, Pattern((named, step), (True,))
            tag = tag_step(view, above)
            if tag is not None and tag.tag not in ("div", "span"):
                yield 1, Pattern((tag, step), (False,))
                for named in own[:2]:
                    yield 0, Pattern((tag, named), (False,))
    if plain is not None:
        yield 1 if plain.tag not in ("div", "span", "p", "td") else 2, Pattern((plain,))


def _paths(view: View, spots: list[Spot]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield the commonest paths from the item to the field, by tags and positions."""
    counts: Counter[tuple[str, ...]] = Counter()
    for spot in spots:
        chain = [spot.target, *view.up(spot.target, spot.start)]
        if chain[-1] != spot.start:
            continue
        counts[tuple(indexed(view, place) for place in reversed(chain[:-1]))] += 1
    for path, count in counts.most_common(2):
        if not path:
            tag = view.tags[spots[0].start]
            if count == len(spots):
                yield 2, f"./self::{tag}", ()
        else:
            yield 2, "./" + "/".join(path), path
