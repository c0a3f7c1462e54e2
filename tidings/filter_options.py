"""What a subscription is told of, as the options of `tidings subscriptions add`, `edit` and `preview` say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.subscriptions import DigestFilter


class Kind(StrEnum):
    """`news.change.ChangeKind`, which is imported only when there is something to do."""

    PUBLISHED = "published"
    LISTED = "listed"
    EDITED = "edited"
    RETITLED = "retitled"
    REDATED = "redated"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


class Edits(StrEnum):
    """The least class of edit that is told: `news.redline.EditClass`."""

    COSMETIC = "cosmetic"
    MINOR = "minor"
    SUBSTANTIVE = "substantive"


OfSource = Annotated[
    list[str] | None, typer.Option("--source", metavar="SOURCE", help="Only of this source; may be repeated.")
]
OfLanguage = Annotated[
    list[str] | None,
    typer.Option(
        "--language", metavar="TAG", help="Only in this language (fr covers fr-CA); may be repeated."
    ),
]
OfSection = Annotated[
    list[str] | None,
    typer.Option(
        "--section",
        metavar="NAME",
        help="Only what its site files under this, by the category of a feed or its page; may be repeated.",
    ),
]
OfKind = Annotated[
    list[Kind] | None,
    typer.Option("--kind", help="Only what happened so; may be repeated. All but listed if it is left out."),
]
LeastEdits = Annotated[
    Edits | None,
    typer.Option("--edits", help="The least edit that is told; others are counted. minor if it is left out."),
]
Everything = Annotated[
    bool,
    typer.Option("--everything", help="Of all sources, in all languages, of all sections and kinds again."),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        metavar="WORDS",
        help="Only what holds these words side by side, or those of another --include; title: or body: before them "
        "says where, ' + ' between words asks for all of them. May be repeated.",
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="WORDS", help="Nothing that holds these words side by side. May be repeated."
    ),
]
AnyWords = Annotated[bool, typer.Option("--any-words", help="Whatever its words are, again.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterChoice:
    """What was said of a filter; None and False for what was not."""

    source: list[str] | None = None
    language: list[str] | None = None
    section: list[str] | None = None
    kind: list[Kind] | None = None
    edits: Edits | None = None
    everything: bool = False
    include: list[str] | None = None
    exclude: list[str] | None = None
    any_words: bool = False

    @property
    def of_news(self) -> dict[str, object]:
        """What means nothing for alerts, by its option."""
        return {
            "--language": self.language,
            "--section": self.section,
            "--kind": self.kind,
            "--edits": self.edits,
            "--include, --exclude": bool(self.include or self.exclude or self.any_words),
        }

    def filter(self, known: DigestFilter) -> DigestFilter | None:
        """Return a filter with what was said in the place of its own; None where nothing was.

        Raises:
            ConfigError: a rule of words cannot be read, or they are too many.
            typer.BadParameter: two options contradict each other.
        """
        wanted = self._worded(self._scoped(known))
        return None if self == FilterChoice() else wanted

    def _scoped(self, known: DigestFilter) -> DigestFilter:
        from news.change import ChangeKind
        from news.redline import EditClass
        from news.word_filter import checked_section
        from storage.subscriptions import TOLD_KINDS

        if self.everything and (self.source or self.language or self.section or self.kind):
            raise typer.BadParameter(
                "it goes without --source, --language, --section and --kind", param_hint="--everything"
            )
        if self.everything:
            known = replace(known, sources=(), languages=(), sections=(), kinds=TOLD_KINDS)
        return replace(
            known,
            sources=tuple(self.source) if self.source else known.sources,
            languages=tuple(self.language) if self.language else known.languages,
            sections=tuple(checked_section(each) for each in self.section)
            if self.section
            else known.sections,
            kinds=tuple(dict.fromkeys(map(ChangeKind, self.kind))) if self.kind else known.kinds,
            min_edit_class=EditClass(self.edits) if self.edits else known.min_edit_class,
        )

    def _worded(self, known: DigestFilter) -> DigestFilter:
        from news.word_filter import checked, word_filter

        if self.any_words and (self.include or self.exclude):
            raise typer.BadParameter("it goes without --include and --exclude", param_hint="--any-words")
        if self.any_words:
            return replace(known, include=(), exclude=())
        wanted = replace(
            known,
            include=checked(self.include) if self.include else known.include,
            exclude=checked(self.exclude) if self.exclude else known.exclude,
        )
        word_filter(wanted.include, wanted.exclude)
        return wanted


def refuse_unknown_sources(engine: Engine, wanted: DigestFilter) -> None:
    """Refuse a filter that names a source that there is not: a slip of the pen would look like silence.

    Raises:
        SourceError: for the first such source.
    """
    if wanted.sources:
        from storage.source_status import list_sources

        list_sources(engine, wanted.sources)
