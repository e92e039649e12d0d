"""Series as rows; their dates are appointments."""

from datetime import datetime
from uuid import UUID

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.store.appointments import find_where
from shared.database import Tx
from shared.scope import Scope


def dates(tx: Tx, scope: Scope, series_id: UUID) -> list[Appointment]:
    """All dates of a series, in order of the series."""
    return find_where(tx, scope, "series_id = %(series)s ORDER BY recurrence_id", {"series": series_id})


def planned(tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID, after: datetime) -> list[Appointment]:
    """Dates of any series of these two that lie ahead and still stand."""
    return find_where(
        tx,
        scope,
        "client_id = %(client)s AND practitioner_id = %(practitioner)s AND series_id IS NOT NULL "
        "AND status = 'booked' AND starts_at > %(after)s ORDER BY starts_at, appointment_id",
        {"client": client_id, "practitioner": practitioner_id, "after": after},
    )


def add(tx: Tx, series_id: UUID, *, rule: str, first: Appointment, local_start: datetime) -> None:
    """Keep the rule of a series that begins at `local_start`; `first` is its first date that is booked."""
    tx.execute(
        "INSERT INTO series (series_id, client_id, practitioner_id, rule, local_start, zone, minutes, booked_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            series_id,
            first.client_id,
            first.practitioner_id,
            rule,
            local_start,
            first.zone,
            first.minutes,
            first.booked_at,
        ),
    )
