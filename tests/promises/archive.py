"""A site that a test writes, recorded step by step and replayed through the real spider into a real database.

    archive = Archive(database_url, tmp_path, source("https://news.example/", "news"))
    archive.listing("https://news.example/", Item("/a", "Title of a"))
    archive.replay()                                                   # the baseline
    archive.listing("https://news.example/", Item("/b", "Title of b"), Item("/a", "Title of a"))
    assert archive.replay(hours=1).changes == [("published", "news", "Title of b")]

What was written stays until it is written anew. Every address answers some visits, so that a read of several pages
finds what it asks for. Nothing here reaches a network: a request for what was not written fails the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from sqlalchemy import select

from crawler.recordings.directory import write_directory
from crawler.recordings.model import RecordedAnswer, Recording
from crawler.site_export import dump_site
from news.run import Settled, Verdict
from news.source import ArticleRules, RequestRules, Source, Wrapper
from news.urls import fetchable_url
from scheduler.crawling import replay_now
from storage.articles import ArticleRow, list_articles, show_article
from storage.engine import open_engine, reading
from storage.settings import Settings
from storage.source_status import SourceStatus, list_sources
from storage.tables import Revision

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TIMES = 6
HTML = ("Content-Type", "text/html; charset=utf-8")
WRAPPER = Wrapper(
    item=("li.item",),
    link=("a.title",),
    title=("a.title",),
    date=("time",),
    body=("div.text",),
    next_page=("a.next",),
)
RULES = ArticleRules(title=("h1",), body=("div.body",), date=("time.posted",))


def source(url: str, name: str, **fields: Any) -> Source:
    fields = {"site": name, "language": "en", "wrapper": WRAPPER, "article": RULES, **fields}
    return Source(name=name, url=url, request=RequestRules(delay_seconds=0.0), **fields)


def local_source(url: str, name: str, **fields: Any) -> Source:
    """Return a source of a site on this machine, which it must opt in to; a replay asks nobody and need not."""
    of = source(url, name, **fields)
    return replace(of, request=replace(of.request, allow_private=True))


def prose(about: str, *, words: int = 40) -> str:
    """Return a text that is long enough to be one, and like no other."""
    stem = about.replace(" ", "-").strip("-")
    return (
        f"This is what there is to say of {about}. "
        + " ".join(f"{stem}-{number}" for number in range(words))
        + "."
    )


@dataclass(frozen=True)
class Item:
    """One item of a listing; without a ``body`` it leads to its article's page, and ``shown`` is its date there."""

    href: str
    title: str
    body: str = ""
    shown: str = ""

    @property
    def html(self) -> str:
        date = f"<time>{escape(self.shown)}</time>" if self.shown else ""
        body = f'<div class="text"><p>{self.body}</p></div>' if self.body else ""
        return f'<li class="item"><a class="title" href="{escape(self.href)}">{escape(self.title)}</a>{date}{body}</li>'


def article_page(title: str, body: str, *, head: str = "", posted: str = "") -> str:
    date = f'<time class="posted">{posted}</time>' if posted else ""
    return (
        f"<html><head><title>{escape(title)}</title>{head}</head><body><h1>{escape(title)}</h1>{date}"
        f'<div class="body"><p>{body}</p></div></body></html>'
    )


def whole(*names: str, base: str = "/") -> list[Item]:
    """Return items whose whole bodies stand on the listing."""
    return [Item(f"{base}{name}", f"Title of {name}", prose(name)) for name in names]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of one step."""

    runs: dict[str, Settled]

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Kind, source and title of each change, in the order of the log."""
        told = [change for run in self.runs.values() for change in run.changes]
        return [
            (change.kind.value, change.source, change.title) for change in sorted(told, key=lambda c: c.seq)
        ]

    @property
    def published(self) -> list[str]:
        """The titles that were announced; nothing else may have been told."""
        assert {kind for kind, _, _ in self.changes} <= {"published"}, self.changes
        return [title for _, _, title in self.changes]

    @property
    def verdicts(self) -> set[Verdict]:
        return {run.verdict for run in self.runs.values()}

    @property
    def reason(self) -> str:
        [run] = self.runs.values()
        return run.reason


