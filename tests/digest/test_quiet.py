"""A source that has stopped publishing is told of at the end of every digest, and survives being stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from digest.content import digest_from, sealed, stored_form
from digest.formats import Format, render
from digest.model import Digest
from storage.quiet import QuietSource

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
QUIET = QuietSource(
    source="harbour", title="Harbour Gazette", language="en", since=NOW.date(), days=12, expected=8.6
)
TOLD = "Harbour Gazette is quiet: nothing new since 22 November 2026, 12 days of which about 9 would have had news."


def digest() -> Digest:
    return sealed(
        Digest(
            number=1,
            subscription="a",
            after_seq=0,
            upto_seq=0,
            upto_run_id=0,
            composed_at=NOW,
            quiet=(QUIET,),
        )
    )


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML])
def test_every_format_says_so_at_its_end(form: Format) -> None:
    told = " ".join(render(digest(), form).split())
    assert TOLD in told.replace("\\", "")
    assert "not being read" not in told.lower()


def test_programs_are_told() -> None:
    [told] = json.loads(render(digest(), Format.JSON))["quiet"]
    assert (told["source"], told["since"], told["days"], told["expected"]) == (
        "harbour",
        "2026-11-22",
        12,
        8.6,
    )


def test_it_is_stored_with_the_digest() -> None:
    assert digest_from(stored_form(digest())) == digest()
