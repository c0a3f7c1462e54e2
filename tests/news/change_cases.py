"""Cases of change, as people read them: what is known, what is seen, what is told. See ``cases/README.md``.

The same case runs through the pure decision and through the database (``tests/storage/test_change_cases.py``): a
`Backend` settles one crawl after the other, and says which changes each told and which article stands at an address.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from news.article import Content, Look, Sight, Way
from news.dates import Precision, Stamp
from news.entry import Entry
from news.fingerprint import content_fingerprint, exact_digest
from news.run import HostState, Lease, Profile, Reading
from news.source import Channel
from news.text import title_key
from news.url_shape import url_shape
from news.urls import url_key

CASES = Path(__file__).parent / "cases"
HOST = "site.example"
"""The site of every case, as it is written; each gets a host of its own, so that they may share a database."""
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
FILLERS = ("/keep-one", "/keep-two", "/keep-three")
"""What stands at the foot of every listing and never changes, so that a case need not say it."""
_ITEM = re.compile(r'(?P<path>\S+)(?:\s+"(?P<title>[^"]*)")?(?:\s+(?P<facts>.+))?')
_DATE = re.compile(r"(?P<day>\d+) (?P<month>[A-Z]\w+)(?: (?P<hour>\d+):(?P<minute>\d+))?")
_SYLLABLES = "ba co du fe gi ha ko lu me ni".split()
_WORDS = [one + two + three for one in _SYLLABLES for two in _SYLLABLES for three in _SYLLABLES]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One line of a case: an item as a listing shows it, and what its page answers."""

    path: str
    title: str
    host: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.path if "//" in self.path else f"https://{self.host}{self.path}"


@dataclass(kw_only=True, slots=True)
class Crawl:
    """One crawl of one source: what it sees, top first, what else it looks at, and what it is to tell."""

    source: str = "one"
    seen: list[Item] = field(default_factory=list)
    looks: list[Item] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)  # where the old addresses of moved articles lead
    told: str = ""
    before: list[tuple[str, list[str]]] = field(default_factory=list)  # what a person does first
    after: timedelta = timedelta(hours=2)


@dataclass(kw_only=True, slots=True)
class Case:
    """One case: its name is a sentence."""

    name: str
    host: str
    channels: dict[str, tuple[Channel, str]]
    known: list[Item] = field(default_factory=list)
    crawls: list[Crawl] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)
    apart: list[tuple[str, str]] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)

    def listing_url(self, source: str) -> str:
        """Return where one of the two sources is read."""
        channel, root = self.channels[source]
        return f"https://{self.host}" + LISTINGS[channel].format(root=root)


class Backend(Protocol):
    """What settles crawls: the pure decision over a memory, or the database."""

    def settle(self, reading: Reading) -> list[tuple[str, str]]:
        """Settle one crawl; return the kinds of its changes with the keys of their articles."""

    def correct(self, word: str, urls: list[str]) -> None:
        """Do what a person says: ``forget``, ``merge`` or ``prune``."""

    def article_at(self, url: str) -> str | None:
        """Return the key of the article that is known at an address."""

    def evidence(self, url: str) -> str:
        """Return what it rests on that the article stands there."""


LISTINGS = {
    Channel.WORDPRESS: "{root}/wp-json/wp/v2/posts",
    Channel.FEED: "{root}/feed",
    Channel.LISTING: "{root}/news",
    Channel.SITEMAP: "{root}/sitemap.xml",
}


def load_cases(*names: str) -> list[Case]:
    """Return the cases of some files, or of all."""
    paths = [CASES / f"{name}.txt" for name in names] or sorted(CASES.glob("*.txt"))
    return [case for path in paths for case in parse_cases(path.read_text(encoding="utf-8"), stem=path.stem)]


def parse_cases(text: str, *, stem: str) -> Iterator[Case]:
    """Yield the cases of a file: a sentence each, and below it indented lines, each beginning with a word."""
    case: Case | None = None
    count = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if case is not None:
                yield case
            count += 1
            case = Case(
                host=f"{stem}-{count}.example",
                name=line.strip(),
                channels={"one": (Channel.FEED, ""), "other": (Channel.FEED, "/other")},
            )
            continue
        assert case is not None, f"line {number}: {line!r} stands before the first case"
        word, _, rest = line.strip().replace(HOST, case.host).partition(" ")
        _take_line(case, word, rest.strip(), number)
    if case is not None:
        yield case


