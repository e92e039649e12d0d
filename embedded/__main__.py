"""`python -m embedded run`: a whole clinic in one process."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import click
import psycopg

from embedded.folder import DataFolder, FolderInUse
from embedded.keys import Keys, KeysRefused, load_or_make_keys
from embedded.postgres import EmbeddedPostgres, PostgresFailed
from embedded.settings import SETTINGS, EmbeddedConfig
from shared.database.migrations import MigrationRefused
from shared.settings import ConfigurationError

EXIT_UNAVAILABLE, EXIT_CONFIGURATION = 69, 78  # sysexits(3)
WEB_THREADS = 8


class CannotStart(Exception):
    """The clinic cannot start; the message says why in one line."""

    def __init__(self, why: str, code: int = EXIT_UNAVAILABLE) -> None:
        super().__init__(why)
        self.code = code


@click.group(context_settings={"max_content_width": 100})
def main() -> None:
    """Rapport in one process: pages, services, workers and their own PostgreSQL."""


@main.command(epilog="\b\nSettings, from the environment:\n" + "\n".join(f"  {s.name:<22} {s.help}" for s in SETTINGS))
def run() -> None:
    """
    Start the clinic and serve it until Ctrl-C.

    The first start makes the data folder, the key and a fictional demo clinic
    (DEMO=0: an empty clinic with a one-time set-up code).
    """
    began = time.monotonic()
    try:
        config = EmbeddedConfig.from_env(os.environ)
        _run(config, began)
    except ConfigurationError as error:
        _refuse(error, EXIT_CONFIGURATION)
    except CannotStart as error:
        _refuse(error, error.code)
    except (FolderInUse, PostgresFailed, MigrationRefused) as error:
        _refuse(error, EXIT_UNAVAILABLE)
    except KeysRefused as error:
        _refuse(error, EXIT_CONFIGURATION)


def _refuse(error: Exception, code: int) -> None:
    click.echo(f"rapport: {error}", err=True)
    sys.exit(code)


def _run(config: EmbeddedConfig, began: float) -> None:
    # Before the server's own handlers are in place, SIGTERM must still take PostgreSQL down with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = DataFolder(config.data)
    folder.take()
    listener = _listen(config)
    keys = load_or_make_keys(config.keys, data=config.data)
    with _server(config, folder, keys) as admin_url:
        _prepare(folder, admin_url)
        _say_where(config, began)
        _serve(config, keys, admin_url, listener)


def _listen(config: EmbeddedConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        raise CannotStart(
            f"port {config.port} on {config.host} cannot be used ({error.strerror}): "
            "stop what uses it, or choose another with RAPPORT_PORT"
        ) from error
    return listener


@contextlib.contextmanager
def _server(config: EmbeddedConfig, folder: DataFolder, keys: Keys) -> Iterator[str]:
    """The URL of the PostgreSQL server to use, its own or an outside one."""
    if config.database_url:
        try:
            psycopg.connect(config.database_url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            raise CannotStart(f"the PostgreSQL of RAPPORT_DATABASE_URL does not answer: {reason}") from error
        yield config.database_url
        return
    click.echo(f"Starting PostgreSQL in {folder.postgres} ...")
    postgres = EmbeddedPostgres(folder.postgres, keys.password("admin"), settings=QUIET)
    try:
        postgres.start()
        yield postgres.url()
    finally:
        postgres.stop()


# A clinic at rest should cost nothing: no extra processes, few wake-ups.
QUIET = {
    "io_method": "sync",
    "jit": "off",
    "autovacuum_naptime": "2min",
    "max_parallel_workers": "0",
    "wal_level": "replica",
}


def _prepare(folder: DataFolder, admin_url: str) -> None:
    """Databases and, once, the demo clinic: in a process of their own, whose memory is given back."""
    command = [sys.executable, "-m", "embedded.prepare"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, pass_fds=(folder.lock,)) as child:  # noqa: S603 - ourselves
        try:
            child.communicate(admin_url)  # by pipe: a password has no place in arguments or environment
        except BaseException:
            child.terminate()
            raise
        code = child.returncode
    if code != 0:
        raise CannotStart("the databases could not be prepared (see above)", code)


def _say_where(config: EmbeddedConfig, began: float) -> None:
    click.echo(
        f"\n{config.clinic} is open after {time.monotonic() - began:.1f} s: {_address(config)}   (Ctrl-C stops it)"
    )


def _address(config: EmbeddedConfig) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{config.port}"


def _serve(config: EmbeddedConfig, keys: Keys, admin_url: str, listener: socket.socket) -> None:
    from embedded.server import Loops, OneWorker, Wsgi  # noqa: PLC0415 - keeps the parent small

    def build() -> tuple[Wsgi, Loops]:
        from embedded.databases import service_urls_of  # noqa: PLC0415 - only the worker holds the house
        from embedded.house import House  # noqa: PLC0415
        from shared.clock import utc_now  # noqa: PLC0415

        house = House(
            service_urls_of(admin_url, keys.password),
            keys,
            clock=utc_now,
            clinic=config.clinic,
            zone=config.zone,
            address=_address(config),
            checkpoints=config.checkpoints,
        )
        return house.wsgi, Loops(house.begin, house.end)

    os.environ["PYTHONTZPATH"] = ""
    OneWorker(listener, build, threads=WEB_THREADS, log=config.data / "rapport.log").run()


if __name__ == "__main__":
    main()
