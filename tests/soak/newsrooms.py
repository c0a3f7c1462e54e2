"""Local sites that live: each publishes at a rhythm of its own, mends some of its news, and takes some of it back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

from news.source import ArticleRules, Channel, RequestRules, Source, Wrapper
from tests.crawler.site import Answer, Asked, LocalSite
from tests.simulation.archive.prose import paragraph_of, title_of

ATOM = "application/atom+xml; charset=utf-8"
SHOWN = 14
"""How many of its newest a listing shows: more than any fault lets pile up."""
BEGINS_WITH = 8
FOREVER = 3_600.0
WRAPPER = Wrapper(item=("li.item",), link=("a",), title=("a",))
RULES = ArticleRules(title=("h1",), body=("div.body",))


class WatchedSite(LocalSite):
    """A site that tells of each request before it answers, and may be in no state to answer.

    ``ails`` is empty, or what ails its pages: ``mute``, ``drips``, ``resets`` or ``down``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ails = ""
        self.asked_for: Callable[[Asked], None] = lambda _asked: None
        self.requests = 0

    def _answer(self, request: Asked) -> Answer:
        self.requests += 1
        self.asked_for(request)
        answer = super()._answer(request)
        match self.ails:
            case "mute":
                return Answer(body="x", delay_seconds=FOREVER)
            case "drips":
                return Answer(body="x" * 100_000, drip_seconds=1.0)
            case "resets":
                return Answer(reset=True)
            case "down":
                return Answer(status=503, body="<title>503</title>")
        return answer


@dataclass(kw_only=True)
class Item:
    """One piece of news. ``plan`` is what becomes of it: ``edit``, ``withdraw`` or nothing."""

    title: str
    path: str
    text: str
    at: datetime
    plan: str = ""
    edited_at: datetime | None = None
    gone: bool = False

    @property
    def page(self) -> str:
        return (
            f"<!doctype html><html lang=en><head><title>{escape(self.title)}</title></head>"
            f"<body><h1>{escape(self.title)}</h1><div class=body><p>{escape(self.text)}</p></div></body></html>"
        )


@dataclass(kw_only=True)
class Newsroom:
    """One source on a site of its own.

    Args:
        name: of the source.
        channel: how it is read: a listing or a feed, whose articles stand on pages.
        whole: whether its feed carries whole articles; it then takes nothing back, since nobody asks for its pages.
        hours: about how many pass from one item to the next.
        rand: of its own, so that what one does changes nothing for the others.
    """

    name: str
    site: WatchedSite
    rand: random.Random
    channel: Channel = Channel.LISTING
    whole: bool = False
    hours: float = 8.0
    items: list[Item] = field(default_factory=list)
    next_at: datetime | None = None

    @property
    def path(self) -> str:
        return f"/{self.name}/" if self.channel is Channel.LISTING else f"/{self.name}.xml"

    @property
    def source(self) -> Source:
        return Source(
            name=self.name,
            url=self.site.url(self.path),
            channel=self.channel,
            wrapper=WRAPPER if self.channel is Channel.LISTING else Wrapper(),
            whole_bodies=self.whole,
            article=RULES,
            language="en",
            schedule="2h",
            request=RequestRules(delay_seconds=0.0, allow_private=True),
        )

    def open(self, now: datetime) -> None:
        """Stand there with some older items."""
        for back in range(BEGINS_WITH, 0, -1):
            self._write(now - timedelta(hours=self.hours * back))
        self.next_at = now + timedelta(hours=self.hours * self.rand.uniform(0.2, 1.0))
        self._show()

    def live(self, now: datetime, told: Counter[str], *, publishes: bool) -> None:
        """Publish what is due, and mend or take back what was told long enough ago.

        Only what has been told: so that each edit and each withdrawal is one that can be told, too.
        """
        while publishes and self.next_at is not None and self.next_at <= now:
            self._write(self.next_at, plan=self._planned())
            self.next_at += timedelta(hours=self.hours * self.rand.uniform(0.3, 1.7))
        for item in self.items:
            ripe = item.title in told and now - item.at > timedelta(hours=4)
            if item.plan == "edit" and ripe and item.edited_at is None:
                item.edited_at = now
                item.text = f"{paragraph_of(self.rand, 'en')} {item.text}"
            elif item.plan == "withdraw" and ripe and not item.gone:
                item.gone = True
                self.site.remove(item.path, 410)
        self._show()

    def expected(self) -> Counter[tuple[str, str]]:
        """Return what the log must tell of it in the end: kinds and titles."""
        found: Counter[tuple[str, str]] = Counter()
        for item in self.items[BEGINS_WITH:]:
            found[("published", item.title)] += 1
            found[("edited", item.title)] += item.edited_at is not None
            found[("withdrawn", item.title)] += item.gone
        return +found

    def _planned(self) -> str:
        plans = ["", "", "edit"] if self.whole else ["", "", "", "edit", "withdraw"]
        return self.rand.choice(plans)

    def _write(self, at: datetime, plan: str = "") -> None:
        number = len(self.items) + 1
        text = " ".join(paragraph_of(self.rand, "en") for _ in range(3))
        title = f"{title_of(self.rand, 'en', number)} ({self.name})"
        self.items.append(Item(title=title, path=f"/{self.name}/{number}", text=text, at=at, plan=plan))

    def _show(self) -> None:
        here = [item for item in self.items if not item.gone]
        for item in here[-3 * SHOWN :]:
            self.site.page(item.path, item.page)
        newest = here[-SHOWN:][::-1]
        if self.channel is Channel.LISTING:
            rows = "".join(
                f'<li class="item"><a href="{item.path}">{escape(item.title)}</a></li>' for item in newest
            )
            page = f"<!doctype html><html lang=en><head><title>News</title></head><body><ul>{rows}</ul></body></html>"
            self.site.page(self.path, page)
        else:
            self.site.script(self.path, Answer(body=self._feed(newest), content_type=ATOM, etag=True))

    def _feed(self, items: list[Item]) -> str:
        entries = "".join(
            f"<entry><id>tag:{self.name}.example,2026:{item.path}</id><title>{escape(item.title)}</title>"
            f'<link href="{self.site.url(item.path)}"/><published>{item.at.isoformat()}</published>'
            f"<updated>{(item.edited_at or item.at).isoformat()}</updated>"
            + (f'<content type="html">{escape(f"<p>{item.text}</p>")}</content>' if self.whole else "")
            + "</entry>"
            for item in items
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>tag:{self.name}.example,2026:feed</id><title>{self.name}</title>"
            f"<updated>{items[0].at.isoformat()}</updated>{entries}</feed>"
        )
