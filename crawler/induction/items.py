"""The one link that each member of a group is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from crawler.dating import may_be_date
from crawler.induction.groups import Group
from crawler.induction.item_titles import Title, TitleReader
from crawler.induction.slugs import family, slug_score
from crawler.induction.view import Anchor, View
from crawler.induction.widths import title_width
from crawler.wording import is_more_link

MIN_RIVAL_WIDTH = 20
MAX_BEFORE_RIVAL = 30
"""Characters before a link in its block: a link in running text has more."""
MAX_ANCHORS = 80
"""Links of one member that are weighed; a listing's whole bodies may hold many more."""
_LABEL_LOSS = 2.0
_TITLE_WORDS = ("title", "headline")
_OTHER_RELS = frozenset(("tag", "author", "category tag", "category"))


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a group, read: where it leads, by which link, and where its title stands (-1: nowhere).

    ``links`` counts its addresses, ``rivals`` those that could be items of their own.
    """

    place: int
    end: int
    url: str
    key: str
    link: Anchor
    title: str
    title_place: int
    own_site: bool
    heading: bool
    links: int
    rivals: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An address in a member: what speaks for it, the links that lead there, and their words, each folded."""

    score: float
    anchors: tuple[Anchor, ...]
    words: frozenset[str]


class Reader:
    """Reads groups of one page; what does not depend on the group is found once for each link or element."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._scores: dict[int, float] = {}
        self._offers: dict[tuple[int, int], dict[str, Offer]] = {}
        self._titles = TitleReader(view)

    def items(self, group: Group) -> list[Item]:
        """Return the group's items; a member without a usable link is left out."""
        spans = list(zip(group.members, group.ends, strict=True))
        offers = [self._offered(place, end) for place, end in spans]
        counts = Counter(key for offer in offers for key in offer)
        slots = self._slots(offers)
        labels = _labels(offers)
        chosen: list[tuple[int, int, str, Offer, tuple[int, int]]] = []
        for (place, end), offer in zip(spans, offers, strict=True):
            best = max(
                offer,
                key=lambda key: (
                    self._worth(offer[key], counts[key], slots, len(offers))
                    - _LABEL_LOSS * (frozenset() < offer[key].words <= labels)
                ),
                default="",
            )
            if best:
                rivals = sum(
                    counts[key] == 1 and self._rivals(offer[best], offer[key]) for key in offer if key != best
                )
                chosen.append((place, end, best, offer[best], (len(offer), rivals)))
        titles = self._titles.titles([(place, end, offer.anchors) for place, end, _, offer, _ in chosen])
        return [_item(*one, title) for one, title in zip(chosen, titles, strict=True)]

    def _worth(self, offer: Offer, count: int, slots: Counter[int], members: int) -> float:
        """Return what speaks for an address in this group: the same one in several members is no item's own."""
        repeated = 3.0 * (count > 1) + 1.5 * (count > 2)
        usual = max(slots[self._view.paths[anchor.node]] for anchor in offer.anchors) / members
        return offer.score - repeated + 1.2 * usual

    def _rivals(self, main: Offer, other: Offer) -> bool:
        """Tell whether another address of a member could as well be an item: built alike, and set like a title."""
        if other.score < main.score - 4.0 or family(main.anchors[0].url) != family(other.anchors[0].url):
            return False
        view = self._view
        for anchor in other.anchors:
            if title_width(anchor.text) < MIN_RIVAL_WIDTH or is_more_link(anchor.text):
                continue
            parent = view.parents[anchor.node]
            before = view.text_count[anchor.node] - view.text_count[parent]
            # Links that stand one after the other are no running text.
            before -= sum(len(one.text) for one in view.anchors_in(parent, anchor.node))
            if self._titles.heading_of(anchor) >= 0 or before <= MAX_BEFORE_RIVAL:
                return True
        return False

    def _slots(self, offers: list[dict[str, Offer]]) -> Counter[int]:
        """Count in how many members a link stands in the same way."""
        paths = self._view.paths
        counts: Counter[int] = Counter()
        for offer in offers:
            counts.update({paths[anchor.node] for one in offer.values() for anchor in one.anchors})
        return counts

    def _offered(self, place: int, end: int) -> dict[str, Offer]:
        """Return the addresses that a member offers."""
        known = self._offers.get((place, end))
        if known is not None:
            return known
        scores: dict[str, float] = {}
        links: dict[str, list[Anchor]] = {}
        for order, anchor in enumerate(self._view.anchors_in(place, end)[:MAX_ANCHORS]):
            score = self._score(anchor) - 0.03 * order + 3.0 * (self._titles.heading_of(anchor) >= place)
            if anchor.key in scores:
                scores[anchor.key] = max(scores[anchor.key], score) + 0.4
            else:
                scores[anchor.key] = score
            links.setdefault(anchor.key, []).append(anchor)
        offer = {
            key: Offer(
                score, tuple(links[key]), frozenset(one.text.casefold() for one in links[key] if one.text)
            )
            for key, score in scores.items()
        }
        self._offers[place, end] = offer
        return offer

    def _score(self, anchor: Anchor) -> float:
        """Return what a link is worth by itself."""
        known = self._scores.get(anchor.node)
        if known is not None:
            return known
        view = self._view
        element = view.nodes[anchor.node]
        rel = (element.get("rel") or "").lower()
        score = slug_score(anchor.url) + (1.0 if anchor.own_site else 0.0) + _words_worth(anchor.text)
        if rel == "bookmark" or element.get("itemprop") in ("url", "mainEntityOfPage"):
            score += 0.8
        if rel in _OTHER_RELS:
            score -= 1.0
        names = (*view.classes[anchor.node], *view.classes[view.parents[anchor.node]])
        if any(word in name.lower() for name in names for word in _TITLE_WORDS):
            score += 1.0
        self._scores[anchor.node] = score
        return score


def _words_worth(text: str) -> float:
    if is_more_link(text):
        return -2.0
    if len(text) < 40 and may_be_date(text):
        return -1.5
    return min(len(text), 60) / 40 if any(map(str.isalpha, text)) else 0.0


def _labels(offers: list[dict[str, Offer]]) -> frozenset[str]:
    """Return the words of links that lead elsewhere in each of most members: "Download", in any language."""
    counts = Counter(
        text for offer in offers for text in {text for one in offer.values() for text in one.words}
    )
    need = max(3, 0.5 * len(offers))
    often = {text for text, count in counts.items() if count >= need}
    if not often:
        return frozenset()
    leading = Counter(
        text
        for key, words in {key: one.words for offer in offers for key, one in offer.items()}.items()
        for text in words & often
    )
    return frozenset(text for text, count in leading.items() if count >= need)


def _item(place: int, end: int, key: str, offer: Offer, counts: tuple[int, int], title: Title) -> Item:
    link = next((anchor for anchor in offer.anchors if anchor.node == title.place), offer.anchors[0])
    return Item(
        place=place,
        end=end,
        url=link.url,
        key=key,
        link=link,
        title=title.text,
        title_place=title.place,
        own_site=link.own_site,
        heading=title.heading,
        links=counts[0],
        rivals=counts[1],
    )
