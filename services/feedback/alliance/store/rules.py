"""Which rules readings are made by: in force, before, and how far a change has come."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.courses import Course
from services.feedback.alliance.domain.rules import NEWEST, named
from services.feedback.alliance.domain.spread import CourseSpread
from services.feedback.care.store.visibility import VISIBLE, clinical
from shared.database import Statement, Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class Switch:
    """From `switched_on_at` on, readings are made by these rules; `number` counts the changes."""

    number: int
    version: str
    sigma0: float
    switched_on_at: datetime | None
    switched_on_by: UUID | None
    reason: str


AS_NEW = Switch(0, NEWEST, named(NEWEST).sigma0 or 0.0, None, None, "")
_COLUMNS = "number, version, sigma0, switched_on_at, switched_on_by, reason"


def in_force(tx: Tx, scope: Scope) -> Switch:
    """The rules that readings are made by now; open to everybody who has any role."""
    return tx.row_as(Switch, *in_force_query(scope)) or AS_NEW


def in_force_query(scope: Scope) -> Statement:
    """SQL and parameters of `in_force`; no row in an emptied database, which goes by AS_NEW."""
    return (
        f"SELECT {_COLUMNS} FROM rules_switch WHERE %s ORDER BY number DESC LIMIT 1",
        (bool(scope.roles) or scope.is_system,),
    )


def history(tx: Tx, scope: Scope) -> list[Switch]:
    """Every change, the newest first."""
    return tx.rows_as(
        Switch,
        f"SELECT {_COLUMNS} FROM rules_switch WHERE %s ORDER BY number DESC",
        (bool(scope.roles) or scope.is_system,),
    )


def lock_switches(tx: Tx) -> None:
    """One change at a time; reading goes on meanwhile."""
    tx.execute("LOCK TABLE rules_switch IN SHARE ROW EXCLUSIVE MODE")


def add_switch(tx: Tx, new: Switch) -> None:
    tx.execute(
        f"INSERT INTO rules_switch ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)",
        (new.number, new.version, new.sigma0, new.switched_on_at, new.switched_on_by, new.reason),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a change of rules has come: `to_read` of `courses` are still to be read by it."""

    courses: int
    to_read: int


def progress(tx: Tx, scope: Scope, version: str) -> Progress:
    """How many courses there are, and how many are still to be read by this version; for the whole clinic."""
    found = tx.row_as(
        Progress,
        "SELECT count(*) AS courses, count(*) FILTER (WHERE rules_version <> %s) AS to_read FROM course "
        "WHERE construct = 'alliance' AND %s",
        (version, scope.is_system),
    )
    assert found is not None  # an aggregate always has a row
    return found


def courses_to_read(tx: Tx, scope: Scope, version: str, *, limit: int) -> list[UUID]:
    """
    Courses last read by other rules, locked; for this service's own work.

    One that somebody is writing to is skipped: it is being read by the rules in force just now.
    """
    rows = tx.rows(
        "SELECT id FROM course WHERE rules_version <> %s AND construct = 'alliance' AND %s ORDER BY id LIMIT %s "
        "FOR UPDATE SKIP LOCKED",
        (version, scope.is_system, limit),
    )
    return [row["id"] for row in rows]


def courses_after(tx: Tx, scope: Scope, after: UUID | None, *, limit: int) -> list[tuple[Course, str | None]]:
    """Courses with their clients' spoken codes, in the order in which they began."""
    rows = tx.rows(
        "SELECT t.id, t.client_id, t.practitioner_id, t.measure_id, t.measure_version, t.rules_version, t.version, "
        "k.spoken_code FROM course t LEFT JOIN client k ON k.client_id = t.client_id "
        f"WHERE t.construct = 'alliance' AND (%(after)s::uuid IS NULL OR t.id > %(after)s) AND {VISIBLE} "
        "ORDER BY t.id LIMIT %(limit)s",
        {"after": after, "limit": limit, **clinical(scope)},
    )
    return [(Course(**{k: v for k, v in row.items() if k != "spoken_code"}), row["spoken_code"]) for row in rows]


def spreads(tx: Tx, scope: Scope, measure_id: str) -> list[CourseSpread]:
    """The spread of the totals that may be seen, course by course, of two sessions or more; for the whole clinic."""
    return tx.rows_as(
        CourseSpread,
        "SELECT count(*) AS n, var_pop(h.total) * count(*) AS squares "
        "FROM course t JOIN offer o ON o.course_id = t.id AND o.side = 'client' AND o.state <> 'withdrawn' "
        "JOIN checkin h ON h.offer_id = o.id AND h.shown AND h.total IS NOT NULL "
        "JOIN hour a ON a.appointment_id = o.appointment_id AND a.status = 'held' "
        "WHERE t.measure_id = %s AND %s GROUP BY t.id HAVING count(*) >= 2 ORDER BY t.id",
        (measure_id, scope.is_system),
    )
