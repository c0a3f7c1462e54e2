"""The date of publication that a page shows, with where it stood: what machines read before what people read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.changes_shown import says_change
from crawler.markup import text_of
from crawler.selectors import Match
from crawler.tongues import Tongue, read_in_words, tongue_of
from news.date_labels import change_part, publication_part
from news.date_words import MONTH, fold
from news.dates import Precision, Stamp, parse_date, whole_date
from news.source import Source
from news.url_shape import date_in_url


class Order(StrEnum):
    """In which order the numbers of a date stand."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    YEAR_FIRST = "year first"


TOLERANCE = timedelta(days=1)
"""How far clocks and days may run ahead of ours; beyond that a date of publication is a mistake or an event's."""

_MOST_CHARS = 2_000
"""Of an element that is to state a date so much is read: indentation counts, and what is longer states none."""
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d\d)(?!\d)(?![./-]\d)")
_SLUG_DAY = re.compile(r"/((?:19|20)\d\d)-(\d\d)-(\d\d)-[^/]+\Z")
_COMMON_ATTRIBUTES = (("datetime", "time[datetime]"), ("content", "meta"))
_ATTRIBUTES = {"abbr": (*_COMMON_ATTRIBUTES, ("title", "time[datetime]"))}  # the value class of hAtom
_TWO_DIGIT_DATE = re.compile(r"(?<![\d./-])(\d\d[./-]\d{1,2}[./-]\d{1,2})(?![\d./-])")
_YEAR = r"(?:19|20|13|14)\d\d"
_SIGNS = fold("年년"), fold("月월")  # as they stand in folded text
_SHAPES = re.compile(
    rf"{_YEAR}\s?[./{_SIGNS[0]}-]\s?\d{{1,2}}|(?<!\d)\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?(?:{_YEAR}|\d\d(?!\d))"
    rf"|\d\s?[{_SIGNS[1]}]\s?\d|(?:令和|平成)\s?[\d元]"
    rf"|(?<![^\W_])\d{{1,2}}\S{{0,3}}\s[^\d\s][^\d]{{1,24}}{_YEAR}(?!\d)|[^\W\d_]\.?\s\d{{1,2}}\S{{0,2}}[,.]?\s{_YEAR}(?!\d)"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|e|\.)?[ /.-]{{0,2}}{MONTH}|(?<![^\W_]){MONTH}[ .,]{{0,2}}\d{{1,2}}(?!\d)"
)
_AGO_WORDS = (
    "ago|il y a|hace|vor|fa|geleden|temu|atrás|há|sedan|siden|sitten|yang lalu|acum|pred|lalu|назад|тому|önce"
    "|前|전|منذ|قبل|پیش|پہلے|पहले|πριν|לפני|trước|ที่แล้ว"
)
_TODAY_WORDS = (
    "yesterday|today|hier|aujourd'hui|just now|أمس|اليوم|ayer|hoy|ontem|hoje|gestern|heute|ieri|oggi|gisteren"
    "|vandaag|вчера|сегодня|вчора|сьогодні|dün|bugün|wczoraj|dzisiaj|昨天|今天|昨日|今日|어제|오늘|کل|آج|دیروز"
    "|امروز|kemarin|hari ini|आज|कल|χθες|σήμερα|אתמול|היום"
)


def _words(names: str) -> str:
    return "|".join(re.escape(fold(name)) for name in names.split("|"))


_AGO = re.compile(rf"(?<![a-z])(?:{_words(_AGO_WORDS)})(?![a-z])")
_DAY_WORDS = re.compile(rf"\s*(?:{_words(_TODAY_WORDS)})(?![^\W\d_])")


def read_date(
    text: str,
    source: Source,
    *,
    now: datetime,
    provenance: str,
    order: Order | None = None,
) -> Stamp | None:
    """Return the date of publication that a text states in the source's language and time zone, or None.

    ``order`` is what the other dates of the page tell (`date_order`); without it the language decides.
    """
    if not text:
        return None
    if order is Order.YEAR_FIRST:
        text = _TWO_DIGIT_DATE.sub(r"20\1", text)
    stamp = parse_date(
        text,
        language=source.language,
        now=now,
        time_zone=source.time_zone,
        provenance=provenance,
        day_first={Order.DAY_FIRST: True, Order.MONTH_FIRST: False}.get(order) if order else None,
    )
    if stamp is None and may_be_date(text, source.language):
        stamp = read_in_words(
            publication_part(text),
            language=source.language,
            now=now,
            time_zone=source.time_zone,
            provenance=provenance,
        )
    return stamp if stamp and stamp.at <= now + TOLERANCE else None


def may_be_date(text: str, language: str = "") -> bool:
    """Tell whether a short text looks as if it stated a date, in any language; cheap, so that whole pages can be asked.

    >>> [
    ...     may_be_date(text)
    ...     for text in ("5 marzo 2024", "2 hours ago", "12 comments", "2024年3月5日", "Yesterday")
    ... ]
    [True, True, False, True, True]
    """
    folded = fold(text)
    if not any(map(str.isdigit, folded)):
        return _DAY_WORDS.match(folded) is not None
    if _SHAPES.search(folded) or (len(folded) <= 60 and _AGO.search(folded)) or _DAY_WORDS.match(folded):
        return True
    tongue = _tongue(language)
    if tongue is None or len(folded) > 60:
        return False
    return (
        tongue.without_year.search(folded) is not None
        or tongue.month_only.fullmatch(folded.strip()) is not None
    )


