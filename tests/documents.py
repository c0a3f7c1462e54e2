"""Markdown pages as tests need them: their fenced examples, their files, their links.

A ``console`` block is an example that runs: lines that begin with ``$`` are commands, what follows is their output.
All blocks of a page run one after the other in one directory. ``[...]`` stands for any text within a line and, alone
on a line, for any lines. Two comments, which readers do not see, say more of the block below them:
``<!-- file: name -->`` that it is a file of the example, and ``<!-- not run: reason -->`` that it is not run.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LEFT_OUT = "[...]"

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w+-]*)[ \t]*\n(?P<body>.*?)^(?P=indent)```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_REMARK = re.compile(r"<!-- (file|not run): (.+?) -->\s*\Z")
_LINK = re.compile(r"(?<!!)\[[^\]\[]+\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
_SHELL = frozenset(("|", ">", "&", "&&", ";", "2>"))
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block; ``line`` is where its fence stands, ``file`` and ``not_run`` what a comment above it says."""

    language: str
    text: str
    line: int
    file: str = ""
    not_run: str = ""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command of a console block, and what it must print."""

    line: int
    command: str
    output: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        remark = _REMARK.search(text[: found.start()])
        said = {"file": "", "not run": ""} | ({remark[1]: remark[2]} if remark else {})
        yield Block(
            language=found["language"],
            text=found["body"],
            line=text.count("\n", 0, found.start()) + 1,
            file=said["file"],
            not_run=said["not run"],
        )


def commands(block: Block) -> Iterator[Command]:
    """Split a console block into commands; a line that ends in a backslash goes on in the next."""
    command, line = "", 0
    output: list[str] = []
    for number, text in enumerate(block.text.splitlines(), block.line + 1):
        if command.endswith("\\"):
            command = command[:-1] + text.strip()
        elif text.startswith("$ "):
            if command:
                yield Command(line=line, command=command, output="\n".join(output))
            command, output, line = text[2:], [], number
        else:
            output.append(text)
    if command:
        yield Command(line=line, command=command, output="\n".join(output))


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    for found in _LINK.finditer(prose(page)):
        yield found[1] or found[2]


def anchors(page: Path) -> set[str]:
    """Return the names under which the headings of a page can be reached, as Git hosts make them."""
    titles = (re.sub(r"[`*]", "", title).lower() for title in _HEADING.findall(prose(page)))
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title)) for title in titles}


def invocations(page: Path, program: str) -> Iterator[list[str]]:
    """Return the arguments of every ``program …`` that a page tells people to type, in blocks and in prose."""
    typed: list[str] = _SPAN.findall(prose(page).replace("\n", " "))
    for block in blocks(page):
        if block.language == "console":
            typed += [each.command for each in commands(block)]
        elif block.language in {"sh", "ini", ""}:
            typed += block.text.replace("\\\n", " ").splitlines()
    for text in typed:
        yield from typed_in(text, program)


def typed_in(text: str, program: str) -> Iterator[list[str]]:
    """Return the arguments of every ``program …`` in a line."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return
    for place, word in enumerate(words):
        named = word.rpartition("/")[2] == program
        if named and (place == 0 or words[0].startswith("ExecStart=") or "=" in words[place - 1]):
            yield list(
                itertools.takewhile(
                    lambda each: each not in _SHELL and not each.endswith(";"), words[place + 1 :]
                )
            )


def agrees(expected: str, real: str) -> bool:
    """Return whether an output is what an example shows, apart from what it leaves out and from white space at ends."""
    pattern = ""
    lines = expected.strip("\n").splitlines()
    for line in lines:
        if line.strip() == LEFT_OUT:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.rstrip().split(LEFT_OUT))) + r"[ \t]*\n"
    return re.fullmatch(pattern, real.strip("\n") + "\n" if real.strip("\n") else "") is not None
