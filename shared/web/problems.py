"""
Problems: every refusal of an API is `application/problem+json` (RFC 9457), and none of them shows an inner text.

A service's own exceptions are turned into answers by its table `STATUS`; their
message becomes the `detail`, so it must carry no name and no free text.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from flask import Response
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.database import DatabaseUnavailable

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "https://rapport.example/problems"
_log = structlog.get_logger("web")

FieldErrors = Sequence[tuple[str, str]]


class NotFound(Exception):
    """What was asked for does not exist, or not for the one who asks: the two look the same on purpose."""


class VersionConflict(Exception):
    """Somebody changed it since it was read; read it again and decide anew."""


class Conflict(Exception):
    """What was asked for does not fit what is already true."""


class Refused(Exception):
    """A request that is turned away at the door, with the answer it gets."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        errors: FieldErrors = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title)
        self.status, self.title, self.detail = status, title, detail
        self.errors, self.headers = errors, dict(headers or {})


STATUS: Mapping[type[Exception], int] = {NotFound: 404, VersionConflict: 412, Conflict: 409}

_UNSTORABLE = (
    psycopg.errors.NumericValueOutOfRange,
    psycopg.errors.DatetimeFieldOverflow,
    psycopg.errors.StringDataRightTruncation,
    psycopg.errors.CharacterNotInRepertoire,
    psycopg.errors.UntranslatableCharacter,
)


def problem(
    status: int,
    title: str,
    *,
    kind: str = "",
    detail: str = "",
    errors: FieldErrors = (),
    headers: Mapping[str, str] | None = None,
    trace_id: str = "",
) -> Response:
    """
    One problem as an answer.

    `kind` ends the `type` URI, like "slot-taken", or is empty for "about:blank";
    `errors` are fields (dotted paths) with messages, in the order found.
    """
    body: dict[str, Any] = {
        "type": f"{TYPE_BASE}/{kind}" if kind else "about:blank",
        "title": title,
        "status": status,
        "detail": detail or title,
    }
    if errors:
        body["errors"] = [{"field": field, "message": message} for field, message in errors]
    body["trace_id"] = trace_id
    answer = Response(json.dumps(body, ensure_ascii=False), status, content_type=MEDIA_TYPE)
    answer.headers.update(headers or {})
    return answer


def problem_of(error: Exception, table: Mapping[type[Exception], int], *, trace_id: str) -> Response:
    """The answer to any exception; what nobody expected becomes a 500 that tells nothing."""
    if isinstance(error, Refused):
        return problem(
            error.status,
            error.title,
            detail=error.detail,
            errors=error.errors,
            headers=error.headers,
            trace_id=trace_id,
        )
    if isinstance(error, ValidationError):
        return invalid(field_errors(error.messages), trace_id=trace_id)
    for cls in type(error).__mro__:
        if cls in table:
            title = title_of(cls)
            kind = title.lower().replace(" ", "-")
            # The first line only: a message is one sentence, more is somebody else's text.
            detail = str(error).partition("\n")[0]
            # A rule that turned fields away says which: (field, message) pairs in `errors`.
            errors: FieldErrors = getattr(error, "errors", ())
            return problem(table[cls], title, kind=kind, detail=detail, errors=errors, trace_id=trace_id)
    return _passing(error, trace_id) or _unexpected(error, trace_id)


def invalid(errors: FieldErrors, *, trace_id: str = "") -> Response:
    """422: the request was understood, but these fields are not right."""
    return problem(422, "Some fields are not right", kind="invalid", errors=errors, trace_id=trace_id)


def field_errors(messages: Any) -> list[tuple[str, str]]:
    """Marshmallow's nested messages as (dotted field, message); list places count from 0: `items.0.kind`."""
    return list(_flatten(messages, ()))


def title_of(exception: type[BaseException]) -> str:
    """`SlotTaken` -> "Slot taken"."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+", exception.__name__)
    return " ".join(words).capitalize()


def _flatten(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _flatten(below, path if name == "_schema" else (*path, str(name)))
    elif isinstance(messages, list):
        for below in messages:
            yield from _flatten(below, path)
    else:
        yield ".".join(path) or "body", str(messages)


def _passing(error: Exception, trace_id: str) -> Response | None:
    """Problems that are nobody's mistake in the program: the web's own, the database's, and values it cannot hold."""
    if isinstance(error, HTTPException):
        return _http(error, trace_id)
    if isinstance(error, _UNSTORABLE):
        _log.warning("value not storable", error=type(error).__name__)
        detail = "A value lies outside of what can be kept."
        return problem(422, "A value is out of range", kind="invalid", detail=detail, trace_id=trace_id)
    if isinstance(error, DatabaseUnavailable | psycopg.OperationalError | psycopg.InterfaceError):
        _log.warning("database unavailable", error=type(error).__name__)
        return problem(
            503,
            "Unavailable for a moment",
            kind="unavailable",
            detail="The work was not done. Please try again shortly.",
            headers={"Retry-After": "2"},
            trace_id=trace_id,
        )
    return None


def _http(error: HTTPException, trace_id: str) -> Response:
    status = error.code or 500
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return problem(status, HTTPStatus(status).phrase, headers=headers, trace_id=trace_id)


def _unexpected(error: Exception, trace_id: str) -> Response:
    _log.error("request failed", exc_info=error)
    detail = f"Something went wrong on our side. Please quote {trace_id} when you report it."
    return problem(500, "Internal error", kind="internal", detail=detail, trace_id=trace_id)
