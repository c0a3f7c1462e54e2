"""What settling makes of a healing: a version in use, a proposal, or the way back from one that did not hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from news.healing import Healing, healed
from news.run import Reading, Verdict
from news.source import Source
from storage.definitions import stored_source, whereabouts_from_dict
from storage.wrappers import add_healed, drop_open, take_back


def read_with(source: Source, reading: Reading) -> Source:
    """Return the source as its run read it: with the selectors in use, or with what it was healed with."""
    healing = reading.healing
    return healed(source, healing) if healing is not None and healing.accepted else source


def keep_healing(
    connection: Connection, row: Row[Any], reading: Reading, verdict: Verdict, reason: str, moment: datetime
) -> str:
    """Write what became of the source's selectors in this run; return the run's reason with what to do about it.

    An accepted healing is in use from this run on, if the run is worth anything; else it is a proposal like one of
    little confidence. Healed selectors that are worse than what was before them are left again. A run that failed
    because the source was not where it used to be may propose where else it is. Once the source is read well again
    as it always was, what is proposed for it has no reason any more, and goes.

    :param row: the source's row as it was before the run.
    """
    healing = reading.healing
    settles = verdict in (Verdict.OK, Verdict.PARTIAL)
    if healing is not None and (
        verdict is Verdict.SUSPECT or (settles and healing.accepted) or _was_sought(reading, verdict)
    ):
        healing = replace(healing, accepted=settles and healing.accepted)
        before = stored_source(row.definition, row.selectors)
        used = whereabouts_from_dict(row.selectors)
        version = add_healed(connection, row.id, before, healing, moment, whereabouts=used)
        return "; ".join(filter(None, (reason, _told(row.name, healing, version))))
    if verdict is Verdict.OK and row.verdict not in (Verdict.OK.value, Verdict.NOT_MODIFIED.value):
        drop_open(connection, row.id)
    came = not any(problem.fatal for problem in reading.problems)
    if verdict is Verdict.SUSPECT and came and (left := take_back(connection, row, moment)):
        return f"{reason}; the healed selectors (version {left[0]}) did not hold, version {left[1]} is in use again"
    return reason


def _told(name: str, healing: Healing, version: int) -> str:
    """Say what was found in place of what no longer reads the source, and what a person can do about it."""
    what = "other selectors are" if healing.whereabouts is None else "another way to read it is"
    rests = f"version {version}, confidence {healing.confidence:.2f}"
    diff = f"`tidings sources diff {name}`"
    if healing.accepted:
        told = f"{what} in use from this run on ({rests}; without: {healing.symptom}): {diff}"
        return f"{told}; `tidings sources rollback {name}` goes back"
    return f"{what} proposed ({rests}): {diff}, then `tidings sources approve {name}` or `reject`"


def _was_sought(reading: Reading, verdict: Verdict) -> bool:
    """Return whether a failed run looked for its source elsewhere, and found something."""
    healing = reading.healing
    return verdict is Verdict.FAILED and healing is not None and healing.whereabouts is not None
