"""How tidings watches a site of the benchmark: its declaration, as an operator would write it."""

from __future__ import annotations

from benchmarks.names import host_name
from news.source import ArticleRules, RequestRules, Source, Wrapper

WRAPPER = Wrapper(
    item=("main article.hentry",),
    link=(".entry-title a",),
    title=(".entry-title",),
    body=(".entry-content",),
    next_page=("a.next.page-numbers",),
)


def source(number: int, port: int, *, delay_seconds: float = 0.0) -> Source:
    """Return the source on one of the server's hosts."""
    return Source(
        name=f"site-{number:05}",
        url=f"http://{host_name(number)}:{port}/news/",
        language="en",
        wrapper=WRAPPER,
        article=ArticleRules(title=("h1.entry-title",), body=(".entry-content",)),
        request=RequestRules(delay_seconds=delay_seconds, allow_private=True),
    )
