"""A small newsroom of our own: stories in three languages, and the parts that pages are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

BASE = "https://harbour.example"

_TITLES = """Ferries sail half an hour later in winter
The lighthouse opens its stairs to visitors
Repairs on the north quay begin in March
A school of dolphins stays in the bay
Fish market moves under a new roof
Dredging finds an anchor of the old fleet
The rowing club wins its first regatta
Tide tables are printed in large type
Storm warning system passes its test
The customs house becomes a library
Volunteers clear nets from the reef
New moorings for thirty small boats
The harbour choir sings on the pier
Buoys get lamps that need no battery
Ice works of 1911 placed under protection
Children paint the breakwater
A bridge keeper retires after forty years
Sailmakers teach their craft again
The pilot boat is given a name
Salt works report a good summer""".split("\n")
_FRENCH = """Les bacs partent une demi-heure plus tard en hiver
Le phare ouvre ses escaliers aux visiteurs
Les travaux du quai nord commencent en mars
Une école de dauphins reste dans la baie
Le marché aux poissons change de toit
Le dragage met au jour une ancre ancienne
Le club d’aviron gagne sa première régate
Les tables de marée paraissent en grands caractères""".split("\n")
_ARABIC = """العبّارات تبحر متأخرة نصف ساعة في الشتاء
المنارة تفتح سلالمها للزوار
إصلاح الرصيف الشمالي يبدأ في مارس
سرب من الدلافين يقيم في الخليج
سوق السمك ينتقل إلى سقف جديد
التجريف يعثر على مرساة قديمة
نادي التجديف يفوز بأول سباق
جداول المد تطبع بخط كبير""".split("\n")
_WORDS = "The harbour office said so on the quay this morning, and the tide did not contradict it. "


@dataclass(frozen=True, kw_only=True)
class Story:
    """One article: its place in the list from 0, its title and day."""

    number: int
    title: str
    slug: str
    day: date

    @property
    def path(self) -> str:
        return f"/story/{self.slug}/"

    @property
    def url(self) -> str:
        return f"{BASE}{self.path}"

    @property
    def shown(self) -> str:
        return f"{self.day.day} {self.day:%B} {self.day.year}"

    @property
    def summary(self) -> str:
        return f"{_WORDS[: 60 + self.number % 3 * 9]} ({self.title.lower()[:20]})"


def stories(titles: Sequence[str] = _TITLES, *, slug: Callable[[int, str], str] | None = None) -> list[Story]:
    """Return the newsroom's stories, newest first, four days apart."""
    made = slug or (
        lambda number, title: "-".join(title.lower().replace("’", "-").split()[:5]) + f"-{100 - number}"
    )
    return [
        Story(
            number=number,
            title=title,
            slug=made(number, title),
            day=date(2026, 11, 20) - timedelta(days=4 * number),
        )
        for number, title in enumerate(titles)
    ]


ENGLISH = stories()
FRENCH = stories(_FRENCH)
ARABIC = stories(_ARABIC, slug=lambda number, _: f"khabar-min-almina-{100 - number}")

MENU = (
    '<header><a href="/">Harbour</a><nav><ul><li><a href="/about/">About us</a></li><li><a href="/contact/">Contact</a>'
    '</li><li><a href="/tides/">Tides</a></li><li><a href="/jobs/">Jobs</a></li></ul></nav></header>'
)
FOOTER = (
    '<footer><p>Harbour office, North quay 1</p><a href="/imprint/">Imprint</a> '
    '<a href="/privacy/">Privacy</a></footer>'
)
PAGER = (
    '<nav class="pagination"><span class="current">1</span> <a href="/page/2/">2</a> '
    '<a class="next" href="/page/2/">Next</a></nav>'
)


def page(
    main: str, *, language: str = "en", title: str = "Harbour news", head: str = "", menu: str = MENU
) -> str:
    """Return a whole page around its main part."""
    way = ' dir="rtl"' if language == "ar" else ""
    return (
        f'<!doctype html><html lang="{language}"{way}><head><title>{title}</title>{head}</head>'
        f"<body>{menu}<main>{main}</main>{FOOTER}</body></html>"
    )


def card(story: Story, *, date_text: str = "") -> str:
    """Return a story as most sites show it: heading with a link, date, summary."""
    shown = date_text or story.shown
    return (
        f'<article class="card"><h2><a href="{story.path}">{story.title}</a></h2>'
        f'<time datetime="{story.day}">{shown}</time><p>{story.summary}</p></article>'
    )


def article(story: Story, *, related: Sequence[Story] = ()) -> str:
    """Return a story's own page."""
    more = "".join(f'<li><a href="{one.path}">{one.title}</a></li>' for one in related)
    aside = f'<section class="related"><h3>Related stories</h3><ul>{more}</ul></section>' if more else ""
    return page(
        f"<article><h1>{story.title}</h1><time datetime='{story.day}'>{story.shown}</time>"
        f"<div>{f'<p>{_WORDS * 6}</p>' * 5}</div></article>{aside}",
        title=f"{story.title} – Harbour",
        head='<meta property="og:type" content="article">',
    )


def site(
    first: str,
    *,
    second: str = "",
    further: Mapping[str, str] | None = None,
    known: Sequence[Story] = ENGLISH,
) -> dict[str, str]:
    """Return a whole site by address: the listing, its second page, and every story's own page."""
    pages = {f"{BASE}/": first} | {story.url: article(story) for story in known}
    if second:
        pages[f"{BASE}/page/2/"] = second
    return pages | dict(further or {})
