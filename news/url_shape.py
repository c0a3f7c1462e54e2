"""What an address tells: the day in a permalink, and the template that the addresses of a source follow."""

import re
from datetime import date
from urllib.parse import urlsplit

from news.urls import canonical_url

_DATE_PATH = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=/|$)")
_DIGITS = re.compile(r"\d+\Z", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d\Z", re.ASCII)
_WORD_SEGMENT = re.compile(r"[A-Za-z]{1,20}\Z")
_EXTENSION = re.compile(r"\.[A-Za-z]{2,5}\Z")


def date_in_url(url: str) -> date | None:
    """Return the day that a permalink names (``/2023/11/19/`` or ``/2023-11-19/``), or None if it names no whole day.

    >>> date_in_url("https://icesco.org/en/2023/11/19/a-slug")
    datetime.date(2023, 11, 19)
    >>> date_in_url("https://example.org/2023/11/") is date_in_url("https://example.org/2023/02/30/x") is None
    True
    """
    path = url.partition("#")[0].partition("?")[0]
    for year, month, day in _DATE_PATH.findall(path):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def url_shape(url: str) -> str:
    """Return the template of an address: numbers, dates and slugs replaced by their class, words kept.

    Two articles of one source have the same shape, so "everything new, in another shape" is worth a suspicion.

    >>> url_shape("https://www.icesco.org/en/2023/11/19/icesco-condemns/")
    'icesco.org/en/{y}/{m}/{d}/{slug}'
    >>> url_shape("https://icesco.org/en/category/news-update/page/7")
    'icesco.org/en/category/{slug}/page/{n}'
    >>> url_shape("https://www.oic-oci.org/topic/?t_id=39000&t_ref=26500&lan=en")
    'oic-oci.org/topic?lan={word}&t_id={n}&t_ref={n}'
    """
    parts = urlsplit(canonical_url(url))
    segments = [segment for segment in parts.path.split("/") if segment]
    shapes: list[str] = []
    for position, segment in enumerate(segments):
        after_date = bool(shapes) and shapes[-1] in ("{m}", "{d}")
        shapes.append(_segment_shape(segment, shapes, slug=after_date and position == len(segments) - 1))
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(f"{name}={_value_shape(value)}" for name, _, value in pairs)
    return "/".join([parts.netloc, *shapes]) + (f"?{query}" if query else "")


def _segment_shape(segment: str, before: list[str], *, slug: bool) -> str:
    if _DIGITS.match(segment):
        if before and before[-1] == "{y}" and 1 <= int(segment[:3]) <= 12:
            return "{m}"
        if before and before[-1] == "{m}" and 1 <= int(segment[:3]) <= 31:
            return "{d}"
        return "{y}" if _YEAR.match(segment) else "{n}"
    extension = _EXTENSION.search(segment)
    suffix = extension[0] if extension else ""
    stem = segment.removesuffix(suffix) if suffix else segment
    if not slug and _WORD_SEGMENT.match(stem):
        return segment
    return ("{n}" if _DIGITS.match(stem) else "{slug}") + suffix


def _value_shape(value: str) -> str:
    if _DIGITS.match(value):
        return "{n}"
    return "{word}" if _WORD_SEGMENT.match(value) else "{slug}"
