"""Stories in the database: linking what tells the same, inside the transaction that settles it.

Nothing here touches an article, a revision or the log: stories can be worked out again from these at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select

from news.dates import Precision
from news.story import Likeness, Telling, place, translations
from storage import rows
from storage.story_keys import Index
from storage.story_tables import StoryMember, Translation
from storage.tables import Article, Revision, Source

AT_ONCE = 200
"""Articles whose texts are held in memory together."""
AHEAD = timedelta(days=2)
"""How far in the future a date of publication may lie and be believed."""
TO_THE_DAY = frozenset({Precision.SECOND, Precision.MINUTE, Precision.DAY})
_TOLD: tuple[Any, ...] = (
    Article.id,
    Article.host,
    Article.language,
    Article.title,
    Article.published_at,
    Article.published_precision,
    Article.first_seen_at,
    Revision.body_text,
)
_NEWEST = and_(Revision.article_id == Article.id, Revision.number == Article.revision)
_STANDS_FOR_ITSELF = (Article.merged_into.is_(None), Article.forgotten_at.is_(None))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Membership:
    story: int
    beside: int | None
    evidence: dict[str, Any] | None
    linked_at: datetime


def link_stories(connection: Connection, article_ids: Iterable[int], *, now: datetime) -> None:
    """Decide of which stories these articles are, and of what they may be translations: they are new, or were edited.

    An edit may end what an earlier text was the evidence for, so the whole story of an edited article is decided anew.
    An article whose text was taken away leaves its story, and so does one that was merged into another or forgotten:
    call this before its row is removed.
    """
    for some in rows.chunks(sorted(set(article_ids)), AT_ONCE):
        _Linking(connection, now).run(some)


@dataclass(slots=True)
class _Linking:
    """The linking of some articles: what is known of stories, as it changes while they are decided in order."""

    connection: Connection
    now: datetime
    tellings: dict[int, Telling] = field(default_factory=dict)
    members: dict[int, _Membership] = field(default_factory=dict)
    before: dict[int, _Membership] = field(default_factory=dict)
    languages: dict[str, set[str]] = field(default_factory=dict)

    def run(self, article_ids: Sequence[int]) -> None:
        self._load(article_ids)
        new = [self.tellings[each] for each in article_ids if each in self.tellings]
        index = Index(self.connection, article_ids, new)
        likes = {telling.article_id: index.likes(telling) for telling in new}
        echoes = {telling.article_id: index.echoes(telling) for telling in new}
        again = self._dissolve(sorted(index.known))
        self._know({other for found in (*likes.values(), *echoes.values()) for other in found})
        waiting = {*likes, *again}
        for article_id in sorted(waiting):
            candidates = {*likes.get(article_id, ()), *again.get(article_id, ())} - {article_id}
            # Whoever comes later in the order finds this one: so it makes no difference what is decided together.
            self._place(article_id, {each for each in candidates if each not in waiting or each < article_id})
        self._write()
        self._retract(sorted(index.known))
        self._propose(new, echoes)

    # What is known.

    def _load(self, article_ids: Iterable[int]) -> None:
        missing = sorted(set(article_ids) - set(self.tellings))
        for some in rows.chunks(missing):
            query = select(*_TOLD).join(Revision, _NEWEST).where(Article.id.in_(some), *_STANDS_FOR_ITSELF)
            found = self.connection.execute(query).all()
            alone = self._of_one_language({row.host for row in found})
            self.tellings.update({row.id: _telling(row, alone=row.host in alone) for row in found})

    def _of_one_language(self, hosts: Iterable[str]) -> set[str]:
        """Return those of these hosts of which all sources are declared to speak one and the same language."""
        unknown = sorted(set(hosts) - self.languages.keys())
        self.languages |= {host: set() for host in unknown}
        for some in rows.chunks(unknown):
            spoken = Source.definition["language"].as_string()
            for host, language in self.connection.execute(
                select(Source.host, spoken).where(Source.host.in_(some))
            ):
                self.languages[host].add((language or "").lower().partition("-")[0])
        return {host for host, spoken in self.languages.items() if len(spoken) == 1 and "" not in spoken}

    def _know(self, article_ids: Iterable[int]) -> None:
        """Load these articles with the members of their stories."""
        article_ids = set(article_ids)
        if not article_ids:
            return
        stories = self._memberships(StoryMember.article_id, article_ids)
        self._memberships(StoryMember.story_id, {each.story for each in stories.values()})
        self._load(article_ids | self.members.keys())

    def _memberships(self, column: Any, values: Iterable[int]) -> dict[int, _Membership]:
        found: dict[int, _Membership] = {}
        for some in rows.chunks(sorted(set(values))):
            query = select(StoryMember.__table__).where(column.in_(some))
            found.update({row.article_id: _membership(row) for row in self.connection.execute(query)})
        # What was decided in this transaction already is not what is stored.
        fresh = {key: each for key, each in found.items() if key not in self.before}
        self.before |= fresh
        self.members |= fresh
        return found

    def _dissolve(self, article_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Take the stories of these articles apart; return who was in them, each with its former fellows."""
        self._know(article_ids)
        ended = {self.members[each].story for each in article_ids if each in self.members}
        fellows = {
            story: tuple(sorted(each for each, known in self.members.items() if known.story == story))
            for story in ended
        }
        self.members = {each: known for each, known in self.members.items() if known.story not in ended}
        return {each: members for members in fellows.values() for each in members}

    # Deciding.

    def _place(self, article_id: int, candidates: Iterable[int]) -> None:
        if article_id not in self.tellings:
            return
        known = [self.tellings[other] for other in sorted(candidates) if other in self.tellings]
        of = {
            each.article_id: self.members[each.article_id].story
            for each in known
            if each.article_id in self.members
        }
        stories = {story: self._told_in(story) for story in set(of.values())}
        placed = place(self.tellings[article_id], known, stories, of)
        if placed is None:
            return
        story = placed.story
        if story is None:
            story = placed.beside
            self.members[story] = self._member(story, story, None, None)
        self.members[article_id] = self._member(article_id, story, placed.beside, placed.evidence)
        self._renumber(story)

    def _told_in(self, story: int) -> list[Telling]:
        members = sorted(each for each, known in self.members.items() if known.story == story)
        return [self.tellings[each] for each in members if each in self.tellings]

    def _renumber(self, story: int) -> None:
        """Give a story the number of its first article."""
        members = [each for each, known in self.members.items() if known.story == story]
        first = min(members)
        if first != story:
            for each in members:
                known = self.members[each]
                self.members[each] = _Membership(
                    story=first, beside=known.beside, evidence=known.evidence, linked_at=known.linked_at
                )

    def _member(
        self, article_id: int, story: int, beside: int | None, evidence: Likeness | None
    ) -> _Membership:
        before = self.before.get(article_id)
        return _Membership(
            story=story,
            beside=beside,
            evidence=rows.dump(evidence) if evidence is not None else None,
            linked_at=before.linked_at if before is not None else self.now,
        )

    # Writing.

    def _write(self) -> None:
        gone = [each for each, known in self.before.items() if self.members.get(each) != known]
        for some in rows.chunks(sorted(gone)):
            self.connection.execute(delete(StoryMember).where(StoryMember.article_id.in_(some)))
        new = [
            {
                "article_id": article_id,
                "story_id": each.story,
                "beside_id": each.beside,
                "evidence": each.evidence,
                "linked_at": each.linked_at,
            }
            for article_id, each in sorted(self.members.items())
            if self.before.get(article_id) != each
        ]
        if new:
            self.connection.execute(insert(StoryMember), new)

    def _retract(self, article_ids: Sequence[int]) -> None:
        for some in rows.chunks(article_ids):
            touched = or_(Translation.article_id.in_(some), Translation.other_id.in_(some))
            self.connection.execute(delete(Translation).where(touched))

    def _propose(self, new: Sequence[Telling], echoes: dict[int, list[int]]) -> None:
        pairs: dict[tuple[int, int], dict[str, Any]] = {}
        for telling in new:
            found = [
                other
                for other in echoes[telling.article_id]
                if other not in echoes or other < telling.article_id
            ]
            candidates = [self.tellings[other] for other in found if other in self.tellings]
            for proposed in translations(telling, candidates):
                pair = (max(telling.article_id, proposed.other), min(telling.article_id, proposed.other))
                pairs[pair] = rows.dump(proposed.evidence)
        if pairs:
            self.connection.execute(
                insert(Translation),
                [
                    {"article_id": a, "other_id": b, "evidence": why, "proposed_at": self.now}
                    for (a, b), why in sorted(pairs.items())
                ],
            )


def _membership(row: Row[Any]) -> _Membership:
    return _Membership(
        story=row.story_id, beside=row.beside_id, evidence=row.evidence, linked_at=row.linked_at
    )


def _telling(row: Row[Any], *, alone: bool) -> Telling:
    told = row.published_at if row.published_precision in TO_THE_DAY else None
    believed = told is not None and told <= row.first_seen_at + AHEAD
    return Telling(
        article_id=row.id,
        host=row.host,
        language=row.language,
        title=row.title,
        body_text=row.body_text,
        at=told if told is not None and believed else row.first_seen_at,
        alone=alone,
    )
