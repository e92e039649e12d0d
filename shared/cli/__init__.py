"""The operator's command line: `rapport events ...`, `rapport audit verify`, `rapport token`, and what services add."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

import click

from shared.cli.audit import audit
from shared.cli.backup import backup, backup_keys, restore_keys
from shared.cli.connections import example
from shared.cli.events import events
from shared.cli.keys import key, token, urls

FURTHER = "rapport.commands"  # entry points under which a service offers commands of its own


class Commands(click.Group):
    """Our own commands, and those of services: looked up when asked for, so that a service may import from here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._further()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of ours, or one that a service offers."""
        return super().get_command(ctx, cmd_name) or self._further().get(cmd_name)

    def _further(self) -> dict[str, click.Command]:
        return {command.name or "": command for command in further(entry_points(group=FURTHER))}


_EXAMPLES = example(
    "rapport events tail --follow        # watch events as they come",
    "rapport events lag                  # who has read how far",
    "rapport events parked list          # events that failed",
    "rapport audit verify                # is the audit trail whole?",
    "rapport backup                      # all of it, at one moment, encrypted",
)


@click.group(
    cls=Commands, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
def main() -> None:
    """
    Look after a running Rapport: its events, its audit trail, its keys.

    Beside a running clinic nothing has to be said: it is found by its data folder (RAPPORT_DATA,
    else ./var), whether `make run` or `make stack` started it, and named on standard error.
    Only who may read the clinic's keys can speak to it.

    Elsewhere, and inside a worker's container, the services' own settings say where things
    are, and come first: RAPPORT_APP_URL, RAPPORT_RELAY_URL, RAPPORT_LOG.
    """


def further(offered: Iterable[EntryPoint]) -> list[click.Command]:
    """The commands that services offer; those of a service that is not part of this image are left out."""
    found = []
    for point in offered:
        try:
            found.append(point.load())
        except ModuleNotFoundError as error:
            if error.name is None or not f"{point.module}.".startswith(f"{error.name}."):
                raise  # the service is here, and something it needs is not
    return found


for command in (events, audit, backup, backup_keys, restore_keys, token, key, urls):
    main.add_command(command)
