"""What is no news page although it answered: challenges, logins, consent walls, maintenance, parked names, binaries.

A failure told as "no news" would be silence, so such a page is named. Words alone never convict a page that has
entries: an article about captchas is news. Only what the software of a challenge leaves in the markup does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.blocking_words import (
    CHALLENGE,
    CHALLENGE_MARKS,
    CHALLENGE_SCRIPTS,
    CONSENT,
    EMPTY,
    LOGIN,
    MAINTENANCE,
    MISSING,
    PARKED,
)
from news.run import Problem, Trouble

HEAD_CHARS = 65_536
"""How much of a page is looked at: these pages are short, and say what they are at once."""

_SHORT_TEXT = 2_500
_VERY_SHORT_TEXT = 500
_TAG = re.compile(r"<[^<>]{0,2000}>")
_UNSEEN = re.compile(r"<(script|style|noscript|template)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,300}?)</title", re.DOTALL | re.IGNORECASE)
_H1 = re.compile(r"<h1[^>]{0,300}>(.{0,300}?)</h1", re.DOTALL | re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^>]{0,500}\btype\s*=\s*[\"']?password\b", re.IGNORECASE)

MISSING_PAGE = "a missing page"
_KINDS = (
    ("a challenge page", CHALLENGE),
    ("maintenance", MAINTENANCE),
    ("a parked domain", PARKED),
    ("a consent page", CONSENT),
    (MISSING_PAGE, MISSING),
    ("an empty listing", EMPTY),
)
# A live page with an empty list may well carry a cookie banner, or say in passing that something was not found.
_IN_PASSING = ("a consent page", MISSING_PAGE, "an empty listing")
ASKING = ("a challenge page", "a login page", "a consent page")
_MARKUP = re.compile(
    r"\A\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|div|article|main|h1)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def classify(
    status: int,
    headers: Mapping[str, str],
    body_text_head: str,
    *,
    content_type: str,
    found_entries: int,
    is_listing: bool = True,
) -> Problem | None:
    """Return why an answer is no news page, or None if nothing speaks against it.

    Args:
        status: the HTTP status.
        headers: the response's headers; names in any case.
        body_text_head: the beginning of the decoded body, markup and all; ``HEAD_CHARS`` of it are looked at.
        content_type: the ``Content-Type`` header, parameters and all.
        found_entries: how many usable entries the wrapper found (for an article's page: 1 if its body was read).
        is_listing: whether a listing was asked for: one that says that it found nothing is there, but empty.
    """
    head = body_text_head[:HEAD_CHARS]
    kind = _not_a_page(head, content_type) if found_entries == 0 else None
    if kind:
        return Problem(trouble=Trouble.NOT_A_PAGE, detail=kind, fatal=True, status=status)
    named = {name.lower(): value.lower() for name, value in headers.items()}
    if named.get("cf-mitigated") == "challenge":
        return _blocked("a challenge page", status, head)
    if found_entries:
        return None
    text = _visible_text(head)
    if CHALLENGE_MARKS.search(head) or (len(text) <= _SHORT_TEXT and _is_challenge(status, named, head)):
        return _blocked("a challenge page", status, head)
    if _is_login(head, text):
        return _blocked("a login page", status, head)
    kind = _kind_of(status, head, text)
    if kind == "an empty listing" and (status >= 300 or not is_listing):
        kind = MISSING_PAGE
    return _blocked(kind, status, head) if kind else None


def _blocked(kind: str, status: int, head: str) -> Problem:
    title = _inside(_TITLE, head)
    said = f" (“{title[:120]}”)" if title else ""
    place = "" if kind == "an empty listing" else " instead of the listing"
    look_for = "what it asks for" if kind in ASKING else "whether the listing has moved"
    detail = f"{kind}{place}{said}: open the address in a browser to see {look_for}"
    return Problem(trouble=Trouble.BLOCKED, detail=detail, fatal=True, status=status)


def _is_challenge(status: int, headers: Mapping[str, str], head: str) -> bool:
    """Tell a short page that a protection made: its scripts stand on ordinary pages too, but not alone."""
    if CHALLENGE_SCRIPTS.search(head):
        return True
    return status in (202, 403, 405, 429) and ("x-datadome" in headers or "x-amzn-waf-action" in headers)


def _is_login(head: str, text: str) -> bool:
    """Tell a page that is a login from one that only has a form for members in its header."""
    if not _PASSWORD.search(head):
        return False
    return bool(LOGIN.search(text if len(text) <= _SHORT_TEXT else _headline(head)))


def _kind_of(status: int, head: str, text: str) -> str | None:
    """Judge by words: in the title or the first heading, and anywhere in a page that says little else."""
    headline = _headline(head)
    for kind, pattern in _KINDS:
        if pattern.search(headline):
            return kind
        limit = _VERY_SHORT_TEXT if kind in _IN_PASSING and status < 400 else _SHORT_TEXT
        if len(text) <= limit and pattern.search(text):
            return kind
    return None


def _headline(head: str) -> str:
    return f"{_inside(_TITLE, head)}\n{_inside(_H1, head)}"


def _visible_text(head: str) -> str:
    """Return roughly what a person reads, in time that grows with the length alone."""
    lowered, pieces, start = head.lower(), [], 0
    while opening := _UNSEEN.search(head, start):
        pieces.append(head[start : opening.start()])
        start = lowered.find(f"</{opening[1].lower()}", opening.end())
        if start < 0:
            start = len(head)
    pieces.append(head[start:])
    return " ".join(_TAG.sub(" ", " ".join(pieces)).split())


def _inside(pattern: re.Pattern[str], head: str) -> str:
    match = pattern.search(head)
    return " ".join(_TAG.sub(" ", match[1]).split()) if match else ""


def _not_a_page(head: str, content_type: str) -> str | None:
    kind = content_type.partition(";")[0].strip().lower()
    if not head.strip("\ufeff \t\r\n\x00"):
        return "the answer is empty"
    start = head.lstrip("\ufeff \t\r\n")[:2048]
    if (
        start.startswith(("%PDF-", "PK\x03\x04", "GIF8", "\x89PNG", "Rar!", "\x7fELF"))
        or "\x00" in start[:1024]
    ):
        return f"the answer is binary, not a page (it says {kind or 'nothing of its type'})"
    if len(_CONTROLS.findall(start)) * 50 > len(start) or start.count("\ufffd") * 5 > len(start):
        return f"the answer is binary or in an unknown encoding, not a page (it says {kind or 'nothing of its type'})"
    if _MARKUP.match(start) or kind in ("text/html", "application/xhtml+xml"):
        if start[:1] in "{[" and not re.search(r"<\w", start):
            return f"the answer is JSON, not a page (it says {kind})"
        return None
    if kind in ("text/plain", "") and re.search(r"<\w+[^>]*>", start):
        return None
    return f"the answer is {kind or 'of no stated type'}, not a page: give the address of the HTML listing"
