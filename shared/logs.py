"""
Logs: one JSON line per happening, with nothing in it that was not declared here.

Redaction is by allow-list: what `FIELDS` does not name is dropped, so a forgotten
name or text cannot slip through. An exception tells its class, where it was raised and,
if it is one of ours, its sentence; a driver's message quotes values and is left out.
"""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

DROPPED = "[dropped]"
MAX_TEXT = 200  # characters
MAX_FRAMES = 12
MAX_FILE = 10_000_000  # bytes of one log file
FIELDS: dict[str, str] = {
    "ts": "When, UTC.",
    "level": "info, warning or error.",
    "logger": "Which part speaks.",
    "event": "What happened, a fixed phrase.",
    "service": "Which service.",
    "process": "web, worker or embedded.",
    "trace_id": "The thread through all services; equal to X-Request-Id.",
    "method": "HTTP method.",
    "route": "Route template, never the path.",
    "code": "HTTP status.",
    "duration_ms": "Milliseconds.",
    "roles": "Roles of who asked.",
    "source": "Issuer of the token.",
    "reason": "Why, in words of the program.",
    "topic": "Topic of the event log.",
    "partition": "Partition of the topic.",
    "offset": "Place in the partition.",
    "group": "Consumer group.",
    "event_id": "Id of an event.",
    "event_type": "Type of an event.",
    "outcome": "What became of it.",
    "attempts": "How often it was tried.",
    "count": "How many.",
    "pairs": "How many pairs.",
    "job": "Name of a job.",
    "operation": "Name of an operation.",
    "gateway": "Which service was called.",
    "state": "State of a part.",
    "kind": "Kind of a thing, a word of the program.",
    "seconds": "Seconds.",
    "version": "Version of the program.",
    "commit": "Commit it was built from.",
    "port": "Port it listens on.",
    "pid": "Process id.",
    "name": "Name of a thread or a part.",
    "error_class": "Class of an exception.",
    "error": "Sentence of an exception of ours.",
    "at": "Module and line where it was raised.",
    "cause": "Class of the exception behind it.",
    "stack": "Modules and lines of the calls.",
}
_OURS = ("services.", "shared.", "portal.", "checkin.", "embedded.")
_ROOT = Path(__file__).resolve().parent.parent


def configure_logs(
    *, service: str, process: str, stream: TextIO | None = None, file: Path | None = None, level: str = "INFO"
) -> None:
    """
    Send everything, the libraries' lines included, as JSON to standard output, a stream or a file.

    A file is the owner's alone; at 10 MB it is begun anew and the five before are kept.
    Call once per process; a second call replaces the first.
    """
    base: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _says_who(service, process),
        _tell_exception,
    ]
    structlog.configure(
        processors=[*base, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _OwnFile(file) if file is not None else logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*base[:-1], _template_only, _tell_exception],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, _line],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    silence_third_parties()


class _OwnFile(RotatingFileHandler):
    """A log that nobody else may read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_FILE, backupCount=5, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        file = os.fdopen(
            os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        )
        os.fchmod(file.fileno(), 0o600)  # an older release left it readable
        return file

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Leave a line out when the disk is full: the library would print pages about it, for each."""


def silence_third_parties() -> None:
    """Let libraries speak only when something is wrong; their chatter repeats addresses and values."""
    for name in ("werkzeug", "kafka", "psycopg.pool", "httpx", "httpcore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Drop the value of every field that `FIELDS` does not name, and shorten long texts."""
    return {name: _short(value) if name in FIELDS else DROPPED for name, value in line.items()}


def told(error: BaseException) -> dict[str, Any]:
    """What may be said of an exception."""
    cls = type(error)
    said: dict[str, Any] = {"error_class": f"{cls.__module__}.{cls.__qualname__}"}
    if cls.__module__.startswith(_OURS):
        said["error"] = str(error).partition("\n")[0]
    frames = [f"{_module(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    if frames:
        said["at"], said["stack"] = frames[-1], frames[-MAX_FRAMES:]
    behind = error.__cause__ or error.__context__
    if behind is not None:
        said["cause"] = f"{type(behind).__module__}.{type(behind).__qualname__}"
    return said


def _says_who(service: str, process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        line.setdefault("service", service)
        line["process"] = process
        line["ts"] = datetime.now(UTC).isoformat(timespec="milliseconds")
        return line

    return add


def _tell_exception(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    given = line.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else None
    if isinstance(given, tuple):
        error = given[1]
    elif given is True:
        error = sys.exc_info()[1]
    return {**line, **told(error)} if error is not None else line


def _template_only(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A library's line without the values it would put in."""
    record = line.get("_record")
    if isinstance(record, logging.LogRecord):
        line["event"] = str(record.msg) if isinstance(record.msg, str) else type(record.msg).__name__
    return line


def _line(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + "…"
    if isinstance(value, list | tuple):
        return [_short(each) for each in value[:MAX_FRAMES]]
    if value is None or isinstance(value, bool | int | float):
        return value
    return type(value).__name__


def _module(path: str) -> str:
    file = Path(path)
    if file.is_relative_to(_ROOT) and "site-packages" not in file.parts:
        return ".".join(file.relative_to(_ROOT).with_suffix("").parts)
    return ".".join(file.with_suffix("").parts[-2:])
