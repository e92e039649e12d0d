"""`python -m portal web | migrate | set-up-code`."""

import sys

import click
import psycopg

from portal import process
from shared.database.migrations import MigrationRefused
from shared.front_end import settings_help
from shared.process import EX_CONFIG, EX_UNAVAILABLE
from shared.settings import ConfigurationError
from shared.start_checks import StartRefused, one_per_line


@click.group(context_settings={"max_content_width": 140})
def main() -> None:
    """The staff portal of Rapport."""


@main.command(epilog=settings_help(process.SETTINGS["web"]))
def web() -> None:
    """Serve the pages until SIGTERM."""
    process.run_web(process.read("web"))


@main.command(epilog=settings_help(process.SETTINGS["migrate"]))
def migrate() -> None:
    """Create or upgrade the portal's database, then exit; once per release."""
    click.echo(process.run_migrate(process.read("migrate")))


@main.command("set-up-code", epilog=settings_help(process.SETTINGS["set-up-code"]))
def set_up_code() -> None:
    """Print a one-time code with which the first manager makes an account."""
    click.echo(process.run_setup_code(process.read("set-up-code")))


if __name__ == "__main__":
    try:
        main()
    except (ConfigurationError, MigrationRefused, StartRefused) as error:
        click.echo(one_per_line(str(error).splitlines(), "portal"), err=True)
        sys.exit(EX_CONFIG)
    except psycopg.OperationalError:
        click.echo("portal: the database does not answer", err=True)
        sys.exit(EX_UNAVAILABLE)
