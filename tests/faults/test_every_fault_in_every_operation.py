"""Promise 2, nothing lost: every fault strikes every operation that writes, on both databases."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.laws import LAWS, concerns
from tests.faults.operation import Operation
from tests.faults.operations import ALL
from tests.faults.stages import Stages

KINDS = ("sqlite", "postgresql")
CASES = [
    (kind, operation, fault)
    for kind in KINDS
    for operation in ALL
    for fault in LAWS
    if concerns(fault, operation, kind)
]
SELDOM = (("postgresql", "lost connection"), ("postgresql", "second scheduler"))
"""What strikes all other operations in every run of the tests too; the rest is left to `make crash`."""
FEW = 2
"""Points at which each operation is struck in every run of the tests; `make crash` strikes at all."""


def named(cases: Sequence[tuple[str, Operation, str]]) -> pytest.MarkDecorator:
    """Parametrise a test with cases."""
    params = [
        pytest.param(kind, operation, fault, id=f"{fault}-{operation.name}-{kind}".replace(" ", "_"))
        for kind, operation, fault in cases
    ]
    return pytest.mark.parametrize(("kind", "operation", "fault"), params)


BETWEEN_TWO = {"storage.transferring.transfer"}
"""What writes into a second database, where `tests/storage/test_transferring.py` kills it and lets it fail."""

ROOT = Path(__file__).resolve().parent.parent.parent


@named([case for case in CASES if case[1].everyday or (case[0], case[2]) in SELDOM])
def test_promise_2_an_operation_struck_by_a_fault_is_whole_or_done_the_next_time(
    stages: Stages, operation: Operation, fault: str
) -> None:
    LAWS[fault](stages, operation, FEW)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
@named(CASES)
def test_promise_2_an_operation_struck_at_any_point_is_whole_or_done_the_next_time(
    stages: Stages, operation: Operation, fault: str
) -> None:
    LAWS[fault](stages, operation, None)


def test_every_operation_that_writes_is_struck() -> None:
    """Whoever adds a transaction adds it to the table of operations."""
    written = {
        f"{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}.{function.name}"
        for package in ("storage", "digest", "crawler", "scheduler", "tidings")
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "writing"
    }
    assert written - BETWEEN_TWO == {name for operation in ALL for name in operation.covers}
