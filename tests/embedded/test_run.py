"""The program as a newcomer starts it: real processes, a real data folder, a real port."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

READY_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


@dataclass
class Program:
    """`python -m embedded run` on one data folder."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    def start(self, **environment: str) -> "Program":
        opened = self.said().count("is open after") if (self.data.parent / "said").exists() else 0
        self.process = self._popen(environment)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
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
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return int(answer.status)

    def family(self) -> list[psutil.Process]:
        """Every process of this clinic, PostgreSQL included."""
        mine = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(self.data) in line or (self.process and process.pid == self.process.pid):
                mine.append(process)
        for process in list(mine):
            with contextlib.suppress(psutil.NoSuchProcess):
                mine += process.children(recursive=True)
        return list({process.pid: process for process in mine}.values())

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(40)

    def said(self) -> str:
        return (self.data.parent / "said").read_text()

    def _popen(self, environment: dict[str, str], stderr: int | None = None) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
        env |= {"RAPPORT_DATA": str(self.data), "RAPPORT_PORT": str(self.port), "DEMO": "0"} | environment
        with (self.data.parent / "said").open("a") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "embedded", "run"],
                env=env,
                stdout=said,
                stderr=said if stderr is None else stderr,
                text=True,
            )


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    for folder in (tmp_path, *tmp_path.parents):  # as root the server runs as another user, who must reach its folder
        if folder.stat().st_uid == os.getuid() and "pytest" in str(folder):
            folder.chmod(0o755)
    one = Program(tmp_path / "clinic")
    yield one
    for process in one.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def nobody_left(program: Program) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not program.family():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_empty_clinic_starts_with_a_one_time_code_and_leaves_no_process_behind(
    program: Program, how: signal.Signals
) -> None:
    program.start()
    assert re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", program.said())
    assert program.get("/set-up") == 200

    program.end(how)

    assert nobody_left(program)


def test_a_second_start_on_the_same_data_refuses_in_one_line_and_disturbs_nobody(program: Program) -> None:
    program.start()
    second = Program(program.data)

    said = second.refused()

    assert said.count("\n") == 1
    assert "already runs on" in said
    assert program.get("/sign-in") == 200


def test_a_taken_port_is_one_clear_line(program: Program) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", program.port))
        holder.listen()

        said = program.refused()

    assert said.count("\n") == 1
    assert f"port {program.port}" in said
    assert "RAPPORT_PORT" in said


def test_after_kill_9_the_next_start_recovers_by_itself(program: Program) -> None:
    program.start()
    before = program.said()

    program.end(signal.SIGKILL)
    program.start()

    assert program.get("/sign-in") == 200
    assert "enter this code" not in program.said()[len(before) :]
    program.end(signal.SIGTERM)
    assert nobody_left(program)


def test_it_listens_on_this_machine_alone_and_postgresql_on_no_port(program: Program) -> None:
    program.start()

    heard = {
        connection.laddr
        for process in program.family()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert {(address.ip, address.port) for address in heard} == {("127.0.0.1", program.port)}


def test_a_first_start_that_was_interrupted_is_begun_anew(program: Program) -> None:
    program.data.mkdir(mode=0o755)
    (program.data / "first-start-begun").touch()

    program.start()

    assert "starting over" in program.said()
    assert program.get("/set-up") == 200


def test_an_outside_postgresql_that_does_not_answer_is_named(program: Program) -> None:
    said = program.refused(RAPPORT_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert "RAPPORT_DATABASE_URL does not answer" in said
    assert said.count("\n") == 1


def test_wrong_settings_are_one_line(program: Program) -> None:
    said = program.refused(RAPPORT_ZONE="Mars/Olympus", DEMO="perhaps")

    assert said.count("\n") == 1
    assert "RAPPORT_ZONE" in said
    assert "DEMO" in said
