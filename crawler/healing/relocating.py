"""A source that is not where it used to be: its page is discovered anew, and what is found must show what is stored.

A feed, an interface or a sitemap that a site no longer has, or has elsewhere, is no matter of selectors. The page that
people know it by leads to what there is now (`crawler.discovery`), and the stored articles say whether that is the same
source (`crawler.healing.weighing`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from crawler.discovery.asking import Ask
from crawler.discovery.discover import discover
from crawler.discovery.options import Options
from crawler.discovery.proposal import ASK_AT_LEAST, AUTO_AT_LEAST, Candidate, Proposal
from crawler.healing.weighing import weigh
from news.entry import Page
from news.healing import Healing
from news.run import Trouble
from news.source import Channel, Source
from news.urls import host_key, url_key
from news.whereabouts import Whereabouts, further_hosts
from storage.remembering import Remembered

MOST_ASKED = 16
"""Requests that looking for a source may cost, beside the run's own."""
_OTHER_CHANNEL = "it is read in another way than before, and one failure may pass"
_OTHER_HOST = "it stands on another host"
_NO_PAGE = "the source names no page of its own, so that the whole site was looked through"
_LEFT = "a person went back from this address before"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A source whose address does not answer with it any more.

    ``is_sure`` says that this did not happen for the first time, or that the site says it is for good.
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

    The channel that it was read by comes first; what may be taken without a person comes before what may not.
    """
    source = lost.source
    options = Options(language=source.language, time_zone=source.time_zone, budget=MOST_ASKED)
    page_url = source.page_url or urljoin(source.url, "/")
    proposal = await discover(ask, page_url, options=options, now=lost.seen_at)
    found = [each for each in _weighed(lost, proposal) if each.confidence >= ASK_AT_LEAST]
    return next((each for each in found if each.accepted), found[0] if found else None)


def _weighed(lost: Lost, proposal: Proposal) -> Iterable[Healing]:
    """Yield what speaks for each candidate that is not the old address, the likeliest first."""
    source = lost.source
    others = [
        candidate
        for candidate in proposal.candidates
        if not candidate.browser
        and (candidate.channel, url_key(candidate.url)) != (source.channel, url_key(source.url))
    ]
    for candidate in sorted(others, key=lambda each: each.channel is not source.channel):
        healing = _weigh(lost, proposal, candidate)
        if healing is not None:
            yield healing


def _weigh(lost: Lost, proposal: Proposal, candidate: Candidate) -> Healing | None:
    remembered = lost.remembered
    if candidate.url in remembered.rejected_urls:
        return None
    healing = weigh(
        Page(entries=candidate.entries, next_url=candidate.next_url or None),
        candidate.wrapper,
        seeds=remembered.seeds,
        profiles=remembered.profiles,
        symptom=lost.symptom,
        reasons=(f"found as a {candidate.channel} at {candidate.url}",),
    )
    if healing is None:
        return None
    doubts = _doubts(lost, candidate)
    return replace(
        healing,
        accepted=healing.accepted and candidate.confidence >= AUTO_AT_LEAST and not doubts,
        reasons=(*healing.reasons, *doubts),
        whereabouts=_whereabouts(lost.source, proposal, candidate),
    )


def _doubts(lost: Lost, candidate: Candidate) -> tuple[str, ...]:
    """Return why a person must be asked, however much is recognised."""
    source = lost.source
    doubts = {
        _OTHER_CHANNEL: candidate.channel is not source.channel and not lost.is_sure,
        _OTHER_HOST: host_key(candidate.url) != host_key(source.url),
        _NO_PAGE: not source.page_url,
        _LEFT: candidate.url in lost.remembered.left_urls,
    }
    return tuple(said for said, holds in doubts.items() if holds)


def _whereabouts(source: Source, proposal: Proposal, candidate: Candidate) -> Whereabouts:
    page_url = proposal.url if source.page_url else ""
    return Whereabouts(
        url=candidate.url,
        channel=candidate.channel,
        page_url="" if page_url and url_key(candidate.url) == url_key(page_url) else page_url,
        whole_bodies=candidate.whole_bodies or candidate.channel in (Channel.LISTING, Channel.SITEMAP),
        hosts=further_hosts(source, candidate.url),
    )
