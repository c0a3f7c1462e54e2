"""The site's own name for an article: the id of a WordPress post, a feed's ``guid`` or ``id``. Pure.

An id is only as good as the site that gives it: a post's number stands in a database, but a feed's may be made anew
on every request, be the same for all items, or name another article tomorrow. So a number holds unless what was seen
speaks against it, and any other id needs something that speaks for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from urllib.parse import parse_qsl, urlsplit

from news.agreeing import (
    OTHER_TEXT,
    SAME_TEXT,
    alike,
    other_language,
    published_of,
    read_content,
    same_day,
    same_moment,
    same_slug,
)
from news.article import Look
from news.entry import Entry
from news.errors import UrlError
from news.known import ArticleState
from news.source import Channel
from news.text import comparable, title_key, words
from news.urls import canonical_url, host_key, url_key

MAX_IDS = 3
"""Ids that are kept of one article: a feed that makes them anew on every request would else fill the database."""
SHOWN_CHARS = 200
"""Characters of an id that are kept to be shown; it is found by the hash of all of it."""
PREFIX = "id:"
"""What the spelling of an id begins with where it stands among an article's aliases."""
_NUMBER = re.compile(r"[1-9][0-9]{0,18}\Z", re.ASCII)
_POSTS = "/wp/v2/"


class IdKind(StrEnum):
    """Who gave an id: WordPress's database, or whatever made the feed."""

    POST = "post"
    GUID = "guid"


EVIDENCE = {IdKind.POST: "post id", IdKind.GUID: "guid"}
"""What a match by an id is called; what else agrees follows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteId:
    """An id within its site: ``key`` finds it among the aliases, ``text`` is its spelling there.

    ``space`` is what the spellings of all ids of its kind begin with on its site. ``url_key`` is that of the address
    that the id is, if it is one: old permalinks live on as a feed's ids. ``former_keys`` find it as it was kept while
    the listing stood at other addresses.
    """

    kind: IdKind
    key: str
    text: str
    space: str
    url_key: str = ""
    former_keys: tuple[str, ...] = ()


def keys_of(site_id: SiteId | None) -> tuple[str, ...]:
    """Return the keys under which an article that bears an id may be known, the surest first."""
    if site_id is None:
        return ()
    return tuple(filter(None, (site_id.key, *site_id.former_keys, site_id.url_key)))


def site_id_of(
    entry: Entry, channel: Channel, listing_url: str, former_urls: Sequence[str] = ()
) -> SiteId | None:
    """Return the id that a listing gives an entry, None where it says no more than the entry's address.

    The site is the host of the listing, and for posts the directory in which WordPress lives: sites of one network
    number their posts apart. A feed of WordPress names its posts by ``?p=NUMBER``, which is the same number, and so
    is what its themes write on the items of a listing.

    :param former_urls: where the listing stood before: a site that moves to another host keeps its numbers.

    >>> from news.urls import url_key
    >>> url = "https://a.example/news/x/"
    >>> post = Entry(url=url, key=url_key(url), title="X", site_id="22")
    >>> site_id_of(post, Channel.WORDPRESS, "https://a.example/en/wp-json/wp/v2/posts").text
    'id:a.example/en:post:22'
    """
    said = entry.site_id.strip()
    if not said or not listing_url:
        return None
    sites = [host_key(listing_url), *(host_key(url) for url in former_urls)]
    if channel in (Channel.WORDPRESS, Channel.LISTING):  # the items of a page say only the number of a post
        if not _NUMBER.match(said):
            return None
        roots = [_wordpress_root(url) for url in (listing_url, *former_urls)]
        if channel is Channel.LISTING:
            roots = [""] * len(sites)
        return _made([site + root for site, root in zip(sites, roots, strict=True)], IdKind.POST, said)
    try:
        address = canonical_url(said)
    except UrlError:
        return _made(sites, IdKind.GUID, said)
    key = url_key(said)
    if key in (entry.key, url_key(listing_url)):
        return None
    if host_key(said) in (*sites, host_key(entry.url)) and (number := _post_number(said)):
        path = urlsplit(address).path.removesuffix("/index.php").rstrip("/")
        places = dict.fromkeys((host_key(said), *sites[1:]))
        return _made([site + path for site in places], IdKind.POST, number)
    return _made(sites, IdKind.GUID, address, url_key=key)


def _made(sites: Sequence[str], kind: IdKind, said: str, *, url_key: str = "") -> SiteId:
    spaces = [f"{PREFIX}{site}:{kind}:" for site in sites]
    keys = [
        blake2b(f"{space}{said}".encode(errors="surrogatepass"), digest_size=16).hexdigest()
        for space in spaces
    ]
    return SiteId(
        kind=kind,
        key=keys[0],
        text=spaces[0] + said[:SHOWN_CHARS],
        space=spaces[0],
        url_key=url_key,
        former_keys=tuple(dict.fromkeys(key for key in keys[1:] if key != keys[0])),
    )


def _wordpress_root(listing_url: str) -> str:
    """Return the directory of a WordPress site, by the address of its interface."""
    path = urlsplit(canonical_url(listing_url)).path
    if _POSTS in path + "/":
        return path.partition(_POSTS)[0].rpartition("/")[0]
    return path.removesuffix("/index.php").rstrip("/")


def _post_number(said: str) -> str:
    """Return the number of a post that WordPress's feeds name by ``?p=NUMBER``, or an empty string."""
    query = dict(parse_qsl(urlsplit(said).query, max_num_fields=20)) if said.count("&") < 20 else {}
    number = query.get("p", "")
    return number if _NUMBER.match(number) and query.keys() <= {"p", "post_type", "lang"} else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Common:
    """What a known article and an entry have in common: True, False where they differ, None where that is open.

    Titles in other words are open, titles that differ in their numbers only do differ: those name a series.
    """

    title: bool | None
    day: bool | None
    text: bool | None
    moment: bool
    slug: bool
    translated: bool

    def holds_for(self, kind: IdKind) -> bool:
        """Return whether all this lets two be one article that bear the same id."""
        if self.translated and self.text is not True:
            return False
        return self._holds_for_post() if kind is IdKind.POST else self._holds_for_guid()

    def _holds_for_post(self) -> bool:
        if self.text is False:
            return self.title is True and self.day is not False
        if self.title is not True and self.day is False:
            return self.title is None and (self.text is True or self.slug)
        return True

    def _holds_for_guid(self) -> bool:
        if self.day is False or self.text is False or self.title is False:
            return False
        same_text = self.text is True and (self.moment or self.slug)
        return self.title is True or same_text or (self.slug and self.day is True)

    @property
    def grounds(self) -> str:
        """Say what agrees, in words."""
        when = "time" if self.moment else "day" if self.day else ""
        found = ("title" * (self.title is True), when, "text" * (self.text is True), "slug" * self.slug)
        return ", ".join(filter(None, found))


