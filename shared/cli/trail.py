"""`rapport audit`: the trail of who read and changed what."""

from collections.abc import Mapping

import click

from shared.cli.places import databases_option, example, opened_database
from shared.security.audit import ChainBroken, verify

_MINUTES_10 = 600_000


@click.group(epilog=example("rapport audit verify"))
def audit() -> None:
    """The trail of who read and changed what."""


@audit.command("verify", epilog=example("rapport audit verify --service feedback"))
@databases_option
def verify_(databases: Mapping[str, str]) -> None:
    """
    Check that no entry of the trail was changed, removed or moved. Exit code 1 if one was.

    Every service keeps a trail of its own; each is checked to its end.
    """
    broken = []
    for service, url in databases.items():
        try:
            with opened_database(url, statement_ms=_MINUTES_10) as database, database.transaction() as tx:
                length = verify(tx)
        except ChainBroken as error:
            click.echo(f"{service}: the trail is broken: {error}")
            broken.append(service)
        else:
            click.echo(f"{service}: the trail is whole: {length} entries.")
    if broken:
        raise click.ClickException(
            f"the trail of {', '.join(broken)} is broken: keep the machine as it is, "
            "and call who answers for data protection"
        )
