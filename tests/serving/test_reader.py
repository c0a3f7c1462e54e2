"""A reader that keeps its cursor and is killed anywhere misses nothing and is told nothing twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from news.entry import Entry
from news.urls import url_key
from storage.changes import changes_after, last_seq
from storage.engine import reading
from tests.serving import reader
from tests.serving.serving import serving
from tests.storage.desk import BASE, Desk, entry

KILLS = 12
SETTLED_AT_LEAST = 24


def settle_on(desk: Desk, source: str, stop: threading.Event) -> None:
    """Settle one run with two new articles after the other."""
    hour = 1
    known = list(BASE)
    while not stop.is_set():
        new = [entry(f"{source}-{hour}-{letter}", hour=hour) for letter in "ab"]
        if source == "far":
            new = [_elsewhere(each) for each in new]
        known = [*new, *known][:8]
        desk.run(*known, source=source)
        desk.later(minutes=10)
        hour += 1


def _elsewhere(each: Entry) -> Entry:
    address = each.url.replace("site.example", "far.example")
    return replace(each, url=address, key=url_key(address))


@pytest.mark.timeout(300)
def test_a_reader_that_is_killed_anywhere_is_told_everything_once(engine: Engine, tmp_path: Path) -> None:
    desks = {source: Desk(engine, source) for source in ("one", "far")}
    for source, desk in desks.items():
        base = BASE if source == "one" else tuple(_elsewhere(each) for each in BASE)
        desk.run(*base, source=source)
        desk.later(hours=1)
    chance = random.Random(5)
    file, stop = tmp_path / "reader.db", threading.Event()
    writers = [threading.Thread(target=settle_on, args=(desks[each], each, stop)) for each in desks]
    with serving(engine) as site:
        command = [sys.executable, reader.__file__, f"{site.origin}/api/v1/changes", str(file)]
        for writer in writers:
            writer.start()
        try:
            for _ in range(KILLS):
                running = subprocess.Popen(command)
                time.sleep(chance.uniform(0.05, 0.9))  # the moment is what is tried
                running.send_signal(signal.SIGKILL)
                running.wait(20)
            while True:
                with reading(engine) as connection:
                    if last_seq(connection) >= SETTLED_AT_LEAST:
                        break
                time.sleep(0.05)
        finally:
            stop.set()
            for writer in writers:
                writer.join(60)
        with reading(engine) as connection:
            end = last_seq(connection)
            log = [(change.seq, change.title) for change in changes_after(connection, 0)]
        subprocess.run([*command, str(end)], check=True, timeout=100)
    kept = sqlite3.connect(file)
    told = kept.execute("SELECT seq, title FROM told ORDER BY seq").fetchall()
    kept.close()
    assert told == log
    assert len(told) >= SETTLED_AT_LEAST
