"""From a candidate that was accepted to the source that is saved. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from crawler.discovery.proposal import Candidate, Proposal
from news.errors import UrlError
from news.source import Channel, RequestRules, Source
from news.urls import host_key, url_key

MAX_NAME = 63
MAX_PAGES = 10
"""As a source has by itself (`news.source.Source.max_pages`), unless its baseline takes more."""
FURTHER_HOST_SHARE = 0.3
"""From this share of the items on, a host other than the listing's may be asked for articles."""
_LABEL = re.compile(r"[^a-z0-9]+")
_EMPTY_SEGMENTS = frozenset(
    "category categories categorie tag tags topic topics section sections index page archive archives feed rss".split()
)
_SECOND_LEVEL = frozenset("ac co com edu gob gouv gov go ltd mil net ne nom or org".split())


def source_of(
    candidate: Candidate,
    proposal: Proposal,
    *,
    name: str,
    schedule: str = "",
    delay_seconds: float = 1.0,
    allow_private: bool = False,
    pages: int = 1,
) -> Source:
    """Return the source that a candidate becomes.

    Args:
        candidate: the accepted one.
        proposal: that it stands in, for the page's address, title and language.
        name: of the source, see `name_for`.
        schedule: empty for the usual one.
        delay_seconds: the least time between two requests of its host.
        allow_private: whether its host may have a private address.
        pages: of the listing that the baseline takes.
    """
    rules = RequestRules(delay_seconds=delay_seconds, allow_private=allow_private, browser=candidate.browser)
    source = Source(
        name=name,
        url=candidate.url,
        page_url="" if url_key(candidate.url) == url_key(proposal.url) else proposal.url,
        title=proposal.title,
        channel=candidate.channel,
        wrapper=candidate.wrapper,
        article=candidate.article,
        whole_bodies=candidate.whole_bodies or candidate.channel in (Channel.LISTING, Channel.SITEMAP),
        language=proposal.language,
        baseline_pages=pages,
        max_pages=max(pages, MAX_PAGES),
        request=rules,
        hosts=further_hosts(candidate, proposal.url),
    )
    return replace(source, schedule=schedule) if schedule else source


def further_hosts(candidate: Candidate, page_url: str) -> tuple[str, ...]:
    """Return the hosts beside the source's own on which its articles stand: the page's, or that of many items."""
    own = host_key(candidate.url)
    tally: Counter[str] = Counter()
    for entry in candidate.entries:
        try:
            tally[host_key(entry.url)] += 1
        except UrlError:
            continue
    least = FURTHER_HOST_SHARE * len(candidate.entries)
    page = host_key(page_url)
    found = {host for host, times in tally.items() if times >= least or host == page}
    return tuple(sorted(found - {own}))


def name_for(page_url: str, taken: Collection[str]) -> str:
    """Return a name for a source out of its page's address: valid, and none of those that are taken.

    >>> name_for("https://www.example.org/en/category/news/", ())
    'example-en-news'
    >>> name_for("https://news.gov.uk/", {"news"}), name_for("http://127.0.0.1:8000/أخبار/", ())
    ('news-2', '127-0-0-1-8000')
    """
    parts = urlsplit(page_url)
    words = [_host_word(host_key(page_url))]
    for segment in parts.path.split("/"):
        word = _word(re.sub(r"\.\w{2,5}$", "", unquote(segment)))
        if word and word not in _EMPTY_SEGMENTS and not word.isdigit():
            words.append(word)
    base = "-".join(filter(None, words))[:MAX_NAME].strip("-") or "source"
    name, number = base, 1
    while name in taken:
        number += 1
        end = f"-{number}"
        name = base[: MAX_NAME - len(end)].rstrip("-") + end
    return name


def _host_word(host: str) -> str:
    """Return the telling part of a host: without what every host ends in."""
    name, _, port = host.partition(":") if not host.startswith("[") else (host, "", "")
    labels = name.split(".")
    if name.replace(".", "").isdigit() or len(labels) < 2:
        return _word(f"{name}-{port}" if port else name)
    labels.pop()
    if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels.pop()
    return _word("-".join(labels))


def _word(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _LABEL.sub("-", folded).strip("-")
