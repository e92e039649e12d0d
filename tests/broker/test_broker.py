"""The command that runs a broker: clear where something is missing, and gone without a trace when stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.broker.fixture import BROKER, ROOT


def run(*arguments: str, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(BROKER), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=env,
    )


def free_port() -> str:
    from deploy.kafka.broker import free_ports

    return str(free_ports(1)[0])


def test_without_java_it_says_so_in_one_line(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"} | {"PATH": str(tmp_path)}

    command = run("run", "--port", free_port(), env=env)
    out, err = command.communicate(timeout=30)

    assert command.returncode == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "java" in err or "mvn" in err


def test_without_maven_the_missing_libraries_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy.kafka import jars

    (tmp_path / "pom.xml").write_text("<project/>")
    monkeypatch.setattr(jars, "HERE", tmp_path)
    monkeypatch.setattr(jars, "LIB", tmp_path / "lib")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(jars.BrokerFailed, match="mvn"):
        jars.libraries()


@pytest.mark.kafka
def test_a_port_that_is_taken_is_named(kafka_url: str) -> None:
    port = kafka_url.rpartition(":")[2]

    command = run("run", "--port", port)
    _, err = command.communicate(timeout=30)

    assert command.returncode == 1
    assert err.splitlines() == [f"port {port} is taken: another broker runs, or give --port"]


@pytest.mark.kafka
@pytest.mark.parametrize("ends", ["SIGTERM", "its parent"])
def test_stopped_it_leaves_nothing_behind(kafka_url: str, tmp_path: Path, ends: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    env = os.environ | {"TMPDIR": str(tmp_path)}
    command = run("run", "--port", free_port(), "--until", str(parent.pid), env=env)
    assert command.stdout is not None
    try:
        ready = command.stdout.readline()
        family = psutil.Process(command.pid).children(recursive=True)
        folders = list(tmp_path.glob("rapport-kafka-*"))
        if ends == "SIGTERM":
            command.send_signal(signal.SIGTERM)
        else:
            parent.communicate(b"\n")
        code = command.wait(30)
    finally:
        parent.kill()
        parent.wait()
    until = time.monotonic() + 10
    while any(process.is_running() for process in family) and time.monotonic() < until:
        psutil.wait_procs(family, timeout=0.1)

    assert ready.startswith("Kafka answers on 127.0.0.1:")
    assert len(folders) == 1
    assert code == 0
    assert family
    assert not any(process.is_running() for process in family)
    assert list(tmp_path.glob("rapport-kafka-*")) == []


@pytest.mark.kafka
def test_started_in_the_background_it_says_how_to_stop_it(kafka_url: str, tmp_path: Path) -> None:
    port = free_port()

    command = run("start", "--port", port, "--data", str(tmp_path / "data"), "--until", str(os.getpid()))
    out, err = command.communicate(timeout=90)

    assert (command.returncode, err) == (0, "")
    address, _, stop = out.strip().partition("; stop it with: kill ")
    broker = psutil.Process(int(stop))
    broker.terminate()
    broker.wait(30)
    assert address == f"Kafka answers on 127.0.0.1:{port}"
    assert (tmp_path / "data").exists()  # data that was asked for stays
