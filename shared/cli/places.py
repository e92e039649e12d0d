"""Where the commands find log and database, and how they show what they found."""

import getpass
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
import psycopg
from rich.console import Console
from rich.table import Table

from shared.database import Database, DatabaseUnavailable
from shared.database.roles import LOG_DATABASE, with_database
from shared.eventlog.connect import open_log
from shared.eventlog.interface import EventLog, LogError
from shared.process import BESIDE, EX_UNAVAILABLE

F = TypeVar("F", bound=Callable[..., Any])


class Unavailable(click.ClickException):
    """Log or database do not answer, or refuse; exit code 69."""

    exit_code = EX_UNAVAILABLE


def log_option(command: F) -> F:
    """`--log`: the log's URL, or where it lies beside the database."""
    return click.option(
        "--log",
        "log_url",
        envvar="RAPPORT_LOG",
        default=BESIDE,
        show_envvar=True,
        help="kafka://host:port, a PostgreSQL URL, or postgres: beside the database of RAPPORT_RELAY_URL.",
    )(command)


def database_option(command: F) -> F:
    """`--database`: the service's database."""
    return click.option(
        "--database",
        "database_url",
        envvar="RAPPORT_APP_URL",
        required=True,
        show_envvar=True,
        help="The service's database, as role app_<service>.",
    )(command)


def json_option(command: F) -> F:
    """`--json`: for machines."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")(command)


@contextmanager
def opened_log(url: str) -> Iterator[EventLog]:
    """The log, closed afterwards; its errors become one line."""
    if url == BESIDE:
        relay_url = os.environ.get("RAPPORT_RELAY_URL", "")
        if not relay_url:
            raise click.UsageError("say where the log is: --log, or set RAPPORT_LOG or RAPPORT_RELAY_URL")
        url = with_database(relay_url, LOG_DATABASE)
    try:
        log = open_log(url, name="rapport-cli")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        yield log
    except LogError as error:
        raise Unavailable(f"the log: {error}") from error
    finally:
        log.close()


@contextmanager
def opened_database(url: str, *, statement_ms: int = 4000) -> Iterator[Database]:
    """A small pool, closed afterwards; its errors become one line."""
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # one line of ours says it
    database = Database(url, name="rapport cli", size=1, statement_ms=statement_ms).open()
    try:
        yield database
    except (DatabaseUnavailable, psycopg.OperationalError) as error:
        raise Unavailable("the database does not answer") from error
    finally:
        database.close()


def show(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Print rows as a table, or as JSON lines."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    if not rows:
        click.echo(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        numeric = all(isinstance(row.get(column), int) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(plain(row.get(column)) for column in columns))
    width = None if Console().is_terminal else 200  # a pipe has no width; nothing may be cut off
    Console(width=width, markup=False, highlight=False).print(table)


def plain(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else str(value)


def moment(text: str) -> datetime:
    """A point in time from the command line; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no time such as 2026-03-02T09:00+00:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def whoever() -> str:
    """The operator's name for the record."""
    return os.environ.get("RAPPORT_OPERATOR") or getpass.getuser()
