"""The one spider: it reads any batch of sources, each from its own listing, each into its own ledger."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.ahead import Ahead
from crawler.answers import ACCEPT
from crawler.article_answers import article_item, probed
from crawler.clock import RunClock
from crawler.course import Course
from crawler.courses import Courses
from crawler.credentials import Credentials
from crawler.discovery.asking import Answer, NoAnswer
from crawler.discovery.fetching import fetched, robots_known
from crawler.errand import Errand, ErrandKind
from crawler.failures import CrawlStopped, explain
from crawler.healing.healer import Healer, Remember
from crawler.hosts import Hosts
from crawler.items import ArticleItem
from crawler.listing_reader import ListingReader
from crawler.meta import BROWSER, COURSE, ERRAND, HOST, VALIDATORS, course_of, errand_of
from crawler.middlewares.conditional import validators_in
from crawler.pace import slots_of
from crawler.polling import is_unchanged, moved_to, wait_of
from crawler.unanswered import unanswered
from news.article import Way
from news.entry import Entry, Page
from news.run import Plan, Reading, Trouble
from storage.recognising import Recognised

logger = logging.getLogger(__name__)


Recognise = Callable[[Plan, Sequence[Entry]], Recognised]


class ListingsSpider(Spider):
    """Reads the listings of its plans, the articles that they lack, and whatever is due for another look.

    ``finished`` gets the frozen `Reading` of each source as soon as nothing of it is under way. A source whose run
    was not finished when the crawl ended still gets one, that says so; only a crawl that is told to stop leaves
    it out, so that the source is simply due again.

    :param plans: what to crawl; plans of one host are crawled one after the other, in this order.
    :param finished: called in the event loop; it must not block.
    :param recognise: asks the database about entries, called in a thread.
    :param remember: asks the database what a source used to list, for healing; called in a thread.
    :param credentials: by source name, for those that have any.
    :param clock: tells the time of everything that is seen; begins at the lease's time when None.
    """

    name = "listings"

    def __init__(
        self,
        *,
        plans: Sequence[Plan],
        finished: Callable[[Reading], None],
        recognise: Recognise,
        remember: Remember | None = None,
        credentials: Mapping[str, Credentials] | None = None,
        clock: RunClock | None = None,
        look_budget: int = 10,
        default_delay_seconds: float = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.hosts = Hosts(plans, clock=clock, default_delay_seconds=default_delay_seconds)
        self.closed_reason = ""
        self._recognise = recognise
        self._healer = Healer(remember)
        self._reader = ListingReader()
        courses = (
            Course(
                plan,
                self.hosts.named(plan.host.name),
                look_budget=look_budget,
                credentials=(credentials or {}).get(plan.source.name),
            )
            for plan in plans
        )
        self._courses = Courses(courses, hosts=self.hosts, finished=finished)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        kwargs.setdefault("look_budget", crawler.settings.getint("TIDINGS_LOOK_BUDGET"))
        spider = super().from_crawler(crawler, *args, **kwargs)
        if crawler.settings.getbool("TIDINGS_HOST_GATE_WAITS"):
            crawler.settings.set("DOWNLOAD_SLOTS", slots_of(spider.hosts), priority="spider")
        connect = crawler.signals.connect
        for item_signal in (signals.item_scraped, signals.item_dropped):
            connect(spider.item_left, signal=item_signal)
        connect(spider.item_failed, signal=signals.item_error)
        connect(spider.callback_failed, signal=signals.spider_error)
        connect(spider.request_dropped, signal=signals.request_dropped)
        connect(spider.crawl_closed, signal=signals.spider_closed)
        return spider

    # ------------------------------------------------------------------------------------------- requests

    async def start(self) -> AsyncIterator[Request | ArticleItem]:
        """Start with one source of each host; the hosts' other sources follow as these end."""
        engine = self.crawler.engine
        firsts = (request for course in self._courses.firsts() for request in self._onward(course))
        async for request, response in Ahead(self.crawler).ask(firsts):
            if response is None:
                yield request
            else:
                async for each in self._arrived_ahead(response):
                    yield each
            if engine.needs_backout():
                await self.crawler.signals.wait_for(signals.scheduler_empty)

    async def _arrived_ahead(self, response: Response) -> AsyncIterator[Request | ArticleItem]:
        """Take in an answer that Scrapy knows nothing of; as it would, whatever is raised."""
        try:
            async for each in self.listing_arrived(response):
                yield each
        except Exception:
            logger.exception("Spider error processing %s", response.request)
            self.callback_failed(Failure(), response)  # type: ignore[no-untyped-call]

    def _onward(self, course: Course) -> Iterator[Request]:
        """Go on with what ``course`` asks next or, when that is nothing, with the host's next source."""
        turn = self._courses.onward(course)
        if turn is not None:
            yield self._request(*turn)

    def _request(self, course: Course, errand: Errand) -> Request:
        meta: dict[str, Any] = {COURSE: course, ERRAND: errand}
        if course.plan.source.request.browser and errand.kind is not ErrandKind.PROBE:
            meta[BROWSER] = True  # unconditionally: what its scripts make of an unchanged page may be new
        elif errand.validators:
            meta[VALIDATORS] = errand.validators
        if errand.kind is ErrandKind.LISTING:
            meta[HOST] = course.host
            meta["download_slot"] = course.host.name
        asked = {ErrandKind.LISTING: self.listing_arrived, ErrandKind.EDITS: self.edits_arrived}
        is_trial = errand.kind is ErrandKind.TRIAL
        return Request(
            errand.url,
            callback=self.trial_arrived if is_trial else asked.get(errand.kind, self.article_arrived),
            errback=self.trial_failed if is_trial else self.request_failed,
            headers={"Accept": ACCEPT[course.plan.source.channel]} if errand.kind in asked else None,
            meta=meta,
            dont_filter=True,
        )

    # ------------------------------------------------------------------------------------------- the listing

    async def listing_arrived(self, response: Response) -> AsyncIterator[Request | ArticleItem]:
        """Read one page of a listing; one that is as it was ends the listing's part at once."""
        course, errand = _origin(response)
        if not is_unchanged(course, errand, response):
            async for item in self._page_items(course, errand, response):
                yield item
        for item in self._items(course, course.take_elsewhere()):
            yield item
        for request in self._onward(course):
            yield request

    async def _page_items(
        self, course: Course, errand: Errand, response: Response
    ) -> AsyncIterator[ArticleItem]:
        read = await self._reader.page_in(
            response, course.plan.source, course.host, is_first=errand.number == 1
        )
        if not isinstance(read, Page):
            await self._not_there(course, errand, response, *read)
            return
        at = course.host.clock.now()
        await self._ask_of_strangers(course, read)
        if errand.number == 1:
            course.ledger.moved_url = moved_to(course, response)
        page: Page | None = read
        if errand.number == 1 and course.walk.visits == 0:
            page = await self._healer.examine(course, response, read, at)
        if page is not None:
            for item in await self._turn_page(course, errand, page, response, at):
                yield item

    async def _not_there(
        self, course: Course, errand: Errand, response: Response, trouble: Trouble, detail: str
    ) -> None:
        """Look for a source elsewhere that is not at its address any more; else the listing has failed."""
        is_first = errand.number == 1 and course.walk.visits == 0
        ask = partial(self._asked_for, course)
        if not is_first or not await self._healer.look_elsewhere(course, response, trouble, detail, ask):
            course.listing_failed(trouble, detail, url=response.url, status=response.status)

    async def _asked_for(self, course: Course, url: str) -> Answer | NoAnswer:
        """Ask for one address on behalf of a discovery within the run; see `crawler.discovery.asking.Ask`."""
        errand = Errand(kind=ErrandKind.TRIAL, url=url)
        known = robots_known(self.hosts, url)
        return known or await fetched(self.crawler, url, {COURSE: course, ERRAND: errand})

    async def _ask_of_strangers(self, course: Course, page: Page) -> None:
        strangers = course.recognition.strangers(page.entries)
        if strangers:
            known = await asyncio.to_thread(self._recognise, course.plan, strangers)
            course.recognition.take_in(strangers, known)

    async def edits_arrived(self, response: Response) -> AsyncIterator[Request | ArticleItem]:
        """Read what was edited in the archive; without an answer it is asked for again the next time."""
        course, _ = _origin(response)
        at = course.host.clock.now()
        read = await self._reader.page_in(response, course.plan.source, course.host)
        if isinstance(read, Page):
            await self._ask_of_strangers(course, read)
            for item in self._items(course, course.take_edits(read), at):
                yield item
        elif read[0] is Trouble.RETRY_LATER:
            course.ledger.problem(*read, url=response.url, status=response.status)
        else:
            logger.info("source %s: edits could not be asked for: %s", course.plan.source.name, read[1])
        for request in self._onward(course):
            yield request

    async def _turn_page(
        self, course: Course, errand: Errand, page: Page, response: Response, at: datetime
    ) -> list[ArticleItem]:
        """Take in a page as it was read; return the items that came with it, or with a trial before it."""
        await self._ask_of_strangers(course, page)  # a healed one shows what was not recognised yet
        wait = wait_of(response, at, page.wait_seconds) if errand.number == 1 else None
        fresh = course.turn_page(errand, page, validators_in(response, digest=True), wait=wait)
        items = list(self._items(course, fresh, at))
        for url, answer in (course.treatment.answers if course.treatment else {}).items():
            answered = course.strike_off(url) if answer is not None else None
            item = article_item(course, answered, answer) if answered and answer else None
            if item is not None:
                course.ledger.item_opened()
                items.append(item)
        return items

    async def trial_arrived(self, response: Response) -> AsyncIterator[Request | ArticleItem]:
        """Take in a page that must confirm new selectors; after the last of them the listing is read on."""
        course, errand = _origin(response)
        async for each in self._after_trial(course, errand, response):
            yield each

    async def trial_failed(self, failure: Failure) -> AsyncIterator[Request | ArticleItem]:
        """Go on without a page that did not come."""
        request: Request = failure.request  # type: ignore[attr-defined]
        course, errand = course_of(request), errand_of(request)
        if isinstance(failure.value, CrawlStopped) or course is None or errand is None:
            return
        if failure.value is not None:
            self._failed(request, *explain(failure.value))
        async for each in self._after_trial(course, errand, None):
            yield each

    async def _after_trial(
        self, course: Course, errand: Errand, response: Response | None
    ) -> AsyncIterator[Request | ArticleItem]:
        treatment = course.treatment
        page = await self._healer.answered(course, errand.url, response)
        if page is not None and treatment is not None:
            patient = treatment.patient
            listing = Errand(kind=ErrandKind.LISTING, url=course.plan.source.url, number=1)
            for item in await self._turn_page(course, listing, page, patient.response, patient.seen_at):
                yield item
        for item in self._items(course, course.take_elsewhere()):
            yield item
        for request in self._onward(course):
            yield request

    def _items(
        self, course: Course, entries: Sequence[Entry], at: datetime | None = None
    ) -> Iterator[ArticleItem]:
        for entry in entries:
            course.ledger.item_opened()
            yield ArticleItem(
                ledger=course.ledger,
                url=entry.url,
                final_url=entry.url,
                way=Way.LISTING,
                captured_at=at or course.host.clock.now(),
                entry=entry,
            )

    # ------------------------------------------------------------------------------------------- articles

    async def article_arrived(self, response: Response) -> AsyncIterator[Request | ArticleItem]:
        """Read an article's page, or learn that it is unchanged, gone, missing or unreadable."""
        course, errand = _origin(response)
        if errand.kind is ErrandKind.PROBE:
            probed(course, errand, response)
        else:
            item = article_item(course, errand, response)
            if item is not None:
                course.ledger.item_opened()
                yield item
        for request in self._onward(course):
            yield request

    # ------------------------------------------------------------------------------------- what goes wrong

    def request_failed(self, failure: Failure) -> Iterator[Request]:
        """Write down why no answer came, and go on; a source whose turn never came is left as it is."""
        if isinstance(failure.value, CrawlStopped):
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        if failure.value is not None:
            self._failed(request, *explain(failure.value))
        course = course_of(request)
        if course is not None:
            yield from self._onward(course)

    def _failed(self, request: Request, trouble: Trouble, detail: str) -> None:
        course, errand = course_of(request), errand_of(request)
        if course is not None and errand is not None:
            unanswered(course, errand, request.url, trouble, detail)

    def callback_failed(self, failure: Failure, response: Response | Failure | None) -> None:
        """Our own code raised: write that down for the source, and go on with what it asks next.

        Scrapy has logged the traceback and counted it.
        """
        request = getattr(response, "request", None)
        course = course_of(request) if request is not None else None
        if request is None or course is None:
            return
        detail = f"{type(failure.value).__name__}: {failure.getErrorMessage()[:300]}"
        errand = errand_of(request)
        if errand is not None and errand.kind is ErrandKind.LISTING and not course.exhausted:
            course.listing_failed(Trouble.CALLBACK, detail, url=request.url)
        else:
            course.ledger.problem(Trouble.CALLBACK, detail, url=request.url)
        self._go_on(course)

    def request_dropped(self, request: Request) -> None:
        """Scrapy's scheduler refused a request: nothing of it would ever be heard again."""
        self._failed(request, Trouble.CALLBACK, "the scheduler dropped the request")
        course = course_of(request)
        if course is not None:
            self._go_on(course)

    def _go_on(self, course: Course) -> None:
        if not course.exhausted:
            for request in self._onward(course):
                self.crawler.engine.crawl(request)

    # ------------------------------------------------------------------------------------------- the end

    def item_left(self, item: ArticleItem) -> None:
        """Count an item that came out of the pipelines, kept or refused."""
        item.ledger.item_closed()
        self._courses.item_left(item.ledger.plan.source_id)

    def item_failed(self, item: ArticleItem, failure: Failure) -> None:
        """A pipeline raised: the article is unreadable, and the run says whose fault it was."""
        detail = f"{type(failure.value).__name__}: {failure.getErrorMessage()[:300]}"
        item.ledger.problem(Trouble.CALLBACK, detail, url=item.url)
        item.ledger.unreadable(item.url, item.final_url, item.way, item.captured_at, detail)
        self.item_left(item)

    def crawl_closed(self, reason: str) -> None:
        """Finish what is unfinished: as cut off by the time limit, or not at all when we were told to stop."""
        self.closed_reason = reason
        if reason != "shutdown":
            self._courses.cut_off(_why_closed(reason))


def _why_closed(reason: str) -> str:
    if reason == "closespider_timeout":
        return "the crawl reached its time limit"
    return f"the crawl ended before the source was finished ({reason})"


def _origin(response: Response) -> tuple[Course, Errand]:
    course, errand = response.meta[COURSE], response.meta[ERRAND]
    return course, errand
