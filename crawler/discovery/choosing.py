"""Which way of reading a page is proposed, how surely, and why. Pure decisions over what the rungs brought."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.discovery.proposal import ASK_AT_LEAST, IN_WORDS, Candidate, Decision, decision_for
from crawler.discovery.weighing import (
    Comparison,
    bodies_are_whole,
    compare,
    fields_of,
    is_stale,
    newest_of,
    share_of_listing,
)
from news.entry import Entry, Page
from news.source import Channel

AGREES = 0.6
"""The agreement from which a channel and the visible listing count as one list."""
FEW = 3
"""Fewer common items than this prove little."""
MANY = 7
"""As many items that the page links to are no list of recent ones in a margin."""
REFUSED_SHOWN = 3
"""Candidates that a refusal shows."""

_CEILING_WITH_OBSTACLE = 0.7
_CEILING_UNCOMPARED = 0.75
_STALE = 0.35
_PREFERENCE = (Channel.FEED, Channel.WORDPRESS, Channel.LISTING, Channel.SITEMAP)
_NONE = {
    Channel.LISTING: "no list of news was found on the page",
    Channel.FEED: "no feed: the page declares none, and none stands where feeds usually do",
    Channel.WORDPRESS: "no posts of WordPress's: the page declares no interface, or it is closed",
    Channel.SITEMAP: "no news sitemap: robots.txt names none, and none stands where they usually do",
}
_STEPS = ((0.8, 0.95), (AGREES, 0.85), (0.4, 0.6), (0.2, 0.4), (0.0, 0.2))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What one address brings when it is read by one channel.

    ``told_by`` says how it was found. ``own`` marks the address that a person named; ``near`` one that is the page's
    own, by its path or its scope; ``declared`` one that the page declares at all. ``outlasts`` is the year, month or
    day whose archive the page is by its address, where this address names none.
    """

    channel: Channel
    url: str
    page: Page
    told_by: str
    own: bool = False
    near: bool = False
    declared: bool = True
    outlasts: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What is known when candidates are judged.

    ``visible`` are the items of the listing that people see, empty where none was found. ``sure`` is how sure it is
    that they are one, from 0 to 1; ``linked`` are the URL keys of all that the page links to; ``obstacles`` are what
    speaks against the page being a listing; ``articles`` are the texts of articles that were read, by URL key.
    """

    visible: tuple[Entry, ...] = ()
    sure: float = 0.0
    linked: frozenset[str] = frozenset()
    obstacles: tuple[str, ...] = ()
    articles: Mapping[str, str] | None = None

    @property
    def trusted(self) -> bool:
        """Say whether the listing counts, also against a channel that brings something else."""
        return self.sure >= ASK_AT_LEAST


def agrees(entries: Sequence[Entry], visible: Sequence[Entry]) -> bool:
    """Say whether entries of another channel are the list that the page shows."""
    comparison = compare(entries, visible)
    enough = min(FEW, len(visible), len(entries))
    return comparison is not None and comparison.matched >= enough and comparison.agreement >= AGREES


def judged(found: Found, sight: Sight) -> Candidate:
    """Return what was found as a candidate, with its confidence and the reasons for it."""
    entries = found.page.entries
    comparison = compare(entries, sight.visible)
    confidence, reasons = _confidence(found, comparison, sight)
    whole = bodies_are_whole(entries, sight.articles or {})
    fields = fields_of(entries)
    if not fields.dated and entries and not found.own:
        confidence = round(confidence - 0.1, 3)
        reasons.append("its items have no dates")
    if fields.bodied:
        reasons.append("brings whole bodies" if whole else _bodies_reason(fields.bodied, sight))
    if not whole:  # as they would be stored: what is cut is no body
        entries = tuple(replace(entry, body_html="", item_html="") for entry in entries)
    return Candidate(
        channel=found.channel,
        url=found.url,
        confidence=confidence,
        entries=entries,
        next_url=found.page.next_url or "",
        overlap=share_of_listing(entries, sight.visible),
        newest_at=newest_of(entries),
        whole_bodies=whole,
        reasons=(found.told_by, *reasons),
    )


def _bodies_reason(bodied: float, sight: Sight) -> str:
    if not sight.articles:
        return "brings bodies; whether they are whole was not seen"
    return "brings bodies that are not whole" if bodied >= 0.9 else "brings bodies for some items only"


def _confidence(found: Found, comparison: Comparison | None, sight: Sight) -> tuple[float, list[str]]:
    entries = found.page.entries
    if not entries:
        return (0.6 if found.own else 0.3), ["it has no items at present"]
    if found.own:
        return 0.95, [f"it brings {len(entries)} items"]
    if is_stale(entries, sight.visible, comparison) and sight.trusted:
        newest = newest_of(entries)
        since = f" since {newest:%Y-%m-%d}" if newest else ""
        return _STALE, [f"it has brought nothing{since}, while the page shows newer items"]
    confidence, reason = _by_agreement(found, comparison, sight)
    if sight.obstacles:
        confidence = min(confidence, _CEILING_WITH_OBSTACLE)
    return confidence, [reason]


def _by_agreement(found: Found, comparison: Comparison | None, sight: Sight) -> tuple[float, str]:
    visible = sight.visible
    if comparison is None or (not sight.trusted and comparison.agreement < AGREES):
        return _uncompared(found, sight)
    brings = f"it brings {comparison.matched} of the {len(visible)} items that the page shows"
    confidence = next(value for least, value in _STEPS if comparison.agreement >= least)
    if comparison.matched < FEW:
        confidence = min(confidence, _CEILING_UNCOMPARED)
    if not found.near:  # a list of recent items stands beside every page of a site
        confidence = min(confidence, max(sight.sure, _STALE))
    if found.outlasts:
        return min(
            confidence, 0.6
        ), f"{brings}, but goes on when {found.outlasts} is over, whose archive the page is"
    if comparison.overlap >= AGREES > comparison.purity:
        return min(confidence, 0.6), f"{brings}, among others that it does not show"
    return confidence, brings


def _uncompared(found: Found, sight: Sight) -> tuple[float, str]:
    """Judge a channel beside a page whose list was not recognised: by where it stands, and what the page links to."""
    entries = found.page.entries
    linked = sum(entry.key in sight.linked for entry in entries)
    if found.near and linked >= max(MANY, AGREES * len(entries)):
        return 0.85, f"the page links to {linked} of its {len(entries)} items"
    sure = _CEILING_UNCOMPARED if found.declared and found.near else 0.55 if found.declared else 0.45
    return sure, "there is no visible listing to compare it with"


def evidence(found: Sequence[Found], visible: Sequence[Entry]) -> frozenset[str]:
    """Return the URL keys of a channel that confirms a list on the page, empty where none does.

    It must be the page's own channel: a feed of the whole site confirms the list of recent items that stands beside
    every category and every article, too. What stands on the page below the last item that both have is
    older than a feed reaches, and no evidence against it.
    """
    for one in found:
        if one.near and agrees(one.page.entries, visible):
            keys = frozenset(entry.key for entry in one.page.entries)
            last = max((place for place, entry in enumerate(visible) if entry.key in keys), default=-1)
            return keys | {entry.key for entry in visible[last + 1 :]}
    return frozenset()


# ------------------------------------------------------------------------------------------------ the choice


def ranked(candidates: Sequence[Candidate], sight: Sight) -> tuple[Candidate, ...]:
    """Return the candidates, the best first: by what may be done with them, agreement, fields, depth, preference."""
    return tuple(sorted(candidates, key=lambda candidate: _rank(candidate, sight), reverse=True))


def _rank(candidate: Candidate, sight: Sight) -> tuple[float, ...]:
    level = (Decision.REFUSE, Decision.ASK, Decision.AUTO).index(decision_for(candidate.confidence))
    is_listing = candidate.channel is Channel.LISTING
    same = is_listing or agrees(candidate.entries, sight.visible)
    fields = fields_of(candidate.entries).completeness + candidate.whole_bodies
    depth = 2 if candidate.next_url else int(len(candidate.entries) >= len(sight.visible))
    return (
        level,
        same,
        round(4 * fields) / 4,
        depth,
        -_PREFERENCE.index(candidate.channel),
        candidate.confidence,
    )


def decide(
    candidates: Sequence[Candidate],
    *,
    obstacles: Collection[str],
    wanted: Collection[Channel] = tuple(Channel),
) -> tuple[Decision, int | None, tuple[str, ...]]:
    """Return the decision, the place of the chosen candidate among the ranked ones, and the reasons.

    With an obstacle nothing is taken without a person, except the address that is itself a feed, which has none.

    Args:
        candidates: the best first.
        obstacles: what speaks against the page being a listing.
        wanted: the channels that may be proposed, to say of each that there is none.
    """
    if not candidates:
        none = [why for channel, why in _NONE.items() if channel in wanted]
        return Decision.REFUSE, None, (*obstacles, *(none[:1] if obstacles else none))
    best = candidates[0]
    confidence = min(best.confidence, _CEILING_WITH_OBSTACLE) if obstacles else best.confidence
    decision = decision_for(confidence)
    if decision is Decision.REFUSE:
        doubt = f"nothing that was found is surer than {best.confidence:.2f}, and at least {ASK_AT_LEAST:.2f} is wanted"
        return decision, None, (*obstacles, doubt, *best.reasons)
    others = tuple(
        f"{IN_WORDS[one.channel]} {one.url}: {why}" for one in candidates[1:] if (why := _why_not(one, best))
    )
    return decision, 0, (*obstacles, *_why(best), *others)


def _why(best: Candidate) -> tuple[str, ...]:
    if not best.reasons:
        return ()
    return (f"{IN_WORDS[best.channel]} is proposed: {'; '.join(best.reasons)}",)


def _why_not(other: Candidate, best: Candidate) -> str:
    if decision_for(other.confidence) is Decision.REFUSE:
        return "; ".join(other.reasons) or "too unsure"
    own, chosen = fields_of(other.entries).completeness, fields_of(best.entries).completeness
    if best.whole_bodies and not other.whole_bodies:
        return "brings no whole bodies"
    return "tells less of each item" if own < chosen else ""


def capped(candidate: Candidate, obstacles: Collection[str]) -> Candidate:
    """Return a candidate whose confidence shows what obstacles leave of it.

    They are the page's, and said of it once: not again of each candidate.
    """
    if not obstacles:
        return candidate
    own = tuple(why for why in candidate.reasons if not any(one.startswith(why) for one in obstacles))
    return replace(candidate, confidence=min(candidate.confidence, _CEILING_WITH_OBSTACLE), reasons=own)
