"""Treatments that ended, each with a first and a last total of two measures."""

from uuid import UUID

from tests.cast import ANA, BEN
from tests.feedback.outcome.treatments import fill_in
from tests.feedback.practice import Practice

CLEO = UUID("0197f6a0-0000-7000-8000-00000000003c")
THERAPISTS = (ANA.id, BEN.id, CLEO)
Ending = tuple[tuple[float, float], tuple[float, float]]
# First and last PHQ-9, first and last GAD-7.
RECOVERED: Ending = ((18, 8), (14, 6))
BETTER: Ending = ((22, 14), (15, 13))
SAME: Ending = ((12, 11), (10, 9))
WORSE: Ending = ((12, 19), (10, 10))
ENDINGS = (*[RECOVERED] * 8, *[BETTER] * 6, *[SAME] * 5, *[WORSE] * 5)


def finish(practice: Practice, ending: Ending, therapist: UUID, *, last_shared: bool = True, ends: bool = True) -> UUID:
    """A treatment of two sessions, with both measures before each."""
    client_id = practice.client(therapist, consent=False, allocated=False)
    allocation_id = practice.allocate(client_id, therapist)
    for phq, gad, shared in zip(*ending, (True, last_shared), strict=True):
        appointment_id = practice.hold(client_id, therapist)
        fill_in(practice, client_id, appointment_id, "phq-9", phq, shared=shared)
        fill_in(practice, client_id, appointment_id, "gad-7", gad, shared=shared)
    if ends:
        practice.end_therapy(client_id, allocation_id, therapist)
    return client_id
