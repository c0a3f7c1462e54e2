"""One site for each pitfall of listings, with what is expected of its first page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.crawler.induction.newsroom import (
    ARABIC,
    BASE,
    ENGLISH,
    FRENCH,
    MENU,
    PAGER,
    Story,
    article,
    card,
    page,
    site,
)

FIRST, SECOND = ENGLISH[:8], ENGLISH[8:16]
NEXT = f"{BASE}/page/2/"


@dataclass(frozen=True, kw_only=True)
class Pitfall:
    """A site and its expected proposal: ``decisions`` are those that may be made, ``dated`` whether days are shown."""

    name: str
    pages: dict[str, str]
    items: Sequence[Story] = ()
    next_url: str = ""
    decisions: Sequence[str] = ("auto",)
    dated: bool = True
    url: str = f"{BASE}/"


def _cards(stories: Sequence[Story]) -> str:
    return "".join(card(story) for story in stories)


def _paged(first: str, second: str, **more: object) -> dict[str, str]:
    return site(page(first + PAGER), second=page(second))


def _links(stories: Sequence[Story]) -> str:
    return "<ul>" + "".join(f'<li><a href="{one.path}">{one.title}</a></li>' for one in stories) + "</ul>"


def pitfalls() -> Iterator[Pitfall]:
    """Yield every pitfall."""
    yield from _around_the_list()
    yield from _inside_an_item()
    yield from _without_a_box()
    yield from _paging()
    yield from _languages()
    yield from _no_lists()


def _around_the_list() -> Iterator[Pitfall]:
    sidebar = f'<aside class="sidebar"><h3>Most read</h3>{_links(ENGLISH[15:20])}</aside>'
    yield Pitfall(
        name="a sidebar with real stories",
        pages=_paged(_cards(FIRST) + sidebar, _cards(SECOND)),
        items=FIRST,
        next_url=NEXT,
    )
    teasers = "".join(
        f'<li class="teaser"><a href="{s.path}"><b>{s.title}</b></a></li>' for s in ENGLISH[12:18]
    )
    mega = MENU.replace("</nav>", f'<div class="mega-menu"><ul>{teasers}</ul></div></nav>')
    yield Pitfall(
        name="a mega menu with teasers",
        pages=site(page(_cards(FIRST) + PAGER, menu=mega), second=page(_cards(SECOND), menu=mega)),
        items=FIRST,
        next_url=NEXT,
    )
    tags = "".join(
        f'<a class="tag" href="/tag/{word}/">{word}</a> ' for word in "tide quay boat net salt reef".split()
    )
    calendar = "".join(f'<td><a href="/2026/11/{day:02}/">{day}</a></td>' for day in range(1, 28))
    yield Pitfall(
        name="a calendar and a tag cloud",
        pages=_paged(
            _cards(FIRST)
            + f'<div class="tagcloud">{tags}</div><table class="calendar"><tr>{calendar}</tr></table>',
            _cards(SECOND),
        ),
        items=FIRST,
        next_url=NEXT,
    )
    languages = (
        '<ul class="languages"><li><a href="/fr/">Français</a></li><li><a href="/ar/">العربية</a></li></ul>'
    )
    yield Pitfall(
        name="a language switcher",
        pages=_paged(languages + _cards(FIRST), _cards(SECOND)),
        items=FIRST,
        next_url=NEXT,
    )
    hero = (
        f'<section class="lead"><a href="{FIRST[0].path}"><img src="/a.jpg" alt=""></a><h1><a href="{FIRST[0].path}">'
        f'{FIRST[0].title}</a></h1><time datetime="{FIRST[0].day}">{FIRST[0].shown}</time></section>'
    )
    yield Pitfall(
        name="a hero above a grid",
        pages=_paged(hero + f'<div class="grid">{_cards(FIRST[1:])}</div>', _cards(SECOND)),
        items=FIRST,
        next_url=NEXT,
    )
    hidden = f'<div style="display:none">{_cards(FIRST)}</div>'
    yield Pitfall(
        name="the list a second time for telephones",
        pages=_paged(_cards(FIRST) + hidden, _cards(SECOND)),
        items=FIRST,
        next_url=NEXT,
    )
    advert = (
        '<article class="card ad"><h2><a href="https://ads.example/x?c=1">Buy our paint</a></h2></article>'
    )
    yield Pitfall(
        name="an advertisement in the list",
        pages=_paged(
            _cards(FIRST[:4]) + advert.replace("article", "div") + _cards(FIRST[4:]), _cards(SECOND)
        ),
        items=FIRST,
        next_url=NEXT,
    )
    pinned = [ENGLISH[14], *FIRST]
    yield Pitfall(
        name="a pinned story breaks the order of dates",
        pages=_paged(_cards(pinned), _cards(SECOND[:6])),
        items=pinned,
        next_url=NEXT,
    )


def _inside_an_item() -> Iterator[Pitfall]:
    def twice(story: Story) -> str:
        return (
            f'<div class="item"><a href="{story.path}"><img src="/{story.number}.jpg" alt="photo"></a>'
            f'<h3><a href="{story.path}">{story.title}</a></h3><span class="date">{story.shown}</span>'
            f'<a href="{story.path}">Read more</a></div>'
        )

    yield Pitfall(
        name="two links and a read-more for one story",
        pages=_paged("".join(map(twice, FIRST)), "".join(map(twice, SECOND))),
        items=FIRST,
        next_url=NEXT,
    )

    def more_only(story: Story) -> str:
        return (
            f'<div class="item"><h3>{story.title}</h3><span class="date">{story.shown}</span><p>{story.summary}</p>'
            f'<a href="{story.path}">Read more</a></div>'
        )

    yield Pitfall(
        name="a read-more link only",
        pages=_paged("".join(map(more_only, FIRST)), "".join(map(more_only, SECOND))),
        items=FIRST,
        next_url=NEXT,
    )

    def lazy(story: Story) -> str:
        return card(story).replace("<time", f'<noscript><img src="/{story.number}.jpg"></noscript><time')

    yield Pitfall(
        name="lazy pictures",
        pages=_paged("".join(map(lazy, FIRST)), "".join(map(lazy, SECOND))),
        items=FIRST,
        next_url=NEXT,
    )

    def badge(story: Story) -> str:
        return card(story).replace("<h2><a", '<span class="category">Quay</span><h2><a')

    yield Pitfall(
        name="a category beside each title",
        pages=_paged("".join(map(badge, FIRST)), "".join(map(badge, SECOND))),
        items=FIRST,
        next_url=NEXT,
    )

    def hashed(story: Story) -> str:
        return (
            f'<div class="css-1x2y3z mt-4 flex"><a class="Card_link__a1B2c" href="{story.path}">'
            f'<span class="sc-4d5e6f">{story.title}</span></a><span class="css-9q8w7e">{story.shown}</span></div>'
        )

    yield Pitfall(
        name="hashed and utility classes",
        pages=_paged("".join(map(hashed, FIRST)), "".join(map(hashed, SECOND))),
        items=FIRST,
        next_url=NEXT,
    )
    tracked = [card(story).replace(story.path, f"{story.path}?utm_source=home#top") for story in FIRST]
    yield Pitfall(
        name="tracking parameters and fragments",
        pages=_paged("".join(tracked), _cards(SECOND)),
        items=FIRST,
        next_url=NEXT,
    )
    same = [FIRST[0], FIRST[1], *FIRST[2:]]
    body = _cards(same).replace(FIRST[1].title, FIRST[0].title)
    yield Pitfall(name="the same title twice", pages=_paged(body, _cards(SECOND)), items=same, next_url=NEXT)


def _without_a_box() -> Iterator[Pitfall]:
    def rows(stories: Sequence[Story]) -> str:
        cells = "".join(
            f'<tr><td>{story.shown}</td><td><a href="{story.path}">{story.title}</a></td></tr>'
            for story in stories
        )
        return f"<table class='news'><tr><th>Day</th><th>Story</th></tr>{cells}</table>"

    yield Pitfall(name="rows of a table", pages=_paged(rows(FIRST), rows(SECOND)), items=FIRST, next_url=NEXT)

    def terms(stories: Sequence[Story]) -> str:
        return (
            "<dl>"
            + "".join(
                f'<dt>{story.shown}</dt><dd><a href="{story.path}">{story.title}</a></dd>'
                for story in stories
            )
            + "</dl>"
        )

    yield Pitfall(
        name="a list of terms", pages=_paged(terms(FIRST), terms(SECOND)), items=FIRST, next_url=NEXT
    )

    def run(stories: Sequence[Story]) -> str:
        return (
            "<div id='content'>"
            + "".join(
                f'<h3><a href="{story.path}">{story.title}</a></h3><p>{story.summary}</p><hr>'
                for story in stories
            )
            + "</div>"
        )

    yield Pitfall(
        name="headings and paragraphs without a box",
        pages=_paged(run(FIRST), run(SECOND)),
        items=FIRST,
        next_url=NEXT,
        dated=False,
        decisions=("auto", "ask"),
    )

    def days(stories: Sequence[Story]) -> str:
        return (
            "<div class='days'>"
            + "".join(
                f'<h4 class="day">{story.shown}</h4><div class="entry"><a href="{story.path}">{story.title}</a></div>'
                for story in stories
            )
            + "</div>"
        )

    yield Pitfall(
        name="days between the items", pages=_paged(days(FIRST), days(SECOND)), items=FIRST, next_url=NEXT
    )


def _paging() -> Iterator[Pitfall]:
    numbers = '<div class="pages"><b>1</b> <a href="/page/2/">2</a> <a href="/page/3/">3</a></div>'
    yield Pitfall(
        name="a pager of numbers only",
        pages=site(page(_cards(FIRST) + numbers), second=page(_cards(SECOND))),
        items=FIRST,
        next_url=NEXT,
    )
    button = '<button class="load-more" data-page="2">Load more</button>'
    yield Pitfall(
        name="a load-more button",
        pages=site(page(_cards(FIRST) + button)),
        items=FIRST,
        decisions=("auto", "ask"),
    )
    offsets = '<p class="pager"><a href="/?start=8">2</a> <a href="/?start=8">Next »</a></p>'
    yield Pitfall(
        name="a pager of offsets",
        pages=site(page(_cards(FIRST) + offsets), further={f"{BASE}/?start=8": page(_cards(SECOND))}),
        items=FIRST,
        next_url=f"{BASE}/?start=8",
    )
    backwards = '<div class="nav-previous"><a href="/page/2/">Older posts</a></div>'
    yield Pitfall(
        name="previous means older",
        pages=site(page(_cards(FIRST) + backwards), second=page(_cards(SECOND))),
        items=FIRST,
        next_url=NEXT,
    )


def _languages() -> Iterator[Pitfall]:
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
    french = "".join(
        card(story, date_text=f"{story.day.day} {months[story.day.month - 1]} {story.day.year}").replace(
            f'<time datetime="{story.day}">', "<time>"
        )
        for story in FRENCH
    )
    yield Pitfall(
        name="french months and words",
        pages=site(
            page(french + '<p><a href="/page/2/">Articles plus anciens</a></p>', language="fr"),
            second=page(_cards(SECOND), language="fr"),
            known=[*FRENCH, *ENGLISH],
        ),
        items=FRENCH,
        next_url=NEXT,
    )
    digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    arabic_months = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()

    def khabar(story: Story) -> str:
        shown = f"{str(story.day.day).translate(digits)} {arabic_months[story.day.month - 1]} "
        return (
            f'<div class="khabar"><h3><a href="{story.path}">{story.title}</a></h3>'
            f'<span class="date">{shown}{str(story.day.year).translate(digits)}</span></div>'
        )

    yield Pitfall(
        name="arabic digits and arrows that point the other way",
        pages=site(
            page(
                "".join(map(khabar, ARABIC)) + '<div class="pager"><a href="/page/2/">«</a></div>',
                language="ar",
            ),
            second=page("".join(map(khabar, SECOND)), language="ar"),
            known=[*ARABIC, *ENGLISH],
        ),
        items=ARABIC,
        next_url=NEXT,
    )


def _no_lists() -> Iterator[Pitfall]:
    refused = ("ask", "refuse")
    story = ENGLISH[0]
    yield Pitfall(
        name="an article with related stories",
        pages=site("", further={story.url: article(story, related=ENGLISH[3:9])}),
        url=story.url,
        decisions=refused,
    )
    form = '<form action="/search/"><input name="q" type="search"><button>Search</button></form>'
    yield Pitfall(name="a search form", pages=site(page(f"<h1>Search</h1>{form}")), decisions=refused)
    yield Pitfall(
        name="an error page with recent stories",
        pages=site(
            page(f"<h1>404 – page not found</h1><p>Sorry.</p>{_links(ENGLISH[:5])}", title="Page not found")
        ),
        decisions=refused,
    )
    words = "<p>" + "The harbour office is open from eight to four. " * 30 + "</p>"
    yield Pitfall(
        name="a page about the house", pages=site(page(f"<h1>About us</h1>{words * 3}")), decisions=refused
    )
    login = '<form><input name="user"><input type="password" name="p"><button>Log in</button></form>'
    yield Pitfall(name="a login page", pages=site(page(f"<h1>Log in</h1>{login}")), decisions=refused)
