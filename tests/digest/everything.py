"""A log with a little of everything that a digest can tell."""

from __future__ import annotations

from datetime import UTC, datetime

from news.change import ChangeKind
from news.redline import EditClass
from tests.digest.logs import START, Log

FORUM = (
    "The first forum on mountain libraries opened on Monday in Fez with delegates from twelve countries.\n"
    "Over two days they will compare how small towns keep their reading rooms open through the winter, how books "
    "travel between valleys, and what a travelling librarian needs besides a good pair of boots.\n"
    "The closing session is planned for Tuesday evening."
)
FORUM_EDITED = FORUM.replace("in Fez", "in Rabat").replace("twelve", "14").replace("Tuesday", "Wednesday")
ARABIC = (
    "افتتحت يوم الاثنين أعمال الملتقى الأول حول مكتبات القرى الجبلية بمشاركة وفود من اثنتي عشرة دولة.\n"
    "ويناقش المشاركون سبل إبقاء قاعات المطالعة مفتوحة طوال فصل الشتاء."
)


def write_everything(log: Log) -> None:
    """Write the log that the golden files show."""
    log.source("valley-en", title="Valley Library News", language="en")
    log.source("valley-fr", title="Nouvelles de la vallée", language="fr")
    log.source("valley-ar", title="أخبار مكتبات الوادي", language="ar")
    log.source("valley-culture", title="Valley Culture & <Heritage>", language="en")
    log.source(
        "hilltop", title="Hilltop Gazette", language="en", verdict="suspect", failing_since=START,
        reason="none of the 12 entries continues what was listed before",
    )  # fmt: skip
    log.source(
        "closed", title="The Closed Review", verdict="failed", failing_since=START, paused=True,
        reason="the listing answers 410, it is gone",
    )  # fmt: skip
    log.source("asleep", title="The Sleeper", paused=True, last_ok_at=START)
    write_news(log)
    write_what_followed(log)
    write_stories(log)
    log.gap("valley-fr", "open")
    log.gap("valley-ar", "lost")


def write_news(log: Log) -> None:
    log.published(
        "valley-en", "https://news.example/en/2026/11/20/forum-opens", "Forum on mountain libraries opens in Fez",
        FORUM, language="en", at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC), precision="minute",
    )  # fmt: skip
    log.published(
        "valley-fr", "https://news.example/fr/2026/11/20/été-à-la-bibliothèque",
        "À la bibliothèque, l’été dure jusqu’en novembre : « on lit dehors »", "On lit au jardin.",
        language="fr", at=datetime(2026, 11, 20, tzinfo=UTC), precision="day",
        summary="Les tables sont restées au jardin, et les lecteurs aussi.",
    )  # fmt: skip
    log.published(
        "valley-ar", "https://news.example/ar/2026/11/20/ملتقى-المكتبات",
        "افتتاح الملتقى الأول حول مكتبات القرى الجبلية بمشاركة Valley Library Network ووفود من 12 دولة عربية",
        ARABIC, language="ar",
    )  # fmt: skip
    listed = log.article(
        "https://news.example/en/archive", "A [reader’s] guide to *snow*, <b>ink</b> & 10_000 pages",
        "What to read when the road is closed.", language="en", at=datetime(2026, 11, 1, tzinfo=UTC), precision="month",
    )  # fmt: skip
    log.change(ChangeKind.PUBLISHED, "valley-en", listed)
    log.change(ChangeKind.LISTED, "valley-culture", listed)
    quiet = log.article("https://news.example/en/known", "Known long ago", "Old news.", language="en")
    log.change(ChangeKind.LISTED, "valley-culture", quiet)


def write_what_followed(log: Log) -> None:
    log.edited("valley-en", 1, FORUM_EDITED, EditClass.SUBSTANTIVE)
    log.edited("valley-en", 1, FORUM_EDITED.replace(" and ", " & "), EditClass.COSMETIC)
    log.edited("valley-fr", 2, "On lit au jardin.", EditClass.NONE, title="À la bibliothèque, l’été est fini")
    log.edited(
        "valley-ar", 3, ARABIC.replace("الاثنين", "الثلاثاء"), EditClass.SUBSTANTIVE,
        title="افتتاح الملتقى الأول حول مكتبات القرى الجبلية",
    )  # fmt: skip
    log.edited(
        "valley-en", 1, FORUM, EditClass.SUBSTANTIVE, reverts_to=1, marks=["redated", "silent"],
        old_published_at=datetime(2026, 11, 19, tzinfo=UTC), old_published_precision="day",
    )  # fmt: skip
    log.change(
        ChangeKind.REDATED, "valley-fr", 2, marks=["redated"], revision=3, edit_class=EditClass.NONE,
        old_published_at=datetime(2026, 11, 18, tzinfo=UTC), old_published_precision="day",
    )  # fmt: skip
    log.change(ChangeKind.WITHDRAWN, "valley-en", 4)
    log.change(ChangeKind.RESTORED, "valley-en", 5)


def write_stories(log: Log) -> None:
    told_at = datetime(2026, 11, 21, 9, tzinfo=UTC)
    copy = log.published(
        "valley-culture", "https://news.example/culture/forum-opens", "Culture: forum on mountain libraries opens",
        FORUM_EDITED + " All are welcome.", language="en", at=told_at, precision="day",
    )  # fmt: skip
    log.sighting("valley-culture", copy)
    books = log.published(
        "valley-fr", "https://news.example/fr/livres", "1 250 livres en route vers les écoles",
        "Le 3 mars 2027, les menuisiers du vieux moulin remettront aux écoles de la haute vallée 48 caisses contenant "
        "1 250 livres. Chaque caisse passera un mois dans une école avant de gagner la suivante.",
        language="fr", at=told_at, precision="day",
    )  # fmt: skip
    log.sighting("valley-fr", books)
    translated = log.published(
        "valley-ar", "https://news.example/ar/كتب", "ألف ومئتان وخمسون كتابا للمدارس",
        "يسلم نجارو الطاحونة القديمة في 3 مارس 2027 مدارس أعالي الوادي 48 صندوقا تضم 1250 كتابا ويبقى كل صندوق شهرا "
        "واحدا في كل مدرسة ثم ينتقل إلى المدرسة التالية في الوادي.",
        language="ar", at=told_at, precision="day",
    )  # fmt: skip
    log.sighting("valley-ar", translated)
    log.link()
