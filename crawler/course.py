"""What a run asks of one source, in which order: the listing, unknown articles, moved addresses, due looks.

One request of a host is under way at a time and the next follows from its answer. That is what politeness wants
anyway; it makes a replay exact, keeps a busy host from filling the downloader, and a run is finished exactly when it
has no next errand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from crawler.credentials import Credentials
from crawler.edits import edits_until, edits_url
from crawler.errand import Errand, ErrandKind
from crawler.hosts import Host
from crawler.ledger import Ledger
from crawler.profile import profile_of
from crawler.recognition import Recognition
from crawler.walk import PageWanted, Walk, WalkEnd
from news.addresses import private_hosts
from news.article import Look, Sight, Validators, Way
from news.entry import Entry, Page
from news.errors import UrlError
from news.run import Plan, Trouble, Wait
from news.skips import Skips
from news.source import Channel, own_hosts
from news.urls import host_key, url_key

if TYPE_CHECKING:
    from crawler.healing.treatment import Treatment


class Course:
    """The errands of one source in one run. It decides and keeps the books; others fetch and read."""

    def __init__(
        self, plan: Plan, host: Host, *, look_budget: int, credentials: Credentials | None = None
    ) -> None:
        self.plan = plan
        self.host = host
        self.credentials = credentials
        self.private_hosts = private_hosts(plan.source)
        self.ledger = Ledger(plan, host.clock.now())
        self.walk = Walk(plan)
        self.recognition = Recognition(plan)
        self.exhausted = False
        self.treatment: Treatment | None = None
        self._budget = look_budget
        self._wanted: PageWanted | None = PageWanted(url=plan.source.url, number=1)
        self._errands: deque[Errand] = deque()
        self._bodies: dict[str, str] = {}
        self._top_number = 0
        self._asked: set[str] = set()
        self._probing: set[tuple[str, str]] = set()
        self._told = False
        self._unchanged_at: datetime | None = None
        self._looks_put_off = False
        self._hosts = own_hosts(plan.source)

    # ------------------------------------------------------------------------------------------ what to ask

    def begin_again(self) -> None:
        """Ask for page 1 once more, by the plan as it is now: the source stands elsewhere."""
        source = self.plan.source
        if source.channel is not Channel.WORDPRESS:
            self.plan = replace(self.plan, edits_since=None, edits_due=False)
        self.walk = Walk(self.plan)
        self.walk.is_reread = True
        self._wanted = PageWanted(url=source.url, number=1)
        self._hosts = own_hosts(source)

    def next_errand(self) -> Errand | None:
        """Return what to ask for next, or None when the run has nothing left to ask."""
        if self.host.closed:
            self._give_up()
            return None
        if self.treatment is not None and (trial := self.treatment.wanted):
            return Errand(kind=ErrandKind.TRIAL, url=trial)
        if self._wanted is not None:
            return self._listing_errand(self._wanted)
        if not self._errands and self._looks_put_off:
            self._looks_put_off = False
            self._plan_looks(unchanged_at=self._unchanged_at)
        return self._errands.popleft() if self._errands else None

    def _listing_errand(self, wanted: PageWanted) -> Errand:
        plan = self.plan
        conditional = not (
            self.walk.visits or self.walk.is_reread or plan.sweep or plan.suspect or plan.gap_ids
        )
        return Errand(
            kind=ErrandKind.LISTING,
            url=wanted.url,
            number=wanted.number,
            validators=plan.validators if conditional else Validators(),
        )

    def _give_up(self) -> None:
        """Leave everything that is still to be asked to a later run: the host wants to be left alone."""
        left = self._wanted is not None or bool(self._errands)
        if left and not self.ledger.problems:
            self.ledger.problem(
                Trouble.RETRY_LATER, self.host.closed, url=self.plan.source.url, fatal=self.walk.visits == 0
            )
        if self._wanted is not None:
            self._end_walk(self.walk.fail())
        self._drop_errands()

    def cut_off(self, why: str) -> None:
        """End the run where it stands: what was read is kept, what was not is left to the next run."""
        unread = self._wanted is not None and self.walk.visits == 0
        self.ledger.problem(Trouble.DIED, why, url=self.plan.source.url, fatal=unread)
        if self._wanted is not None:
            self._end_walk(self.walk.fail())
        self._drop_errands()

    def _drop_errands(self) -> None:
        """Leave the rest of the errands to a later run; what an old address says stays an open question."""
        for errand in self._errands:
            if errand.kind is ErrandKind.PROBE and self.ledger.has_probed(errand.key):
                self.ledger.probe(errand.key, errand.url, "")
        self._errands.clear()

    # ------------------------------------------------------------------------------------------ the listing

    def strike_off(self, url: str) -> Errand | None:
        """Return the errand of an article's page that a trial has brought already; it is not asked for again."""
        asked = (each for each in self._errands if each.kind is ErrandKind.ARTICLE and each.url == url)
        if errand := next(asked, None):
            self._errands.remove(errand)
        return errand

    def turn_page(
        self, errand: Errand, page: Page, validators: Validators, *, wait: Wait | None = None
    ) -> tuple[Entry, ...]:
        """Take in one page of the listing; return the entries whose whole body came with it and is news to this run."""
        ledger = self.ledger
        ledger.refuse_all(page)
        if errand.number == 1:
            # An unchanged index says nothing of the sitemaps that it names, so it is read every time; and the next run
            # shall see with its own eyes whether other selectors hold.
            ledger.validators = Validators() if page.parts or self.walk.is_reread else validators
            ledger.page_title = page.title
            ledger.wait, ledger.skips = wait, page.skips
        if page.entries and self._top_number in (0, errand.number):
            self._top_number = errand.number
            ledger.profile = profile_of(page)
        bodied = [entry for entry in page.entries if entry.body_html]
        fresh = tuple(entry for entry in bodied if self._bodies.get(entry.key) != entry.body_html)
        # Before the walk may end: a whole body on the listing is as good as a look at the article's page.
        self._bodies.update({entry.key: entry.body_html for entry in fresh})
        step = self.walk.add(
            errand.url,
            page.entries,
            page.next_url,
            parts=page.parts,
            aliases=self.recognition.aliases | self.recognition.as_moved(page.entries),
            sighted=self.recognition.sighted,
        )
        if isinstance(step, PageWanted):
            self._wanted = step
        else:
            self._end_walk(step)
        return tuple(entry for entry in fresh if not self._stands(entry))

    def _stands(self, entry: Entry) -> bool:
        """Write a body down as unchanged when it came as it was."""
        same = self.recognition.has_same_body(entry)
        if same:
            self._unchanged_with_listing(entry.url, self.host.clock.now())
        return same

    def listing_unchanged(
        self, validators: Validators | None = None, *, wait: Wait | None = None, same_body: bool = False
    ) -> None:
        """Page 1 is as it was: nothing to read, and the frontier stands.

        :param validators: those to ask with from now on; None for the same as before.
        :param same_body: no 304 said so: the page came whole, and is what we have.
        """
        ledger = self.ledger
        ledger.not_modified = True
        ledger.same_body = same_body
        ledger.not_modified_count += not same_body
        ledger.wait = wait
        ledger.skips = self.plan.usual.skips if self.plan.usual else Skips()
        if validators is not None and validators != self.plan.validators:
            ledger.validators = validators
        self._wanted = None
        self._unchanged_at = self.host.clock.now()
        self._plan_edits_and_looks(changed=False)

    def listing_failed(self, trouble: Trouble, detail: str, *, url: str, status: int = 0) -> None:
        """A page of the listing could not be read. Without page 1 the run has failed; else the rest is left out."""
        fatal = self.walk.visits == 0
        if not fatal and trouble not in {Trouble.RETRY_LATER, Trouble.NOT_RECORDED, Trouble.CALLBACK}:
            trouble = Trouble.PAGE_FAILED
        self.ledger.problem(trouble, detail, url=url, fatal=fatal, status=status)
        self._end_walk(self.walk.fail())

    def _end_walk(self, end: WalkEnd) -> None:
        ledger = self.ledger
        self._wanted = None
        ledger.entries = self.walk.entries
        ledger.pages, ledger.passes = self.walk.pages, self.walk.passes
        ledger.joined, ledger.ended, ledger.next_url = end.joined, end.ended, end.next_url
        if end.moving:
            detail = f"the listing did not stand still for {self.walk.passes} passes"
            ledger.problem(Trouble.MOVING, detail, url=self.plan.source.url)
        if not ledger.listing_failed:
            self._plan_articles()
            self._plan_edits_and_looks(changed=True)

    # ------------------------------------------------------------------------------- articles, probes, looks

    def _plan_articles(self) -> None:
        recognition, entries = self.recognition, self.walk.entries
        retitled = []
        for entry in entries:
            if entry.body_html or entry.key in self._asked:
                continue
            if recognition.is_sighted(entry):
                if recognition.is_retitled(entry) and not self._elsewhere(entry):
                    retitled.append(entry)
            elif not recognition.is_pending(entry) and not self._elsewhere(entry):
                self._ask(Errand(kind=ErrandKind.ARTICLE, url=entry.url, key=entry.key, entry=entry))
        # What waited longest is asked first: else new entries took its place on every run. What never fits keeps none.
        needs = (1 + len(look.probes) for look in self.plan.looks if look.pending and look.probes)
        waiting = next((need for need in needs if need <= self._budget), 0)
        for entry in entries:
            if entry.key not in recognition.named:  # its own id says already which of its namesakes it is
                self._plan_probes(entry.key, recognition.moved.get(entry.key, ()), keep=waiting)
        back = [entry for entry in entries if entry.body_html and recognition.is_gone(entry)]
        # A sitemap's dates of modification are never believed.
        is_dated = self.plan.source.channel is not Channel.SITEMAP
        modified = recognition.modified_since(entries) if is_dated else []
        self._look_again((*retitled, *back, *filter(recognition.needs_page, modified)))

    def _look_again(self, entries: Iterable[Entry]) -> None:
        """Ask for the pages of known articles of which the listing says something new, as far as the budget goes."""
        for entry in entries:
            if entry.key in self._asked or self._elsewhere(entry):
                continue
            if self._spend():
                self._ask(Errand(kind=ErrandKind.LOOK, url=entry.url, key=entry.key, entry=entry))
            else:
                # A 304 must not hide from the next run what was left out.
                self.ledger.validators = Validators()

    # ------------------------------------------------------------------------------------- edits of the archive

    def _plan_edits_and_looks(self, *, changed: bool) -> None:
        """Ask once what was edited since, if the channel can tell, and the listing changed or a day has passed.

        Looks wait for the answer: whose body comes with it needs none, and read on its page an edit would pass for a
        change of the way of capture.
        """
        since = self.plan.edits_since
        if since is not None and (changed or self.plan.edits_due):
            self._errands.append(Errand(kind=ErrandKind.EDITS, url=edits_url(self.plan.source, since)))
            self._looks_put_off = True
        else:
            self._plan_looks(unchanged_at=self._unchanged_at)

    def take_edits(self, page: Page) -> tuple[Entry, ...]:
        """Take in the posts that were edited since; return those whose whole body came and differs from what is known.

        Only known articles are looked at: what is unknown is news for the listing to bring, or none.
        """
        recognition = self.recognition
        known = [entry for entry in page.entries if recognition.is_sighted(entry)]
        edited = filter(recognition.is_edited, known)
        self._look_again(filter(recognition.needs_page, edited))
        started_at = self.ledger.started_at
        self.ledger.edits_at = edits_until(
            page, since=self.plan.edits_since or started_at, started_at=started_at
        )
        bodied = [entry for entry in known if entry.body_html]
        self._bodies.update({entry.key: entry.body_html for entry in bodied})
        return tuple(entry for entry in bodied if not self._stands(entry))

    def take_elsewhere(self) -> tuple[Entry, ...]:
        """Return, once, the unknown entries that lead to hosts which this source may not ask.

        They are kept as the listing tells them: the summary, or else the title, is all the body that they get.
        """
        if self._wanted is not None or self._told or self.ledger.listing_failed:
            return ()
        self._told = True
        return tuple(
            replace(entry, body_html=f"<p>{escape(entry.summary or entry.title)}</p>")
            for entry in self.walk.entries
            if not entry.body_html
            and not self.recognition.is_sighted(entry)
            and not self.recognition.is_pending(entry)
            and self._elsewhere(entry)
        )

    def _elsewhere(self, entry: Entry) -> bool:
        try:
            return host_key(entry.url) not in self._hosts
        except UrlError:
            return True

    def _plan_probes(self, key: str, old_urls: Iterable[str], *, keep: int = 0) -> None:
        """Ask all old addresses of one entry, or none: half an answer would settle the question wrongly.

        :param keep: how much of the budget is left to others.
        """
        asking = [old_url for old_url in old_urls if (key, old_url) not in self._probing]
        if len(asking) > self._budget - keep:
            return
        self._budget -= len(asking)
        self._probing.update((key, old_url) for old_url in asking)
        self._errands.extend(Errand(kind=ErrandKind.PROBE, url=old_url, key=key) for old_url in asking)

    def _plan_looks(self, *, unchanged_at: datetime | None) -> None:
        article = self.recognition.article
        first_page = {article(key) for key in self.plan.frontier[: self.plan.first_page]}
        asked = {article(key) for key in self._asked}
        dealt_with = asked | {key for key in self._bodied() if not self.recognition.is_paged(key)}
        for look in self.plan.looks:
            if article(look.key) in dealt_with:
                continue
            if unchanged_at is not None and look.listed and article(look.key) in first_page:
                self._unchanged_with_listing(look.url, unchanged_at)
                continue
            if self._spend():  # what its old addresses say counts only beside what stands at the new one
                self._plan_probes(look.key, look.probes)
                kind = ErrandKind.LOOK
                self._ask(Errand(kind=kind, url=look.url, key=look.key, validators=look.validators))

    def _bodied(self) -> set[str]:
        """Return the articles whose whole bodies came with the listing, be it at an address that is not known yet.

        The look at the old address can wait until it is known what moved: read on its page, an edit that the body shows
        would pass for a change of the way of capture.
        """
        recognition = self.recognition
        old_urls = (url for key in self._bodies for url in recognition.moved.get(key, ()))
        return {recognition.article(key) for key in (*self._bodies, *map(url_key, old_urls))}

    def _unchanged_with_listing(self, url: str, at: datetime) -> None:
        """An unchanged listing says of each whole body on it that it is unchanged too."""
        self.ledger.look(
            Look(url=url, final_url=url, sight=Sight.NOT_MODIFIED, way=Way.LISTING, captured_at=at)
        )

    def _ask(self, errand: Errand) -> None:
        self._asked.add(errand.key)
        self._errands.append(errand)

    def _spend(self) -> bool:
        self._budget -= 1
        return self._budget >= 0
