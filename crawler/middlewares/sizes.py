"""How much a run makes servers send, as it comes over the network: before anything is unpacked."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from crawler.meta import course_of


class SizesMiddleware:
    """Adds the size of each answer's body to its run's ledger; it stands nearest to the downloader."""

    def process_response(self, request: Request, response: Response) -> Response:
        course = course_of(request)
        if course is not None:
            course.ledger.received_bytes += len(response.body)
        return response
