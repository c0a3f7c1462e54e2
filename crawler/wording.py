"""Words that sites put around their news, in English, French and Arabic: "read more" links and cut-off ends."""

from __future__ import annotations

import re

from news.text import comparable, words

MIN_WORDS = 30
MIN_PARAGRAPHS = 2
_PARAGRAPH_WORDS = 5

_MORE = (
    r"(?:click here to )?(?:read|see|view|learn|find out|show|load)(?: the)?(?: full| whole| complete| more)"
    r"(?: (?:article|story|post|text|about .{1,80}))?|continue(?: reading)?|keep reading|read on|more"
    r"|full (?:story|article)"
    r"|read article|more (?:info|information|details)|details"
    r"|lire (?:la suite|plus|l'article|l’article|davantage)(?: de .{1,80})?|la suite|suite|en savoir (?:plus|davantage)"
    r"|voir (?:plus|la suite)|plus de détails|continuer la lecture(?: de .{1,80})?"
    r"|[اإأ]قر[أا] (?:المزيد|التفاصيل|أكثر)|المزيد|للمزيد|قراءة المزيد|قراءة (?:المقال|التفاصيل)|تابع القراءة"
    r"|متابعة القراءة|أكمل القراءة|التفاصيل|تفاصيل|عرض المزيد|لقراءة المزيد"
)
_MORE_LINE = re.compile(rf"[\[(«<\s]*(?:{_MORE})[\s.…:!\])»>›→←«‹+]*", re.IGNORECASE)
_ELLIPSIS = r"(?:…|\.{3,}|\[\s*(?:…|\.{2,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|&hellip;)"
_CUT_OFF_END = re.compile(rf"{_ELLIPSIS}\s*(?:{_MORE_LINE.pattern})?\s*\Z", re.IGNORECASE)
_INVITATION = re.compile(rf"(?<=[.…!?؟\])»”\"])\s+{_MORE_LINE.pattern}\Z", re.IGNORECASE)
# What stands between an invitation and the title that it repeats, as themes write it for screen readers.
_JOINT = re.compile(
    r"^(?:from|about|of|on|in|de|sur|dans|عن|حول|في|من)\b|\b(?:from|about|of|on|de|sur|عن|حول|من)$"
)
_MARKS = " \t\n\"'.:-|()[]<>"
_TAIL_CHARS = 200
_ENOUGH_CHARS = 600  # mostly hold MIN_WORDS, so that long texts need not be counted


def is_more_link(text: str) -> bool:
    """Tell whether a text is nothing but an invitation to read on.

    >>> [
    ...     is_more_link(text)
    ...     for text in ("Read more »", "Lire la suite", "اقرأ المزيد", "More schools reopen")
    ... ]
    [True, True, True, False]
    """
    return len(text) <= _TAIL_CHARS and _MORE_LINE.fullmatch(text) is not None


def invites_to(title: str, text: str) -> bool:
    """Tell whether a text is an invitation to read on that repeats the title of what it leads to.

    >>> [
    ...     invites_to("Rain at last", text)
    ...     for text in ("Rain at last Read more »", "Continue reading “Rain at last”", "Rain at last")
    ... ]
    [True, True, False]
    """
    if not title or len(text) > _TAIL_CHARS + len(title):
        return False
    said, name = comparable(text).casefold().replace("\n", " "), comparable(title).casefold()
    if name not in said:
        return False
    rest = " ".join(said.replace(name, " ", 1).split()).strip(_MARKS)
    return is_more_link(_JOINT.sub("", rest).strip(_MARKS))


def without_more(text: str, title: str = "") -> str:
    """Return a text without an invitation to read on at its end, also one that repeats the item's ``title``.

    >>> without_more("The ministers met. Read more »")
    'The ministers met.'
    """
    lines = text.split("\n")
    while lines and (is_more_link(lines[-1]) or invites_to(title, lines[-1])):
        lines.pop()
    text = "\n".join(lines)
    invitation = _INVITATION.search(text, max(0, len(text) - _TAIL_CHARS))
    return text[: invitation.start()] if invitation else text


def is_teaser(text: str) -> bool:
    """Tell whether a text is cut off (an ellipsis or "read more" ends it) or too short to be a whole article.

    A whole one has at least ``MIN_WORDS`` words, or ``MIN_PARAGRAPHS`` paragraphs of at least five words each.

    >>> is_teaser("The ministers met on Monday and […]")
    True
    """
    last = text.rpartition("\n")[2][-_TAIL_CHARS:]
    if is_more_link(last) or _CUT_OFF_END.search(last):
        return True
    if len(words(text[:_ENOUGH_CHARS])) >= MIN_WORDS or len(words(text)) >= MIN_WORDS:
        return False
    return sum(len(words(line)) >= _PARAGRAPH_WORDS for line in text.split("\n")) < MIN_PARAGRAPHS
