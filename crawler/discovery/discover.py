"""The ladder from an address to a proposal: every way of reading the page, what counts most first.

The page first; what it shows by itself (induction asks for nothing); the feeds and the WordPress interface that it
declares; then the next page and two articles, which confirm the list and measure the feeds' bodies; and last what is
not declared: robots.txt with its sitemaps, and the well-known paths of feeds where neither a feed nor WordPress was
found. The ladder is climbed to its end, also when something is sure on the way: a better channel may stand on the next
rung. No address is asked twice, and no more than the budget allows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lxml.html import HtmlElement
from scrapy.http import TextResponse

from crawler.channels.recognising import recognised
from crawler.charset import page_text
from crawler.discovery import rungs, visible
from crawler.discovery.articles import article_texts
from crawler.discovery.asking import Answer, Ask, Inquirer, NoAnswer
from crawler.discovery.choosing import REFUSED_SHOWN, Found, Sight, capped, decide, evidence, judged, ranked
from crawler.discovery.obstacles import NO_BROWSER, SHELL, is_shell, why_no_answer, why_not_readable
from crawler.discovery.options import Options
from crawler.discovery.proposal import ASK_AT_LEAST, AUTO_AT_LEAST, Candidate, Decision, Proposal
from crawler.discovery.signposts import links_of
from crawler.discovery.structured import confirming, structured_lists
from crawler.discovery.visible import OTHER_BOUNDS
from crawler.discovery.weighing import newest_of, share_of_listing
from crawler.induction.model import Hints, Induction, Sample
from crawler.links import base_url
from crawler.markup import parse_html
from news.errors import ExtractionError
from news.source import Channel, Source
from news.urls import url_key

BODIES_MEASURED = 2
"""Article pages that are read to see whether the bodies of a feed are whole."""
DOCUMENTS = {
    Channel.FEED: "a feed",
    Channel.WORDPRESS: "an answer of WordPress's interface",
    Channel.SITEMAP: "a sitemap",
}
"""What an address answers with that is no page, in words."""
_NAME = "discovery"


async def discover(ask: Ask, url: str, *, options: Options, now: datetime) -> Proposal:
    """Return the ways to read the page at ``url``, which one is proposed, and why.

    Args:
        ask: the only effect: asks for one address, and never raises for what a site or a network does.
        url: an address that can be asked for, see `news.urls.fetchable_url`.
        options: which channels may be asked, and what helps.
        now: an aware datetime, for relative dates and against dates in the future.

    Returns:
        A proposal whatever happened: what could not be had or read is a refusal that says so.
    """
    inquirer = Inquirer(ask, budget=options.budget)
    answer = await inquirer.ask(url)
    if isinstance(answer, NoAnswer):
        return _refusal(url, why_no_answer(answer))
    return await _Discovery(answer, inquirer, options, now).proposal()


class _Discovery:
    """One discovery, from the answer to the page that was named."""

    def __init__(self, answer: Answer, inquirer: Inquirer, options: Options, now: datetime) -> None:
        self._answer = answer
        self._inquirer = inquirer
        self._pages = inquirer
        self._options = options
        self._now = now
        self._notes: list[str] = []
        source = Source(
            name=_NAME, url=answer.final_url, language=options.language, time_zone=options.time_zone
        )
        self._place = rungs.Place(page_url=answer.final_url, source=source, now=now)
        if answer.moved and answer.permanent:
            self._notes.append(f"{answer.url} has moved for good to {answer.final_url}")

    async def proposal(self) -> Proposal:
        """Climb the ladder."""
        channel = recognised(self._answer.response) if self._answer.ok else None
        if channel is not None:
            return await self._of_a_document(channel)
        blocked = why_not_readable(self._answer, now=self._now)
        if not self._answer.ok or not isinstance(self._answer.response, TextResponse):
            return self._refused(blocked)
        try:
            root = parse_html(page_text(self._answer.response))
        except ExtractionError as error:
            return self._refused(blocked or str(error))
        return await self._of_a_page(root, blocked)

    async def _of_a_document(self, channel: Channel) -> Proposal:
        """Propose the address itself: it answers with a feed, a sitemap or posts, and with no page to look at."""
        name = DOCUMENTS[channel]
        if channel not in self._options.channels:
            wanted = ", ".join(sorted(self._options.channels))
            return self._refused(f"the address is itself {name}; only {wanted} may be proposed")
        page = rungs.read(self._answer, channel, self._place)
        if isinstance(page, str):
            return self._refused(f"the address is itself {name}, but cannot be read: {page}")
        told_by = f"the address is itself {name}"
        found = Found(channel=channel, url=self._answer.final_url, page=page, told_by=told_by, own=True)
        found = await rungs.with_parts(found, self._place, self._inquirer)
        sight = Sight(articles=await self._article_texts([found], {}))
        return self._proposed(
            [judged(found, sight)], sight, title=found.page.title, language=found.page.language
        )

    # ------------------------------------------------------------------------------------------ a page

    async def _of_a_page(self, root: HtmlElement, blocked: str) -> Proposal:
        if blocked or not is_shell(root):
            return await self._climbed(root, blocked, empty=False)
        render = self._options.render
        if render is None:
            self._notes.append(NO_BROWSER)
            return await self._climbed(root, "", empty=True)
        rendered = await render(self._answer.final_url)
        if isinstance(rendered, Answer) and rendered.ok and isinstance(rendered.response, TextResponse):
            return await self._rendered(rendered, render)
        why = rendered.detail if isinstance(rendered, NoAnswer) else f"HTTP {rendered.response.status}"
        self._notes.append(f"a browser could not render it: {why}")
        return await self._climbed(root, "", empty=True)

    async def _rendered(self, answer: Answer, render: Ask) -> Proposal:
        """Go on with what a browser made of the page; its next pages and articles need the browser too."""
        self._answer = answer
        self._pages = Inquirer(render, budget=self._options.budget)
        self._pages.keep(self._place.page_url, answer)
        self._notes.append(f"{SHELL}; a browser rendered it")
        try:
            root = parse_html(page_text(_text_of(answer)))
        except ExtractionError as error:
            return self._refused(str(error))
        found = await self._climbed(
            root, why_not_readable(answer, now=self._now), empty=is_shell(root, rendered=True)
        )
        candidates = tuple(
            replace(one, browser=True) if one.channel is Channel.LISTING else one for one in found.candidates
        )
        return replace(found, candidates=candidates)

    async def _climbed(self, root: HtmlElement, blocked: str, *, empty: bool) -> Proposal:
        channels = self._options.channels
        response = _text_of(self._answer)
        base = base_url(root, response.url)
        shown = visible.look(
            visible.sample_of(self._answer), now=self._now, hints=Hints(language=self._options.language)
        )
        induction = shown.induction
        draft = induction.drafts[0].entries if induction.drafts else ()
        self._place = replace(
            self._place, root=root, base=base, links=links_of(root, response, base), visible=draft
        )
        found = await self._declared()
        listings: list[Candidate] = []
        if not empty:
            shown = visible.with_hints(shown, self._confirmed_elsewhere(found, induction, root, base))
            listings = await visible.candidates_of(shown, self._pages, now=self._now)
        sight = self._sight(listings, (*induction.obstacles, *self._is_an_item(found)), blocked, empty=empty)
        sight = replace(sight, articles=await self._article_texts(found, shown.articles))
        others = [judged(one, sight) for one in found]
        shown_listings: list[Candidate] = []
        if Channel.LISTING in channels:
            shown_listings = _shown(listings, sight)
            if empty or not sight.obstacles:
                shown_listings += rungs.by_description(self._place, sight)
        is_sure = any(one.confidence >= AUTO_AT_LEAST for one in (*others, *shown_listings))
        for one in await self._undeclared(found):
            candidate = judged(one, sight)
            others.append(candidate if one.near or not is_sure else _behind_the_sure(candidate))
        return self._proposed(
            [*others, *shown_listings], sight, title=induction.title, language=induction.language
        )

    def _is_an_item(self, found: list[Found]) -> tuple[str, ...]:
        """Return why the page is no listing, if one of the site's channels brings it as an item."""
        key = url_key(self._place.page_url)
        for one in found:
            if any(entry.key == key for entry in one.page.entries):
                return (f"the page is itself an item of {one.url}",)
        return ()

    def _confirmed_elsewhere(
        self, found: list[Found], induction: Induction, root: HtmlElement, base: str
    ) -> frozenset[str]:
        """Return the items of one of the page's lists, as a channel or the page's own description brings them too."""
        described = structured_lists(root, base)
        for draft in induction.drafts[: visible.MAX_DRAFTS]:
            by_channel = evidence(found, draft.entries)
            described_too = confirming(described, draft.entries)
            if described_too:
                self._notes.append("the page describes its list for machines, too (JSON-LD or microdata)")
            if by_channel or described_too:
                return by_channel | described_too
        return frozenset()

    def _sight(
        self, listings: list[Candidate], obstacles: tuple[str, ...], blocked: str, *, empty: bool
    ) -> Sight:
        best = listings[0] if listings else None
        sure = best.confidence if best is not None else 0.0
        against = obstacles
        if empty:
            against = (SHELL, *against)
        if blocked and (sure < ASK_AT_LEAST or obstacles):
            against = (blocked, *(one for one in against if not blocked.startswith(one)))
        return Sight(
            visible=best.entries if best else (),
            sure=sure,
            linked=frozenset(rungs.linked_keys(self._place)),
            obstacles=against,
        )

    async def _declared(self) -> list[Found]:
        found: list[Found] = []
        if Channel.WORDPRESS in self._options.channels:
            found += await rungs.wordpress(self._place, self._inquirer)
        if Channel.FEED in self._options.channels:
            found += await rungs.feeds(self._place, self._inquirer, wordpress=rungs.is_wordpress(self._place))
        return found

    async def _undeclared(self, found: list[Found]) -> list[Found]:
        more: list[Found] = []
        if Channel.SITEMAP in self._options.channels:
            more += await rungs.sitemaps(self._place, self._inquirer)
        if Channel.FEED in self._options.channels and not any(one.page.entries for one in found):
            more += await rungs.well_known_feeds(self._place, self._inquirer)
        return more

    async def _article_texts(self, found: list[Found], read: dict[str, Sample | None]) -> dict[str, str]:
        """Return articles to measure bodies by: those that were read, and two of each feed that has bodies."""
        texts = article_texts(read, self._place.source, now=self._now)
        for one in found:
            bodied = [entry for entry in one.page.entries if entry.body_html]
            if not bodied or any(entry.key in texts for entry in bodied):
                continue
            pages = {}
            for entry in bodied[:BODIES_MEASURED]:
                pages[entry.url] = await visible.page_at(entry.url, self._pages)
            texts |= article_texts(pages, self._place.source, now=self._now)
        return texts

    # --------------------------------------------------------------------------------------- the outcome

    def _proposed(self, candidates: list[Candidate], sight: Sight, *, title: str, language: str) -> Proposal:
        best_first = ranked([capped(one, sight.obstacles) for one in candidates], sight)
        decision, chosen, reasons = decide(
            best_first, obstacles=sight.obstacles, wanted=self._options.channels
        )
        misses = tuple(self._place.misses) if decision is not Decision.AUTO else ()
        if self._inquirer.unasked:
            misses += (_unasked(self._inquirer.unasked, self._options.budget),)
        return Proposal(
            url=self._place.page_url,
            decision=decision,
            reasons=(*self._notes, *reasons, *misses),
            chosen=chosen,
            candidates=best_first if chosen is not None else best_first[:REFUSED_SHOWN],
            title=title,
            language=self._options.language or language,
            obstacles=sight.obstacles,
        )

    def _refused(self, why: str) -> Proposal:
        return Proposal(url=self._place.page_url, decision=Decision.REFUSE, reasons=(*self._notes, why))


