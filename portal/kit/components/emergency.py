"""What was opened in an emergency, told to the client's therapist and the clinical lead until they have seen to it."""

from dataclasses import dataclass
from uuid import UUID

from portal.clinic_time import local_day
from portal.kit.wording.times import hour, relative_day
from portal.request_context import RequestContext
from portal.security.emergency import CATEGORIES, unseen
from shared.contracts import access


@dataclass(frozen=True, slots=True)
class EmergencyNotice:
    """One client that somebody opened."""

    id: UUID
    client_id: UUID
    code: str
    who: str
    sentence: str
    may_review: bool


def emergency_notices(current: RequestContext) -> list[EmergencyNotice]:
    """The oldest first; nothing for whom it does not concern."""
    if not current.may(access.EMERGENCIES_SEEN):
        return []
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        found = unseen(tx, current.staff)
    names = current.staff_names(one.staff_id for one in found)
    may_review = current.may(access.REVIEWING_EMERGENCIES)
    return [
        EmergencyNotice(
            id=one.id,
            client_id=one.client_id,
            code=one.spoken_code,
            who=names.get(one.staff_id, "a colleague"),
            sentence=(
                f"{names.get(one.staff_id, 'A colleague')} opened {one.spoken_code} in an emergency, "
                f"{relative_day(local_day(one.opened_at, current.zone), current.today).lower()} at "
                f"{hour(one.opened_at.astimezone(current.zone))}: {CATEGORIES[one.category].lower()}."
            ),
            may_review=may_review,
        )
        for one in found
    ]
