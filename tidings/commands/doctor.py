"""``tidings doctor``: whether everything that tidings stands on is as it should be."""

from __future__ import annotations

from typing import Annotated

import typer

from tidings import show
from tidings.exits import FAILED
from tidings.options import AsJson, Config, Database, Debug, settings_from

Offline = Annotated[bool, typer.Option("--offline", help="Ask no name server and no site.")]


def doctor(
    offline: Offline = False,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Look at installation, configuration, database, disk, network and clock, and say what to do.

    Asks each source's host for its robots.txt, once. Nothing is changed. Ends with 1 if something does not work;
    warnings leave 0.
    """
    from tidings.doctor.doctor import examine_all
    from tidings.doctor.findings import State, worst

    found = []
    for finding in examine_all(lambda: settings_from(config, database), config=config, offline=offline):
        found.append(finding)
        if not as_json:
            from tidings.show_doctor import print_finding

            print_finding(finding)
    if as_json:
        from tidings.json_output import print_json, with_schema

        findings = [
            {
                "subject": each.subject, "name": each.name, "state": each.state.value, "seen": each.seen,
                "advice": each.advice or None,
            }
            for each in found
        ]  # fmt: skip
        print_json(with_schema(state=worst(found).value, findings=findings))
    else:
        from tidings.show_doctor import summary

        show.say("", summary(found))
    if worst(found) is State.FAILED:
        raise typer.Exit(FAILED)
