"""Settling: the one transaction in which what runs saw becomes known.

The single counter row is locked first, so that runs are settled one after the other, in every process, and the order of
``seq`` is the order of commits. A run whose lease has passed to somebody else is dropped.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update

from news.article import Validators
from news.decide import decide
from news.frontier import cover, reach_of
from news.handover import without
from news.horizon import horizon_of
from news.known import Known, Outcome
from news.measures import measured
from news.price import Budget
from news.run import GapNote, Profile, Reading, Settled, Trouble, Verdict, trouble_in
from news.source import Channel, Source
from news.verdict import judge
from storage import rows
from storage.definitions import stored_source
from storage.due import Due, due_after, failures_after
from storage.engine import database_now, writing
from storage.gaps import short_of, write_gaps
from storage.healing import keep_healing, read_with
from storage.host_states import host_values, keep_further
from storage.known import WAS_SUSPECT, ExtractAgain, load_known
from storage.later import COUNTED, Later
from storage.moving import count_move
from storage.opening import EDITS_OVERLAP
from storage.outcome import Keeper
from storage.pacing import Pacing, pace_in, pace_values
from storage.quiet import news_values
from storage.sources import lock_log
from storage.tables import Held, Host, Pending, Run, Wrapper
from storage.tables import Source as SourceRow
from storage.tallies import of_runs, raise_tallies


def settle(
    engine: Engine,
    readings: Sequence[Reading],
    *,
    now: datetime | None = None,
    extract_again: ExtractAgain | None = None,
    budget: Budget | None = None,
) -> tuple[Settled, ...]:
    """Settle finished runs together, in the order given; all of it is committed, or nothing.

    :param now: the settling's time; the database's clock when None. A replay gives the recording's.
    :param extract_again: reads a kept raw fragment with today's extractor, for articles captured by an older one.
    :param budget: how often sources with an adaptive schedule may be asked; the usual one when None.
    :raises StorageError: when the transaction failed; nothing was kept, and every source is still due.
    """
    if not readings:
        return ()
    with writing(engine) as connection:
        lock_log(connection)
        moment = now or database_now(connection)
        sources = _sources(connection, [reading.source_id for reading in readings])
        later, pacing = Later(), Pacing(connection, moment, budget or Budget())
        settled = tuple(
            _Settling(
                connection, sources[reading.source_id], reading, moment, extract_again, later, pacing
            ).run()
            for reading in readings
        )
        later.write(connection)
        raise_tallies(connection, of_runs(readings, settled))
        pacing.write()
        return settled


def _sources(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Return the sources' rows with the tokens of their hosts, which nobody can lease until this is committed.

    A lease that passed meanwhile would be ended by the run that it was taken from.
    """
    found: dict[int, Row[Any]] = {}
    for some in rows.chunks(sorted(set(ids))):
        query = (
            select(
                SourceRow.__table__, Wrapper.selectors, Wrapper.origin, Host.lease_token, Host.requests_on,
                Host.requests_of_day, WAS_SUSPECT,
            )
            .join(Host, Host.name == SourceRow.host)
            .outerjoin(Wrapper, Wrapper.id == SourceRow.wrapper_id)
            .where(SourceRow.id.in_(some))
            .with_for_update(of=Host, key_share=True)
        )  # fmt: skip
        found.update({row.id: row for row in connection.execute(query)})
    return found


