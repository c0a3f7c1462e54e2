"""``tidings subscriptions``: who is told, of what, when, and where it is brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tidings import show
from tidings.commands import subscription_preview
from tidings.filter_options import (
    AnyWords,
    Everything,
    Exclude,
    FilterChoice,
    Include,
    LeastEdits,
    OfKind,
    OfLanguage,
    OfSection,
    OfSource,
    refuse_unknown_sources,
)
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from
from tidings.target_options import (
    AllowPrivate,
    Folder,
    FormatOption,
    Mail,
    SecretFile,
    ServiceFile,
    TargetChoice,
    Unsubscribe,
    Webhook,
    planned,
)
from tidings.telling_options import (
    AFTER_SECONDS,
    After,
    Alerts,
    EmptyOption,
    MaxItems,
    Quiet,
    Schedule,
    Telling,
    TimeZone,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.settings import Settings
    from storage.subscriptions import SubscriptionRow
    from tidings.target_options import Planned

app = typer.Typer(
    help="Say who is told of what, and where digests are brought.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The subscription's name.", show_default=False)]
Names = Annotated[
    list[str], typer.Argument(metavar="NAME", help="Names of subscriptions.", show_default=False)
]
FromStart = Annotated[
    bool,
    typer.Option("--from-start", help="Begin with all that is in the log, not with what comes from now on."),
]
WithDigests = Annotated[bool, typer.Option("--with-digests", help="Remove its stored digests too.")]


@app.command(
    "add",
    epilog=examples(
        "tidings subscriptions add desk --folder /srv/news --format html",
        "tidings subscriptions add team --source icesco-en --webhook https://hooks.example.org/news",
        "tidings subscriptions add water --include 'drinking water' --include title:oasis --exclude sport",
        "tidings subscriptions add mayor --mail mayor@example.org --schedule '0 7 * * *' --time-zone Africa/Tunis",
        "tidings subscriptions add duty --alerts --mail duty@example.org --quiet 22:00-07:00 --time-zone Africa/Tunis",
    ),
)
def add(
    name: Name,
    source: OfSource = None,
    language: OfLanguage = None,
    section: OfSection = None,
    kind: OfKind = None,
    edits: LeastEdits = None,
    include: Include = None,
    exclude: Exclude = None,
    folder: Folder = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    mail: Mail = None,
    unsubscribe: Unsubscribe = None,
    webhook: Webhook = None,
    secret_file: SecretFile = None,
    allow_private: AllowPrivate = None,
    service_file: ServiceFile = None,
    schedule: Schedule = None,
    time_zone: TimeZone = None,
    quiet: Quiet = None,
    empty: EmptyOption = None,
    max_items: MaxItems = None,
    alerts: Alerts = False,
    after: After = None,
    from_start: FromStart = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Add a subscription, which is told what comes from now on; with --alerts what goes wrong.

    Without a target its digests are not brought anywhere: `tidings digest --subscription NAME` composes them.
    """
    settings = settings_from(config, database)
    from storage.subscribing import add as add_one
    from storage.subscriptions import DigestFilter
    from tidings.opening import database as opened

    choice = TargetChoice(
        folder=folder,
        format=format,
        webhook=webhook,
        mail=mail,
        unsubscribe=unsubscribe,
        service_file=service_file,
        secret_file=secret_file,
        allow_private=allow_private,
    )
    telling = Telling(
        schedule=schedule, time_zone=time_zone, quiet=quiet, empty=empty, max_items=max_items, after=after
    )
    of = FilterChoice(
        source=source,
        language=language,
        section=section,
        kind=kind,
        edits=edits,
        include=include,
        exclude=exclude,
    )
    telling.refuse_for(alerts=alerts, of=of, shape=format, from_start=from_start)
    if alerts and telling.after is None:
        telling = replace(telling, after=f"{AFTER_SECONDS}s")
    chosen = planned(choice)
    wanted = of.filter(DigestFilter()) or DigestFilter()
    with opened(settings, create=True) as engine:
        refuse_unknown_sources(engine, wanted)
        row = add_one(
            engine,
            name,
            filter=wanted,
            target=chosen.plan if chosen else None,
            rhythm=telling.rhythm(),
            max_items=max_items or None,
            alert_after_seconds=telling.after_seconds(),
            from_start=from_start,
        )
        _say_kept(engine, row, chosen, "added")
    _warn_without_server(settings, chosen)


