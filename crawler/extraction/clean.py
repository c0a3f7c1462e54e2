"""HTML of a body that is safe to show: few elements, absolute links, nothing that runs, loads or styles.

It is made on demand from what is kept of a capture, not stored beside it: a stricter list then holds for what was kept
before, too.
"""

from __future__ import annotations

import nh3

from crawler.extraction.body import markup_of
from crawler.extraction.inline import inline_html
from crawler.extraction.page import authors_of, body_of, open_page, title_of
from crawler.links import absolute_url
from news.article import Way
from news.errors import ExtractionError
from news.source import Source

TAGS = frozenset(
    "a abbr b blockquote br cite code dd del dl dt em h2 h3 h4 h5 h6 hr i ins li ol p pre q s small strong sub sup "
    "table tbody td tfoot th thead tr u ul".split()
)
"""What may stay; everything else goes, and the text in it stays."""
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
_CONTENT_GONE = {
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "title",
    "select",
}


def clean_html(source: Source, way: Way, url: str, raw: str) -> str:
    """Return the body of a kept capture as HTML that is safe to show.

    Args:
        source: whose selectors name the body, if it has any.
        way: where the capture was made.
        url: where it stood, for its links.
        raw: what was kept of it (`news.article.Content.raw`).

    Raises:
        ExtractionError: nothing was kept, or no body is found in it.
    """
    if not raw:
        raise ExtractionError(f"nothing was kept of {url}: it can only be read anew from the site")
    if way is Way.LISTING:
        return cleaned(inline_html(raw, source), url)
    page = open_page(url, raw, source)
    return cleaned(markup_of(body_of(page, title_of(page), authors_of(page), rich=True)), page.base)


def cleaned(html: str, base: str) -> str:
    """Return HTML without anything but text, its structure and links to pages.

    >>> cleaned(
    ...     '<p onclick="x()">A <a href="/b">link</a><script>x()</script><img src="//t.example/1.gif"></p>',
    ...     "https://a.example/",
    ... )
    '<p>A <a href="https://a.example/b" rel="nofollow noopener noreferrer">link</a></p>'
    """

    def absolute(_: str, name: str, value: str) -> str | None:
        return absolute_url(value, base) if name == "href" else value

    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=_CONTENT_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=absolute,
        link_rel="nofollow noopener noreferrer",
        url_schemes={"http", "https"},
    ).strip()
