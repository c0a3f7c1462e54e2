"""What ``--json`` prints: the shapes of docs/json.md, and nothing else that reaches stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.json import SCHEMA, change_json, dumps
from digest.wording import machine_date, machine_time
from news.errors import UrlError
from news.text import direction
from news.urls import link_url
from tidings import show

if TYPE_CHECKING:
    from collections import Counter

    from crawler.recordings.model import Recording
    from news.change import Change
    from news.health import Checkup
    from news.redline import Span
    from news.revision import RevisionText
    from news.rhythm import Silence
    from news.run import GapNote, Settled
    from news.source import Source
    from storage.articles import ArticleName, ArticleRow
    from storage.checking import Totals
    from storage.correcting import CorrectionRow
    from storage.heartbeat import Beat
    from storage.retellings import Retelling
    from storage.source_status import SourceStatus
    from storage.unread import UnreadStretch


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """All that ``tidings status`` tells, as it stood at ``now`` by the database's clock."""

    now: datetime
    database: str
    sources: Sequence[SourceStatus]
    stretches: Sequence[UnreadStretch]
    scheduler: Beat | None
    totals: Totals
    checkup: Checkup


def print_json(value: dict[str, Any]) -> None:
    """Write one JSON object to stdout."""
    show.write(dumps(value) + "\n")


def with_schema(**fields: Any) -> dict[str, Any]:
    """Return an object of these fields that says which version of the shapes it follows."""
    return {"schema": SCHEMA, **fields}


def crawl_json(runs: Iterable[Settled]) -> dict[str, Any]:
    """Return what was crawled and what is new, changes in the order of the log."""
    settled = list(runs)
    changes = sorted((change for run in settled for change in run.changes), key=lambda change: change.seq)
    return {
        "schema": SCHEMA,
        "runs": [run_json(run) for run in settled],
        "changes": [change_json(change) for change in changes],
    }


def run_json(run: Settled) -> dict[str, Any]:
    """Return what became of one run."""
    return {
        "schema": SCHEMA,
        "source": run.source,
        "verdict": str(run.verdict),
        "reason": run.reason,
        "healed": run.healed,
        "requests": run.requests,
        "not_modified": run.not_modified,
        "entries": run.entries,
        "pages": run.pages,
        "gap": None if run.gap is None else _gap_json(run.gap),
        "baseline": run.baseline,
        "pending": run.pending,
        "refused": dict(run.refused),
        "not_recorded": list(run.not_recorded),
        "kept": not run.stale,
        "next_due_at": time_json(run.next_due_at),
    }


def approval_json(source: str, changes: Iterable[Change], *, wrapper: int | None = None) -> dict[str, Any]:
    """Return what approving a held run announced, or which version of the selectors was approved."""
    return {
        "schema": SCHEMA,
        "source": source,
        "wrapper": wrapper,
        "changes": [change_json(change) for change in changes],
    }


def article_json(article: ArticleRow) -> dict[str, Any]:
    """Return every field of an article, with the text of its newest revision."""
    return {
        "schema": SCHEMA,
        "id": article.id,
        "key": article.key,
        "host": article.host,
        "url": _link(article.url),
        "title": article.title,
        "summary": article.summary,
        "body_text": article.body_text,
        "language": article.language or None,
        "authors": list(article.authors),
        "sections": list(article.sections),
        "image_url": article.image_url or None,
        "sources": list(article.sources),
        "aliases": article.aliases,
        "revision": article.revision,
        "way": article.way or None,
        "captured_at": time_json(article.captured_at),
        "published_at": machine_date(article.published_at, article.published_precision),
        "published_precision": article.published_precision or None,
        "published_provenance": article.published_provenance or None,
        "modified_at": machine_date(article.modified_at, article.modified_precision),
        "modified_precision": article.modified_precision or None,
        "modified_provenance": article.modified_provenance or None,
        "first_seen_at": machine_time(article.first_seen_at),
        "announced": article.announced,
        "looked_at": time_json(article.looked_at),
        "next_look_at": time_json(article.next_look_at),
        "withdrawn_at": time_json(article.withdrawn_at),
        "merged_into": article.merged_into,
        "forgotten_at": time_json(article.forgotten_at),
        "pruned_at": time_json(article.pruned_at),
        "volatile": [
            {
                "schema": SCHEMA,
                "kind": str(part.kind),
                "before": part.before,
                "after": part.after,
                "values": list(part.values),
                "learnt_at": machine_time(part.learnt_at),
            }
            for part in article.volatile
        ],
    }


def retelling_json(other: Retelling) -> dict[str, Any]:
    """Return another article that tells the same, or may be a translation, and what that rests on."""
    return {
        "relation": other.relation,
        "id": other.other_id,
        "url": _link(other.url),
        "title": other.title,
        "language": other.language or None,
        "sources": list(other.sources),
        "withdrawn": other.withdrawn,
        "since": machine_time(other.since),
        "evidence": other.evidence,
    }


def name_json(name: ArticleName) -> dict[str, Any]:
    """Return one name under which an article is known."""
    return {
        "schema": SCHEMA,
        "name": name.name,
        "is_id": name.is_id,
        "evidence": name.evidence,
        "since": machine_time(name.since),
    }


def correction_json(correction: CorrectionRow) -> dict[str, Any]:
    """Return what a person said of an article."""
    return {
        "schema": SCHEMA,
        "at": machine_time(correction.at),
        "kind": correction.kind,
        "article": correction.article_id,
        "other": correction.other_id,
        "undone_at": time_json(correction.undone_at),
    }


