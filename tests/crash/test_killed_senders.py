"""Promise 2 of what is brought: a digest arrives again only where its acceptance was not heard or not written."""

from __future__ import annotations

import pytest

from tests.crash.outbox import play_on


@pytest.mark.timeout(300)
def test_promise_2_each_change_stands_in_one_digest_and_a_repeat_has_the_key_of_the_first(
    database_url: str,
) -> None:
    tally = play_on(database_url, failures=20, seed=7)
    assert sum(tally.failures.values()) >= 20
    assert len(tally.failures) == 4
    assert tally.repeats > 0  # or nobody was killed where it matters
