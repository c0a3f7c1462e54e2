"""One article with all that is known of it, and its redlines, as ``--json`` and the HTTP API tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from news.redline import redline
from tidings.json_output import article_json, correction_json, edit_json, name_json, retelling_json

if TYPE_CHECKING:
    from news.redline import Span
    from news.revision import RevisionText
    from storage.articles import ArticleName, ArticleRow
    from storage.correcting import CorrectionRow
    from storage.retellings import Retelling


def article_detail_json(
    article: ArticleRow,
    *,
    known_by: Sequence[ArticleName],
    captured: Sequence[RevisionText],
    others: Sequence[Retelling],
    said: Sequence[CorrectionRow],
) -> dict[str, Any]:
    """Return an article with its names, its edits, what tells the same, and what people said of it."""
    return {
        **article_json(article),
        "addresses": [each.name for each in known_by if not each.is_id],
        "known_by": [name_json(each) for each in known_by],
        "edits": [edit_json(revision) for revision in captured[1:]],
        "retellings": [retelling_json(other) for other in others],
        "corrections": [correction_json(each) for each in said],
    }


def redlines(captured: Sequence[RevisionText]) -> list[tuple[RevisionText, tuple[Span, ...]]]:
    """Return each revision with the difference of its text from the one before.

    The first has none, and neither has one beside a text that was pruned.
    """
    drawn: list[tuple[RevisionText, tuple[Span, ...]]] = []
    for number, revision in enumerate(captured):
        before = captured[number - 1] if number else revision
        known = before.pruned_at is None and revision.pruned_at is None
        spans = redline(before.body_text, revision.body_text) if number and known else ()
        drawn.append((revision, spans))
    return drawn
