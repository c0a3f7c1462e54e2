"""The database: whether it can be reached and written, its version, and whether it is sound at a short look."""

from __future__ import annotations

from collections.abc import Iterator

from storage.examining import Examined
from storage.schema import REVISIONS
from tidings.doctor.findings import Finding, failed, ok, skipped, warning


def look(found: Examined) -> Iterator[Finding]:
    """Yield what the database's answers mean."""
    yield ok("database", "reached", found.server)
    yield _schema(found.revision)
    if found.revision is None:
        return
    yield ok("database", "written", "a change was made and taken back")
    if found.faults is None:
        yield skipped("database", "sound", "the file is large: `tidings db check` reads it through")
    elif found.faults:
        yield failed(
            "database", "sound", "; ".join(found.faults),
            "keep a copy of the database, run `tidings db check`, and restore a backup",
        )  # fmt: skip
    else:
        yield ok("database", "sound", "no fault in a short look; `tidings db check` reads all of it")


def _schema(revision: str | None) -> Finding:
    newest = REVISIONS[-1]
    if revision == newest:
        return ok("database", "schema", f"{revision}, the newest")
    if revision is None:
        return warning(
            "database", "schema", "it holds nothing yet", "run `tidings db migrate`, or crawl a source"
        )
    if revision in REVISIONS:
        return warning(
            "database", "schema", f"{revision}, where {newest} is the newest", "run `tidings db migrate`"
        )
    return failed(
        "database",
        "schema",
        f"{revision}, which this tidings does not know",
        "use the version that made it, or a newer one",
    )
