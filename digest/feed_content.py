"""What a feed's entry says, as a piece of HTML of ours: every scraped word in it is text, with its language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from digest.html import TEMPLATES, language_of
from digest.wording import AlsoAt
from news.redline import Op
from news.text import direction


def entry_html(
    *,
    language: str,
    facts: str,
    former: str = "",
    paragraphs: Sequence[str] = (),
    redline: Sequence[tuple[Op, str]] = (),
    also: Sequence[AlsoAt] = (),
) -> str:
    """Return the content of an entry, without a line feed at its end.

    There is nothing in it but ``div``, ``p``, ``span``, ``blockquote``, ``ins``, ``del``, ``ul``, ``li`` and links to
    http and https addresses: readers of feeds strip much else, and warn of it.

    Args:
        language: tag of the text's language; its direction follows, where it is unknown the first letter decides.
        facts: what happened and when, in English.
        former: the title before, empty if it is the same.
        paragraphs: of the text.
        redline: what an edit changed, as `digest.wording.pieces` gives it.
        also: where else the same stands.
    """
    tag = language_of(language)
    return (
        _template()
        .render(
            language=tag,
            direction=direction(tag) if tag else "auto",
            facts=facts,
            former=former,
            paragraphs=paragraphs,
            redline=redline,
            also=also,
            language_of=language_of,
        )
        .rstrip("\n")
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("feed_entry.html")
