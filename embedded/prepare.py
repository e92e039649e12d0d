"""What has to be done before the pages open: databases, and on the first start something to see in them."""

import os
import sys

import click

from embedded.databases import prepare_databases
from embedded.keys import load_or_make_keys
from embedded.settings import EmbeddedConfig
from shared.database.migrations import MigrationRefused
from shared.logs import configure_logs


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty installation with the fictional demo clinic.")
@click.option("--empty", is_flag=True, help="Leave it empty and print a one-time set-up code.")
def main(*, demo: bool, empty: bool) -> None:
    """Create or migrate all databases; the server's URL comes on standard input, from `python -m embedded run`."""
    config = EmbeddedConfig.from_env(os.environ)
    keys = load_or_make_keys(config.keys, data=config.data)
    admin_url = sys.stdin.read()
    # Redacted lines into the log; what is not configured would print whole tracebacks with their values.
    configure_logs(service="rapport", process="prepare", stream=(config.data / "rapport.log").open("a"))
    try:
        urls = prepare_databases(admin_url, keys.password)
    except MigrationRefused as error:
        click.echo(f"rapport: {error}", err=True)
        sys.exit(69)
    if demo:
        from embedded.demo.make import make_demo_clinic  # noqa: PLC0415 - only the first start needs it

        make_demo_clinic(urls, keys, config)
    elif empty:
        from embedded.demo.empty import print_setup_code  # noqa: PLC0415

        print_setup_code(urls, keys, config)


if __name__ == "__main__":
    main()
