"""Risk answers: codes and numbers, read by the client's therapist and by clinical leads."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.store.visibility import VISIBLE, clinical
from services.feedback.measures.domain.answers import Answer
from services.feedback.risk.domain.crisis import PLACEHOLDERS, CrisisInformation
from services.feedback.risk.domain.risk_answers import ListedRiskAnswer, RiskAnswer, RiskState
from shared.database import Row, Tx
from shared.scope import Scope

_COLUMNS = (
    "t.id, t.version, t.offer_id, t.client_id, t.practitioner_id, t.measure_id, t.measure_version, t.raised, "
    "t.unanswered, t.state, t.raised_at, t.due_at, t.acknowledged_at, t.acknowledged_by, t.acknowledged_role, t.outcome"
)

# The check-in in which it was raised stands; an entry that takes the place of a withdrawn one is recorded later.
_STANDS = "EXISTS (SELECT 1 FROM checkin c WHERE c.offer_id = t.offer_id AND c.recorded_at <= t.raised_at)"


def add_risk_answer(tx: Tx, new: RiskAnswer) -> None:
    tx.execute(
        "INSERT INTO risk_answer (id, version, offer_id, client_id, practitioner_id, measure_id, measure_version, "
        "raised, unanswered, state, raised_at, due_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            new.id,
            new.version,
            new.offer_id,
            new.client_id,
            new.practitioner_id,
            new.measure_id,
            new.measure_version,
            Jsonb(dict(new.raised)),
            list(new.unanswered),
            new.state,
            new.raised_at,
            new.due_at,
        ),
    )


def waiting_of(tx: Tx, scope: Scope, offer_id: UUID) -> list[dict[str, Answer]]:
    """What the check-in that stands raised and nobody has acknowledged; for this service's own work."""
    rows = tx.rows(
        f"SELECT t.raised FROM risk_answer t WHERE t.offer_id = %s AND t.state <> 'acknowledged' AND {_STANDS} AND %s",
        (offer_id, scope.is_system),
    )
    return [row["raised"] for row in rows]


def acknowledged_since(tx: Tx, scope: Scope, offer_id: UUID, since: datetime) -> bool:
    """Tell whether somebody has read what this form raised, from a moment on; for this service's own work."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM risk_answer WHERE offer_id = %s AND acknowledged_at >= %s AND %s)",
            (offer_id, since, scope.is_system),
        )
    )


def lock_risk_answer(tx: Tx, scope: Scope, risk_id: UUID) -> RiskAnswer | None:
    """One risk answer, locked; None when there is none for this scope."""
    row = tx.row(
        f"SELECT {_COLUMNS} FROM risk_answer t WHERE t.id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": risk_id, **clinical(scope)},
    )
    return None if row is None else _risk_answer(row)


def change_risk_answer(tx: Tx, risk: RiskAnswer) -> None:
    """Keep what became of a locked risk answer."""
    tx.execute(
        "UPDATE risk_answer SET version = %s, state = %s, acknowledged_at = %s, acknowledged_by = %s, "
        "acknowledged_role = %s, outcome = %s WHERE id = %s",
        (
            risk.version,
            risk.state,
            risk.acknowledged_at,
            risk.acknowledged_by,
            risk.acknowledged_role,
            risk.outcome,
            risk.id,
        ),
    )


def overdue(tx: Tx, scope: Scope, *, now: datetime, limit: int) -> list[RiskAnswer]:
    """Open risk answers that somebody should have read by now; locked, for this service's own work."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM risk_answer t WHERE t.state = 'open' AND t.due_at <= %s AND %s "
        "ORDER BY t.due_at, t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED",
        (now, scope.is_system, limit),
    )
    return [_risk_answer(row) for row in rows]


def list_risk_answers(
    tx: Tx,
    scope: Scope,
    *,
    state: str | None = None,
    client_id: UUID | None = None,
    after: tuple[str, ...] | None,
    limit: int,
) -> list[ListedRiskAnswer]:
    """Risk answers that this scope opens, oldest first; not yet read: also those that are overdue."""
    moment, last = after or (None, None)
    rows = tx.rows(
        # The app shows the help page with the sending; on paper, or in a correction, nobody has shown it.
        f"SELECT {_COLUMNS}, coalesce(nullif(k.spoken_code, ''), %(no_code)s) AS spoken_code, "
        "h.starts_at AS session_starts_at, "
        "EXISTS (SELECT 1 FROM checkin c WHERE c.offer_id = t.offer_id AND c.channel IN ('link', 'kiosk') "
        f" AND c.recorded_at = t.raised_at) AS saw_help, NOT {_STANDS} AS entry_withdrawn FROM risk_answer t "
        "JOIN offer o ON o.id = t.offer_id JOIN hour h ON h.appointment_id = o.appointment_id "
        f"LEFT JOIN client k ON k.client_id = t.client_id WHERE {VISIBLE} "
        "AND (%(state)s::text IS NULL OR t.state = %(state)s OR %(state)s = 'open' AND t.state = 'overdue') "
        "AND (%(client_id)s::uuid IS NULL OR t.client_id = %(client_id)s) "
        "AND (%(moment)s::timestamptz IS NULL OR (t.raised_at, t.id) > (%(moment)s, %(last)s::uuid)) "
        "ORDER BY t.raised_at, t.id LIMIT %(limit)s",
        {
            "state": state,
            "client_id": client_id,
            "moment": moment,
            "last": last,
            "limit": limit,
            "no_code": NO_CODE,
            **clinical(scope),
        },
    )
    return [ListedRiskAnswer(**_read(row)) for row in rows]


def _risk_answer(row: Row) -> RiskAnswer:
    return RiskAnswer(**_read(row))


def _read(row: Row) -> dict[str, Any]:
    return row | {"state": RiskState(row["state"]), "unanswered": tuple(row["unanswered"])}


def add_crisis_information(
    tx: Tx, entry_id: UUID, information: CrisisInformation, *, entered_by: UUID | None, now: datetime
) -> None:
    values = asdict(information)
    tx.execute(
        "INSERT INTO crisis_information (id, entries, checked_on, review_on, entered_at, entered_by) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (
            entry_id,
            Jsonb({name: values[name] for name in PLACEHOLDERS}),
            information.checked_on,
            information.review_on,
            now,
            entered_by,
        ),
    )


def current_crisis_information(tx: Tx, scope: Scope) -> CrisisInformation | None:
    """What stands on the forms now; open to everybody who has any role."""
    row = tx.row(
        "SELECT entries, checked_on, review_on FROM crisis_information WHERE %s "
        "ORDER BY entered_at DESC, id DESC LIMIT 1",
        (bool(scope.roles),),
    )
    return (
        None
        if row is None
        else CrisisInformation(**row["entries"], checked_on=row["checked_on"], review_on=row["review_on"])
    )
