"""`rapport audit`: the trail of who read and changed what."""

import click

from shared.cli.places import database_option, opened_database
from shared.security.audit import ChainBroken, verify

_MINUTES_10 = 600_000


@click.group()
def audit() -> None:
    """The trail of who read and changed what."""


@audit.command("verify")
@database_option
def verify_(database_url: str) -> None:
    """Check that no entry of the trail was changed, removed or moved. Exit code 1 if one was."""
    try:
        with opened_database(database_url, statement_ms=_MINUTES_10) as database, database.transaction() as tx:
            length = verify(tx)
    except ChainBroken as error:
        raise click.ClickException(f"the trail is broken: {error}") from error
    click.echo(f"The trail is whole: {length} entries.")
