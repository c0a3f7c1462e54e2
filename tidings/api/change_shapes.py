"""The shapes of changes and digests, as docs/json.md has them, for the description of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["published", "listed", "edited", "retitled", "redated", "withdrawn", "restored"]
Mark = Literal["retitled", "redated", "silent"]
EditClass = Literal["cosmetic", "minor", "substantive"]
Direction = Literal["ltr", "rtl"]


class Shape(BaseModel):
    """An object that says which version of the shapes it follows."""

    model_config = ConfigDict(populate_by_name=True)

    version: Literal[1] = Field(alias="schema")


class Change(Shape):
    """A row of the append-only log. Everything in it is of the moment of the change."""

    seq: int
    kind: Kind
    url: str
    title: str
    source: str
    published_at: str | None
    published_precision: str | None
    first_seen_at: datetime | None
    changed_at: datetime
    language: str | None
    dir: Direction
    revision: int
    edit_class: EditClass | None
    old_title: str | None
    old_published_at: str | None
    marks: list[Mark]
    reverts_to: int | None
    summary: str


class ChangePage(Shape):
    """Changes behind a cursor."""

    changes: list[Change]
    cursor: int
    more: bool