def _shown(listings: list[Candidate], sight: Sight) -> list[Candidate]:
    """Return the page's lists, measured like the others; beside one that is sure, unlikely ones only confuse."""
    sure = sight.trusted and listings[0].confidence >= AUTO_AT_LEAST
    return [
        replace(one, overlap=share_of_listing(one.entries, sight.visible), newest_at=newest_of(one.entries))
        for one in listings
        if not sure or one is listings[0]
    ]


def _behind_the_sure(candidate: Candidate) -> Candidate:
    """Return a channel of the whole site, which the page does not declare, beside a way that is sure already.

    It may bring the same items today, and those of other sections tomorrow.
    """
    reason = "the page does not declare it, and it is not the page's own by its address"
    confidence = min(candidate.confidence, OTHER_BOUNDS)
    return replace(candidate, confidence=confidence, reasons=(*candidate.reasons, reason))


def _text_of(answer: Answer) -> TextResponse:
    """Return an answer that is known to be text."""
    if not isinstance(answer.response, TextResponse):
        raise TypeError(f"{answer.url} is no text")
    return answer.response


def _unasked(number: int, budget: int) -> str:
    addresses = "1 more address was" if number == 1 else f"{number} more addresses were"
    return f"{addresses} not asked for: a discovery asks for {budget} pages at most"


def _refusal(url: str, why: str) -> Proposal:
    return Proposal(url=url, decision=Decision.REFUSE, reasons=(why,))
