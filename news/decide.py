"""Decide what a finished run means: a pure function of what is known, what was seen, and the time.

For every entry and look the same questions are asked, in this order: which article is it; may that be said yet, or is
it pending; does it stand above the source's horizon; was it ever announced; has this source listed it before; and is
what was seen newer than the latest settled look.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from news import moves
from news.absence import absences, judged_looks, still_missing
from news.agreeing import is_telling
from news.article import Look, Sight, Validators, Way
from news.capture import Revised
from news.change import EDITS, ChangeKind
from news.entry import Entry
from news.handover import handover
from news.horizon import anchors_of, rank_of
from news.identity import Match, rests_on_id, which_article
from news.known import Absence, Known, NewAlias, NewChange, NewRevision, NewSighting, Outcome, PendingEntry
from news.looking import is_exhausted, next_attempt
from news.naming import Naming
from news.revise import revise
from news.run import Rank, Reading, Verdict
from news.text import title_key
from news.unit import (
    Unit,
    first_said,
    first_state,
    is_astray,
    readdressed,
    stands_elsewhere,
    where_it_went,
    why_unread,
)
from news.units import units_of
from news.urls import canonical_url, shown_url, url_key

MAYBE_MOVED = "maybe_moved"
_ABSENT = (Sight.GONE, Sight.MISSING, Sight.LOST)


def decide(
    known: Known, reading: Reading, verdict: Verdict, *, now: datetime, approving: bool = False
) -> Outcome:
    """Return everything that becomes known through ``reading``.

    :param known: what the database held when the counter row was locked.
    :param reading: a run whose verdict is ok, partial or not_modified (or a held one that a person approves).
    :param now: the settling's time: first seen, next looks, ages of pending entries.
    :param approving: settle what was held: it may announce unknown entries, never edit.
    """
    # What may well be empty was read all the same, and what it shows next is new (the verdict says whether it may).
    is_baseline = not known.has_baseline and verdict is Verdict.OK and not approving
    if not known.has_baseline and not is_baseline:
        return Outcome()
    return _Deciding(known, reading, now=now, is_baseline=is_baseline, approving=approving).run()


class _Deciding:
    """The working state of one decision: what is known, as it changes while units are decided in order."""

    def __init__(
        self, known: Known, reading: Reading, *, now: datetime, is_baseline: bool, approving: bool
    ) -> None:
        self.handover = handover(known, reading, Naming(known, reading))
        self.known, self.reading, self.now = self.handover.known, reading, now
        self.naming = Naming(self.known, reading)
        self.is_baseline, self.approving = is_baseline, approving
        # What is known, as far as it has been decided.
        known = self.known
        self.articles = dict(known.articles)
        self.aliases = dict(known.aliases)
        self.fingerprints = dict(known.by_fingerprint)
        self.sighted = dict(known.sighted)
        self.pending = dict(known.pending)
        # What is to be written.
        self.touched: dict[str, None] = {}
        self.new_aliases: list[NewAlias] = []
        self.revisions: list[NewRevision] = []
        self.sightings: dict[str, NewSighting] = {}
        self.changes: list[NewChange] = []
        self.new_pending: dict[str, PendingEntry] = {}
        self.settled_pending: list[str] = []
        self.validators: list[tuple[str, Validators]] = []
        self.listed = frozenset(entry.key for entry in reading.entries)
        self.anchors = anchors_of(known, reading.entries)
        self.looks = judged_looks(known, reading)
        self.absences = absences(known, reading)
        self.shifts = moves.shifts_of(known, reading)
        self.listed_titles = {title_key(entry.title) for entry in reading.entries}

    def run(self) -> Outcome:
        entries = self.reading.entries
        for unit in units_of(entries, self.looks, self.pending, self.aliases, self.naming, self.fingerprints):
            self._decide(unit)
        absent = self._look_for_the_absent()
        return Outcome(
            articles=tuple(self.articles[key] for key in self.touched),
            told=tuple(self.articles[key] for key in {change.article: None for change in self.changes}),
            aliases=tuple(self.new_aliases),
            revisions=tuple(self.revisions),
            sightings=tuple(self.sightings.values()),
            changes=tuple(self.changes),
            pending=tuple(self.new_pending.values()),
            settled_pending=tuple(self.settled_pending),
            handed_over=self.handover.given,
            look_validators=tuple(self.validators),
            absent=absent,
            is_baseline=self.is_baseline,
            taken=len(self.sightings) if self.is_baseline else 0,
        )

    def _rank(self, unit: Unit) -> Rank | None:
        if unit.pending is not None:
            return unit.pending.rank
        if unit.entry is None:
            return Rank.ABOVE
        if self.is_baseline:
            latest = unit.position < self.reading.announce_latest
            return Rank.ABOVE if latest else Rank.BASELINE
        return rank_of(
            unit.position,
            unit.entry.published,
            horizon=self.known.horizon,
            anchors=self.anchors,
            complete=self.reading.joined or self.reading.ended,
            read_until=self.known.complete_at,
        )

    # One unit.

    def _decide(self, unit: Unit) -> None:
        site_id = self.naming.of(unit.said)
        match = which_article(unit.key, unit.look, unit.said, self._now_known(), site_id)
        rank = self._rank(unit)
        key = match.article
        if rank is None and key not in self.sighted:
            return
        rank = rank or Rank.ABOVE
        if key is None:
            key, rank = self._moved_from(unit, rank)
            if key is not None:
                match = Match(article=key, evidence="moved")
            elif silent := self._moved_in_silence(unit):
                match, key = silent, silent.article
        is_open = unit.key in self.handover.open
        if is_open and unit.said is not None and self._must_wait(unit, unit.said, rank, match):
            return
        created = False
        if key is None:
            if unit.said is None or self._must_wait(unit, unit.said, rank, match):
                return
            key = self._never_read(unit, unit.said)
            created = key is None
            match = match if key is None else Match(article=key, evidence=moves.SAME_SLUG)
            key = key or self._create(unit, unit.said, match)
        self._settle_pending(unit.key)
        self._alias(unit, key, match)
        self._take(unit, key, match, rank, created=created)

    def _take(self, unit: Unit, key: str, match: Match, rank: Rank, *, created: bool) -> None:
        """Take in what a unit says of the article that it is."""
        if self.articles[key].forgotten:
            if unit.said is not None:
                self._sight(unit, unit.said, key, rank, silent=True)
            return
        is_copy = match.evidence == "fingerprint" and key not in self.sighted
        if is_copy and moves.stands(self.articles[key], unit, self.reading):
            if unit.said is not None:
                self._sight(unit, unit.said, key, rank)
            return
        moved = readdressed(self.articles[key], unit, self.listed, self.aliases, self.now)
        came_back = (
            rests_on_id(match) or match.evidence in moves.MOVED or is_astray(self.articles[key], self.aliases)
        )
        if moved is not None and came_back:
            self.articles[key] = moved
            self.touched[key] = None
        if unit.said is not None:
            self._sight(unit, unit.said, key, rank)
        if unit.look is None or match.foreign or unit.is_teaser:
            return
        if stands_elsewhere(self.articles[key], unit, self.listed, self.aliases):
            return
        if unit.look.sight is Sight.READ or not created:
            self._revise(unit.look, key)

    def _now_known(self) -> Known:
        return replace(
            self.known, aliases=self.aliases, articles=self.articles, by_fingerprint=self.fingerprints
        )

    def _moved_from(self, unit: Unit, rank: Rank) -> tuple[str | None, Rank]:
        """Return the article whose old address now leads to this unit, or the rank of the pending entry that did."""
        for old in moves.led_here(unit, self.reading, self.aliases, self.shifts):
            if old in self.aliases:
                return self.aliases[old], rank
            if old in self.pending and old != unit.key:
                rank = self.pending[old].rank
                self._settle_pending(old)
        return None, rank

    def _moved_in_silence(self, unit: Unit) -> Match | None:
        """Return the one article under this title whose old address leads nowhere now, if enough else agrees."""
        if unit.said is None or (unit.look is not None and unit.look.sight in _ABSENT):
            return None
        walked = {self.aliases.get(entry.key) for entry in self.reading.entries}
        found = {
            key: evidence
            for key in self._known_namesakes(unit.key, unit.said)
            if key not in walked
            and (
                evidence := moves.moved_without_redirect(
                    self.articles[key], unit.said, unit.look, self.shifts
                )
            )
        }
        if len(found) != 1:
            return None
        [(key, evidence)] = found.items()
        return Match(article=key, evidence=evidence)

    def _never_read(self, unit: Unit, entry: Entry) -> str | None:
        """Return the known article that an entry is by its name alone, where it or that one was asked for in vain."""
        namesakes = self._known_namesakes(unit.key, entry)
        return next(
            (key for key in namesakes if moves.is_same_by_name(self.articles[key], entry, unit.look)), None
        )

    def _must_wait(self, unit: Unit, entry: Entry, rank: Rank, match: Match) -> bool:
        """Keep an unknown entry pending while its article cannot be read or an old address must be asked first."""
        before = unit.pending
        probes = self.reading.probes.get(unit.key, ())
        known = [self.articles[each] for each in self._known_namesakes(unit.key, entry)]
        was_asked = before is not None and before.asked
        moved = moves.questions(entry, unit.look, known, self.pending.values(), probes, before)
        readable = unit.look is not None and unit.look.sight is Sight.READ and not match.foreign
        if readable and not moved:
            return False
        tried = unit.look is not None or bool(probes)
        if before is not None and not tried:
            return True  # listed again, but it was not due: nothing was tried
        attempts = (before.attempts if before else 0) + tried
        first_seen_at = before.first_seen_at if before else self.now
        if is_exhausted(attempts, first_seen_at, self.now, was_read=readable):
            return False
        self.pending[unit.key] = self.new_pending[unit.key] = PendingEntry(
            key=unit.key,
            entry=entry,
            rank=rank,
            reason=MAYBE_MOVED if readable else why_unread(unit.look, match),
            attempts=attempts,
            first_seen_at=first_seen_at,
            next_look_at=next_attempt(attempts, first_seen_at, self.now) if tried else self.now,
            moved=moved,
            asked=was_asked or (bool(probes) and not moved),
        )
        return True

    def _known_namesakes(self, key: str, entry: Entry) -> tuple[str, ...]:
        """Return the known articles with an entry's title or text, and the one that a healing recognised it as."""
        healed = self.reading.healing.moved.get(key) if self.reading.healing else None
        names = (*self.known.by_title.get(title_key(entry.title), ()), *self.known.by_text.get(key, ()))
        if healed is not None and healed[0] in self.articles:
            names = (*names, healed[0])
        return tuple(dict.fromkeys(names))

    def _create(self, unit: Unit, entry: Entry, match: Match) -> str:
        """Make a new article: of what its page shows, or of what its listing says."""
        look = unit.look
        if look is not None and (look.sight is not Sight.READ or match.foreign or unit.is_teaser):
            look = None
        key = self.handover.keys.get(unit.key, unit.key)
        if key != unit.key:
            self.aliases[key] = key
            self.new_aliases.append(NewAlias(key=key, url="", article=key, evidence="given"))
        state = first_state(key, entry, look, self.known.language, self.now)
        if look is None:
            self.revisions.append(first_said(key, entry, self.now))
            state = replace(state, revision=1)
        self.articles[key] = state
        self.touched[key] = None
        return key

    def _settle_pending(self, key: str) -> None:
        if self.pending.pop(key, None) is None:
            return
        if self.new_pending.pop(key, None) is None or key in self.known.pending:
            self.settled_pending.append(key)

    def _alias(self, unit: Unit, key: str, match: Match) -> None:
        urls: list[tuple[str, str]] = []
        if unit.said is not None:
            given = unit.key in self.handover.keys
            urls.append((unit.said.url, match.evidence or ("given" if given else "listed")))
        if unit.look is not None and unit.look.content is not None and not match.foreign:
            urls.append((unit.look.final_url, "redirect"))
            urls.append((unit.look.content.canonical_url, "canonical"))
        for url, evidence in urls:
            if url and (alias := url_key(url)) not in self.aliases:
                self.aliases[alias] = key
                row = NewAlias(key=alias, url=canonical_url(url), article=key, evidence=evidence)
                self.new_aliases.append(row)
        if learnt := self.naming.learn(unit.said, key, self.aliases):
            self.aliases[learnt.key] = key
            self.new_aliases.append(learnt)

    def _sight(self, unit: Unit, entry: Entry, key: str, rank: Rank, *, silent: bool = False) -> None:
        """Note that the source lists an article, and tell it if that is news."""
        state = self.articles[key]
        is_new = key not in self.sighted
        if is_new and rank is Rank.ABOVE and not silent:
            self._log(ChangeKind.LISTED if state.announced else ChangeKind.PUBLISHED, key)
            if not state.announced:
                self.articles[key] = replace(state, announced=True)
                self.touched[key] = None
        if is_new:
            self.sighted[key] = rank
        elif unit.entry is None:
            return
        self.sightings[key] = NewSighting(
            article=key,
            rank=self.sighted[key],
            position=unit.position,
            title_key=title_key(entry.title),
            is_new=is_new or (key in self.sightings and self.sightings[key].is_new),
            modified=entry.modified.at if entry.modified else None,
            looked=unit.look is not None and unit.look.sight in (Sight.READ, Sight.NOT_MODIFIED),
        )

    def _revise(self, look: Look, key: str) -> None:
        before = self.articles[key]
        if moved := where_it_went(before, look, self.known, self.reading.entries, self.aliases, self.now):
            self.articles[key], self.touched[key] = moved, None
            return
        if look.sight in (Sight.MISSING, Sight.LOST) and moves.is_left(
            look.url, self.shifts, self.known, self.reading
        ):
            look = replace(look, sight=Sight.UNREADABLE, reason="the site's permalinks changed")
        revised = revise(
            before,
            look,
            now=self.now,
            source_id=self.reading.source_id,
            approving=self.approving,
            redesigned=self.known.redesigned,
            absent_runs=self.absences.runs.get(key, 0),
            listed_titles=self.listed_titles,
        )
        state = revised.state
        if look.sight is Sight.READ and look.way is Way.PAGE and look.final_url != state.fetch_url:
            state = replace(state, url=shown_url(look.final_url), fetch_url=look.final_url)
        if state != before:
            self.articles[key] = state
            self.touched[key] = None
        if revised.revision is not None:
            self.revisions.append(revised.revision)
            if look.content is not None and is_telling(look.content):
                self.fingerprints.setdefault(look.content.fingerprint, key)
        for kind in revised.kinds:
            self._log(kind, key, revised if kind in EDITS else None)
        is_newest = state.looked_at == look.captured_at
        if look.way is Way.PAGE and is_newest and (look.sight is Sight.READ or look.validators):
            # What may not stay is asked for without conditions: it must be seen whether it stays.
            self.validators.append((look.url, Validators() if state.unsettled_digest else look.validators))

    def _log(self, kind: ChangeKind, key: str, edit: Revised | None = None) -> None:
        state = self.articles[key]
        change = NewChange(kind=kind, article=key, revision=max(1, state.revision))
        if edit is not None:
            change = replace(
                change,
                edit_class=edit.edit_class,
                old_title=edit.old_title if edit.old_title != state.title else "",
                marks=edit.marks,
                reverts_to=edit.reverts_to,
                old_published=edit.old_published,
            )
        self.changes.append(change)

    def _look_for_the_absent(self) -> tuple[Absence, ...] | None:
        """Ask at once for what vanished from between entries that are still listed: it may be withdrawn."""
        whole = self.reading.joined or self.reading.not_modified
        if self.is_baseline or self.approving or not whole:
            return None
        walked = {self.aliases.get(entry.key, entry.key) for entry in self.reading.entries}
        for key in self.absences.due:
            state = self.articles.get(key)
            if state is None or key in walked or is_astray(state, self.aliases):
                continue
            if state.withdrawn_at is None and not state.forgotten:
                self.articles[key] = replace(state, next_look_at=self.now)
                self.touched[key] = None
        withdrawn = {key for key in self.touched if self.articles[key].withdrawn_at is not None}
        lacked = still_missing(self.absences, withdrawn | walked)
        return None if lacked == self.known.absent else lacked
