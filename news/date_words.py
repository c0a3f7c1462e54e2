"""The words of dates in English, French and Arabic, and the fold under which they are looked up.

The tables are written as sites write them; `fold` takes care of accents, hamza, case and the shape of digits, so each
spelling stands here once. Arabic months: the Egyptian, Levantine (Syriac), Tunisian-Algerian and Moroccan names.
"""

import re
import unicodedata

_MONTH_NAMES = (
    "january jan janvier janv يناير جانفي كانون_الثاني",
    "february feb février févr fév فبراير فيفري شباط",
    "march mar mars مارس آذار مارت",
    "april apr avril avr أبريل ابريل أفريل نيسان",
    "may mai مايو ماي أيار",
    "june jun juin يونيو يونية جوان حزيران",
    "july jul juillet juil juill يوليو يولية يوليوز جويلية تموز",
    "august aug août أغسطس أوت غشت آب",
    "september sept sep septembre سبتمبر شتنبر أيلول",
    "october oct octobre أكتوبر تشرين_الأول",
    "november nov novembre نوفمبر نونبر تشرين_الثاني",
    "december dec décembre déc ديسمبر دجنبر كانون_الأول",
)
_WEEKDAY_NAMES = (
    "monday mon tuesday tues tue wednesday wed thursday thurs thur thu friday fri saturday sat sunday sun "
    "lundi lun mardi mar mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim "
    "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"
)
_NUMBER_NAMES = (
    "zero",
    "a an one un une واحد واحدة",
    "two deux اثنين",
    "three trois ثلاث ثلاثة",
    "four quatre أربع أربعة",
    "five cinq خمس خمسة",
    "six ست ستة",
    "seven sept سبع سبعة",
    "eight huit ثمان ثماني ثمانية",
    "nine neuf تسع تسعة",
    "ten dix عشر عشرة",
)
# unit -> its names in the singular or plural, then its Arabic duals, which hold the number two in the word.
_UNIT_NAMES = {
    "second": ("second seconds sec secs s seconde secondes ثانية ثوان ثواني", "ثانيتين"),
    "minute": ("minute minutes min mins mn m دقيقة دقائق", "دقيقتين"),
    "hour": ("hour hours hr hrs h heure heures ساعة ساعات", "ساعتين"),
    "day": ("day days d jour jours j يوم أيام يوما", "يومين"),
    "week": ("week weeks wk wks w semaine semaines sem أسبوع أسابيع أسبوعا", "أسبوعين"),
    "month": ("month months mo mois شهر أشهر شهور شهرا", "شهرين"),
    "year": ("year years yr yrs y an ans année années سنة سنوات عام أعوام عاما", "سنتين عامين"),
}
_DAY_WORDS = {
    0: "today aujourd'hui اليوم",
    -1: "yesterday hier أمس البارحة",
    -2: "avant-hier day_before_yesterday أول_أمس",
    1: "tomorrow demain غدا",
}
_NOW_WORDS = "just_now now à_l'instant maintenant الآن"

ZONE_MINUTES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180,
    "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "بتوقيت غرينتش": 0, "بتوقيت جرينتش": 0,
}  # fmt: skip
"""Minutes east of UTC: the zones of RFC 5322 and the European ones; ambiguous ones (IST, BST, AST) are left out."""


class _Fold(dict[int, str]):
    """Fold one character to one: lower case, no accent or hamza, ASCII digit, plain dash, apostrophe, comma, space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            folded = str(digit)
        elif character.isspace() and character != "\n":
            folded = " "
        else:
            base = unicodedata.normalize("NFD", character)[0].lower()
            folded = base if len(base) == 1 else character
        self[code] = folded
        return folded


_FOLD = _Fold(
    {ord(dash): "-" for dash in "‐‑‒–—―−"}
    | {ord(mark): "'" for mark in "’‘ʼ`´"}
    | {ord("،"): ",", ord("٫"): ".", ord("ى"): "ي", ord("ٱ"): "ا"}
)


def fold(text: str) -> str:
    """Return text as the tables look it up, character for character (same length, so places stay comparable).

    >>> fold("1er Août ٢٠٢٣ – أمس")
    '1er aout 2023 - امس'
    """
    return text.translate(_FOLD)


def _keys(names: str) -> list[str]:
    return [fold(name.replace("_", " ")) for name in names.split()]


def _alternatives(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name)))


MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in _keys(names)}
NUMBERS = {name: number for number, names in enumerate(_NUMBER_NAMES) for name in _keys(names)}
UNITS = {
    name: (unit, fixed)
    for unit, (names, duals) in _UNIT_NAMES.items()
    for fixed, listed in ((None, names), (2, duals))
    for name in _keys(listed)
}
DAY_WORDS = {name: days for days, names in _DAY_WORDS.items() for name in _keys(names)}

# A letter may not touch a name on the far side, else "mardi" would hold "mar" and "أوتار" would hold "أوت".
MONTH = rf"(?:{_alternatives(list(MONTHS))})(?![^\W\d_])\.?"
WEEKDAY = rf"(?:{_alternatives(_keys(_WEEKDAY_NAMES))})(?![^\W\d_])\.?"
NUMBER = rf"(?:\d{{1,3}}|(?:{_alternatives(list(NUMBERS))})(?![^\W\d_]))"
UNIT = rf"(?:{_alternatives(list(UNITS))})(?![^\W\d_])"
DAY_WORD = rf"(?:{_alternatives(list(DAY_WORDS))})(?![^\W\d_])"
NOW_WORD = rf"(?:{_alternatives(_keys(_NOW_WORDS))})(?![^\W\d_])"
_ZONE_NAME = _alternatives([fold(name) for name in ZONE_MINUTES])
ZONE = rf"(?:(?:{_ZONE_NAME})(?![^\W\d_]|[+-]\d)|(?:utc|gmt)?[+-]\d{{1,2}}(?::?\d\d)?(?!\d))"
AM = r"(?:a\.?m\.?|صباحا|ص)(?![^\W\d_])"
PM = r"(?:p\.?m\.?|مساء|ظهرا|عصرا|م)(?![^\W\d_])"
NIGHT = r"(?:ليلا)(?![^\W\d_])"


def month_number(name: str) -> int:
    """Return 1–12 for a folded month name, with or without its abbreviation point."""
    return MONTHS[name.removesuffix(".")]


def strip_vowels(text: str) -> str:
    """Return text without Arabic vowel signs and tatweel, which print only sometimes (``صباحًا``, ``صباحا``).

    >>> strip_vowels("صباحًا")
    'صباحا'
    """
    return _VOWELS.sub("", text)


_VOWELS = re.compile("[\u0640\u064b-\u0652\u0670]")
