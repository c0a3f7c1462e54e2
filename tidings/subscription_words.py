"""The options by which a subscription asks for words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from storage.subscriptions import DigestFilter

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


def with_words(
    known: DigestFilter, include: list[str] | None, exclude: list[str] | None, *, any_words: bool = False
) -> DigestFilter | None:
    """Return a filter with these words in the place of its own; None where nothing of them is said.

    Raises:
        ConfigError: a rule cannot be read, or they are too many.
        typer.BadParameter: words are given, and none are wanted.
    """
    from dataclasses import replace

    from news.word_filter import checked, word_filter

    if any_words and (include or exclude):
        raise typer.BadParameter("it goes without --include and --exclude", param_hint="--any-words")
    if any_words:
        return replace(known, include=(), exclude=())
    if not include and not exclude:
        return None
    wanted = replace(
        known,
        include=checked(include) if include else known.include,
        exclude=checked(exclude) if exclude else known.exclude,
    )
    word_filter(wanted.include, wanted.exclude)
    return wanted
