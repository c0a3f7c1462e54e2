"""The courses of one crawl: of each host one at a time, and each of them finished exactly once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable

from crawler.course import Course
from crawler.errand import Errand
from crawler.hosts import Hosts
from news.run import Reading


class Courses:
    """Says whose turn it is. The sources of one host are read one after the other, in the order of the plans.

    A course is finished when it has nothing left to ask and none of its items is under way; then ``finished`` gets
    its `Reading`.

    :param courses: one of each source.
    :param hosts: those of the crawl.
    :param finished: called in the event loop; it must not block.
    """

    def __init__(
        self, courses: Iterable[Course], *, hosts: Hosts, finished: Callable[[Reading], None]
    ) -> None:
        self._hosts = hosts
        self._finished = finished
        self._open: dict[int, Course] = {}
        self._lines: dict[str, deque[Course]] = {}
        self._open_of_host: Counter[str] = Counter()
        for course in courses:
            self._open[course.plan.source_id] = course
            self._lines.setdefault(course.host.name, deque()).append(course)
            self._open_of_host[course.host.name] += 1

    def firsts(self) -> tuple[Course, ...]:
        """Return the first course of each host, once; the others follow as these end."""
        return tuple(line.popleft() for line in self._lines.values())

    def onward(self, course: Course) -> tuple[Course, Errand] | None:
        """Return what ``course`` asks next or, when that is nothing, what the host's next source asks."""
        while True:
            errand = course.next_errand()
            if errand is not None:
                return course, errand
            course.exhausted = True
            self.close_if_done(course)
            line = self._lines[course.host.name]
            if not line:
                return None
            course = line.popleft()

    def item_left(self, source_id: int) -> None:
        """Take note that an item of a source is no longer under way: it may have been the last."""
        course = self._open.get(source_id)
        if course is not None:
            self.close_if_done(course)

    def close_if_done(self, course: Course) -> None:
        """Finish a course that has nothing left to ask and nothing under way."""
        if course.exhausted and course.ledger.open_items == 0:
            self._close(course)

    def cut_off(self, why: str) -> None:
        """Finish what is unfinished where it stands."""
        for course in list(self._open.values()):
            course.cut_off(why)
            self._close(course)

    def _close(self, course: Course) -> None:
        if self._open.pop(course.plan.source_id, None) is None:
            return  # finished before
        host = course.host
        self._open_of_host[host.name] -= 1
        self._finished(
            course.ledger.reading(
                host.state,
                host.clock.now(),
                last_of_host=self._open_of_host[host.name] == 0,
                further_hosts=self._hosts.left_of(course.plan),
            )
        )
