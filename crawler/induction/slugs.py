"""What an address says of the page behind it: an article's own page, or one more listing, file or service."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from news.errors import UrlError
from news.url_shape import url_shape

_LISTING = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie|ia|ias)|authors?|topics?|label|labels|archives?|page|users?|search|section|sections|rubrique|"
    r"etiqueta|autor|tema|temas|keyword|keywords|feed|rss|login|signin|register|wp-login\.php|wp-admin|"
    r"about|contact|privacy|impressum|sitemap|subscribe|account|cart|help|faq|terms|cookies?)(?:/|\.\w+\Z|\Z)",
    re.IGNORECASE,
)
_LISTING_QUERY = re.compile(
    r"(?:^|&)(?:page|paged|start|offset|cat|tag|author|s|q|lang|sort|share)=", re.IGNORECASE
)
_SHARING = re.compile(
    r"(?:^|\.)(?:facebook|twitter|x|linkedin|instagram|youtube|whatsapp|pinterest|reddit|tumblr|telegram|t|vk|weibo|"
    r"threads|mastodon|tiktok|flickr|plus\.google|addtoany|addthis|sharethis|disqus|wordpress|github|creativecommons|"
    r"gohugo|jekyllrb|hexo|getpelican|getnikola)\.(?:com|org|me|io|ru|net)\Z",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|avif|bmp|ico|css|js|zip|mp[34]|webm|xml|json|rss|atom|ics)\Z", re.IGNORECASE
)
_DATED = re.compile(r"/(?:19|20)\d\d(?:/|-)(?:\d\d?)?")
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d{3,}(?![A-Za-z\d])")
_PAGE_NUMBER = re.compile(
    r"(?:/|[?&])(?:page|paged|p|pg|seite|pagina|página|start|offset|from|صفحة)(?:/|=|-|_)?\d+(?:/|\b)",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def slug_score(url: str) -> float:
    """Return from -2 (a listing, a file, a share button) to 1.5 (surely an article) what an address looks like.

    >>> slug_score("https://a.example/2024/03/rain-at-last-in-the-south/") > 1 > slug_score(
    ...     "https://a.example/tag/rain/"
    ... )
    True
    """
    parts = urlsplit(url)
    path, query = unquote(parts.path), parts.query
    if _SHARING.search(parts.netloc) or _FILE.search(path):
        return -2.0
    if path in ("", "/") and not query:
        return -2.0
    score = 0.0
    last = path.rstrip("/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    if stem.count("-") + stem.count("_") >= 2 or sum(ord(letter) > 127 for letter in stem) >= 12:
        score += 1.0
    elif len(stem) >= 18 or "-" in stem:
        score += 0.5
    if _NUMBER.search(path) or _NUMBER.search(query):
        score += 0.5
    if _DATED.search(path):
        score += 0.5
    if last.endswith((".html", ".htm", ".aspx", ".php", ".pdf", ".shtml")):
        score += 0.3
    if _LISTING.search(path) or _PAGE_NUMBER.search(url):
        score -= 1.5 if not stem.count("-") >= 3 else 0.5
    if _LISTING_QUERY.search(query):
        score -= 1.0
    return max(-2.0, min(1.5, score))


@lru_cache(maxsize=8192)
def family(url: str) -> str:
    """Return how an address is built, words aside: the articles of one list mostly are built alike.

    >>> family("https://a.example/sport/rain-at-last") == family("https://a.example/economy/taxes-rise-again")
    True
    """
    try:
        shape = url_shape(url)
    except UrlError:
        return ""
    host, _, path = shape.partition("/")
    return "/".join([host, *(segment if segment.startswith("{") else _WORD for segment in path.split("/"))])


_WORD = "{w}"
