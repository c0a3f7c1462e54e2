"""The whole ladder over a site's folder, in process: what `crawler.discovery.discover.discover` asks with."""

from __future__ import annotations

from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from benchmarks.discovery.folder import SiteFolder
from crawler.discovery.asking import Answer, NoAnswer
from news.run import Trouble

_NO_HOST = 599


class FolderAsker:
    """Asks a site's folder; ``asked`` are the addresses so far, in order.

    Args:
        site: the folder. Another host than its own cannot be resolved.
    """

    def __init__(self, site: SiteFolder) -> None:
        self._site = site
        self.asked: list[str] = []

    async def ask(self, url: str) -> Answer | NoAnswer:
        """Return what the site answers; see `crawler.discovery.asking.Ask`."""
        self.asked.append(url)
        found = self._site.ask(url)
        if found.status == _NO_HOST:
            return NoAnswer(url=url, trouble=Trouble.NETWORK, detail="the host name cannot be resolved (DNS)")
        headers = Headers({"Content-Type": found.content_type})
        made = responsetypes.from_args(headers=headers, url=found.url, body=found.body)
        response = made(url=found.url, status=found.status, headers=headers, body=found.body)
        return Answer(url=url, response=response, permanent=found.url != url)
