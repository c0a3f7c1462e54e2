"""The shapes of docs/json.md as tables, read from the page itself, and a check of a real output against them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "json.md"
_ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
_PLAIN = {"text": str, "number": int, "real": float, "true or false": bool}
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?)?)?")


def shapes() -> dict[str, dict[str, str]]:
    """Return every documented object by its heading, each with its fields and their types."""
    text = PAGE.read_text(encoding="utf-8")
    sections = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    found = {
        name.strip().lower(): {field: kind.strip() for field, kind in _ROW.findall(body)}
        for name, body in zip(sections[1::2], sections[2::2], strict=True)
    }
    return {name: fields for name, fields in found.items() if fields}


def faults(value: Any, shape: str, where: str = "") -> list[str]:
    """Return how a value differs from a documented object: fields that lack, that nobody documented, wrong types."""
    where = where or shape
    fields = shapes()[shape]
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no object"]
    wrong = [f"{where}: {name} is missing" for name in fields if name not in value]
    wrong += [f"{where}: {name} is not documented" for name in value if name not in fields]
    for name in fields.keys() & value.keys():
        wrong += _faults_of(value[name], fields[name], f"{where}.{name}")
    return wrong


def _faults_of(value: Any, kind: str, where: str) -> list[str]:
    if value is None:
        return [] if "or null" in kind else [f"{where}: null"]
    kind = kind.removesuffix(" or null")
    if listed := re.fullmatch(r"list of (.+)", kind):
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        inner = listed[1]
        return [
            fault
            for number, each in enumerate(value)
            for fault in _faults_of(each, inner, f"{where}[{number}]")
        ]
    if linked := re.fullmatch(r"\[(.+)\]\(#[\w-]+\)", kind):
        return faults(value, linked[1].lower(), where)
    if kind == "counts":
        fits = isinstance(value, dict) and all(type(each) is int for each in value.values())
    elif kind == "time":
        fits = (
            isinstance(value, str)
            and value.endswith("Z")
            and datetime.fromisoformat(value).tzinfo is not None
        )
    elif kind == "date":
        fits = isinstance(value, str) and _DATE.fullmatch(value) is not None
    elif kind == "object":
        fits = isinstance(value, dict)
    elif kind.startswith("`"):
        fits = str(value) in re.findall(r"`(\w+)`", kind)
    else:
        fits = type(value) is _PLAIN[kind]
    return [] if fits else [f"{where}: {value!r} is not: {kind}"]
