"""The language of an article: what the site file declares, unless its letters say otherwise.

Measured on news pages, ``lang`` attributes are missing or wrong on one page in twenty-five, mostly left at the
software's default, so what a person declared for the source goes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from news.text import direction, words

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)
_SAMPLE_CHARS = 600
_WORDS_CHARS = 4_000
_MIN_WORDS = 40
_CLEAR_SHARE = 0.12
"""Of running text the words below make up a fifth to two fifths; of another language's, a few hundredths."""
_OUTWEIGHS = 3
_HEADLINE_SHARE = 0.05
"""Headlines leave many of these words out: in Arabic ones they may be one word in twenty."""
_EAST_ASIAN = ("cjk", "hiragana", "katakana")
_LISTING_CHARS = 1_500
"""A page of titles says enough, and every letter costs."""
_STANDS_OUT = 1.4
"""French headlines have up to two thirds as many common words of Spanish."""
_PERSO_URDU = re.compile("[پچژگٹڈڑے]")
_COMMON = {
    code: frozenset(text.split())
    for code, text in {
        "en": "the of and to in a is that for it was on with as he be at by this from have not are his they had were",
        "fr": "le la les de des du et à en un une que qui est pour dans sur au aux par pas ne se son sa ce il elle",
        "de": "der die das und in den von zu mit dem ist im für nicht auf ein eine als auch es an werden aus hat sie",
        "es": "el la los las de del y en que un una es por con para no se su al lo como más fue sus ha le este",
        "it": "il la le di del della e in che un una è per con non si sono da nel alla gli al dei delle ha lo i",
        "pt": "o os as de do da dos das e em que um uma é por com para não se no na ao mais foi como sua seu",
        "nl": "de het een van en in is dat op te zijn voor met die niet aan er om als ook door bij naar maar",
        "ar": "في من على إلى أن التي الذي عن مع هذا هذه كما بعد قد لا ما بين كان كانت وقال قال ان الى خلال أو",
    }.items()
}
CODES = frozenset(
    "aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cs cv cy da de dv dz ee el en eo es et eu "
    "fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy ia id ie ig ik is it iu ja jv ka kg ki kk kl km kn "
    "ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc "
    "oj om or os pa pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk "
    "tl tn to tr ts tt tw ty ug uk ur uz ve vi wa wo xh yi yo za zh zu "
    "arz ary ars ber ceb ckb fil gsw haw hmn kab kmr lrc mai mni nds nso pnb prs rom sat scn sdh syr tet tzm "
    "yue zgh".split()
)
"""ISO 639-1, and the three-letter codes (ISO 639-3) of languages of the press that have no shorter one."""


def language_tag(text: str) -> str:
    """Return a language tag in its usual spelling (BCP 47), or nothing if it names no language that we know.

    >>> language_tag("EN_us"), language_tag("ar"), language_tag("utf"), language_tag("zh-hant-tw")
    ('en-US', 'ar', '', 'zh-Hant-TW')
    """
    match = _TAG.fullmatch(text.strip())
    if match is None or match[1].lower() not in CODES:
        return ""
    parts = (match[1].lower(), (match[2] or "").title(), (match[3] or "").upper())
    return "-".join(filter(None, parts))


def article_language(declared: str, claims: Iterable[str], text: str) -> str:
    """Return the declared language, else the first that the page claims, else what its commonest words are.

    None of the three if the text runs the other way, and no claim that the words contradict: pages in Zulu are tagged
    as English.

    >>> article_language("en", ("ar",), "أخبار اليوم"), article_language("", ("fr-FR", "en"), "Bonjour")
    ('ar', 'fr-FR')
    """
    way = _text_direction(text[:_SAMPLE_CHARS])
    if declared and way in (None, direction(declared)):
        return declared
    shares = _word_shares(text[:_WORDS_CHARS])
    tags = (tag for claim in claims for part in claim.split(",") if (tag := language_tag(part)))
    for tag in tags:
        if way in (None, direction(tag)) and not _contradicts(tag.partition("-")[0], shares):
            return tag
    best = max(shares, key=lambda code: shares[code], default="")
    return best if best and shares[best] >= _CLEAR_SHARE and way in (None, direction(best)) else ""


def spoken_language(text: str) -> str:
    """Return the language of titles and teasers, or the script where that tells enough; nothing if it is not clear.

    It serves to notice that a listing speaks another language than before, so it is silent rather than wrong: of the
    languages of one family the one that is meant must stand out.

    >>> spoken_language(
    ...     "Совет открыл новую библиотеку в порту, и читатели пришли посмотреть старые карты города"
    ... )
    'cyrillic'
    """
    sample = text[:_LISTING_CHARS]
    scripts = Counter[str]()
    for letter, times in Counter(sample).items():
        if letter.isalpha():
            name = unicodedata.name(letter, "").partition(" ")[0].lower()
            scripts["east asian" if name in _EAST_ASIAN else name] += times
    if not scripts:
        return ""
    script, letters = scripts.most_common(1)[0]
    if letters < _MIN_WORDS or letters < 0.6 * scripts.total():
        return ""
    if script not in ("latin", "arabic"):
        return script
    shares = sorted(_word_shares(sample).items(), key=lambda share: share[1], reverse=True)
    (best, first), (_, second) = shares[:2] if shares else (("", 0.0), ("", 0.0))
    if first >= _HEADLINE_SHARE and first >= _STANDS_OUT * second:
        return best
    return script if script == "arabic" else ""


def _word_shares(text: str) -> dict[str, float]:
    """Return how much of a text each language's commonest words make up; nothing of a short one."""
    told = [word.casefold() for word in words(text)]
    if len(told) < _MIN_WORDS:
        return {}
    shares = {code: sum(word in common for word in told) / len(told) for code, common in _COMMON.items()}
    if _PERSO_URDU.search(text):
        shares["ar"] = 0.0
    return shares


def _contradicts(code: str, shares: dict[str, float]) -> bool:
    if code not in shares:
        return False
    best = max(shares.values())
    return shares[code] == 0.0 or best >= max(_CLEAR_SHARE, _OUTWEIGHS * shares[code])


def _text_direction(text: str) -> str | None:
    classes = [unicodedata.bidirectional(character) for character in text if character.isalpha()]
    if len(classes) < 8:
        return None
    share = sum(kind in ("R", "AL") for kind in classes) / len(classes)
    return "rtl" if share > 0.6 else "ltr" if share < 0.4 else None
