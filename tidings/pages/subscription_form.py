"""The form of a subscription: what was typed, what is wrong with it, and the subscription that it asks for."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from typer import BadParameter

from digest.html import language_of
from news.change import ChangeKind
from news.errors import ConfigError
from news.redline import EditClass
from news.word_filter import MOST_CHARACTERS, MOST_RULES, checked, checked_section
from storage.quiet_hours import check_quiet_hours
from storage.subscribing import Rhythm
from storage.subscriptions import TOLD_KINDS, DigestFilter, WhenEmpty, check_name
from storage.targets import TargetRow
from tidings.pages.rhythms import WEEKDAYS, WHENS, RhythmChoice, choice_of, schedule_of
from tidings.show_subscriptions import Known
from tidings.target_options import Planned, TargetChoice, planned

KINDS = {
    ChangeKind.PUBLISHED: "new articles",
    ChangeKind.EDITED: "edits of the text",
    ChangeKind.RETITLED: "new titles",
    ChangeKind.REDATED: "new dates",
    ChangeKind.WITHDRAWN: "withdrawals",
    ChangeKind.RESTORED: "articles that are back",
    ChangeKind.LISTED: "known articles that another source lists",
}
CLASSES = {
    EditClass.COSMETIC: "every edit",
    EditClass.MINOR: "all but cosmetic edits",
    EditClass.SUBSTANTIVE: "only substantive edits",
}
TARGETS = {
    "keep": "as it is now",
    "none": "nowhere: they are read here, as feeds or by a program",
    "mail": "a mailbox",
    "webhook": "a webhook, signed",
}
EMPTY = {
    WhenEmpty.SILENT: "no digest",
    WhenEmpty.RECORD: "a digest that is kept and not brought",
    WhenEmpty.SEND: "a digest that says so",
}
MOST_ITEMS = 1_000
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST = 2_000
"""Characters of one field; more is nothing that anybody typed."""
LONGEST_RULES = MOST_RULES * (MOST_CHARACTERS + 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """The fields as they were typed, for showing them again."""

    name: str = ""
    sources: tuple[str, ...] = ()
    languages: str = ""
    sections: str = ""
    kinds: tuple[str, ...] = tuple(map(str, TOLD_KINDS))
    min_edit_class: str = str(EditClass.MINOR)
    include: str = ""
    exclude: str = ""
    rhythm: RhythmChoice = field(default_factory=RhythmChoice)
    time_zone: str = "UTC"
    quiet: str = ""
    when_empty: str = str(WhenEmpty.SILENT)
    max_items: str = ""
    alerts: bool = False
    target: str = "none"
    mail: str = ""
    webhook: str = ""
    from_start: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The subscription that a form asks for; ``planned`` is None where the target stays, ``max_items`` 0 for all."""

    name: str
    filter: DigestFilter
    rhythm: Rhythm
    max_items: int
    planned: Planned | None


def typed_of(known: Known) -> Typed:
    """Return the form of a subscription as it is."""
    row, wanted = known.row, known.row.filter
    return Typed(
        name=row.name,
        sources=wanted.sources,
        languages=", ".join(wanted.languages),
        sections="; ".join(wanted.sections),
        kinds=tuple(map(str, wanted.kinds)),
        min_edit_class=str(wanted.min_edit_class),
        include="; ".join(wanted.include),
        exclude="; ".join(wanted.exclude),
        rhythm=choice_of(row.schedule),
        time_zone=row.time_zone,
        quiet=row.quiet_hours,
        when_empty=str(row.when_empty),
        max_items=str(row.max_items or ""),
        alerts=row.alert_after_seconds is not None,
        target="keep" if known.target is not None else "none",
    )


def typed_in(form: FormData, *, name: str = "", alerts: bool = False) -> Typed:
    """Return what was typed into a form; a name that is given is not asked for, and of ``alerts`` less is asked."""
    return Typed(
        name=name or _text(form, "name"),
        sources=_texts(form, "source"),
        languages=_text(form, "languages"),
        sections=_text(form, "sections"),
        kinds=_texts(form, "kind"),
        min_edit_class=_text(form, "min_edit_class"),
        include=_text(form, "include", longest=LONGEST_RULES + 1),
        exclude=_text(form, "exclude", longest=LONGEST_RULES + 1),
        rhythm=RhythmChoice() if alerts else _rhythm_in(form),
        time_zone=_text(form, "time_zone"),
        quiet=_text(form, "quiet"),
        when_empty=_text(form, "when_empty") or str(WhenEmpty.SILENT),
        max_items=_text(form, "max_items"),
        alerts=alerts,
        target=_text(form, "target"),
        mail=_text(form, "mail"),
        webhook=_text(form, "webhook"),
        from_start=bool(form.get("from_start")),
    )


def _rhythm_in(form: FormData) -> RhythmChoice:
    return RhythmChoice(
        when=_text(form, "when"),
        at=_text(form, "at"),
        weekday=_text(form, "weekday"),
        own=_text(form, "own"),
    )


def wanted_of(
    typed: Typed,
    *,
    sources: Collection[str],
    before: DigestFilter | None = None,
    target: TargetRow | None = None,
) -> tuple[Wanted | None, dict[str, str]]:
    """Return the subscription that was asked for, or what is wrong with it: messages by the names of their fields.

    Args:
        typed: the fields.
        sources: the names of all sources that there are.
        before: the filter as it is; what the form does not ask for stays.
        target: the target as it is.
    """
    wrong: dict[str, str] = {}
    try:
        check_name(typed.name)
    except ConfigError:
        wrong["name"] = "Give it a name of 1 to 255 characters."
    chosen = _filter(typed, before or DigestFilter(), sources, wrong)
    made = _rhythm(typed, wrong)
    most = _max_items(typed, wrong)
    plan = _target(typed, target, wrong)
    if wrong:
        return None, wrong
    return Wanted(name=typed.name, filter=chosen, rhythm=made, max_items=most, planned=plan), {}


