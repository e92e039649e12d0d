"""Where intake's API hangs, and how its lists go on; rights stand in shared/contracts/access.py."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint

v1 = Blueprint("v1", __name__, url_prefix="/v1")


def place_of(cursor: Sequence[str] | None) -> tuple[datetime, UUID] | None:
    """Where a list goes on: the sort value and the id of the last row that was shown."""
    return None if cursor is None else (datetime.fromisoformat(cursor[0]), UUID(cursor[1]))


def cursor_of(place: tuple[datetime, UUID] | None) -> tuple[str, ...] | None:
    """The same as text."""
    return None if place is None else (place[0].isoformat(), str(place[1]))
