"""Where digests are to be brought, as the options of `tidings subscriptions add` and `edit` say it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from news.errors import ConfigError
from tidings.options import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.targets import TargetPlan, TargetRow


Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Write each digest to a file in this folder.")
]
FormatOption = Annotated[
    Shape | None, typer.Option("--format", "-f", help="How files are rendered; text if it is left out.")
]
Webhook = Annotated[
    str | None, typer.Option("--webhook", metavar="URL", help="Post each digest to this address, signed.")
]
Mail = Annotated[
    str | None,
    typer.Option("--mail", metavar="ADDRESS", help="Mail each digest to this address, through mail_server."),
]
Unsubscribe = Annotated[
    str | None,
    typer.Option(
        "--unsubscribe",
        metavar="URL",
        help="Where its reader unsubscribes: an https address that takes one click, or mailto.",
    ),
]
ServiceFile = Annotated[
    Path | None,
    typer.Option(
        "--apprise-file",
        metavar="FILE",
        help="Send each digest through the service whose Apprise address stands in a file, or comes from stdin (-).",
    ),
]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="Read the webhook's secret (whsec_…) from a file, or from stdin (-); without it one is made and shown.",
    ),
]
AllowPrivate = Annotated[
    bool | None,
    typer.Option(
        "--allow-private/--no-private",
        help="Whether the webhook may stand in a private network, or on this machine.",
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetChoice:
    """What was said of a target; None for what was not."""

    folder: Path | None = None
    format: str | None = None
    webhook: str | None = None
    mail: str | None = None
    unsubscribe: str | None = None
    service_file: Path | None = None
    secret_file: Path | None = None
    allow_private: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """The target that comes of it; ``new_secret`` is one that was made for it, which is shown once."""

    plan: TargetPlan
    new_secret: str = ""


def planned(choice: TargetChoice, known: TargetRow | None = None) -> Planned | None:
    """Return the target that was chosen, on top of what is known of it; None where nothing was said.

    Raises:
        typer.BadParameter: options that do not go together.
        ConfigError: a target that cannot be.
    """
    if choice == TargetChoice():
        return None
    kind = _kind(choice, known)
    _refuse_strangers(choice, kind)
    same = known is not None and known.kind == kind
    before: Mapping[str, Any] = known.options if known is not None and same else {}
    secret = known.secret if known is not None and same else ""
    match kind:
        case "file":
            made = Planned(plan=_file(choice, before))
        case "mail":
            made = Planned(plan=_mail(choice, before))
        case "apprise":
            made = Planned(plan=_service(choice, before, secret))
        case _:
            made = _webhook(choice, before, secret)
    _check(made.plan)
    return made


def _kind(choice: TargetChoice, known: TargetRow | None) -> str:
    given = {
        "file": choice.folder,
        "webhook": choice.webhook,
        "mail": choice.mail,
        "apprise": choice.service_file,
    }
    chosen = [kind for kind, place in given.items() if place is not None]
    hint = "--folder / --webhook / --mail / --apprise-file"
    if len(chosen) > 1:
        raise typer.BadParameter("a subscription has one target", param_hint=hint)
    if not chosen and known is None:
        raise typer.BadParameter("say where digests are brought", param_hint=hint)
    return chosen[0] if chosen or known is None else known.kind


def _refuse_strangers(choice: TargetChoice, kind: str) -> None:
    of_kind = {
        "--format": (choice.format, ("file", "apprise")),
        "--secret-file": (choice.secret_file, ("webhook",)),
        "--allow-private": (choice.allow_private, ("webhook",)),
        "--unsubscribe": (choice.unsubscribe, ("mail",)),
    }
    for option, (given, owners) in of_kind.items():
        if given is not None and kind not in owners:
            raise typer.BadParameter(
                f"only a target of the kind {' or '.join(owners)} has it", param_hint=option
            )


def _file(choice: TargetChoice, before: Mapping[str, Any]) -> TargetPlan:
    from storage.targets import TargetPlan

    folder = before.get("folder", "") if choice.folder is None else str(choice.folder.expanduser().absolute())
    if not Path(folder).is_dir():
        raise ConfigError(f"folder {folder}: there is none; make it first")
    shape = before.get("format", "text") if choice.format is None else str(choice.format)
    return TargetPlan(kind="file", options={"folder": folder, "format": shape})


def _mail(choice: TargetChoice, before: Mapping[str, Any]) -> TargetPlan:
    from storage.targets import TargetPlan

    options = dict(before)
    if choice.mail is not None:
        options["to"] = choice.mail
    if choice.unsubscribe is not None:
        options["unsubscribe"] = choice.unsubscribe
    return TargetPlan(kind="mail", options=options)


def _service(choice: TargetChoice, before: Mapping[str, Any], secret: str) -> TargetPlan:
    from storage.targets import TargetPlan

    shape = before.get("format", "text") if choice.format is None else str(choice.format)
    if choice.service_file is not None:
        secret = _read_secret(choice.service_file, "--apprise-file")
    return TargetPlan(kind="apprise", options={"format": shape}, secret=secret)


def _webhook(choice: TargetChoice, before: Mapping[str, Any], secret: str) -> Planned:
    from digest.targets.webhooks import new_secret
    from storage.targets import TargetPlan

    options = dict(before)
    if choice.webhook is not None:
        options["url"] = choice.webhook
    if choice.allow_private is not None:
        options["allow_private"] = choice.allow_private
    plan = TargetPlan(kind="webhook", options=options, secret=secret)
    if choice.secret_file is not None:
        return Planned(plan=replace(plan, secret=_read_secret(choice.secret_file, "--secret-file")))
    if secret:
        return Planned(plan=plan)
    made = new_secret()
    return Planned(plan=replace(plan, secret=made), new_secret=made)


def _read_secret(file: Path, option: str) -> str:
    try:
        text = sys.stdin.read(4_000) if str(file) == "-" else file.read_text(encoding="utf-8")[:4_000]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"file {file}: it cannot be read; check {option}") from error
    return text.strip()


def _check(plan: TargetPlan) -> None:
    from digest.targets.kinds import target_for
    from digest.targets.target import Carriage

    target_for(plan.kind, plan.options, plan.secret, Carriage())
