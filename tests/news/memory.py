"""A memory in the place of the database: it keeps what `decide` makes known, and shows all of it to the next run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from news.decide import decide
from news.known import FORMERLY, ArticleState, HandedOver, Known, NewAlias, Outcome, PendingEntry
from news.run import Rank, Reading, Verdict
from news.site_id import PREFIX
from news.urls import url_key
from tests.news.change_cases import Case


class Memory:
    """Settles by the pure decision alone."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.articles: dict[str, ArticleState] = {}
        self.aliases: dict[str, NewAlias] = {}
        self.sighted: dict[str, dict[str, Rank]] = {}
        self.pending: dict[str, dict[str, PendingEntry]] = {}
        self.prints: dict[str, str] = {}
        self.frontier: dict[str, tuple[str, ...]] = {}

    def settle(self, reading: Reading) -> list[tuple[str, str]]:
        outcome = decide(self.known(reading.source), reading, Verdict.OK, now=reading.finished_at)
        self.keep(reading, outcome)
        return [(change.kind.value, change.article) for change in outcome.changes]

    def known(self, source: str) -> Known:
        aliases = {key: alias.article for key, alias in self.aliases.items()}
        ids: dict[str, dict[str, str]] = defaultdict(dict)
        for alias in self.aliases.values():
            if alias.url.startswith(PREFIX):
                ids[alias.article][alias.key] = alias.url
        return Known(
            host=self.case.host,
            channel=self.case.channels[source][0],
            listing_url=self.case.listing_url(source),
            has_baseline=source in self.frontier,
            frontier=self.frontier.get(source, ()),
            aliases=aliases,
            ids=ids,
            articles=dict(self.articles),
            sighted=dict(self.sighted.get(source, {})),
            pending=dict(self.pending.get(source, {})),
            by_title={
                title: tuple(key for key, state in self.articles.items() if title in state.titles)
                for title in {title for state in self.articles.values() for title in state.titles}
            },
            by_fingerprint=self.prints
            | {state.fingerprint: key for key, state in self.articles.items() if state.fingerprint},
        )

    def keep(self, reading: Reading, outcome: Outcome) -> None:
        self._hand_over(outcome.handed_over)
        self.articles.update({state.key: state for state in outcome.articles})
        self.aliases.update({alias.key: alias for alias in outcome.aliases})
        sighted = self.sighted.setdefault(reading.source, {})
        for sighting in outcome.sightings:
            sighted.setdefault(sighting.article, sighting.rank)
            state = self.articles[sighting.article]
            self.articles[sighting.article] = replace(
                state, titles=state.titles | {state.title_key, sighting.title_key}
            )
        pending = self.pending.setdefault(reading.source, {})
        for key in outcome.settled_pending:
            pending.pop(key, None)
        pending.update({waiting.key: waiting for waiting in outcome.pending})
        aliases = {key: alias.article for key, alias in self.aliases.items()}
        self.frontier[reading.source] = tuple(
            dict.fromkeys(aliases.get(entry.key, entry.key) for entry in reading.entries)
        )

    def _hand_over(self, given: Sequence[HandedOver]) -> None:
        for each in given:
            left = self.aliases.pop(each.address)
            if each.key == each.article:
                continue
            self.aliases[each.key] = replace(left, key=each.key, evidence=FORMERLY)
            self.articles[each.key] = replace(self.articles.pop(each.article), key=each.key)
            for key, alias in self.aliases.items():
                if alias.article == each.article:
                    self.aliases[key] = replace(alias, article=each.key)
            for sighted in self.sighted.values():
                if each.article in sighted:
                    sighted[each.key] = sighted.pop(each.article)

    def correct(self, word: str, urls: list[str]) -> None:
        keys = [key for url in urls if (key := self.article_at(url))]
        state = self.articles[keys[0]]
        match word:
            case "forget":
                self.articles[state.key] = replace(state, title="[removed]", body_text="", forgotten=True)
            case "prune":
                self.articles[state.key] = replace(state, body_text="", digest="", fingerprint="")
            case "merge":
                self._merge(state, self.articles.pop(keys[1]))

    def _merge(self, kept: ArticleState, gone: ArticleState) -> None:
        self.articles[kept.key] = replace(
            kept, announced=kept.announced or gone.announced, titles=kept.titles | gone.titles
        )
        for key, alias in self.aliases.items():
            if alias.article == gone.key:
                self.aliases[key] = replace(alias, article=kept.key)
        for sighted in self.sighted.values():
            if gone.key in sighted:
                sighted.setdefault(kept.key, sighted[gone.key])
        self.prints[gone.fingerprint] = kept.key

    def article_at(self, url: str) -> str | None:
        alias = self.aliases.get(url_key(url))
        return alias.article if alias else None

    def evidence(self, url: str) -> str:
        return self.aliases[url_key(url)].evidence
