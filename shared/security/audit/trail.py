"""Reading the trail: who looked at one person, what one person looked at, and what was looked at lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.database.tx import Tx


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One line as people read it; what one member of staff looked at says of how many people, not of whom (`about`)."""

    at: datetime
    actor: str
    roles: tuple[str, ...]
    purpose: str
    source: str
    action: str
    about_count: int
    about: tuple[UUID, ...]
    fields: tuple[str, ...]
    trace_id: str


def about(tx: Tx, subject: UUID, *, before: datetime, most: int) -> list[TrailEntry]:
    """Who looked at or changed something of one person, the newest first; never the program's own work."""
    return tx.rows_as(_entry, "SELECT * FROM audit_about(%s, %s, %s)", (subject, before, most))


def by(tx: Tx, actor: UUID, *, before: datetime, most: int) -> list[TrailEntry]:
    """What one member of staff looked at or changed, the newest first."""
    return tx.rows_as(_entry, "SELECT * FROM audit_by(%s, %s, %s)", (str(actor), before, most))


def since(tx: Tx, moment: datetime) -> list[TrailEntry]:
    """What people looked at or changed since a moment, in no order."""
    return tx.rows_as(_entry, "SELECT * FROM audit_since(%s)", (moment,))


def _entry(**row: Any) -> TrailEntry:
    listed: dict[str, Any] = {name: tuple(row[name]) for name in ("roles", "about", "fields")}
    return TrailEntry(**{**row, **listed})
