"""`rapport set-up-code` and `rapport reset-second-step`: how managers come in when nobody else can let them in."""

from collections.abc import Mapping

import click

from portal.security.access_log import note
from portal.security.account_events import remember
from portal.security.accounts import new_setup_code, somebody_can_come_in
from portal.security.origin import Origin
from portal.security.second_step import remove_all
from shared.cli.connections import databases_option, example, opened_database
from shared.clock import utc_now
from shared.database import Tx
from shared.web.networks import UNKNOWN

THERE_ARE_ACCOUNTS = "There are accounts already: a manager makes further ones under Staff."
_HERE = Origin(UNKNOWN, "the operator's command line")


@click.command("set-up-code", epilog=example("rapport set-up-code"))
@databases_option
def set_up_code(databases: Mapping[str, str]) -> None:
    """Print a one-time code that makes the first manager's account; codes printed before are void."""
    if "portal" not in databases:
        raise click.UsageError("accounts are the portal's: give its database")
    with opened_database(databases["portal"]) as database, database.transaction() as tx:
        click.echo(code_sentence(tx))


@click.command("reset-second-step", epilog=example("rapport reset-second-step"))
@databases_option
@click.confirmation_option(prompt="Remove the second step of every manager, and sign them out?")
def reset_second_step(databases: Mapping[str, str]) -> None:
    """
    Remove the managers' second step, where no manager can come in to reset another's.

    Their passwords stay as they are; each sets up a new second step at the next sign-in, finds the
    reset on their account's page, and so does whoever reads the access log.
    """
    if "portal" not in databases:
        raise click.UsageError("accounts are the portal's: give its database")
    now = utc_now()
    with opened_database(databases["portal"]) as database, database.transaction() as tx:
        managers = [row["id"] for row in tx.rows("SELECT id FROM staff WHERE is_active AND 'manager' = ANY(roles)")]
        for staff_id in managers:
            remove_all(tx, staff_id)
            remember(tx, "second_step.reset", staff_id, origin=_HERE, now=now)
        note(tx, None, "staff.second_step_reset", about=managers, now=now)
    click.echo(f"Done, for {len(managers)} of them.")


def code_sentence(tx: Tx) -> str:
    """A new code and what to do with it; or that none is needed."""
    if somebody_can_come_in(tx):
        return THERE_ARE_ACCOUNTS
    return f"Open /set-up in the portal within 30 minutes and enter this code: {new_setup_code(tx, utc_now())}"
