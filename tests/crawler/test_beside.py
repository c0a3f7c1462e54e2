"""Work beside the event loop: the loop goes on, errors come through, and what takes too long is left to itself."""

from __future__ import annotations

import asyncio
import threading

import pytest
from scrapy.exceptions import DropItem

from crawler import pipelines
from crawler.beside import beside
from crawler.extraction.article import extract_article
from crawler.pipelines import Normalise
from news.article import Sight
from news.errors import ExtractionError
from tests.crawler.crawling import NOW
from tests.crawler.test_pipelines import a_ledger, an_item


def test_the_loop_goes_on_while_the_work_is_done() -> None:
    ticked, seen = threading.Event(), []

    async def both() -> str:
        async def tick() -> None:
            ticked.set()

        ticking = asyncio.create_task(tick())
        result = await beside(lambda: "done" if ticked.wait(10) else "blocked", seconds=20)
        await ticking
        seen.append(threading.current_thread())
        return result

    assert asyncio.run(both()) == "done"
    assert seen == [threading.main_thread()]


def test_what_the_work_raises_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise ExtractionError("no title")

    with pytest.raises(ExtractionError, match="no title"):
        asyncio.run(beside(fail, seconds=10))


def test_work_that_takes_too_long_is_left_to_itself() -> None:
    ended = threading.Event()

    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await beside(lambda: ended.wait(60), seconds=0.05)

    asyncio.run(wait())
    ended.set()  # its result comes after the loop is closed, and is dropped


def test_a_page_that_takes_too_long_is_unreadable_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()
    slow_html = "<title>slow</title>"

    def slowly(url: str, html: str, *rest: object, **fields: object) -> object:
        return ended.wait(60) if html == slow_html else extract_article(url, html, *rest, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(pipelines, "extract_article", slowly)
    monkeypatch.setattr(pipelines, "EXTRACTION_SECONDS", 1.0)
    slow, other = an_item(a_ledger(), html=slow_html), an_item(a_ledger())

    async def all_of_them() -> None:
        normalise = Normalise()
        for _ in range(3):  # more than are read at once
            with pytest.raises(DropItem, match="more than 1 seconds"):
                await normalise.process_item(slow)
        assert (await normalise.process_item(other)).content is not None

    asyncio.run(all_of_them())
    ended.set()
    [look] = slow.ledger.reading(slow.ledger.plan.host, NOW, last_of_host=True).looks
    assert (look.sight, look.reason) == (Sight.UNREADABLE, "reading the page took more than 1 seconds")
