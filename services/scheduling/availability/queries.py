"""What can be asked about free time."""

from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.availability.domain import DAYS_AHEAD, USUAL_MINUTES, Suggestion, suggest
from services.scheduling.care.domain import NotYourDiary, check_pair
from services.scheduling.care.store.clients import find_pair
from services.scheduling.care.store.visibility import keeps_diary
from services.scheduling.resources.domain.resources import Resource
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def suggestions(
    tx: Tx, *, client_id: UUID, practitioner_id: UUID, minutes: int | None, scope: Scope, now: datetime
) -> list[Suggestion]:
    """
    Up to five times at which both are free, the usual one first.

    Without `minutes` as long as last time, or 50 if there was none.

    Raises:
        NotYourDiary, ClientUnknown, PractitionerUnknown, ClientNotAllocated.
    """
    if not keeps_diary(scope, practitioner_id):
        raise NotYourDiary("A therapist sees free hours of their own diary only. Ask the front desk.")
    practitioner = check_pair(find_pair(tx, scope, client_id=client_id, practitioner_id=practitioner_id))
    usual = appointments.usual_of(tx, scope, client_id=client_id, practitioner_id=practitioner_id)
    both = [Resource("client", client_id), Resource("practitioner", practitioner_id)]
    window = (now - timedelta(days=1), now + timedelta(days=DAYS_AHEAD + 2))
    audit.record(tx, scope, "suggestions.read", about=[client_id], fields=["starts_at"], now=now)
    return suggest(
        occupancy.busy(tx, scope, both, window),
        usual=usual.local_start if usual else None,
        zone=practitioner.zone,
        minutes=minutes or (usual.minutes if usual else USUAL_MINUTES),
        now=now,
    )
