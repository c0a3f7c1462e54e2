"""Which feeds of the log there are, as files and from the web server alike, each with the name that stays for good."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection

from digest.feeds import FeedChoice
from digest.wording import link_to
from news.errors import ConfigError, UnknownError
from news.word_filter import word_filter
from storage.feed_entries import SourcePage, source_pages
from storage.subscriptions import DigestFilter, SubscriptionRow, list_subscriptions, load

CHOICES = "choices/"
"""What the names of feeds begin with that are made of what somebody chose on *Latest* or searched for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFeed:
    """One feed; ``home`` is the page that people look at instead, empty if there is none."""

    choice: FeedChoice
    home: str = ""


def everything(home: str) -> KnownFeed:
    """Return the feed of all that is told."""
    return KnownFeed(choice=FeedChoice(name="all", title="All sources"), home=home)


def feeds_of_sources(connection: Connection) -> list[KnownFeed]:
    """Return the feed of each source, by name."""
    return [_of_source(source) for source in source_pages(connection)]


def feed_of_source(connection: Connection, name: str) -> KnownFeed:
    """Return the feed of one source.

    Raises:
        UnknownError: there is no such source.
    """
    for source in source_pages(connection):
        if source.name == name:
            return _of_source(source)
    raise UnknownError(f"source {name!r}: there is no such source, so it has no feed")


def feed_of_subscription(connection: Connection, name: str, home: str) -> KnownFeed:
    """Return the feed of what a subscription's filter lets through.

    Raises:
        UnknownError: there is no such subscription.
        ConfigError: it is told of alerts.
    """
    row = load(connection, name)
    if row.alert_after_seconds is not None:
        raise ConfigError(f"subscription {name}: it is told of alerts, which make no feed; leave it out")
    return _of_subscription(row, home)


def feeds_of_subscriptions(connection: Connection, home: str) -> list[KnownFeed]:
    """Return the feed of each subscription; those of alerts have none."""
    rows = list_subscriptions(connection)
    return [_of_subscription(row, home) for row in rows if row.alert_after_seconds is None]


def feed_of_choice(wanted: DigestFilter, title: str, home: str) -> KnownFeed:
    """Return the feed of what somebody chose: the same choice has the same name, in whichever order it was made."""
    parts = [sorted(wanted.sources), sorted(wanted.languages), sorted(map(str, wanted.kinds))]
    said = "\n".join(map(" ".join, parts))
    if wanted.asks_for_more:  # the names of the others stay as they were
        words = word_filter(wanted.include, wanted.exclude)
        rules = [sorted(rule.meaning for rule in each) for each in (words.include, words.exclude)]
        said = json.dumps([*parts, *rules, sorted(wanted.sections)])
    language = "" if wanted.asks_for_more else "en"  # it is what somebody typed
    return KnownFeed(
        choice=FeedChoice(name=CHOICES + _mark(said), title=title, wanted=wanted, language=language),
        home=home,
    )


def file_name(name: str, ending: str, number: int | None = None) -> str:
    """Return the file of a feed's document, relative to the folder or address where all feeds are.

    >>> file_name("sources/icesco-en", "atom"), file_name("all", "json", 3)
    ('sources/icesco-en.atom', 'all/3.json')
    """
    return f"{name}.{ending}" if number is None else f"{name}/{number}.{ending}"


def safe_name(name: str) -> str:
    """Return a subscription's name as a name of files: readable where it can be, else a hash beside what can be read.

    >>> safe_name("desk"), safe_name("../Été")
    ('desk', 'ete-b5124b390626')
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        return name
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:40].strip("-")
    return f"{words}-{_mark(name)}" if words else _mark(name)


def _of_source(source: SourcePage) -> KnownFeed:
    choice = FeedChoice(
        name=f"sources/{source.name}",
        title=source.title,
        wanted=DigestFilter(sources=(source.name,)),
        language=source.language,
    )
    return KnownFeed(choice=choice, home=link_to(source.url))


def _of_subscription(row: SubscriptionRow, home: str) -> KnownFeed:
    choice = FeedChoice(
        name=f"subscriptions/{safe_name(row.name)}", title=row.name, wanted=row.filter, language=""
    )
    return KnownFeed(choice=choice, home=home)


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
