"""An empty clinic: no accounts, one code that makes the first."""

from collections.abc import Mapping

import click

from embedded.keys import Keys
from embedded.settings import EmbeddedConfig
from portal.security.accounts import new_setup_code
from shared.clock import utc_now
from shared.database import Database
from shared.database.provision import ServiceUrls
from shared.security.sealing import Vault


def print_setup_code(urls: Mapping[str, ServiceUrls], keys: Keys, config: EmbeddedConfig) -> None:
    """Say how the first manager comes in."""
    vault = Vault(keys.secret("vault|portal"), service="portal")
    database = Database(urls["portal"].app, name="portal", size=1, vault=vault).open()
    try:
        with database.transaction() as tx:
            code = new_setup_code(tx, utc_now())
    finally:
        database.close()
    click.echo(f"\nAn empty clinic. Open {config.address}/set-up within 30 minutes and enter this code:")
    click.echo(f"\n    {code}\n")
