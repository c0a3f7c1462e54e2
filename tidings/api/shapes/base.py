"""What all shapes share: the version of the shapes, and the words that several of them use."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["published", "listed", "edited", "retitled", "redated", "withdrawn", "restored"]
Mark = Literal["retitled", "redated", "silent"]
ToldEditClass = Literal["cosmetic", "minor", "substantive"]
EditClass = Literal["none", "cosmetic", "minor", "substantive"]
Direction = Literal["ltr", "rtl"]
Verdict = Literal["ok", "not_modified", "partial", "suspect", "failed"]
Channel = Literal["listing", "feed", "wordpress", "sitemap"]


class Shape(BaseModel):
    """An object that says which version of the shapes it follows."""

    model_config = ConfigDict(populate_by_name=True)

    version: Literal[1] = Field(alias="schema")
