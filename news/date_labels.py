"""The words before a date that say what happened then: a publication, or only a change (*last updated*, *mis à jour*).

Pages show either, or both on one line. A change is no publication, so a line is split into what it says of each, and
both are read by themselves. The words are looked up folded (`news.date_words.fold`); those of East Asia as they stand,
since their characters are words. Pure, and linear in a text of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from news.date_words import fold

MAX_CHARS = 400
"""How far a text is looked at: date lines are short."""
_NEAR = 24
_LABEL_CHARS = 60

_PUBLISHED_WORDS = """
first_published|published|posted|publication_date|date_of_publication|publié|publiée|publiés|publiées|mis_en_ligne
|mise_en_ligne|date_de_publication|تاريخ_النشر|تاريخ_نشر|نشر_في|نشر_بتاريخ|نشر_يوم|نشرت_يوم|veröffentlicht|erschienen
|publicado|publicada|fecha_de_publicación|data_de_publicação|pubblicato|pubblicata|data_di_pubblicazione|gepubliceerd
|geplaatst|publicerad|publiceret|publisert|julkaistu|opublikowano|data_publikacji|publikováno|zveřejněno|опубликовано
|дата_публикации|опубліковано|yayınlanma|yayınlandı|diterbitkan|dipublikasikan|تاریخ_انتشار|פורסם|δημοσιεύτηκε
|δημοσιεύθηκε|publicat|megjelent
"""
_CHANGED_WORDS = """
updated|modified|edited|revised|amended|last_changed|mis_à_jour|mise_à_jour|màj|modifié|modifiée|actualisé|actualisée
|تم_التحديث|تم_التعديل|محدث|محدثة|aktualisiert|geändert|actualizado|actualizada|modificado|modificada|atualizado
|atualizada|aggiornato|aggiornata|modificato|modificata|bijgewerkt|gewijzigd|uppdaterad|opdateret|oppdatert|päivitetty
|muokattu|zaktualizowano|aktualizováno|обновлено|изменено|оновлено|güncellendi|diperbarui|עודכן|ενημερώθηκε|actualizat
|frissítve|به‌روزرسانی|بروزرسانی|به_روز_رسانی|अपडेट|अद्यतन|cập_nhật
"""
_CHANGE_WORDS = """
update|last_update|latest_update|date_of_update|date_of_last_update|modification|last_modification|date_modified
|date_updated|dernière_mise_à_jour|dernière_modification|date_de_mise_à_jour|date_de_modification|آخر_تحديث|تحديث
|تاريخ_التحديث|تاريخ_آخر_تحديث|آخر_تعديل|تعديل|تاريخ_التعديل|aktualisierung|letzte_aktualisierung|letzte_änderung
|actualización|última_actualización|última_modificación|atualização|última_atualização|última_modificação
|aggiornamento|ultimo_aggiornamento|ultima_modifica|laatste_update|laatste_wijziging|senast_ändrad|sidst_ændret
|sist_endret|aktualizacja|ostatnia_aktualizacja|обновление|последнее_обновление|güncelleme|güncelleme_tarihi
|son_güncelleme|pembaruan|terakhir_diperbarui|τελευταία_ενημέρωση|ενημέρωση|ultima_actualizare|आखरी_अपडेट
"""
"""Nouns: they are titles' words too, so they count only where a phrase begins."""
_FIRST = r"(?:(?:last|most recently|recently|zuletzt|laatst|senast|sidst|sist|posledni|viimeksi) )?"
_JOINTS = (
    "on|at|the|le|la|les|l'|am|vom|um|el|a las|em|en|il|alle|op|den|kl|klo|dnia|dne|de|da|tarihi"
    "|в|от|о|في|بتاريخ|يوم|ב"
)


def _listed(words: str) -> str:
    names = {fold(name.strip().replace("_", " ")) for name in words.split("|") if name.strip()}
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


