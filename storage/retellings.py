"""Reading stories: which articles tell the same, which may be translations, and what that rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, select

from storage.articles import ArticleIdentity, identities
from storage.rows import chunks
from storage.story_tables import StoryMember, Translation
from storage.tables import Article, Sighting, Source

Relation = Literal["same_story", "possible_translation"]
RELATIONS: tuple[Relation, ...] = ("same_story", "possible_translation")


@dataclass(frozen=True, kw_only=True, slots=True)
class Retelling:
    """Another article that tells what this one tells.

    ``since`` is when we found out. ``evidence`` is that of `news.story.Likeness` or `news.echoes.Echo`; None where each
    was matched with a third article of the story. ``sources`` are those that list the other article.
    """

    relation: Relation
    article_id: int
    other_id: int
    identity: ArticleIdentity
    url: str
    title: str
    language: str
    sources: tuple[str, ...]
    withdrawn: bool
    since: datetime
    evidence: dict[str, Any] | None


def stories_of(connection: Connection, article_ids: Iterable[int]) -> dict[int, int]:
    """Return the story of each of these articles that has one; a story bears the number of its first article."""
    found = select(StoryMember.article_id, StoryMember.story_id)
    return {
        row.article_id: row.story_id
        for chunk in chunks(sorted(set(article_ids)))
        for row in connection.execute(found.where(StoryMember.article_id.in_(chunk)))
    }


def retellings(connection: Connection, article_ids: Collection[int]) -> dict[int, tuple[Retelling, ...]]:
    """Return for each of these articles the others of its story, then its possible translations, oldest first."""
    pairs = [*_story_pairs(connection, article_ids), *_translation_pairs(connection, article_ids)]
    others = _others(connection, {other for _, _, other, _, _ in pairs})
    sources, named = _sources(connection, others), identities(connection, others)
    made: dict[int, list[Retelling]] = {}
    for relation, article_id, other_id, since, evidence in pairs:
        other = others.get(other_id)
        if other is None:
            continue
        made.setdefault(article_id, []).append(
            Retelling(
                relation=relation,
                article_id=article_id,
                other_id=other_id,
                identity=named[other_id],
                url=other.url,
                title=other.title,
                language=other.language,
                sources=sources.get(other_id, ()),
                withdrawn=other.withdrawn_at is not None,
                since=since,
                evidence=evidence,
            )
        )
    return {
        article_id: tuple(sorted(found, key=lambda each: (RELATIONS.index(each.relation), each.other_id)))
        for article_id, found in made.items()
    }


_Pair = tuple[Relation, int, int, datetime, dict[str, Any] | None]


def _story_pairs(connection: Connection, article_ids: Collection[int]) -> list[_Pair]:
    stories = stories_of(connection, article_ids)
    members: dict[int, list[Row[Any]]] = {}
    wanted: Select[Any] = select(*StoryMember.__table__.columns)
    for chunk in chunks(sorted(set(stories.values()))):
        for row in connection.execute(wanted.where(StoryMember.story_id.in_(chunk))):
            members.setdefault(row.story_id, []).append(row)
    pairs: list[_Pair] = []
    for article_id, story in stories.items():
        [own] = [row for row in members[story] if row.article_id == article_id]
        for row in members[story]:
            if row.article_id == article_id:
                continue
            # The match stands in the row of whoever came later.
            later = own if own.beside_id == row.article_id else row
            matched = later.beside_id in (article_id, row.article_id)
            since = max(own.linked_at, row.linked_at)
            pairs.append(
                ("same_story", article_id, row.article_id, since, later.evidence if matched else None)
            )
    return pairs


def _translation_pairs(connection: Connection, article_ids: Collection[int]) -> list[_Pair]:
    pairs: list[_Pair] = []
    wanted: Select[Any] = select(*Translation.__table__.columns)
    for ours, theirs in (
        (Translation.article_id, Translation.other_id),
        (Translation.other_id, Translation.article_id),
    ):
        for chunk in chunks(sorted(set(article_ids))):
            pairs.extend(
                ("possible_translation", row[ours.key], row[theirs.key], row["proposed_at"], row["evidence"])
                for row in connection.execute(wanted.where(ours.in_(chunk))).mappings()
            )
    return pairs


def _others(connection: Connection, ids: Iterable[int]) -> dict[int, Row[Any]]:
    wanted: Select[Any] = select(*Article.__table__.columns)
    return {
        row.id: row
        for chunk in chunks(sorted(ids))
        for row in connection.execute(wanted.where(Article.id.in_(chunk)))
    }


def _sources(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    names: dict[int, tuple[str, ...]] = {}
    listed = select(Sighting.article_id, Source.name).join(Source, Source.id == Sighting.source_id)
    for chunk in chunks(sorted(ids)):
        for row in connection.execute(listed.where(Sighting.article_id.in_(chunk)).order_by(Source.name)):
            names[row.article_id] = (*names.get(row.article_id, ()), row.name)
    return names
