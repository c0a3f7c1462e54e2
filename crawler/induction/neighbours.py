"""Dates that do not stand in the items: behind each of them, above several, or a year above and the day within."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from crawler.dating import may_be_date
from crawler.induction.dates import DateReader, inner_selectors
from crawler.induction.items import Item
from crawler.induction.locating import indexed, xpath_step
from crawler.induction.patterns import Finder, Step, class_steps, tag_step
from crawler.induction.relative import ABSENT
from crawler.induction.view import View
from crawler.markup import text_of
from crawler.selectors import Match, compile_selector
from news.dates import Precision, Stamp
from news.source import Selectors

MAX_CLIMB = 3
MIN_SHARE = 0.8
_HEADER_CHARS = 40
_YEAR_HEADER = re.compile(r"\W*(?:[^\W\d_]+\.?\s)?(?:19|20)\d\d\s?[年년]?\W*", re.DOTALL)
_WITHOUT_YEAR_CHARS = 20
_NO_DAYS = frozenset((Precision.RELATIVE, Precision.MONTH, Precision.YEAR))
_OWN_WORDS = "./text()[normalize-space()][1]"


def date_selectors(finder: Finder, items: Sequence[Item], reader: DateReader) -> Selectors:
    """Return the alternatives that read the items' dates, wherever they are shown; empty where they are not.

    A day without its year, as archives print it below a header with the year, is read together with that.
    """
    inside = inner_selectors(finder, items, reader)
    read = _read_inside(finder, items, reader, inside)
    whole = sum(
        stamp.precision is not Precision.RELATIVE or not _is_day_and_month(match) for match, stamp in read
    )
    if whole < MIN_SHARE * len(items):
        with_year = _with_year(finder, items, reader)
        if with_year:
            return with_year
    if inside and read:
        return inside
    # Where the items say nothing or only when they were changed, their day may stand around them.
    return (*inside, *(_above(finder, items, reader) or _behind(finder, items, reader)))


def _read_inside(
    finder: Finder, items: Sequence[Item], reader: DateReader, texts: Selectors
) -> list[tuple[Match, Stamp]]:
    """Return the date of publication that each item shows, with what states it."""
    if not texts:
        return []
    rule = compile_selector(texts[0])
    found = []
    for item in items:
        for match in rule.find(finder.view.nodes[item.place])[:3]:
            place = finder.view.index.get(match) if not isinstance(match, str) else None
            stamp = (
                reader.of_text(match)
                if isinstance(match, str)
                else reader.at(place)
                if place is not None
                else None
            )
            if stamp:
                found.append((match, stamp))
                break
    return found


def _is_day_and_month(match: Match) -> bool:
    text = match if isinstance(match, str) else text_of(match)
    return (
        not re.search(r"\d{3,}", text)
        and len(re.findall(r"\d+", text)) <= 2
        and len(text) <= _WITHOUT_YEAR_CHARS
    )


def _behind(finder: Finder, items: Sequence[Item], reader: DateReader) -> Selectors:
    """Return the selector of a date that stands behind each item, before the next one."""
    view = finder.view
    ways: Counter[str] = Counter()
    for item, limit in zip(items, [*(one.place for one in items[1:]), len(view.tags)], strict=True):
        place = next(
            (at for at in range(item.end, min(limit, item.end + 60)) if view.dated[at] and reader.at(at)),
            ABSENT,
        )
        if place != ABSENT:
            ways.update(_ways_to(view, item.place, place))
    need = MIN_SHARE * len(items)
    good = [text for text, count in ways.most_common(6) if count >= need]
    good.sort(key=lambda text: ("*[" in text, len(text)))
    return tuple(good[:2])


def _ways_to(view: View, start: int, target: int) -> Iterator[str]:
    """Yield paths from an element to one behind it: by what the neighbour is, and by its number."""
    for climb, place in enumerate([start, *view.up(start)][: MAX_CLIMB + 1]):
        outer = view.parents[place]
        if outer < 0 or view.ends[outer] <= target:
            continue
        neighbour = next(child for child in view.children(outer) if child <= target < view.ends[child])
        inner = [one for one in [target, *view.up(target)] if one >= neighbour][:-1]
        tail = "".join(f"/{indexed(view, one)}" for one in reversed(inner))
        number = sum(
            1 for _ in view.nodes[neighbour].itersiblings(preceding=True) if isinstance(_.tag, str)
        ) - sum(1 for _ in view.nodes[place].itersiblings(preceding=True) if isinstance(_.tag, str))
        start_text = "./" + "../" * climb
        for step in class_steps(view, [neighbour])[:1]:
            yield f"{start_text}following-sibling::{xpath_step(step)}[1]{tail}"
        yield f"{start_text}following-sibling::*[{number}][self::{view.tags[neighbour]}]{tail}"
        return


def _above(finder: Finder, items: Sequence[Item], reader: DateReader) -> Selectors:
    """Return the selector of a header that states the day of the items behind it."""

    def is_day(place: int) -> bool:
        spaced = text_of(finder.view.nodes[place]).replace("\n", " ")
        return may_be_date(spaced, reader.source.language) and reader.at(place) is not None

    headers = [place for place in finder.view.date_headers() if is_day(place)]
    text = _header_path(finder, items, headers)
    return (text,) if text else ()


def _header_path(finder: Finder, items: Sequence[Item], headers: Sequence[int]) -> str:
    """Return the path from an item to the nearest of these headers before it, the same for nearly all items."""
    view = finder.view
    paths: Counter[str] = Counter()
    headers = [place for place in headers if not any(item.place <= place < item.end for item in items)]
    chosen = [headers[at - 1] if (at := bisect_left(headers, item.place)) else ABSENT for item in items]
    used = sorted({place for place in chosen if place != ABSENT})
    if not used:
        return ""
    found = [
        _path_up(view, item.place, header, used) if header != ABSENT else ""
        for item, header in zip(items, chosen, strict=True)
    ]
    paths.update(path for path in found if path)
    best, count = paths.most_common(1)[0] if paths else ("", 0)
    # Where the dates stand behind the items, each but the first has one before it too.
    return best if count >= 0.9 * len(items) and found[0] == best else ""


def _path_up(view: View, start: int, header: int, used: Sequence[int]) -> str:
    for climb, place in enumerate([start, *view.up(start)][: MAX_CLIMB + 1]):
        outer = view.parents[place]
        if outer < 0 or outer not in (chain := view.up(header)):
            continue
        inner = [header, *chain[: chain.index(outer)]]
        neighbour = inner[-1]
        if view.anchors_in(neighbour):
            return ""  # what leads somewhere itself is no header
        tops = sorted(
            {
                next(one for one in [place_, *view.up(place_)] if view.depths[one] == view.depths[neighbour])
                for place_ in used
                if view.depths[place_] >= view.depths[neighbour]
            }
        )
        step = (
            next(iter(class_steps(view, tops)), None)
            or tag_step(view, tops)
            or Step(tag=view.tags[neighbour])
        )
        tail = "".join(f"/{indexed(view, one)}" for one in reversed(inner[:-1]))
        return f"{'./' + '../' * climb}preceding-sibling::{xpath_step(step)}[1]{tail}"
    return ""


def _with_year(finder: Finder, items: Sequence[Item], reader: DateReader) -> Selectors:
    """Return the selector that puts a year from a header and a day from the item together."""
    view = finder.view
    headers = [
        place
        for place, pieces in enumerate(view.texts)
        if len(pieces) <= _HEADER_CHARS and _YEAR_HEADER.fullmatch(pieces) and not view.anchors_in(place)
    ]
    header = _header_path(finder, items, headers)
    if not header:
        return ()
    for day in _days(view, items):
        for join in _JOINS:
            text = join(f"normalize-space({header})", f"normalize-space({day})")
            if _reads_whole_days(view, items, reader, text) >= MIN_SHARE * len(items):
                return (text,)
    return ()


_JOINS: tuple[Callable[[str, str], str], ...] = (
    lambda header, day: f"(concat({header}, '-', {day}))",
    lambda header, day: f"(concat({day}, ' ', {header}))",
    lambda header, day: f"(concat({header}, ' ', {day}))",
    lambda header, day: f"(concat({day}, {_last_four(header)}))",  # "19.11." below "November 2026"
    lambda header, day: f"(concat({day}, '.', {_last_four(header)}))",
)


def _last_four(text: str) -> str:
    return f"substring({text}, string-length({text}) - 3)"


def _reads_whole_days(view: View, items: Sequence[Item], reader: DateReader, text: str) -> int:
    """Return in how many items a selector of text gives a date with its year."""
    rule = compile_selector(text)
    found = [match for item in items for match in rule.find(view.nodes[item.place])[:1]]
    stamps = [reader.of_text(match) for match in found if isinstance(match, str)]
    return sum(stamp is not None and stamp.precision not in _NO_DAYS for stamp in stamps)


def _days(view: View, items: Sequence[Item]) -> list[str]:
    """Return paths to what may be a day or a day and month in the items, the commonest first."""
    paths: Counter[str] = Counter()
    for item in items:
        own = view.pieces(item.place)[:1]
        if own and len(own[0]) <= _WITHOUT_YEAR_CHARS and any(map(str.isdigit, own[0])):
            paths[_OWN_WORDS] += 1
        for place in range(item.place, item.end):
            text = view.texts[place]
            if not 0 < len(text) <= _WITHOUT_YEAR_CHARS or not any(map(str.isdigit, text)):
                continue
            chain = [one for one in [place, *view.up(place)] if one >= item.place]
            tail = "".join(f"/{indexed(view, one)}" for one in reversed(chain[:-1]))
            if tail:
                paths[f".{tail}"] += 1
    return [path for path, count in paths.most_common(4) if count >= MIN_SHARE * len(items)]