_BEFORE, _BEHIND = r"(?<![^\W_])", r"(?![^\W_])"
_CHANGED = rf"{_BEFORE}{_FIRST}(?:{_listed(_CHANGED_WORDS)}){_BEHIND}"
_CHANGE = rf"{_BEFORE}(?:{_listed(_CHANGE_WORDS)}){_BEHIND}"
_EAST_CHANGED = (
    r"(?:最終更新|最后更新|最後更新|更新|最后修改|修改)(?:日時|日期|时间|時間|日|于|於)?"
    r"|(?:최종|최근|마지막)?\s?(?:수정|업데이트|갱신)(?:일시|일|됨)?"
)
_EAST_PUBLISHED = (
    r"(?:公開日|公開|掲載日|発表日|投稿日|发布|發布|發佈|发表|입력|등록|게시)"
    r"(?:日時|日期|时间|時間|于|於|일시|일)?"
)
_BY = r"(?!\s+(?:by|par|von|door|por|da|av|af|przez|بواسطة|من قبل)(?![^\W_]))"
_CHANGES = re.compile(rf"(?P<verb>{_CHANGED}){_BY}|(?P<noun>{_CHANGE}){_BY}")
_EAST_CHANGES = re.compile(_EAST_CHANGED)
_PUBLISHED = re.compile(rf"{_BEFORE}(?:{_listed(_PUBLISHED_WORDS)}){_BEHIND}")
_EAST = re.compile(_EAST_PUBLISHED)
_STARTS = re.compile(r"(?:^|[|·•,;:.()\[\]/\n-])\s*(?:(?:on|le|the|this page was|page|article) )?$")
_END = rf"(?:[\W_]|(?<![^\W_])(?:{_JOINTS}){_BEHIND})*"
_LABEL = re.compile(rf"(?:{_CHANGED}|{_CHANGE}){_END}\Z")
_EAST_LABEL = re.compile(rf"(?:{_EAST_CHANGED})\W*\Z")
_OTHERS_BEGIN = re.compile(r"[|·•;]")


def publication_part(text: str) -> str:
    """Return what a text says of a publication: all of it, save what a word for a change stands before.

    >>> (
    ...     publication_part("Updated 17 Nov 2023 | Published: 16 Nov 2023"),
    ...     publication_part("Last updated 3 March"),
    ... )
    (': 16 Nov 2023', '')
    >>> publication_part("16 novembre 2023 (mis à jour le 17)")
    '16 novembre 2023 ('
    """
    text = text[:MAX_CHARS]
    start = _end_of_published(text)
    change = next(_changes(text[start:]), None)
    if change is None:
        return text[start:]
    first, _, stands_behind = change
    return "" if stands_behind else text[start : start + first]


def change_part(text: str) -> str:
    """Return what a text says of a change, empty if it says nothing of one.

    >>> change_part("16 novembre 2023 (mis à jour le 17 novembre 2023)"), change_part("16 novembre 2023")
    (' le 17 novembre 2023)', '')
    """
    text = text[:MAX_CHARS]
    change = next(_changes(text), None)
    if change is None:
        return ""
    first, last, stands_behind = change
    if stands_behind:
        return text[:first]
    rest = text[last:]
    published = _PUBLISHED.search(fold(rest)) or _EAST.search(rest)
    return rest[: published.start()] if published else rest


def ends_in_change(text: str) -> bool:
    """Tell whether a text ends with a word for a change, so that a date that follows it is that of a change.

    >>> [
    ...     ends_in_change(text)
    ...     for text in ("Last updated:", "By Staff, updated on", "The rules are updated", "3 March")
    ... ]
    [True, True, False, False]
    """
    tail = text[-_LABEL_CHARS:].rstrip()
    east = _EAST_LABEL.search(tail)
    if east:
        return not any(map(str.isdigit, tail))
    folded = fold(tail)
    return any(_STARTS.search(folded[: match.start()]) is not None for match in _LABEL.finditer(folded))


def _changes(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where words for a change stand, and whether it is the date before them that they speak of."""
    folded = fold(text)
    for match in _CHANGES.finditer(folded):
        if _STARTS.search(folded[: match.start()]) or (
            match["verb"] and _leads_to_number(folded[match.end() :])
        ):
            yield match.start(), match.end(), False
    for match in _EAST_CHANGES.finditer(text):
        rest = text[match.end() :]
        if any(map(str.isdigit, rest)):
            yield match.start(), match.end(), False
        elif any(map(str.isdigit, text[: match.start()])):
            yield match.start(), match.end(), True


def _leads_to_number(rest: str) -> bool:
    near = _OTHERS_BEGIN.split(rest[:_NEAR], maxsplit=1)[0]
    return any(map(str.isdigit, near))


def _end_of_published(text: str) -> int:
    """Return where the date of a publication may begin: behind the word for one, if a date can follow it."""
    match = _PUBLISHED.search(fold(text)) or _EAST.search(text)
    if match is None:
        return 0
    before, behind = text[: match.start()], text[match.end() :]
    if any(map(str.isdigit, behind)) or (any(map(str.isalnum, behind)) and not any(map(str.isdigit, before))):
        return match.end()
    return 0
