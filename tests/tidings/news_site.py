"""The small site of the discovery's tests, served on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterable

from tests.crawler.discovery.memory import Came, article, feed, listing, url_of
from tests.crawler.site import Answer, LocalSite


def serve(site: LocalSite, path: str, came: Came) -> None:
    """Serve what a page in memory answers."""
    headers = dict(came.headers)
    site.script(
        path, Answer(body=came.body, status=came.status, content_type=came.kind, headers=headers, etag=True)
    )


def show(site: LocalSite, numbers: Iterable[int], *, head: str = "") -> None:
    """Show these notices on the listing, with one more page below, and have all articles ready."""
    first = list(numbers)
    serve(site, "/notices/", listing(first, head=head, next_path="/notices/page/2/"))
    serve(site, "/notices/page/2/", listing(range(14, 20), title="Notices, page 2"))
    for number in {*first, *range(14, 20)}:
        serve(site, url_of(number), article(number))


def show_feed(site: LocalSite, path: str, numbers: Iterable[int], *, bodies: str = "whole") -> None:
    """Serve a feed of these notices."""
    serve(site, path, feed(numbers, bodies=bodies, site=site.url("").rstrip("/")))
