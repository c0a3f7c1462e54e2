"""A pytest plugin: writes which tests were collected, and which marks would keep one from running, as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

KEPT_BACK = {"skip", "skipif", "xfail"}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write what is left after deselection to the file that ``TIDINGS_TEST_LISTING`` names."""
    found = {
        item.nodeid: sorted({mark.name for mark in item.iter_markers()} & KEPT_BACK) for item in session.items
    }
    Path(os.environ["TIDINGS_TEST_LISTING"]).write_text(json.dumps(found), encoding="utf-8")
