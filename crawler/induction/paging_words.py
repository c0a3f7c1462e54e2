"""What the links of pagers say: onward to older news, or back to newer, in the languages of the press.

Written as sites write them; looked up in lower case without accents (`said`). A word that
some sites use for either direction ("previous", since the posts before these are older) stands under ``BACK``: it is
followed only where the address or the dates behind it say the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

from news.date_words import fold
from news.text import normalise_title

_ONWARD = """
next|next page|next posts|next news|older|older posts|older entries|older news|older articles|more news
|view older|suivant|suivante|suivants|suivantes|page suivante|articles suivants|plus anciens
|articles plus anciens|articles anciens|articles precedents|articles precedentes|anciens articles
|publications plus anciennes|billets precedents|التالي|التالية|الصفحة التالية|أقدم|الأقدم|المقالات الأقدم
|مقالات أقدم|أخبار أقدم|تدوينات أقدم|المزيد من الأخبار|مشاركات أقدم|رسائل أقدم|التالى|siguiente|siguientes
|pagina siguiente|proxima|proximo|proxima pagina|entradas antiguas|entradas mas antiguas|mas antiguas
|mas antiguos|noticias anteriores|entradas anteriores|seguinte|pagina seguinte|mais antigas|mais antigos
|postagens mais antigas|posts mais antigos|seguent|mais noticias|posts antigos|avancar|nachste|nachste seite
|weiter|altere|altere beitrage|altere artikel|altere meldungen|folgende|vorwarts|successivo|successiva
|pagina successiva|prossima|prossimo|avanti|articoli meno recenti|meno recenti|articoli precedenti
|post piu vecchi|seguente|volgende|volgende pagina|oudere|oudere berichten|verder|следующая|следующая страница
|следующие|следующий|далее|вперед|старые записи|более старые|предыдущие записи|след.|след|наступна
|наступна сторінка|далі|вперед|старіші|старіші записи|попередні записи|nastepna|nastepne|nastepny
|nastepna strona|dalej|starsze|starsze wpisy|sonraki|sonraki sayfa|ileri|eski yazilar|daha eski|onceki yazilar
|daha eski yazilar|بعدی|بعدي|صفحه بعد|صفحه بعدی|قدیمی تر|نوشته‌های قدیمی‌تر|قدیمی‌تر|اگلا|اگلا صفحہ|اگلے
|مزید پرانی|selanjutnya|berikutnya|halaman berikutnya|halaman selanjutnya|lebih lama|pos-pos lama
|postingan lama|seterusnya|lama|下一页|下一頁|下页|下頁|后一页|更早的文章|较旧的文章|较早的文章|旧文章|次へ
|次のページ|次ページ|次|古い記事|過去の記事|過去の投稿|以前の記事|다음|다음 페이지|다음페이지|이전 글
|오래된 글|अगला|अगला पृष्ठ|अगले|अगला पेज|पुराने|पुरानी पोस्ट|আরও|পরবর্তী|επομενη|επομενο|επομενα
|επομενη σελιδα|παλαιοτερα|παλαιοτερα αρθρα|הבא|הבאה|העמוד הבא|לעמוד הבא|ישנים יותר|פוסטים ישנים|urmatoarea
|urmatorul|urmatoare|inainte|pagina urmatoare|articole mai vechi|mai vechi|trang sau|tiep|tiep theo|sau|cu hon
|nasta|nasta sida|aldre|aldre inlagg|neste|neste side|eldre|eldre innlegg|naeste|naeste side|ældre|seuraava
|vanhemmat|kovetkezo|regebbi|regebbi bejegyzesek|dalsi|dalsi stranka|starsi|starsi prispevky|nasledujuca
|sljedeca|sledeca|следваща|следећа|по-стари|ถัดไป|หน้าถัดไป|เก่ากว่า|mbele|inayofuata|ukurasa unaofuata
|voir les articles precedents|anteriores|antigos
"""
_BACK = """
previous|prev|previous page|newer|newer posts|newer entries|newest|back|first|previous posts|precedent
|precedente|precedents|page precedente|plus recents|articles plus recents|articles recents|retour|premiere
|السابق|السابقة|الصفحة السابقة|أحدث|الأحدث|المقالات الأحدث|مقالات أحدث|رجوع|الأولى|anterior|pagina anterior
|mas recientes|entradas mas recientes|entradas recientes|mais recentes|postagens mais recentes|voltar|volver
|zuruck|vorherige|vorige|neuere|neuere beitrage|indietro|precedenti|piu recenti|nieuwere|nieuwere berichten
|vorige pagina|предыдущая|предыдущие|предыдущая страница|назад|новые записи|более новые|попередня|назад|новіші
|poprzednia|poprzednie|nowsze|wstecz|onceki|onceki sayfa|geri|yeni yazilar|daha yeni|قبلی|صفحه قبل|جدیدتر
|پچھلا|sebelumnya|lebih baru|上一页|上一頁|上页|前一页|较新的文章|前へ|前のページ|前ページ|前|新しい記事|이전
|이전 페이지|पिछला|पिछला पृष्ठ|नए|προηγουμενη|νεοτερα|הקודם|הקודמת|חדשים יותר|anterioara|inapoi|mai noi
|trang truoc|truoc|foregaende|nyare|forrige|nyere|edellinen|uudemmat|elozo|ujabb|predchozi|novejsi
"""
_MORE = """
load more|show more|more|more posts|more articles|more stories|see more|view more|load older|load more posts
|load more news|charger plus|afficher plus|voir plus|plus d'articles|plus de resultats|تحميل المزيد|عرض المزيد
|المزيد|mostrar mas|cargar mas|ver mas|carregar mais|ver mais|mehr laden|mehr anzeigen|weitere laden
|carica altro|mostra altri|meer laden|toon meer|показать еще|загрузить еще|еще|ещё|показати ще|pokaz wiecej
|zaladuj wiecej|daha fazla|daha fazla yukle|devamini yukle|muat lebih banyak|lainnya|加载更多|查看更多|更多
|もっと見る|さらに読み込む|더 보기|더보기|और देखें|और लोड करें|περισσοτερα|טען עוד|incarca mai multe|xem them
|بیشتر|نمایش بیشتر|مزید
"""
_ARROWS = "«»‹›<>←→⟵⟶⇐⇒⇦⇨➔➜➡⬅▶◀►◄⟨⟩❮❯〈〉《》⏩⏪▸◂˂˃🡒🡐≪≫"
_RIGHT = frozenset("»›>→⟶⇒⇨➔➜➡▶►⟩❯〉》⏩▸˃🡒≫")
_OLDER = re.compile(
    r"old|ancien|اقدم|قدیم|antigu|antig|alter|vecchi|meno recenti|oud|стар|starsz|eski|lama|旧|古い|過去|오래된|पुरान"
    r"|παλαιοτερ|ישנ|vechi|cu hon|aldre|eldre|vanh|regebbi|เก่า"
)
_EDGES = re.compile(rf"^[\s{re.escape(_ARROWS)}.…:|\[\]()+-]+|[\s{re.escape(_ARROWS)}.…:|\[\]()+-]+$")


def _table(text: str) -> frozenset[str]:
    return frozenset(fold(" ".join(phrase.split())) for phrase in text.split("|") if phrase.strip())


_ENDS = """
first|first page|last|last page|premiere page|derniere|derniere page|dernier|debut|fin|الأخيرة|الصفحة الأولى
|الصفحة الأخيرة|الأول|الأخير|primera|primera pagina|primero|ultima|ultima pagina|ultimo|primeira
|primeira pagina|erste|erste seite|letzte|letzte seite|anfang|ende|prima|prima pagina|eerste|laatste|первая
|последняя|в начало|в конец|перша|остання|pierwsza|ostatnia|ilk|son|ilk sayfa|son sayfa|اولین|آخرین|صفحه اول
|صفحه آخر|پہلا|آخری|pertama|terakhir|awal|akhir|首页|首頁|末页|末頁|尾页|尾頁|最初|最後|最初へ|最後へ|처음
|마지막|맨끝|पहला|अंतिम|πρωτη|τελευταια|הראשון|האחרון|ultimul|trang dau|trang cuoi|dau|cuoi|forsta|sista
"""
ONWARD = _table(_ONWARD)
BACK = _table(_BACK)
MORE = _table(_MORE)
ENDS = _table(_ENDS)


@lru_cache(maxsize=4096)
def said(text: str) -> str:
    """Return what a link's words say of where it leads: ``older``, ``onward``, ``back``, ``more``, ``end``, an arrow.

    ``right`` and ``left`` are bare arrows: which of them leads onward depends on the direction of the writing.

    >>> [
    ...     said(text)
    ...     for text in (
    ...         "Older posts »",
    ...         "← Articles précédents",
    ...         "الصفحة التالية",
    ...         "Previous",
    ...         "»",
    ...         "Contact",
    ...     )
    ... ]
    ['older', 'onward', 'onward', 'back', 'right', '']
    """
    if len(text) > 60:
        return ""
    words = normalise_title(text)
    plain = fold(_EDGES.sub("", words))
    if not plain:
        arrows = [letter for letter in words if letter in _ARROWS]
        if not arrows:
            return ""
        sides = {letter in _RIGHT for letter in arrows}
        return "" if len(sides) > 1 else "right" if sides.pop() else "left"
    for name, table in (("onward", ONWARD), ("back", BACK), ("more", MORE), ("end", ENDS)):
        if plain in table:
            return "older" if name == "onward" and _OLDER.search(plain) else name
    return ""
