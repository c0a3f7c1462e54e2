"""What somebody looks for: words that must all occur, "phrases", and -words that must not; no other language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from news.errors import QueryError
from news.folding import fold
from news.text import normalise_title
from news.word_filter import AND, checked

Phrase = tuple[str, ...]
"""Folded words that stand side by side in this order; mostly one."""

MOST_CHARACTERS = 1_000
MOST_WORDS = 20
"""Words of one query, after folding: each costs a look into the index."""

_QUOTES = re.compile("[“”„‟«»″〝〞＂「」『』]")
_MARKS = str.maketrans(dict.fromkeys(":;+\u037e", " "))
"""What a rule of a subscription would read as a mark of its own."""
_PART = re.compile(r'(?P<minus>(?<!\S)[-−–])?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<plain>[^\s"]+))')


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchQuery:
    """A query as it was understood: all of ``wanted`` must stand in an article, none of ``unwanted``."""

    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...] = ()

    @property
    def words(self) -> int:
        """How many words it has."""
        return sum(map(len, (*self.wanted, *self.unwanted)))


def parse_query(text: str) -> SearchQuery:
    """Return what a person typed as a query. Every text can be read: a quote that is left open ends with the text.

    What is written together and folds to several words (``9001:2015``, a Chinese sentence) is a phrase.

    Raises:
        QueryError: nothing is left to look for, or it is too long.

    >>> parse_query('l’eau "Conseil des jeunes" -sport')
    SearchQuery(wanted=(('eau',), ('conseil', 'des', 'jeunes')), unwanted=(('sport',),))
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"The search is longer than {MOST_CHARACTERS} characters; look for fewer words.")
    wanted: dict[Phrase, None] = {}
    unwanted: dict[Phrase, None] = {}
    for words, is_unwanted in _parts(text):
        if phrase := fold(words).words:
            (unwanted if is_unwanted else wanted)[phrase] = None
    query = SearchQuery(wanted=tuple(wanted), unwanted=tuple(unwanted))
    if not query.words:
        raise QueryError("There is no word in the search; type one with letters or digits.")
    if not query.wanted:
        raise QueryError("The search only says what is to be left out; add a word to look for.")
    if query.words > MOST_WORDS:
        raise QueryError(
            f"The search has {query.words} words, more than {MOST_WORDS}; look for fewer. "
            "Of Chinese, Japanese and Thai each two characters count as a word."
        )
    return query


def rules_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words that a subscription includes and excludes to be told of what a search finds.

    They are rules of `news.word_filter`, in the words that were typed: what has been folded is not folded again.

    Raises:
        QueryError: as `parse_query` does.
        ConfigError: it is too long for a rule.

    >>> rules_of('water "cultural heritage" -title:sport')
    (('water + cultural heritage',), ('title sport',))
    """
    parse_query(text)
    told = [
        (words.translate(_MARKS), is_unwanted) for words, is_unwanted in _parts(text) if fold(words).words
    ]
    wanted = AND.join(dict.fromkeys(words for words, is_unwanted in told if not is_unwanted))
    return checked([wanted]), checked(words for words, is_unwanted in told if is_unwanted)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what must stand side by side, as it was typed, and whether it must not occur."""
    stored = normalise_title(text)  # as the texts are that it is held against
    for part in _PART.finditer(_QUOTES.sub('"', stored)):
        yield part["plain"] if part["quoted"] is None else part["quoted"], bool(part["minus"])
