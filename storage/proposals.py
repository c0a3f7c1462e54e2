"""Which selectors are proposed and wait for a person, over all sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.tables import Source, Wrapper
from storage.unread import NAMED, title_of

MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """One version of a source's selectors that was neither approved nor rejected."""

    source: str
    title: str
    version: int
    origin: str
    created_at: datetime
    confidence: float | None
    symptom: str


def open_proposals(connection: Connection) -> list[Proposal]:
    """Return what waits, the newest first, `MOST` of it."""
    wanted = (
        select(
            *NAMED, Wrapper.version, Wrapper.origin, Wrapper.created_at, Wrapper.evidence
        )
        .join(Source, Source.id == Wrapper.source_id)
        .where(Wrapper.approved_at.is_(None), Wrapper.rejected_at.is_(None))
        .order_by(Wrapper.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [
        Proposal(
            source=row.name,
            title=title_of(row),
            version=row.version,
            origin=row.origin,
            created_at=row.created_at,
            confidence=(row.evidence or {}).get("confidence"),
            symptom=str((row.evidence or {}).get("symptom", "")),
        )
        for row in connection.execute(wanted)
    ]
