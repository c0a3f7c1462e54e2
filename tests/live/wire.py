"""A small newsroom on a local site that offers its stories in every channel, and real crawls of it.

wire.feed(story("a"), story("b"))            # Atom, whole bodies
wire.declare(Channel.FEED, "/feed.xml")
wire.crawl()                                 # the baseline
wire.feed(story("c", hours=1), story("a"), story("b"))
assert wire.crawl().changes == ...
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import update

from news.run import Settled
from news.source import ArticleRules, Channel, RequestRules, Source
from scheduler.crawling import crawl_now
from storage import tables
from storage.articles import ArticleRow, show_article
from storage.engine import open_engine, reading, writing
from storage.settings import Settings
from storage.source_status import SourceStatus, list_sources
from storage.sources import save_sources
from tests.crawler.site import Answer, Asked, LocalSite

ATOM, JSON, XML = "application/atom+xml; charset=utf-8", "application/json; charset=UTF-8", "application/xml"
POSTS = "/wp-json/wp/v2/posts"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
SENTENCES = (
    "The harbour office counted the boats that came in before the storm and found room for all of them.",
    "Those who sleep on board were asked into the sailing school, where soup was served until midnight.",
    "The ferry stays where it is until the wind has gone round, which is expected by the afternoon.",
)


@dataclass(frozen=True, kw_only=True)
class Story:
    """One piece of news; ``at`` and ``edited`` are hours after the newsroom began."""

    name: str
    at: float = 0.0
    edited: float | None = None
    word: str = "calm"
    author: str = "Lena Ahlers"

    @property
    def title(self) -> str:
        return f"Harbour report {self.name}"

    @property
    def path(self) -> str:
        return f"/reports/harbour-report-{self.name}/"

    @property
    def text(self) -> str:
        return f"Report {self.name}: the water is {self.word}. {' '.join(SENTENCES)}"

    @property
    def published(self) -> datetime:
        return BEGAN + timedelta(hours=self.at)

    @property
    def modified(self) -> datetime:
        return BEGAN + timedelta(hours=self.at if self.edited is None else self.edited)

    @property
    def page(self) -> str:
        return (
            f"<!doctype html><html lang=en><head><title>{self.title}</title></head><body><h1>{self.title}</h1>"
            f"<div class=body><p>{self.text}</p></div></body></html>"
        )


def story(name: str, **fields: Any) -> Story:
    return Story(name=name, **fields)


def stories(names: str, **fields: Any) -> list[Story]:
    """Return stories an hour apart, the first name the newest."""
    return [Story(name=name, at=len(names) - place, **fields) for place, name in enumerate(names)]


class Wire:
    """The site, its stories, the sources that read it, and the database."""

    def __init__(self, site: LocalSite, database_url: str) -> None:
        self.site, self.engine = site, open_engine(database_url)
        self.settings = Settings(database_url=database_url, timeout_seconds=5, log_level="error")
        self.posts: list[Story] = []

    def declare(
        self, channel: Channel, path: str, name: str = "wire", *, delay: float = 0.0, **fields: Any
    ) -> None:
        of = Source(
            name=name,
            site=name,
            url=self.site.url(path),
            channel=channel,
            language="en",
            article=ArticleRules(title=("h1",), body=("div.body",)),
            request=RequestRules(delay_seconds=delay, allow_private=True),
            **fields,
        )
        save_sources(self.engine, [of], origin="file", now=datetime.now(UTC))

    # ------------------------------------------------------------------------------------------ publishing

    def pages(self, *some: Story) -> None:
        for each in some:
            self.site.page(each.path, each.page)

    def atom(
        self, some: Sequence[Story], *, bodies: bool = True, host: str = "127.0.0.1", ttl: str = ""
    ) -> str:
        entries = "".join(
            f"<entry><id>tag:harbour.example,2026:{each.name}</id><title>{escape(each.title)}</title>"
            f'<link href="{self.site.url(each.path, host)}"/><author><name>{each.author}</name></author>'
            f"<published>{each.published.isoformat()}</published><updated>{each.modified.isoformat()}</updated>"
            + (
                f'<content type="html">{escape(f"<p>{each.text}</p>")}</content>'
                if bodies
                else f"<summary>In short: {each.name}</summary>"
            )
            + "</entry>"
            for each in some
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>tag:harbour.example,2026:feed</id><title>Harbour reports</title>"
            f"<updated>{BEGAN.isoformat()}</updated>{ttl}{entries}</feed>"
        )

    def feed(self, *some: Story, path: str = "/feed.xml", etag: str | bool = True, **more: Any) -> None:
        """Serve stories as an Atom feed; what `Answer` knows goes there, the rest to `atom`."""
        own = {key: more.pop(key) for key in ("bodies", "host") if key in more}
        self.site.script(path, Answer(body=self.atom(some, **own), content_type=ATOM, etag=etag, **more))

    def rss(self, *some: Story, ttl: int, path: str = "/rss.xml", channel: str = "") -> None:
        items = "".join(
            f"<item><title>{each.title}</title><link>{self.site.url(each.path)}</link><guid>{each.name}</guid>"
            f"<description>In short: {each.name}</description></item>"
            for each in some
        )
        body = f'<rss version="2.0"><channel><title>Reports</title><ttl>{ttl}</ttl>{channel}{items}</channel></rss>'
        self.site.script(path, Answer(body=body, content_type="application/rss+xml"))

    def sitemap(self, *some: Story, path: str = "/news-sitemap.xml", **more: Any) -> None:
        urls = "".join(
            f"<url><loc>{self.site.url(each.path)}</loc><news:news><news:publication><news:name>Harbour</news:name>"
            f"<news:language>en</news:language></news:publication>"
            f"<news:publication_date>{each.published.isoformat()}</news:publication_date>"
            f"<news:title>{each.title}</news:title></news:news></url>"
            for each in some
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        )
        self.site.script(path, Answer(body=body, content_type=XML, **more))

    def index(self, *paths: str, path: str = "/sitemap.xml", etag: str | bool = True) -> None:
        """Serve an index; the first part is the newest."""
        parts = "".join(
            f"<sitemap><loc>{self.site.url(each)}</loc><lastmod>{(BEGAN - timedelta(days=place)).isoformat()}</lastmod>"
            "</sitemap>"
            for place, each in enumerate(paths)
        )
        body = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>'
        self.site.script(path, Answer(body=body, content_type=XML, etag=etag))

    def wordpress(self, *some: Story) -> None:
        """Serve stories as WordPress does, with paging and questions for what was modified."""
        self.posts = list(some)
        self.site.respond(POSTS, self.answer_posts)

    def answer_posts(self, asked: Asked) -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        found = sorted(self.posts, key=lambda each: each.published, reverse=True)
        if "before" in query:
            found = [each for each in found if each.published < _time(query["before"])]
        if "modified_after" in query:
            found = [each for each in found if each.modified > _time(query["modified_after"])]
        if query.get("orderby") == "modified":
            found.sort(key=lambda each: each.modified, reverse=query.get("order") != "asc")
        size, page = int(query.get("per_page", 10)), int(query.get("page", 1))
        shown = found[(page - 1) * size : page * size]
        if page > 1 and not shown:
            refusal = {
                "code": "rest_post_invalid_page_number",
                "message": "No such page",
                "data": {"status": 400},
            }
            return Answer(status=400, body=json.dumps(refusal), content_type=JSON)
        return Answer(body=json.dumps([self._post(each) for each in shown]), content_type=JSON)

    def _post(self, each: Story) -> dict[str, Any]:
        return {
            "id": sum(map(ord, each.name)),
            "date": f"{each.published:%Y-%m-%dT%H:%M:%S}",
            "date_gmt": f"{each.published:%Y-%m-%dT%H:%M:%S}",
            "modified": f"{each.modified:%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{each.modified:%Y-%m-%dT%H:%M:%S}",
            "link": self.site.url(each.path),
            "title": {"rendered": escape(each.title)},
            "excerpt": {"rendered": f"<p>In short: {each.name}</p>", "protected": False},
            "content": {"rendered": f"<p>{each.text}</p>", "protected": False},
        }

    # -------------------------------------------------------------------------------------------- crawling

    def crawl(self, name: str = "wire") -> Settled:
        """Crawl a source in a process of its own; the site's log is of this crawl alone."""
        self.site.forget()
        [settled] = crawl_now(self.settings, [name])
        return settled

    def told(self, name: str = "wire") -> list[tuple[str, str]]:
        """Crawl, and return the kind and the story of each change."""
        settled = self.crawl(name)
        return [(change.kind.value, change.title.rpartition(" ")[2]) for change in settled.changes]

    def status(self, name: str = "wire") -> SourceStatus:
        [found] = list_sources(self.engine, [name])
        return found

    def article(self, each: Story) -> ArticleRow:
        with reading(self.engine) as connection:
            return show_article(connection, self.site.url(each.path))

    def set(self, **values: Any) -> None:
        """Let the sources' rows hold something, as if time had passed."""
        with writing(self.engine) as connection:
            connection.execute(update(tables.Source).values(**values))

    def age(self, **parts: float) -> None:
        """Let edits have been asked for so much earlier."""
        self.set(edits_at=datetime.now(UTC) - timedelta(days=1) - timedelta(**parts))

    def be_patient_no_more(self) -> None:
        with writing(self.engine) as connection:
            connection.execute(update(tables.Host).values(not_before=None))


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
