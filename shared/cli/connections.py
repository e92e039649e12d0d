"""Where the commands find log and database, and how they show what they found."""

import getpass
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict
from rich.console import Console
from rich.table import Table

from shared.cli.clinics import Away, Clinic, Trail, find_clinic
from shared.database import Database, DatabaseUnavailable
from shared.database.roles import LOG_DATABASE, database_name, with_database
from shared.eventlog.connect import open_log
from shared.eventlog.interface import EventLog, LogError
from shared.process import BESIDE, CHECKPOINT_KEY, CHECKPOINTS, EX_UNAVAILABLE
from shared.security.audit.checkpoints import Checkpoints
from shared.settings import ConfigurationError, Setting, read_settings

F = TypeVar("F", bound=Callable[..., Any])


class Unavailable(click.ClickException):
    """Log or database do not answer, or refuse; exit code 69."""

    exit_code = EX_UNAVAILABLE


def example(*lines: str) -> str:
    """A command's epilog: lines that can be said as they stand."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)  # \b: click keeps the lines


def log_option(command: F) -> F:
    """`--log`, given to the command as `log_url`: said, from the environment, or of the clinic that is found."""

    @click.option(
        "--log",
        "said_log",
        envvar="RAPPORT_LOG",
        show_envvar=True,
        help="kafka://host:port, a PostgreSQL URL, or postgres: beside the database of RAPPORT_RELAY_URL. "
        "Default: the log of the clinic that runs here.",
    )
    @wraps(command)
    def with_log(*args: Any, said_log: str | None, **more: Any) -> Any:
        return command(*args, log_url=_log_url(said_log or _setting("RAPPORT_LOG")), **more)

    return cast(F, with_log)


def databases_option(command: F) -> F:
    """`--database` and `--service`, given to the command as `databases`: service -> URL."""

    @click.option("--service", help="Only this service's, such as intake.")
    @click.option(
        "--database",
        "said",
        envvar="RAPPORT_APP_URL",
        show_envvar=True,
        help="A service's database, as role app_<service>. Default: those of the clinic that runs here.",
    )
    @wraps(command)
    def with_databases(*args: Any, said: str | None, service: str | None, **more: Any) -> Any:
        found = _databases(said or _setting("RAPPORT_APP_URL"))
        if service and service not in found:
            raise click.UsageError(f"there is no service {service!r} here, but {', '.join(found)}")
        return command(*args, databases={service: found[service]} if service else found, **more)

    return cast(F, with_databases)


def trails_option(command: F) -> F:
    """`--database`, `--service` and `--checkpoints`, given to the command as `trails`: service -> trail."""

    @click.option("--service", help="Only this service's, such as intake.")
    @click.option(
        "--checkpoints",
        "folder",
        type=click.Path(path_type=Path),
        help="Folder of the signed checkpoints, whose key is taken from RAPPORT_CHECKPOINT_KEY. "
        "Default: RAPPORT_CHECKPOINTS, or those of the clinic that runs here.",
    )
    @click.option(
        "--database",
        "said",
        envvar="RAPPORT_SEALER_URL",
        show_envvar=True,
        help="A service's database, as role sealer_<service>. Default: those of the clinic that runs here.",
    )
    @wraps(command)
    def with_trails(*args: Any, said: str | None, service: str | None, folder: Path | None, **more: Any) -> Any:
        found = _trails(said or _setting("RAPPORT_SEALER_URL"), folder)
        if service and service not in found:
            raise click.UsageError(f"there is no service {service!r} here, but {', '.join(found)}")
        return command(*args, trails={service: found[service]} if service else found, **more)

    return cast(F, with_trails)


def database_option(command: F) -> F:
    """`--database` and `--service`, given to the command as `database_url`: of one service alone."""

    @databases_option
    @wraps(command)
    def with_database_url(*args: Any, databases: Mapping[str, str], **more: Any) -> Any:
        if len(databases) > 1:
            raise click.UsageError(f"say which service's: --service with one of {', '.join(databases)}")
        [url] = databases.values()
        return command(*args, database_url=url, **more)

    return cast(F, with_database_url)


def json_option(command: F) -> F:
    """`--json`: for machines."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")(command)


@contextmanager
def opened_log(url: str) -> Iterator[EventLog]:
    """The log, closed afterwards; its errors become one line."""
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
        yield database.for_the_program()
    except (DatabaseUnavailable, psycopg.OperationalError) as error:
        raise Unavailable("the database does not answer") from error
    finally:
        database.close()


def _log_url(said: str) -> str:
    relay_url = _setting("RAPPORT_RELAY_URL")
    if said and said != BESIDE:
        return said
    if relay_url:
        return with_database(relay_url, LOG_DATABASE)
    if said:
        raise click.UsageError(f"{BESIDE} is beside the database of RAPPORT_RELAY_URL, which is not set")
    return _found().log


def _trails(said: str, folder: Path | None) -> Mapping[str, Trail]:
    if not said:
        return _found().trails
    kept = str(folder or _setting(CHECKPOINTS.name))
    if not kept:
        return {_service_of(said): Trail(said, None)}
    try:
        seed = read_settings(os.environ, [CHECKPOINT_KEY])[CHECKPOINT_KEY.name]
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    return {_service_of(said): Trail(said, Checkpoints(Path(kept), _service_of(said), seed))}


def _databases(said: str) -> Mapping[str, str]:
    return {_service_of(said): said} if said else _found().databases


def _service_of(said: str) -> str:
    """Whose database a URL names."""
    try:
        name = str(conninfo_to_dict(said).get("dbname") or "")
    except psycopg.ProgrammingError as error:
        raise click.UsageError("--database: not a PostgreSQL URL") from error
    return name.removeprefix(database_name(""))


def _setting(name: str) -> str:
    """As the services read it, from a file too; empty when it is not set."""
    try:
        return str(read_settings(os.environ, [Setting(name, "", "", secret=True)])[name])
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error


def _found() -> Clinic:
    try:
        clinic = find_clinic(os.environ)
    except Away as error:
        raise Unavailable(str(error)) from error
    click.echo(f"The clinic in {clinic.folder}:", err=True)
    return clinic


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
