"""`rapport events parked`: events that failed, and what to do about them."""

from collections.abc import Mapping

import click

from shared.cli.connections import (
    database_option,
    databases_option,
    example,
    json_option,
    opened_database,
    show,
    whoever,
)
from shared.clock import utc_now
from shared.parking import operator
from shared.parking.operator import NotItsTurn, NotParked, ReasonMissing, WaitsForOthers

_COLUMNS = (
    "service",
    "id",
    "state",
    "topic",
    "type",
    "error_class",
    "error",
    "attempts",
    "behind",
    "parked_at",
    "next_attempt_at",
)
_REFUSED = (NotParked, NotItsTurn, ReasonMissing, WaitsForOthers)


@click.group(epilog=example("rapport events parked list"))
def parked() -> None:
    """
    Events that failed: they wait here, and later events of the same key queue behind them.

    retrying: tried again by itself · waiting: needs you · queued: comes after an earlier one.
    """


@parked.command("list", epilog=example("rapport events parked list --service feedback --queued"))
@click.option("--queued", is_flag=True, help="Also those that merely queue behind another.")
@databases_option
@json_option
def list_(databases: Mapping[str, str], *, queued: bool, as_json: bool) -> None:
    """List the open events of every service, each service's oldest first."""
    rows = []
    for service, url in databases.items():
        with opened_database(url) as database, database.transaction() as tx:
            rows += [{"service": service} | event.as_json() for event in operator.list_parked(tx, queued=queued)]
    show(rows, _COLUMNS, as_json=as_json, empty="Nothing is parked.")


@parked.command("show", epilog=example("rapport events parked show 7 --service feedback"))
@click.argument("event_id", type=int, metavar="ID")
@database_option
@json_option
def show_(database_url: str, event_id: int, *, as_json: bool) -> None:
    """Show one event: where it lies on the log, what went wrong, what was decided."""
    try:
        with opened_database(database_url) as database, database.transaction() as tx:
            found = operator.show_parked(tx, event_id).as_json()
    except NotParked as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        show([found], (), as_json=True, empty="")
        return
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):>16}  {'-' if value is None else value}")


@parked.command(epilog=example("rapport events parked retry 7 --service feedback"))
@click.argument("event_id", type=int, metavar="ID")
@database_option
def retry(database_url: str, event_id: int) -> None:
    """
    Try one event again now; the worker does it within seconds.

    For an event that waits for a gap this declares that what is missing will not come.
    """
    try:
        with opened_database(database_url) as database, database.transaction() as tx:
            operator.retry(tx, event_id, by=whoever(), now=utc_now())
    except _REFUSED as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Event {event_id} is tried again in a moment.")


@parked.command("accept-gaps", epilog=example("rapport events parked accept-gaps --service feedback"))
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
def accept_gaps(database_url: str, *, yes: bool) -> None:
    """
    Declare that what all waiting events wait for will not come.

    For the time after a restore that could not bring back older events of the log.
    """
    if not yes:
        click.confirm("What is missing will be left out for good. Go on?", abort=True)
    with opened_database(database_url) as database, database.transaction() as tx:
        count = operator.accept_gaps(tx, by=whoever(), now=utc_now())
    click.echo(f"{count} events are tried again in a moment.")


@parked.command(epilog=example('rapport events parked skip 7 --service feedback --reason "Entered by hand."'))
@click.argument("event_id", type=int, metavar="ID")
@click.option("--reason", required=True, help="Why it may be left out; kept with your name.")
@database_option
def skip(database_url: str, event_id: int, reason: str) -> None:
    """Leave one event without effect, for good. What queued behind it goes on."""
    try:
        with opened_database(database_url) as database, database.transaction() as tx:
            operator.skip(tx, event_id, by=whoever(), reason=reason, now=utc_now())
    except _REFUSED as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Event {event_id} is skipped.")
