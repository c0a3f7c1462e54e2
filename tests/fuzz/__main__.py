"""The long form: ``python -m tests.fuzz 600 feeds`` fuzzes for ten minutes, with another seed each round.

What fails is kept by Hypothesis in ``.hypothesis/`` and tried first in the next run; it is printed with the example
that shows it, made as small as can be. The status is 1 if anything failed.
"""

from __future__ import annotations

import resource
import sys
import time
import traceback

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.targets import TARGETS, Target, named

ROUND = 2_000
"""Examples of one seed."""


def fuzz(target: Target, seconds: float) -> int:
    """Ask a target until the time is over; return how many examples it was given, or raise what it let through."""
    until, asked, number = time.monotonic() + seconds, [0], time.time_ns()
    while time.monotonic() < until:
        number += 1

        @seed(number)
        @settings(max_examples=ROUND, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
        @given(target.given)
        def ask(one: object) -> None:
            if time.monotonic() < until:
                asked[0] += 1
                target.ask(one)

        ask()
    return asked[0]


def main(arguments: list[str]) -> int:
    """Fuzz for so many seconds each: ``[SECONDS [TARGET …]]``."""
    seconds = float(arguments[0]) if arguments else 60.0
    known = {target.name for target in TARGETS}
    if unknown := set(arguments[1:]) - known:
        sys.stderr.write(
            f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}\n"
        )
        return 2
    failed = 0
    for target in named(arguments[1:]):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            count = fuzz(target, seconds)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            traceback.print_exc()
            failed = 1
            continue
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        sys.stdout.write(
            f"{target.name}: {count:,} examples in {seconds:.0f} s, {grown:.0f} MB more memory\n"
        )
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