def _take_line(case: Case, word: str, rest: str, number: int) -> None:
    match word:
        case "channel" | "other-channel":
            kind, _, root = rest.partition(" ")
            case.channels["other" if word.startswith("other") else "one"] = Channel(kind), root.strip()
        case "known":
            case.known.append(_item(rest, case.host))
        case "seen" | "other":
            crawl = _open_crawl(case)
            crawl.seen.append(_item(rest, case.host))
            crawl.source = "other" if word == "other" else "one"
        case "look":
            _open_crawl(case).looks.append(_item(rest, case.host))
        case "left":
            old, _, where = rest.partition(" ")
            _open_crawl(case).left[old] = where.strip()
        case "forget" | "merge" | "prune":
            _open_crawl(case).before.append((word, rest.split()))
        case "later":
            _open_crawl(case).after = timedelta(hours=float(rest.removesuffix(" hours")))
        case "told":
            _open_crawl(case).told = rest
        case "same" | "apart" | "rests":
            _take_end(case, word, rest)
        case _:
            raise AssertionError(f"line {number}: no line begins with {word!r}")


def _take_end(case: Case, word: str, rest: str) -> None:
    """Take in what is so in the end."""
    path, _, what = rest.partition(" ")
    if word == "rests":
        case.evidence[path] = what.strip()
    else:
        (case.same if word == "same" else case.apart).append((path, what.strip()))


def _open_crawl(case: Case) -> Crawl:
    """Return the crawl that the lines describe: `told` ends one."""
    if not case.crawls or case.crawls[-1].told:
        case.crawls.append(Crawl())
    return case.crawls[-1]


def _item(text: str, host: str) -> Item:
    found = _ITEM.fullmatch(text)
    assert found is not None, f"no item: {text!r}"
    facts: dict[str, str] = {}
    for fact in filter(None, (part.strip() for part in (found["facts"] or "").split(","))):
        if _DATE.fullmatch(fact):
            facts["date"] = fact
        else:
            word, _, value = fact.partition(" ")
            facts[word] = value
    return Item(
        path=found["path"], title=found["title"] or f"Title of {found['path']}", host=host, facts=facts
    )


# ------------------------------------------------------------------------------------------------- playing


def play(case: Case, backend: Backend) -> None:
    """Let the backend live through a case, and compare what it told."""
    world = _World(case, backend)
    for source in case.channels:
        quiet = [item for item in case.known if "quiet" in item.facts and _listed_by(item) == source]
        world.crawl(Crawl(source=source, seen=quiet))
    for source in case.channels:
        loud = [item for item in case.known if "quiet" not in item.facts and _listed_by(item) == source]
        if loud:
            world.crawl(Crawl(source=source, seen=loud))
    for number, crawl in enumerate(case.crawls, 1):
        expected = "" if crawl.told == "nothing" else crawl.told
        assert world.crawl(crawl) == expected, f"{case.name}: crawl {number}"
    for one, two in case.same:
        assert world.at(one) == world.at(two) is not None, f"{one} and {two} are one article"
    for one, two in case.apart:
        assert world.at(one) != world.at(two), f"{one} and {two} are two articles"
        assert None not in (world.at(one), world.at(two)), f"{one} and {two} are known"
    for path, what in case.evidence.items():
        assert backend.evidence(world.url(path)) == what, f"what {path} rests on"


def _listed_by(item: Item) -> str:
    return "other" if "elsewhere" in item.facts else "one"


