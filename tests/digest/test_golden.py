"""The golden files: one digest with everything in it, in every format, byte for byte and on both databases.

To see a change of wording in a diff, write them anew: ``TIDINGS_WRITE_GOLDEN=1 pytest tests/digest/test_golden.py``.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.compose import compose, load
from digest.formats import Format, render
from storage.subscriptions import DigestFilter, subscribe
from tests.digest.everything import write_everything
from tests.digest.logs import START, Log

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
SUFFIXES = {Format.TEXT: "txt", Format.MARKDOWN: "md", Format.JSONFEED: "feed.json"}
"""Where a file of a format ends otherwise than in the format's name."""


@pytest.mark.parametrize("kind", Format)
def test_promise_7_a_digest_is_byte_equal_to_its_golden_file_and_when_it_is_loaded_again(
    log: Log, kind: Format
) -> None:
    subscribe(log.engine, "Everything", filter=DigestFilter(), now=START, from_start=True)
    write_everything(log)
    composed = compose(log.engine, "Everything", now=NOW)
    assert composed is not None
    rendered = render(composed, kind)
    path = GOLDEN / f"everything.{SUFFIXES.get(kind, kind)}"
    if os.environ.get("TIDINGS_WRITE_GOLDEN"):
        path.write_bytes(rendered.encode())
    assert rendered.encode() == path.read_bytes()
    assert render(load(log.engine, "Everything", 1), kind) == rendered


def test_json_has_the_documented_keys_in_every_object() -> None:
    digest = json.loads((GOLDEN / "everything.json").read_text(encoding="utf-8"))
    documented = {
        "seq", "kind", "url", "title", "source", "published_at", "first_seen_at", "language", "revision", "edit_class",
    }  # fmt: skip
    assert digest["schema"] == 1
    assert (digest["number"], digest["after_seq"], digest["upto_seq"]) == (1, 0, 17)
    assert digest["changes"]
    assert all(change["schema"] == 1 and documented <= change.keys() for change in digest["changes"])
    assert all(unread["schema"] == 1 for unread in digest["unread"] + digest["stretches"])


def test_a_day_precise_date_never_shows_an_hour() -> None:
    text = (GOLDEN / "everything.txt").read_text(encoding="utf-8")
    assert "published 20 November 2026\n" in text
    assert "published November 2026; withdrawn on 20 November 2026, 06:13 UTC\n" in text
    assert "published 20 November 2026, 08:30 UTC\n" in text