def _filter(
    typed: Typed, before: DigestFilter, sources: Collection[str], wrong: dict[str, str]
) -> DigestFilter:
    languages = tuple(dict.fromkeys(typed.languages.replace(",", " ").split()))
    if not all(map(language_of, languages)):
        wrong["languages"] = "Write language tags such as en, fr or ar, with commas between them."
    if any(name not in sources for name in typed.sources):
        wrong["source"] = "One of them is not there any more; choose again."
    if typed.alerts:
        return before if wrong else replace(before, sources=typed.sources)
    kinds = tuple(kind for kind in KINDS if str(kind) in typed.kinds)
    if not kinds:
        wrong["kind"] = "Choose at least one, or nothing would ever be told."
    if typed.min_edit_class not in map(str, CLASSES):
        wrong["min_edit_class"] = "Choose one of these."
    include, exclude = (_rules(typed, name, wrong) for name in ("include", "exclude"))
    if len(include) + len(exclude) > MOST_RULES:
        wrong["exclude"] = f"At most {MOST_RULES} rules in both; make several subscriptions of them."
    sections = _sections(typed, wrong)
    if wrong:
        return before
    return replace(
        before,
        sections=sections,
        include=include,
        exclude=exclude,
        sources=typed.sources,
        languages=languages,
        kinds=kinds,
        min_edit_class=EditClass(typed.min_edit_class),
    )


def _sections(typed: Typed, wrong: dict[str, str]) -> tuple[str, ...]:
    """Return the sections, names with semicolons between them."""
    try:
        return tuple(
            dict.fromkeys(checked_section(name) for name in typed.sections.split(";") if name.strip())
        )
    except ConfigError:
        wrong["sections"] = "Write names of sections as the site does, with semicolons between them."
        return ()


def _rules(typed: Typed, name: str, wrong: dict[str, str]) -> tuple[str, ...]:
    """Return the words of one field, rules with semicolons between them."""
    text = getattr(typed, name)
    rules = [rule for rule in text.split(";") if rule.strip()]
    if len(rules) > MOST_RULES or len(text) > LONGEST_RULES:
        wrong[name] = f"At most {MOST_RULES} rules; make several subscriptions of them."
        return ()
    try:
        return checked(rules)
    except ConfigError as error:
        wrong[name] = f"Write words with letters or digits, with semicolons between rules ({error})."
        return ()


def _rhythm(typed: Typed, wrong: dict[str, str]) -> Rhythm:
    if typed.rhythm.when not in WHENS or typed.rhythm.weekday not in WEEKDAYS:
        wrong["when"] = "Choose one of these."
    if typed.when_empty not in map(str, EMPTY):
        wrong["when_empty"] = "Choose one of these."
    try:
        check_quiet_hours(typed.quiet)
    except ConfigError:
        wrong["quiet"] = "Write when they begin and end, such as 22:00-07:00."
    try:
        ZoneInfo(typed.time_zone)
    except (KeyError, ValueError, OSError):
        wrong["time_zone"] = "There is no such time zone; write one such as Africa/Casablanca."
    if not wrong.keys() & {"when", "when_empty", "quiet", "time_zone"}:
        return _scheduled(typed, wrong)
    return Rhythm()


def _scheduled(typed: Typed, wrong: dict[str, str]) -> Rhythm:
    try:
        schedule = "" if typed.alerts else schedule_of(typed.rhythm)
        # Without a schedule nothing is due that could have nothing to tell.
        empty = WhenEmpty(typed.when_empty) if schedule else WhenEmpty.SILENT
        made = Rhythm(schedule=schedule, time_zone=typed.time_zone, quiet_hours=typed.quiet, when_empty=empty)
        made.next_after(_ANY_MOMENT)
    except ValueError as error:
        wrong["at"] = str(error)
    except ConfigError as error:
        wrong["own"] = str(error)
    else:
        if typed.alerts or typed.rhythm.when != "own" or made.schedule:
            return made
        wrong["own"] = "Write an interval such as 6h, or a cron line such as 0 7 * * mon-fri."
    return Rhythm()


def _max_items(typed: Typed, wrong: dict[str, str]) -> int:
    if not typed.max_items:
        return 0
    if re.fullmatch(r"[0-9]{1,9}", typed.max_items) and 1 <= int(typed.max_items) <= MOST_ITEMS:
        return int(typed.max_items)
    wrong["max_items"] = f"Write a number from 1 to {MOST_ITEMS:,}, or nothing for all."
    return 0


def _target(typed: Typed, known: TargetRow | None, wrong: dict[str, str]) -> Planned | None:
    match typed.target:
        case "none" if known is None:
            return None
        case "keep" if known is not None:
            return None
        case "mail":
            choice, place = TargetChoice(mail=typed.mail), "mail"
        case "webhook":
            choice, place = TargetChoice(webhook=typed.webhook), "webhook"
        case _:
            wrong["target"] = "Choose one of these."
            return None
    try:
        return planned(choice, known)
    except (ConfigError, BadParameter) as error:
        wrong[place] = str(error)
        return None


def _text(form: FormData, name: str, *, longest: int = LONGEST) -> str:
    value = form.get(name)
    return value.strip()[:longest] if isinstance(value, str) else ""


def _texts(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in form.getlist(name) if isinstance(each, str) and each))
