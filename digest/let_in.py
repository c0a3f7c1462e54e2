"""What a subscription's sections and words let in of the log, by the texts as they were at each change, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from news.change import EDITS, Change, ChangeKind
from news.folding import fold
from news.word_filter import Matched, WordFilter, word_filter
from storage.changes import changes_of
from storage.feed_entries import openings, sections_of
from storage.rows import chunks
from storage.search_table import TEXT_AT_MOST
from storage.subscriptions import DigestFilter

_OF_ITSELF = (ChangeKind.WITHDRAWN, ChangeKind.RESTORED)
AT_ONCE = 200
"""Changes whose texts are held in memory together."""

Reasons = dict[int, Matched | None]
"""What is let in, by ``seq``, and the rule by which; None where everything is that is not left out."""


def let_in(connection: Connection, changes: Sequence[Change], wanted: DigestFilter) -> Reasons:
    """Return which of these changes a reader's sections and words let in, and why.

    They are looked for in the change's own title, and in its summary and text as that revision had them. Of a text that
    is kept no longer title and summary speak. Who was told of an article is also told that it went and came back,
    whatever its words were then.
    """
    if wanted.sections:
        changes = _in_sections(connection, changes, wanted.sections)
    rules = word_filter(wanted.include, wanted.exclude)
    if not rules:
        return dict.fromkeys(change.seq for change in changes)
    found = _judged(connection, changes, rules)
    for change in changes:
        if change.kind in _OF_ITSELF and change.seq not in found:
            earlier = changes_of(connection, change.article_id, before_seq=change.seq)
            if told := _judged(connection, earlier, rules):
                found[change.seq] = told[max(told)]
    return found


def brought_in(connection: Connection, let_in_: Sequence[Change], wanted: DigestFilter) -> frozenset[int]:
    """Return the edits by which an article came in of which nothing was let in before, of changes that are let in."""
    first: dict[int, Change] = {}
    for change in let_in_:
        first.setdefault(change.article_id, change)
    found = set()
    for change in first.values():
        if change.kind in EDITS:
            earlier = changes_of(connection, change.article_id, before_seq=change.seq)
            if not let_in(connection, earlier, wanted):
                found.add(change.seq)
    return frozenset(found)


def _in_sections(connection: Connection, changes: Sequence[Change], wanted: Collection[str]) -> list[Change]:
    asked = {fold(section).words for section in wanted}
    filed = sections_of(connection, {change.article_id for change in changes})
    return [
        change
        for change in changes
        if any(fold(section).words in asked for section in filed.get(change.article_id, ()))
    ]


def _judged(connection: Connection, changes: Sequence[Change], rules: WordFilter) -> Reasons:
    found: Reasons = {}
    for some in chunks(changes, AT_ONCE):
        texts = openings(connection, {(each.article_id, each.revision) for each in some}, limit=TEXT_AT_MOST)
        for change in some:
            text = texts.get((change.article_id, change.revision), "")
            is_in, reason = rules.judge(change.title, f"{change.summary}\n{text}")
            if is_in:
                found[change.seq] = reason
    return found