@lru_cache(maxsize=64)
def _tongue(language: str) -> Tongue | None:
    return tongue_of(language.lower().partition("-")[0]) if language else None


def date_order(texts: Sequence[str], *, now: datetime) -> Order | None:
    """Return in which order the numeric dates of one list stand, or None if they do not tell.

    A number above 12 is a day. Without one, the order under which the list runs from new to old, none of it in the
    future, is taken if the other order breaks that. Of three numbers of two digits the first is the year if it hardly
    changes while the last one does.

    >>> now = datetime(2026, 11, 24, tzinfo=UTC)
    >>> for texts in (["03/05/2026", "04/28/2026"], ["03/05/2026", "02/05/2026"], ["26/11/18", "26/10/30"]):
    ...     print(date_order(texts, now=now))
    month first
    day first
    year first
    """
    found = [match for text in texts if (match := _NUMERIC.search(fold(text[:200])))]
    pairs = [(int(match[1]), int(match[2]), _whole_year(int(match[3]), now)) for match in found]
    if found and all(len(match[3]) == 2 for match in found) and _is_year_first(found, now):
        return Order.YEAR_FIRST
    first, second = any(one > 12 for one, _, _ in pairs), any(two > 12 for _, two, _ in pairs)
    if first != second:
        return Order.DAY_FIRST if first else Order.MONTH_FIRST
    if first or len(pairs) < 2:
        return None
    day_first = _runs_down([whole_date(year, two, one) for one, two, year in pairs], now)
    month_first = _runs_down([whole_date(year, one, two) for one, two, year in pairs], now)
    if day_first == month_first:
        return None
    return Order.DAY_FIRST if day_first else Order.MONTH_FIRST


def _is_year_first(found: Sequence[re.Match[str]], now: datetime) -> bool:
    first, last = [int(match[1]) for match in found], [int(match[3]) for match in found]
    latest = now.year % 100 + 1
    if max(first) > latest or any(not 1 <= int(match[2]) <= 12 for match in found):
        return False
    return max(last) > latest or (len(found) > 2 and max(first) - min(first) <= 3 < max(last) - min(last))


def _whole_year(year: int, now: datetime) -> int:
    return year if year >= 100 else year + (2000 if year + 2000 <= now.year + 1 else 1900)


def _runs_down(days: list[date | None], now: datetime) -> bool:
    whole = [day for day in days if day is not None]
    if len(whole) != len(days) or whole[0] > (now + TOLERANCE).date():
        return False
    return all(one >= two for one, two in pairwise(whole)) and whole[0] > whole[-1]


def date_of(match: Match, source: Source, *, now: datetime, order: Order | None = None) -> Stamp | None:
    """Return the date of publication at a match: ``datetime`` (or ``content``) of it or of a ``time`` in it, else its
    text.

    What the page says to be the date of a change is none, see `crawler.changes_shown`.
    """
    if isinstance(match, str):
        return read_date(match, source, now=now, provenance="text", order=order)
    if says_change(match):
        return None
    for node in (match, *match.iter("time")):
        if (stamp := _in_attribute(node, source, now)) and (node is match or not says_change(node)):
            return stamp
    return read_date(text_of(match, most=_MOST_CHARS), source, now=now, provenance="text", order=order)


def change_of(match: Match, source: Source, *, now: datetime, order: Order | None = None) -> Stamp | None:
    """Return the date at a match that the page says to be that of the last change, or None.

    A relative one ("updated 2 hours ago") is none either: read on the next day, it would be another.
    """
    text = match if isinstance(match, str) else text_of(match, most=_MOST_CHARS)
    said, stamp = change_part(text), None
    if not isinstance(match, str):
        nodes = (node for node in (match, *match.iter("time")) if says_change(node))
        node = next(nodes, None)
        if node is not None:
            said = said or text_of(node, most=_MOST_CHARS)
            stamp = _in_attribute(node, source, now)
    stamp = stamp or (read_date(said, source, now=now, provenance="text", order=order) if said else None)
    return stamp if stamp and stamp.precision is not Precision.RELATIVE else None


def _in_attribute(node: HtmlElement, source: Source, now: datetime) -> Stamp | None:
    for attribute, provenance in _ATTRIBUTES.get(str(node.tag), _COMMON_ATTRIBUTES):
        value = node.get(attribute)
        if value and (stamp := read_date(value, source, now=now, provenance=provenance)):
            return stamp
    return None


def date_in_address(url: str, *, now: datetime) -> Stamp | None:
    """Return the day that a permalink names (``/2023/11/19/``, ``/2023-11-19-a-slug``).

    It is the site's own day, so it has no time.
    """
    day = date_in_url(url) or _day_before_slug(url)
    if day is None:
        return None
    at = datetime.combine(day, time(), UTC)
    return Stamp(at=at, precision=Precision.DAY, provenance="url") if at <= now + TOLERANCE else None


def _day_before_slug(url: str) -> date | None:
    match = _SLUG_DAY.search(url.partition("#")[0].partition("?")[0])
    return whole_date(*map(int, match.groups())) if match else None
