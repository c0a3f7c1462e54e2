"""The language of a page: what it declares, unless its letters say otherwise; else what its letters and words are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from crawler.extraction.languages import article_language
from crawler.induction.view import View

_SCRIPTS = {
    "ARABIC": "ar", "CYRILLIC": "ru", "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "GREEK": "el",
    "HEBREW": "he", "DEVANAGARI": "hi", "THAI": "th", "BENGALI": "bn", "TAMIL": "ta", "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}  # fmt: skip
_LETTERS = {"fa": "پچژگ", "ur": "ٹڈڑےں", "uk": "іїєґ"}
_WORDS = {
    "en": "the of and to in for on with is are from by at",
    "fr": "le la les des du et en pour dans une sur au aux est",
    "es": "el los las del y en para por una con que se al",
    "pt": "o os do da dos das e em para com uma que no na ao",
    "de": "der die das und in den von mit für auf im ein ist zu",
    "it": "il la le di del della e in per con una che nel alla",
    "nl": "de het een van en in voor met op is dat te aan",
    "tr": "ve bir bu için ile da de olarak olan daha",
    "pl": "w i na z do się nie że dla o po od",
    "id": "yang di dan dari untuk dengan pada ini akan dalam ke",
    "ro": "și de la în pe cu din pentru un o care",
    "sv": "och i att det som en på är av för med",
}
_SAMPLE = 4_000


def page_language(view: View) -> str:
    """Return a tag such as ``fr`` or ``en-GB``, empty if nothing tells."""
    head = view.root
    claims = [head.get("lang") or "", head.get("xml:lang") or ""]
    body = head.find(".//body")
    if body is not None:
        claims.append(body.get("lang") or "")
    claims += [
        node.get("content") or ""
        for node in head.iter("meta")
        if (node.get("property") or node.get("http-equiv") or "").lower() in ("og:locale", "content-language")
    ]
    text = " ".join(filter(None, view.texts))[:_SAMPLE]
    declared = article_language("", [claim for claim in claims if claim], text)
    guessed = _guess(text)
    if declared and guessed and declared.partition("-")[0] != guessed and _is_script_of(guessed):
        return guessed if _script_of(declared.partition("-")[0]) != _script_of(guessed) else declared
    return declared or guessed


def _script_of(code: str) -> str:
    if code in ("ar", "fa", "ur", "ps", "ckb", "ug", "sd"):
        return "arab"
    if code in ("ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "mn", "tg"):
        return "cyrl"
    if code in ("zh", "ja"):
        return "cjk"
    return code if code in _SCRIPTS.values() else "latn"


def _is_script_of(code: str) -> bool:
    return code in _SCRIPTS.values() or code in ("fa", "ur", "uk")


def _guess(text: str) -> str:
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < 20:
        return ""
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0].partition("-")[0] for letter in letters)
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0.1 * len(letters):
        return "ja"
    script, count = scripts.most_common(1)[0]
    if script in _SCRIPTS and count > 0.4 * len(letters):
        code = _SCRIPTS[script]
        return next(
            (
                other
                for other, marks in _LETTERS.items()
                if _script_of(other) == _script_of(code)
                and sum(text.count(m) for m in marks) > 0.008 * len(letters)
            ),
            code,
        )
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    counts = {code: sum(words[word] for word in common.split()) for code, common in _WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= 5 else ""
