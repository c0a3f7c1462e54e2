"""How pages that are no listings name themselves, in the languages of the press: missing pages, results of a search."""

from __future__ import annotations

import re


def _any_of(phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(map(str.strip, phrases.strip().splitlines())), re.IGNORECASE)


MISSING_PAGE = _any_of(r"""
    ^\W*(?:error\W*|erreur\W*|fehler\W*|ошибка\W*|hata\W*|خطأ\W*)?(?:404|410)\b|\b404\W*$
    (?:page|content|article) (?:was )?not found|(?:page|content) (?:does not|doesn['’]t|no longer) exists?
    (?:page|contenu) (?:non trouvée?|introuvable|inexistante)
    (?:página|contenido|contenuto|pagina) (?:no|não|non) (?:encontrad[ao]|trovat[ao]|existe|esiste)
    seite (?:wurde )?nicht gefunden|pagina (?:is )?niet gevonden|pagina nu (?:a fost găsită|există)
    страница не (?:найдена|существует)|сторінк[ау] не (?:знайдено|існує)|strona nie (?:została znaleziona|istnieje)
    nie znaleziono strony|sayfa bulunamadı|صفحه (?:مورد نظر )?(?:یافت|پیدا) نشد|الصفحة (?:غير موجودة|المطلوبة غير)
    لم (?:يتم العثور|نعثر) على|halaman tidak ditemukan|không tìm thấy trang|sidan (?:hittades inte|finns inte)
    siden (?:ble |blev )?ikke funnet|sivua ei löyt|az oldal nem található|stránka (?:nebyla nalezena|neexistuje)
    (?:页面|頁面|网页|網頁)(?:不存在|未找到|找不到|走丢)|找不到(?:页面|頁面|该页)|ページが?(?:見つかりません|存在しません)
    페이지를 찾을 수 없|पृष्ठ नहीं मिला|पेज नहीं मिला|η σελίδα δεν (?:βρέθηκε|υπάρχει)|העמוד לא נמצא|הדף לא נמצא
""")
"""Said in the title or the first heading of a page that is not there."""

SEARCH_RESULTS = _any_of(r"""
    \bsearch results?\b|\bresults for\b|\brésultats? (?:de (?:la |votre )?recherche|pour)\b|نتائج البحث|نتيجة البحث
    resultados de (?:la )?búsqueda|resultados da (?:pesquisa|busca)|suchergebnis|risultati (?:della )?ricerca
    zoekresultaten|результаты поиска|результати пошуку|wyniki wyszukiwania|arama sonuç|نتایج جستجو|hasil pencarian
    rezultatele căutării|kết quả tìm kiếm|sökresultat|søkeresultat|søgeresultat|hakutulokset|találatok|výsledky hledání
    搜索结果|搜尋結果|検索結果|검색 ?결과|खोज परिणाम|αποτελέσματα αναζήτησης|תוצאות חיפוש
""")
"""Said by pages that show what a search found."""
