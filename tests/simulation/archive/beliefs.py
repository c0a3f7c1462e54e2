"""What follows from looks: which changes a run must log of the articles that it looked at, by DESIGN's own words.

It is a second, small telling of `news.revise`, made from what the site really showed instead of what was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from news.article import Look, Sight, Way
from tests.simulation.archive.flapping import may_flap, said, stands
from tests.simulation.archive.truth import State

CONFIRM_AFTER = timedelta(hours=1)


@dataclass(kw_only=True, slots=True)
class Belief:
    """What is believed of one article. ``state`` is None while only its listing was read.

    ``seen`` are the texts that were read, without repeats, and ``volatile`` the paragraphs that may be passed over.
    ``doubted`` is a text that may have been, ``doubted_at`` when it was first read.
    """

    state: State | None = None
    way: Way = Way.LISTING
    captured_by: int = -1
    extractor: str = ""
    looked_at: datetime | None = None
    missing_at: datetime | None = None
    withdrawn: bool = False
    seen: list[State] = field(default_factory=list)
    volatile: set[int] = field(default_factory=set)
    doubted: State | None = None
    doubted_at: datetime | None = None

    def was_told(self) -> None:
        """Take what was doubted for known: the log has it."""
        if self.doubted is not None:
            self.state, self.doubted = self.doubted, None


@dataclass(kw_only=True, slots=True)
class Expected:
    """The changes that looks at one article must lead to in one run; ``may`` are edits that may be told or not."""

    edits: list[tuple[State, State]] = field(default_factory=list)
    may: list[tuple[State, State]] = field(default_factory=list)
    withdrawn: int = 0
    restored: int = 0
    may_withdraw: bool = False


def look_at(
    belief: Belief,
    look: Look,
    state: State | None,
    *,
    section: int,
    extractor: str,
    approving: bool = False,
    healed: bool = False,
    left: bool = False,
    astray: bool = False,
    unlisted: bool = False,
) -> Expected:
    """Change a belief by one look, and return what must be logged.

    :param state: what the page, or the body in the listing, really said.
    :param healed: whether the site was ever redesigned: then the first look with other selectors may keep an edit and
        not tell it (docs/decisions/0017).
    :param left: whether the article moved away from this address: that it is missing there need not count.
    :param astray: whether the article is read at another address: that this one is gone need not count either.
    :param unlisted: whether it is off its listings, too: once two runs saw that, its first 404 is enough.
    """
    expected = Expected()
    if belief.looked_at is not None and look.captured_at < belief.looked_at:
        return expected
    if look.sight is Sight.UNREADABLE:
        return expected
    if look.sight in (Sight.GONE, Sight.MISSING):
        if not approving:
            _absent(belief, look, expected, left=left, astray=astray, unlisted=unlisted)
        return expected
    if look.sight is Sight.READ and _is_weaker(belief, look, section):
        return expected
    if belief.withdrawn:
        expected.restored += 1
    belief.looked_at, belief.missing_at, belief.withdrawn = look.captured_at, None, False
    if look.sight is Sight.READ and state is not None:
        _read(
            belief,
            look,
            state,
            expected,
            section=section,
            extractor=extractor,
            approving=approving,
            healed=healed,
        )
    return expected


def _absent(
    belief: Belief, look: Look, expected: Expected, *, left: bool, astray: bool, unlisted: bool
) -> None:
    missing_at = belief.missing_at or look.captured_at
    sure = look.sight is Sight.GONE or look.captured_at - missing_at >= CONFIRM_AFTER
    if astray or (left and look.sight is Sight.MISSING):
        belief.missing_at, expected.may_withdraw = missing_at, sure or unlisted
        return
    belief.looked_at, belief.missing_at = look.captured_at, missing_at
    if sure and not belief.withdrawn:
        belief.withdrawn = True
        expected.withdrawn += 1
    elif not belief.withdrawn:
        expected.may_withdraw = unlisted


def _is_weaker(belief: Belief, look: Look, section: int) -> bool:
    if belief.state is None:
        return False
    another = look.way is Way.LISTING and belief.captured_by not in (-1, section)
    return look.way.rank < belief.way.rank or (another and belief.way is Way.LISTING)


def _read(belief: Belief, look: Look, state: State, expected: Expected, *, section: int, extractor: str,
          approving: bool, healed: bool) -> None:  # fmt: skip
    before, same_way = belief.state, look.way is belief.way
    if approving and before is not None:
        return  # a person's word announces, and never edits
    shown = state
    if before is None or not same_way or _said(before) == _said(state):
        belief.doubted = None
    elif healed and belief.extractor != extractor:
        expected.may.append((before, state))
    elif may_flap(belief.seen, before, state, belief.volatile) and not stands(
        state, belief.doubted, belief.doubted_at, look.captured_at
    ):
        expected.may.append((before, state))
        if belief.doubted is None or _said(belief.doubted) != _said(state):
            belief.doubted, belief.doubted_at = state, look.captured_at
        state = before  # it is known when it was told
    else:
        expected.edits.append((before, state))
        belief.doubted = None
    if not belief.seen or said(belief.seen[-1]) != said(shown):
        belief.seen.append(shown)
    if before is None or not same_way:
        belief.captured_by = section if look.way is Way.LISTING else -1
    belief.state, belief.way, belief.extractor = state, look.way, extractor


def _said(state: State) -> tuple[str, tuple[str, ...]]:
    return state.title, state.paragraphs
