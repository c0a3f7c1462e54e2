"""When and how a subscription is told, as the options of `tidings subscriptions add` and `edit` say it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.options import Shape

if TYPE_CHECKING:
    from storage.subscribing import Rhythm
    from storage.subscriptions import SubscriptionRow
    from tidings.filter_options import FilterChoice


class Empty(StrEnum):
    """`storage.subscriptions.WhenEmpty`, which is imported only when there is something to write."""

    SILENT = "silent"
    RECORD = "record"
    SEND = "send"


Schedule = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="WHEN",
        help="When a digest is composed: now (as soon as there is something), 1h, or a cron line: '0 7 * * mon-fri'.",
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        "--time-zone",
        metavar="ZONE",
        help="In which a cron line and quiet hours are meant, such as Africa/Casablanca.",
    ),
]
Quiet = Annotated[
    str | None,
    typer.Option(
        "--quiet",
        metavar="HOURS",
        help="When nothing is brought, such as 22:00-07:00: what comes then is told at the end. none: never.",
    ),
]
EmptyOption = Annotated[
    Empty | None,
    typer.Option(
        "--empty",
        help="What becomes of a time of the schedule with nothing to tell: no digest (silent), a numbered one that is "
        "kept (record), or one that is also brought (send).",
    ),
]
MaxItems = Annotated[
    int | None,
    typer.Option(
        "--max-items",
        metavar="N",
        min=0,
        max=1_000,
        help="Items of one message; the rest is counted, and read where it says. 0: all.",
    ),
]
Alerts = Annotated[
    bool,
    typer.Option(
        "--alerts",
        help="Tell of troubles, not of news: sources broken, blocked or quiet, deliveries given up.",
    ),
]
After = Annotated[
    str | None,
    typer.Option(
        "--after",
        metavar="TIME",
        help="How long a source's trouble must last before it is told, such as 0m or 2h; 15m if it is left out.",
    ),
]

AFTER_SECONDS = 15 * 60
MAX_AFTER_SECONDS = 7 * 86_400
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WORDS = frozenset({"", "none"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """What was said of when and how; None for what was not."""

    schedule: str | None = None
    time_zone: str | None = None
    quiet: str | None = None
    empty: Empty | None = None
    max_items: int | None = None
    after: str | None = None

    def rhythm(self, known: SubscriptionRow | None = None) -> Rhythm | None:
        """Return the rhythm that is asked for, None if it stays as it is known."""
        from storage.subscribing import Rhythm, rhythm_of
        from storage.subscriptions import WhenEmpty

        made = rhythm_of(known) if known is not None else Rhythm()
        if self.schedule is not None:
            now = self.schedule.strip().lower() == "now"
            made = replace(made, schedule="" if now else self.schedule.strip())
        if self.time_zone is not None:
            made = replace(made, time_zone=self.time_zone)
        if self.quiet is not None:
            none = self.quiet.strip().lower() in _WORDS
            made = replace(made, quiet_hours="" if none else self.quiet)
        if self.empty is not None:
            made = replace(made, when_empty=WhenEmpty(str(self.empty)))
        said = (self.schedule, self.time_zone, self.quiet, self.empty)
        return None if all(each is None for each in said) else made

    def after_seconds(self) -> int | None:
        """Return how long a trouble must last, None if nothing was said of it.

        Raises:
            typer.BadParameter: it is no time of a week at most.
        """
        if self.after is None:
            return None
        match = re.fullmatch(r"([0-9]{1,6})([smhd])", self.after.strip().lower())
        seconds = int(match[1]) * _UNITS[match[2]] if match else -1
        if not 0 <= seconds <= MAX_AFTER_SECONDS:
            raise typer.BadParameter(
                f"{self.after!r}: write a time from 0m to 7d, such as 15m", param_hint="--after"
            )
        return seconds

    def refuse_for(
        self,
        *,
        alerts: bool,
        of: FilterChoice,
        shape: Shape | None = None,
        from_start: bool = False,
    ) -> None:
        """Refuse what means nothing for a subscription of alerts, or for one of news.

        Raises:
            typer.BadParameter: for the first such option.
        """
        only_news = {
            **of.of_news,
            "--schedule": self.schedule,
            "--max-items": self.max_items,
            "--empty": self.empty,
            "--from-start": from_start or None,
        }
        for option, given in only_news.items():
            if alerts and given:
                raise typer.BadParameter("alerts have no such choice; leave it out", param_hint=option)
        if alerts and shape in (Shape.ATOM, Shape.RSS, Shape.JSONFEED):
            raise typer.BadParameter("alerts make no feed; choose another", param_hint="--format")
        if not alerts and self.after is not None:
            raise typer.BadParameter("it goes with --alerts", param_hint="--after")