def revision_json(revision: RevisionText, redline: Sequence[Span]) -> dict[str, Any]:
    """Return one captured state of an article, with what changed since the one before."""
    return {
        "schema": SCHEMA,
        "number": revision.number,
        "captured_at": machine_time(revision.captured_at),
        "title": revision.title,
        "body_text": revision.body_text,
        "way": str(revision.way),
        "edit_class": None if revision.number == 1 else str(revision.edit_class),
        "marks": [str(mark) for mark in revision.marks],
        "reverts_to": revision.reverts_to or None,
        "published_at": machine_date(revision.published_at, revision.published_precision),
        "fingerprint": revision.fingerprint or None,
        "extractor": revision.extractor or None,
        "pruned_at": time_json(revision.pruned_at),
        "redline": [span_json(span) for span in redline],
    }


def span_json(span: Span) -> dict[str, str]:
    """Return some words of a redline, and what became of them."""
    return {"op": span.op, "text": span.text}


def revisions_json(article: ArticleRow, told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the captured states of an article with what a reader of their redlines must know of it."""
    return with_schema(
        id=article.id,
        url=article.url,
        language=article.language or None,
        dir=direction(article.language),
        withdrawn_at=time_json(article.withdrawn_at),
        revisions=told,
    )


def edit_json(revision: RevisionText) -> dict[str, Any]:
    """Return what made a further revision of an article, without its text."""
    return {
        "schema": SCHEMA,
        "number": revision.number,
        "captured_at": machine_time(revision.captured_at),
        "edit_class": str(revision.edit_class),
        "marks": [str(mark) for mark in revision.marks],
        "reverts_to": revision.reverts_to or None,
    }


def source_json(status: SourceStatus, source: Source | None = None) -> dict[str, Any]:
    """Return how a source fares and, where its declaration is given, how it is read; secrets are only ever names."""
    shown = {
        "schema": SCHEMA,
        "name": status.name,
        "title": status.title or None,
        "url": status.url,
        "page_url": status.page_url or None,
        "host": status.host,
        "language": status.language or None,
        "channel": status.channel,
        "schedule": status.schedule,
        "time_zone": status.time_zone,
        "paused": status.paused,
        "verdict": status.verdict or None,
        "reason": status.reason,
        "failing_since": time_json(status.failing_since),
        "failures": status.failures,
        "has_baseline": status.has_baseline,
        "created_at": machine_time(status.created_at),
        "next_due_at": machine_time(status.next_due_at),
        "due_reason": status.due_reason,
        "last_run_at": time_json(status.last_run_at),
        "last_ok_at": time_json(status.last_ok_at),
        "last_new_at": time_json(status.last_new_at),
        "gaps": status.gaps,
        "pending": status.pending,
        "held": status.held,
        "runs": status.runs,
        "unchanged": status.unchanged,
        "requests": status.requests,
        "not_before": time_json(status.not_before),
        "lease": None
        if status.lease_owner is None or status.lease_until is None
        else {"schema": SCHEMA, "owner": status.lease_owner, "until": machine_time(status.lease_until)},
        "wrapper": status.wrapper,
        "quiet": None if status.silence is None else _silence_json(status.silence),
    }
    return shown if source is None else {**shown, "definition": definition_json(source)}


def definition_json(source: Source) -> dict[str, Any]:
    """Return a source as it is declared."""
    from storage.definitions import source_to_dict

    return {"schema": SCHEMA, **source_to_dict(source)}


def health_json(health: Health) -> dict[str, Any]:
    """Return what ``tidings status`` tells."""
    from tidings.complaints import complaint_json, counts_json

    beat = health.scheduler
    return {
        "schema": SCHEMA,
        "is_well": health.checkup.is_well,
        "counts": counts_json(health.checkup),
        "complaints": [complaint_json(each) for each in health.checkup.complaints],
        "at": machine_time(health.now),
        "database": health.database,
        "sources": [source_json(status) for status in health.sources],
        "gaps": [
            {
                "schema": SCHEMA,
                "source": stretch.source,
                "state": stretch.state,
                "since": machine_time(stretch.since),
                "until": machine_time(stretch.until),
            }
            for stretch in health.stretches
        ],
        "scheduler": None
        if beat is None
        else {
            "schema": SCHEMA,
            "owner": beat.owner,
            "started_at": machine_time(beat.started_at),
            "beat_at": machine_time(beat.beat_at),
        },
        "articles": health.totals.articles,
        "last_seq": health.totals.last_seq,
    }


def recording_json(path: str, recording: Recording, statuses: Counter[str]) -> dict[str, Any]:
    """Return what a recording holds."""
    return {
        "schema": SCHEMA,
        "path": path,
        "clock": machine_time(recording.clock),
        "sources": list(recording.sources),
        "discovery": None if recording.discovery is None else recording.discovery.url,
        "statuses": dict(sorted(statuses.items())),
        "answers": [
            {
                "schema": SCHEMA,
                "url": answer.url,
                "method": answer.method,
                "at": machine_time(answer.at),
                "status": answer.status or None,
                "bytes": len(answer.body),
                "error": answer.error or None,
            }
            for answer in recording.answers
        ],
    }


def time_json(at: datetime | None) -> str | None:
    """Return a UTC time by RFC 3339, or None."""
    return None if at is None else machine_time(at)


def _silence_json(silence: Silence) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "since": silence.since.isoformat(),
        "days": silence.days,
        "expected": round(silence.expected, 1),
        "probability": silence.probability,
    }


def _gap_json(gap: GapNote) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "state": gap.state,
        "since": machine_time(gap.since),
        "next_url": gap.next_url or None,
    }


def _link(url: str) -> str:
    try:
        return link_url(url)
    except UrlError:
        return url
