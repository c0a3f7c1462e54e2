"""What the sites' pages look like: four designs of listings and articles, a feed, and posts of a REST interface."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from news.source import Wrapper
from tests.simulation.archive.truth import Article, Section, Site, State

_WORDS = {
    "en": ("Home", "About us", "Contact", "Older posts", "The Ledger"),
    "fr": ("Accueil", "Qui sommes-nous", "Contact", "Articles plus anciens", "Le Registre"),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An article as a listing shows it."""

    article: Article
    url: str
    dates: str

    @property
    def state(self) -> State:
        return self.article.now

    @property
    def teaser(self) -> str:
        return self.state.paragraphs[0][:120] + "…"

    def date(self, before: str, after: str) -> str:
        """Return the date between two tags, a ``time`` with the very moment where the section says so."""
        if self.dates == "none":
            return ""
        said = spelled(self.article.date, self.article.site.language)
        if self.dates == "exact":
            said = f'<time datetime="{self.article.date.isoformat()}">{said}</time>'
        return f"{before}{said}{after}"


def spelled(at: datetime, language: str) -> str:
    return f"{at.day} {_MONTHS[language][at.month - 1]} {at.year}"


def _posts(items: Sequence[Item]) -> str:
    return '<main class="site-main">' + "".join(
        f'<article class="post"><h2 class="entry-title"><a href="{item.url}">{escape(item.state.title)}</a></h2>'
        f'{item.date("<div class=entry-meta>", "</div>")}<p class="excerpt">{escape(item.teaser)}</p></article>'
        for item in items
    ) + "</main>"  # fmt: skip


def _rows(items: Sequence[Item]) -> str:
    return '<div id="content"><table class="bulletins"><tbody>' + "".join(
        f'<tr class="row">{item.date("<td class=day>", "</td>")}<td class="subject"><a href="{item.url}">'
        f'{escape(item.state.title)}</a><p class="lead">{escape(item.teaser)}</p></td></tr>'
        for item in items
    ) + "</tbody></table></div>"  # fmt: skip


def _list(items: Sequence[Item]) -> str:
    return '<section class="stories"><ul>' + "".join(
        f'<li class="story"><p class="head"><strong><a href="{item.url}">{escape(item.state.title)}</a></strong></p>'
        f'{item.date("<p class=when><em>", "</em></p>")}<p class="says">{escape(item.teaser)}</p></li>'
        for item in items
    ) + "</ul></section>"  # fmt: skip


def _cards(items: Sequence[Item]) -> str:
    return '<div class="grid">' + "".join(
        f'<section class="card"><header><h3 class="card__title"><a href="{item.url}">{escape(item.state.title)}</a>'
        f'</h3></header>{item.date("<div class=card__meta>", "</div>")}'
        f'<p class="card__text">{escape(item.teaser)}</p></section>'
        for item in items
    ) + "</div>"  # fmt: skip


_LISTS = (_posts, _rows, _list, _cards)
WRAPPERS = (
    Wrapper(item=("article.post",), link=("h2.entry-title a",), title=("h2.entry-title a",),
            date=("div.entry-meta",), summary=("p.excerpt",), next_page=("a.next",)),
    Wrapper(item=("table.bulletins tr.row",), link=("td.subject a",), title=("td.subject a",),
            date=("td.day",), summary=("p.lead",), next_page=("a.pager-next",)),
    Wrapper(item=("section.stories li.story",), link=("p.head a",), title=("p.head a",),
            date=("p.when",), summary=("p.says",), next_page=("div.older a",)),
    Wrapper(item=("div.grid section.card",), link=("h3.card__title a",), title=("h3.card__title a",),
            date=("div.card__meta",), summary=("p.card__text",), next_page=("a.older-posts",)),
)  # fmt: skip
_NEXT = (
    '<a class="next" rel="next" href="{}">{}</a>',
    '<p><a class="pager-next" href="{}">{}</a></p>',
    '<div class="older"><a href="{}">{}</a></div>',
    '<nav class="pages"><a class="older-posts" rel="next" href="{}">{}</a></nav>',
)


