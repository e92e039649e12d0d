"""A service under gunicorn, as it runs in a clinic."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from shared.clock import utc_now
from shared.security.tokens import Signer
from tests.databases import empty
from tests.shared.web.conftest import COOK, KITCHEN

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Running:
    program: subprocess.Popen[str]
    outside: httpx.Client
    inside: httpx.Client

    def headers(self) -> dict[str, str]:
        signer = Signer(KITCHEN, "kitchen")
        token = signer.token(audience="shelf", actor=COOK, roles=["cook"], purpose="cooking", now=utc_now())
        return {"Authorization": f"Bearer {token}"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def running(shelf_url: str, tmp_path: Path) -> Iterator[Running]:
    empty(shelf_url)
    port, inner = free_port(), free_port()
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"left behind by a process of yesterday")
    arguments = [sys.executable, "-m", "tests.shared.web.serving", shelf_url, str(port), str(inner)]
    program = subprocess.Popen(
        [*arguments, str(tmp_path / "metrics")], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    outside, inside = (httpx.Client(base_url=f"http://127.0.0.1:{each}", timeout=10) for each in (port, inner))
    try:
        wait_until_alive(program, inside)
        yield Running(program, outside, inside)
    finally:
        outside.close()
        inside.close()
        program.kill()
        program.communicate()


def wait_until_alive(program: subprocess.Popen[str], inside: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and program.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if inside.get("/livez").status_code == 200:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(0.05)
    raise AssertionError(f"the server did not come up: {program.poll()}")


def test_a_service_serves_counts_and_ends_as_it_should(running: Running) -> None:
    for no in range(20):
        headers = running.headers() | {"Idempotency-Key": f"jar-{no}", "Connection": "close"}
        made = running.outside.post("/v1/jars", json={"label": f"CANARY {no}", "grams": 1}, headers=headers)
        assert made.status_code == 201
    hidden = [running.outside.get(path).status_code for path in ("/livez", "/readyz", "/metrics")]
    forged = running.outside.get("/metrics", headers={"Host": str(running.inside.base_url.netloc, "ascii")})
    # From loopback, which gunicorn believes unless it is told otherwise.
    moved = running.outside.get("/v1/jars", headers=running.headers() | {"SCRIPT_NAME": "/v1"})
    ready, measured = running.inside.get("/readyz"), running.inside.get("/metrics").text

    running.program.send_signal(signal.SIGTERM)
    output, _ = running.program.communicate(timeout=20)

    assert hidden == [404, 404, 404]
    assert (forged.status_code, moved.status_code) == (404, 200)
    assert ready.status_code == 200
    assert 'http_requests_total{code="201",method="POST",route="/v1/jars",service="shelf"} 20.0' in measured
    assert running.program.returncode == 0
    lines = [json.loads(line) for line in output.splitlines()]
    assert sum(line["event"] == "request" and line["code"] == 201 for line in lines) == 20
    assert "CANARY" not in output + measured


def test_a_request_under_way_is_finished_at_the_end(running: Running) -> None:
    # Chunked and slow to come: the request is begun before the signal and ends after it.
    def body() -> Iterator[bytes]:
        yield b'{"label": "plums", '
        running.program.send_signal(signal.SIGTERM)
        yield b'"grams": 1}'

    headers = running.headers() | {"Idempotency-Key": "last", "Content-Type": "application/json"}
    answer = running.outside.post("/v1/jars", content=body(), headers=headers)

    assert answer.status_code == 201
    running.program.communicate(timeout=20)
    assert running.program.returncode == 0
