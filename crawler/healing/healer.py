"""Where a crawl meets healing: it looks at page 1, begins a treatment, and takes up the run with what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from scrapy.http import Response, TextResponse

from crawler.answers import may_be_page, stands_for_something_else
from crawler.channels.reading import read_by_wrapper
from crawler.channels.xml_tree import looks_like_html, xml_text
from crawler.course import Course
from crawler.discovery.asking import Ask
from crawler.extraction.article import extractor_version
from crawler.healing.relocating import FAILS_FOR, Lost, is_time_to_look, may_be_elsewhere, relocated
from crawler.healing.symptoms import symptom_of
from crawler.healing.treatment import Patient, Treatment
from news.entry import Page
from news.healing import Healing, healed
from news.run import Plan, Reading, Trouble
from news.source import Channel
from storage.remembering import Remembered

logger = logging.getLogger(__name__)

Remember = Callable[[Plan], Remembered]


class Healer:
    """Heals sources whose selectors stop matching.

    :param remember: asks the database what a source used to list, called in a thread; without it nothing is healed.
    """

    def __init__(self, remember: Remember | None) -> None:
        self._remember = remember

    async def examine(self, course: Course, response: Response, page: Page, seen_at: datetime) -> Page | None:
        """Look at page 1 as the selectors read it, once a run.

        :return: the page to go on with, or None when pages must be asked for first: then the course has a treatment.
        """
        if self._remember is None or not isinstance(response, TextResponse) or not _may_ail(course, page):
            return page
        try:
            remembered = await asyncio.to_thread(self._remember, course.plan)
            said = _symptom(course, page, remembered)
            if not said or not remembered.seeds or stands_for_something_else(response):
                return page
            patient = Patient(
                source=course.plan.source,
                response=response,
                page=page,
                symptom=said,
                remembered=remembered,
                reading=_reading(course),
                seen_at=seen_at,
            )
            treatment = Treatment(patient)
            await asyncio.to_thread(treatment.begin)
        except Exception:
            told = "source %s: the attempt to heal it failed"
            logger.exception(told, course.plan.source.name, extra=_about(course.plan))
            return page
        course.treatment = treatment
        return None if treatment.wanted else await self.conclude(course)

    async def look_elsewhere(
        self, course: Course, response: Response, trouble: Trouble, detail: str, ask: Ask
    ) -> bool:
        """Look for a source that its address does not answer with any more, once a run.

        Returns:
            Whether it was found, and the course goes on there. What a person must see first is written down.
        """
        plan = course.plan
        if self._remember is None or not plan.has_baseline or course.ledger.healing is not None:
            return False
        if not is_time_to_look(plan.failures):
            return False
        # By what it is: a feed that is broken today is often labelled as text.
        is_page = isinstance(response, TextResponse) and looks_like_html(xml_text(response))
        if not may_be_elsewhere(plan.source, trouble, status=response.status, is_page=is_page):
            return False
        try:
            lost = Lost(
                source=plan.source,
                symptom=detail.partition(";")[0],
                remembered=await asyncio.to_thread(self._remember, plan),
                seen_at=course.host.clock.now(),
                is_sure=trouble is Trouble.GONE or _fails_for_long(plan, course.host.clock.now()),
            )
            healing = await relocated(lost, ask) if lost.remembered.seeds else None
        except Exception:
            told = "source %s: it could not be looked for elsewhere"
            logger.exception(told, plan.source.name, extra=_about(plan))
            return False
        course.ledger.healing = healing
        if healing is None or not healing.accepted:
            return False
        _go_on_with(course, healing)
        course.begin_again()
        return True

    async def answered(self, course: Course, url: str, response: Response | None) -> Page | None:
        """Take in an answer that the treatment wanted; return page 1 once there is nothing more to ask."""
        treatment = course.treatment
        if treatment is None:
            return None
        good = isinstance(response, TextResponse) and response.status == 200 and may_be_page(response)
        treatment.answer(url, response if good and isinstance(response, TextResponse) else None)
        return None if treatment.wanted else await self.conclude(course)

    async def conclude(self, course: Course) -> Page:
        """Return page 1 as it is to be read now, and tell the course what came of the treatment."""
        treatment = course.treatment
        if treatment is None:
            raise LookupError("there is no treatment to conclude")
        patient = treatment.patient
        try:
            healing = await asyncio.to_thread(treatment.conclude)
        except Exception:
            told = "source %s: the attempt to heal it failed"
            logger.exception(told, course.plan.source.name, extra=_about(course.plan))
            healing = None
        course.ledger.healing = healing
        if healing is None or not healing.accepted:
            return patient.page
        _go_on_with(course, healing)
        return await asyncio.to_thread(
            read_by_wrapper, patient.response, course.plan.source, now=patient.seen_at
        )


def _about(plan: Plan) -> dict[str, str]:
    """Return what a record of the log is about."""
    return {"source": plan.source.name, "host": plan.host.name}


def _fails_for_long(plan: Plan, now: datetime) -> bool:
    return plan.failing_since is not None and now - plan.failing_since >= FAILS_FOR


def _go_on_with(course: Course, healing: Healing) -> None:
    """Read the rest of the run with accepted selectors, or where the source was found.

    What was recognised at another address is asked about like everything that may have moved.
    """
    source = healed(course.plan.source, healing)
    course.plan = replace(course.plan, source=source, extractor=extractor_version(source))
    course.ledger.plan = course.plan
    course.walk.is_reread = True
    for key, (_, old_url) in healing.moved.items():
        course.recognition.moved[key] = tuple(
            dict.fromkeys((*course.recognition.moved.get(key, ()), old_url))
        )


def _may_ail(course: Course, page: Page) -> bool:
    """Return whether it is worth asking the database: page 1 is unlike the last one, or the source is suspect."""
    plan = course.plan
    if plan.source.channel is not Channel.LISTING or not plan.has_baseline:
        return False
    if course.treatment is not None or course.ledger.healing is not None:
        return False
    if plan.suspect or plan.usual is None:
        return True
    usual = Remembered(profiles=(plan.usual,))
    return bool(_symptom(course, page, usual)) or not any(
        entry.key in course.recognition.familiar for entry in page.entries
    )


def _symptom(course: Course, page: Page, remembered: Remembered) -> str:
    return symptom_of(
        page,
        _reading(course),
        profiles=remembered.profiles,
        horizon=remembered.horizon,
        familiar=course.recognition.familiar,
        moved=course.recognition.moved,
    )


def _reading(course: Course) -> Reading:
    host = course.host
    return course.ledger.reading(host.state, host.clock.now(), last_of_host=False)
