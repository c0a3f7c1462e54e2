"""How long a host will take."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, update

from news.source import RequestRules, Source
from storage.engine import writing
from storage.expecting import REQUESTS_OF_A_NEW_SOURCE, expected_seconds
from storage.leases import lease_due_hosts
from storage.sources import save_sources
from storage.tables import Source as Row

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_a_host_takes_its_sources_requests_a_run_each_a_delay_apart(engine: Engine) -> None:
    known = Source(name="known", url="https://a.example/1", request=RequestRules(delay_seconds=2.0))
    fresh = Source(name="fresh", url="https://a.example/2", request=RequestRules(delay_seconds=0.5))
    other = Source(name="other", url="https://b.example/")
    save_sources(engine, [known, fresh, other], origin="file", now=NOW)
    with writing(engine) as connection:
        counted = update(Row).where(Row.name != "fresh")
        connection.execute(counted.values(runs_total=10, requests_total=30))
    leased = lease_due_hosts(engine, owner="me", limit=5, seconds=60)
    assert expected_seconds(engine, leased) == {
        "a.example": 2.0 * 3 + 0.5 * REQUESTS_OF_A_NEW_SOURCE,
        "b.example": 3.0,
    }
    assert expected_seconds(engine, [(lease, ()) for lease, _ in leased]) == {"a.example": 0, "b.example": 0}
