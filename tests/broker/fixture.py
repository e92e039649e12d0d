"""
A pytest plugin: one real Kafka broker for all processes of a test run, started when first needed.

Where Java or Maven is missing, tests that need it are skipped and one loud line says so;
with CI=true they fail. `RAPPORT_KAFKA_BOOTSTRAP` (host:port,...) names an existing broker instead.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROKER = ROOT / "deploy" / "kafka" / "broker.py"
LOUD = "KAFKA DID NOT RUN:"
pytest.register_assert_rewrite("tests.broker.contract", "tests.broker.reading")


@pytest.fixture(scope="session")
def kafka_url(tmp_path_factory: pytest.TempPathFactory, in_ci: bool) -> Iterator[str]:
    """The URL of a log on a real Kafka, shared by all tests of this run: use topics and groups of your own."""
    existing = os.environ.get("RAPPORT_KAFKA_BOOTSTRAP")
    if existing:
        yield f"kafka://{existing}"
        return
    shared = os.environ.get("PYTEST_XDIST_WORKER") is not None
    base = tmp_path_factory.getbasetemp()
    note = (base.parent if shared else base) / "kafka-broker"
    with note.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            note.write_text(_start(os.getppid() if shared else os.getpid()))
    address, pid, problem = note.read_text().split("\n", 2)
    if problem:
        _not_here(problem, in_ci=in_ci)
    yield f"kafka://{address}"
    if not shared:  # otherwise other processes may still use it: it ends with the one that started them
        _end(int(pid))


def refuse_or_skip(problem: str, *, in_ci: bool) -> None:
    """What a test does that needs a broker of its own where none can run."""
    _not_here(problem, in_ci=in_ci)


def pytest_configure(config: pytest.Config) -> None:
    """kafka-python reads its schemas by a call that Python deprecates; nothing of ours can change that."""
    config.addinivalue_line("filterwarnings", "ignore:(read|open)_text is deprecated:DeprecationWarning")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once what was left out and why."""
    reasons = {
        str(report.longrepr[2]).partition(LOUD)[2].strip()
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and LOUD in str(report.longrepr[2])
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"{LOUD} {reason}", red=True, bold=True)


def _start(until: int) -> str:
    """Start a broker that ends with process `until`; three lines: address, process, problem."""
    from deploy.kafka.broker import free_ports

    port = free_ports(1)[0]
    command = [sys.executable, str(BROKER), "run", "--port", str(port), "--until", str(until)]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True
    )
    assert child.stdout is not None
    assert child.stderr is not None
    answer = child.stdout.readline().decode().strip()
    if not answer:
        return f"\n0\n{child.stderr.read().decode().strip() or 'the broker said nothing'}"
    return f"{answer.rpartition(' ')[2]}\n{child.pid}\n"


def _not_here(problem: str, *, in_ci: bool) -> None:
    if in_ci:
        pytest.fail(f"{LOUD} {problem}")
    pytest.skip(f"{LOUD} {problem}")


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
