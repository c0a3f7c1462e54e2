"""A source that is not where it used to be: its page is discovered anew, and what is found must show what is stored.

A feed, an interface or a sitemap that a site no longer has, or has elsewhere, is no matter of selectors. The page that
people know it by leads to what there is now (`crawler.discovery`), and the stored articles say whether that is the same
source (`crawler.healing.weighing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from scrapy.http import TextResponse

from crawler.answers import stands_for_something_else
from crawler.discovery.asking import Answer, Ask, NoAnswer
from crawler.discovery.discover import discover
from crawler.discovery.options import Options
from crawler.discovery.proposal import ASK_AT_LEAST, AUTO_AT_LEAST, IN_WORDS, Candidate, Proposal
from crawler.healing.weighing import weigh
from news.addresses import may_follow
from news.entry import Page
from news.healing import Healing, ItemState
from news.moving import may_move
from news.run import Trouble
from news.source import Channel, Source, own_hosts
from news.text import title_key
from news.urls import host_key, url_key
from news.whereabouts import Whereabouts, further_hosts
from storage.remembering import Remembered

MOST_ASKED = 16
"""Requests that looking for a source may cost, beside the run's own."""
FAILS_FOR = timedelta(hours=1)
"""How long a source must have failed before it is read by another channel unasked: a deployment may pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A source whose address does not answer with it any more.

    ``is_sure`` says that this has gone on for a while, or that the site says it is for good.
    """

    source: Source
    symptom: str
    remembered: Remembered
    seen_at: datetime
    is_sure: bool


def may_be_elsewhere(source: Source, trouble: Trouble, *, status: int, is_page: bool) -> bool:
    """Return whether an answer is that of an address where the source is not any more.

    Not found, gone, or a page of HTML in its place: then the address is not what it was. A document that cannot be
    read is one that the site will mend, and a wall, a login or a fault says nothing of the address.
    """
    if source.channel is Channel.LISTING:
        return False
    if trouble is Trouble.GONE or (trouble is Trouble.STATUS and status == 404):
        return True
    return trouble is Trouble.NOT_A_PAGE and 200 <= status < 300 and is_page


def is_time_to_look(failures: int) -> bool:
    """Return whether a source that keeps failing is looked for once more: each time its failures have doubled.

    >>> [failures for failures in range(20) if is_time_to_look(failures)]
    [0, 1, 3, 7, 15]
    """
    return failures & (failures + 1) == 0


async def relocated(lost: Lost, ask: Ask) -> Healing | None:
    """Return where else a source stands, with what speaks for it, or None if nothing there shows what is stored.

    A page that says what it is (a login, a parked domain, maintenance) leads nowhere. The channel that the source was
    read by comes first; what may be taken without a person comes before what may not.
    """
    source = lost.source
    page_url = source.page_url or urljoin(source.url, "/")
    page: list[Answer | NoAnswer] = []

    async def asked(url: str) -> Answer | NoAnswer:
        answer = await ask(url)
        page.append(answer)
        return answer

    options = Options(language=source.language, time_zone=source.time_zone, budget=MOST_ASKED)
    proposal = await discover(asked, page_url, options=options, now=lost.seen_at)
    if proposal.chosen is None or _says_what_it_is(page[0]):
        return None
    found = [each for each in _weighed(lost, proposal) if each.confidence >= ASK_AT_LEAST]
    return next((each for each in found if each.accepted), found[0] if found else None)


def _says_what_it_is(answer: Answer | NoAnswer) -> bool:
    response = answer.response if isinstance(answer, Answer) else None
    return isinstance(response, TextResponse) and stands_for_something_else(response)


def _weighed(lost: Lost, proposal: Proposal) -> Iterator[Healing]:
    """Yield what speaks for each candidate that the source may move to, those of its channel first."""
    source, seen = lost.source, _Seen(proposal)
    for candidate in sorted(proposal.candidates, key=lambda each: each.channel is not source.channel):
        healing = _weigh(lost, seen, candidate) if _may_be(lost, candidate) else None
        if healing is not None:
            yield healing


def _may_be(lost: Lost, candidate: Candidate) -> bool:
    """Return whether a candidate is another address than the old one, and one that a source may ever move to.

    The rules are those of a permanent redirect: never from TLS to plain HTTP, never into a private network, and no
    further than an opt-in goes.
    """
    source, url = lost.source, candidate.url
    same = (candidate.channel, url_key(url)) == (source.channel, url_key(source.url))
    if same or candidate.browser or url in lost.remembered.rejected_urls:
        return False
    private = source.request.allow_private
    return may_move(source.url, url, allow_private=private) and may_follow(source, url)


def _weigh(lost: Lost, seen: _Seen, candidate: Candidate) -> Healing | None:
    remembered = lost.remembered
    healing = weigh(
        Page(entries=candidate.entries, next_url=candidate.next_url or None),
        candidate.wrapper,
        seeds=remembered.seeds,
        profiles=remembered.profiles,
        symptom=lost.symptom,
        reasons=(f"found as {IN_WORDS[candidate.channel]} {candidate.url}", *candidate.reasons),
    )
    if healing is None:
        return None
    doubts = (*seen.obstacles, *_doubts(lost, seen, candidate, healing))
    sure = healing.accepted and candidate.confidence >= AUTO_AT_LEAST
    return replace(
        healing,
        confidence=min(healing.confidence, candidate.confidence),
        accepted=sure and not doubts,
        reasons=(*healing.reasons, *doubts),
        whereabouts=_whereabouts(lost.source, candidate),
    )


class _Seen:
    """What the page shows to people: what a channel brings beside it need not belong to the source."""

    def __init__(self, proposal: Proposal) -> None:
        self.obstacles = proposal.obstacles
        listed = [
            entry
            for candidate in proposal.candidates
            if candidate.channel is Channel.LISTING and candidate.confidence >= ASK_AT_LEAST
            for entry in candidate.entries
        ]
        self._keys = {entry.key for entry in listed}
        self._titles = {title_key(entry.title) for entry in listed}

    def strangers(self, healing: Healing) -> int:
        """Return how many of the new items are not on the page."""
        return sum(
            item.key not in self._keys and title_key(item.title) not in self._titles
            for item in healing.items
            if item.state is ItemState.NEW
        )


def _doubts(lost: Lost, seen: _Seen, candidate: Candidate, healing: Healing) -> Iterator[str]:
    """Yield why a person must be asked, however much is recognised."""
    source = lost.source
    if candidate.channel is not source.channel and not lost.is_sure:
        yield "it is read in another way than before, and one failure may pass"
    if host_key(candidate.url) != host_key(source.url):
        yield "it stands on another host, which gets none of the source's headers and passwords"
    elsewhere = sum(host_key(entry.url) not in own_hosts(source) for entry in candidate.entries)
    if 2 * elsewhere > len(candidate.entries):
        yield "most of its items stand on another host"
    if not source.page_url:
        yield "the source names no page of its own, so that the whole site was looked through"
    if candidate.url in lost.remembered.left_urls:
        yield "a person went back from this address before"
    if strangers := seen.strangers(healing):
        yield f"{strangers} of its new items are not on the page"


def _whereabouts(source: Source, candidate: Candidate) -> Whereabouts:
    # The page stays the one that a person named: where a redirect leads is never learnt here.
    page_url = source.page_url
    return Whereabouts(
        url=candidate.url,
        channel=candidate.channel,
        page_url="" if page_url and url_key(candidate.url) == url_key(page_url) else page_url,
        whole_bodies=candidate.whole_bodies or candidate.channel in (Channel.LISTING, Channel.SITEMAP),
        hosts=further_hosts(source, candidate.url),
    )
