"""Write an outcome: every row that settling a run makes, inside its transaction."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from news.article import Validators
from news.change import Change
from news.dates import Stamp
from news.known import FORMERLY, ArticleState, HandedOver, NewRevision, Outcome
from news.text import title_key
from news.urls import host_key, url_key
from storage import columns, rows, tables
from storage.searching import index_articles
from storage.stories import link_stories
from storage.tables import Alias, Article, Counter, Pending, Revision, Sighting, Validator

RAW_AT_MOST = 512 * 1024
"""Bytes of raw HTML kept for the newest revision, before compression."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeper:
    """Writes one run's outcome. ``moment`` is the settling's time, ``run_id`` the run's row."""

    connection: Connection
    moment: datetime
    source_id: int
    source: str
    run_id: int
    extractor: str

    def keep(self, outcome: Outcome) -> tuple[Change, ...]:
        """Write all rows of ``outcome`` and return its changes with their ``seq``."""
        self._hand_over(outcome.handed_over)
        ids = self._articles(outcome.articles, outcome)
        self._aliases(outcome, ids)
        self._revisions(outcome.revisions, ids)
        link_stories(self.connection, {ids[each.article] for each in outcome.revisions}, now=self.moment)
        index_articles(self.connection, (ids.get(state.key, state.id) for state in outcome.articles))
        self._sightings(outcome, ids)
        self._pending(outcome)
        self.validators(outcome.look_validators)
        return self._changes(outcome, ids)

    def _hand_over(self, given: Sequence[HandedOver]) -> None:
        """Let addresses lead nowhere that their site gave to other articles, before these are written."""
        for each in given:
            address = Alias.key == each.address
            if each.key == each.article:
                self.connection.execute(delete(Alias).where(address))
            else:
                kept = update(Alias).where(address).values(key=each.key, evidence=FORMERLY)
                self.connection.execute(kept)
            values: dict[str, Any] = {"key": each.key}
            if each.is_astray:
                values["next_look_at"] = None
            self.connection.execute(update(Article).where(Article.id == each.article_id).values(**values))

    def _articles(self, states: Sequence[ArticleState], outcome: Outcome) -> dict[str, int]:
        new = [self._article(state) for state in states if not state.id]
        old = [self._article(state) | {"row_id": state.id} for state in states if state.id]
        if new:
            self.connection.execute(insert(Article), new)
        if old:
            table = _table(Article)
            values: dict[str, Any] = {
                name: bindparam(name) for name in old[0] if name not in _FIXED | {"row_id"}
            }
            self.connection.execute(
                update(table).where(table.c.id == bindparam("row_id")).values(values), old
            )
        wanted = {alias.article for alias in outcome.aliases}
        wanted |= {revision.article for revision in outcome.revisions}
        wanted |= {sighting.article for sighting in outcome.sightings}
        wanted |= {change.article for change in outcome.changes}
        ids: dict[str, int] = {}
        for some in rows.chunks(sorted(wanted)):
            query = select(Article.key, Article.id).where(Article.key.in_(some))
            ids.update({row.key: row.id for row in self.connection.execute(query)})
        return ids

    def _article(self, state: ArticleState) -> dict[str, Any]:
        return {
            "key": state.key,
            "host": host_key(state.fetch_url),
            "url": state.url,
            "fetch_url": state.fetch_url,
            "title": state.title,
            "title_key": state.title_key,
            "summary": state.summary,
            "language": state.language,
            "authors": list(state.authors),
            "sections": list(state.sections),
            "image_url": state.image_url,
            **_stamp("published", state.published),
            **_stamp("modified", state.modified),
            "first_seen_at": state.first_seen_at,
            "announced": state.announced,
            "revision": state.revision,
            "way": state.way.value,
            "captured_by": state.captured_by,
            "fingerprint": state.fingerprint,
            "digest": state.digest,
            "extractor": state.extractor,
            "raw_digest": state.raw_digest,
            "looked_at": state.looked_at,
            "looks": state.looks,
            "next_look_at": state.next_look_at,
            "missing_at": state.missing_at,
            "withdrawn_at": state.withdrawn_at,
            "volatile": [rows.dump(part) for part in state.volatile],
            "unsettled_digest": state.unsettled_digest,
            "unsettled_at": state.unsettled_at,
        }

    def _aliases(self, outcome: Outcome, ids: dict[str, int]) -> None:
        if not outcome.aliases:
            return
        passed_on = sorted({alias.key for alias in outcome.aliases if alias.passed_on})
        for some in rows.chunks(passed_on):
            self.connection.execute(delete(Alias).where(Alias.key.in_(some)))
        # A run may give an id twice: the last one counts.
        values = {
            alias.key: {
                "key": alias.key,
                "url": alias.url,
                "article_id": ids[alias.article],
                "evidence": alias.evidence,
                "created_at": self.moment,
            }
            for alias in outcome.aliases
        }
        self.connection.execute(insert(Alias), list(values.values()))

    def _revisions(self, revisions: Sequence[NewRevision], ids: dict[str, int]) -> None:
        if not revisions:
            return
        # A run may first tell what the listing says and then read the body: the last word of a number counts.
        last = {(revision.article, revision.number): revision for revision in revisions}
        newest = {ids[revision.article] for revision in last.values()}
        table = _table(Revision)
        for some in rows.chunks(sorted(newest)):
            self.connection.execute(update(table).where(table.c.article_id.in_(some)).values(raw=None))
        values = [_revision(revision, ids[revision.article]) for revision in last.values()]
        replaced = [{"a": ids[r.article], "n": r.number} for r in last.values() if r.replaces]
        if replaced:
            self._keep_what_made_them(values, {(each["a"], each["n"]) for each in replaced})
            self.connection.execute(
                delete(table).where(table.c.article_id == bindparam("a"), table.c.number == bindparam("n")),
                replaced,
            )
        self.connection.execute(insert(Revision), values)

    def _keep_what_made_them(self, values: list[dict[str, Any]], replaced: set[tuple[int, int]]) -> None:
        """Better content in a revision's place leaves it the edit that it was."""
        made: dict[tuple[int, int], dict[str, Any]] = {}
        for some in rows.chunks(sorted({article_id for article_id, _ in replaced})):
            query = select(
                Revision.article_id,
                Revision.number,
                Revision.edit_class,
                Revision.marks,
                Revision.reverts_to,
                Revision.look,
            ).where(Revision.article_id.in_(some), Revision.number > 1)
            for row in self.connection.execute(query).mappings():
                made[row["article_id"], row["number"]] = dict(row)
        for each in values:
            if (key := (each["article_id"], each["number"])) in replaced & made.keys():
                each.update(made[key])

    def _sightings(self, outcome: Outcome, ids: dict[str, int]) -> None:
        values: list[dict[str, Any]] = [
            {
                "source_id": self.source_id,
                "article_id": ids[sighting.article],
                "rank": sighting.rank.value,
                "first_run_id": self.run_id,
                "last_run_id": self.run_id,
                "last_position": sighting.position,
                "title_key": sighting.title_key,
                "modified_at": sighting.modified,
                "looked": sighting.looked,
                "is_new": sighting.is_new,
            }
            for sighting in outcome.sightings
        ]
        new = [
            {k: v for k, v in row.items() if k not in ("is_new", "looked")} for row in values if row["is_new"]
        ]
        old = [
            {
                "a": row["article_id"],
                "position": row["last_position"],
                "title": row["title_key"],
                "said": row["modified_at"],
                "followed": row["modified_at"] if row["looked"] else None,
            }
            for row in values
            if not row["is_new"]
        ]
        if new:
            self.connection.execute(insert(Sighting), new)
        if old:
            table = _table(Sighting)
            statement = (
                update(table)
                .where(table.c.source_id == self.source_id, table.c.article_id == bindparam("a"))
                .values(
                    last_run_id=self.run_id,
                    last_position=bindparam("position"),
                    title_key=bindparam("title"),
                    # What it says newly is remembered when it was looked at; else it is to be looked at still.
                    modified_at=func.coalesce(
                        bindparam("followed", type_=columns.UtcDateTime()),
                        table.c.modified_at,
                        bindparam("said", type_=columns.UtcDateTime()),
                    ),
                )
            )
            self.connection.execute(statement, old)

    def _pending(self, outcome: Outcome) -> None:
        gone = sorted(set(outcome.settled_pending) | {entry.key for entry in outcome.pending})
        table = _table(Pending)
        for some in rows.chunks(gone):
            self.connection.execute(
                delete(table).where(table.c.source_id == self.source_id, table.c.key.in_(some))
            )
        if outcome.pending:
            values = [
                {
                    "source_id": self.source_id,
                    "key": waiting.key,
                    "entry": rows.dump(waiting.entry),
                    "title_key": title_key(waiting.entry.title),
                    "rank": waiting.rank.value,
                    "reason": waiting.reason,
                    "attempts": waiting.attempts,
                    "first_seen_at": waiting.first_seen_at,
                    "next_look_at": waiting.next_look_at,
                    "moved": list(waiting.moved),
                    "asked": waiting.asked,
                }
                for waiting in outcome.pending
            ]
            self.connection.execute(insert(Pending), values)

    def validators(self, pairs: Sequence[tuple[str, Validators]]) -> None:
        """Save what servers gave to recognise their answers by; an empty one forgets what was saved."""
        by_key = {url_key(url): (url, validators) for url, validators in pairs}
        table = _table(Validator)
        for some in rows.chunks(sorted(by_key)):
            self.connection.execute(
                delete(table).where(table.c.source_id == self.source_id, table.c.key.in_(some))
            )
        values = [
            {
                "source_id": self.source_id,
                "key": key,
                "url": url,
                "etag": validators.etag,
                "last_modified": validators.last_modified,
                "digest": validators.digest,
                "extractor": self.extractor,
                "saved_at": self.moment,
            }
            for key, (url, validators) in by_key.items()
            if validators or validators.digest
        ]
        if values:
            self.connection.execute(insert(Validator), values)

    def _changes(self, outcome: Outcome, ids: dict[str, int]) -> tuple[Change, ...]:
        if not outcome.changes:
            return ()
        states = {state.key: state for state in (*outcome.told, *outcome.articles)}
        seq = self._take(len(outcome.changes))
        made: list[Change] = []
        for change in outcome.changes:
            seq += 1
            state = states[change.article]
            made.append(
                Change(
                    seq=seq,
                    kind=change.kind,
                    at=self.moment,
                    source=self.source,
                    article_id=ids[change.article],
                    url=state.url,
                    title=state.title,
                    revision=change.revision,
                    edit_class=change.edit_class,
                    published_at=state.published.at if state.published else None,
                    published_precision=state.published.precision.value if state.published else "",
                    first_seen_at=state.first_seen_at,
                    language=state.language,
                    summary=state.summary,
                    old_title=change.old_title,
                    marks=change.marks,
                    reverts_to=change.reverts_to,
                    old_published_at=change.old_published.at if change.old_published else None,
                    old_published_precision=change.old_published.precision.value
                    if change.old_published
                    else "",
                )
            )
        self.connection.execute(insert(tables.Change), [self._change(change) for change in made])
        return tuple(made)

    def _take(self, count: int) -> int:
        """Take ``count`` numbers from the locked counter row and return the one before the first."""
        table = _table(Counter)
        last: int = self.connection.execute(select(table.c.value).where(table.c.name == CHANGES)).scalar_one()
        self.connection.execute(update(table).where(table.c.name == CHANGES).values(value=last + count))
        return last

    def _change(self, change: Change) -> dict[str, Any]:
        return {
            "seq": change.seq,
            "kind": change.kind.value,
            "at": change.at,
            "source_id": self.source_id,
            "article_id": change.article_id,
            "run_id": self.run_id,
            "revision": change.revision,
            "edit_class": change.edit_class.value,
            "marks": [mark.value for mark in change.marks],
            "reverts_to": change.reverts_to,
            "url": change.url,
            "title": change.title,
            "old_title": change.old_title,
            "summary": change.summary,
            "language": change.language,
            "published_at": change.published_at,
            "published_precision": change.published_precision,
            "old_published_at": change.old_published_at,
            "old_published_precision": change.old_published_precision,
            "first_seen_at": change.first_seen_at,
        }


