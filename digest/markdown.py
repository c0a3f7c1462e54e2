"""A digest as CommonMark: links with encoded addresses, edits as ``<ins>`` and ``<del>``, scraped text escaped."""

from __future__ import annotations

import re

from digest import alert_words, wording
from digest.layout import sections
from digest.model import Alert, Digest, DigestItem
from digest.text import paragraphs
from news.redline import Op

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~!@$^&]|(?<=[Ww][Ww][Ww])\.|:(?=/)")
"""What CommonMark or its usual extensions read inside a line; ``www.`` and ``://``, since some link bare addresses."""

_AT_START = re.compile(r"(?:(?P<number>\d{1,9})(?=[.)])|(?=[-+=:]))")
"""What would make a line a list, a heading's underline or a definition."""

_TAGS: dict[Op, tuple[str, str]] = {
    "removed": ("<del>", "</del>"),
    "added": ("<ins>", "</ins>"),
    "same": ("", ""),
}


def render_markdown(digest: Digest) -> str:
    """Return a digest as CommonMark 0.31, ending with a line feed.

    ``<ins>`` and ``<del>`` are the only HTML: CommonMark has no mark-up for either, and where raw HTML is off they
    still read as what they are.
    """
    blocks = [
        f"# {escaped(wording.headline(digest))}",
        wording.long_moment(digest.composed_at),
        f"{alert_words.summary_of(digest)} ({alert_words.range_of(digest)})",
    ]
    if digest.alerts:
        blocks.append("\n".join(map(_alert, digest.alerts)))
    for section in sections(digest):
        blocks.append(f"## {section.title} ({section.size})")
        for group in section.groups:
            blocks.append(f"### {escaped(wording.line(group.place.title))}")
            blocks.append("\n".join(_item(item) for item in group.items).rstrip("\n"))
    if more := wording.more_of(digest):
        page = wording.link_to(digest.page) if digest.page else ""
        blocks.append(f"… [{escaped(more)}]({page})" if page else f"… {escaped(more)}")
    if digest.unread or digest.stretches:
        blocks.append("## Not being read")
        blocks.append("\n".join(_unread(digest)))
    blocks.extend(escaped(wording.quiet_of(quiet)) for quiet in digest.quiet)
    blocks.extend(note for note in (wording.remaining_of(digest), escaped(wording.hidden_of(digest))) if note)
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    r"""Return one line of safe text that reads in CommonMark as just that, inside a line or at its start.

    >>> print(escaped("1. [a](http://b) *c* <d> &amp; www.e.f"))
    1\. \[a\](http\://b) \*c\* \<d\> \&amp; www\.e.f
    """
    return _started(_inside(text))


def _item(item: DigestItem) -> str:
    title, link = escaped(wording.title_of(item.change)), wording.link_of(item.change)
    lines = [f"- **[{title}]({link})**" if link else f"- **{title}**"]
    if former := wording.formerly(item.change):
        lines.append(f"Formerly: <del>{escaped(former)}</del>")
    lines.append(wording.facts(item))
    lines.extend(_also(item))
    if item.excerpt:
        lines.append(escaped(wording.line(item.excerpt)))
    paragraphs = "".join(f"\n\n  > {line}" for line in _redline(item))
    return "\\\n  ".join(lines) + paragraphs + ("\n" if paragraphs else "")


def _also(item: DigestItem) -> list[str]:
    """Return a line for where else the item stands, and one for each of its possible translations."""
    at = [escaped(wording.name_of(place)) for place in item.also]
    translations: list[str] = []
    for other in wording.also_at(item):
        name = escaped(f"{other.place}: {other.title}" if other.title else other.place)
        shown = f"[{name}]({other.link})" if other.link else name
        if other.what == "also at":
            at.append(shown)
        else:
            translations.append(f"{other.what} {shown}")
    return [*([f"also at {', '.join(at)}"] if at else []), *translations]


def _redline(item: DigestItem) -> list[str]:
    """Return the redline's paragraphs as one line each, between blank lines of the quotation."""
    lines = [
        _started("".join(left + _inside(words) + right for _, left, words, right in paragraph.marked(_TAGS)))
        for paragraph in paragraphs(item.redline, item.change.language)
    ]
    return ["\n  >\n  > ".join(lines)] if lines else []


def _inside(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def _started(text: str) -> str:
    """Return escaped text that begins a line, with what would begin a block there escaped, too."""
    start = _AT_START.match(text)
    if start is None:
        return text
    number = start["number"] or ""
    return f"{number}\\{text[len(number) :]}"


def _alert(alert: Alert) -> str:
    words = alert_words.words_of(alert)
    lines = [f"- **{escaped(words.title)}**", escaped(words.detail)]
    if words.command:
        lines.append(escaped(words.command))
    return "\\\n  ".join(lines)


def _unread(digest: Digest) -> list[str]:
    lines = [
        f"- **{_name(unread.title, unread.source)}**: {escaped(wording.unread_of(unread))}"
        for unread in digest.unread
    ]
    lines.extend(
        f"- **{_name(stretch.title, stretch.source)}**: {escaped(wording.stretch_of(stretch))}"
        for stretch in digest.stretches
    )
    return lines


def _name(title: str, source: str) -> str:
    return escaped(wording.line(title) or wording.line(source))
