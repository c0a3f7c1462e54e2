"""What somebody chose of the log: by its address it is a page, a feed, and the beginning of a subscription."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import Field

from digest import wording
from news.change import ChangeKind
from storage.subscriptions import TOLD_KINDS, DigestFilter

MOST_CHOICES = 50
KINDS: dict[str, tuple[str, tuple[ChangeKind, ...]]] = {
    "": ("Everything", TOLD_KINDS),
    "new": ("New articles", (ChangeKind.PUBLISHED,)),
    "edited": ("Edits", (ChangeKind.EDITED, ChangeKind.RETITLED, ChangeKind.REDATED)),
    "withdrawn": ("Withdrawn and restored", (ChangeKind.WITHDRAWN, ChangeKind.RESTORED)),
}
"""The choices of kind, by the word in the address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What somebody wants to see of the log."""

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kind: str = ""

    @property
    def wanted(self) -> DigestFilter:
        """The same as a subscription's filter."""
        return DigestFilter(sources=self.sources, languages=self.languages, kinds=KINDS[self.kind][1])

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Choice()

    @property
    def title(self) -> str:
        """What it is called where it has to have a name."""
        said = (*self.sources, *self.languages, *(KINDS[self.kind][:1] if self.kind else ()))
        return wording.line(", ".join(said)) or "All sources"

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The same as parameters of an address."""
        return (
            *(("source", each) for each in self.sources),
            *(("language", each) for each in self.languages),
            *((("kind", self.kind),) if self.kind else ()),
        )

    def address(self, path: str) -> str:
        """Return an address of ours with this choice in it."""
        return f"{path}?{urlencode(self.query)}" if self.query else path


Name = Annotated[str, Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Names = Annotated[list[Name], Query(max_length=MOST_CHOICES)]
Kind = Literal["", "new", "edited", "withdrawn"]


def chosen(
    source: Names = [],  # noqa: B006 - FastAPI copies it
    language: Names = [],  # noqa: B006
    kind: Kind = "",
) -> Choice:
    """Return what the address of a request chooses."""
    return Choice(
        sources=tuple(dict.fromkeys(filter(None, source))),
        languages=tuple(dict.fromkeys(filter(None, language))),
        kind=kind,
    )


Chosen = Annotated[Choice, Depends(chosen)]
"""A parameter of a page that gets it."""
