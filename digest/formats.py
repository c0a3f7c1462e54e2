"""The formats of a digest, by name: each a pure function, so that the same digest gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from digest.atom import render_atom
from digest.csv import render_csv
from digest.html import render_html
from digest.json import render_json
from digest.jsonfeed import render_jsonfeed
from digest.markdown import render_markdown
from digest.model import Digest
from digest.rss import render_rss
from digest.text import render_text


class Format(StrEnum):
    """What a digest can be rendered as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"
    CSV = "csv"
    ATOM = "atom"
    RSS = "rss"
    JSONFEED = "jsonfeed"


RENDERERS: dict[Format, Callable[[Digest], str]] = {
    Format.TEXT: render_text,
    Format.MARKDOWN: render_markdown,
    Format.HTML: render_html,
    Format.JSON: render_json,
    Format.CSV: render_csv,
    Format.ATOM: render_atom,
    Format.RSS: render_rss,
    Format.JSONFEED: render_jsonfeed,
}

ENDINGS: dict[Format, str] = {
    Format.TEXT: "txt",
    Format.MARKDOWN: "md",
    Format.HTML: "html",
    Format.JSON: "json",
    Format.CSV: "csv",
    Format.ATOM: "atom",
    Format.RSS: "rss",
    Format.JSONFEED: "json",
}
"""How a file of each format ends, without the dot."""


def render(digest: Digest, format: Format | str) -> str:  # noqa: A002
    """Return a digest in a format, ending with a line feed; text is UTF-8 when it is written.

    CSV has its own line ends, which have to stay as they are.

    Raises:
        ValueError: there is no such format.
    """
    return RENDERERS[Format(format)](digest)
