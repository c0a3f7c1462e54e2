"""Titles without the site's name, and authors who are people: judged by what the page itself proves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crawler.channels.listing import entry_title
from news.text import comparable

# Without the spaces around it, so that a closing guillemet does not swallow the dash that follows.
_SEPARATOR = re.compile(r"(?<=\s)(?:[-–—|·•»«›‹~]|::|/{1,2})(?=\s)|[|»]")
_BY = re.compile(
    r"\A\s*(?:written by|posted by|by|par|publié par|écrit par|بقلم|كتب(?:ه|ته)?|الكاتب|إعداد)\s*[:/]?\s+",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[;|،,]\s*|\s+(?:and|et|&)\s+")
_NO_PERSON = re.compile(r"[\w.+-]+@[\w-]+\.|https?://|www\.|\A[\d\W_]*\Z|\A@")
_MAX_NAME_CHARS = 100
_MAX_AUTHORS = 20
_CUT_OFF = re.compile(r"\s*(?:…|\.{3}|\[…\]|\[\.{3}\])\s*\Z")


def article_title(claims: Iterable[str], headings: Sequence[str], site_names: Iterable[str]) -> str:
    """Return the best of a page's claims to be its title.

    The first claim that agrees with a heading is taken, else the first. A site's name at its end or start is stripped
    if it is one of ``site_names``; a claim that was cut off gives way to the heading that it begins.

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
    for title in stripped:
        if _folded(title) in known:
            return title
    if not stripped:
        return ""
    first = stripped[0]
    if _CUT_OFF.search(first):
        start = _folded(_CUT_OFF.sub("", first))
        whole = next(
            (heading for folded, heading in known.items() if start and folded.startswith(start)), None
        )
        return whole or first
    return first


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
    refused = {_folded(name) for name in not_people if name.strip()}
    found: dict[str, str] = {}
    for text in names:
        line = _BY.sub("", entry_title(text))
        for part in _BETWEEN.split(line) if split else [line]:
            name = part.strip(" .:-–—")
            if (
                name
                and len(name) <= _MAX_NAME_CHARS
                and not _NO_PERSON.search(name)
                and _folded(name) not in refused
            ):
                found.setdefault(_folded(name), name)
    return tuple(found.values())[:_MAX_AUTHORS]


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


def _folded(text: str) -> str:
    return comparable(text).casefold().strip()