@dataclass(slots=True)
class _Settling:
    """One run on its way into the database."""

    connection: Connection
    row: Row[Any]
    reading: Reading
    moment: datetime
    extract_again: ExtractAgain | None
    later: Later
    pacing: Pacing
    counted: dict[str, Any] = field(default_factory=dict)

    def run(self) -> Settled:
        if self.row.lease_token != self.reading.lease.token:
            reason = "its lease had passed to another crawl"
            return _settled(self.reading, None, Verdict.FAILED, reason, stale=True)
        if self._is_unchanged():
            return self._unchanged()
        source = read_with(stored_source(self.row.definition, self.row.selectors), self.reading)
        known = load_known(self.connection, self.row, source, self.reading, self.extract_again)
        verdict, reason = judge(known, self.reading)
        if not self._is_late:
            reason = keep_healing(self.connection, self.row, self.reading, verdict, reason, self.moment)
        run_id = self._write_run(verdict, reason, measured(known, self.reading))
        if verdict in (Verdict.SUSPECT, Verdict.FAILED):
            return self._bad(run_id, verdict, reason)
        return self._good(source, known, run_id, verdict, reason)

    def _is_unchanged(self) -> bool:
        reading = self.reading
        moving = reading.moved_url or self.row.moved_url  # one counts redirects, the other ends the counting
        return reading.not_modified and not (
            reading.entries or reading.looks or reading.problems or moving or reading.edits_at
        )

    def _unchanged(self) -> Settled:
        """The hot path: one update of the source's counters, no row of its own."""
        due = self._due(0, {"last_ok_at": self.reading.started_at})
        if self.reading.validators and not self._is_late:
            url = stored_source(self.row.definition, self.row.selectors).url
            self._keeper(0).validators([(url, self.reading.validators)])
        self._update_source(verdict=Verdict.NOT_MODIFIED, reason="", due=due, unchanged=True)
        self._update_host()
        return _settled(self.reading, None, Verdict.NOT_MODIFIED, "", next_due_at=due.at)

    @property
    def _is_late(self) -> bool:
        """Whether the source was crawled since: an old recording, or a clock that stepped back.

        Such a run may tell of articles that nobody knew, but not where the source stands now.
        """
        return self.row.last_run_at is not None and self.reading.started_at < self.row.last_run_at

    def _bad(self, run_id: int, verdict: Verdict, reason: str) -> Settled:
        """Keep what a suspect run saw apart, and try again later; nothing becomes known."""
        if verdict is Verdict.SUSPECT and not self._is_late:
            packed = zlib.compress(rows.dump_bytes(self.reading))
            values = {"run_id": run_id, "source_id": self.row.id, "reading": packed, "held_at": self.moment}
            self.connection.execute(insert(Held), [values | {"state": "held"}])
        gone = any(problem.trouble is Trouble.GONE for problem in self.reading.problems)
        due = self._due(failures_after(self.reading, self.row.failures))
        values = {"paused": True} if gone else {}
        self._update_source(verdict=verdict, reason=reason, due=due, failed=True, **values)
        self._update_host()
        return _settled(self.reading, run_id, verdict, reason, next_due_at=due.at)

    def _good(self, source: Source, known: Known, run_id: int, verdict: Verdict, reason: str) -> Settled:
        outcome = decide(known, self.reading, verdict, now=self.moment)
        known = without(known, outcome.handed_over)
        keeper = self._keeper(run_id)
        changes = keeper.keep(outcome)
        readable = known.has_baseline or outcome.is_baseline
        values: dict[str, Any] = {}
        gap: GapNote | None = None
        if not self._is_late:
            if readable:
                values, gap = self._cover(known, outcome, run_id, verdict)
            if verdict in (Verdict.OK, Verdict.PARTIAL):
                whole = self.reading.validators if verdict is Verdict.OK else Validators()
                keeper.validators([(source.url, whole)])
            elif self.reading.validators:
                keeper.validators([(source.url, self.reading.validators)])
            values |= self._edits_asked(source, verdict)
            if outcome.absent is not None:
                values["absent"] = [rows.dump(each) for each in outcome.absent]
            values |= news_values(self.row, changes, self.moment)
            read_at, first = self.reading.started_at, not known.has_baseline
            values |= pace_values(self.connection, self.row, changes, until=read_at, is_baseline=first)
            values |= count_move(self.connection, self.row, self.reading.moved_url)
            pass_held(self.connection, self.row.id)
        short = gap is not None and gap.state != "closed" and not self.reading.not_modified
        if verdict is Verdict.OK and gap is not None and short:
            reason = "; ".join(filter(None, (short_of(gap, self.reading), reason)))
            self.connection.execute(update(Run).where(Run.id == run_id).values(reason=reason))
        due = self._due(0, values)
        self._update_source(verdict=verdict, reason=reason, due=due, failed=not readable, **values)
        self._update_host()
        return _settled(
            self.reading,
            run_id,
            verdict,
            reason,
            changes=changes,
            baseline=outcome.taken if outcome.is_baseline else None,
            pending=self._pending_count(),
            gap=gap,
            healed=self.reading.healing is not None and self.reading.healing.accepted and not self._is_late,
            next_due_at=due.at,
        )

    def _keeper(self, run_id: int) -> Keeper:
        return Keeper(
            connection=self.connection,
            moment=self.moment,
            source_id=self.row.id,
            source=self.row.name,
            run_id=run_id,
            extractor=self.reading.extractor,
        )

    def _edits_asked(self, source: Source, verdict: Verdict) -> dict[str, Any]:
        """Return from when on edits are to be asked for; a channel that can tell begins with a good read."""
        if self.reading.edits_at is not None:
            return {"edits_at": self.reading.edits_at}
        begins = source.channel is Channel.WORDPRESS and self.row.edits_at is None and verdict is Verdict.OK
        return {"edits_at": self.reading.started_at - EDITS_OVERLAP} if begins else {}

    def _cover(
        self, known: Known, outcome: Outcome, run_id: int, verdict: Verdict
    ) -> tuple[dict[str, Any], GapNote | None]:
        """Return what the read makes of the source's frontier, horizon and sweep, and write its gaps."""
        values: dict[str, Any] = {}
        gap: GapNote | None = None
        if self.reading.entries or outcome.aliases or (verdict is Verdict.OK and self.reading.ended):
            coverage = cover(known, self.reading, verdict)
            gap = write_gaps(self.connection, known, self.reading, coverage, run_id, self.moment)
            keys = (_resolved(known, outcome, key) for key in coverage.frontier)
            values["frontier"] = list(dict.fromkeys(keys))
        if self.reading.entries:
            values["first_page"] = self.reading.profile.entries
        if outcome.is_baseline:
            values |= _baseline(self.reading, run_id)
        if verdict is Verdict.OK and (self.reading.swept or outcome.is_baseline):
            values["swept_at"] = self.moment
        if self._is_complete(verdict) or outcome.is_baseline:
            # What was published while the run waited to be settled was not read by it.
            values["last_ok_at"] = self.reading.started_at
        return values, gap

    def _is_complete(self, verdict: Verdict) -> bool:
        """Whether the read leaves nothing out above what was known before it."""
        return verdict is Verdict.NOT_MODIFIED or (verdict is Verdict.OK and self.reading.joined)

    def _write_run(self, verdict: Verdict, reason: str, profile: Profile) -> int:
        reading = self.reading
        values = {
            "source_id": self.row.id,
            "token": reading.lease.token,
            "started_at": reading.started_at,
            "finished_at": reading.finished_at,
            "settled_at": self.moment,
            "verdict": verdict.value,
            "reason": reason,
            "entries": len(reading.entries),
            "pages": reading.pages,
            "requests": reading.requests,
            "not_modified": reading.not_modified_count,
            "profile": rows.dump(profile),
            "refused": dict(reading.refused),
            "problems": [rows.dump(problem) for problem in reading.problems],
            "top_key": reading.entries[0].key if reading.entries else None,
            "bottom_key": reading.entries[-1].key if reading.entries else None,
            "reach": reach_of(reading).value,
        }
        run_id: int = self.connection.execute(insert(Run).returning(Run.id), values).scalar_one()
        return run_id

    def _due(self, failures: int, learnt: dict[str, Any] | None = None) -> Due:
        """Return when the source is due again; ``learnt`` is what its row is to remember of this run."""
        row, learnt = self.row, learnt or {}
        self.counted = {} if self._is_late else self.pacing.count(row, self.reading)
        return due_after(
            row.definition,
            row.name,
            self.reading,
            moment=self.moment,
            failures=failures,
            planned=Due(at=row.next_due_at, reason=row.due_reason),
            paced=self.pacing.next_read(
                row,
                pace_in(learnt.get("pace", row.pace)),
                learnt.get("last_ok_at", row.last_ok_at),
                learnt.get("first_page", row.first_page),
            ),
            host_free_at=self.pacing.host_free_at(row),
        )

    def _update_source(
        self,
        *,
        verdict: Verdict,
        reason: str,
        due: Due,
        failed: bool = False,
        unchanged: bool = False,
        **values: Any,
    ) -> None:
        row = self.row
        values |= {
            "verdict": verdict.value,
            "reason": reason,
            "next_due_at": due.at,
            "due_reason": due.reason,
            "last_run_at": self.moment,
            "failing_since": (row.failing_since or self.moment) if failed else None,
            "failures": failures_after(self.reading, row.failures) if failed else 0,
            "runs_total": row.runs_total + 1,
            "unchanged_total": row.unchanged_total + unchanged,
            "requests_total": row.requests_total + self.reading.requests,
            "not_modified_total": row.not_modified_total + self.reading.not_modified_count,
            "received_bytes": row.received_bytes + self.reading.received_bytes,
            "unchanged_in_row": row.unchanged_in_row + 1
            if verdict is Verdict.NOT_MODIFIED and not self.reading.same_body
            else row.unchanged_in_row * failed,
        }
        if self._is_late:
            values = {name: values[name] for name in COUNTED} | {"next_due_at": max(due.at, row.next_due_at)}
        elif unchanged:
            values["last_ok_at"] = self.reading.started_at
        if unchanged and not self._is_late:
            self.later.unchanged.append(values | {"row_id": row.id})
        else:
            self.connection.execute(update(SourceRow).where(SourceRow.id == row.id).values(values))

    def _update_host(self) -> None:
        host = self.reading.host
        values = host_values(host) | self.counted
        ended: dict[str, Any] = {"lease_owner": None, "lease_until": None, "alone": False}
        if self._is_late:
            if self.reading.last_of_host:
                self.connection.execute(update(Host).where(Host.name == host.name).values(ended))
            return
        if self.reading.last_of_host:
            values |= ended
        keep_further(self.connection, self.reading.further_hosts)
        # In the order of the runs: a host's last run knows most of it, and says whether the lease ends.
        self.later.hosts[host.name] = self.later.hosts.get(host.name, {}) | values | {"row_name": host.name}

    def _pending_count(self) -> int:
        query = select(Pending.key).where(Pending.source_id == self.row.id)
        return len(self.connection.execute(query).all())


