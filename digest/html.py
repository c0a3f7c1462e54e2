"""A digest as one whole HTML page that loads nothing, runs nothing, and reads well by eye and by ear, day and night."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from digest import alert_words, wording
from digest.layout import sections
from digest.model import Digest, DigestItem

TEMPLATES = Path(__file__).parent / "templates"

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")


def render_html(digest: Digest) -> str:
    """Return a digest as one HTML document, ending with a line feed.

    Every value passes through Jinja's autoescaping; the only markup besides the template's own is our stylesheet, and
    the page's Content-Security-Policy allows that by its hash and nothing else.
    """
    style = (TEMPLATES / "digest.css").read_text(encoding="utf-8")
    return _template().render(
        digest=digest,
        sections=sections(digest),
        style=Markup(style),  # noqa: S704 - a file of ours, with nothing scraped in it
        style_hash=b64encode(sha256(style.encode()).digest()).decode("ascii"),
        wording=wording,
        alert_words=alert_words,
        language_of=language_of,
        direction_of=direction_of,
    )


def language_of(language: str) -> str:
    """Return a language for ``lang``, empty (which HTML reads as unknown) where it is no BCP 47 tag.

    >>> language_of("ar-EG"), language_of("no language")
    ('ar-EG', '')
    """
    return language if _LANGUAGE_TAG.fullmatch(language) else ""


def direction_of(item: DigestItem) -> str:
    """Return ``dir`` for an item: that of its language or, where that is unknown, what its first letter says."""
    return item.direction if language_of(item.change.language) else "auto"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("digest.html")
