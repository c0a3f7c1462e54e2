"""``tidings tokens``: which programs may ask the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from tidings import show
from tidings.options import AsJson, Config, Database, Debug, examples, settings_from

app = typer.Typer(help="Say which programs may ask the API.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The token's name.", show_default=False)]
Write = Annotated[bool, typer.Option("--write", help="Let it change something too, not only read.")]


@app.command("create", epilog=examples("tidings tokens create archive", "tidings tokens create desk --write"))
def create(
    name: Name,
    write: Write = False,
    as_json: AsJson = False,
    database: Database = None,
    config: Config = None,
    debug: Debug = False,
) -> None:
    """Make a token for a program. It is shown once, and kept as a hash only."""
    settings = settings_from(config, database)
    from storage.tokens import add_token
    from tidings.opening import database as opened
    from tidings.serving.secrets import TOKEN_PREFIX, new_secret, secret_hash

    secret = f"{TOKEN_PREFIX}{new_secret()}"
    with opened(settings, create=True) as engine:
        add_token(engine, name, hash=secret_hash(secret), may_write=write)
    if as_json:
        from tidings.json_output import print_json, with_schema

        print_json(with_schema(name=name, may_write=write, token=secret))
        return
    show.say(
        f"{show.plain(name)}: may {'read and write' if write else 'read'}",
        f"its token, which is not shown again: {secret}",
    )


@app.command("list", epilog=examples("tidings tokens list", "tidings tokens list --json"))
def list_(
    as_json: AsJson = False, database: Database = None, config: Config = None, debug: Debug = False
) -> None:
    """List the tokens, and when each was last used."""
    settings = settings_from(config, database)
    from storage.engine import reading
    from storage.tokens import list_tokens
    from tidings.opening import database as opened

    with opened(settings) as engine, reading(engine) as connection:
        found = list_tokens(connection)
    if as_json:
        from tidings.access_json import token_json
        from tidings.json_output import print_json, with_schema

        print_json(with_schema(tokens=[token_json(each) for each in found]))
    elif found:
        from tidings.show_table import table
        from tidings.times import ago

        now = datetime.now(UTC)
        rows = [
            [
                show.plain(each.name),
                "read, write" if each.may_write else "read",
                ago(each.created_at, now),
                "never" if each.used_at is None else ago(each.used_at, now),
            ]
            for each in found
        ]
        table(["NAME", "MAY", "MADE", "USED"], rows, flexible="NAME")
    else:
        show.say("There are no tokens; `tidings tokens create NAME` makes one.")


@app.command("revoke", epilog=examples("tidings tokens revoke archive"))
def revoke(name: Name, database: Database = None, config: Config = None, debug: Debug = False) -> None:
    """Let a program ask no more."""
    settings = settings_from(config, database)
    from storage.tokens import revoke_token
    from tidings.opening import database as opened

    with opened(settings) as engine:
        revoke_token(engine, name)
    show.say(f"{show.plain(name)}: revoked")
