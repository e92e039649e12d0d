"""`rapport audit`: the trail of who read and changed what."""

from collections.abc import Mapping

import click

from shared.cli.clinics import Trail
from shared.cli.connections import example, opened_database, trails_option
from shared.security.audit import ChainBroken, verify
from shared.security.audit.checkpoints import CheckpointsUnreadable

_MINUTES_10 = 600_000


@click.group(epilog=example("rapport audit verify"))
def audit() -> None:
    """The trail of who read and changed what."""


@audit.command("verify", epilog=example("rapport audit verify --service feedback"))
@trails_option
def verify_(trails: Mapping[str, Trail]) -> None:
    """
    Check that no entry of the trail was changed, removed or moved. Exit code 1 if one was.

    Every service keeps a trail of its own, and so does the portal; each is checked to its end.
    Only the signed checkpoints tell a trail whose end was cut off, or that was written anew.
    """
    broken = []
    for service, trail in trails.items():
        try:
            click.echo(f"{service}: {_checked(trail)}")
        except (ChainBroken, CheckpointsUnreadable) as error:
            click.echo(f"{service}: the trail is broken: {error}")
            broken.append(service)
    if broken:
        raise click.ClickException(
            f"the trail of {', '.join(broken)} is broken: keep the machine as it is, "
            "and call who answers for data protection"
        )


def _checked(trail: Trail) -> str:
    signed = trail.checkpoints.read() if trail.checkpoints else []  # first: the trail may grow meanwhile
    with opened_database(trail.url, statement_ms=_MINUTES_10) as database, database.transaction() as tx:
        found = verify(tx, signed)
    said = f"the trail is whole: {found.chained} entries"
    if found.waiting:
        said += f", {found.waiting} more wait to be sealed"
    if trail.checkpoints is None:
        return f"{said}. No checkpoints were compared: that its end was cut off would not be noticed."
    if found.chained and not signed:
        raise ChainBroken(f"{found.chained} entries, but no checkpoint in {trail.checkpoints.path}")
    return f"{said}, {len(signed)} checkpoints agree."
