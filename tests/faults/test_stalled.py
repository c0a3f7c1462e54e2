"""Promise 2, nothing lost: who stands still in the middle of settling keeps nobody else from it for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from news.errors import StorageError
from tests.faults.knowledge import everything, told
from tests.faults.locked import hurry
from tests.faults.operations import OPERATIONS
from tests.faults.stages import Stages
from tests.faults.stalled import stalled


@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize("operation", ["settling news", "composing a digest", "approving a held run"])
def test_promise_2_a_transaction_that_stands_still_is_ended_by_the_server_and_done_by_another(
    stages: Stages, operation: str
) -> None:
    with stages.stage(OPERATIONS[operation]) as stage:
        with stalled(stage.task, at=stage.committed - 1) as zombie:
            stage.do()  # waits until the server has ended the other's transaction
            assert everything(stage.engine) == stage.done
            late = zombie.wake()
        assert isinstance(late.brought, StorageError)
        assert "stood still in the middle of it; try again" in str(late.brought)
        assert told(stage.engine) == stage.told
        everything(stage.engine)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_promise_2_a_writer_that_stands_still_on_sqlite_is_named_as_what_keeps_the_file_locked(
    stages: Stages,
) -> None:
    """Nobody can take a file's lock from a process that lives: who waits is told to end it, and loses nothing."""
    with stages.stage(OPERATIONS["settling news"]) as stage:
        event.listen(stage.engine, "connect", lambda driver, _record: hurry(driver))
        with stalled(stage.task, at=stage.committed - 1) as zombie:
            with pytest.raises(StorageError, match="wait for that process to finish, or end it"):
                stage.do()
            assert not isinstance(zombie.wake().brought, StorageError)
        assert everything(stage.engine) == stage.done
