"""What an operation answers, before it becomes a response."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body (dumped, None for no body), place of what was made, and its version."""

    status: int
    body: Any = None
    location: str | None = None
    version: int | None = None
    replayed: bool = False

    @property
    def text(self) -> str:
        """The body as JSON; raises ValueError for NaN, TypeError for what JSON does not know."""
        return json.dumps(self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)

    def response(self) -> Response:
        """The answer as Flask sends it."""
        if self.status == HTTPStatus.NO_CONTENT:
            response = Response(status=self.status)
            del response.headers["Content-Type"]
        else:
            response = Response(self.text + "\n", self.status, content_type="application/json")
        if self.location is not None:
            response.headers["Location"] = self.location
        if self.version is not None:
            response.headers["ETag"] = f'"{self.version}"'
        if self.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
