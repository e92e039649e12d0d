"""What has to be done before the pages open: databases, and on the first start something to see in them."""

import os
import sys
from collections.abc import Mapping
from datetime import datetime

import click
import psycopg
from psycopg import sql

from embedded.databases import prepare_databases
from embedded.folder import end_with_parent
from embedded.keys import load_or_make_keys
from embedded.settings import EmbeddedConfig
from shared.clock import utc_now
from shared.database.migrations import MigrationRefused
from shared.database.provision import ServiceUrls
from shared.database.roles import LOG_DATABASE, database_name
from shared.logs import configure_logs

_HALF_MADE = "a demo clinic in the making"


@click.command()
def main() -> None:
    """
    Create or migrate all databases; the server's URL comes on standard input, from `python -m embedded run`.

    What is to be done is read from the databases alone. With an account in them, nothing more:
    somebody may have worked here. Without one, an untouched installation gets the demo clinic,
    unless DEMO=0, and any other a code for its first account. A demo clinic's accounts are made
    last, so one that was broken off has none; it is set aside under another name, never removed.
    """
    end_with_parent()
    admin_url = sys.stdin.read()
    if not admin_url:
        sys.exit(69)  # who started this was killed before it could say on which server
    config = EmbeddedConfig.from_env(os.environ)
    keys = load_or_make_keys(config.keys, data=config.data)
    # Redacted lines into the log; what is not configured would print whole tracebacks with their values.
    configure_logs(service="rapport", process="prepare", file=config.data / "rapport.log")
    try:
        urls = prepare_databases(admin_url, keys.password)
        if _exists(urls["portal"], "staff"):
            return
        if _is_half_made(urls):
            kept = _set_aside(admin_url, urls, utc_now())
            click.echo(f"The first start was broken off while it made the demo clinic: begun anew. {kept}")
            urls = prepare_databases(admin_url, keys.password)
    except (MigrationRefused, psycopg.errors.ObjectInUse) as error:
        click.echo(f"rapport: {error}", err=True)
        sys.exit(69)
    if config.demo and _is_untouched(urls):
        from embedded.demo.make import make_demo_clinic  # noqa: PLC0415 - only the first start needs it

        _note(urls, _HALF_MADE)
        make_demo_clinic(urls, keys, config)
        _note(urls, None)
    else:
        from embedded.demo.empty import print_setup_code  # noqa: PLC0415

        print_setup_code(urls, keys, config)


def _is_untouched(urls: Mapping[str, ServiceUrls]) -> bool:
    """Tell whether nobody, person or program, has put anything in: every change leaves an event or an audit entry."""
    plumbing = ("audit", "audit_waiting", "outbox", "outbox_archive")
    return not _exists(urls["portal"], "setup_code") and not any(_exists(one, *plumbing) for one in urls.values())


def _exists(service: ServiceUrls, *tables: str) -> bool:
    with psycopg.connect(service.owner) as connection:
        return any(
            connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))).rowcount
            for table in tables
        )


def _note(urls: Mapping[str, ServiceUrls], words: str | None) -> None:
    """Say about the portal's database, in the database server, what is going on in it."""
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(database_name("portal")), sql.Literal(words)
    )
    with psycopg.connect(urls["portal"].owner) as connection:
        connection.execute(comment)


def _is_half_made(urls: Mapping[str, ServiceUrls]) -> bool:
    asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    with psycopg.connect(urls["portal"].owner) as connection:
        return connection.execute(asked).fetchone() == (_HALF_MADE,)


def _set_aside(admin_url: str, urls: Mapping[str, ServiceUrls], now: datetime) -> str:
    """Rename all databases, together or not at all; says where they are now."""
    names = {old: f"{old}_until_{now:%Y%m%d_%H%M%S}" for old in (*map(database_name, urls), LOG_DATABASE)}
    with psycopg.connect(admin_url) as connection:
        for old, new in names.items():
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
            )
    return f"What there was is kept on the same server, as {', '.join(names.values())}."


if __name__ == "__main__":
    main()