class _World:
    """Makes readings of a case's lines, and remembers which titles stand where."""

    def __init__(self, case: Case, backend: Backend) -> None:
        self.case, self.backend, self.now = case, backend, START
        self.paths: dict[str, str] = {}
        self.titles: dict[str, dict[str, str]] = {}

    def url(self, path: str) -> str:
        return Item(path=path, title="", host=self.case.host).url

    def at(self, path: str) -> str | None:
        return self.backend.article_at(self.url(path))

    def crawl(self, crawl: Crawl) -> str:
        """Settle one crawl; return what it told, in words."""
        for word, paths in crawl.before:
            self.backend.correct(word, [self.url(path) for path in paths])
        items = [*crawl.seen, *(_item(f"{path} text {path}", self.case.host) for path in FILLERS)]
        self.now += crawl.after
        new = [item for item in items if self.backend.article_at(item.url) is None]
        for item in (*items, *crawl.looks):
            self.paths.setdefault(url_key(item.url), item.path)
        probes = {item.url: self._probes(item, crawl) for item in new}
        reading = self._reading(crawl, items, {url: found for url, found in probes.items() if found})
        told = self.backend.settle(reading)
        for item in items:  # an article that lost its first address is called by the next one
            self.paths.setdefault(self.backend.article_at(item.url) or "", item.path)
        for item in items:
            self.titles.setdefault(title_key(item.title), {})[url_key(item.url)] = item.path
        return ", ".join(f"{kind} {self.paths.get(key, key)}" for kind, key in told)

    def _probes(self, item: Item, crawl: Crawl) -> tuple[tuple[str, str], ...]:
        """Return where the old addresses of an unknown item's namesakes lead now, as the crawler asks them."""
        found = []
        for path in self.titles.get(title_key(item.title), {}).values():
            where = crawl.left.get(path, "stays")
            final = {"stays": path, "gone": path, "unanswered": ""}.get(where, where)
            found.append((self.url(path), self.url(final) if final else ""))
        return tuple(found)

    def _reading(
        self, crawl: Crawl, items: list[Item], probes: dict[str, tuple[tuple[str, str], ...]]
    ) -> Reading:
        entries = {item.url: _entry(item) for item in items}
        looks = [look for item in (*items, *crawl.looks) if (look := self._look(item)) is not None]
        return Reading(
            source=crawl.source,
            source_id=list(self.case.channels).index(crawl.source) + 1,
            host=HostState(name=self.case.host),
            lease=Lease(host=self.case.host, token=1, owner="test", leased_at=self.now, until=self.now),
            extractor="1",
            started_at=self.now,
            finished_at=self.now,
            entries=tuple({entry.key: entry for entry in entries.values()}.values()),
            looks=tuple(looks),
            probes={url_key(url): found for url, found in probes.items()},
            gone=tuple(self.url(path) for path, where in crawl.left.items() if where == "gone"),
            joined=True,
            pages=1,
            requests=1,
            profile=Profile(
                entries=max(4, len(items)),
                shapes=tuple(sorted({url_shape(item.url) for item in items})),
            ),
        )

    def _look(self, item: Item) -> Look | None:
        """Return what the crawl saw of an article: a listing's item is looked at unless it says otherwise."""
        facts, final = (
            item.facts,
            self.url(item.facts["leads"].removeprefix("to ")) if "leads" in item.facts else item.url,
        )
        if "unasked" in facts:
            return None
        sights = {
            "404": Sight.MISSING,
            "410": Sight.GONE,
            "unread": Sight.UNREADABLE,
            "304": Sight.NOT_MODIFIED,
        }
        sight = next((sights[word] for word in sights if word in facts), Sight.READ)
        way = Way.LISTING if "inline" in facts else Way.PAGE
        return Look(
            url=item.url,
            final_url=final,
            sight=sight,
            way=way,
            captured_at=self.now,
            content=self._content(item) if sight is Sight.READ else None,
            reason="500" if sight is Sight.UNREADABLE else "",
        )

    def _content(self, item: Item) -> Content:
        title, body = item.facts.get("headed", "").strip("'") or item.title, _body(item)
        return Content(
            title=title,
            body_text=body,
            fingerprint=content_fingerprint(title, body),
            digest=exact_digest(title, body),
            extractor="1",
            canonical_url=self.url(item.facts["canonical"]) if "canonical" in item.facts else "",
        )


def _entry(item: Item) -> Entry:
    site_id = item.facts.get("post") or item.facts.get("guid") or ""
    return Entry(
        url=item.url,
        key=url_key(item.url),
        title=item.title,
        published=_stamp(item.facts.get("date", "")),
        site_id=site_id,
        body_html=f"<p>{_body(item)}</p>" if "inline" in item.facts else "",
    )


def _body(item: Item) -> str:
    """Return a text of 60 words; ``text NAME`` gives it a name, ``NAME+N`` changes N of its words."""
    name, _, edited = item.facts.get("text", item.path).partition("+")
    chosen = random.Random(name).choices(_WORDS, k=60)
    if name == "short":
        chosen = chosen[:5]
    for place in range(int(edited or 0)):
        chosen[7 * place % len(chosen)] = f"{1000 + place}"
    return " ".join(chosen)


def _stamp(text: str) -> Stamp | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    at = datetime.strptime(f"{found['day']} {found['month']} 2026", "%d %B %Y").replace(tzinfo=UTC)
    if found["hour"] is None:
        return Stamp(at=at, precision=Precision.DAY, provenance="test")
    at = at.replace(hour=int(found["hour"]), minute=int(found["minute"]))
    return Stamp(at=at, precision=Precision.SECOND, provenance="test")
