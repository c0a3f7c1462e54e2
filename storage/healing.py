"""What settling makes of a healing: a version in use, a proposal, or the way back from one that did not hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from news.run import Reading, Verdict
from news.source import Source
from storage.definitions import stored_source
from storage.wrappers import add_healed, take_back


def read_with(source: Source, reading: Reading) -> Source:
    """Return the source with the selectors that its run read with: those in use, or those that it was healed with."""
    healing = reading.healing
    return replace(source, wrapper=healing.wrapper) if healing is not None and healing.accepted else source


def keep_healing(
    connection: Connection, row: Row[Any], reading: Reading, verdict: Verdict, reason: str, moment: datetime
) -> str:
    """Write what became of the source's selectors in this run; return the run's reason with what to do about it.

    An accepted healing is in use from this run on, if the run is worth anything; else it is a proposal like one of
    little confidence. Healed selectors that are worse than what was before them are left again.

    :param row: the source's row as it was before the run.
    """
    healing = reading.healing
    settles = verdict in (Verdict.OK, Verdict.PARTIAL)
    if healing is not None and (verdict is Verdict.SUSPECT or (settles and healing.accepted)):
        healing = replace(healing, accepted=settles)
        before = stored_source(row.definition, row.selectors)
        version = add_healed(connection, row.id, before, healing, moment)
        if healing.accepted:
            return reason
        return (
            f"{reason}; other selectors are proposed (version {version}, confidence {healing.confidence:.2f}): "
            f"`tidings sources diff {row.name}`, then `tidings sources approve {row.name}` or `reject`"
        )
    came = not any(problem.fatal for problem in reading.problems)
    if verdict is Verdict.SUSPECT and came and (left := take_back(connection, row, moment)):
        return f"{reason}; the healed selectors (version {left[0]}) did not hold, version {left[1]} is in use again"
    return reason
