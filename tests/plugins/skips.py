"""A pytest plugin: a test that was skipped for no accepted reason fails the session.

A suite that skips what it could not run looks like one that passed. So every skip is told at the end, and only skips
whose reason starts with an accepted prefix leave the exit status alone. It works the same under pytest-xdist: the
workers send their reports to the first process, which alone decides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

# "shared data absent": measuring data that is not part of the repository, and that only some machines have.
ACCEPTED_PREFIXES = ("shared data absent:",)


def reason_of(report: pytest.CollectReport | pytest.TestReport) -> str | None:
    """Return why `report` was skipped, or None if it was not (an expected failure is not a skip)."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return None
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


def is_accepted(reason: str) -> bool:
    """Say whether a skip for `reason` may leave the session green."""
    return reason.startswith(ACCEPTED_PREFIXES)


class SkipLedger:
    """Collects the skips of a session, then tells them and fails the session for those not accepted."""

    def __init__(self) -> None:
        self.skips: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        reason = reason_of(report)
        if reason is not None:
            self.skips.append((report.nodeid, reason))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        refused = any(not is_accepted(reason) for _, reason in self.skips)
        if refused and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        accepted = Counter(reason for _, reason in self.skips if is_accepted(reason))
        if accepted:
            terminalreporter.section("not run here", yellow=True)
            for reason, count in sorted(accepted.items()):
                terminalreporter.line(f"{count} skipped, {reason}")
        refused = sorted((node, reason) for node, reason in self.skips if not is_accepted(reason))
        if refused:
            terminalreporter.section("skipped for no accepted reason: the session fails", red=True)
            for node, reason in refused:
                terminalreporter.line(f"{node}: {reason}")
            terminalreporter.line(f"accepted reasons start with: {', '.join(ACCEPTED_PREFIXES)}")


def pytest_configure(config: pytest.Config) -> None:
    """Register the ledger in the first process only; a worker of pytest-xdist has its reports collected there."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipLedger(), "tidings-skips")
