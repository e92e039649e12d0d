"""Counts for the clinic's figures; who asks decides which: courses for clinical leads, forms for managers too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """A rupture as figures need it."""

    opened_at: datetime
    practitioner_id: UUID
    close_reason: str | None
    checkins: int
    talked_about: bool
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class FormCount:
    """So many forms of one therapist's in one quarter (0 to 3); `cell`: what became of them."""

    quarter: int
    practitioner_id: UUID
    side: str
    moment: str
    cell: str
    n: int


def episodes_of_year(tx: Tx, scope: Scope, *, since: datetime, until: datetime) -> list[EpisodeRow]:
    """Ruptures that opened in this span; nobody's id but the therapist's, which goes no further than the counting."""
    return tx.rows_as(
        EpisodeRow,
        "SELECT opened_at, practitioner_id, close_reason, checkins, conversation_held_on IS NOT NULL AS talked_about, "
        "closed_at FROM episode "
        "WHERE opened_at >= %(since)s AND opened_at < %(until)s AND close_reason IS DISTINCT FROM 'superseded' "
        "AND %(may)s",
        {"since": since, "until": until, "may": scope.is_system or scope.has("clinical_lead")},
    )


def forms_of_year(
    tx: Tx, scope: Scope, *, quarters: Sequence[datetime], since: datetime, until: datetime
) -> list[FormCount]:
    """
    Forms that are no longer waited for, counted by quarter, therapist, side and what became of them.

    `quarters`: when each of the four begins.
    """
    return tx.rows_as(
        FormCount,
        "SELECT width_bucket(o.offered_at, %(quarters)s::timestamptz[]) - 1 AS quarter, o.practitioner_id, o.side, "
        "o.moment, "
        "CASE WHEN o.state = 'received' THEN 'returned/' || coalesce(c.channel, 'link') "
        "     ELSE 'missing/' || coalesce(o.missing_reason, 'no_answer') END AS cell, count(*)::int AS n "
        "FROM offer o LEFT JOIN checkin c ON c.offer_id = o.id "
        "WHERE o.offered_at >= %(since)s AND o.offered_at < %(until)s AND o.state IN ('received', 'unanswered') "
        "AND %(may)s GROUP BY 1, 2, 3, 4, 5 ORDER BY 3, 4, 5",
        {
            "quarters": list(quarters),
            "since": since,
            "until": until,
            "may": scope.is_system or scope.has("clinical_lead", "manager"),
        },
    )


def clients_seen(tx: Tx, scope: Scope, *, since: datetime, until: datetime) -> tuple[int, int]:
    """How many clients had a session that took place, and with how many therapists."""
    row = tx.row(
        "SELECT count(DISTINCT client_id)::int AS clients, count(DISTINCT practitioner_id)::int AS therapists "
        "FROM hour WHERE status = 'held' AND starts_at >= %(since)s AND starts_at < %(until)s AND %(may)s",
        {"since": since, "until": until, "may": scope.is_system or scope.has("clinical_lead", "manager")},
    )
    return (row["clients"], row["therapists"]) if row else (0, 0)
