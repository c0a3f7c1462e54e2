"""Compares every settled run with what the archive really showed it: law by law, at the moment it is committed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from news.article import Look, Way
from news.run import Reading
from news.urls import url_key
from storage import tables
from storage.engine import reading
from tests.simulation.archive.beliefs import Belief, Expected, look_at
from tests.simulation.archive.served import Served
from tests.simulation.archive.truth import Article, Section, State, World

Violate = Callable[[str, str], None]
TOLD = ("published", "listed")
EDITS = ("edited", "retitled")


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One row of the log, as far as the laws need it."""

    seq: int
    kind: str
    article: int
    section: int
    grade: str
    at: datetime


class Oracle:
    """What tidings should know by now. It reads the database, and never writes.

    ``ids`` are the ids of the sections' sources, in the sections' order.
    """

    def __init__(self, world: World, engine: Engine, ids: Sequence[int], violate: Violate) -> None:
        self.world, self.engine, self.ids, self.violate = world, engine, list(ids), violate
        self.log: list[Told] = []
        self.beliefs: dict[int, Belief] = {}
        self.addresses: set[str] = set()
        self.baselines: dict[int, datetime] = {}
        self.taken: dict[int, set[int]] = {}
        self.horizons: dict[int, datetime] = {}
        self.existed: dict[int, set[int]] = defaultdict(set)
        self.owed: dict[int, set[int]] = defaultdict(set)
        self.seen_titles: dict[int, set[str]] = defaultdict(set)

    # ------------------------------------------------------------------------------- what events ask of it

    def has_met(self, article: Article) -> bool:
        return article.number in self.beliefs

    def has_read(self, article: Article) -> bool:
        belief = self.beliefs.get(article.number)
        state = belief.state if belief else None
        return state is not None and (state.title, state.paragraphs) == (
            article.now.title,
            article.now.paragraphs,
        )

    def knows_title(self, article: Article) -> bool:
        return not self.has_met(article) or article.now.title in self.seen_titles[article.number]

    def knows_address(self, section: Section, article: Article) -> bool:
        return self.world.key(section, article.number) in self.addresses

    # ------------------------------------------------------------------------------------- after a commit

    def new_changes(self, connection: Connection, upto: int | None = None) -> list[Told]:
        """Return what the log holds beyond what was seen of it, up to a number, and check that these have no holes."""
        change = tables.Change
        columns = (change.seq, change.kind, change.url, change.source_id, change.edit_class, change.at)
        query = select(*columns).where(change.seq > len(self.log)).order_by(change.seq)
        if upto is not None:
            query = query.where(change.seq <= upto)
        found: list[Told] = []
        for row in connection.execute(query):
            if row.seq != len(self.log) + len(found) + 1:
                self.violate("numbers", f"the log goes on with {row.seq} after {len(self.log) + len(found)}")
            article = self.world.at(row.url)
            if article is None:
                self.violate("numbers", f"#{row.seq} is about {row.url}, which is no article")
                continue
            section = self.ids.index(row.source_id)
            found.append(Told(seq=row.seq, kind=row.kind, article=article.number, section=section,
                              grade=row.edit_class, at=row.at))  # fmt: skip
        self.log += found
        return found

    def settled(
        self, runs: Sequence[tuple[Reading, Served]], *, stale: bool = False, upto: int | None = None
    ) -> list[Told]:
        """Judge runs that were settled in one transaction, in the order in which they were.

        :param upto: the number of the last change by then, where more may have been settled since.
        """
        with reading(self.engine) as connection:
            new = self.new_changes(connection, upto)
            if stale:
                for told in new:
                    self.violate("stale", f"{told.kind} a{told.article} by a run whose lease had passed on")
                return new
            expected: dict[tuple[int, int], list[Expected]] = defaultdict(list)
            for read, served in runs:
                source = self._source(connection, served.section)
                if source.verdict in ("suspect", "failed"):
                    self._tells_nothing(served.section, new, source)
                    continue
                self._learn(connection, read, served, expected)
                self._covered(connection, read, served, source)
            self._explained(new, expected)
        return new

    def approved(self, read: Reading, served: Served) -> list[Told]:
        """Judge what a person's word made of a run that was held: it may announce, and never edits."""
        expected: dict[tuple[int, int], list[Expected]] = defaultdict(list)
        with reading(self.engine) as connection:
            new = self.new_changes(connection)
            self._learn(connection, read, served, expected, approving=True)
            self._explained(new, expected)
        return new

    def _source(self, connection: Connection, section: Section) -> Any:
        source = tables.Source
        columns = (source.verdict, source.reason, source.baseline_run_id, source.horizon_key)
        return connection.execute(select(*columns).where(source.id == self.ids[section.number])).one()

    def _tells_nothing(self, section: Section, new: Iterable[Told], source: Any) -> None:
        for told in new:
            if told.section == section.number:
                self.violate(
                    "suspect tells nothing",
                    f"{source.verdict} ({source.reason}), and {told.kind} a{told.article}",
                )

    # ------------------------------------------------------------------------------------------ the looks

    def _learn(
        self,
        connection: Connection,
        read: Reading,
        served: Served,
        expected: dict[tuple[int, int], list[Expected]],
        *,
        approving: bool = False,
    ) -> None:
        looks = sorted(read.looks, key=lambda look: look.captured_at)
        keys = {url_key(look.url) for look in looks} | {entry.key for entry in read.entries}
        known = self._known(connection, keys)
        self.addresses |= known
        taken = known - self._waiting(connection, served.section)
        read_at, copies = self._read_at(connection, keys)
        for look in looks:
            key = url_key(look.url)
            article = self.world.at(look.url)
            if article is None or key not in taken:
                continue
            astray = look.way is Way.PAGE and read_at.get(key, key) not in (key, url_key(look.final_url))
            if astray and key in copies:
                continue
            state = self._state_of(look, key, served)
            result = self._look(
                article, look, state, served.section, read.extractor, approving=approving, astray=astray
            )
            if result is not None:
                expected[served.section.number, article.number].append(result)
        for entry in read.entries:
            article = self.world.at(entry.url)
            if article is not None and entry.key in known:
                self.seen_titles[article.number].add(entry.title)
                self.beliefs.setdefault(article.number, Belief())

    def _state_of(self, look: Look, key: str, served: Served) -> State | None:
        """Return what a look must have read."""
        if look.way is Way.LISTING:
            return served.bodies.get(key)
        return self._page_behind(key, served)[1]

    def _page_behind(self, key: str, served: Served) -> tuple[int, State | None]:
        """Return status and state of the last answer on the way from an address, redirects followed."""
        found = served.articles.get(key)
        if found is None:
            return 0, None
        article, status, state = found
        if status == 301:
            keys = [
                url_key(self.world.url(each, article))
                for each in self.world.sections
                if each.site is article.site
            ]
            later = [served.articles[each] for each in keys if each in served.articles]
            return (later[-1][1], later[-1][2]) if later else (0, None)
        return status, state

    def _look(self, article: Article, look: Look, state: State | None, section: Section, extractor: str, *,
              approving: bool, astray: bool) -> Expected | None:  # fmt: skip
        if state is not None:
            self.seen_titles[article.number].add(state.title)
        belief = self.beliefs.get(article.number)
        if belief is None:
            belief = self.beliefs[article.number] = Belief()
            if look.content is not None and state is not None:
                look_at(belief, look, state, section=section.number, extractor=extractor)
            return None
        return look_at(
            belief,
            look,
            state,
            section=section.number,
            extractor=extractor,
            approving=approving,
            healed=article.site.redesigned_at is not None,
            left=article.moved_at is not None,
            astray=astray,
            unlisted=not any(article.number in self.world.visible(each) for each in self.world.sections),
        )

    def _waiting(self, connection: Connection, section: Section) -> set[str]:
        """Return what a section has pending: it settled before another that learnt in the same breath what it is."""
        pending = tables.Pending
        query = select(pending.key).where(pending.source_id == self.ids[section.number])
        return set(connection.execute(query).scalars())

    def _read_at(self, connection: Connection, keys: Iterable[str]) -> tuple[dict[str, str], set[str]]:
        """Return where the article of each address is read, and the addresses where only its text was seen.

        These capture nothing (docs/decisions/0003) until the article's own address was asked and leads there, or leads
        nowhere; and that an address is gone says nothing of an article that is read elsewhere. A look that was led to
        where the article is read now has captured it.
        """
        alias, article = tables.Alias, tables.Article
        query = select(alias.key, alias.evidence, article.fetch_url).join(
            article, article.id == alias.article_id
        )
        rows = connection.execute(query.where(alias.key.in_(sorted(keys)))).all()
        return {row.key: url_key(row.fetch_url) for row in rows}, {
            row.key for row in rows if row.evidence == "fingerprint"
        }

    def _known(self, connection: Connection, keys: Iterable[str]) -> set[str]:
        query = select(tables.Alias.key).where(tables.Alias.key.in_(sorted(keys)))
        return set(connection.execute(query).scalars())

    # ----------------------------------------------------------------------------------------- the changes

    def _explained(self, new: Sequence[Told], expected: dict[tuple[int, int], list[Expected]]) -> None:
        """Each change has its look, and each look its change."""
        counted: Counter[tuple[int, int, str]] = Counter()
        for told in new:
            counted[told.section, told.article, told.kind] += 1
        kinds = {(told.section, told.article) for told in new if told.kind not in TOLD}
        for section, article in kinds | set(expected):
            looks = expected.get((section, article), [])
            self._edits(
                section, article, looks, [t for t in new if (t.section, t.article) == (section, article)]
            )
            for kind in ("withdrawn", "restored"):
                wanted = sum(getattr(each, kind) for each in looks)
                got = counted[section, article, kind]
                if kind == "withdrawn" and got > wanted and any(each.may_withdraw for each in looks):
                    self.beliefs[article].withdrawn = True
                    self._unseen_move(article)
                elif got != wanted:
                    law = "no false withdrawal" if (kind, got > wanted) == ("withdrawn", True) else kind
                    self.violate(law, f"a{article} {kind} {got} times where its looks say {wanted}")

    def _unseen_move(self, number: int) -> None:
        article = self.world.articles[number]
        if article.status == 200 and any(
            self.knows_address(each, article) for each in self.world.sections_of(article)
        ):
            self.violate(
                "no false withdrawal", f"a{number} withdrawn, although it was seen at its new address"
            )

    def _edits(self, section: int, article: int, looks: list[Expected], told: list[Told]) -> None:
        edits = [pair for each in looks for pair in each.edits]
        maybe = [pair for each in looks for pair in each.may]
        for kind in EDITS:
            got = sum(each.kind == kind for each in told)
            most = len(edits) + len(maybe)
            if got > most:
                law = (
                    "redesign and move announce nothing" if self._is_quiet(article) else "an edit is an edit"
                )
                self.violate(law, f"a{article} {kind} {got} times by S{section} where {most} edits were seen")
        tellings = [each for each in told if each.kind in EDITS]
        if tellings and article in self.beliefs:
            self.beliefs[article].was_told()
        if len(tellings) < len(edits):
            self.violate(
                "an edit is told", f"a{article}: S{section} saw {len(edits)} edits, {len(tellings)} were told"
            )
        elif len(edits) == 1 and not maybe:
            self._graded(article, edits[0], tellings)

    def _is_quiet(self, number: int) -> bool:
        article = self.world.articles[number]
        return len(article.states) == 1 and bool(article.moved_at or article.site.redesigned_at)

    def _graded(self, number: int, edit: tuple[State, State], told: Sequence[Told]) -> None:
        before, after = edit
        kinds = {each.kind for each in told}
        if before.paragraphs == after.paragraphs and "retitled" not in kinds:
            self.violate("an edit has its class", f"a{number}: a new title alone was told as {kinds}")
        if before.title == after.title and kinds != {"edited"}:
            self.violate("an edit has its class", f"a{number}: a new text alone was told as {kinds}")
        states = self.world.articles[number].states
        is_one_step = before in states and states.index(before) + 1 == states.index(after)
        if before.title == after.title and is_one_step and after.grade:
            for each in told:
                if each.kind == "edited" and each.grade != after.grade:
                    self.violate(
                        "an edit has its class", f"a{number}: {after.grade} was told as {each.grade}"
                    )

    # ----------------------------------------------------------------------------------------- the listing

    def _covered(self, connection: Connection, read: Reading, served: Served, source: Any) -> None:
        """What stood on the listing through a crawl is known, pending, or in a gap that is told."""
        section = served.section
        if source.baseline_run_id is None:
            return
        of = self.ids[section.number]
        if section.number not in self.baselines:
            self._based(connection, read, served, source)
        standing = set(served.first_seen) & set(served.last_seen)
        section.moved_in = 0
        self.owed[section.number] |= {each for each in standing if self.is_owed(section, each)}
        walked = [self.world.at(entry.url) for entry in read.entries]
        numbers = {each.number for each in walked if each} if read.entries else served.unchanged
        shown = numbers & standing
        if not shown or source.verdict == "partial":
            return
        keys = {key: number for number in shown for key in self.world.keys_of(number)}
        met = {keys[key] for key in self._sighted(connection, of, keys)}
        for number in sorted(shown - met):
            what = f"a{number} stood on S{section.number}'s listing, and is not known"
            self.violate("nothing that stood there is missing", what)

    def _sighted(self, connection: Connection, of: int, keys: Iterable[str]) -> set[str]:
        keys = sorted(keys)
        alias, sighting, pending = tables.Alias, tables.Sighting, tables.Pending
        met = select(alias.key).join(sighting, sighting.article_id == alias.article_id)
        found = set(connection.execute(met.where(sighting.source_id == of, alias.key.in_(keys))).scalars())
        waits = select(pending.key).where(pending.source_id == of, pending.key.in_(keys))
        return found | set(connection.execute(waits).scalars())

    def _based(self, connection: Connection, read: Reading, served: Served, source: Any) -> None:
        number = served.section.number
        self.baselines[number] = self.world.now
        articles = [self.world.at(entry.url) for entry in read.entries]
        self.taken[number] = {each.number for each in articles if each}
        self.existed[number] = set(served.present)
        key = next((entry.url for entry in read.entries if entry.key == source.horizon_key), "")
        horizon = self.world.at(key) if key else None
        if horizon is not None:
            self.horizons[number] = horizon.date

    def is_owed(self, section: Section, number: int) -> bool:
        """Say whether an article is news for a section: made after its baseline, and surely above its horizon."""
        article = self.world.articles[number]
        horizon = self.horizons.get(section.number)
        slack = timedelta(days=2 if section.dates == "day" else 0)
        is_new = number not in self.taken[section.number] and article.made_at > self.baselines[section.number]
        return is_new and not article.back and (horizon is None or article.date > horizon + slack)
