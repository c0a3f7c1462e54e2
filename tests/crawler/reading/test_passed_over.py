"""What stands among the items of a listing and is built like them is counted where the selectors pass it over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawler.channels.listing import read_listing
from crawler.channels.passed_over import PASSED_OVER
from news.source import Source, Wrapper

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PAGE = "https://site.example/news/"


def item(name: str, *, teaser: bool = True, classes: str = "card", folder: str = "/news/") -> str:
    text = f"<p>In short, what {name} means.</p>" if teaser else ""
    return f'<li class="{classes}"><a href="{folder}{name}">What is told of {name}</a>{text}</li>'


WHOLE = "".join(item(f"{name}-and-more") for name in ("maps", "bees", "trains", "choirs"))
BARE = item("ferries-and-more", teaser=False)


@pytest.mark.parametrize(
    ("listing", "count"),
    [
        (WHOLE, 0),
        (BARE + WHOLE, 1),
        (BARE + item("harbour", teaser=False) + WHOLE, 2),  # a slug of one word
        (WHOLE + item("about", teaser=False, folder="/"), 0),  # leads elsewhere
        (WHOLE + item("maps-and-more", teaser=False), 0),  # is read already
        (WHOLE + item("ferries-and-more", teaser=False, classes="advert"), 0),
        (WHOLE + '<li class="card"><a href="/news/all">All news</a></li>', 0),  # a link of the list's own
        (WHOLE + "<li class='card'>No link at all</li><!-- none --><li class='card'><a>x</a></li>", 0),
        (f"{WHOLE}</ul><ul>{BARE}", 0),  # beside the list
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_items_that_the_selectors_pass_over_are_counted(listing: str, count: int, *, wrapped: bool) -> None:
    if wrapped:  # each in an element of its own
        listing = listing.replace("<li", "<div class='cell'><li").replace("</li>", "</li></div>")
        listing = listing.replace("cell'><li class=\"advert", "other'><li class=\"advert")
    source = Source(
        name="site", url=PAGE, wrapper=Wrapper(item=("//li[@class='card'][.//p]",), link=("a",), title=("a",))
    )
    body = f"<html><body><ul><li><a href='/'>Home</a></li></ul><ul>{listing}</ul></body></html>"
    page = read_listing(HtmlResponse(PAGE, body=body.encode(), encoding="utf-8"), source, now=NOW)
    assert len(page.entries) == 4
    assert dict(page.refused).get(PASSED_OVER, 0) == count
