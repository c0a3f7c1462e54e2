"""Deciding what of the log a reader is told: the filter, what it hides, and ``listed`` folded into its article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from news.change import Change, ChangeKind, EditMark
from news.redline import EditClass
from storage.subscriptions import DigestFilter

_KINDS = (EditMark.RETITLED, EditMark.REDATED)
CLASS_ORDER = (EditClass.NONE, EditClass.COSMETIC, EditClass.MINOR, EditClass.SUBSTANTIVE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What is told, in the order of the log.

    ``also`` maps an article to the sources that listed it, too. ``hidden`` counts what the filter left out, by edit
    class or kind. ``upto_seq`` is where the selection ends, ``remaining`` how many changes stand after it.
    """

    told: tuple[Change, ...]
    also: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    hidden: tuple[tuple[str, int], ...] = ()
    upto_seq: int
    remaining: int = 0


def select(
    changes: Sequence[Change],
    wanted: DigestFilter,
    *,
    upto_seq: int,
    first_told: Mapping[int, int] | None = None,
    limit: int | None = None,
) -> Selection:
    """Decide what of some changes is told.

    Args:
        changes: those after the cursor of the sources that the filter names, in order.
        wanted: the reader's filter.
        upto_seq: the end of the log that was read.
        first_told: for a filter with sources, the ``seq`` by which these first told of an article. Where that is a
            ``listed`` (another source had announced it), this reader is told of it as of a new one.
        limit: at most so many are told; the selection then ends after the last of them.
    """
    in_scope = [change for change in changes if speaks(change.language, wanted.languages)]
    told = [change for change in in_scope if _is_told(change, wanted, first_told or {})]
    remaining = 0
    if limit is not None and len(told) > limit:
        told = told[:limit]
        upto_seq = told[-1].seq
        remaining = sum(change.seq > upto_seq for change in in_scope)
        in_scope = [change for change in in_scope if change.seq <= upto_seq]
    also = _also(in_scope, told)
    hidden: Counter[str] = Counter()
    shown = {change.seq for change in told}
    for change in in_scope:
        folded = change.kind is ChangeKind.LISTED and change.article_id in also
        if change.seq not in shown and not folded:
            hidden[_label(change)] += 1
    return Selection(
        told=tuple(told),
        also=also,
        hidden=tuple(sorted(hidden.items())),
        upto_seq=upto_seq,
        remaining=remaining,
    )


def speaks(language: str, wanted: Collection[str]) -> bool:
    """Return whether a language is wanted (RFC 4647, basic filtering); an unknown one always is.

    >>> speaks("fr-CA", ["fr"]), speaks("fr", ["ar"]), speaks("", ["ar"])
    (True, False, True)
    """
    tag = language.lower()
    return (
        not wanted
        or not tag
        or any(tag == one or tag.startswith(f"{one}-") for one in map(str.lower, wanted))
    )


def _is_told(change: Change, wanted: DigestFilter, first_told: Mapping[int, int]) -> bool:
    if change.kind is ChangeKind.LISTED and first_told.get(change.article_id) == change.seq:
        return ChangeKind.PUBLISHED in wanted.kinds or ChangeKind.LISTED in wanted.kinds
    # Whoever asks for new titles and dates is told of them, whatever else the edit was.
    if any(ChangeKind(mark) in wanted.kinds for mark in change.marks if mark in _KINDS):
        return True
    if change.kind is ChangeKind.EDITED and _below(change.edit_class, wanted.min_edit_class):
        return False
    return change.kind in wanted.kinds


def _below(found: EditClass, least: EditClass) -> bool:
    return CLASS_ORDER.index(found) < CLASS_ORDER.index(least)


def _also(in_scope: Sequence[Change], told: Sequence[Change]) -> dict[int, tuple[str, ...]]:
    """Return for each told article the other sources that listed it in the range, in the order of the log."""
    owners: dict[int, Change] = {}
    for change in told:
        owners.setdefault(change.article_id, change)
    also: dict[int, tuple[str, ...]] = {}
    shown = {change.seq for change in told}
    for change in in_scope:
        owner = owners.get(change.article_id)
        if change.kind is not ChangeKind.LISTED or change.seq in shown or owner is None:
            continue
        known = also.setdefault(change.article_id, ())
        if change.source != owner.source and change.source not in known:
            also[change.article_id] = (*known, change.source)
    return also


def _label(change: Change) -> str:
    """Return what a hidden change is counted as: an edit by its class, anything else by its kind."""
    return str(change.edit_class if change.kind is ChangeKind.EDITED else change.kind)
