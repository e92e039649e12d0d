"""What an operation answers, before it becomes a response."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Document:
    """
    A file as it goes out, whole: `pieces` are its bytes in order, `name` what it is called when saved.

    It is complete before the first byte leaves, because its transaction and its audit entry are: a
    file that broke off in the middle would look like one that ends there. Keep it bounded.
    """

    media_type: str
    name: str
    pieces: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """
    Status, body (dumped, None for no body) or a document, place of what was made, and its version.

    `refusal`: what was done is kept, and the asker is refused nevertheless; an exception that
    is raised in a view undoes everything.
    """

    status: int
    body: Any = None
    location: str | None = None
    version: int | None = None
    replayed: bool = False
    document: Document | None = None
    media_type: str = JSON
    refusal: Exception | None = None

    @property
    def text(self) -> str:
        """The body as JSON; raises ValueError for NaN, TypeError for what JSON does not know."""
        return json.dumps(self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)

    def response(self) -> Response:
        if self.status == HTTPStatus.NO_CONTENT:
            response = Response(status=self.status)
            del response.headers["Content-Type"]
        elif self.document is not None:
            response = _file(self.document, self.status)
        else:
            response = Response(self.text + "\n", self.status, content_type=self.media_type)
        if self.location is not None:
            response.headers["Location"] = self.location
        if self.version is not None:
            response.headers["ETag"] = f'"{self.version}"'
        if self.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response


def _file(document: Document, status: int) -> Response:
    response = Response(list(document.pieces), status, content_type=document.media_type)
    response.headers["Content-Length"] = str(sum(len(piece) for piece in document.pieces))
    response.headers["Content-Disposition"] = f'attachment; filename="{document.name}"'
    return response


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
