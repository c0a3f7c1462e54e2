"""What PostgreSQL itself saw: triggers write down each lease that is taken, each run that counts, and each change.

They see what is committed and nothing else, whoever does it and whatever he believes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from tests.faults.disks import administering


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A lease that was taken of a host, and what stood in its row before: the last token, and until when it was held.

    ``held_until`` is None when the lease before had been given back.
    """

    host: str
    token: int
    owner: str
    leased_at: datetime
    until: datetime
    last_token: int
    held_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A run of a source that was settled while its host's lease had this token.

    ``transaction`` is in which; the log ended with change ``upto`` when it was committed, None if it logged none.
    """

    source_id: int
    token: int
    reason: str = ""
    transaction: int = 0
    upto: int | None = None


class Witness:
    """Looks at a database from now on. Each look brings what has come since the last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._leases = self._runs = 0
        with administering(engine) as run:
            for statement in (_TABLES, _LEASE, _RUN, _CHANGE, _TRIGGERS):
                run(statement)

    def leases(self) -> list[Taken]:
        with administering(self._engine) as run:
            rows = run(f"SELECT * FROM witness.leases WHERE id > {self._leases} ORDER BY id").all()
        self._leases = rows[-1].id if rows else self._leases
        return [
            Taken(
                host=row.host,
                token=row.token,
                owner=row.owner,
                leased_at=row.leased_at,
                until=row.until,
                last_token=row.last_token,
                held_until=row.held_until,
            )
            for row in rows
        ]

    def runs(self) -> list[Counted]:
        """Return the runs in the order of their commits: settling is serialised, and so are these numbers."""
        with administering(self._engine) as run:
            rows = run(
                "SELECT runs.*, (SELECT max(seq) FROM witness.told WHERE told.transaction = runs.transaction) AS upto "
                f"FROM witness.runs WHERE id > {self._runs} ORDER BY id"
            ).all()
        self._runs = rows[-1].id if rows else self._runs
        return [
            Counted(
                source_id=row.source_id,
                token=row.token,
                reason=row.reason,
                transaction=row.transaction,
                upto=row.upto,
            )
            for row in rows
        ]


_TABLES = """
DROP SCHEMA IF EXISTS witness CASCADE;
CREATE SCHEMA witness;
CREATE TABLE witness.leases (
    id serial, host text, token bigint, owner text, leased_at timestamptz, until timestamptz,
    last_token bigint, held_until timestamptz
);
CREATE TABLE witness.runs (id serial, source_id bigint, token bigint, reason text, transaction bigint);
CREATE TABLE witness.told (seq bigint, transaction bigint)
"""
_LEASE = """
CREATE FUNCTION witness.lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness.leases (host, token, owner, leased_at, until, last_token, held_until) VALUES
        (NEW.name, NEW.lease_token, NEW.lease_owner, NEW.leased_at, NEW.lease_until, OLD.lease_token, OLD.lease_until);
    RETURN NULL;
END $$
"""
_RUN = """
CREATE FUNCTION witness.run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness.runs (source_id, token, reason, transaction)
        SELECT NEW.id, lease_token, NEW.reason, txid_current() FROM public.hosts WHERE name = NEW.host;
    RETURN NULL;
END $$
"""
_CHANGE = """
CREATE FUNCTION witness.change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness.told (seq, transaction) VALUES (NEW.seq, txid_current());
    RETURN NULL;
END $$
"""
_TRIGGERS = """
CREATE TRIGGER witness AFTER UPDATE ON public.hosts FOR EACH ROW
    WHEN (NEW.lease_until IS NOT NULL AND (NEW.lease_token, NEW.lease_owner, NEW.leased_at)
          IS DISTINCT FROM (OLD.lease_token, OLD.lease_owner, OLD.leased_at))
    EXECUTE FUNCTION witness.lease();
CREATE TRIGGER witness AFTER UPDATE ON public.sources FOR EACH ROW
    WHEN (NEW.runs_total <> OLD.runs_total)
    EXECUTE FUNCTION witness.run();
CREATE TRIGGER witness AFTER INSERT ON public.changes FOR EACH ROW EXECUTE FUNCTION witness.change()
"""
