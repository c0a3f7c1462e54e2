"""What somebody chose of the log: by its address it is a page, a feed, and the beginning of a subscription."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import Field

from digest import wording
from news.change import ChangeKind
from news.search_query import rules_of
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
    """What somebody wants to see of the log; ``words`` as they are searched for."""

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kind: str = ""
    words: str = ""

    @property
    def wanted(self) -> DigestFilter:
        """The same as a subscription's filter.

        Raises:
            QueryError: there is nothing to look for in the words, or too much.
            ConfigError: they are too long for a subscription.
        """
        include, exclude = rules_of(self.words) if self.words else ((), ())
        return DigestFilter(
            sources=self.sources,
            languages=self.languages,
            kinds=KINDS[self.kind][1],
            include=include,
            exclude=exclude,
        )

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Choice()

    @property
    def title(self) -> str:
        """What it is called where it has to have a name."""
        kind = KINDS[self.kind][:1] if self.kind else ()
        said = (*filter(None, [self.words]), *self.sources, *self.languages, *kind)
        return wording.line(", ".join(said)) or "All sources"

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The same as parameters of an address."""
        return (
            *((("q", self.words),) if self.words else ()),
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


def searched(choice: Chosen, words: Annotated[str, Query(alias="q")] = "") -> Choice:
    """Return what the address of a request chooses, with words."""
    return replace(choice, words=words.strip())


Searched = Annotated[Choice, Depends(searched)]
"""The same with words, of a page that heeds them."""
