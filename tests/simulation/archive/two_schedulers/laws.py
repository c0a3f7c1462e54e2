"""What two schedulers must not do to one another, from what the database saw, and what the sites saw.

Pure: each law takes what happened in a crawl's time, and returns what was broken, in words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from news.run import Lease
from tests.simulation.archive.two_schedulers.witness import Counted, Taken

Broken = tuple[str, str]


@dataclass(kw_only=True, slots=True)
class Asking:
    """A crawl process at one host, as the site saw it: the first and the last request, in monotonic seconds."""

    crawl: str
    lease: Lease
    requests: int = 0
    since: float = 0.0
    until: float = 0.0

    def ask(self, at: float) -> None:
        """Take in a request."""
        self.since = self.since if self.requests else at
        self.until = at
        self.requests += 1

    def answered(self, at: float) -> None:
        """Take in that a request is answered."""
        self.until = at


def one_holder(taken: Sequence[Taken]) -> Iterator[Broken]:
    """A lease is taken when the one before was given back or has ended, and its token is the next one."""
    for each in taken:
        if each.held_until is not None and each.held_until > each.leased_at:
            what = f"{each.owner} took lease {each.token}, and lease {each.last_token} held until {each.held_until}"
            yield "one holder a host", f"{each.host}: at {each.leased_at} {what}"
        if each.token != each.last_token + 1:
            yield "one holder a host", f"{each.host}: lease {each.token} came after lease {each.last_token}"


def one_asker(asking: Sequence[Asking], taken: Sequence[Taken]) -> Iterator[Broken]:
    """Who asks a host holds its lease, and whoever comes next asks when the one before asks no more.

    Who held the lease until its very end may go on asking: he cannot know that it is over. What he brings is refused.
    """
    leases = {(each.host, each.token): each.owner for each in taken}
    by_host: dict[str, list[Asking]] = defaultdict(list)
    for each in asking:
        if not each.requests:
            continue
        by_host[each.lease.host].append(each)
        if leases.get((each.lease.host, each.lease.token)) != each.lease.owner:
            what = f"{each.crawl} asks under lease {each.lease.token}, which it never got"
            yield "one asker a host", f"{each.lease.host}: {what}"
    for host, crawls in by_host.items():
        crawls.sort(key=lambda each: (each.lease.token, each.since))
        for first, second in combinations(crawls, 2):
            if first.lease.token == second.lease.token:
                yield "one asker a host", f"{host}: {first.crawl} and {second.crawl} share one lease"
            elif first.until > second.since and first.lease.until > second.lease.leased_at:
                what = f"{second.crawl} ({second.requests}) asked while {first.crawl} ({first.requests}) did"
                yield "one asker a host", f"{host}: {what}"


def one_run(counted: Sequence[Counted]) -> Iterator[Broken]:
    """A lease brings each source one run at most."""
    runs = Counter((each.source_id, each.token) for each in counted)
    for (source, token), times in runs.items():
        if times > 1:
            yield "one run a lease", f"source {source} was settled {times} times under lease {token}"
