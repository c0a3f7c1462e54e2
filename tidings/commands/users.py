"""``tidings users``: who may sign in to the web server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from tidings import show
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

app = typer.Typer(help="Say who may sign in to the web server.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.", show_default=False)]


@app.command(
    "add", epilog=examples("tidings users add amal", "tidings users add amal < file-with-the-password")
)
def add(name: Name, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Let somebody sign in.

    The password is asked for, or read as the first line of stdin; it needs 12 characters.
    """
    settings = settings_from(config, database)
    from storage.users import add_user
    from tidings.opening import database as opened
    from tidings.serving.secrets import hash_password

    password_hash = hash_password(_password(name))
    with opened(settings, create=True) as engine:
        add_user(engine, name, password_hash=password_hash)
    show.say(f"{show.plain(name)}: may sign in")


@app.command("password", epilog=examples("tidings users password amal"))
def password(name: Name, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Set another password, which ends all sessions of the user.

    It is asked for, or read as the first line of stdin.
    """
    settings = settings_from(config, database)
    from storage.engine import reading
    from storage.users import load_user, set_password
    from tidings.opening import database as opened
    from tidings.serving.secrets import hash_password

    with opened(settings) as engine:
        with reading(engine) as connection:
            load_user(connection, name)
        set_password(engine, name, password_hash=hash_password(_password(name)))
    show.say(f"{show.plain(name)}: has another password, and is signed in nowhere")


@app.command("list", epilog=examples("tidings users list", "tidings users list --json"))
def list_(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """List who may sign in."""
    settings = settings_from(config, database)
    from storage.engine import reading
    from storage.users import list_users
    from tidings.opening import database as opened

    with opened(settings) as engine, reading(engine) as connection:
        found = list_users(connection)
    if as_json:
        from tidings.access_json import user_json
        from tidings.json_output import print_json, with_schema

        print_json(with_schema(users=[user_json(each) for each in found]))
    elif found:
        from tidings.show_table import table
        from tidings.times import ago

        now = datetime.now(UTC)
        rows = [
            [
                show.plain(each.name),
                "never" if each.signed_in_at is None else ago(each.signed_in_at, now),
                str(each.sessions),
            ]
            for each in found
        ]
        table(["NAME", "SIGNED IN", "#SESSIONS"], rows, flexible="NAME")
    else:
        show.say("Nobody may sign in; `tidings users add NAME` changes that.")


@app.command("remove", epilog=examples("tidings users remove amal"))
def remove(name: Name, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Let somebody sign in no more, and end all their sessions."""
    settings = settings_from(config, database)
    from storage.users import remove_user
    from tidings.opening import database as opened

    with opened(settings) as engine:
        remove_user(engine, name)
    show.say(f"{show.plain(name)}: may sign in no more")


def _password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    typed = getpass(f"Password of {show.plain(name)}: ")
    if getpass("The same again: ") != typed:
        raise typer.BadParameter("the two passwords differ", param_hint="password")
    return typed