def _baseline(reading: Reading, run_id: int) -> dict[str, Any]:
    horizon = horizon_of(reading.entries)
    return {
        "baseline_run_id": run_id,
        "horizon_key": horizon.key if horizon else None,
        "horizon": rows.dump(horizon.published) if horizon and horizon.published else None,
    }


def _resolved(known: Known, outcome: Outcome, key: str) -> str:
    """Return the article key behind a URL key, as it is known now."""
    for alias in outcome.aliases:
        if alias.key == key:
            return alias.article
    return known.resolve(key)


def pass_held(connection: Connection, source_id: int) -> None:
    """A good run ends the suspicion: what was held is passed over, and kept for whoever wants to look."""
    connection.execute(
        update(Held)
        .where(Held.source_id == bindparam("source"), Held.state == "held")
        .values(state="passed"),
        {"source": source_id},
    )


def _settled(reading: Reading, run_id: int | None, verdict: Verdict, reason: str, **more: Any) -> Settled:
    missing = [p.url for p in reading.problems if p.trouble is Trouble.NOT_RECORDED]
    return Settled(
        source=reading.source,
        run_id=run_id,
        verdict=verdict,
        reason=reason,
        entries=len(reading.entries),
        pages=reading.pages,
        requests=reading.requests,
        not_modified=reading.not_modified_count,
        refused=reading.refused,
        not_recorded=tuple(missing),
        trouble=trouble_in(reading.problems),
        **more,
    )
