"""What can be asked about series."""

from datetime import datetime
from uuid import UUID

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.queries import record_reading
from services.scheduling.series import store
from services.scheduling.series.domain import SeriesUnknown
from shared.database import Tx
from shared.scope import Scope


def dates(tx: Tx, series_id: UUID, *, scope: Scope, now: datetime) -> list[Appointment]:
    """All dates of a series in its order; raises SeriesUnknown."""
    found = store.dates(tx, scope, series_id)
    if not found:
        raise SeriesUnknown("There is no such series.")
    record_reading(tx, found, scope=scope, now=now)
    return found
