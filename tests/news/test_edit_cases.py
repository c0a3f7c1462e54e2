"""Cases of edits, each a sentence: what the looks at one article met, and what is told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from news.article import Way
from news.revise import revise
from tests.news.edit_cases import (
    CLOSING,
    OPENING,
    START,
    Case,
    Met,
    answers,
    case,
    look_of,
    played,
    says,
    told,
)

NINE, TEN = "It sails at nine.", "It sails at ten."

GOING_BACK = [
    case("A text that stays tells nothing.", [says(NINE), says(NINE)], "nothing"),
    case("A changed word is an edit.", [says(NINE), says(TEN)], "edited minor"),
    case(
        "A text that goes back is told as going back, not as a fresh edit.",
        [says(NINE), says(TEN), says(NINE)],
        "edited minor", "edited minor, back to 1",
    ),
    case(
        "A third text is no going back.",
        [says(NINE), says(TEN), says("It sails at noon.")],
        "edited minor", "edited minor",
    ),
    case(
        "A text may go back past several others.",
        [says(NINE), says(TEN), says("It sails at noon."), says("It sails at noon."), says(NINE)],
        "edited minor", "edited minor", "nothing", "edited minor, back to 1",
    ),
    case(
        "Of several equal ones the latest is named.",
        [says(NINE), says(TEN), says(NINE), says(NINE), says("It rains at nine."), says(NINE)],
        "edited minor", "edited minor, back to 1", "nothing", "edited minor", "edited minor, back to 3",
    ),
    case(
        "The same words with other quotation marks are a going back, too.",
        [says("They call it “Mary”."), says("They call it “Anne”."), says('They call it "Mary".')],
        "edited minor", "edited minor, back to 1",
    ),
    case(
        "Quotation marks that change and change back are cosmetic both times.",
        [says("They call it “Mary”."), says('They call it "Mary".'), says("They call it “Mary”.")],
        "edited cosmetic", "edited cosmetic, back to 1",
    ),
    case(
        "A title that goes back goes back.",
        [says(), says(title="The ferry stays"), says()],
        "retitled substantive", "retitled substantive, back to 1",
    ),
    case(
        "A text that is never what it was before goes back to nothing.",
        [says(NINE), says(TEN), says("It sails at ten, at noon and at four, on Mondays, too.")],
        "edited minor", "edited substantive",
    ),
]  # fmt: skip

SEVERAL_AT_ONCE = [
    case("A new title alone is a retitling.", [says(), says(title="The ferry sails at last")], "retitled substantive"),
    case(
        "A new title and other words are one edit with both marks.",
        [says(NINE), says("It sails at ten on Mondays and never in winter.", title="The ferry sails at last")],
        "edited substantive retitled",
    ),
    case(
        "A title in capitals is no other title.",
        [says(), says(title="THE FERRY SAILS AGAIN")],
        "edited minor",
    ),
    case(
        "A title with a full stop more is cosmetic.",
        [says(), says(title="The ferry sails again.")],
        "edited cosmetic",
    ),
    case(
        "Words, title and date may all change at once.",
        [
            says(NINE, dated="18 Nov"),
            says("It sails on Mondays only, says the council.", title="The ferry sails on Mondays", dated="21 Nov"),
        ],
        "edited substantive retitled redated",
    ),
]  # fmt: skip

DATES = [
    case(
        "Another day of publication with the same words is told as a new date.",
        [says(dated="18 Nov"), says(dated="21 Nov")],
        "redated",
    ),
    case("An earlier day is a new date, too.", [says(dated="18 Nov"), says(dated="15 Nov")], "redated"),
    case(
        "A new date beside a comma is told as a new date, with the comma.",
        [says("It sails, at nine.", dated="18 Nov"), says("It sails at nine.", dated="21 Nov")],
        "redated cosmetic",
    ),
    case(
        "A new date beside other words is one edit.",
        [says(NINE, dated="18 Nov"), says(TEN, dated="21 Nov")],
        "edited minor redated",
    ),
    case(
        "A new date beside a new title is one retitling.",
        [says(dated="18 Nov"), says(title="The ferry sails at last", dated="21 Nov")],
        "retitled substantive redated",
    ),
    case("A date that goes is no new date.", [says(dated="18 Nov"), says()], "nothing"),
    case(
        "A date that comes is no new date, and the next one is.",
        [says(), says(dated="18 Nov"), says(dated="21 Nov")],
        "nothing", "redated",
    ),
    case(
        "A day that becomes a time of that day is no new date.",
        [says(dated="18 Nov"), says(dated="18 Nov 09:15")],
        "nothing",
    ),
    case(
        "A time on the next day may be the same day in another zone.",
        [says(dated="18 Nov"), says(dated="19 Nov 01:15")],
        "nothing",
    ),
    case(
        "Minutes that move are a new date.",
        [says(dated="18 Nov 09:15"), says(dated="18 Nov 11:40")],
        "redated",
    ),
    case(
        "A date that stands in another place of the page says nothing.",
        [says(dated="18 Nov", dated_in="url"), says(dated="21 Nov", dated_in="json-ld")],
        "nothing",
    ),
    case(
        "Relative words move by themselves.",
        [says(dated="2 hours ago"), says(dated="27 Nov")],
        "nothing",
    ),
    case(
        "The time of the answer is no date of publication.",
        [says(dated="18 Nov 09:15"), says(dated="20 Nov 09:00")],
        "nothing",
    ),
    case(
        "Where the page writes its own time, the true date is still the one before.",
        [says(dated="18 Nov 09:15"), says(dated="20 Nov 09:00"), says(dated="18 Nov 09:15")],
        "nothing", "nothing",
    ),
    case(
        "Not even where words change as well.",
        [says(NINE, dated="18 Nov 09:15"), says(TEN, dated="20 Nov 09:00"), says(TEN, dated="18 Nov 09:15")],
        "edited minor", "nothing",
    ),
    case(
        "A date that moves at every look is told twice, and then no more.",
        [says(dated="18 Nov"), says(dated="19 Nov"), says(dated="21 Nov"), says(dated="22 Nov"), says(dated="23 Nov")],
        "redated", "redated", "nothing", "nothing",
    ),
    case(
        "Real words beside a date that moves by itself are told without it.",
        [
            says(NINE, dated="18 Nov"), says(NINE, dated="19 Nov"), says(NINE, dated="21 Nov"),
            says(TEN, dated="22 Nov"),
        ],
        "redated", "redated", "edited minor",
    ),
]  # fmt: skip

SILENCE = [
    case(
        "Words that change while the date of modification stays were changed in silence.",
        [says(NINE, modified="18 Nov 10:00"), says(TEN, modified="18 Nov 10:00")],
        "edited minor silent",
    ),
    case(
        "Words that change with the date of modification were not.",
        [says(NINE, modified="18 Nov 10:00"), says(TEN, modified="20 Nov 08:40")],
        "edited minor",
    ),
    case("A site that shows no such date hides nothing.", [says(NINE), says(TEN)], "edited minor"),
    case(
        "A site that begins to show one hides nothing.",
        [says(NINE), says(TEN, modified="18 Nov 10:00")],
        "edited minor",
    ),
    case(
        "A title that changes in silence is marked.",
        [says(modified="18 Nov 10:00"), says(title="The ferry stays", modified="18 Nov 10:00")],
        "retitled substantive silent",
    ),
    case(
        "Quotation marks need no new date of modification.",
        [says("“Mary” sails.", modified="18 Nov 10:00"), says('"Mary" sails.', modified="18 Nov 10:00")],
        "edited cosmetic",
    ),
    case(
        "A day of modification says nothing of an edit on that day.",
        [says(NINE, modified="20 Nov"), says(TEN, modified="20 Nov")],
        "edited minor",
    ),
    case(
        "It does when the old words were still seen days later.",
        [says(NINE, modified="17 Nov"), says(NINE, modified="17 Nov"), says(TEN, modified="17 Nov")],
        "nothing", "edited minor silent",
    ),
    case(
        "Going back in silence is both.",
        [says(NINE, modified="18 Nov 10:00"), says(TEN, modified="20 Nov 08:30"), says(NINE, modified="20 Nov 08:30")],
        "edited minor", "edited minor silent, back to 1",
    ),
    case(
        "An honest edit after a silent one is not marked.",
        [
            says(NINE, modified="18 Nov 10:00"), says(TEN, modified="18 Nov 10:00"),
            says("It sails at noon.", modified="20 Nov 09:30"),
        ],
        "edited minor silent", "edited minor",
    ),
]  # fmt: skip


TEASERS = [
    "Rain is due for a week",
    "The fair opens on Monday",
    "The mayor has resigned",
    "Two goats were found",
    "A new school is built",
    "No tram runs at night",
    "Snow came to the hills",
    "The band plays again",
]


COUNTS = ((1, 5), (2, 5), (3, 6), (4, 7), (5, 9))


def read(times: str, **more: Any) -> Met:
    return says(f"Read {times} times", **more)


def seconds(*times: str, hours: float = 1) -> list[Met]:
    return [read(each, hours=hours) for each in times]


FLAPPING = [
    case(
        "A counter is told once, and then no more.",
        seconds("1,024", "1,031", "1,040", "1,052", "1,060"),
        "edited substantive", "nothing", "nothing", "nothing",
    ),
    case(
        "A clock is told once, and then no more.",
        [says(f"It is {clock} in the harbour") for clock in ("08:00", "09:00", "10:01", "11:00")],
        "edited substantive", "nothing", "nothing",
    ),
    case(
        "A date with a time is one place.",
        [says(f"Printed on {when}") for when in ("20 November 08:00", "20 November 09:00", "21 November 10:01",
                                                 "22 November 11:00")],
        "edited substantive", "nothing", "nothing",
    ),
    case(
        "Arabic figures are figures.",
        [says(f"قرئ {times} مرة") for times in ("١٠٢٤", "١٠٣١", "١٠٤٠", "١٠٥٢")],
        "edited substantive", "nothing", "nothing",
    ),
    case(
        "A teaser that rotates is told twice, and then no more.",
        [says(f"Also in this paper: {teaser}") for teaser in
         ("the fair opens", "rain for a week", "a new school", "the mayor resigns", "two goats found")],
        "edited substantive", "edited substantive", "nothing", "nothing",
    ),
    case(
        "A real edit beside a counter is told.",
        [*seconds("1,024", "1,031", "1,040"), says("Read 1,052 times\nThe mayor was not on board.")],
        "edited substantive", "nothing", "edited substantive",
    ),
    case(
        "A real edit beside a counter is told by its own weight.",
        [*(says(f"It is a small boat.\nRead {times} times") for times in ("1,024", "1,031", "1,040")),
         says("It is a large boat.\nRead 1,052 times")],
        "edited substantive", "nothing", "edited minor",
    ),
    case(
        "A text that goes back beside a counter goes back.",
        [*(says(f"It is a small boat.\nRead {times} times") for times in ("1,024", "1,031", "1,040")),
         says("It is a large boat.\nRead 1,052 times"), says("It is a small boat.\nRead 1,060 times")],
        "edited substantive", "nothing", "edited minor", "edited minor, back to 2",
    ),
    case(
        "A new title beside a counter is a new title.",
        [*seconds("1,024", "1,031", "1,040"), read("1,052", title="The ferry stays in the dock")],
        "edited substantive", "nothing", "retitled substantive",
    ),
    case(
        "A new date beside a counter is a new date.",
        [read("1,024", dated="18 Nov"), read("1,031", dated="18 Nov"), read("1,040", dated="18 Nov"),
         read("1,052", dated="22 Nov")],
        "edited substantive", "nothing", "redated",
    ),
    case(
        "Two texts in turn are told there and back, and then no more.",
        [says(NINE), says(TEN), says(NINE), says(TEN), says(NINE), says(TEN)],
        "edited minor", "edited minor, back to 1", "nothing", "nothing", "nothing",
    ),
    case(
        "Two titles in turn, too.",
        [says(), says(title="The ferry stays"), says(), says(title="The ferry stays"), says()],
        "retitled substantive", "retitled substantive, back to 1", "nothing", "nothing",
    ),
    case(
        "What took turns and then stays for a day is told after all.",
        [says(NINE), says(TEN), says(NINE), says(TEN), says(TEN, hours=12), says(TEN, hours=12)],
        "edited minor", "edited minor, back to 1", "nothing", "nothing", "edited minor, back to 2",
    ),
    case(
        "So it is where the looks are those of two sources with selectors of their own.",
        [says(NINE), says(TEN, extractor="2"), says(NINE), says(TEN, extractor="2"), says(TEN, hours=12),
         says(TEN, extractor="2", hours=12)],
        "edited minor", "edited minor, back to 1", "nothing", "nothing", "edited minor, back to 2",
    ),
    case(
        "A score that counted up and then stays for a day is told after all.",
        [*(says(f"The score is {score}") for score in ("0:0", "1:0", "2:0", "2:1")),
         says("The score is 2:1", hours=25)],
        "edited substantive", "nothing", "nothing", "edited substantive",
    ),
    case(
        "A counter that stands still between the looks proves nothing yet.",
        seconds("1,024", "1,031", "1,031", "1,040"),
        "edited substantive", "nothing", "edited substantive",
    ),
    case(
        "It does at the fourth change.",
        seconds("1", "2", "2", "3", "3", "4", "4", "5"),
        "edited substantive", "nothing", "edited substantive", "nothing", "edited substantive", "nothing", "nothing",
    ),
    case(
        "Figures that the site owns up to are edits, however often.",
        [says(f"The toll rose to {toll} people.", modified=f"20 Nov {7 + number:02}:30")
         for number, toll in enumerate(("12", "15", "21", "30", "31", "40"))],
        "edited substantive", "edited substantive", "edited substantive", "edited substantive", "edited substantive",
    ),
    case(
        "A page that was always modified just now owns up to nothing.",
        [read(times, modified=f"20 Nov {8 + number:02}:00") for number, times in enumerate(("10", "20", "30", "40"))],
        "edited substantive", "nothing", "nothing",
    ),
    case(
        "A figure in a sentence is believed once more than one that stands alone.",
        [says(f"The council counted {people} people who stood on the quay, in the rain and without a band.")
         for people in ("300", "310", "320", "330")],
        "edited substantive", "edited substantive", "nothing",
    ),
    case(
        "A sentence that is written anew twice is told twice, although each has a figure.",
        [says(whole=f"{OPENING}\n{sentence}") for sentence in (
            "The oldest door of the dock was open for a week while a crane was carried through the yard. (Page 237)",
            "Nobody counted the steps of the chapel before winter, when some children from Mende did so. (1198)",
            "What our lighthouse spends on oil and rope will be shown in a hall at Embrun from Monday on. (7143)")],
        "edited substantive", "edited substantive",
    ),
    case(
        "A rewritten text is no volatile one.",
        [says(whole=" ".join(f"{word}{at}" for at in range(60))) for word in ("one", "two", "three", "four", "five")],
        "edited substantive", "edited substantive", "edited substantive", "edited substantive",
    ),
    case(
        "Two counters on a line are told once, and then no more.",
        [says(f"Read {read} times, shared {shared} times") for read, shared in COUNTS],
        "edited substantive", "nothing", "nothing", "nothing",
    ),
    case(
        "Two counters on lines of their own are learnt each by itself.",
        [says(f"Read {read} times\nShared {shared} times") for read, shared in COUNTS],
        "edited substantive", "edited substantive", "nothing", "nothing",
    ),
    case(
        "A list whose lines move up is told twice, and then no more.",
        [says("\n".join(TEASERS[at : at + 3])) for at in range(6)],
        "edited substantive", "edited substantive", "nothing", "nothing", "nothing",
    ),
    case(
        "Real words beside such a list are told.",
        [*(says("\n".join(TEASERS[at : at + 3])) for at in range(4)),
         says(whole="\n".join([OPENING, *TEASERS[4:7], f"{CLOSING} He was not paid."]))],
        "edited substantive", "edited substantive", "nothing", "edited substantive",
    ),
    case(
        "A report that grows at each look is news each time.",
        [says("\n".join(TEASERS[:end])) for end in range(1, 7)],
        "edited substantive", "edited substantive", "edited substantive", "edited substantive", "edited substantive",
    ),
    case(
        "So it is where the latest stands on top.",
        [says("\n".join(TEASERS[:end][::-1])) for end in range(1, 7)],
        "edited substantive", "edited substantive", "edited substantive", "edited substantive", "edited substantive",
    ),
    case(
        "Another place that begins to change is told.",
        [*seconds("1", "2", "3", "4"), says("Read 5 times\nShared 1 time")],
        "edited substantive", "nothing", "nothing", "edited substantive",
    ),
]  # fmt: skip

LOOKS_ONLY = [
    case("Curled quotation marks are cosmetic.", [says('It is "new".'), says("It is “new”.")], "edited cosmetic"),
    case("Guillemets are cosmetic.", [says("Il est “neuf”."), says("Il est «\u00a0neuf\u00a0».")], "edited cosmetic"),
    case("A longer dash is cosmetic.", [says("It sails - at last."), says("It sails – at last.")], "edited cosmetic"),
    case("A comma is cosmetic.", [says("Then it sails."), says("Then, it sails.")], "edited cosmetic"),
    case("White space is nothing at all.", [says("It sails."), says("It  sails. \n\n")], "nothing"),
    case("An ellipsis in one character is cosmetic.", [says("It sails..."), says("It sails…")], "edited cosmetic"),
    case("A soft hyphen is nothing at all.", [says("The harbour"), says("The har\u00adbour")], "nothing"),
    case(
        "Letters that an encoding broke, mended, are cosmetic.",
        [says("Le quai a Ã©tÃ© rÃ©parÃ© Ã\u00a0 l’aube."), says("Le quai a été réparé à l’aube.")],
        "edited cosmetic",
    ),
    case(
        "Letters that break are cosmetic as well.",
        [says("Le quai a été réparé."), says("Le quai a Ã©tÃ© rÃ©parÃ©.")],
        "edited cosmetic",
    ),
    case(
        "Quotation marks that an encoding broke are cosmetic.",
        [says("It is â€œnewâ€\u009d, and itâ€™s blue."), says("It is “new”, and it’s blue.")],
        "edited cosmetic",
    ),
    case(
        "Letters that were lost and are back are cosmetic.",
        [says("Le quai a \ufffdt\ufffd r\ufffdpar\ufffd."), says("Le quai a été réparé.")],
        "edited cosmetic",
    ),
    case(
        "Arabic that was read as something else, mended, is cosmetic.",
        [says("أبحرت العبارة".encode().decode("cp1256")), says("أبحرت العبارة")],
        "edited cosmetic",
    ),
    case(
        "Another word in a line whose letters were mended as well is that word's edit.",
        [says("Le quai a Ã©tÃ© vendu hier."), says("Le quai a été rendu hier.")],
        "edited minor",
    ),
    case("Arabic vowel signs are cosmetic.", [says("أبحرت العبارة"), says("أَبْحَرَتِ العَبّارة")], "edited cosmetic"),
    case(
        "Arabic vowel signs make no other title.",
        [says(title="أبحرت العبارة اليوم"), says(title="أَبْحَرَتِ العَبّارة اليوم")],
        "edited cosmetic",
    ),
    case(
        "A title whose letters broke is no other title.",
        [says(title="Le quai a été réparé"), says(title="Le quai a Ã©tÃ© rÃ©parÃ©")],
        "edited cosmetic",
    ),
    case("Tatweel is cosmetic.", [says("أبحرت العبارة"), says("أبحرت العبـــارة")], "edited cosmetic"),
    case("The forms of alef are cosmetic.", [says("الاجتماع الأول"), says("الإجتماع الاول")], "edited cosmetic"),
    case("Arabic digits are cosmetic.", [says("في 12 ديسمبر"), says("في ١٢ ديسمبر")], "edited cosmetic"),
    case("Another Arabic word is an edit.", [says("أبحرت العبارة"), says("غرقت العبارة")], "edited minor"),
]  # fmt: skip

WEIGHT = [
    case("One word is minor.", [says("It is a small boat."), says("It is a large boat.")], "edited minor"),
    case("Another number is not.", [says("It took 400 people."), says("It took 700 people.")], "edited substantive"),
    case("A percent sign is not.", [says("It rose by 5."), says("It rose by 5%.")], "edited substantive"),
    case("A name is not.", [says("We met Anne there."), says("We met Mary there.")], "edited substantive"),
    case("A negation is not.", [says("They did agree."), says("They did not agree.")], "edited substantive"),
    case(
        "The same words in another order are not.",
        [says("the man bit the dog"), says("the dog bit the man")],
        "edited substantive",
    ),
    case("A sentence more is not.", [says("It sails."), says("It sails. The band will play on deck.")],
         "edited substantive"),
    case("A text that is cut to its opening is not.", [says(), says(whole="It sails.")], "edited substantive"),
    case("Capitals are minor.", [says("We met Icesco there."), says("We met ICESCO there.")], "edited minor"),
]  # fmt: skip

EXTRACTORS = [
    case(
        "What a newer extractor reads otherwise in the old page is no edit.",
        [says(NINE), says(NINE, extractor="2")],
        "nothing",
    ),
]

EVERY_CASE = [*FLAPPING, *GOING_BACK, *SEVERAL_AT_ONCE, *DATES, *SILENCE, *LOOKS_ONLY, *WEIGHT, *EXTRACTORS]


@pytest.mark.parametrize("each", EVERY_CASE, ids=lambda each: each.name)
def test_edits(each: Case) -> None:
    _, made = played(each.looks)
    assert [told(revised) for revised in made[1:]] == list(each.told)


def test_a_page_that_shows_an_earlier_text_of_the_listings_takes_the_place_of_none() -> None:
    """In the newest one's place it would be the one before it, and the edit between them be without a trace."""
    fed = [says(NINE, way=Way.LISTING), says(TEN, way=Way.LISTING)]
    state, made = played([*fed, says(NINE), says(NINE), says(TEN)])
    told_of = [told(each) for each in made[1:]]
    assert told_of == ["edited minor", "nothing", "nothing", "edited minor, back to 2"]
    assert [(past.number, past.reverts_to) for past in state.past] == [(1, 0), (2, 0), (3, 0), (4, 2)]
    state, _ = played([*fed, says("It sails at noon.")])
    assert state.revision == 2


