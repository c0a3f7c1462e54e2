"""What is said of when a source is read next."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from news.source import Source, Wrapper
from storage.source_status import list_sources
from storage.sources import load_source
from tests.storage.desk import BASE, HOST, Desk
from tidings.json_output import source_json
from tidings.show_sources import source_lines


def test_an_adaptive_schedule_says_why_a_source_is_read_then(engine: Engine) -> None:
    adaptive = Source(
        name="one", url=f"https://{HOST}/one", wrapper=Wrapper(item=("li",), link=("a",)), schedule="adaptive"
    )
    desk = Desk(engine, adaptive)
    desk.run(*BASE)
    [status] = list_sources(engine)
    source = load_source(engine, "one")
    told = next(str(line) for line in source_lines(status, source, now=desk.now) if "next crawl" in str(line))
    assert ") because it brings about 1 new a day, as many on working days at " in told
    assert source_json(status)["due_reason"].startswith("it brings about 1 new a day")
    later = source_lines(status, source, now=desk.now + timedelta(days=1))
    assert not any("because" in str(line) for line in later), "what is due already needs no reason"
