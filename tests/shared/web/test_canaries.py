"""What people type and who they are appears in no log line, no metric and no address."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.logs import configure_logs
from tests.shared.web.conftest import COOK, Shelf


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logs(service="shelf", process="web", stream=stream, level="DEBUG")
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_no_canary_reaches_logs_or_metrics(shelf: Shelf, lines: io.StringIO) -> None:
    canary = "CANARY-7f3a"
    headers = {"Idempotency-Key": canary, "User-Agent": canary, "Referer": f"https://x/{canary}", "X-Spoon": canary}

    made = shelf.fill(canary, headers=headers)
    shelf.fill("other", headers=headers)
    shelf.fill("bursts")
    shelf.fill("x\x00" + canary)
    shelf.ask("GET", f"/v1/jars?label={canary}", headers=headers | {"Cookie": f"a={canary}"})
    shelf.ask("GET", f"/v1/jars?{canary}=1")
    shelf.ask("GET", f"/v1/{canary}")
    shelf.ask("POST", "/v1/jars", data=f'{{"{canary}": '.encode(), content_type="application/json")
    shelf.ask("POST", "/v1/jars", json={canary: canary})
    shelf.ask("PUT", made.headers["Location"], json={"label": canary, "grams": 1}, headers={"If-Match": '"7"'})
    shelf.http.get("/v1/jars", headers={"Authorization": f"Bearer {canary}"})
    shelf.http.open("/v1/jars", method=canary)
    shelf.fill("bursts", headers={"traceparent": canary, "tracestate": canary})
    shelf.ask("POST", "/v1/jars", json={"label": canary, "grams": 3_000_000_000})

    logged, measured = lines.getvalue(), shelf.http.get("/metrics").get_data(as_text=True)
    parsed = [json.loads(line) for line in logged.splitlines()]
    assert sum(line["event"] == "request" for line in parsed) == 14
    assert any(line["event"] == "request failed" and line["error_class"] == "builtins.RuntimeError" for line in parsed)
    for text in (logged, measured):
        assert "CANARY" not in text
        assert str(COOK) not in text
        assert made.headers["Location"] not in text
        assert "eyJ" not in text  # the beginning of every token


def test_an_access_line_carries_the_trace_and_the_template(shelf: Shelf, lines: io.StringIO) -> None:
    answer = shelf.ask("GET", shelf.fill().headers["Location"])

    line = json.loads(lines.getvalue().splitlines()[-1])
    assert line["trace_id"] == answer.headers["X-Request-Id"]
    assert (line["route"], line["code"], line["method"]) == ("/v1/jars/<uuid:jar_id>", 200, "GET")
    assert line["duration_ms"] >= 0
