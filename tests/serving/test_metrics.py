"""``/metrics``: figures by Prometheus' own parser, from a database that several processes share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, delete, event, insert, select

from storage import tables
from storage.claims import mark_failed, mark_sent
from storage.engine import open_engine, reading, writing
from storage.heartbeat import SCHEDULER, beat
from storage.leases import lease_named, release_dead
from storage.retrying import Failure
from storage.settings import Settings
from storage.tokens import add_token
from storage.users import add_user
from tests.serving.content import filled
from tests.serving.serving import Site, serving
from tests.storage.outbox import NOW, subscription, take
from tidings.metrics import metrics_text
from tidings.serving.doors import Doors
from tidings.serving.secrets import TOKEN_PREFIX, hash_password, secret_hash

TOKEN = f"{TOKEN_PREFIX}{'a' * 43}"
METRICS_TOKEN = "only-for-metrics-0123456789"

Values = dict[tuple[str, ...], float]


def values(text: str | bytes) -> Values:
    """Return every sample by its name and the values of its labels."""
    written = text.decode() if isinstance(text, bytes) else text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(written)
        for sample in family.samples
    }


def of(engine: Engine, **settings: Any) -> Values:
    return values(metrics_text(engine, Settings(disk_free_bytes=0, **settings))[0])


def test_what_was_done_is_counted_where_it_is_done(engine: Engine) -> None:
    desk = filled(engine)
    found = of(engine)
    with reading(engine) as connection:
        runs = connection.execute(select(tables.Run.verdict)).scalars().all()
        kinds = connection.execute(select(tables.Change.kind)).scalars().all()
        source = select(tables.Source.requests_total, tables.Source.unchanged_total)
        counted = connection.execute(source).all()
    for verdict in ("ok", "partial", "suspect", "failed"):
        assert found["tidings_runs_total", verdict] == runs.count(verdict), verdict
    for kind in ("published", "edited", "retitled", "listed"):
        assert found["tidings_changes_total", kind] == kinds.count(kind), kind
    assert found["tidings_requests_total",] == sum(row.requests_total for row in counted)
    assert found["tidings_log_seq",] == len(kinds)
    before = found["tidings_runs_total", "not_modified"]
    desk.run(not_modified=True, looks=(), requests=1, not_modified_count=1, received_bytes=17)
    after = of(engine)
    assert after["tidings_runs_total", "not_modified"] == before + 1
    assert after["tidings_not_modified_total",] == found["tidings_not_modified_total",] + 1
    assert after["tidings_received_bytes_total",] == 17


def test_totals_never_fall_when_a_source_is_removed_or_its_runs_are_pruned(engine: Engine) -> None:
    filled(engine)
    before = of(engine)
    with writing(engine) as connection:
        connection.execute(delete(tables.Held))
        connection.execute(delete(tables.Run))
    after = of(engine)
    totals = {
        key: value for key, value in before.items() if key[0].endswith("_total") and "source" not in key[0]
    }
    assert {key: after[key] for key in totals} == totals


def test_a_crawl_process_that_died_counts_as_failed_runs(engine: Engine) -> None:
    filled(engine)
    before = of(engine)["tidings_runs_total", "failed"]
    [(lease, ids)] = lease_named(engine, ["one"], owner="me", seconds=60)
    release_dead(engine, lease, ids, "killed after 300 seconds")
    assert of(engine)["tidings_runs_total", "failed"] == before + 1


def test_deliveries_are_counted_by_state_and_the_oldest_waits_since_its_digest(engine: Engine) -> None:
    for name in ("one", "two", "three"):
        subscription(engine, name, 1)
    first, second, _ = take(engine)
    mark_sent(engine, first, now=NOW)
    mark_sent(engine, first, now=NOW)  # it is known
    mark_failed(engine, second, Failure(reason="no", permanent=True), now=NOW)
    found = of(engine)
    assert {key[1]: found[key] for key in found if key[0] == "tidings_deliveries"} == {
        "waiting": 0, "claimed": 1, "dead": 1,
    }  # fmt: skip
    assert found["tidings_deliveries_sent_total",] == 1
    assert found["tidings_delivery_attempts_failed_total",] == 1
    age = (datetime.now(UTC) - NOW).total_seconds()
    assert found["tidings_delivery_oldest_waiting_seconds",] == pytest.approx(age, abs=60)


def test_the_ticks_of_all_schedulers_add_up_and_the_heartbeat_has_an_age(engine: Engine) -> None:
    assert ("tidings_heartbeat_age_seconds",) not in of(engine)
    at = datetime.now(UTC) - timedelta(seconds=30)
    for owner in ("one", "two"):
        beat(engine, SCHEDULER, owner=owner, started_at=at, spent={"dispatch": (2, 0.25)}, now=at)
    found = of(engine)
    assert found["tidings_heartbeat_age_seconds",] == pytest.approx(30, abs=20)
    assert found["tidings_tick_seconds_count", "dispatch"] == 4
    assert found["tidings_tick_seconds_sum", "dispatch"] == pytest.approx(0.5)


def test_health_stands_there_too(engine: Engine) -> None:
    assert of(engine)["tidings_up",] == 1
    at = datetime.now(UTC) - timedelta(minutes=10)
    beat(engine, SCHEDULER, owner="it", started_at=at, now=at)
    found = of(engine)
    assert (found["tidings_up",], found["tidings_complaints", "heartbeat"]) == (0, 1)
    assert found["tidings_complaints", "disk"] == 0
    assert any(key[0] == "tidings_disk_free_bytes" and value > 0 for key, value in found.items())


# ------------------------------------------------------------------------------------------ how many series


def questions(asked: list[str]) -> int:
    """How many there are, without what makes a connection ready."""
    return sum(statement.startswith("SELECT") for statement in asked)


def test_single_sources_are_told_of_only_where_they_are_few(engine: Engine) -> None:
    filled(engine)
    assert ("tidings_source_failing", "one") in of(engine, metrics_sources=2)
    assert not [key for key in of(engine, metrics_sources=1) if key[0].startswith("tidings_source_")]


def test_the_number_of_series_and_of_questions_is_that_of_a_small_installation(engine: Engine) -> None:
    of(engine)  # the connection is made
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    few = of(engine, metrics_sources=0)
    before = questions(asked)
    with writing(engine) as connection:
        connection.execute(insert(tables.Host), [{"name": f"host{n}.example"} for n in range(500)])
        row = {"definition": {}, "created_at": NOW, "next_due_at": NOW, "verdict": "ok"}
        rows = [row | {"name": f"s{n}", "host": f"host{n}.example"} for n in range(500)]
        connection.execute(insert(tables.Source), rows)
    asked.clear()
    many = of(engine, metrics_sources=0)
    assert many.keys() == few.keys()
    assert questions(asked) == before
    assert many["tidings_sources", "ok"] == many["tidings_sources_due",] == 500


# ------------------------------------------------------------------------------------------------- the server


@pytest.fixture
def exposed(sqlite_url: str) -> Iterator[Site]:
    engine = open_engine(sqlite_url)
    filled(engine)
    add_user(engine, "amal", password_hash=hash_password("correct horse battery"))
    add_token(engine, "monitor", hash=secret_hash(TOKEN), may_write=False)
    beyond = Doors(host="127.0.0.1", port=0, names=None, exposed=True)
    with serving(engine, doors=beyond, metrics_token=METRICS_TOKEN) as site:
        yield site


def test_only_who_may_ask_anything_or_has_their_token_gets_them(exposed: Site) -> None:
    for header in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": METRICS_TOKEN},
    ):
        assert exposed.ask("/metrics", headers=header).status == 401, header
    for token in (TOKEN, METRICS_TOKEN):
        answer = exposed.ask("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/plain; version=")
        assert values(answer.body)["tidings_runs_total", "ok"] > 0


def test_the_token_for_metrics_opens_nothing_else(exposed: Site) -> None:
    header = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    for path in ("/api/v1/changes", "/metrics/", "/feeds/news.atom", "/sources"):
        assert exposed.ask(path, headers=header).status == 401, path
    assert "complaints" not in exposed.ask("/health", headers=header).json


def test_prometheus_gets_the_format_that_it_asks_for(exposed: Site) -> None:
    wanted = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.1"
    answer = exposed.ask("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Accept": wanted})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in open_metrics(answer.body.decode())}  # type: ignore[no-untyped-call]
    assert {"tidings_runs", "tidings_up", "tidings_tick_seconds", "tidings"} <= names


def test_without_users_this_machine_gets_them(sqlite_url: str) -> None:
    with serving(open_engine(sqlite_url)) as site:
        assert site.ask("/metrics").status == 200
        assert site.ask("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status == 401