class Archive:
    """The site in the making, its clock, and the database that its replays fill."""

    def __init__(self, database_url: str, folder: Path, *sources: Source) -> None:
        self.clock = START
        self.database_url = database_url
        self.settings = Settings(database_url=database_url, sites=(folder / "sites",), log_level="error")
        self._folder = folder
        self._answers: dict[str, list[RecordedAnswer]] = {}
        self._backing: dict[str, list[RecordedAnswer]] = {}  # pages of articles that stand whole on a listing
        self._step = 0
        (folder / "sites").mkdir()
        self.declare(*sources)

    def declare(self, *sources: Source) -> None:
        """Write the site files, each source one of its own; its name is the file's."""
        self.sources = {each.name: each for each in sources}
        for each in sources:
            (self._folder / "sites" / f"{each.name}.toml").write_text(dump_site([each]), encoding="utf-8")

    # ------------------------------------------------------------------------------------------ writing it

    def answer(self, url: str, body: str | bytes = "", *, status: int = 200, **headers: str) -> None:
        """Let ``url`` answer so from now on; header names are written with underscores, empty ones left out."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items() if value)
        kind = () if any(name.lower() == "content-type" for name, _ in named) else (HTML,)
        content = body.encode() if isinstance(body, str) else body
        self._answers[url] = [
            RecordedAnswer(url=url, at=START, status=status, headers=kind + named, body=content)
        ] * TIMES

    def said(self, url: str) -> str:
        """Return what ``url`` answers now."""
        return self._answers[url][0].body.decode()

    def listing(
        self, url: str, *items: Item, next_url: str = "", title: str = "News", etag: str = ""
    ) -> None:
        more = f'<a class="next" href="{next_url}">Older</a>' if next_url else ""
        rows = "".join(item.html for item in items)
        for item in items:
            if item.body:
                self._back(fetchable_url(item.href, url).partition("#")[0], item)
        self.answer(
            url,
            f"<html><head><title>{title}</title></head><body><ul>{rows}</ul>{more}</body></html>",
            ETag=etag,
        )

    def pages(self, url: str, *items: Item, per_page: int = 10) -> None:
        """Write a listing over as many pages as it needs: ``url``, ``url?page=2``, …"""
        parts = [items[start : start + per_page] for start in range(0, len(items), per_page)]
        for number, part in enumerate(parts, 1):
            following = f"{url}?page={number + 1}" if number < len(parts) else ""
            self.listing(url if number == 1 else f"{url}?page={number}", *part, next_url=following)

    def article(self, url: str, title: str, body: str = "", *, head: str = "", posted: str = "") -> None:
        self.answer(url, article_page(title, body or prose(title), head=head, posted=posted))

    def _back(self, url: str, item: Item) -> None:
        """Give an article whose whole body stands on the listing the page that it would have."""
        body = article_page(item.title, item.body).encode()
        self._backing[url] = [RecordedAnswer(url=url, at=START, headers=(HTML,), body=body)] * TIMES

    def redirect(self, url: str, to: str, status: int = 301) -> None:
        self.answer(url, status=status, Location=to)

    def forget(self, url: str) -> None:
        """Leave an address out of the recording: a request for it fails loudly."""
        self._answers.pop(url, None)
        self._backing.pop(url, None)

    # ----------------------------------------------------------------------------------------- replaying it

    def recording(self, names: Sequence[str] = ()) -> Path:
        """Write the site as it is now as a recording, and return its path."""
        self._step += 1
        path = self._folder / "recordings" / f"step-{self._step:03}"
        path.parent.mkdir(exist_ok=True)
        known = self._backing | self._answers
        answers = [replace(answer, at=self.clock) for each in known.values() for answer in each]
        origins = {urljoin(answer.url, "/robots.txt") for answer in answers} - set(self._answers)
        robots = [RecordedAnswer(url=url, at=self.clock, status=404) for url in sorted(origins)]
        recording = Recording(
            clock=self.clock, sources=tuple(names or self.sources), answers=(*robots, *answers)
        )
        write_directory(recording, path)
        return path

    def replay(self, *names: str, **later: float) -> Replayed:
        """Replay the site as it is now, so much later (``hours=1``): all sources, or the named ones."""
        self.clock += timedelta(**(later or {"minutes": 30}))
        return self.replay_again(self.recording(names))

    def replay_again(self, recording: Path) -> Replayed:
        runs = replay_now(self.settings, recording)
        return Replayed(runs={run.source: run for run in runs})

    # ------------------------------------------------------------------------------------- what is known now

    def article_at(self, url: str) -> ArticleRow:
        with self._reading() as connection:
            return show_article(connection, url)

    def articles(self) -> list[ArticleRow]:
        with self._reading() as connection:
            return list_articles(connection, limit=None)

    def revisions(self, url: str) -> list[int]:
        wanted = self.article_at(url).id
        with self._reading() as connection:
            query = select(Revision.number).where(Revision.article_id == wanted).order_by(Revision.number)
            return list(connection.execute(query).scalars())

    def status(self, name: str) -> SourceStatus:
        engine = open_engine(self.database_url)
        try:
            [found] = list_sources(engine, [name])
        finally:
            engine.dispose()
        return found

    def _reading(self) -> Any:
        return _Reading(self.database_url)


class _Reading:
    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._context = reading(self._engine)

    def __enter__(self) -> Any:
        return self._context.__enter__()

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(*error)  # type: ignore[arg-type]
        self._engine.dispose()
