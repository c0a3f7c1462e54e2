"""A reader as anybody writes one: it keeps what it was told and its cursor in one transaction. Run as a program."""

from __future__ import annotations

import json
import sqlite3
import sys
from urllib.request import urlopen


def read_on(address: str, file: str, *, until: int | None) -> None:
    kept = sqlite3.connect(file, isolation_level=None)
    kept.execute("CREATE TABLE IF NOT EXISTS told (seq INTEGER PRIMARY KEY, title TEXT)")
    kept.execute("CREATE TABLE IF NOT EXISTS cursor (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER)")
    while True:
        row = kept.execute("SELECT seq FROM cursor").fetchone()
        cursor = row[0] if row else 0
        if until is not None and cursor >= until:
            return
        with urlopen(f"{address}?after={cursor}&limit=3&wait=5", timeout=30) as answer:
            came = json.load(answer)
        kept.execute("BEGIN IMMEDIATE")
        for change in came["changes"]:  # told twice is an error of the primary key
            kept.execute("INSERT INTO told VALUES (?, ?)", (change["seq"], change["title"]))
        kept.execute("INSERT OR REPLACE INTO cursor VALUES (1, ?)", (came["cursor"],))
        kept.execute("COMMIT")


if __name__ == "__main__":
    read_on(sys.argv[1], sys.argv[2], until=int(sys.argv[3]) if len(sys.argv) > 3 else None)
