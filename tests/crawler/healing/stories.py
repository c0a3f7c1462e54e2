"""Stories in three languages for listings that are redesigned: the newest first, one a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

NEWEST = date(2026, 2, 27)
_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_ARABIC = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()

EN = """
ferry-sails-again|The ferry to the outer islands sails again
second-library|Council votes for a second library near the harbour
lighthouse-keepers|Last lighthouse keepers hand over their logbooks
bread-prices|Bakers explain why bread costs more this winter
school-gardens|Forty schools plant gardens behind their playgrounds
night-trains|Night trains return to the coast after nine years
old-maps|Volunteers mend three hundred maps of the old town
bee-census|Beekeepers count hives before the acacia blooms
tram-bridge|Engineers test the new tram bridge with sandbags
choir-festival|Choirs from twelve valleys meet at the festival
glass-museum|Glass museum opens a furnace for its visitors
water-meters|Households receive water meters without charge
harbour-cranes|Two cranes from the thirties are moved by barge
film-archive|Film archive finds reels believed lost since the war
marathon-route|Marathon takes a new route along the river
seed-bank|Seed bank lends grain to farmers in the hills
planetarium|Planetarium shows the winter sky to schools for free
bus-shelters|Bus shelters with roofs of grass appear in the suburbs
chess-club|Chess club for children doubles its tables
observatory|Observatory asks citizens to report shooting stars
"""
FR = """
phare-restaure|Le phare du cap rouvre après deux ans de travaux
marche-couvert|Le marché couvert accueille ses premiers maraîchers
lecture-bus|Un bus de lecture parcourt les villages de la vallée
orgue-cathedrale|L’orgue de la cathédrale retrouve ses tuyaux d’étain
abeilles-toits|Des ruches s’installent sur les toits de la mairie
train-littoral|Le train du littoral circulera aussi le dimanche
musee-sel|Le musée du sel expose les outils des anciens paludiers
piscine-quartier|La piscine du quartier nord baisse ses tarifs
dictee-geante|Mille élèves participent à la dictée géante
ecluse-canal|Une écluse du canal fête ses deux siècles
atelier-velo|L’atelier de vélos forme ses premiers apprentis
theatre-plein-air|Le théâtre de plein air dévoile sa saison
pont-suspendu|Le pont suspendu ferme trois nuits pour contrôle
archives-photos|Les archives numérisent dix mille photographies
cantines-bio|Les cantines servent des légumes de la plaine
source-thermale|Une source oubliée jaillit dans le parc thermal
fanfare-college|La fanfare du collège joue devant la gare
"""
AR = """
maktabat-mina|افتتاح مكتبة عامة جديدة قرب الميناء القديم
qitar-sahili|القطار الساحلي يعود إلى العمل بعد توقف طويل
nahl-jabal|مربو النحل يحصون الخلايا قبل موسم الأزهار
mathaf-zujaj|متحف الزجاج يفتح أفرانه أمام الزوار
madaris-khadra|أربعون مدرسة تزرع حدائق خلف ساحاتها
kharait-qadima|متطوعون يرممون ثلاثمئة خريطة للمدينة القديمة
jisr-tram|المهندسون يختبرون جسر الترام الجديد بأكياس الرمل
mahrajan-inshad|فرق الإنشاد تلتقي في مهرجان الوديان
bank-budhur|بنك البذور يعير القمح لمزارعي التلال
arshif-aflam|أرشيف الأفلام يعثر على أشرطة ظنها الجميع مفقودة
adadat-miyah|توزيع عدادات المياه على البيوت من دون مقابل
marsad-shuhub|المرصد يدعو الأهالي إلى تسجيل الشهب
nadi-shatranj|نادي الشطرنج للأطفال يضاعف عدد طاولاته
manara-bahriya|حراس المنارة يسلمون دفاترهم إلى المتحف
souq-hirafiyin|سوق الحرفيين ينتقل إلى الخان القديم
sibaq-nahr|سباق الماراثون يسلك طريقا جديدا على ضفة النهر
qubba-falakiya|القبة الفلكية تعرض سماء الشتاء مجانا للمدارس
"""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story; ``number`` is its place, 0 the newest."""

    number: int
    language: str
    slug: str
    title: str

    @property
    def day(self) -> date:
        return NEWEST - timedelta(days=self.number)

    @property
    def iso(self) -> str:
        return datetime.combine(self.day, time(9), UTC).isoformat()

    @property
    def spelled(self) -> str:
        """The day as its language writes it."""
        months = {"fr": _FRENCH, "ar": _ARABIC}.get(self.language)
        if months is None:
            return f"{self.day:%d %B %Y}"
        return f"{self.day.day} {months[self.day.month - 1]} {self.day.year}"

    @property
    def summary(self) -> str:
        return {
            "en": f"What the {self.slug.replace('-', ' ')} means for those who live nearby, in short.",
            "fr": f"Ce que « {self.slug.replace('-', ' ')} » change pour les habitants, en bref.",
            "ar": f"ما الذي يعنيه ذلك لسكان الحي القريب، خلاصة الخبر رقم {self.number + 31}.",
        }[self.language]

    @property
    def body(self) -> str:
        marks = " ".join(f"{self.slug}-{number}" for number in range(30))
        return f"{self.title}. {self.summary} {marks}."


def stories(language: str) -> list[Story]:
    """Return all stories of a language, the newest first."""
    lines = {"en": EN, "fr": FR, "ar": AR}[language].strip().splitlines()
    pairs = [each.split("|") for each in lines]
    return [
        Story(number=number, language=language, slug=slug, title=title)
        for number, (slug, title) in enumerate(pairs)
    ]
