"""Stories in a digest: what several articles tell is shown once, with where else it stands; no change is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from digest.model import DigestItem, Place, Reference
from digest.naming import article_id
from digest.select import speaks
from news.change import ChangeKind
from storage.retellings import Retelling, retellings, stories_of
from storage.subscriptions import DigestFilter

MAX_ELSEWHERE = 8
"""References of one item; whoever wants all asks for the article."""


def told_once(
    connection: Connection, items: Sequence[DigestItem], wanted: DigestFilter, titles: Mapping[str, str]
) -> tuple[DigestItem, ...]:
    """Return the items with each story's later ones moved under its first, and references to what is not told here.

    Only what is new is moved: an edit is news of its own article.

    Args:
        connection: an open connection.
        items: in the order of the log.
        wanted: the reader's filter: he is not sent to sources and languages that he did not ask for.
        titles: those of the sources.
    """
    new = {item.change.article_id for item in items if _is_new(item)}
    if not new:
        return tuple(items)
    folded = fold(items, stories_of(connection, new))
    others = retellings(connection, new)
    return tuple(
        replace(item, elsewhere=_elsewhere(item, others, wanted, titles)) if _is_new(item) else item
        for item in folded
    )


def fold(items: Sequence[DigestItem], stories: Mapping[int, int]) -> list[DigestItem]:
    """Return the items with those that tell an earlier one's story again put under that one, in their order.

    :param stories: the story of each article that has one.
    """
    leading: dict[int, int] = {}
    retold: dict[int, list[DigestItem]] = {}
    for place, item in enumerate(items):
        story = stories.get(item.change.article_id) if _is_new(item) else None
        if story is None:
            continue
        first = leading.setdefault(story, place)
        if items[first].change.article_id != item.change.article_id:
            retold.setdefault(first, []).append(item)
    moved = {item.id for others in retold.values() for item in others}
    return [
        replace(item, retold=tuple(retold.get(place, ())))
        for place, item in enumerate(items)
        if item.id not in moved
    ]


def _is_new(item: DigestItem) -> bool:
    return item.change.kind in (ChangeKind.PUBLISHED, ChangeKind.LISTED)


def _elsewhere(
    item: DigestItem,
    others: Mapping[int, tuple[Retelling, ...]],
    wanted: DigestFilter,
    titles: Mapping[str, str],
) -> tuple[Reference, ...]:
    shown = {item.change.article_id} | {other.change.article_id for other in item.retold}
    found: dict[int, Reference] = {}
    for article in sorted(shown):
        for other in others.get(article, ()):
            source = _source_for(other, wanted)
            if other.other_id not in shown and source is not None:
                found.setdefault(other.other_id, _reference(other, source, titles))
    references = [found[number] for number in sorted(found)]
    return tuple(sorted(references, key=lambda each: each.relation != "same_story")[:MAX_ELSEWHERE])


def _source_for(other: Retelling, wanted: DigestFilter) -> str | None:
    """Return the source by which a reader may be sent to an article; None where he did not ask for any such."""
    if other.withdrawn or not speaks(other.language, wanted.languages):
        return None
    asked = [source for source in other.sources if not wanted.sources or source in wanted.sources]
    return asked[0] if asked else None


def _reference(other: Retelling, source: str, titles: Mapping[str, str]) -> Reference:
    return Reference(
        relation=other.relation,
        article=article_id(other.identity),
        url=other.url,
        title=other.title,
        language=other.language,
        place=Place(source=source, title=titles.get(source, source)),
    )
