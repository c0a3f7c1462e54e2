"""Pairs of articles that are made alike on purpose, in our own words: what must stay apart, and what must not.

Each trap is a form with slots, as press offices write: this year's forum in the words of last year's, one ambassador's
visit in those of another's. ``same`` says whether both tell one story.
"""

# ruff: noqa: E501, ISC004 - running texts, each broken where it was convenient

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two articles as (title, text), what is told of them, and whether they are one story."""

    name: str
    language: str
    one: tuple[str, str]
    other: tuple[str, str]
    same: bool = False


def _filled(
    name: str, language: str, title: str, text: str, one: str, other: str, *, same: bool = False
) -> Pair:
    """Return a pair from one form and two rows of fillings, separated by ``|``."""
    first, second = one.split("|"), other.split("|")
    return Pair(
        name=name,
        language=language,
        one=(title.format(*first), text.format(*first)),
        other=(title.format(*second), text.format(*second)),
        same=same,
    )


_VISIT = (
    "The Director of the Valley Library Network received yesterday, at the seat of the network, {0}, ambassador of {1}, "
    "for talks about the ties between both sides. The Director recalled what the reading rooms have achieved and "
    "voiced the hope that the libraries of {1} would join the exchange of restorers. The guest praised the work of the "
    "network and said that {1} stood ready to take part in its projects. Both sides agreed to meet again soon and to "
    "set up a small group that is to prepare a programme of work."
)
_VISITE = (
    "Le directeur du Réseau des bibliothèques de la vallée a reçu hier au siège du réseau {0}, ambassadeur de {1}, pour "
    "évoquer les liens entre les deux parties. Le directeur a rappelé ce que les salles de lecture ont accompli et "
    "souhaité que les bibliothèques de {1} prennent part à l’échange de restaurateurs. Son hôte a salué le travail du "
    "réseau et assuré que {1} était prête à participer à ses projets. Les deux parties sont convenues de se revoir "
    "bientôt et de former un petit groupe chargé de préparer un programme de travail."
)
_ZIYARA = (
    "استقبل مدير شبكة مكتبات الوادي أمس في مقر الشبكة السيد {0} سفير {1} لبحث سبل تعزيز العلاقات بين الجانبين. وذكر "
    "المدير بما حققته قاعات المطالعة في السنوات الماضية معربا عن أمله في أن تنضم مكتبات {1} إلى برنامج تبادل المرممين. "
    "وأشاد الضيف بعمل الشبكة مؤكدا أن {1} مستعدة للمشاركة في مشاريعها. واتفق الجانبان على اللقاء قريبا وعلى تشكيل فريق "
    "صغير يتولى إعداد برنامج عمل مشترك."
)
_FORUM = (
    "The forum on mountain libraries opened on {0} in the great hall of the old mill with delegates from {1} countries. "
    "Over two days they will compare how small towns keep their reading rooms open through the winter, how books travel "
    "between valleys, and what a travelling librarian needs besides a good pair of boots. The closing session is to "
    "adopt a letter to the mayors of the region. The forum is held every year with the help of the towns of the valley."
)
_CONFERENCE = (
    "The {0} conference on the care of old maps ended with a call for a common register of what the archives hold. "
    "Restorers, teachers and archivists spent the week in workshops on paper, ink and light, and visited the cellars "
    "where the oldest sheets are kept. The speakers asked the towns to set money aside for dry rooms and for the "
    "training of young restorers. The papers of the {0} conference will be printed before the summer."
)
_COLLOQUE = (
    "La {0} édition du colloque sur les cartes anciennes s’est achevée par un appel à dresser un registre commun de ce "
    "que gardent les archives. Restaurateurs, enseignants et archivistes ont passé la semaine en ateliers sur le papier, "
    "l’encre et la lumière, et visité les caves où dorment les plus vieilles feuilles. Les orateurs ont prié les "
    "communes de réserver de quoi assécher les salles et former de jeunes restaurateurs."
)
_MULTAQA = (
    "اختتمت أعمال الملتقى {0} حول صيانة الخرائط القديمة بالدعوة إلى إعداد سجل مشترك لما تحفظه دور الوثائق. وأمضى "
    "المرممون والمعلمون وأمناء المحفوظات أسبوعا في ورشات حول الورق والحبر والضوء وزاروا الأقبية التي تحفظ فيها أقدم "
    "الصحائف. ودعا المتحدثون البلديات إلى تخصيص ما يلزم لتجفيف القاعات وتكوين المرممين الشباب."
)
_WEATHER = (
    "The weather station on the ridge expects {0} degrees in the morning and {1} in the afternoon. The wind comes from "
    "the {2} with {3} kilometres an hour, and the snow line lies at {4} metres. The road over the pass is open to cars "
    "with chains. The next report will be read at six in the evening, and the station asks walkers to stay on the paths."
)
_PROJECT = (
    "The network {0} its project for the schools of the upper valley, which brings boxes of books to {1} villages. Each "
    "school receives a box of forty books that stays for a month and then moves on to the next. Teachers choose what "
    "the boxes hold, and the children write on a card inside the lid what they liked. {2} The boxes were built by the "
    "carpenters of the old mill from the wood of the storm."
)
_DAY = (
    "On the occasion of the world day of {0} the network calls on all towns to honour those who keep the knowledge of "
    "{0} alive. It recalls that without {0} no valley has a memory, and that the young learn of {0} where somebody "
    "takes the time to show it to them. The network pledges to go on with its courses, and thanks the friends of {0} "
    "in all its towns for a year of patient work."
)
_NOTICE = (
    "This text is kept for readers with a card of the library. Please show your card at the desk, or enter the number "
    "that stands on its back, to read on. Cards are free for pupils and cost little for everybody else. If you have "
    "forgotten your number, the desk will gladly help you on every working day between nine and five."
)

APART: tuple[Pair, ...] = (
    _filled(
        "ambassadors", "en", "The Director receives the ambassador of {1}", _VISIT, "Mr Karl Lindner|Austria",
        "Mr Bruce Walsh|Australia",
    ),
    _filled(
        "ambassadors of neighbours", "en", "The Director receives the ambassador of {1}", _VISIT,
        "Mr Amadou Issa|Niger", "Mr Chidi Okoro|Nigeria",
    ),
    _filled(
        "ambassadors in French", "fr", "Le directeur reçoit l’ambassadeur de {1}", _VISITE,
        "M. Karl Lindner|l’Autriche", "M. Luis Ortega|l’Espagne",
    ),
    _filled("ambassadors in Arabic", "ar", "مدير الشبكة يستقبل سفير {1}", _ZIYARA, "كارل ليندنر|النمسا", "لويس أورتيغا|إسبانيا"),
    _filled(
        "ambassadors under one title", "en", "The Director receives an ambassador", _VISIT, "Ms Nour Haddad|Lebanon",
        "Ms Pilar Reyes|Mexico",
    ),
    _filled(
        "the yearly forum", "en", "Forum on mountain libraries opens", _FORUM, "14 November 2023|twelve",
        "2 August 2025|twelve",
    ),
    _filled(
        "the yearly forum with its year in the title", "en", "Forum on mountain libraries {0} opens", _FORUM.replace("{0}", "Monday"),
        "2024|12", "2025|12",
    ),
    _filled("the second and the third conference", "en", "{0} conference on old maps ends", _CONFERENCE, "Second|", "Third|"),
    _filled("2nd and 3rd", "en", "{0} conference on old maps ends", _CONFERENCE, "2nd|", "3rd|"),
    _filled("two editions in French", "fr", "Fin de la {0} édition du colloque sur les cartes", _COLLOQUE, "2ème|", "3ème|"),
    _filled("two editions in words", "fr", "Fin de la {0} édition du colloque sur les cartes", _COLLOQUE, "deuxième|", "troisième|"),
    _filled("two meetings in Arabic", "ar", "اختتام الملتقى {0} حول الخرائط القديمة", _MULTAQA, "الثاني|", "الثالث|"),
    _filled(
        "first and second day", "en", "{0} day of the forum on mountain libraries", _FORUM.replace("{0}", "Monday"),
        "First|12", "Second|12",
    ),
    _filled("weather reports", "en", "Weather on the ridge", _WEATHER, "3|9|west|20|1,400", "5|12|west|35|1,650"),
    _filled(
        "weather by its day", "en", "Weather on the ridge", _WEATHER, "3|9|north|20|1,400", "2|8|north|15|1,300",
    ),
    _filled(
        "launch and closing of a project", "en", "Network {0} school box project", _PROJECT,
        "launches|six|The launch took place in the school of the lower village.",
        "closes|six|The closing took place in the hall of the upper town.",
    ),
    _filled("world days", "en", "Statement on the world day of {0}", _DAY, "argan", "cedar"),
    _filled(
        "one notice under many titles", "en", "{0}", _NOTICE, "Bridge over the gorge closed for repairs",
        "Choir wins a prize in the capital",
    ),
)  # fmt: skip

SAME: tuple[Pair, ...] = (
    Pair(
        name="one text in two sections",
        language="en",
        one=("Second conference on old maps ends", _CONFERENCE.format("second")),
        other=("Second conference on old maps ends", _CONFERENCE.format("second")),
        same=True,
    ),
    Pair(
        name="another title over the same text",
        language="en",
        one=("Second conference on old maps ends", _CONFERENCE.format("second")),
        other=("Old maps: conference calls for a common register", _CONFERENCE.format("second")),
        same=True,
    ),
    Pair(
        name="a title with a prefix",
        language="en",
        one=("The Director receives the ambassador of Austria", _VISIT.format("Mr Karl Lindner", "Austria")),
        other=(
            "Video: the Director receives the ambassador of Austria",
            _VISIT.format("Mr Karl Lindner", "Austria"),
        ),
        same=True,
    ),
    Pair(
        name="other quotation marks and another spelling of a name",
        language="fr",
        one=("Le directeur reçoit Salim Al-Malki", _VISITE.format("« Salim Al-Malki »", "l’Autriche")),
        other=("Le directeur reçoit Salim AlMalki", _VISITE.format("“Salim AlMalki”", "l’Autriche")),
        same=True,
    ),
    Pair(
        name="cut for the front page",
        language="ar",
        one=("مدير الشبكة يستقبل سفير النمسا", _ZIYARA.format("كارل ليندنر", "النمسا")),
        other=(
            "مدير الشبكة يستقبل سفير النمسا",
            _ZIYARA.format("كارل ليندنر", "النمسا").rsplit(". ", 1)[0] + ".",
        ),
        same=True,
    ),
    Pair(
        name="with a paragraph of the section",
        language="en",
        one=("Forum on mountain libraries opens", _FORUM.format("14 November 2023", "twelve")),
        other=(
            "Forum on mountain libraries opens",
            _FORUM.format("14 November 2023", "twelve")
            + "\nThe section for towns wishes all guests a good stay and asks them to leave their boots at the door.",
        ),
        same=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """One piece of news in several languages as (language, title, text), told anew in each."""

    name: str
    tellings: tuple[tuple[str, str, str], ...]


TRANSLATED: tuple[Rewritten, ...] = (
    Rewritten(
        name="a conference",
        tellings=(
            (
                "en", "Conference on old maps ends in Varenne",
                "The conference on the care of old maps, held from 14 to 15 November 2023 in Varenne with 250 restorers "
                "from 37 countries, ended with a call for a common register. Nour Haddad, who heads the Valley Library "
                "Network, thanked the town for its dry cellars and its patience with so many guests.",
            ),
            (
                "fr", "Varenne : fin du colloque sur les cartes anciennes",
                "Réunis à Varenne du 14 au 15 novembre 2023, 250 restaurateurs venus de 37 pays ont demandé un registre "
                "commun des cartes anciennes. La directrice du réseau, Nour Haddad, a remercié la commune pour ses caves "
                "bien sèches et pour l’accueil réservé à une telle foule d’invités pendant deux jours.",
            ),
            (
                "ar", "اختتام ملتقى الخرائط القديمة",
                "اختتم الملتقى الخاص بصيانة الخرائط القديمة الذي انعقد من 14 إلى 15 نوفمبر 2023 بمشاركة 250 مرمما من 37 "
                "دولة بالدعوة إلى إعداد سجل مشترك. وشكرت مديرة الشبكة المدينة على ما وفرته من أقبية جافة وعلى حسن استقبال "
                "الضيوف الذين حضروا بأعداد كبيرة طوال يومي اللقاء.",
            ),
        ),
    ),
    Rewritten(
        name="books for schools",
        tellings=(
            (
                "en", "1,250 books travel to the schools of the upper valley",
                "On 3 March 2024 the carpenters of the old mill handed over 48 boxes with 1,250 books to the schools of "
                "the upper valley. Each box stays for a month with one school and then moves on to the next. The "
                "teachers chose what the boxes hold, and the children may add a card.",
            ),
            (
                "fr", "1 250 livres en route vers les écoles de la haute vallée",
                "Le 3 mars 2024, les menuisiers du vieux moulin ont remis aux écoles de la haute vallée 48 caisses "
                "contenant 1 250 livres. Chaque caisse passe un mois dans une école avant de gagner la suivante. Ce sont "
                "les enseignants qui ont choisi les titres, et les élèves peuvent y glisser une carte.",
            ),
            (
                "ar", "ألف ومئتان وخمسون كتابا لمدارس أعالي الوادي",
                "سلم نجارو الطاحونة القديمة في 3 مارس 2024 مدارس أعالي الوادي 48 صندوقا تضم 1250 كتابا. ويبقى كل صندوق "
                "شهرا واحدا في كل مدرسة ثم ينتقل إلى المدرسة التالية. وقد اختار المعلمون محتويات الصناديق ويمكن للتلاميذ "
                "أن يضيفوا إليها بطاقاتهم وأن يكتبوا عليها ما أعجبهم.",
            ),
        ),
    ),
    Rewritten(
        name="a visit, the same week",
        tellings=(
            (
                "en", "The Director receives the ambassador of Austria",
                "The Director of the network received Karl Lindner, ambassador of Austria, for talks about the exchange "
                "of restorers, of whom 45 have been sent since 12 May 2019. Both sides want to meet again on 20 November "
                "2023, and to set up a small group that prepares a programme of work for the libraries.",
            ),
            (
                "fr", "Le directeur reçoit l’ambassadeur d’Autriche",
                "Karl Lindner, ambassadeur d’Autriche, a été reçu par le directeur du réseau. Il a été question de "
                "l’échange de restaurateurs, dont 45 sont partis depuis le 12 mai 2019. Rendez-vous est pris pour le 20 "
                "novembre 2023, et un petit groupe préparera d’ici là un programme de travail commun.",
            ),
            (
                "ar", "مدير الشبكة يستقبل سفير النمسا",
                "استقبل مدير الشبكة سفير النمسا كارل ليندنر لبحث تبادل المرممين الذين أوفد منهم 45 منذ 12 مايو 2019. واتفق "
                "الجانبان على اللقاء مجددا في 20 نوفمبر 2023 وعلى تشكيل فريق صغير يتولى إعداد برنامج عمل مشترك لفائدة "
                "المكتبات في المنطقة كلها.",
            ),
        ),
    ),
)  # fmt: skip
