"""What stands in the place of a news page: no answer, an error, a block, or a shell that only scripts would fill."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from lxml.html import HtmlElement
from scrapy.http import Response, TextResponse

from crawler.answers import not_text
from crawler.blocking import HEAD_CHARS, classify
from crawler.charset import page_text
from crawler.discovery.asking import Answer, NoAnswer
from crawler.hosts import MAX_PATIENCE
from crawler.markup import text_of
from crawler.robots import Rules
from news.retry_after import retry_after
from news.run import Problem, Trouble

SHELL = "the page is empty without JavaScript"
"""The reason for a page that has to be rendered before it can be read."""

NO_BROWSER = "a browser could render it, but none is at hand: install tidings[browser] and Chromium"
"""What helps against a shell."""

_SITE_FILE_OPT_IN = "write allow_private = true under [request]"
"""How `crawler.gate` tells the owner of a site file what to do; who types an address has an option for it."""
_SHELL_CHARS = 400
"""A page with less text than this, and with scripts, shows nothing by itself."""
_MOUNTS = frozenset(
    ("root", "app", "__next", "__nuxt", "___gatsby", "svelte", "main-app", "react-root", "app-root", "q-app")
)
"""The ids under which frameworks put a page together; empty, they are all that there is."""
_MOUNT_TAGS = frozenset(("app-root", "router-outlet", "ion-app"))
_NEEDS_SCRIPTS = re.compile(
    r"(?:enable|requires?|need|activer?|activez|nécessite|يرجى تفعيل|تمكين)[^.<]{0,60}java\s?script"
    r"|java\s?script[^.<]{0,60}(?:enable|required|disabled|désactivé|activer|activé|nécessaire|مطلوب)",
    re.IGNORECASE,
)

ALLOW_PRIVATE = "add --allow-private"
"""What the command line is told of an address that is not public; pages have other words for it."""
_ADVICE = {
    Trouble.ROBOTS: "the site does not want this page to be read by programs",
    Trouble.RETRY_LATER: "try again later",
    Trouble.NETWORK: "check the address",
}


def why_no_answer(failure: NoAnswer) -> str:
    """Return one line about an address that brought nothing, with what to do about it where there is something."""
    detail = failure.detail.replace(_SITE_FILE_OPT_IN, ALLOW_PRIVATE)
    advice = _ADVICE.get(failure.trouble)
    if failure.trouble is Trouble.ROBOTS and failure.detail != Rules("").refusal:
        advice = ""  # it could not be had, for a reason that is said
    return f"{failure.url}: {detail}" + (f"; {advice}" if advice else "")


def why_not_readable(answer: Answer, *, now: datetime, found_entries: int = 0) -> str:
    """Return why an answer is no page to look for news on, empty if nothing speaks against it.

    Args:
        answer: what came for the page that a person named.
        now: an aware datetime, from which a ``Retry-After`` counts.
        found_entries: items that were found on it: words alone convict no page that has some.
    """
    response = answer.response
    problem = _problem(response, found_entries) if isinstance(response, TextResponse) else None
    if not answer.ok:
        blocked = problem is not None and problem.trouble is Trouble.BLOCKED
        said = problem.detail if problem and blocked else _status_advice(response, now)
        return f"HTTP {response.status}: {said}"
    if not isinstance(response, TextResponse):
        return not_text(response)[1]
    return "" if problem is None else problem.detail


def is_shell(root: HtmlElement, *, rendered: bool = False) -> bool:
    """Say whether a page shows next to nothing by itself, and has scripts that would.

    An empty mount point of a framework says it, or a ``noscript`` that asks for JavaScript.

    Args:
        root: the page's.
        rendered: whether a browser has run its scripts; then a ``noscript`` says nothing about it any more.
    """
    if next(root.iter("script"), None) is None:
        return False
    text = text_of(root)
    if len(text) > _SHELL_CHARS:
        return False
    for node in root.iter("div", "main", "section", *_MOUNT_TAGS):
        mounts = node.tag in _MOUNT_TAGS or (node.get("id") or "").lower() in _MOUNTS
        if mounts and next(node.iter("a"), None) is None:
            return True
    asking = () if rendered else root.iter("noscript")
    asks = " ".join(str(node.text_content()) for node in asking)[:2_000]
    return bool(_NEEDS_SCRIPTS.search(f"{asks} {text}"))


def _problem(response: TextResponse, found_entries: int) -> Problem | None:
    return classify(
        response.status,
        {str(name): value for name, value in response.headers.to_unicode_dict().items()},
        "" if found_entries else page_text(response)[:HEAD_CHARS],
        content_type=(response.headers.get(b"Content-Type") or b"").decode("latin-1"),
        found_entries=found_entries,
    )


def _status_advice(response: Response, now: datetime) -> str:
    status = response.status
    if status < 400:
        return (
            "a redirect that leads nowhere we can go; open the page in a browser, and give its real address"
        )
    if status in {401, 403, 407, 451}:
        return "the site does not let us read the page; open it in a browser to see what it asks for"
    patience = response.headers.get(b"Retry-After")
    if status in {429, 503} and patience:
        until = now + min(retry_after(patience.decode("latin-1"), now), MAX_PATIENCE)
        return (
            f"the site asks to be left alone until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC; try again then"
        )
    if status == 429 or status >= 500:
        return "the site's own trouble; try again later"
    return "there is no page at this address; check it"
