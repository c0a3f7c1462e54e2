"""Selectors of a first proposal read the item of tomorrow that lacks what all items of today have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.listing import read_listing
from crawler.induction.induce import induce
from crawler.induction.model import Sample
from news.source import Source

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PAGE = "https://site.example/news/"
MENU = "".join(
    f'<li><a href="/{name}">{name.title()} us here</a></li>' for name in ("about", "join", "find", "ask")
)


def item(number: int, heading: str, *, whole: bool = True) -> str:
    title = f"The council of the harbour decides on pier number {number} this week"
    told = f"<p>What it means for those near pier {number}, in short.</p><em>{number} January 2026</em>"
    named = f'<a href="/news/pier-{number}-decided">{title}</a>'
    return f"<li><{heading}>{named}</{heading}>{told if whole else ''}</li>"


def page(heading: str, *, bare: int, lists: int) -> str:
    items = [item(number, heading, whole=number <= 24 - bare) for number in range(24, 0, -1)][:12]
    size = len(items) // lists
    parts = ["".join(items[start : start + size]) for start in range(0, len(items), size)]
    listed = "".join(f"<div><ul>{part}</ul></div>" for part in parts)
    return (
        f'<html lang="en"><head><title>News</title></head><body><div><ul>{MENU}</ul></div><div>{listed}</div>'
        f"<div><ul>{MENU.replace('us here', 'the press')}</ul></div></body></html>"
    )


@pytest.mark.parametrize("heading", ["h3", "div", "b"])
@pytest.mark.parametrize("lists", [1, 2])
def test_an_item_without_date_and_teaser_is_read_by_every_alternative(heading: str, lists: int) -> None:
    induction = induce(Sample(url=PAGE, html=page(heading, bare=0, lists=lists)), now=NOW)
    wrapper = induction.drafts[0].wrapper
    assert len(induction.drafts[0].entries) == 12
    later = HtmlResponse(PAGE, body=page(heading, bare=2, lists=lists).encode(), encoding="utf-8")
    for alternative in wrapper.item:
        source = Source(name="site", url=PAGE, wrapper=replace(wrapper, item=(alternative,)))
        assert len(read_listing(later, source, now=NOW).entries) == 12, alternative