def agreement(old: ArticleState, site_id: SiteId, entry: Entry, look: Look | None) -> str:
    """Return what says that ``entry`` is ``old``, which bore the same id at another address; empty if it is another.

    A post's number holds unless both the text and something else are another's, or the title and the day are and no
    text says otherwise. A feed's id needs the same title, or the same text from the same moment or under the same
    slug, and a day or a text of its own speaks against it. Under another language's prefix only the same text will do:
    translations share their number and their moment.

    :param old: the known article, with its text where it was loaded.
    :param look: what asking for the new address showed, if it was asked and is its own page.
    """
    common = common_of(old, entry, look)
    if not common.holds_for(site_id.kind):
        return ""
    return EVIDENCE[site_id.kind] + (f": {common.grounds}" if common.grounds else "")


def common_of(old: ArticleState, entry: Entry, look: Look | None) -> Common:
    """Return what a known article and an entry have in common."""
    published = published_of(entry, look)
    share = alike(old.body_text, look)
    text = None if share is None or OTHER_TEXT <= share < SAME_TEXT else share >= SAME_TEXT
    return Common(
        title=_title(old, entry, look),
        day=same_day(old.published, published),
        text=text,
        moment=same_moment(old.published, published),
        slug=same_slug(old.fetch_url, entry.url),
        translated=other_language(old.fetch_url, entry.url),
    )


def _title(old: ArticleState, entry: Entry, look: Look | None) -> bool | None:
    content = read_content(look)
    titles = {entry.title} | ({content.title} if content is not None and content.title else set())
    if {title_key(title) for title in titles} & (old.titles | {old.title_key}):
        return True
    return False if any(_without_numbers(title) == _without_numbers(old.title) for title in titles) else None


def _without_numbers(title: str) -> list[str]:
    return [word for word in words(comparable(title).casefold()) if not any(map(str.isdigit, word))]
