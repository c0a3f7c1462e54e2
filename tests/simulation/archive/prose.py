"""Titles and texts of articles that never were, in two languages: enough words that no two are taken for one."""

from __future__ import annotations

import random

RECURRING = {"en": "Notes of the week", "fr": "Notes de la semaine"}
"""A title that comes back, as every paper has one."""

_WHO = {
    "en": "harbour library orchard council lighthouse observatory theatre railway museum school bakery choir ferry "
    "market reservoir archive workshop nursery quarry aqueduct garden mill chapel depot gallery".split(),
    "fr": "phare marché moulin théâtre musée collège port jardin canal verger atelier couvent dépôt quai cirque "
    "château vignoble barrage lavoir pressoir".split(),
}
_WHERE = {
    "en": "Ashford Brindle Carrow Dunmore Eastlea Farley Glenrock Holm Inverly Jarrow Kelso Lydd Marwick Norham "
    "Oakum Penrith Quorn Rothley Selby Thirsk Ulver Varley Wexcombe Yarm".split(),
    "fr": "Aubrac Bellac Cadours Dinan Embrun Figeac Guéret Hyères Issoire Jarnac Langon Mende Nérac Ornans Privas "
    "Redon Saumur Thiers Uzès Vierzon".split(),
}
_DOES = {
    "en": "reopens repairs expands welcomes measures restores lends replaces surveys paints protects renames "
    "records moves doubles".split(),
    "fr": "rénove accueille agrandit mesure restaure prête remplace protège rebaptise déplace double inspecte".split(),
}
_WHAT = {
    "en": "its bridge|the old maps|two cranes|a furnace|the bells|its roof|the seed bank|a reading room|the tide gauge|"
    "its orchard walls|the night train|three looms|a water clock|the glass dome|its herring fleet",
    "fr": "son pont|les vieilles cartes|deux grues|un four|les cloches|sa toiture|la salle de lecture|une horloge|"
    "trois métiers|la verrière|son verger|le train de nuit|une fontaine|les archives",
}
_SAID = {
    "en": (
        "The {who} of {where} {does} {what}, and the people who work there say that it took longer than planned.",
        "In {where} the {who} keeps a ledger of every visitor, which is now read by two clerks in the morning.",
        "Nobody had counted the steps of the {who} before the winter, when the children of {where} did so.",
        "A carpenter from {where} has promised to look after {what} until the rain ends.",
        "What the {who} spends on oil and rope will be shown in the hall of {where} from Monday on.",
        "The oldest door of the {who} stood open for a week while {what} was carried through the yard.",
    ),
    "fr": (
        "Le {who} de {where} {does} {what}, et les équipes racontent que les travaux ont duré plus que prévu.",
        "À {where}, le {who} tient un registre des visiteurs que deux employés relisent chaque matin.",
        "Personne n'avait compté les marches du {who} avant l'hiver, les enfants de {where} l'ont fait.",
        "Un menuisier de {where} a promis de veiller sur {what} jusqu'à la fin des pluies.",
        "Les dépenses du {who} seront affichées dans la salle communale de {where} dès lundi.",
        "La plus vieille porte du {who} est restée ouverte une semaine pendant les travaux de {where}.",
    ),
}


def title_of(r: random.Random, language: str, number: int) -> str:
    """Return a title that no other article of the world bears: the number is a part of it."""
    who, where = r.choice(_WHO[language]).capitalize(), r.choice(_WHERE[language])
    does, what = r.choice(_DOES[language]), r.choice(_WHAT[language].split("|"))
    season = "season" if language == "en" else "saison"
    return f"{who} of {where} {does} {what}, {season} {number}".replace(
        " of ", " of " if language == "en" else " de "
    )


def paragraph_of(r: random.Random, language: str) -> str:
    """Return two sentences, some thirty words."""
    return " ".join(
        sentence.format(
            who=r.choice(_WHO[language]),
            where=r.choice(_WHERE[language]),
            does=r.choice(_DOES[language]),
            what=r.choice(_WHAT[language].split("|")),
        )
        for sentence in r.sample(_SAID[language], 2)
    )
