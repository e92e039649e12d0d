"""The program as a newcomer starts it: real processes, a real data folder, a real port."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from embedded.databases import service_urls_of
from embedded.keys import Keys, load_or_make_keys
from embedded.postgres import EmbeddedPostgres
from portal.security.accounts import add_staff
from portal.security.passwords import hash_password
from shared.clock import utc_now
from shared.database import Database, Tx
from shared.database.roles import with_database
from shared.ids import uuid7
from shared.security.sealing import Vault

READY_SECONDS = 240.0  # patience for a busy machine, not an expectation


def free_port() -> int:
    """The first of three ports in a row that nobody uses: pages, check-in, APIs."""
    while True:
        with contextlib.ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            try:
                for next_one in (first + 1, first + 2):
                    held.enter_context(socket.create_server(("127.0.0.1", next_one)))
            except (OSError, OverflowError):
                continue
            return int(first)


@dataclass
class Program:
    """`python -m embedded run` on one data folder."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    server_url: str = ""  # of an outside PostgreSQL

    def launch(self, **environment: str) -> subprocess.Popen[str]:
        """Start, without waiting until it is open."""
        self.process = self._popen(environment)
        return self.process

    def start(self, **environment: str) -> "Program":
        opened = self.said().count("is open after") if (self.data.parent / "said").exists() else 0
        process = self.launch(**environment)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            # Its own word first: for a moment the port may still belong to what a killed one left.
            if self.said().count("is open after") > opened:
                with contextlib.suppress(OSError):
                    if self.get("/sign-in") == 200:
                        return self
            time.sleep(0.05)
        raise AssertionError(f"it did not start: {self.said()}")

    def refused(self, **environment: str) -> str:
        """Start where it must refuse; gives what it says on standard error."""
        done = self._popen(environment, stderr=subprocess.PIPE)
        _, said = done.communicate(timeout=READY_SECONDS)
        assert done.returncode in (69, 78), said
        return said

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return int(answer.status)

    def ready(self) -> bool:
        """Tell whether the whole process says that it can work."""
        try:
            status = httpx.get(f"http://127.0.0.1:{self.port + 2}/readyz", timeout=30).status_code
        except httpx.TransportError:
            return False
        assert status in (200, 503), "readiness has two answers"
        return status == 200

    def family(self) -> list[psutil.Process]:
        """Every process of this clinic, PostgreSQL included."""
        mine = []
        for process in psutil.process_iter(["cmdline", "cwd"]):  # as root PostgreSQL does not name its folder
            traces = " ".join([*(process.info["cmdline"] or []), process.info["cwd"] or ""])
            if str(self.data) in traces or (self.process and process.pid == self.process.pid):
                mine.append(process)
        for process in list(mine):
            with contextlib.suppress(psutil.NoSuchProcess):
                mine += process.children(recursive=True)
        return list({process.pid: process for process in mine}.values())

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(90)

    def query(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """Ask a database of the running clinic, or change it, as the server's administrator."""
        with psycopg.connect(with_database(self._admin_url(), database), autocommit=True) as connection:
            answer = connection.execute(statement)
            return answer.fetchall() if answer.description else []

    @contextlib.contextmanager
    def transaction(self, service: str) -> Iterator[Tx]:
        """Work in a service's database as that service does."""
        keys = self._keys()
        vault = Vault(keys.secret(f"vault|{service}"), service=service)
        urls = service_urls_of(self._admin_url(), keys.password)[service]
        database = Database(urls.app, name=service, size=1, vault=vault).open()
        try:
            with database.transaction() as tx:
                yield tx
        finally:
            database.close()

    def add_account(self, username: str) -> None:
        """Somebody works here now."""
        with self.transaction("portal") as tx:
            add_staff(
                tx,
                staff_id=uuid7(),
                username=username,
                display_name=username,
                roles=["manager"],
                password_hash=hash_password("a long password"),
                now=utc_now(),
            )

    def _keys(self) -> Keys:
        return load_or_make_keys(self.data.with_name(f"{self.data.name}.keys"), data=self.data)

    def _admin_url(self) -> str:
        return self.server_url or EmbeddedPostgres(self.data / "postgres", self._keys().password("admin")).url()

    def said(self) -> str:
        return (self.data.parent / "said").read_text()

    def _popen(self, environment: dict[str, str], stderr: int | None = None) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
        env |= {"RAPPORT_DATA": str(self.data), "RAPPORT_PORT": str(self.port), "DEMO": "0"}
        env |= {"RAPPORT_RESERVE_MB": "1"} | environment
        with (self.data.parent / "said").open("a") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "embedded", "run"],
                env=env,
                stdout=said,
                stderr=said if stderr is None else stderr,
                text=True,
            )


def nobody_left(program: Program) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if not program.family():
            return True
        time.sleep(0.05)
    return False
