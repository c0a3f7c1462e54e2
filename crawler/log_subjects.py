"""What a record of Scrapy's is about: the request that it speaks of belongs to the course of one source."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.meta import course_of


class SubjectFilter(logging.Filter):
    """Writes down the source and the host of a record that speaks of a request or of its answer; lets all pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "source"):
            for each in _arguments(record.args):
                request = each.request if isinstance(each, Response) else each
                course = course_of(request) if isinstance(request, Request) else None
                if course is not None:
                    record.source, record.host = course.plan.source.name, course.host.name
                    break
        return True


def _arguments(args: Any) -> Iterable[Any]:
    return args.values() if isinstance(args, Mapping) else args if isinstance(args, tuple) else ()
