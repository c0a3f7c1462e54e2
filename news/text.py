"""Text: one stored form, one form for comparison only, words, and the direction in which a language runs.

The stored form is what the site wrote, without what nobody can see. Quotes, dashes and tatweel stay in it; they are
folded only by `comparable`, whose result is compared and hashed but never shown.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

# Zero-width and filler characters, soft hyphen, bidi controls and tags: they change what a machine compares, not what
# a person reads (the digest sets the direction of each item itself). C0 and C1 controls cannot be stored everywhere.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
# Joiners are spelling between letters of joining scripts (Persian "می‌روم") and glue between emoji; elsewhere dirt.
_JOINED = "\u0600-\u08ff\u0900-\u0dff"
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_STRAY_JOINER = re.compile(
    f"[\u200c\u200d](?:(?<![{_JOINED}][\u200c\u200d])(?<![{_EMOJI}]\u200d)|(?![{_JOINED}{_EMOJI}]))"
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")

_COMPATIBILITY = re.compile("[\ufb00-\ufb06\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefe\uff01-\uff5e]+")
_GUILLEMET_SPACE = re.compile("(?<=[«‹]) | (?=[»›])")
_FOLDS: dict[str, str] = (
    dict.fromkeys("“”„‟«»″‴〝〞", '"')
    | dict.fromkeys("‘’‚‛‹›′`´ʼʻʹʽˈ", "'")
    | dict.fromkeys("‐‑‒–—―−﹘﹣", "-")
    | dict.fromkeys("\u0640\u200c\u200d\ufe0e\ufe0f", "")
    | {"…": "...", "‥": "..", "٫": ".", "٬": ","}
    | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
)
_FOLDED = re.compile(f"[{''.join(_FOLDS)}]")


def _mark_class() -> str:
    r"""Return the combining marks as a regex class: ``\w`` leaves them out and would cut vocalised Arabic to pieces."""
    ranges = (
        (0x300, 0x370),
        (0x483, 0x1E00),
        (0x20D0, 0x2100),
        (0xA66F, 0xAC00),
        (0xFB1E, 0xFB1F),
        (0xFE20, 0xFE30),
    )
    codes = (code for first, end in ranges for code in range(first, end))
    return "".join(chr(code) for code in codes if unicodedata.category(chr(code)).startswith("M"))


WORD_PATTERN = rf"[\w{_mark_class()}]+(?:['’ʼ][\w]+|(?<=\d)[.,:/٫٬](?=\d)\w+)*"
"""A word with its marks and inner apostrophes, or a number with its separators, as a regular expression."""

_WORD = re.compile(WORD_PATTERN)
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
UNSPACED = re.compile(f"[{_NO_SPACES}]")
"""A character of Thai, Lao, Burmese, Khmer, Chinese or Japanese: words are written there without spaces between."""
_CHARACTER = re.compile(rf"[{_NO_SPACES}][{_mark_class()}]*\s*|[^{_NO_SPACES}]+")
_RTL_LANGUAGES = frozenset(
    "ar arc ckb dv fa he iw ks lrc mzn nqo pnb prs ps sd sdh syr ug ur uz-af yi".split()
)
_RTL_SCRIPTS = frozenset("adlm arab aran hebr mand nkoo rohg samr syrc thaa".split())


def normalise_text(text: str) -> str:
    r"""Return text in its stored form: NFC, one space between words, paragraphs as lines, nothing invisible.

    Blank paragraphs, control, zero-width and bidi characters and soft hyphens go; lone surrogates become U+FFFD.
    Joiners stay where they are spelling. Tatweel stays: it is visible, and the site wrote it. Idempotent.

    >>> normalise_text("  A\u00a0 title\u200b\r\n\r\n  and\ttext ")
    'A title\nand text'
    """
    if not text.isascii():
        text = _LINE_ENDS.sub("\n", _BROKEN.sub("\ufffd", text))
        text = unicodedata.normalize("NFC", text)
        text = unicodedata.normalize("NFC", _STRAY_JOINER.sub("", _INVISIBLE.sub("", text)))
    else:
        text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    # Splitting and joining is several times as fast as regular expressions, and whole bodies pass here.
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def normalise_title(text: str) -> str:
    r"""Return text in its stored form on one line.

    >>> normalise_title("  A\n title ")
    'A title'
    """
    return normalise_text(text).replace("\n", " ")


def comparable(text: str) -> str:
    r"""Return text for comparison only: what differs typographically becomes equal; case and words stay.

    Quotes of every shape (with the spaces inside guillemets), primes, dashes, ellipses, full-width and Arabic
    presentation forms, tatweel, joiners and the shape of digits are folded. Idempotent.

    >>> comparable("« L’ICESCO » – ٢٠٢٣…") == comparable('"L\'ICESCO" - 2023...')
    True
    """
    text = normalise_text(text)
    if text.isascii():
        return text.replace("`", "'")
    if _COMPATIBILITY.search(text):
        text = normalise_text(_COMPATIBILITY.sub(_compatible, text))
    text = _FOLDED.sub(_folded, _GUILLEMET_SPACE.sub("", text))
    return normalise_text(text)


def _folded(match: re.Match[str]) -> str:
    return _FOLDS[match[0]]


def _compatible(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def words(text: str) -> list[str]:
    """Return the words of a text in order, in any script, numbers whole and punctuation left out.

    >>> words("L’ICESCO: 1,250 girls, 9001:2015 – «العربية»")
    ['L’ICESCO', '1,250', 'girls', '9001:2015', 'العربية']
    """
    return _WORD.findall(text.replace("_", " "))


def taken_apart(pieces: list[str]) -> list[str]:
    """Return words with those taken apart that are whole clauses, as scripts that write no spaces have them.

    There each character, with its marks, stands for a word. Joining the pieces gives the same text.

    >>> taken_apart(["ICESCO", "新闻ICESCO "])
    ['ICESCO', '新', '闻', 'ICESCO ']
    """
    if not any(map(UNSPACED.search, pieces)):
        return pieces
    return [
        part
        for piece in pieces
        for part in (_CHARACTER.findall(piece) if UNSPACED.search(piece) else (piece,))
    ]


@lru_cache(maxsize=4096)
def title_key(text: str) -> str:
    """Return a 32-hex key that is equal for titles that differ only in case and typography.

    >>> title_key("ICESCO’s  Day") == title_key("icesco's day")
    True
    """
    folded = comparable(comparable(normalise_title(text)).casefold())
    return blake2b(folded.encode(), digest_size=16).hexdigest()


def truncate(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a text, cut between words, with an ellipsis if anything was cut.

    >>> truncate("one two three", 9)
    'one two…'
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1 character, not {limit}")
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    # A single overlong word is cut inside; and never between a letter and its marks.
    if not text[limit - 1].isspace() and space > 0:
        cut = cut[:space]
    elif unicodedata.combining(text[limit - 1]):
        while cut and unicodedata.combining(cut[-1]):
            cut = cut[:-1]
        cut = cut[:-1]
    return cut.rstrip(" \n,;:،؛-–—") + "…"


@lru_cache(maxsize=256)
def direction(language: str | None) -> Literal["rtl", "ltr"]:
    """Return the direction of a language tag (BCP 47): the script subtag decides, then the language.

    >>> direction("ar"), direction("fr-FR"), direction("az-Arab"), direction(None)
    ('rtl', 'ltr', 'rtl', 'ltr')
    """
    subtags = (language or "").lower().replace("_", "-").split("-")
    script = next((subtag for subtag in subtags[1:3] if len(subtag) == 4 and subtag.isalpha()), None)
    if script is not None:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if subtags[0] in _RTL_LANGUAGES or "-".join(subtags[:2]) in _RTL_LANGUAGES else "ltr"
