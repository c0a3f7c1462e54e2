"""Asking once, and not too much."""

from __future__ import annotations

import asyncio

from scrapy.http import HtmlResponse

from crawler.discovery.asking import Answer, Inquirer, NoAnswer
from news.run import Trouble

ORIGIN = "https://harbour.example"


class Site:
    """Answers every path; ``moved`` lead to another one."""

    def __init__(self, **moved: str) -> None:
        self.asked: list[str] = []
        self._moved = {f"{ORIGIN}/{name}": f"{ORIGIN}/{to}" for name, to in moved.items()}

    async def ask(self, url: str) -> Answer | NoAnswer:
        self.asked.append(url)
        return Answer(url=url, response=HtmlResponse(self._moved.get(url, url), body=b"x"))


def test_no_address_is_asked_twice_whatever_its_spelling_or_where_it_was_led_to() -> None:
    site = Site(old="new")
    inquirer = Inquirer(site.ask)

    async def ask() -> None:
        first = await inquirer.ask(f"{ORIGIN}/old")
        assert await inquirer.ask(f"{ORIGIN}/old#top") is first
        assert await inquirer.ask(f"{ORIGIN}/new") is first
        assert await inquirer.ask("HTTPS://HARBOUR.example/new") is first

    asyncio.run(ask())
    assert site.asked == [f"{ORIGIN}/old"]


def test_a_discovery_ends_asking_when_its_budget_is_spent() -> None:
    site = Site()
    inquirer = Inquirer(site.ask, budget=2)

    async def ask() -> list[Answer | NoAnswer]:
        return [await inquirer.ask(f"{ORIGIN}/{number}") for number in (1, 2, 3, 1)]

    one, _, refused, again = asyncio.run(ask())
    assert isinstance(refused, NoAnswer)
    assert refused.trouble is Trouble.RETRY_LATER
    assert again is one
    assert len(site.asked) == 2


def test_what_is_no_address_is_not_asked() -> None:
    site = Site()
    answer = asyncio.run(Inquirer(site.ask).ask("javascript:alert(1)"))
    assert isinstance(answer, NoAnswer)
    assert site.asked == []
