"""What helps against what a suspect run saw: the same words wherever a person is told of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from news.errors import SourceError
from news.run import Trouble

if TYPE_CHECKING:
    from storage.source_status import HeldNote

SELECTORS = "tidings sources diff"
"""A reason that names this command says itself what helps: selectors are proposed."""
ASKING = ("a challenge page", "a login page", "a consent page")
"""How the reasons of pages begin that want something of whoever reads them; `crawler.blocking` writes them."""
_REDESIGNED = (
    "after a redesign mend the selectors (docs/adding-a-source.md); else wait, or, where a feed is empty for good, "
    "approve it"
)
_ASKED = (
    "neither selectors nor an approval help: wait, or give it the login or the cookie that the site asks for, as docs/"
    "adding-a-source.md says under [request]"
)
_ELSEWHERE = "neither selectors nor an approval help: wait, or check the source's url"


def can_be_approved(*, entries: int, trouble: Trouble | None) -> bool:
    """Return whether a person's word can settle a suspect run: what stood in the listing's place is no listing."""
    return bool(entries) or trouble not in (Trouble.BLOCKED, Trouble.NOT_A_PAGE)


def remedy(*, entries: int, trouble: Trouble | None, reason: str) -> str:
    """Return what a person can do about a suspect run, or an empty string where its reason says so already.

    Approving is offered only where there is something to approve: a login page is one again when it is asked again.

    :param entries: how many entries it saw.
    :param trouble: why page 1 could not be read, None if it could.
    :param reason: why it is suspect, in words.
    """
    if SELECTORS in reason:
        return ""
    if entries:
        return "approve or reject it"
    if can_be_approved(entries=entries, trouble=trouble):
        return _REDESIGNED
    return _ASKED if reason.startswith(ASKING) else _ELSEWHERE


def held_lines(name: str, held: HeldNote) -> tuple[str, ...]:
    """Return where to look at what is held for a source, and what helps."""
    see = f"`tidings runs show {name}`"
    advice = remedy(entries=held.entries, trouble=held.trouble, reason=held.reason)
    if held.entries and advice:
        return (f"{see}, then {advice}: `tidings runs approve {name}`, `tidings runs reject {name}`",)
    return (see, advice) if advice else (see,)


def no_proposal(name: str, held: HeldNote | None, word: str) -> SourceError:
    """Return the error where a person decides on selectors and none are proposed, with what he may have meant.

    :param word: what he wanted: ``approve`` or ``reject``.
    """
    what = f"source {name!r}: no selectors are proposed"
    if held is None:
        return SourceError(f"{what}, and no run is held")
    if held.entries:
        return SourceError(f"{what}; `tidings runs {word} {name}` is for what a suspect run saw")
    return SourceError(f"{what}; `tidings runs show {name}` says what a suspect run met instead")
