"""Which known article a listed entry or a look belongs to, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass

from news.article import Content, Look, Sight
from news.entry import Entry
from news.known import ArticleState, Known
from news.text import title_key, words
from news.urls import url_key

ENOUGH_WORDS = 20
"""A text shorter than this proves nothing by being equal to another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """The article key and the evidence, or neither.

    ``foreign`` means that the look led to the page of another article (a login page, a home page): it must not be
    taken for the content of this one.
    """

    article: str | None = None
    evidence: str = ""
    foreign: bool = False


def which_article(key: str, look: Look | None, entry: Entry | None, known: Known) -> Match:
    """Return the known article behind the URL key ``key``.

    A known address is enough. Where an unknown one leads to a known address (by redirect or canonical link), or shows
    a known text, the title must agree as well: a site that answers everything with its login page would else
    turn all its articles into one.

    :param look: what asking for the address showed, if it was asked.
    :param entry: what the listing says of it, if it is listed or was.
    """
    if key in known.aliases:
        return Match(article=known.aliases[key], evidence="listed", foreign=_is_foreign(key, look, known))
    if look is None or look.sight is not Sight.READ or look.content is None:
        return Match()
    content = look.content
    titles = {title_key(content.title)} if entry is None else {title_key(entry.title)}
    for url, evidence in ((look.final_url, "redirect"), (content.canonical_url, "canonical")):
        found = known.aliases.get(url_key(url)) if url else None
        if found is None:
            continue
        if titles & _titles(known.articles.get(found)):
            return Match(article=found, evidence=evidence)
        if evidence == "redirect":
            return Match(foreign=True)
    found = known.by_fingerprint.get(content.fingerprint)
    if found is not None and is_telling(content) and titles & _titles(known.articles.get(found)):
        return Match(article=found, evidence="fingerprint")
    return Match()


def _is_foreign(key: str, look: Look | None, known: Known) -> bool:
    """Return whether a look at a known article was led to another known article's address."""
    if look is None or look.sight is not Sight.READ:
        return False
    final = known.aliases.get(url_key(look.final_url))
    return final is not None and final != known.aliases[key]


def _titles(state: ArticleState | None) -> frozenset[str]:
    return frozenset() if state is None else state.titles | {state.title_key}


def is_telling(content: Content) -> bool:
    """Return whether a text is long enough for its fingerprint to identify it."""
    return len(words(content.body_text)) >= ENOUGH_WORDS