def test_the_first_look_after_a_redesign_that_shows_an_earlier_text_takes_the_place_of_none() -> None:
    """The same holds where only quotation marks went back, which is no edit that such a look could tell."""
    straight, curled = "They call it 'the Mary'.", "They call it ‘the Mary’."
    state, _ = played([says(curled), says(straight)])
    look = look_of(says(curled, extractor="1.healed.1"), START + timedelta(hours=9))
    revised = revise(state, look, now=look.captured_at, source_id=1, redesigned=True)
    assert (revised.kinds, revised.state.revision, revised.state.digest) == ((), 3, state.past[0].digest)


def test_no_two_cases_bear_the_same_name() -> None:
    assert len({each.name for each in EVERY_CASE}) == len(EVERY_CASE)


def test_what_may_not_stay_is_looked_at_once_more_for_a_week() -> None:
    turns = [says(NINE), says(TEN), says(NINE), says(TEN, hours=100)]
    state, _ = played(turns)
    assert state.next_look_at == state.looked_at + timedelta(days=1)  # type: ignore[operator]
    state, _ = played([*turns, says(TEN, hours=24)])
    assert state.next_look_at is None
    assert state.revision == 4
    state, _ = played([*turns[:3], says(TEN, hours=200)])
    assert state.next_look_at is None
    assert state.unsettled_digest


def test_a_page_that_cannot_be_read_is_not_asked_for_at_every_run() -> None:
    """One that was missing waits as long again each time; one that is withdrawn is looked for as if it were still."""
    missing = [says(), answers(404), answers(500)]
    state, _ = played(missing)
    assert state.next_look_at == START + timedelta(hours=3)
    state, _ = played([*missing, answers(500, hours=2)])
    assert state.next_look_at == START + timedelta(hours=7)
    state, _ = played([says(), answers(410, hours=100), answers(500)])
    assert state.next_look_at == START + timedelta(hours=124)
