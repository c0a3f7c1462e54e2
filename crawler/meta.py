"""The keys of ``request.meta`` that are ours, and typed ways to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from news.article import Validators
from news.urls import host_key

if TYPE_CHECKING:
    from crawler.course import Course
    from crawler.errand import Errand
    from crawler.hosts import Host

COURSE = "tidings_course"
ERRAND = "tidings_errand"
HOST = "tidings_host"
PRIVATE_HOSTS = "tidings_private_hosts"
"""Which hosts may have private addresses (`news.addresses.private_hosts`), for a request that no course asked for."""
BROWSER = "tidings_browser"
"""Set where a page is to be rendered by a browser (`crawler.browser`)."""
KEPT_ANSWER = "tidings_kept_answer"
"""What came of a request before the engine had it (`crawler.ahead`)."""
VALIDATORS = "validators"
SECRET_HEADERS = "secret_headers"
"""Names of headers that a recording must not hold."""

_NONE = Validators()


def course_of(request: Request) -> Course | None:
    """Return the course that asked for ``request``; None for a stranger's request."""
    course: Course | None = request.meta.get(COURSE)
    return course


def errand_of(request: Request) -> Errand | None:
    """Return the errand behind ``request``; None for robots.txt."""
    errand: Errand | None = request.meta.get(ERRAND)
    return errand


def host_of(request: Request) -> Host | None:
    """Return the host that ``request`` goes to, as the host gate found it."""
    host: Host | None = request.meta.get(HOST)
    return host


def private_hosts_of(request: Request) -> frozenset[str]:
    """Return the hosts that the request's source opted in to, by `news.addresses.endpoint_key`; none for a stranger."""
    hosts: frozenset[str] | None = request.meta.get(PRIVATE_HOSTS)
    if hosts is not None:
        return hosts
    course = course_of(request)
    return frozenset() if course is None else course.private_hosts


def validators_of(request: Request) -> Validators:
    """Return what the request is to be conditional on."""
    validators: Validators = request.meta.get(VALIDATORS, _NONE)
    return validators


def same_host(url: str, other_url: str) -> bool:
    """Say whether two addresses belong to one host, in the sense in which politeness is kept."""
    return host_key(url) == host_key(other_url)
