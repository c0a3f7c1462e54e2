"""What the tests of the promises may ask for: a site of their own to write, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from news.source import Source
from tests.promises.archive import Archive

NewArchive = Callable[..., Archive]


@pytest.fixture
def new_archive(database_url: str, tmp_path: Path) -> NewArchive:
    """Give a function that opens an archive for some sources, in this test's own database."""

    def build(*sources: Source) -> Archive:
        return Archive(database_url, tmp_path, *sources)

    return build
