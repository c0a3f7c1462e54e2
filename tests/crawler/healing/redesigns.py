"""Listings before and after a redesign: our own pages, in the shapes that real ones have."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from news.source import ArticleRules, Source, Wrapper
from tests.crawler.healing.stories import Story
from tests.promises.archive import source

HOME = "https://gazette.example/news/"
Markup = Callable[[Sequence[Story], "Redesign"], str]
Address = Callable[[Story], str]
RULES = ArticleRules(title=("h1.entry-title",), body=("div.entry-content",), date=("time.published",))


def by_slug(story: Story) -> str:
    return f"/news/{story.slug}/"


def by_date(story: Story) -> str:
    return f"/{story.day:%Y/%m}/{story.slug}.html"


def by_number(story: Story) -> str:
    return f"/?p={9000 - story.number}"


@dataclass(frozen=True, kw_only=True)
class Redesign:
    """A listing of one language before and after.

    ``size`` items stand on a page before, ``new_size`` after; ``old_address`` and ``new_address`` say where stories
    stand. ``redirects`` says whether the old addresses lead to the new ones, else they answer 404 where they change.
    """

    name: str
    language: str
    before: Markup
    wrapper: Wrapper
    after: Markup
    size: int = 10
    new_size: int = 10
    old_address: Address = by_slug
    new_address: Address = by_slug
    redirects: bool = False
    pinned: int | None = None
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        declared = source(
            HOME, "gazette", language=self.language, wrapper=self.wrapper, article=RULES, title="The Gazette"
        )
        object.__setattr__(self, "source", declared)

    @property
    def moves(self) -> bool:
        return self.old_address is not self.new_address


# ------------------------------------------------------------------------------------------------- frames

_MENU = {
    "en": ("Home", "About us", "Contact", "Read more", "Older posts", "Popular"),
    "fr": ("Accueil", "Qui sommes-nous", "Contact", "Lire la suite", "Articles plus anciens", "Les plus lus"),
    "ar": ("الرئيسية", "من نحن", "اتصل بنا", "اقرأ المزيد", "الصفحة التالية", "الأكثر قراءة"),
}


def frame(
    language: str, body: str, *, sidebar: str = "", menu: str = "nav", title: str = "The Gazette"
) -> str:
    words = _MENU[language]
    links = "".join(
        f'<li><a href="/{name}/">{word}</a></li>'
        for name, word in zip(("", "about", "contact"), words, strict=False)
    )
    direction = ' dir="rtl"' if language == "ar" else ""
    return (
        f'<!doctype html><html lang="{language}"{direction}><head><title>{title}</title></head><body>'
        f"<{menu}><ul>{links}</ul></{menu}>{body}{sidebar}"
        "<footer><p>The Gazette, since 1901</p><a href='/imprint/'>Imprint</a></footer></body></html>"
    )


def more(language: str) -> str:
    return _MENU[language][3]


def page_two(language: str, *, name: str = "next") -> str:
    return f'<a class="{name}" rel="next" href="/news/page/2/">{_MENU[language][4]}</a>'


# ------------------------------------------------------------------------------------------------ before


def articles(shown: Sequence[Story], design: Redesign) -> str:
    items = "".join(
        f'<article class="post post-{story.number}"><h2 class="entry-title"><a href="{design.old_address(story)}">'
        f'{escape(story.title)}</a></h2><time datetime="{story.iso}">{story.spelled}</time>'
        f'<p class="excerpt">{escape(story.summary)}</p></article>'
        for story in shown
    )
    return frame(design.language, f'<main class="site-main">{items}{page_two(design.language)}</main>')


ARTICLES = Wrapper(
    item=("main.site-main article.post",),
    link=("h2.entry-title a",),
    title=("h2.entry-title a",),
    date=("time",),
    summary=("p.excerpt",),
    next_page=("a.next",),
)


def rows(shown: Sequence[Story], design: Redesign) -> str:
    items = "".join(
        f'<tr class="row"><td class="day">{story.spelled}</td><td class="subject">'
        f'<a href="{design.old_address(story)}">{escape(story.title)}</a></td></tr>'
        for story in shown
    )
    table = f'<table class="bulletins"><tbody>{items}</tbody></table>{page_two(design.language)}'
    return frame(design.language, f'<div id="content">{table}</div>')


ROWS = Wrapper(
    item=("table.bulletins tr.row",),
    link=("td.subject a",),
    title=("td.subject a",),
    date=("td.day",),
    next_page=("a.next",),
)


# ------------------------------------------------------------------------------------------------- after


def hashed_cards(shown: Sequence[Story], design: Redesign) -> str:
    """Classes that say nothing, generic tags, an extra wrapping, a pinned item and two links a card."""
    items = "".join(
        f'<div class="css-1x8{number}k"><div class="sc-a91f"><a class="css-9q2z" href="{design.new_address(story)}">'
        f'<img src="/i/{story.slug}.jpg" alt=""></a></div><div class="sc-b77c"><h3 class="css-0p1a">'
        f'<a class="css-7h3d" href="{design.new_address(story)}">{escape(story.title)}</a></h3>'
        f'<span class="css-d4t3">{story.spelled}</span><div class="css-5umm">{escape(story.summary)}</div></div></div>'
        for number, story in enumerate(shown)
    )
    return frame(
        design.language, f'<div class="css-m41n"><div class="css-gr1d">{items}</div></div>', menu="div"
    )


def plain_list(shown: Sequence[Story], design: Redesign) -> str:
    items = "".join(
        f'<li><p><strong><a href="{design.new_address(story)}">{escape(story.title)}</a></strong></p>'
        f"<p><em>{story.spelled}</em></p><p>{escape(story.summary)}</p></li>"
        for story in shown
    )
    following = page_two(design.language, name="pager__link")
    return frame(
        design.language, f'<section class="actualites"><ul>{items}</ul><div>{following}</div></section>'
    )


def bare_titles(shown: Sequence[Story], design: Redesign) -> str:
    """No dates, no summaries."""
    items = "".join(
        f'<div class="teaser"><h2><a href="{design.new_address(story)}">{escape(story.title)}</a></h2></div>'
        for story in shown
    )
    return frame(
        design.language, f'<main><div class="teasers">{items}</div>{page_two(design.language)}</main>'
    )


def definitions(shown: Sequence[Story], design: Redesign) -> str:
    items = "".join(
        f'<dt><time datetime="{story.day.isoformat()}">{story.spelled}</time></dt>'
        f'<dd><a href="{design.new_address(story)}">{escape(story.title)}</a></dd>'
        for story in shown
    )
    return frame(design.language, f'<main id="main"><dl class="chronicle">{items}</dl></main>')


def cards_and_sidebar(shown: Sequence[Story], design: Redesign) -> str:
    """Cards beside a list of what is popular, which are known articles as well."""
    items = "".join(
        f'<section class="card card--wide"><header><h2 class="card__title"><a href="{design.new_address(story)}">'
        f'{escape(story.title)}</a></h2></header><div class="card__meta">{story.spelled}</div>'
        f'<p class="card__text">{escape(story.summary)}</p>'
        f'<a class="card__more" href="{design.new_address(story)}">{more(design.language)}</a></section>'
        for story in shown
    )
    popular = "".join(
        f'<li><a href="{design.new_address(story)}">{escape(story.title)}</a></li>'
        for story in (shown[8 % len(shown)], shown[4], shown[7 % len(shown)], shown[5])
    )
    sidebar = f'<aside class="widget popular"><h3>{_MENU[design.language][5]}</h3><ul>{popular}</ul></aside>'
    return frame(design.language, f'<div class="deck">{items}</div>', sidebar=sidebar)


REDESIGNS = (
    Redesign(
        name="hashed cards with a pinned story",
        language="en",
        before=articles,
        wrapper=ARTICLES,
        after=hashed_cards,
        pinned=9,
    ),
    Redesign(name="table to list", language="fr", before=rows, wrapper=ROWS, after=plain_list),
    Redesign(name="right to left", language="ar", before=articles, wrapper=ARTICLES, after=cards_and_sidebar),
    Redesign(
        name="dates and summaries gone, twice as many",
        language="en",
        before=articles,
        wrapper=ARTICLES,
        after=bare_titles,
        size=8,
        new_size=16,
    ),
    Redesign(
        name="fewer, in definitions", language="ar", before=rows, wrapper=ROWS, after=definitions, new_size=6
    ),
    Redesign(
        name="permalinks with redirects",
        language="en",
        before=articles,
        wrapper=ARTICLES,
        after=plain_list,
        new_address=by_date,
        redirects=True,
    ),
    Redesign(
        name="permalinks without redirects",
        language="fr",
        before=articles,
        wrapper=ARTICLES,
        after=hashed_cards,
        new_address=by_date,
    ),
    Redesign(
        name="permalinks to numbers, without redirects and dates",
        language="ar",
        before=rows,
        wrapper=ROWS,
        after=bare_titles,
        new_address=by_number,
    ),
)


# ------------------------------------------------------------------------------------------------- articles


def old_article(story: Story) -> str:
    return frame(
        story.language,
        f'<article><h1 class="entry-title">{escape(story.title)}</h1><time class="published" '
        f'datetime="{story.iso}">{story.spelled}</time><div class="entry-content"><p>{escape(story.body)}</p></div>'
        "</article>",
        title=f"{story.title} – The Gazette",
    )


def new_article(story: Story) -> str:
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.iso,
        "articleBody": story.body,
    }
    script = f'<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script>'
    return frame(
        story.language,
        f'{script}<div class="css-art"><h1 class="css-h1">{escape(story.title)}</h1><div class="css-txt">'
        f"<p>{escape(story.body)}</p><p>Share this. Print this.</p></div></div>",
        menu="div",
        title=f"{story.title} | The Gazette",
    )
