"""Play many seeds, ``python -m tests.simulation 0-499``, or tell one's story, ``python -m tests.simulation 17 --show``.

The last line counts seeds, operations, changes and violations; the exit code is 1 when there were any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.simulation import seeds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seeds", nargs="+", help="numbers, or ranges such as 0-499")
    parser.add_argument("--database", help="an empty PostgreSQL database, instead of SQLite")
    parser.add_argument(
        "--show", action="store_true", help="shrink each failing seed and print what happened"
    )
    given = parser.parse_args()
    chosen = [number for text in given.seeds for number in _numbers(text)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        fresh = (
            seeds.postgresql_databases(given.database)
            if given.database
            else seeds.sqlite_databases(Path(folder))
        )
        tally = seeds.play_all(chosen, fresh, _say)
        if given.show:
            for seed, law in tally.failed.items():
                _say(f"\n=== seed {seed}, shrunk\n{seeds.story(seeds.shrink(seed, law, fresh))}")
        fresh().dispose()
    _say(f"{tally} ({(time.monotonic() - started) / max(1, tally.seeds):.2f} s a seed)")
    return 1 if tally.failed else 0


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
