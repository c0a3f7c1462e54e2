"""Threats 9, 20 and 22: text is decoded once, nothing that is stored is run, and a page without news is not silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree, html
from sqlalchemy import Engine, text

from digest.compose import preview
from digest.formats import Format, render
from digest.model import Digest
from news.run import Verdict
from scheduler.service import Scheduler
from storage.engine import open_engine, writing
from storage.settings import Settings
from tests.promises.archive import Archive, Item, article_page, prose, source, whole

NEWS = "https://news.example/"
WRITTEN = "&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt;"
"""As it stands in the source text of a page, which shows ``SHOWN``."""
SHOWN = "<script>alert(1)</script> &lt;b&gt;"


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Archive:
    made = Archive(database_url, tmp_path, source(NEWS, "news", title="The News"))
    made.listing(NEWS, *whole("one", "two", "three"))
    made.replay()
    return made


def told(archive: Archive) -> Digest:
    engine = open_engine(archive.database_url)
    try:
        return preview(engine, now=archive.clock)
    finally:
        engine.dispose()


# ------------------------------------------------------------------------------------- 9: decoded twice


def test_threat_9_markup_that_a_page_shows_as_text_is_text_in_everything_that_is_told(
    archive: Archive,
) -> None:
    archive.listing(NEWS, Item("/new", "PLACE"), *whole("one", "two", "three"))
    archive.answer(NEWS, archive.said(NEWS).replace("PLACE", WRITTEN))
    body = f"It says &lt;img src=x onerror=alert(2)&gt; here. {prose('new')}"
    archive.answer(f"{NEWS}new", article_page("PLACE", body).replace("PLACE", WRITTEN))
    assert archive.replay().published == [SHOWN]
    digest = told(archive)
    assert "says <img src=x onerror=alert(2)> here" in digest.items[0].excerpt
    page = html.document_fromstring(render(digest, Format.HTML))
    assert not page.xpath("//script | //img")
    assert page.findtext(".//h4/a") == SHOWN
    assert SHOWN in render(digest, Format.TEXT)
    entry = etree.fromstring(render(digest, Format.ATOM).encode()).find("{*}entry")
    assert entry is not None
    title = entry.find("{*}title")
    assert title is not None
    assert title.get("type") == "html"
    assert html.fragment_fromstring(str(title.text), create_parent="div").text_content() == SHOWN
    content = entry.find("{*}content")
    assert content is not None
    inside = html.fragment_fromstring(str(content.text), create_parent="div")
    assert not inside.xpath("//script | //img")


# ---------------------------------------------------------------------------------------- 20: unsafe load


def poison(marker: Path) -> bytes:
    """Return a pickle that writes a file when it is loaded; built by hand, since nothing here may pickle."""
    call = f"__import__('pathlib').Path({str(marker)!r}).write_text('run')"
    return b"cbuiltins\nexec\n(V" + call.encode() + b"\ntR."


def test_threat_20_unpickling_a_poisoned_jobs_table_is_never_read(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """The table is the one in which APScheduler keeps its jobs as pickles, where it is told to keep them."""
    marker = tmp_path / "it-ran"
    kind = "bytea" if engine.dialect.name == "postgresql" else "blob"
    with writing(engine) as connection:
        connection.execute(
            text(
                f"CREATE TABLE apscheduler_jobs (id varchar(191) PRIMARY KEY, next_run_time float, job_state {kind})"
            )
        )
        connection.execute(
            text("INSERT INTO apscheduler_jobs VALUES (:id, 0.0, :state)"),
            [{"id": name, "state": poison(marker)} for name in ("heartbeat", "dispatch", "digests")],
        )
    scheduler = Scheduler(engine, Settings(database_url=database_url, log_level="error", tick_seconds=0.05))
    scheduler.start()
    scheduler.stop()
    assert not marker.exists()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM apscheduler_jobs")).scalar_one() == 3


def test_threat_20_unpickling_the_poison_would_have_been_seen(tmp_path: Path) -> None:
    import pickle  # noqa: TID251 - to see that the poison works

    marker = tmp_path / "it-ran"
    pickle.loads(poison(marker))
    assert marker.read_text() == "run"


# ---------------------------------------------------------------------------------------- 22: silent zero


def test_threat_22_silent_zero_a_page_with_nothing_but_its_menu_is_broken_and_told(archive: Archive) -> None:
    menu = "".join(f'<li><a href="/{name}/">{name.title()}</a></li>' for name in ("about", "news", "contact"))
    archive.answer(
        NEWS, f"<html><head><title>News</title></head><body><nav><ul>{menu}</ul></nav></body></html>"
    )
    suspect = archive.replay()
    assert (suspect.changes, suspect.verdicts) == ([], {Verdict.SUSPECT})
    assert "no entries" in suspect.reason
    digest = told(archive)
    assert [unread.source for unread in digest.unread] == ["news"]
    assert "The News" in render(digest, Format.TEXT)
