"""What the crawl writes into the log: nothing of the kind that is only true of every request."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure


class QuietLogFormatter(LogFormatter):
    """Builds no line that nobody will see, and prints no item, which is a whole page."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        if not logging.getLogger("scrapy").isEnabledFor(logging.DEBUG):
            return None  # type: ignore[return-value]  # documented: None writes nothing
        return super().crawled(request, response, spider)

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return {"level": logging.DEBUG, "msg": "Read %(item)s", "args": {"item": str(item)}}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "Cannot read %(item)s", "args": {"item": str(item)}}
