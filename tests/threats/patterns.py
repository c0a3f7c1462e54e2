"""Every regular expression of the house: where it stands, how it is asked, and texts that would make it backtrack.

A pattern that takes quadratic time on some text shows it on a repetition of one or two of the characters that it speaks
of, followed by one that it does not expect. So the characters are taken out of the pattern itself.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The only reader of patterns that agrees with the engine is the engine's own; its names are as old as `sre_parse`.
from re import _constants as codes  # isort: skip
from re import _parser as parser  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("news", "storage", "crawler", "digest", "scheduler", "tidings")
ANCHORED = {"match", "fullmatch"}
ASKING = ANCHORED | {"search", "sub", "subn", "split", "findall", "finditer"}
NEVER = "\0"
"""Ends every text: no pattern of ours expects it."""
_OF_CATEGORY = {"DIGIT": "1", "SPACE": " ", "WORD": "a", "NOT_DIGIT": "a", "NOT_SPACE": "a", "NOT_WORD": "-"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One pattern, and whether it is only ever asked about the beginning of a text."""

    where: str
    pattern: re.Pattern[str]
    anchored: bool

    def seconds(self, text: str) -> float:
        """Return the processor's time for asking it about a whole text."""
        begin = time.process_time()
        if self.anchored:
            self.pattern.match(text)
        else:
            for _ in self.pattern.finditer(text):
                pass
        return time.process_time() - begin


def all_asked() -> list[Asked]:
    """Return every pattern of the packages, compiled in a module or written where it is asked."""
    found: dict[tuple[str, int], Asked] = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        where = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        if "migrations" in where or where.endswith(("__main__", "__init__")):
            continue
        asked = _methods_of(path)
        for name, pattern in _patterns_in(vars(importlib.import_module(where))):
            methods = asked.get(name, ASKING)
            _keep(found, Asked(where=f"{where}.{name}", pattern=pattern, anchored=methods <= ANCHORED))
        for method, written in _written(path):
            one = Asked(where=where, pattern=re.compile(written), anchored=method in ANCHORED)
            _keep(found, one)
    return list(found.values())


def _keep(found: dict[tuple[str, int], Asked], one: Asked) -> None:
    key = (one.pattern.pattern, one.pattern.flags)
    if key not in found or not one.anchored:
        found[key] = one


def _patterns_in(names: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name, value in names.items():
        for each in _inside(value, 3):
            if isinstance(each.pattern, str):
                yield name, each


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for each in itertools.chain(value, value.values()):
            yield from _inside(each, depth - 1)
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _inside(each, depth - 1)


def _methods_of(path: Path) -> dict[str, set[str]]:
    """Return by which methods the names of a module are asked; a name that is passed on is not known here."""
    found: dict[str, set[str]] = {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in ASKING:
            found.setdefault(node.value.id, set()).add(node.attr)
            called.add(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in called:
            found.get(node.id, set()).update(ASKING)
    return found


def _written(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in ASKING:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.func.attr, first.value


def pumps(pattern: re.Pattern[str]) -> list[str]:
    """Return pieces that, repeated, make a pattern try again and again."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    known = list(dict.fromkeys(_characters(tree)))
    pairs = ["".join(pair) for pair in itertools.permutations(known[:6], 2)]
    return list(dict.fromkeys([*known[:12], *pairs, "".join(known[:8]), *_words(tree)]))


def _characters(tree: Any) -> Iterator[str]:
    for code, value in tree:
        if code is codes.LITERAL:
            yield chr(value)
        elif code in (codes.ANY, codes.NOT_LITERAL):
            yield "z"
        elif code is codes.IN:
            yield from _of_class(value)
        else:
            for inner in _trees_in(value):
                yield from _characters(inner)


def _of_class(members: Any) -> Iterator[str]:
    if members[0][0] is codes.NEGATE:
        yield "y"
    for code, value in members:
        if code is codes.LITERAL:
            yield chr(value)
        elif code is codes.RANGE:
            yield chr(value[0])
        elif code is codes.CATEGORY:
            yield _OF_CATEGORY.get(str(value).removeprefix("CATEGORY_"), "a")


def _trees_in(value: Any) -> Iterator[Any]:
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _trees_in(each)


def _words(tree: Any) -> Iterator[str]:
    """Yield the runs of literal characters on the outermost level."""
    for literal, run in itertools.groupby(tree, key=lambda step: step[0] is codes.LITERAL):
        if literal:
            yield "".join(chr(value) for _, value in run)