def frame(site: Site, title: str, body: str, head: str = "") -> str:
    """Return a whole page around ``body``."""
    words = _WORDS[site.language]
    menu = "".join(f'<li><a href="/{path}">{word}</a></li>' for path, word in zip(("", "about/", "contact/"), words,
                                                                                   strict=False))  # fmt: skip
    box = "nav" if site.design != 1 else "div"
    return (
        f'<!doctype html><html lang="{site.language}"><head><title>{escape(title)}</title>{head}</head><body>'
        f'<{box} class="menu"><ul>{menu}</ul></{box}>{body}<footer><p>{words[4]}, since 1901</p></footer></body></html>'
    )


def listing_page(section: Section, items: Sequence[Item], next_url: str) -> str:
    site = section.site
    more = _NEXT[site.design].format(next_url, _WORDS[site.language][3]) if next_url else ""
    return frame(site, _WORDS[site.language][4], _LISTS[site.design](items) + more)


def article_page(article: Article, canonical: str) -> str:
    """Return an article's page in its site's present design."""
    site, state = article.site, article.now
    head = f'<meta property="article:published_time" content="{article.date.isoformat()}">'
    if state.modified is not None:
        head += f'<meta property="article:modified_time" content="{state.modified.isoformat()}">'
    if canonical:
        head += f'<link rel="canonical" href="{canonical}">'
    title, text = escape(state.title), "".join(f"<p>{escape(text)}</p>" for text in state.paragraphs)
    bodies = (
        f'<article><h1 class="entry-title">{title}</h1><div class="entry-content">{text}</div></article>',
        f'<div id="content"><h1>{title}</h1><div class="bulletin">{text}</div></div>',
        f'<main><article class="story"><h1>{title}</h1><section class="text">{text}</section></article></main>',
        f'<div class="page"><div class="headline"><h1>{title}</h1></div><div class="article-body">{text}</div></div>',
    )
    return frame(site, f"{state.title} | {_WORDS[site.language][4]}", bodies[site.design], head)


def feed(section: Section, items: Sequence[Item]) -> str:
    """Return an RSS 2.0 feed."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{_WORDS[section.site.language][4]}</title><link>{section.site.base}/</link>"
        + "".join(_feed_item(item, section) for item in items)
        + "</channel></rss>"
    )


def _feed_item(item: Item, section: Section) -> str:
    whole = f"<content:encoded>{escape(_html(item.state))}</content:encoded>" if section.whole else ""
    return (
        f"<item><title>{escape(item.state.title)}</title><link>{item.url}</link>"
        f'<guid isPermaLink="false">{section.site.name}-{item.article.number}</guid>'
        f"<pubDate>{format_datetime(item.article.date, usegmt=True)}</pubDate>"
        f"<description>{escape(item.teaser)}</description>{whole}</item>"
    )


def posts(section: Section, items: Sequence[Item]) -> str:
    """Return what WordPress's REST interface answers for posts."""
    return json.dumps([_post(item) for item in items], ensure_ascii=False)


def _post(item: Item) -> dict[str, object]:
    state, date = item.state, f"{item.article.date:%Y-%m-%dT%H:%M:%S}"
    return {
        "id": 1000 + item.article.number,
        "date": date,
        "date_gmt": date,
        "modified_gmt": f"{state.modified or item.article.date:%Y-%m-%dT%H:%M:%S}",
        "link": item.url,
        "title": {"rendered": escape(state.title)},
        "excerpt": {"rendered": f"<p>{escape(item.teaser)}</p>"},
        "content": {"rendered": _html(state), "protected": False},
    }


def _html(state: State) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in state.paragraphs)


_CHALLENGE = (
    "<div id='cf-challenge'><h1>Checking your browser before accessing</h1>"
    "<p>Please enable JavaScript and cookies to continue.</p>"
    "<script src='/cdn-cgi/challenge-platform/h.js'></script></div>"
)
_LOGIN = (
    "<form action='/login' method='post'><h1>Log in</h1><label>User name <input name='user'></label>"
    "<label>Password <input type='password' name='password'></label><button>Log in</button></form>"
)
_CONSENT = (
    "<div class='consent'><h1>We value your privacy</h1><p>We and our partners store cookies on your device. "
    "Accept all cookies to continue to the site.</p><button>Accept all</button><button>Reject all</button></div>"
)
STANDS_INSTEAD = {
    "challenge": (503, "Just a moment...", _CHALLENGE),
    "login": (200, "Log in", _LOGIN),
    "consent": (200, "Before you continue", _CONSENT),
}
"""What blocks a reader: status, title, body."""
