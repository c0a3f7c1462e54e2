"""The ledger of one run of one source: everything it saw, in memory, until it is settled as a whole."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from news.article import Content, Look, Sight, Validators, Way
from news.entry import Entry, Page
from news.healing import Healing
from news.run import HostState, Plan, Problem, Profile, Reading, Trouble, Wait
from news.skips import Skips

MAX_PROBLEMS = 50
"""Problems that are told one by one; a site where everything fails would only repeat itself."""


class Ledger:
    """Collects what one source's run sees, and makes the frozen `Reading` of it.

    It counts the items that are still in the pipelines, so that the run is finished exactly when nothing more is to
    be asked and nothing more is under way.
    """

    def __init__(self, plan: Plan, started_at: datetime) -> None:
        self.plan = plan
        self.started_at = started_at
        self.entries: tuple[Entry, ...] = ()
        self.validators = Validators()
        self.profile = Profile()
        self.page_title = ""
        self.moved_url = ""
        self.healing: Healing | None = None
        self.next_url = ""
        self.joined = False
        self.ended = False
        self.not_modified = False
        self.same_body = False
        self.wait: Wait | None = None
        self.skips = Skips()
        self.edits_at: datetime | None = None
        self.pages = 0
        self.passes = 1
        self.requests = 0
        self.not_modified_count = 0
        self.received_bytes = 0
        self.open_items = 0
        self.problems: list[Problem] = []
        self._looks: dict[str, Look] = {}
        self._probes: dict[str, tuple[tuple[str, str], ...]] = {}
        self._gone: dict[str, None] = {}
        self._refused: Counter[str] = Counter()

    @property
    def listing_failed(self) -> bool:
        """Say whether page 1 of the listing could not be read."""
        return any(problem.fatal for problem in self.problems)

    def problem(
        self, trouble: Trouble, detail: str, *, url: str = "", fatal: bool = False, status: int = 0
    ) -> None:
        """Write down what went wrong; repeats of the same are kept once."""
        problem = Problem(trouble=trouble, detail=detail, url=url, fatal=fatal, status=status)
        if problem not in self.problems and (fatal or len(self.problems) < MAX_PROBLEMS):
            self.problems.append(problem)

    def look(self, look: Look) -> None:
        """Write down one look at an article.

        Of two looks at one URL the page's is kept before the listing's, a body before a failure, and then the later.
        """
        earlier = self._looks.get(look.url)
        if earlier is None or _worth(look) >= _worth(earlier):
            self._looks[look.url] = look

    def unreadable(self, url: str, final_url: str, way: Way, captured_at: datetime, reason: str) -> None:
        """Write down an article that was there and could not be read, so that it becomes pending."""
        self.look(
            Look(
                url=url,
                final_url=final_url or url,
                sight=Sight.UNREADABLE,
                way=way,
                captured_at=captured_at,
                reason=reason,
            )
        )

    def lost(
        self, url: str, final_url: str, captured_at: datetime, reason: str, content: Content | None = None
    ) -> None:
        """Write down an article in whose place its address shows that there is nothing."""
        self.look(
            Look(
                url=url,
                final_url=final_url or url,
                sight=Sight.LOST,
                way=Way.PAGE,
                captured_at=captured_at,
                content=content,
                reason=reason,
            )
        )

    def refuse(self, reason: str, times: int = 1) -> None:
        """Count what was refused, by reason."""
        self._refused[reason] += times

    def refuse_all(self, page: Page) -> None:
        """Count what the channel refused on a page."""
        for reason, times in page.refused:
            self.refuse(reason, times)

    def probe(self, key: str, old_url: str, final_url: str) -> None:
        """Write down where a perhaps moved article's old address leads now; empty: no answer came."""
        self._probes[key] = (*self._probes.get(key, ()), (old_url, final_url))

    def gone(self, old_url: str) -> None:
        """Write down that an old address leads to no article any more."""
        self._gone[old_url] = None

    def has_probed(self, key: str) -> bool:
        """Say whether an old address of this entry was asked in this run."""
        return key in self._probes

    def item_opened(self) -> None:
        """Count an item that was handed to the pipelines."""
        self.open_items += 1

    def item_closed(self) -> None:
        """Count an item that came out of the pipelines, or was lost in them."""
        self.open_items -= 1

    def reading(
        self,
        host: HostState,
        finished_at: datetime,
        *,
        last_of_host: bool,
        further_hosts: tuple[HostState, ...] = (),
    ) -> Reading:
        """Return everything that was seen, frozen."""
        plan = self.plan
        return Reading(
            source=plan.source.name,
            source_id=plan.source_id,
            host=host,
            lease=plan.lease,
            extractor=plan.extractor,
            started_at=self.started_at,
            finished_at=finished_at,
            entries=self.entries,
            looks=tuple(self._looks.values()),
            probes=dict(self._probes),
            gone=tuple(self._gone),
            joined=self.joined,
            ended=self.ended,
            swept=plan.sweep,
            not_modified=self.not_modified,
            pages=self.pages,
            passes=self.passes,
            next_url=self.next_url,
            moved_url=self.moved_url,
            page_title=self.page_title,
            profile=self.profile,
            validators=self.validators,
            problems=tuple(self.problems),
            refused=tuple(sorted(self._refused.items())),
            gap_ids=plan.gap_ids,
            requests=self.requests,
            not_modified_count=self.not_modified_count,
            received_bytes=self.received_bytes,
            announce_latest=plan.announce_latest,
            last_of_host=last_of_host,
            same_body=self.same_body,
            wait=self.wait,
            skips=self.skips,
            edits_at=self.edits_at,
            further_hosts=further_hosts,
            healing=self.healing,
        )


def _worth(look: Look) -> tuple[bool, int]:
    return look.sight is not Sight.UNREADABLE, look.way.rank
