"""Titles without the site's name, and authors who are people: judged by what the page itself proves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crawler.channels.listing import entry_title
from news.text import comparable

# Without the spaces around it, so that a closing guillemet does not swallow the dash that follows.
_SEPARATOR = re.compile(r"(?<=\s)(?:[-–—|·•»«›‹~]|::|/{1,2})(?=\s)|[|»]")
_BY = re.compile(
    r"\A\s*(?:(?:(?:written |posted |published |words |story )?by|par|publié par|écrit par|propos recueillis par|por|"
    r"door|autor(?:in)?:|بقلم|كتب(?:ه|ته)?|الكاتب|إعداد|تقرير)(?:\s*[:/]\s*|\s+)|(?-i:V)(?:on|ON)\s+(?=\S+\s))",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[;|،,]\s*|\s+/\s+")
_AND = re.compile(r"\s+(?:and|et|und|y|og|och|ja|en|&|و)\s+", re.IGNORECASE)
_LAST_FIRST = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?,\s*[^\W\d_]+\.?(?:\s[^\W\d_]\.?)?")
_DEGREE = re.compile(
    r",\s*(?:ph\.?d|m\.?d|jr|sr|m\.?a|m\.?sc|b\.?a|esq|r\.?n|dds)\.?(?=\s*(?:[,;]|\Z))", re.IGNORECASE
)
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{0,80}[)\]]")
_NO_PERSON = re.compile(
    r"[\w.+-]+@[\w-]+\.|https?://|www\.|\A[\d\W_]*\Z|\A@"
    r"|\A[a-z0-9]+(?:[-_][a-z0-9]+)+\Z"  # the name of an account or a page
)
_NOT_ALNUM = re.compile(r"[\W_]+")
_MAX_NAME_WORDS = 8
_MAX_NAME_CHARS = 100
_MAX_AUTHORS = 20
_TAIL = re.compile(r"\s+[-–—|·•:]\s+|\s*[|ㅣ]\s*|-(?=[^\s-]{1,40}\Z)")
_HARD_CUT = 90
"""Some software cuts headlines of structured data at 110 characters or sooner, without a sign."""
_CUT_OFF = re.compile(r"\s*(?:…|\.{3}|\[…\]|\[\.{3}\])\s*\Z")


def article_title(
    claims: Iterable[str], headings: Sequence[str], site_names: Iterable[str], *, trust_first: bool = False
) -> str:
    """Return the best of a page's claims to be its title.

    The first claim that agrees with a heading is taken, else the first. A site's name at its end or start is stripped
    if it is one of ``site_names``, or if what stands before it is another claim or a heading; a claim that was cut off
    gives way to the heading that it begins.

    Args:
        claims: what the page gives as its title, in order.
        headings: what it shows as such.
        site_names: what the site calls itself.
        trust_first: take the first claim even if another one agrees with a heading.

    >>> article_title(["Rain at last – ICESCO"], ["Rain at last"], ["ICESCO"])
    'Rain at last'
    >>> article_title(["Un film « sans frontières » – ICESCO"], [], ["ICESCO"])
    'Un film « sans frontières »'
    >>> article_title(["Mali – a portrait"], [], ["ICESCO"])
    'Mali – a portrait'
    """
    names = {_folded(name) for name in site_names if name.strip()}
    stripped = [_without_site(title, names) for claim in claims if (title := entry_title(claim))]
    known = {_folded(heading): heading for text in headings if (heading := entry_title(text))}
    if not stripped:
        return ""
    first = stripped[0]
    if not trust_first:
        first = next((title for title in stripped if _folded(title) in known), first)
    first = _without_tail(first, {*known, *map(_folded, stripped)})
    return _whole(first, known)


def _whole(title: str, known: dict[str, str]) -> str:
    """Return the heading that a title begins which was cut off, else the title."""
    if not _CUT_OFF.search(title) and len(title) < _HARD_CUT:
        return title
    start = _folded(_CUT_OFF.sub("", title))
    return next((heading for folded, heading in known.items() if start and folded.startswith(start)), title)


def _without_tail(title: str, others: set[str]) -> str:
    """Cut a section's or a site's name that only this claim carries: what stands before it is a claim of its own."""
    starts = [title[: match.start()].rstrip() for match in _TAIL.finditer(title)]
    return next((start for start in starts if start and _folded(start) in others), title)


def people(names: Iterable[str], not_people: Iterable[str], *, split: bool) -> tuple[str, ...]:
    """Return the names that are people's, in order, each once.

    Left out are the publisher's and the site's own names, addresses, handles and numbers.

    Args:
        names: what the page gives as authors.
        not_people: names of the site.
        split: whether one text may hold several names ("By A and B"), as tags and bylines do.

    >>> people(["By Ann Lee and Omar Ali", "ICESCO", "press@icesco.org", "12"], ["icesco"], split=True)
    ('Ann Lee', 'Omar Ali')
    """
    refused = {_bare(name) for name in not_people if name.strip()}
    found: dict[str, str] = {}
    for text in names:
        for part in _names_in(text) if split else [_BY.sub("", entry_title(text))]:
            name = _IN_BRACKETS.sub("", part).strip(" .:-–—")
            if (
                name
                and len(name) <= _MAX_NAME_CHARS
                and len(name.split()) <= _MAX_NAME_WORDS
                and not _NO_PERSON.search(name)
                and _bare(name) not in refused
            ):
                found.setdefault(_folded(name), name)
    return tuple(found.values())[:_MAX_AUTHORS]


def _names_in(text: str) -> list[str]:
    line = _DEGREE.sub("", _BY.sub("", entry_title(text)))
    if _LAST_FIRST.fullmatch(line):
        return [line]
    return [_BY.sub("", name) for part in _BETWEEN.split(line) for name in _apart(part)]


def _apart(text: str) -> list[str]:
    """Part "A and B", but not what stands between the halves of one name ("Ortega y Gasset")."""
    parts = _AND.split(text)
    singles = sum(" " not in part.strip() for part in parts)
    return [text] if 0 < singles < len(parts) else parts


def _without_site(title: str, names: set[str]) -> str:
    for _ in range(2):  # "Title | Section | Site" may name the site twice
        parts = list(_SEPARATOR.finditer(title))
        if not parts:
            return title
        last, first = parts[-1], parts[0]
        if _folded(title[last.end() :]) in names:
            title = title[: last.start()].rstrip()
        elif _folded(title[: first.start()]) in names:
            title = title[first.end() :].lstrip()
        else:
            # A name may hold a separator itself: "Rain at last - Agency | News".
            whole = next((match for match in parts if _folded(title[match.end() :]) in names), None)
            return title[: whole.start()].rstrip() if whole and whole.start() else title
    return title


def _bare(text: str) -> str:
    """Return the letters and digits alone, by which a site's names are alike ("n-tv" and "ntv")."""
    folded = _folded(text)
    return _NOT_ALNUM.sub("", folded) or folded


def _folded(text: str) -> str:
    return comparable(text).casefold().strip()
