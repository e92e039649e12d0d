"""Logs hold what was declared and nothing else."""

import ast
import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from shared.logs import DROPPED, FIELDS, configure_logs, told
from shared.web.problems import Conflict

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logs(service="shelf", process="web", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def burst(error: Exception, behind: Exception | None = None) -> None:
    raise error from behind


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_who_and_what(lines: io.StringIO) -> None:
    structlog.get_logger("web").info("request", route="/v1/jars", code=200)

    (line,) = read(lines)
    assert line.pop("ts").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "web",
        "event": "request",
        "service": "shelf",
        "process": "web",
        "route": "/v1/jars",
        "code": 200,
    }


def test_a_log_file_is_its_owners_alone_begins_anew_when_long_and_bears_a_full_disk(
    lines: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, log = tmp_path / "rapport.log", structlog.get_logger("web")
    file.touch(mode=0o644)
    monkeypatch.setattr("shared.logs.MAX_FILE", 1000)
    configure_logs(service="shelf", process="web", file=file)

    for _ in range(20):
        log.info("request", route="/v1/jars")

    kept = list(tmp_path.iterdir())
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert max(path.stat().st_size for path in kept) <= 1000
    assert len(kept) > 2

    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as full:
        handler.setStream(full)
        log.info("request")
    assert capsys.readouterr().err == ""


def test_what_is_not_declared_is_dropped(lines: io.StringIO) -> None:
    structlog.get_logger("web").info("request", client="CANARY", route="x" * 500, reason={"name": "CANARY"})

    (line,) = read(lines)
    assert line["client"] == DROPPED
    assert len(line["route"]) == 200
    assert line["reason"] == "dict"
    assert "CANARY" not in lines.getvalue()


def test_an_exception_of_ours_tells_its_sentence(lines: io.StringIO) -> None:
    try:
        burst(Conflict("The jar is open.\nsecond line CANARY"))
    except Conflict:
        structlog.get_logger("web").exception("request failed")

    (line,) = read(lines)
    assert line["error"] == "The jar is open."
    assert line["error_class"] == "shared.web.problems.Conflict"
    assert line["at"].startswith("tests.shared.test_logs:")
    assert "CANARY" not in lines.getvalue()


def test_a_foreign_exception_tells_its_class_alone(lines: io.StringIO) -> None:
    try:
        burst(ValueError("DETAIL: CANARY-outer"), KeyError("CANARY-inner"))
    except ValueError as error:
        structlog.get_logger("web").error("request failed", exc_info=error)

    (line,) = read(lines)
    assert (line["error_class"], line["cause"]) == ("builtins.ValueError", "builtins.KeyError")
    assert "error" not in line
    assert "CANARY" not in lines.getvalue()


def test_a_librarys_line_keeps_its_phrase_and_loses_its_values(lines: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    try:
        burst(ValueError("CANARY-exception"))
    except ValueError:
        library.exception("cannot read %s", "CANARY-value", extra={"name_of_client": "CANARY-extra"})

    (line,) = read(lines)
    assert line["event"] == "cannot read %s"
    assert (line["logger"], line["level"], line["service"]) == ("some.library", "error", "shelf")
    assert line["error_class"] == "builtins.ValueError"
    assert "CANARY" not in lines.getvalue()


def test_line_breaks_cannot_forge_a_line(lines: io.StringIO) -> None:
    structlog.get_logger("web").info("request", route="/x\n{}\r\n\u2028")

    assert len(lines.getvalue().split("\n")) == 2


def test_an_exception_without_a_place_is_told_too() -> None:
    assert told(ValueError("CANARY")) == {"error_class": "builtins.ValueError"}


def _log_calls() -> Iterator[tuple[str, ast.Call]]:
    for package in ("shared", "services", "portal", "checkin", "embedded"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in {"_log", "log", "logger"}
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_line_logged_is_a_fixed_phrase_with_declared_fields() -> None:
    calls = list(_log_calls())
    faults = [
        where
        for where, call in calls
        if not (call.args and isinstance(call.args[0], ast.Constant))
        or any(word.arg not in FIELDS and word.arg != "exc_info" for word in call.keywords)
    ]

    assert calls
    assert not faults
