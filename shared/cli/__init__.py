"""The operator's command line: `rapport events ...`, `rapport audit verify`, `rapport token`."""

import click

from shared.cli.events import events
from shared.cli.keys import key, token, urls
from shared.cli.trail import audit


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """
    Look after a running Rapport: its events, its audit trail, its keys.

    Where things are is taken from the same settings as the services' (RAPPORT_APP_URL,
    RAPPORT_RELAY_URL, RAPPORT_LOG), so that these commands work inside any worker's container.
    """


for command in (events, audit, token, key, urls):
    main.add_command(command)
