"""The yardstick: a lean bare Scrapy spider. Default headers and compression only, no extensions, uvloop.

    python -m benchmarks.bare PORT HOSTS STATE [--reads]

It asks for the same pages as tidings, with the validators that it remembers in STATE. Without ``--reads`` it looks at
nothing but the status and is told where a new article stands; with it, it reads title, link and body of every item of a
changed listing, and title and body of the article, with Scrapy's own selectors, as any spider must. It keeps nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response, TextResponse

import benchmarks.names
from benchmarks.site import ITEMS

SETTINGS: dict[str, Any] = {
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
    "EXTENSIONS_BASE": {},
    "SPIDER_MIDDLEWARES_BASE": {},
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    },
    "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
    "CONCURRENT_REQUESTS": 64,
}


class BareSpider(Spider):
    """Asks for the listings of ``hosts`` hosts, and for the newest article of a changed one that has pages."""

    name = "bare"

    def __init__(self, *, port: int, hosts: int, tags: dict[str, str], reads: bool) -> None:
        super().__init__()
        self.port = port
        self.hosts = hosts
        self.tags = tags
        self.reads = reads
        self.read = 0

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every listing, conditionally where it is known."""
        for number in range(self.hosts):
            tag = self.tags.get(str(number))
            headers = {"If-None-Match": tag} if tag else None
            yield Request(
                f"http://{benchmarks.names.host_name(number)}:{self.port}/news/",
                headers=headers,
                dont_filter=True,
                cb_kwargs={"number": number},
            )

    def parse(self, response: Response, number: int = 0) -> Iterator[Request]:
        """Look at a listing."""
        if response.status != 200 or not isinstance(response, TextResponse):
            return
        first = str(number) not in self.tags
        tag = (response.headers["ETag"] or b"").decode()
        self.tags[str(number)] = tag
        published = int(tag.strip('"').split("-")[1])
        link = f"/2026/11/{number}-{ITEMS + published}/"
        if self.reads:
            items = [
                (
                    item.css(".entry-title a::attr(href)").get(""),
                    item.css(".entry-title a::text").get(""),
                    item.css(".entry-content").get(""),
                )
                for item in response.css("article.hentry")
            ]
            link = items[0][0]
            self.read += len(items)
        if number % 2 and not first:
            yield response.follow(link, callback=self.article, dont_filter=True)

    def article(self, response: Response) -> None:
        """Look at an article."""
        if self.reads and isinstance(response, TextResponse):
            self.read += bool(
                response.css("h1.entry-title::text").get() and response.css(".entry-content").get()
            )


def main(port: str, hosts: str, state: str, *options: str) -> None:
    """Make one round."""
    file = Path(state)
    tags: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    process = AsyncCrawlerProcess(SETTINGS)
    task = process.crawl(BareSpider, port=int(port), hosts=int(hosts), tags=tags, reads="--reads" in options)
    process.start()
    task.result()  # raises what went wrong
    file.write_text(json.dumps(tags))


if __name__ == "__main__":
    main(*sys.argv[1:])