@app.command(
    "edit",
    epilog=examples(
        "tidings subscriptions edit desk --format markdown",
        "tidings subscriptions edit default --folder /srv/news --schedule 1h",
    ),
)
def edit(
    name: Name,
    source: OfSource = None,
    language: OfLanguage = None,
    section: OfSection = None,
    kind: OfKind = None,
    edits: LeastEdits = None,
    everything: Everything = False,
    include: Include = None,
    exclude: Exclude = None,
    any_words: AnyWords = False,
    folder: Folder = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    mail: Mail = None,
    unsubscribe: Unsubscribe = None,
    webhook: Webhook = None,
    secret_file: SecretFile = None,
    allow_private: AllowPrivate = None,
    service_file: ServiceFile = None,
    schedule: Schedule = None,
    time_zone: TimeZone = None,
    quiet: Quiet = None,
    empty: EmptyOption = None,
    max_items: MaxItems = None,
    after: After = None,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Change what is given, and leave the rest as it is.

    What was told stays told. Digests that wait to be brought go to the new target.
    """
    settings = settings_from(config, database)
    from storage.engine import reading
    from storage.subscribing import edit as edit_one
    from storage.subscriptions import load
    from storage.targets import target_of
    from tidings.opening import database as opened

    choice = TargetChoice(
        folder=folder,
        format=format,
        webhook=webhook,
        mail=mail,
        unsubscribe=unsubscribe,
        service_file=service_file,
        secret_file=secret_file,
        allow_private=allow_private,
    )
    telling = Telling(
        schedule=schedule, time_zone=time_zone, quiet=quiet, empty=empty, max_items=max_items, after=after
    )
    with opened(settings) as engine:
        with reading(engine) as connection:
            row = load(connection, name)
            known = target_of(connection, row.id)
        of = FilterChoice(
            source=source,
            language=language,
            section=section,
            kind=kind,
            edits=edits,
            everything=everything,
            include=include,
            exclude=exclude,
            any_words=any_words,
        )
        telling.refuse_for(alerts=row.alert_after_seconds is not None, of=of, shape=format)
        wanted = of.filter(row.filter)
        if wanted is not None:
            refuse_unknown_sources(engine, wanted)
        chosen = planned(choice, known)
        rhythm, least = telling.rhythm(row), telling.after_seconds()
        if all(each is None for each in (wanted, chosen, rhythm, max_items, least)):
            raise typer.BadParameter("say what is to be changed; see --help", param_hint="NAME")
        row = edit_one(
            engine,
            name,
            filter=wanted,
            target=chosen.plan if chosen else None,
            rhythm=rhythm,
            max_items=max_items,
            alert_after_seconds=least,
        )
        _say_kept(engine, row, chosen, "changed")
    _warn_without_server(settings, chosen)


@app.command("list", epilog=examples("tidings subscriptions list", "tidings subscriptions list --json"))
def list_(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """List the subscriptions: where their digests are brought, when, and how that fares."""
    settings = settings_from(config, database)
    from tidings.opening import database as opened
    from tidings.show_subscriptions import known_subscriptions, subscription_table

    with opened(settings) as engine:
        found = known_subscriptions(engine)
    if as_json:
        from tidings.json_output import print_json, with_schema
        from tidings.outbox_json import subscription_json

        print_json(with_schema(subscriptions=[subscription_json(each) for each in found]))
    elif found:
        subscription_table(found)
    else:
        show.say("There are no subscriptions yet; `tidings subscriptions add --help` shows how one is made.")


@app.command(
    "show", epilog=examples("tidings subscriptions show desk", "tidings subscriptions show desk --json")
)
def show_(
    name: Name,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Show one subscription: its filter, its rhythm, its target and how that fares. Secrets are not shown."""
    settings = settings_from(config, database)
    from tidings.opening import database as opened
    from tidings.show_subscriptions import known_subscriptions, subscription_lines

    with opened(settings) as engine:
        [found] = known_subscriptions(engine, name)
    if as_json:
        from tidings.json_output import print_json
        from tidings.outbox_json import subscription_json

        print_json(subscription_json(found))
        return
    show.say(*subscription_lines(found, now=datetime.now(UTC)))


app.command(
    "preview",
    epilog=examples(
        "tidings subscriptions preview desk --since 30d", "tidings subscriptions preview desk --json"
    ),
)(subscription_preview.preview)


@app.command("pause", epilog=examples("tidings subscriptions pause desk"))
def pause(names: Names, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Compose and bring nothing for subscriptions; what comes meanwhile is told when they are resumed."""
    settings = settings_from(config, database)
    from storage.subscribing import pause as pause_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        _refuse_unknown(engine, names)
        for name in names:
            pause_one(engine, name)
            show.say(f"{name}: paused; `tidings subscriptions resume {name}` goes on with it")


@app.command("resume", epilog=examples("tidings subscriptions resume desk"))
def resume(names: Names, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Go on with subscriptions that were paused, and with targets that wanted nothing more (410)."""
    settings = settings_from(config, database)
    from storage.subscribing import resume as resume_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        _refuse_unknown(engine, names)
        for name in names:
            resume_one(engine, name)
            show.say(f"{name}: resumed; what waits is brought at once")


@app.command("remove", epilog=examples("tidings subscriptions remove desk --with-digests"))
def remove(
    name: Name,
    with_digests: WithDigests = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Remove a subscription and its target; with stored digests only if that is said."""
    settings = settings_from(config, database)
    from digest.wording import count
    from storage.subscribing import remove as remove_one
    from tidings.opening import database as opened

    with opened(settings) as engine:
        digests = remove_one(engine, name, with_digests=with_digests)
    told = f", and {count(digests, 'digest', 'digests')} with it" if digests else ""
    show.say(f"{name}: removed{told}")


def _say_kept(engine: Engine, row: SubscriptionRow, chosen: Planned | None, done: str) -> None:
    from tidings.show_subscriptions import known_subscriptions, place_of, when_composed

    [known] = known_subscriptions(engine, row.name)
    name = show.plain(row.name)
    if known.target is not None:
        show.say(f"{name}: {done}; {when_composed(row)}, brought to {place_of(known.target)}")
    elif known.is_on_its_own:
        show.say(f"{name}: {done}; {when_composed(row)}, brought nowhere")
    else:
        show.say(f"{name}: {done}; `tidings digest --subscription {name}` composes its digests")
    if chosen is not None and chosen.new_secret:
        show.say(f"secret of the webhook, which is not shown again: {chosen.new_secret}")


def _warn_without_server(settings: Settings, chosen: Planned | None) -> None:
    if (
        chosen is not None
        and chosen.plan.kind == "mail"
        and not (settings.mail_server and settings.mail_from)
    ):
        show.warn(
            "no mail can be sent before the settings mail_server and mail_from are made; see docs/deliveries.md"
        )


def _refuse_unknown(engine: Engine, names: list[str]) -> None:
    """All names or none."""
    from storage.engine import reading
    from storage.subscriptions import load

    with reading(engine) as connection:
        for name in names:
            load(connection, name)
