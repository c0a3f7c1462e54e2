"""Drawing a page: one template, one frozen view, and what all pages share around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest import alert_words, wording
from digest.html import direction_of, language_of
from news.change import EDITS
from news.text import direction
from tidings.pages.desk import Desk
from tidings.pages.files import address_of
from tidings.pages.languages import language_name
from tidings.pages.tones import TONES
from tidings.serving.callers import Way, caller_of
from tidings.serving.forms import FIELD, form_token
from tidings.times import ago

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One of the main places, as the navigation names it."""

    name: str
    title: str
    address: str


SECTIONS = (
    Section(name="latest", title="Latest", address="/"),
    Section(name="sources", title="Sources", address="/sources"),
    Section(name="digests", title="Digests", address="/digests"),
    Section(name="subscriptions", title="Subscriptions", address="/subscriptions"),
    Section(name="deliveries", title="Deliveries", address="/deliveries"),
    Section(name="approvals", title="Approvals", address="/approvals"),
)


def draw(
    desk: Desk,
    template: str,
    view: object,
    *,
    title: str,
    section: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    refusal: str = "",
) -> HTMLResponse:
    """Return a page.

    Args:
        desk: whose page it is.
        template: the name of its template, without ``.html``.
        view: everything that it shows.
        title: of the page.
        section: the name of the main place that it belongs to.
        status: of the answer.
        headers: more of them.
        refusal: why what somebody wanted to do was not done.
    """
    text = (
        _environment()
        .get_template(f"{template}.html")
        .render(
            view=view,
            title=title,
            section=section,
            times=desk.times,
            refusal=refusal,
            is_current=desk.request.url.path.__eq__,
            **_of_the_caller(desk.request),
        )
    )
    return HTMLResponse(text, status_code=status, headers=headers)


def then(address: str) -> RedirectResponse:
    """Return the answer to a form that was taken: the page to look at next, asked for by GET."""
    return RedirectResponse(address, status_code=303)


def address(path: str, **query: str | int | list[str] | tuple[str, ...] | None) -> str:
    """Return an address of ours with a query; what is empty or None is left out.

    >>> address("/", source=["a b"], before=None, kind="")
    '/?source=a+b'
    """
    given = {name: value for name, value in query.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def part(text: object) -> str:
    """Return a name as one part of an address, whatever stands in it.

    >>> part("a/b ?")
    'a%2Fb%20%3F'
    """
    return quote(str(text), safe="")


def readable(url: str) -> str:
    """Return an address as people read it: letters instead of the bytes that stand for them.

    >>> readable("https://a.example/%D8%A3%D8%A8/%20%FF")
    'https://a.example/%D8%A3%D8%A8/%20%FF'
    >>> readable("https://a.example/%D8%A3%D8%A8")
    'https://a.example/أب'
    """
    text = unquote(url, errors="replace")
    return wording.line(url if "\ufffd" in text else text)


def _of_the_caller(request: Request) -> dict[str, Any]:
    """Return what a page shows of who asks for it; strangers get no navigation, since it leads nowhere for them."""
    caller = caller_of(request)
    return {
        "form_token": form_token(request),
        "signed_in": caller.name if caller is not None and caller.way is Way.SESSION else "",
        "is_known": caller is not None,
        "searchable": caller is not None,
    }


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "EDITS": EDITS,
        "FORM_TOKEN": FIELD,
        "SECTIONS": SECTIONS,
        "TONES": TONES,
        "address": address,
        "ago": ago,
        "direction": direction,
        "direction_of": direction_of,
        "file": address_of,
        "language_of": language_of,
        "readable": readable,
        "wording": wording,
        "alert_words": alert_words,
    }
    environment.filters |= {"part": part, "line": wording.line, "language_name": language_name}
    return environment