CHANGES = "changes"
_FIXED = {"key", "first_seen_at"}


def _table(mapped: type[columns.Table]) -> Table:
    return cast(Table, mapped.__table__)


def _stamp(name: str, stamp: Stamp | None) -> dict[str, Any]:
    return {
        f"{name}_at": stamp.at if stamp else None,
        f"{name}_precision": stamp.precision.value if stamp else "",
        f"{name}_provenance": stamp.provenance if stamp else "",
    }


def _revision(revision: NewRevision, article_id: int) -> dict[str, Any]:
    content = revision.content
    raw = content.raw.encode()[:RAW_AT_MOST] if content and content.raw else b""
    return {
        "article_id": article_id,
        "number": revision.number,
        "captured_at": revision.captured_at,
        "title": revision.title,
        "body_text": content.body_text if content else "",
        "fingerprint": content.fingerprint if content else "",
        "digest": content.digest if content else "",
        "extractor": content.extractor if content else "",
        "way": revision.way.value,
        "edit_class": revision.edit_class.value,
        "marks": [mark.value for mark in revision.marks],
        "reverts_to": revision.reverts_to,
        "look": revision.look,
        "published_at": revision.published.at if revision.published else None,
        "published_precision": revision.published.precision.value if revision.published else "",
        "modified_at": content.modified.at if content and content.modified else None,
        "raw": zlib.compress(raw) if raw else None,
        "raw_url": revision.url,
    }
