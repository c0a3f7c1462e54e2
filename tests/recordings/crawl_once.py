"""One crawl in a process of its own: the plan is JSON on standard input, what was seen is JSON on standard output."""

import hashlib
import json
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from crawler.recordings.failures import error_kind
from crawler.recordings.offline import forbid_sockets


class Looking(Spider):
    """Asks for what the plan says, one after the other, and writes down what comes."""

    name = "looking"
    plan: dict[str, Any]
    seen: list[dict[str, Any]]

    async def start(self) -> AsyncIterator[Any]:
        for number, wanted in enumerate(self.plan["requests"]):
            meta = {"handle_httpstatus_list": [304, 404, 503], "number": number, **wanted.pop("meta", {})}
            yield Request(
                **wanted,
                priority=-number,
                dont_filter=True,
                meta=meta,
                callback=self.look,
                errback=self.miss,
                cb_kwargs={"number": number},
            )

    def look(self, response: Response, number: int) -> None:
        self.seen.append({
            "number": number,
            "url": response.url,
            "status": response.status,
            "kind": type(response).__name__,
            "headers": {
                name.decode(): [value.decode("latin-1") for value in values]
                for name, values in response.headers.items()
            },
            "sha256": hashlib.sha256(response.body).hexdigest(),
            "start": response.body[:1000].decode("latin-1"),
        })  # fmt: skip
        if len(self.seen) == self.plan.get("killed_after"):
            os.kill(os.getpid(), signal.SIGKILL)

    def miss(self, failure: Any) -> None:
        error = failure.value
        number = failure.request.cb_kwargs["number"]
        self.seen.append({"number": number, "error": type(error).__name__, "failure": error_kind(error)})


def main() -> None:
    plan = json.load(sys.stdin)
    settings = {
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 1,
        "COOKIES_ENABLED": True,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_MAXSIZE": 30_000_000,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "LOG_LEVEL": "INFO",
        "REMOTE_CONTROL_ENABLED": False,
        "RETRY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        **plan["settings"],
    }
    seen: list[dict[str, Any]] = []
    process = AsyncCrawlerProcess(settings)
    if "disk_limit" in plan:
        sys.dont_write_bytecode = True  # Python would leave modules cut at the limit behind, for everybody
        resource.setrlimit(resource.RLIMIT_FSIZE, (plan["disk_limit"], resource.RLIM_INFINITY))
    with ExitStack() as stack:
        if plan.get("offline"):
            stack.enter_context(forbid_sockets())
        crawler = process.create_crawler(Looking)
        task = process.crawl(crawler, plan=plan, seen=seen)
        process.start()
    if task.done() and task.exception():
        sys.exit(f"the crawl failed: {task.exception()!r}")
    stats = crawler.stats.get_stats()
    ours = {name: value for name, value in stats.items() if name.startswith(("tidings/", "robotstxt/"))}
    Path(plan["result"]).write_text(json.dumps({"seen": seen, "stats": ours}))


if __name__ == "__main__":
    main()
