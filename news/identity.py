"""Which known article a listed entry or a look belongs to, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass

from news.agreeing import SAME_TEXT, alike, is_telling, same_but_prefix
from news.article import Look, Sight
from news.entry import Entry
from news.known import ArticleState, Known
from news.site_id import EVIDENCE, SiteId, agreement, common_of, keys_of
from news.text import title_key
from news.urls import url_key


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """The article key and the evidence, or neither.

    ``foreign`` means that the look led to the page of another article (a login page, a home page): it must not be
    taken for the content of this one.
    """

    article: str | None = None
    evidence: str = ""
    foreign: bool = False


def rests_on_id(match: Match) -> bool:
    """Return whether an article was recognised by the site's own id, at an address that was not known."""
    return match.evidence.partition(":")[0] in EVIDENCE.values()


def which_article(
    key: str, look: Look | None, entry: Entry | None, known: Known, site_id: SiteId | None = None
) -> Match:
    """Return the known article behind the URL key ``key``.

    A known address is enough: one that the site gave to another article leads nowhere by now (`news.handover`). Then
    the site's own id is asked, as far as what was seen agrees. Where an unknown address leads to a known one (by
    redirect or canonical link), or shows a known text, the title must agree as well: a site that answers everything
    with its login page would else turn all its articles into one. (Where the page has the listing's new title and the
    known text, it was retitled. Where the page shows the known title and text, and names what differs in the prefix of
    the site alone, the listing is behind: what waited long was retitled meanwhile.)

    :param look: what asking for the address showed, if it was asked.
    :param entry: what the listing says of it, if it is listed or was.
    :param site_id: the id that the site gives it, if it tells anything.
    """
    if key in known.aliases:
        known_as = known.aliases[key]
        return Match(article=known_as, evidence="listed", foreign=_is_foreign(known_as, look, known))
    if entry is not None and site_id is not None and (match := _by_site_id(site_id, look, entry, known)):
        return match
    if look is None:
        return Match()
    if entry is not None and look.sight in (Sight.GONE, Sight.MISSING):
        return _led_to_what_is_lost(look, entry, known)
    return _by_page(look, entry, known) if look.sight is Sight.READ else Match()


def _by_page(look: Look, entry: Entry | None, known: Known) -> Match:
    """Return the article whose address a page leads to, or whose text it shows."""
    if look.content is None:
        return Match()
    content = look.content
    titles = {title_key(content.title)} if entry is None else {title_key(entry.title)}
    for url, evidence in ((look.final_url, "redirect"), (content.canonical_url, "canonical")):
        found = known.aliases.get(url_key(url)) if url else None
        if found is None:
            continue
        old = known.articles.get(found)
        if titles & _titles(old) or (old is not None and _is_retitled(old, entry, look)):
            return Match(article=found, evidence=evidence)
        if old is not None and evidence == "canonical" and _is_under_another_prefix(old, look):
            return Match(article=found, evidence=evidence)
        if evidence == "redirect":
            return Match(foreign=True)
    found = known.by_fingerprint.get(content.fingerprint)
    if found is not None and is_telling(content) and titles & _titles(known.articles.get(found)):
        return Match(article=found, evidence="fingerprint")
    return Match()


def _led_to_what_is_lost(look: Look, entry: Entry, known: Known) -> Match:
    """Return the article of the same title to whose address an unknown one leads, though nothing is left there."""
    found = known.aliases.get(url_key(look.final_url))
    if found is None or title_key(entry.title) not in _titles(known.articles.get(found)):
        return Match()
    return Match(article=found, evidence="redirect")


def _by_site_id(site_id: SiteId, look: Look | None, entry: Entry, known: Known) -> Match | None:
    """Return the article that bore the entry's id before, if enough else agrees."""
    for key in keys_of(site_id):
        old = known.articles.get(known.aliases.get(key, ""))
        if old is None:
            continue
        own = look_of_its_own(old.key, look, known)
        if evidence := agreement(old, site_id, entry, own):
            return Match(article=old.key, evidence=evidence, foreign=own is not look)
    return None


def _is_retitled(old: ArticleState, entry: Entry | None, look: Look) -> bool:
    """Return whether a page that stands for a known article shows its text, under the title that the listing gives."""
    if entry is None or look.content is None or title_key(look.content.title) != title_key(entry.title):
        return False
    common = common_of(old, entry, look)
    return common.text is True and common.title is not False


def _is_under_another_prefix(old: ArticleState, look: Look) -> bool:
    """Return whether a page names its own address under another prefix, and shows what is known there: title and text.

    No page that stands for all others does so.
    """
    content = look.content
    if content is None or not is_telling(content) or title_key(content.title) not in _titles(old):
        return False
    is_same = content.fingerprint == old.fingerprint or (alike(old.body_text, look) or 0.0) >= SAME_TEXT
    return is_same and same_but_prefix(look.final_url, content.canonical_url)


def look_of_its_own(article: str, look: Look | None, known: Known) -> Look | None:
    """Return a look at a known article, None where it was led to another known article's page."""
    return None if _is_foreign(article, look, known) else look


def _is_foreign(article: str, look: Look | None, known: Known) -> bool:
    """Return whether a look at a known article was led to another known article's address."""
    if look is None or look.sight is not Sight.READ:
        return False
    final = known.aliases.get(url_key(look.final_url))
    return final is not None and final != article


def _titles(state: ArticleState | None) -> frozenset[str]:
    return frozenset() if state is None else state.titles | {state.title_key}
